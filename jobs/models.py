"""Jobs, their packages, and who holds, answered, judged what.

Lock order: Job → Package → Assignment → PackageItem / Annotation, by primary key, FOR NO KEY UPDATE.
"""

from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from accounts.grants import granted_ids
from accounts.models import Workspace
from itag.core.fields import RawJSONField
from itag.core.ids import new_task_id
from itag.core.runs import Run


class Stage(models.TextChoices):
    """The stations of a package, in order."""

    LABELING = "labeling", _("Labeling")
    CHECK = "check", _("Check")
    ACCEPTANCE = "acceptance", _("Acceptance")


#: The permission on a Job that lets a person work in a stage.
STAGE_PERMISSION = {"labeling": "label_job", "check": "check_job", "acceptance": "accept_job"}


class Workflow(models.TextChoices):
    """iTAG's four workflows."""

    MARKING = "labeling", _("Marking")
    CHECK = "labeling,check", _("Marking-Check")
    ACCEPTANCE = "labeling,acceptance", _("Marking-Acceptance")
    CHECK_ACCEPTANCE = "labeling,check,acceptance", _("Marking-Check-Acceptance")


class JobQuerySet(models.QuerySet["Job"]):
    def visible_to(self, user: Any) -> "JobQuerySet":
        """Jobs the person manages, works in, or whose workspace they may create in or lead."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.is_superuser:
            return self
        return self.filter(
            Q(pk__in=granted_ids(user, Job, "view_job"))
            | Q(workspace__in=granted_ids(user, Workspace, "create_in_workspace"))
            | Q(workspace__in=granted_ids(user, Workspace, "lead_workspace"))
        )

    def alive(self) -> "JobQuerySet":
        return self.filter(deleted_at=None)

    def for_list(self) -> "JobQuerySet":
        return self.select_related("dataset", "template", "created_by", "summary")


class Job(models.Model):
    """One labeling order: a dataset × a label template × people × stages.

    `options`: {questionId: [{"key", "label", "color", "shortcut"}]}; `selected_questions`: ids the job chose among
    alternatives; `field_bindings`: {a view's default field: the dataset's field}; ratios in whole percent.
    `allocation`: {"type": "fixed", "size": n}. `limits`: see DEFAULT_LIMITS.
    """

    class State(models.TextChoices):
        INITIALISING = "initialising", _("Initialising")
        RUNNING = "running", _("Running")
        PAUSED = "paused", _("Paused")
        OFFLINE = "offline", _("Offline")
        FINISHED = "finished", _("Finished")
        FAILED = "failed", _("Failed")

    TRANSITIONS = {
        "initialising": {"running", "failed"},
        "running": {"paused", "offline", "finished"},
        "paused": {"running", "offline", "finished"},
        "offline": {"running", "paused"},
        "finished": {"running"},
    }

    #: allow_own_check: people may inspect their own work; sample_at_least_one: at least one item of every package is
    #: sampled; claim_hours: hours without input after which a claim expires; package_limit: open packages per person
    #: and stage; max_rounds: rounds after which a returned package goes to a manager; continue_answers: the next
    #: holder continues from what the last one left.
    DEFAULT_LIMITS: dict[str, Any] = {
        "allow_own_check": False,
        "sample_at_least_one": False,
        "claim_hours": 24,
        "package_limit": 1,
        "max_rounds": 3,
        "continue_answers": True,
        "give_back_limit": 3,
    }

    workspace = models.ForeignKey(Workspace, models.PROTECT, related_name="+")
    task_id = models.BigIntegerField(_("task id"), unique=True, default=new_task_id, editable=False)
    name = models.CharField(_("name"), max_length=100)
    description = models.TextField(_("description"), blank=True)
    dataset = models.ForeignKey("datasets.Dataset", models.PROTECT, related_name="+")
    dataset_version = models.PositiveIntegerField()
    last_ordinal = models.PositiveIntegerField()
    template = models.ForeignKey("templates_app.LabelTemplate", models.PROTECT, related_name="+")
    field_bindings = models.JSONField(default=dict)
    selected_questions = models.JSONField(default=list)
    options = models.JSONField(default=dict)
    language = models.CharField(max_length=10, default="en")
    workflow = models.CharField(_("workflow"), max_length=32, choices=Workflow)
    check_ratio = models.PositiveSmallIntegerField(_("check proportion"), default=100)
    acceptance_ratio = models.PositiveSmallIntegerField(_("acceptance proportion"), default=100)
    allocation = models.JSONField(default=dict)
    limits = models.JSONField(default=dict)
    seed = models.BigIntegerField(default=new_task_id, editable=False)
    priority = models.SmallIntegerField(_("priority"), default=0)
    deadline = models.DateTimeField(_("deadline"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.INITIALISING)
    item_count = models.PositiveIntegerField(_("items"), default=0)
    package_count = models.PositiveIntegerField(_("packages"), default=0)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    finished_at = models.DateTimeField(null=True, blank=True, editable=False)
    paused_at = models.DateTimeField(null=True, blank=True, editable=False)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        ordering = ["-id"]
        permissions = [
            ("label_job", "Can label in the job"),
            ("check_job", "Can check in the job"),
            ("accept_job", "Can accept in the job"),
            ("manage_job", "Can manage the job"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "name"],
                condition=Q(deleted_at=None),
                name="job_name_unique_in_workspace",
            ),
            models.CheckConstraint(
                condition=Q(check_ratio__range=(1, 100), acceptance_ratio__range=(1, 100)),
                name="job_ratios_in_percent",
            ),
        ]
        indexes = [models.Index(fields=["workspace", "-id"], name="job_of_workspace")]

    def __str__(self) -> str:
        return self.name

    @property
    def stages(self) -> list[str]:
        """The stages of the workflow in order."""
        return self.workflow.split(",")

    def limit(self, name: str) -> Any:
        """A setting of the job, or its default."""
        return self.limits.get(name, self.DEFAULT_LIMITS[name])

    def next_stage(self, stage: str) -> str | None:
        """The stage after this one, or None after the last."""
        stages = self.stages
        rest = stages[stages.index(stage) + 1 :]
        return rest[0] if rest else None

    def ratio(self, stage: str) -> int:
        """The share of items sampled in an inspecting stage, in whole percent."""
        return self.check_ratio if stage == Stage.CHECK else self.acceptance_ratio


class JobUserPermission(UserObjectPermissionBase):
    content_object = models.ForeignKey(Job, on_delete=models.CASCADE)


class JobGroupPermission(GroupObjectPermissionBase):
    content_object = models.ForeignKey(Job, on_delete=models.CASCADE)


class Batch(models.Model):
    """Items added to a job at once; the first one is closed at creation."""

    job = models.ForeignKey(Job, models.PROTECT, related_name="batches")
    number = models.PositiveIntegerField()
    first_ordinal = models.PositiveIntegerField()
    last_ordinal = models.PositiveIntegerField()
    closed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("batch")
        verbose_name_plural = _("batches")
        constraints = [
            models.UniqueConstraint(fields=["job", "number"], name="batch_number_unique_in_job")
        ]

    def __str__(self) -> str:
        return f"{self.job_id} / {self.number}"


class SplitRun(Run):
    """Cuts a batch into packages; the cursor moves in the transaction of each step."""

    batch = models.OneToOneField(Batch, models.PROTECT, related_name="split")
    cursor_ordinal = models.PositiveIntegerField(default=0)
    next_number = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("split")
        verbose_name_plural = _("splits")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.batch} · {self.get_state_display()}"


class Package(models.Model):
    """The handful of items that one person takes at once; it stands at `stage` in `round`."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        FINISHED = "finished", _("Finished")

    TRANSITIONS = {"open": {"finished"}, "finished": {"open"}}

    job = models.ForeignKey(Job, models.PROTECT, related_name="packages")
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="packages")
    number = models.PositiveIntegerField(_("number"))
    group_value = models.TextField(blank=True)
    priority = models.SmallIntegerField(_("priority"), default=0)
    stage = models.CharField(_("stage"), max_length=12, choices=Stage, default=Stage.LABELING)
    round = models.PositiveSmallIntegerField(_("round"), default=1)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.OPEN)
    item_count = models.PositiveIntegerField(_("items"), default=0)
    finished_at = models.DateTimeField(null=True, blank=True)
    discarded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("package")
        verbose_name_plural = _("packages")
        constraints = [
            models.UniqueConstraint(fields=["job", "number"], name="package_number_unique_in_job"),
            models.CheckConstraint(
                condition=Q(state="finished", finished_at__isnull=False)
                | Q(state="open", finished_at__isnull=True),
                name="package_finished_iff_dated",
            ),
        ]
        indexes = [
            models.Index(fields=["job"], condition=Q(state="open"), name="package_open_of_job")
        ]

    def __str__(self) -> str:
        return f"{self.job_id} / {self.number}"


class PackageItem(models.Model):
    """An item at its place in a package; `current_annotation` is its final answer so far."""

    class Origin(models.TextChoices):
        DATA = "data", _("Data")
        GOLD = "gold", _("Gold")

    job = models.ForeignKey(Job, models.PROTECT, related_name="+")
    package = models.ForeignKey(Package, models.PROTECT, related_name="items")
    position = models.PositiveIntegerField()
    ordinal = models.PositiveIntegerField()
    item = models.ForeignKey("datasets.Item", models.PROTECT, related_name="+")
    origin = models.CharField(max_length=8, choices=Origin, default=Origin.DATA)
    current_annotation = models.ForeignKey(
        "Annotation", models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("package item")
        verbose_name_plural = _("package items")
        constraints = [
            models.UniqueConstraint(
                fields=["job", "item"],
                condition=Q(origin="data"),
                name="package_item_once_per_job",
            ),
            models.UniqueConstraint(
                fields=["package", "position"], name="package_item_position_unique"
            ),
        ]
        indexes = [models.Index(fields=["job", "ordinal"], name="package_item_job_ordinal")]

    def __str__(self) -> str:
        return f"{self.package_id} / {self.position}"


class Assignment(models.Model):
    """One person's tenure of a slot (package, round, stage, vote), or the slot while it waits.

    `participants`: who worked on the package in earlier stages, so that nobody inspects their own work. `priority`,
    `deadline` and `number` are copies for the claim's index.
    """

    class State(models.TextChoices):
        BLOCKED = "blocked", _("Blocked")
        WAITING = "waiting", _("Waiting")
        CLAIMED = "claimed", _("Claimed")
        SUBMITTED = "submitted", _("Submitted")
        RELEASED = "released", _("Released")
        SKIPPED = "skipped", _("Skipped")
        EXPIRED = "expired", _("Expired")
        TRANSFERRED = "transferred", _("Transferred")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        VOID = "void", _("Void")

    TRANSITIONS = {
        "blocked": {"waiting", "void"},
        "waiting": {"claimed", "blocked", "submitted", "void"},
        "claimed": {"submitted", "released", "skipped", "expired", "transferred", "void"},
        "submitted": {"withdrawn"},
    }
    LIVE = ("blocked", "waiting", "claimed", "submitted")

    job = models.ForeignKey(Job, models.PROTECT, related_name="+")
    package = models.ForeignKey(Package, models.PROTECT, related_name="assignments")
    round = models.PositiveSmallIntegerField(_("round"), default=1)
    stage = models.CharField(_("stage"), max_length=12, choices=Stage)
    vote = models.PositiveSmallIntegerField(default=0)
    holder = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    reserved_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    reserved_team = models.ForeignKey(
        "accounts.Team", models.PROTECT, null=True, blank=True, related_name="+"
    )
    reserved_until = models.DateTimeField(null=True, blank=True)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.WAITING)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    previous = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    is_return = models.BooleanField(_("returned"), default=False)
    priority = models.SmallIntegerField(default=0)
    deadline = models.DateTimeField(null=True, blank=True)
    number = models.PositiveIntegerField()
    participants = ArrayField(models.IntegerField(), default=list)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    claimed_at = models.DateTimeField(null=True, blank=True)
    last_input_at = models.DateTimeField(null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    work_seconds = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        constraints = [
            models.UniqueConstraint(
                fields=["package", "round", "stage", "vote"],
                condition=Q(state__in=("blocked", "waiting", "claimed", "submitted")),
                name="assignment_one_live_per_slot",
            ),
            models.UniqueConstraint(
                fields=["package", "round", "stage", "holder"],
                condition=Q(state__in=("claimed", "submitted")),
                name="assignment_one_vote_per_person",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("blocked", "waiting"), holder__isnull=True)
                | (~Q(state__in=("blocked", "waiting"))),
                name="assignment_unheld_while_waiting",
            ),
            models.CheckConstraint(
                condition=~Q(state="claimed") | Q(holder__isnull=False, claimed_at__isnull=False),
                name="assignment_claimed_iff_held",
            ),
        ]
        indexes = [
            models.Index(
                F("job"), F("stage"), F("priority").desc(),
                F("deadline").asc(nulls_last=True), F("number"),
                condition=Q(state="waiting", reserved_user=None, reserved_team=None),
                name="assignment_free",
            ),
            models.Index(
                F("reserved_user"), F("job"), F("stage"), F("priority").desc(),
                F("deadline").asc(nulls_last=True), F("number"),
                condition=Q(state="waiting", reserved_user__isnull=False),
                name="assignment_reserved_user",
            ),
            models.Index(
                F("reserved_team"), F("job"), F("stage"), F("priority").desc(),
                F("deadline").asc(nulls_last=True), F("number"),
                condition=Q(state="waiting", reserved_team__isnull=False),
                name="assignment_reserved_team",
            ),
            models.Index(
                fields=["job", "stage", "reserved_until"],
                condition=Q(state="waiting", reserved_until__isnull=False),
                name="assignment_reserved_until",
            ),
            models.Index(
                fields=["holder", "job", "stage"],
                condition=Q(state="claimed"),
                name="assignment_held",
            ),
            models.Index(
                fields=["last_input_at"], condition=Q(state="claimed"), name="assignment_idle"
            ),
            models.Index(
                fields=["holder", "-submitted_at"],
                condition=Q(state="submitted"),
                name="assignment_done",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.package_id} · {self.stage} · {self.round}"


class Annotation(models.Model):
    """What was answered or judged on an item in one tenure.

    *passed* points at what it judged (`judged`, at `judged_version`) and has no results of its own; *modified* has
    its own; *rejected* carries the feedback. `answered_at` is null until the holder saved or confirmed it.
    """

    class Source(models.TextChoices):
        PERSON = "person", _("Person")
        MERGE = "merge", _("Merged votes")
        PRELABEL = "prelabel", _("Pre-label")
        MANAGER = "manager", _("Manager")
        IMPORT = "import", _("Import")

    class Verdict(models.TextChoices):
        PASSED = "passed", _("Passed")
        MODIFIED = "modified", _("Modified")
        REJECTED = "rejected", _("Rejected")

    package_item = models.ForeignKey(PackageItem, models.PROTECT, related_name="annotations")
    assignment = models.ForeignKey(
        Assignment, models.PROTECT, null=True, blank=True, related_name="annotations"
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    source = models.CharField(max_length=8, choices=Source, default=Source.PERSON)
    results = RawJSONField(null=True, blank=True)
    judged = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    judged_version = models.PositiveIntegerField(null=True, blank=True)
    verdict = models.CharField(_("verdict"), max_length=8, choices=Verdict, blank=True)
    abandoned = models.BooleanField(_("abandoned"), default=False)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    feedback = models.TextField(_("feedback"), blank=True)
    feedback_object = models.CharField(max_length=64, blank=True)
    error_type = models.CharField(_("error type"), max_length=64, blank=True)
    severity = models.CharField(_("severity"), max_length=16, blank=True)
    version = models.PositiveIntegerField(default=0)
    last_write = models.UUIDField(null=True, blank=True)
    versioned_at = models.DateTimeField(null=True, blank=True)
    seconds = models.PositiveIntegerField(default=0)
    answered_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("annotation")
        verbose_name_plural = _("annotations")
        constraints = [
            models.UniqueConstraint(
                fields=["package_item", "assignment"], name="annotation_once_per_tenure"
            ),
            models.CheckConstraint(
                condition=~Q(verdict="passed") | Q(results=None, judged__isnull=False),
                name="annotation_passed_points_at_judged",
            ),
        ]
        indexes = [models.Index(fields=["assignment"], name="annotation_of_assignment")]

    def __str__(self) -> str:
        return f"{self.package_item_id} · {self.version}"


class AnnotationVersion(models.Model):
    """What an annotation was at submit, release, expiry, reject, modify, change of author, or every 10 minutes."""

    annotation = models.ForeignKey(Annotation, models.PROTECT, related_name="versions")
    version = models.PositiveIntegerField()
    cause = models.CharField(max_length=16)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    results = RawJSONField(null=True, blank=True)
    abandoned = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("annotation version")
        verbose_name_plural = _("annotation versions")
        indexes = [models.Index(fields=["annotation", "version"], name="annotation_version_of")]

    def __str__(self) -> str:
        return f"{self.annotation_id} v{self.version} · {self.cause}"


class Sample(models.Model):
    """An item drawn for inspection; drawn at submit, never shown to the labeler before the verdict."""

    class Reason(models.TextChoices):
        DRAWN = "drawn", _("Drawn")
        ABANDONED = "abandoned", _("Abandoned")
        REJECTED = "rejected", _("Rejected before")
        UNLOCKED = "unlocked", _("Changed while locked")

    assignment = models.ForeignKey(Assignment, models.PROTECT, related_name="samples")
    package_item = models.ForeignKey(PackageItem, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=12, choices=Reason)

    class Meta:
        verbose_name = _("sample")
        verbose_name_plural = _("samples")
        constraints = [
            models.UniqueConstraint(
                fields=["assignment", "package_item"], name="sample_once_per_assignment"
            )
        ]

    def __str__(self) -> str:
        return f"{self.assignment_id} · {self.package_item_id}"


class SamplingCarry(models.Model):
    """How many items of a subject were seen before, so that one-item packages are sampled at the ratio too."""

    job = models.ForeignKey(Job, models.PROTECT, related_name="+")
    stage = models.CharField(max_length=12, choices=Stage)
    subject = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    ratio = models.PositiveSmallIntegerField()
    seen = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name = _("sampling carry")
        verbose_name_plural = _("sampling carries")
        constraints = [
            models.UniqueConstraint(
                fields=["job", "stage", "subject"],
                nulls_distinct=False,
                name="sampling_carry_one_per_subject",
            )
        ]

    def __str__(self) -> str:
        return f"{self.job_id} · {self.stage} · {self.subject_id}"


class PackageEvent(models.Model):
    """What happened to a package, written in the transaction that did it; append-only."""

    job = models.ForeignKey(Job, models.PROTECT, related_name="+")
    package = models.ForeignKey(Package, models.PROTECT, related_name="events")
    assignment = models.ForeignKey(
        Assignment, models.PROTECT, null=True, blank=True, related_name="+"
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    verb = models.CharField(_("what"), max_length=24)
    stage = models.CharField(max_length=12, choices=Stage, blank=True)
    round = models.PositiveSmallIntegerField(default=1)
    note = models.TextField(_("note"), blank=True)
    data = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("package event")
        verbose_name_plural = _("package events")
        ordering = ["id"]
        indexes = [models.Index(fields=["job", "id"], name="package_event_of_job")]

    def __str__(self) -> str:
        return f"{self.package_id} · {self.verb}"


class JobSummary(models.Model):
    """Figures of a job that lists show, kept by the transactions that change them.

    `<stage>_packages` and `<stage>_items`: passed that stage and not returned since.
    """

    job = models.OneToOneField(Job, models.PROTECT, related_name="summary", primary_key=True)
    labeling_packages = models.PositiveIntegerField(default=0)
    labeling_items = models.PositiveIntegerField(default=0)
    check_packages = models.PositiveIntegerField(default=0)
    check_items = models.PositiveIntegerField(default=0)
    acceptance_packages = models.PositiveIntegerField(default=0)
    acceptance_items = models.PositiveIntegerField(default=0)
    finished_packages = models.PositiveIntegerField(default=0)
    finished_items = models.PositiveIntegerField(default=0)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("job summary")
        verbose_name_plural = _("job summaries")

    def __str__(self) -> str:
        return f"{self.job_id}: {self.finished_packages}"
