"""What the people of a job must know: its guide in versions, the files in it, and who has confirmed which."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from jobs.models.job import Job


class GuideFile(models.Model):
    """A picture of a job's guide, or a guide that is a PDF; its name is ours and it never changes.

    It lies below ITAG_HOME/files/guides/<job>. Pictures are made anew from what was uploaded, so nothing but pixels
    is in them.
    """

    class Kind(models.TextChoices):
        PICTURE = "picture", _("Picture")
        PDF = "pdf", "PDF"

    job = models.ForeignKey(Job, models.PROTECT, related_name="guide_files", db_index=False)
    name = models.CharField(_("name"), max_length=64)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    size = models.PositiveIntegerField(_("bytes"))
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("file of a guide")
        verbose_name_plural = _("files of guides")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["job", "name"], name="guide_file_name_unique_in_job")
        ]

    def __str__(self) -> str:
        return f"{self.job_id} / {self.name}"


class Guide(models.Model):
    """A version of a job's guide, append-only: Markdown text, or a PDF. The job's newest one is in force.

    `Job.guide_version` is the number of the newest, 0 where there is none.
    """

    class Kind(models.TextChoices):
        MARKDOWN = "markdown", "Markdown"
        PDF = "pdf", "PDF"

    job = models.ForeignKey(Job, models.PROTECT, related_name="guides", db_index=False)
    version = models.PositiveIntegerField(_("version"))
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    text = models.TextField(_("text"), blank=True)
    file = models.ForeignKey(GuideFile, models.PROTECT, null=True, blank=True, related_name="+")
    note = models.CharField(_("what is new"), max_length=500, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    published_at = models.DateTimeField(_("published"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("guide")
        verbose_name_plural = _("guides")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["job", "version"], name="guide_version_unique_in_job"),
            models.CheckConstraint(
                condition=Q(kind="markdown", file=None)
                | Q(kind="pdf", file__isnull=False, text=""),
                name="guide_is_text_or_file",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.job_id} v{self.version}"


class GuideConfirmation(models.Model):
    """A person has read this version."""

    guide = models.ForeignKey(Guide, models.PROTECT, related_name="confirmations", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("confirmed"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("guide confirmed")
        verbose_name_plural = _("guides confirmed")
        constraints = [
            models.UniqueConstraint(
                fields=["guide", "user"], name="guide_confirmed_once_per_person"
            )
        ]

    def __str__(self) -> str:
        return f"{self.guide_id} · {self.user_id}"
