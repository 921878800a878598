"""Acceptance lots: waiting packages that an accepter takes together, judges by one sample, and decides on at once."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.grants import granted_ids
from accounts.models import Workspace
from jobs.models.job import Job


class LotQuerySet(models.QuerySet["Lot"]):
    def visible_to(self, user: Any) -> "LotQuerySet":
        """One's own, and those of the jobs that the person manages or whose workspace they may create in or lead."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.is_superuser:
            return self
        return self.filter(
            Q(accepter=user, job__in=granted_ids(user, Job, "view_job"))
            | Q(job__in=granted_ids(user, Job, "manage_job"))
            | Q(job__workspace__in=granted_ids(user, Workspace, "create_in_workspace"))
            | Q(job__workspace__in=granted_ids(user, Workspace, "lead_workspace"))
        )


class Lot(models.Model):
    """Packages in acceptance that one accepter holds together (`Assignment.lot`).

    `filters`: which packages, see jobs.services.lot_filters. One sample is drawn over all items of the lot: `amount`
    percent of them (`rate`) or `amount` of them (`count`). `target`: the least accuracy of a person in percent, for
    the decision that returns the packages of people below it. Its packages take no part in limits and expiry.
    Drawing and closing run in the background; `done` of `total` packages, `heartbeat_at` its last sign of life.
    """

    class State(models.TextChoices):
        DRAWING = "drawing", _("Being drawn")
        OPEN = "open", _("Open")
        CLOSING = "closing", _("Being closed")
        CLOSED = "closed", _("Closed")
        CANCELLED = "cancelled", _("Dissolved")

    class Method(models.TextChoices):
        RATE = "rate", _("Share of the items, in percent")
        COUNT = "count", _("Number of items")

    class Decision(models.TextChoices):
        ACCEPT = "accept", _("Accept the lot")
        REJECT = "reject", _("Reject the lot")
        RETURN_PEOPLE = "return_people", _("Return the packages of people under target")
        RETURN_ITEMS = "return_items", _("Return the failed items, accept the rest")
        DISSOLVE = "dissolve", _("Dissolve the lot")

    TRANSITIONS = {
        "drawing": {"open", "closing"},
        "open": {"closing"},
        "closing": {"closed", "cancelled"},
    }

    job = models.ForeignKey(Job, models.PROTECT, related_name="lots", db_index=False)
    accepter = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.DRAWING)
    filters = models.JSONField(default=dict)
    method = models.CharField(_("drawn by"), max_length=8, choices=Method)
    amount = models.PositiveIntegerField(_("amount"))
    target = models.PositiveSmallIntegerField(_("least accuracy in percent"), null=True, blank=True)
    last_assignment = models.BigIntegerField(default=0, editable=False)
    package_count = models.PositiveIntegerField(_("packages"), default=0)
    item_count = models.PositiveIntegerField(_("items"), default=0)
    drawn_count = models.PositiveIntegerField(_("drawn"), default=0)
    decision = models.CharField(_("decision"), max_length=16, choices=Decision, blank=True)
    return_to = models.CharField(max_length=12, blank=True)
    returned_people = models.JSONField(default=list, blank=True)
    note = models.TextField(_("note"), blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    error = models.TextField(_("error"), blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = LotQuerySet.as_manager()

    class Meta:
        verbose_name = _("lot")
        verbose_name_plural = _("lots")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(method="count", amount__gte=1)
                | Q(method="rate", amount__range=(1, 100)),
                name="lot_amount_in_range",
            )
        ]
        indexes = [
            models.Index(F("job"), F("id").desc(), name="lot_of_job"),
            models.Index(
                fields=["heartbeat_at"],
                condition=Q(state__in=("drawing", "closing")),
                name="lot_at_work",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.job_id} · {self.pk}"
