"""What was done, by whom, in which stage, on which day. Days are those of the workspace's time zone.

A transaction that does something leaves a TallyDue row, which locks nothing that anybody else wants. The rows of a job
are counted into its tallies in passes, at the latest when somebody looks at them; so no tally is written by two at
once, and none is waited for by people at work. `jobs.services.figures` writes both; docs/figures.md says what each
figure means.
"""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from jobs.models.annotation import Annotation
from jobs.models.job import Job, Stage
from jobs.models.work import Assignment, Package


def _count() -> models.BigIntegerField:  # type: ignore[type-arg]
    # Signed: what is taken back (withdrawn, appealed) may stand on another day than what it takes back.
    return models.BigIntegerField(default=0, db_default=0)


class StageTally(models.Model):
    """One person's figures of one stage of a job on one day; `user` None: what is nobody's (merged, corrected).

    `team`: the one that the person was in that day, a supplier before others.

    Own work: `packages`, `items`, `abandoned` and the units of the items, counted at submit and credited to whose
    answer (or verdict) each item's is; `rework_*`: the same in later rounds, in inspection on items that the stage had
    inspected before. Of inspectors besides: `passed`, `rejected`, `modified` at an item's first inspection in the
    stage (they add up to `items`), `rework_errors` at later ones, `adjudicated` (votes had not agreed, so nobody was
    right or wrong), `sent_back` packages.

    Others' verdicts: `checked*`, `sampled*` (by check, by acceptance; on answers of this person), `examined`,
    `missed` (what this checker had passed or modified, judged by acceptance), `overturned` (verdicts of this
    inspector that an appeal undid), `returned_packages`, `returned_items`, `corrected` (items corrected by a manager).

    Tenures that ended otherwise: `released skipped expired transferred withdrawn`.
    """

    job = models.ForeignKey(Job, models.PROTECT, related_name="+", db_index=False)
    stage = models.CharField(_("stage"), max_length=12, choices=Stage)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    team = models.ForeignKey(
        "accounts.Team", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    day = models.DateField(_("day"))

    packages = _count()
    items = _count()
    abandoned = _count()
    regions = _count()
    characters = _count()
    audio_ms = _count()
    video_ms = _count()
    pages = _count()
    work_seconds = _count()
    rework_packages = _count()
    rework_items = _count()

    passed = _count()
    rejected = _count()
    modified = _count()
    rework_errors = _count()
    adjudicated = _count()
    sent_back = _count()

    checked = _count()
    checked_rejected = _count()
    checked_modified = _count()
    sampled = _count()
    sampled_rejected = _count()
    sampled_modified = _count()
    examined = _count()
    missed = _count()
    overturned = _count()
    returned_packages = _count()
    returned_items = _count()
    corrected = _count()

    released = _count()
    skipped = _count()
    expired = _count()
    transferred = _count()
    withdrawn = _count()

    class Meta:
        verbose_name = _("figures of a day")
        verbose_name_plural = _("figures of days")
        constraints = [
            models.UniqueConstraint(
                fields=["job", "stage", "user", "day"],
                nulls_distinct=False,
                name="stage_tally_one_per_person_and_day",
            )
        ]
        indexes = [
            models.Index(fields=["job", "day"], name="stage_tally_of_job"),
            models.Index(fields=["user", "day"], name="stage_tally_of_person"),
        ]

    def __str__(self) -> str:
        return f"{self.job_id} · {self.stage} · {self.user_id} · {self.day}"


class ErrorTally(models.Model):
    """How many errors of a kind an inspecting stage found in a person's answers on a day, at first inspections.

    `kind`: rejected or modified; `question` and `option`: the label of the region that was pinned, or the choice that
    was made, "" where there is no single one. The counts add up to the errors of StageTally.
    """

    class Kind(models.TextChoices):
        REJECTED = "rejected", _("Rejected")
        MODIFIED = "modified", _("Modified")

    job = models.ForeignKey(Job, models.PROTECT, related_name="+", db_index=False)
    stage = models.CharField(_("stage"), max_length=12, choices=Stage)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    day = models.DateField(_("day"))
    kind = models.CharField(max_length=8, choices=Kind)
    error_type = models.CharField(_("error type"), max_length=64, blank=True)
    severity = models.CharField(_("severity"), max_length=16, blank=True)
    question = models.CharField(max_length=40, blank=True)
    option = models.CharField(max_length=64, blank=True)
    count = _count()

    class Meta:
        verbose_name = _("errors of a day")
        verbose_name_plural = _("errors of days")
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "job", "stage", "user", "day", "kind", "error_type", "severity", "question",
                    "option",
                ],
                nulls_distinct=False,
                name="error_tally_one_per_kind",
            )
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["job", "day"], name="error_tally_of_job"),
            models.Index(fields=["user", "day"], name="error_tally_of_person"),
        ]

    def __str__(self) -> str:
        return f"{self.job_id} · {self.error_type or self.kind} · {self.count}"


class PackageTally(models.Model):
    """What the answers in force of a package say: {"<question>:<option>": how often}; {} while discarded.

    `":answered"` and `":abandoned"` count its items. `voted_at`: when the last vote came.
    """

    package = models.OneToOneField(
        Package, models.PROTECT, related_name="+", primary_key=True, db_index=False
    )
    job = models.ForeignKey(Job, models.PROTECT, related_name="+", db_index=False)
    labels = models.JSONField(default=dict)
    voted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("labels of a package")
        verbose_name_plural = _("labels of packages")
        indexes = [
            models.Index(
                fields=["job", "-voted_at"],
                condition=models.Q(voted_at__isnull=False),
                name="package_tally_voted",
            ),
            models.Index(fields=["job"], name="package_tally_of_job"),
        ]

    def __str__(self) -> str:
        return f"{self.package_id}"


class LabelTally(models.Model):
    """How often an option stands in the answers in force of a job: the sum of its PackageTally rows."""

    job = models.ForeignKey(Job, models.PROTECT, related_name="+", db_index=False)
    question = models.CharField(max_length=40, blank=True)
    option = models.CharField(max_length=64)
    count = _count()

    class Meta:
        verbose_name = _("label count")
        verbose_name_plural = _("label counts")
        constraints = [
            models.UniqueConstraint(
                fields=["job", "question", "option"], name="label_tally_one_per_option"
            )
        ]

    def __str__(self) -> str:
        return f"{self.job_id} · {self.question}:{self.option} · {self.count}"


class TallyDue(models.Model):
    """Something that has happened and is not counted into the tallies yet."""

    class Kind(models.TextChoices):
        SUBMIT = "submit", _("Submitted")
        WITHDRAW = "withdraw", _("Withdrawn")
        END = "end", _("Ended otherwise")
        CORRECT = "correct", _("Corrected by a manager")
        LABELS = "labels", _("Labels in force changed")
        APPEAL = "appeal", _("Appeal upheld")

    job = models.ForeignKey(Job, models.PROTECT, related_name="+")
    package = models.ForeignKey(Package, models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=8, choices=Kind)
    assignment = models.ForeignKey(
        Assignment, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    #: The verdict of an appeal; the answer that a manager corrected, None where there was none.
    annotation = models.ForeignKey(
        Annotation, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("figure to be counted")
        verbose_name_plural = _("figures to be counted")

    def __str__(self) -> str:
        return f"{self.job_id} · {self.kind}"
