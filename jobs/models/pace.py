"""How far jobs were at earlier moments: what the forecast of their end is worked out from."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from jobs.models.job import Job


class JobPace(models.Model):
    """How many items of the job had passed each stage at a moment; some of the last eight days are kept."""

    job = models.ForeignKey(Job, models.PROTECT, related_name="+", db_index=False)
    taken_at = models.DateTimeField()
    labeling_items = models.PositiveIntegerField()
    check_items = models.PositiveIntegerField()
    acceptance_items = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("job pace")
        verbose_name_plural = _("job paces")
        constraints = [
            models.UniqueConstraint(fields=["job", "taken_at"], name="job_pace_once_at_a_moment")
        ]

    def __str__(self) -> str:
        return f"{self.job_id} · {self.taken_at:%Y-%m-%d %H:%M}"
