"""Jobs, the batches they are cut from, and the figures that lists show."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from accounts.grants import granted_ids
from accounts.models import Workspace
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
    `allocation`: {"type": "fixed", "size": n} | {"type": "average", "packages": n} | {"type": "field", "field": name},
    with "targets" besides where packages are reserved for people or teams. `check_count`, `acceptance_count`: a fixed
    number of items per package instead of the ratio. `votes`: {questionId: {"VoteNum": n, "MinVote": m}}.
    `limits`: see DEFAULT_LIMITS.
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
        # Tried again, after what made it fail is gone.
        "failed": {"initialising"},
    }

    #: allow_own_check: people may inspect their own work; sample_at_least_one: at least one item of every package is
    #: sampled; claim_hours: hours without input after which a claim expires; package_limit: open packages per person
    #: and stage; max_rounds: rounds after which a returned package goes to a manager; continue_answers: the next
    #: holder continues from what the last one left; give_back_limit: packages a person may skip or give back a day;
    #: withdraw_minutes: how long what ended the last stage may be taken back; hide_names: people of different stages
    #: do not see each other's names; vote_iou_percent, vote_gap_ms: from where on two boxes and two segments are equal.
    DEFAULT_LIMITS: dict[str, Any] = {
        "allow_own_check": False,
        "sample_at_least_one": False,
        "claim_hours": 24,
        "package_limit": 1,
        "max_rounds": 3,
        "continue_answers": True,
        "give_back_limit": 3,
        "withdraw_minutes": 10,
        "hide_names": False,
        "vote_iou_percent": 80,
        "vote_gap_ms": 200,
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
    #: {questionId: [what may be drawn]}, a part of what the template has.
    shapes = models.JSONField(default=dict, blank=True)
    options = models.JSONField(default=dict)
    #: {questionId: what the job says otherwise than the template: "preOptions", "default", "rule", "ruleHint", "pairs"}.
    overrides = models.JSONField(default=dict, blank=True, db_default={})
    language = models.CharField(max_length=10, default="en")
    workflow = models.CharField(_("workflow"), max_length=32, choices=Workflow)
    check_ratio = models.PositiveSmallIntegerField(_("check proportion"), default=100)
    acceptance_ratio = models.PositiveSmallIntegerField(_("acceptance proportion"), default=100)
    check_count = models.PositiveSmallIntegerField(
        _("items checked per package"), null=True, blank=True
    )
    acceptance_count = models.PositiveSmallIntegerField(
        _("items accepted per package"), null=True, blank=True
    )
    votes = models.JSONField(default=dict, blank=True)
    allocation = models.JSONField(default=dict)
    limits = models.JSONField(default=dict)
    #: {"error_types": [text], "severities": [text]}: those of its own, in place of the usual ones.
    feedback_lists = models.JSONField(default=dict, blank=True)
    seed = models.BigIntegerField(default=new_task_id, editable=False)
    priority = models.SmallIntegerField(_("priority"), default=0)
    deadline = models.DateTimeField(_("deadline"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.INITIALISING)
    #: The version of the guide in force, 0 without one: a claim asks for confirmations only where there is one.
    guide_version = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    item_count = models.PositiveIntegerField(_("items"), default=0)
    package_count = models.PositiveIntegerField(_("packages"), default=0)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    finished_at = models.DateTimeField(null=True, blank=True, editable=False)
    paused_at = models.DateTimeField(null=True, blank=True, editable=False)
    offline_at = models.DateTimeField(null=True, blank=True, editable=False)
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

    @property
    def vote_count(self) -> int:
        """How many people answer each package in labeling; 1 without votes."""
        return max([1, *(vote["VoteNum"] for vote in self.votes.values())])

    def count(self, stage: str) -> int | None:
        """The fixed number of items sampled per package in an inspecting stage; None where the ratio holds."""
        return self.check_count if stage == Stage.CHECK else self.acceptance_count

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
    """Cuts a batch into packages; the cursor moves in the transaction of each step.

    `next_number`: that of the next package; by a field that of the next group, since packages get their numbers at the
    end. `stalls`: workers in a row that got no step done.
    """

    batch = models.OneToOneField(Batch, models.PROTECT, related_name="split")
    cursor_ordinal = models.PositiveIntegerField(default=0)
    next_number = models.PositiveIntegerField(default=1)
    stalls = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("split")
        verbose_name_plural = _("splits")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.batch} · {self.get_state_display()}"


class JobEvent(models.Model):
    """What somebody did to a job as a whole, written in the transaction that did it; append-only."""

    class Verb(models.TextChoices):
        CREATE = "create", _("Created")
        EDIT = "edit", _("Changed")
        MEMBERS = "members", _("People changed")
        PAUSE = "pause", _("Paused")
        RESUME = "resume", _("Resumed")
        OFFLINE = "offline", _("Taken offline")
        ONLINE = "online", _("Brought online")
        APPEND = "append", _("Data appended")
        RETRY = "retry", _("Preparing packages tried again")
        CLOSE_BATCH = "close_batch", _("Batch closed")
        FINISH = "finish", _("Finished")
        ARCHIVE = "archive", _("Archived")
        UNARCHIVE = "unarchive", _("Taken out of the archive")
        DELETE = "delete", _("Deleted")
        RESTORE = "restore", _("Restored")
        GUIDE = "guide", _("New guide")

    job = models.ForeignKey(Job, models.PROTECT, related_name="events")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    verb = models.CharField(_("what"), max_length=16, choices=Verb)
    note = models.TextField(_("note"), blank=True)
    data = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("job event")
        verbose_name_plural = _("job events")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.job_id} · {self.verb}"


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
    discarded_packages = models.PositiveIntegerField(default=0)
    discarded_items = models.PositiveIntegerField(default=0)
    #: When the work will be done at the pace of the last 7 days; None while nothing tells.
    forecast_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("job summary")
        verbose_name_plural = _("job summaries")

    def __str__(self) -> str:
        return f"{self.job_id}: {self.finished_packages}"
