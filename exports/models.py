"""Exports: accepted work as files."""

import re
import unicodedata
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from itag.core.runs import Run
from jobs.models import Job


class ExportQuerySet(models.QuerySet["Export"]):
    def visible_to(self, user: Any) -> "ExportQuerySet":
        """Exports of the jobs the person may see; who may download is the rule exports.download."""
        return self.filter(job__in=Job.objects.alive().visible_to(user))

    def for_list(self) -> "ExportQuerySet":
        return self.select_related("job", "requested_by").defer("work")


class Export(Run):
    """One file made from a job's results, over the items and the answers submitted when it was asked for.

    `frozen_at` and `last_ordinal` fix what it holds. While it runs, `cursor_ordinal` is the last item written, `work`
    names the files begun, {"cut": file, "segments": [{"file", "size"}]}, one segment for each worker that had it in
    hand, and `attempts` counts the starts since the last progress. `file` is relative to EXPORTS_ROOT.
    """

    class Format(models.TextChoices):
        MANIFEST = "manifest", _("Manifest")

    class Scope(models.TextChoices):
        FINISHED = "finished", _("Finished packages")
        ALL = "all", _("All items; unfinished ones without a result")

    # No index of its own: export_of_job serves it.
    job = models.ForeignKey(Job, models.PROTECT, related_name="+", db_index=False)
    format = models.CharField(_("format"), max_length=16, choices=Format, default=Format.MANIFEST)
    scope = models.CharField(_("scope"), max_length=16, choices=Scope, default=Scope.ALL)
    file = models.CharField(_("file"), max_length=500, blank=True)
    size = models.BigIntegerField(_("bytes"), default=0)
    digest = models.CharField(_("SHA-256"), max_length=64, blank=True)
    frozen_at = models.DateTimeField(_("as of"), default=timezone.now, editable=False)
    last_ordinal = models.PositiveIntegerField(default=0)
    cursor_ordinal = models.PositiveIntegerField(default=0, editable=False)
    work = models.JSONField(default=dict, blank=True, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    idempotency_key = models.CharField(max_length=100, blank=True)

    objects = ExportQuerySet.as_manager()

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["requested_by", "idempotency_key"],
                condition=~Q(idempotency_key=""),
                name="export_once_per_key",
            )
        ]
        indexes = [
            models.Index(fields=["job", "-id"], name="export_of_job"),
            models.Index(
                fields=["id"],
                condition=Q(state__in=("queued", "running")),
                name="export_unfinished",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.job} · {self.get_format_display()}"

    @property
    def file_name(self) -> str:
        """What the file is called when it is downloaded; short enough for every file system."""
        stem = unicodedata.normalize("NFC", self.job.name)
        stem = re.sub(r"[^\w-]+", "_", stem).encode()[:200].decode(errors="ignore")
        return f"{stem.strip('_') or 'export'}.{self.format}"
