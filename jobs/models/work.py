"""Packages, and who holds or held which of them; what was drawn for inspection, and what happened."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from jobs.models.job import Batch, Job, Stage


class Package(models.Model):
    """The handful of items that one person takes at once; it stands at `stage` in `round`."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        FINISHED = "finished", _("Finished")

    TRANSITIONS = {"open": {"finished"}, "finished": {"open"}}

    # No index of its own: the unique one on (job, number) serves it.
    job = models.ForeignKey(Job, models.PROTECT, related_name="packages", db_index=False)
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
    """An item at its place in a package; `current_annotation` is its final answer so far, None before the first.

    The table's fillfactor is 80 and `current_annotation` has no index, so that moving it rewrites no index; nor has it
    a constraint in the database, which without an index would read the whole table for each annotation that goes.
    """

    class Origin(models.TextChoices):
        DATA = "data", _("Data")
        GOLD = "gold", _("Gold")

    job = models.ForeignKey(Job, models.PROTECT, related_name="+", db_index=False)
    package = models.ForeignKey(Package, models.PROTECT, related_name="items", db_index=False)
    position = models.PositiveIntegerField()
    ordinal = models.PositiveIntegerField()
    item = models.ForeignKey("datasets.Item", models.PROTECT, related_name="+")
    origin = models.CharField(max_length=8, choices=Origin, default=Origin.DATA)
    current_annotation = models.ForeignKey(
        "Annotation", models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
        db_constraint=False,
    )  # fmt: skip
    #: The votes on it did not agree; whoever inspects next adjudicates.
    disputed = models.BooleanField(default=False, db_default=False)

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
    `deadline` and `number` are copies for the claim's index. `reason`: of a blocked slot a BlockedReason, of an ended
    tenure what was given as the reason. `is_return`: the package came back from inspection for rework in this stage.
    A reservation for a person ends at `reserved_until` (None: never); that for a team does not end. `extended_until`:
    a manager lets the claim stand at least until then. `warned`: the highest of 50 and 90 percent of the claim time
    at which the holder was warned since their last input, else 0. `beyond_limit`: a manager gave it to the person it
    is reserved for, or they took it back themselves: like returned work it takes no part in their limit.
    """

    class BlockedReason(models.TextChoices):
        MAX_ROUNDS = "max_rounds", _("It was rejected in as many rounds as the job allows.")
        GIVEN_BACK = "given_back", _("The person it was reserved for gave it back.")
        BATCH_OPEN = (
            "batch_open",
            _("The last package of a batch waits until it is full or the batch is closed."),
        )
        NOBODY = "nobody", _("Nobody in this stage may take it.")
        DISAGREEMENT = "disagreement", _("The votes disagree and nobody is there to decide.")

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
        "submitted": {"withdrawn", "void"},
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
    extended_until = models.DateTimeField(null=True, blank=True)
    #: The lot that the package is judged in; such a row takes no part in limits and expiry.
    lot = models.ForeignKey(
        "Lot", models.PROTECT, null=True, blank=True, related_name="assignments", db_index=False
    )
    warned = models.PositiveSmallIntegerField(default=0, db_default=0)
    beyond_limit = models.BooleanField(default=False, db_default=False)

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
            # The second condition keeps the planner from walking it for other questions about claimed rows.
            models.Index(
                fields=["last_input_at"],
                condition=Q(state="claimed", last_input_at__isnull=False),
                name="assignment_idle",
            ),
            models.Index(
                fields=["lot", "id"], condition=Q(lot__isnull=False), name="assignment_of_lot"
            ),
            models.Index(
                fields=["holder", "-submitted_at"],
                condition=Q(state="submitted"),
                name="assignment_done",
            ),
            # Managers' lists of a job's packages by where they stand.
            models.Index(
                fields=["job", "state", "number"],
                condition=Q(state__in=("blocked", "waiting", "claimed")),
                name="assignment_standing",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.package_id} · {self.stage} · {self.round}"


class Sample(models.Model):
    """An item drawn for inspection; drawn at submit, never shown to the labeler before the verdict."""

    class Reason(models.TextChoices):
        DRAWN = "drawn", _("Drawn")
        ABANDONED = "abandoned", _("Abandoned")
        REJECTED = "rejected", _("Rejected before")
        UNLOCKED = "unlocked", _("Changed while locked")
        DISPUTED = "disputed", _("Votes without agreement")
        LOT = "lot", _("Drawn for a lot")

    assignment = models.ForeignKey(
        Assignment, models.PROTECT, related_name="samples", db_index=False
    )
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


class SkipRecord(models.Model):
    """A person gave a package back: it is not offered to them again until a manager lifts this.

    `counted`: it draws on the person's allowance of the day (returned packages do not).
    """

    job = models.ForeignKey(Job, models.PROTECT, related_name="+", db_index=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False
    )
    package = models.ForeignKey(Package, models.PROTECT, related_name="+")
    counted = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    lifted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("package given back")
        verbose_name_plural = _("packages given back")
        indexes = [models.Index(fields=["person", "job"], name="skip_record_of_person")]

    def __str__(self) -> str:
        return f"{self.person_id} · {self.package_id}"


class PackageEvent(models.Model):
    """What happened to a package, written in the transaction that did it; append-only. Saves write none."""

    class Verb(models.TextChoices):
        CLAIM = "claim", _("Claimed")
        RELEASE = "release", _("Released")
        SKIP = "skip", _("Skipped")
        TRANSFER = "transfer", _("Transferred")
        EXTEND = "extend", _("Claim time extended")
        EXPIRE = "expire", _("Claim expired")
        SUBMIT = "submit", _("Submitted")
        SUBMIT_FOR = "submit_for", _("Submitted by a manager for an absent holder")
        WITHDRAW = "withdraw", _("Withdrawn")
        RESERVE = "reserve", _("Reserved")
        DISCARD = "discard", _("Discarded")
        RESTORE = "restore", _("Restored")
        REOPEN = "reopen", _("Reopened")
        MERGE = "merge", _("Votes merged")
        LOT_OPEN = "lot_open", _("Taken into a lot")
        LOT_CLOSE = "lot_close", _("Lot closed")
        CORRECT_ITEM = "correct_item", _("Item corrected by a manager")
        ADJUDICATE = "adjudicate", _("Votes adjudicated")
        APPEAL = "appeal", _("Appeal")
        PASS_STAGE = "pass_stage", _("Passed the stage with nothing drawn")
        RETURN = "return", _("Returned for rework")
        REJECT_PACKAGE = "reject_package", _("Package rejected")
        BLOCK = "block", _("Waits for a manager")
        UNBLOCK = "unblock", _("Offered again by a manager")
        LIFT = "lift", _("Offered again to those who gave it back")
        FINISH = "finish", _("Finished")
        ABANDON_ITEM = "abandon_item", _("Item abandoned")
        RESTORE_ITEM = "restore_item", _("Item restored")
        UNLOCK_ITEM = "unlock_item", _("Item unlocked")
        PASS_ITEM = "pass_item", _("Item passed")
        PASS_REST = "pass_rest", _("The rest passed")
        MODIFY_ITEM = "modify_item", _("Item modified")
        REJECT_ITEM = "reject_item", _("Item rejected")

    job = models.ForeignKey(Job, models.PROTECT, related_name="+", db_index=False)
    package = models.ForeignKey(Package, models.PROTECT, related_name="events")
    assignment = models.ForeignKey(
        Assignment, models.PROTECT, null=True, blank=True, related_name="+"
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    verb = models.CharField(_("what"), max_length=24, choices=Verb)
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
