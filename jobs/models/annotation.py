"""What was answered and judged, and what it was at earlier moments."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from itag.core.fields import RawJSON, RawJSONField, dump
from jobs.models.work import Assignment, PackageItem
from templates_app.answers import fold


class Annotation(models.Model):
    """What was answered or judged on an item in one tenure.

    In labeling, `answered_at` is null while something required is missing, or while what was reopened for rework is
    neither changed nor confirmed. In inspection every verdict points at what it judged (`judged`, at
    `judged_version`): *passed* and *rejected* have no results of their own (*rejected* carries the feedback),
    *modified* has, begun as a copy of what was judged. Whose answer it is says `author`, also in a copy that the next
    holder has not touched. A row without results and verdict only carries versions that came too late.

    A change of a few objects of a large answer is kept beside it: `tail` holds the operations that `results` does not
    have yet, while its holder is at work only. Who loads both gets the whole answer in `results`; SQL that reads the
    column itself reads answers of ended tenures, which have no tail (jobs/services/tails.py).

    A `merge` row (no assignment) is the adopted answer of votes; `merge` then says per question which vote was adopted:
    {questionId: {"adopted": annotation id or null, "agree": n, "of": m}}.
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

    package_item = models.ForeignKey(
        PackageItem, models.PROTECT, related_name="annotations", db_index=False
    )
    assignment = models.ForeignKey(
        Assignment, models.PROTECT, null=True, blank=True, related_name="annotations"
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    source = models.CharField(max_length=8, choices=Source, default=Source.PERSON)
    results = RawJSONField(null=True, blank=True)
    tail = RawJSONField(null=True, blank=True)
    #: Characters of `results` when they were last written by a save; 0: not measured.
    size = models.PositiveIntegerField(default=0, db_default=0)
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
    merge = models.JSONField(null=True, blank=True)
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

    def __str__(self) -> str:
        return f"{self.package_item_id} · {self.version}"

    @classmethod
    def from_db(cls, db: Any, field_names: Any, values: Any, **more: Any) -> Self:
        found = super().from_db(db, field_names, values, **more)
        tail = found.__dict__.get("tail")
        if tail is not None and "results" in found.__dict__:
            found.results = dump(fold((found.results or RawJSON("[]")).load(), tail.load()))
            found.tail = None
        return found

    def refresh_from_db(
        self, using: Any = None, fields: Any = None, from_queryset: Any = None
    ) -> None:
        # Neither of the two says anything without the other.
        if fields is not None and "results" in fields:
            fields = [*fields, "tail"]
        super().refresh_from_db(using, fields, from_queryset)


class AnnotationVersion(models.Model):
    """What an annotation was at certain moments, and else at most every 10 minutes; LATE ones were never in force."""

    class Cause(models.TextChoices):
        SAVE = "save", _("Saved")
        AUTHOR = "author", _("Before somebody else went on")
        SUBMIT = "submit", _("Submitted")
        RELEASE = "release", _("Released")
        SKIP = "skip", _("Skipped")
        TRANSFER = "transfer", _("Transferred")
        WITHDRAW = "withdraw", _("Withdrawn")
        EXPIRE = "expire", _("Expired")
        MANAGER = "manager", _("Corrected by a manager")
        MODIFY = "modify", _("Modified")
        REJECT = "reject", _("Rejected")
        LATE = "late", _("Saved after the package had gone")

    annotation = models.ForeignKey(
        Annotation, models.PROTECT, related_name="versions", db_index=False
    )
    version = models.PositiveIntegerField()
    cause = models.CharField(max_length=16, choices=Cause)
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
