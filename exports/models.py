"""Exports: accepted work as files."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from itag.core.runs import Run
from jobs.models import Job


class ExportQuerySet(models.QuerySet["Export"]):
    def visible_to(self, user: Any) -> "ExportQuerySet":
        """Exports of the jobs the person may see; who may download is the rule exports.download."""
        return self.filter(job__in=Job.objects.alive().visible_to(user))


class Export(Run):
    """One file made from a job's results, over the set of items frozen at the request."""

    class Format(models.TextChoices):
        MANIFEST = "manifest", _("Manifest")

    class Scope(models.TextChoices):
        FINISHED = "finished", _("Finished packages")
        ALL = "all", _("All items; unfinished ones without a result")

    job = models.ForeignKey(Job, models.PROTECT, related_name="+")
    format = models.CharField(_("format"), max_length=16, choices=Format, default=Format.MANIFEST)
    scope = models.CharField(_("scope"), max_length=16, choices=Scope, default=Scope.ALL)
    file = models.CharField(_("file"), max_length=500, blank=True)
    size = models.BigIntegerField(_("bytes"), default=0)
    digest = models.CharField(_("SHA-256"), max_length=64, blank=True)
    frozen_at = models.DateTimeField(null=True, blank=True)
    last_ordinal = models.PositiveIntegerField(default=0)
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

    def __str__(self) -> str:
        return f"{self.job} · {self.get_format_display()}"
