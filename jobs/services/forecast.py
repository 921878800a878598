"""When running jobs will be done at the pace of the last seven days, worked out every few minutes for all of them.

Every six hours the items that passed each stage are noted (JobPace). A stage goes on at the pace since the newest note
that is seven days old, or since the job was created where it is younger. The job is done when its slowest stage is, and
not before all that is left has passed at the pace of all stages together, which is what speaks for a stage in which
nothing has passed yet. What has not moved in that time, or would take more than ten years, has no forecast.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F

from itag.core.clock import now
from jobs.models import Job, JobPace, JobSummary, NoticeEvent
from jobs.selectors.recipients import job_managers
from jobs.services.notices import tell

WINDOW = timedelta(days=7)
EVERY = timedelta(hours=6)
KEPT = timedelta(days=8)
#: What lies farther away is no forecast.
FARTHEST = timedelta(days=3650)

_NOTE = """
INSERT INTO jobs_jobpace (job_id, taken_at, labeling_items, check_items, acceptance_items)
SELECT j.id, %(now)s, s.labeling_items, s.check_items, s.acceptance_items
FROM jobs_job j JOIN jobs_jobsummary s ON s.job_id = j.id
WHERE j.state = 'running' AND j.deleted_at IS NULL AND j.archived_at IS NULL AND NOT EXISTS (
    SELECT 1 FROM jobs_jobpace p WHERE p.job_id = j.id AND p.taken_at > %(now)s - %(every)s
)
ON CONFLICT (job_id, taken_at) DO NOTHING
"""
# What a job is compared with: the newest note as old as the window, else its creation, when nothing had passed, unless
# it is older than the window and was not watched then (paused, or made before there were notes): its oldest note.
_BEFORE = """
SELECT j.id, j.workflow, j.created_at, s.forecast_at,
    greatest(j.item_count - s.discarded_items, 0),
    ARRAY[s.labeling_items, s.check_items, s.acceptance_items],
    coalesce(old.taken_at, young.taken_at),
    coalesce(old.items, young.items)
FROM jobs_job j JOIN jobs_jobsummary s ON s.job_id = j.id
LEFT JOIN LATERAL (
    SELECT p.taken_at, ARRAY[p.labeling_items, p.check_items, p.acceptance_items] AS items FROM jobs_jobpace p
    WHERE p.job_id = j.id AND p.taken_at <= %(since)s ORDER BY p.taken_at DESC LIMIT 1
) old ON true
LEFT JOIN LATERAL (
    SELECT p.taken_at, ARRAY[p.labeling_items, p.check_items, p.acceptance_items] AS items FROM jobs_jobpace p
    WHERE p.job_id = j.id AND j.created_at < %(since)s ORDER BY p.taken_at LIMIT 1
) young ON true
WHERE j.state = 'running' AND j.deleted_at IS NULL AND j.archived_at IS NULL
"""
_STAGES = ("labeling", "check", "acceptance")


@dataclass(frozen=True)
class StagePace:
    """Items of a stage: how many are left, and how many passed in the time looked at."""

    left: int
    passed: int


def forecast(stages: list[StagePace], seconds: float) -> timedelta | None:
    """How long the job still takes where these passed within so many seconds; None where nothing tells."""
    left = sum(stage.left for stage in stages)
    passed = sum(stage.passed for stage in stages if stage.passed > 0)
    if seconds <= 0 or passed <= 0 or left <= 0:
        return None
    longest = max(
        [left / passed, *(stage.left / stage.passed for stage in stages if stage.passed > 0)]
    )
    took = timedelta(seconds=min(longest * seconds, FARTHEST.total_seconds() + 1))
    return took if took <= FARTHEST else None


def forecast_jobs(moment: datetime | None = None) -> int:
    """Write the forecast of every running job and take those of all others away; how many changed.

    Four statements for any number of jobs, each by an index; nothing counts packages or items.
    """
    moment = moment or now()
    with connection.cursor() as cursor:
        values: dict[str, Any] = {"now": moment, "every": EVERY}
        cursor.execute(_NOTE, values)
        cursor.execute(_BEFORE, {"since": moment - WINDOW})
        rows = cursor.fetchall()
    changed = []
    for pk, workflow, created, known, total, passed, taken, earlier in rows:
        since, before = (taken, earlier) if taken is not None else (created, [0, 0, 0])
        stages = [
            StagePace(max(total - reached, 0), reached - was)
            for stage, reached, was in zip(_STAGES, passed, before, strict=True)
            if stage in workflow.split(",")
        ]
        took = forecast(stages, (moment - since).total_seconds())
        ends = None if took is None else moment + took
        if ends != known:
            changed.append(JobSummary(pk=pk, forecast_at=ends))
    with transaction.atomic():
        JobSummary.objects.bulk_update(changed, ["forecast_at"], batch_size=1000)
        over = JobSummary.objects.exclude(forecast_at=None).exclude(
            job__state=Job.State.RUNNING, job__deleted_at=None, job__archived_at=None
        )
        ended = over.update(forecast_at=None)
    JobPace.objects.filter(taken_at__lt=moment - KEPT).delete()
    tell_late(moment)
    return len(changed) + ended


def tell_late(moment: datetime) -> None:
    """Tell the task administrators, once for each deadline, of jobs that will be late and of those that are."""
    running = Job.objects.alive().filter(
        state__in=(Job.State.RUNNING, Job.State.PAUSED), archived_at=None, deadline__isnull=False
    )
    for event, jobs in (
        (NoticeEvent.JOB_OVERDUE, running.filter(deadline__lte=moment)),
        (
            NoticeEvent.JOB_LATE,
            running.filter(deadline__gt=moment, summary__forecast_at__gt=F("deadline")),
        ),
    ):
        for job in jobs.order_by("pk"):
            tell(event=event, users=job_managers(job), job=job, key=f"{job.deadline:%Y%m%d%H%M}")
