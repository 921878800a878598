"""Deleted jobs that can no longer be restored: their rows and files go for good."""

from itag.core.clock import now
from itag.core.purge import purge
from jobs.models import Job
from jobs.services.guide_files import remove_files
from jobs.services.lifecycle import KEPT_FOR
from jobs.signals import job_purging

#: Runs of one call, a minute or so; the next one goes on where it stopped.
RUNS = 200


def purge_jobs() -> int:
    """Delete what was deleted more than 30 days ago, bottom up in runs of 5,000 rows; how many jobs are gone."""
    gone, runs = 0, RUNS
    for job in Job.objects.filter(deleted_at__lt=now() - KEPT_FOR).order_by("deleted_at"):
        job_purging.send(sender=Job, job=job)
        remove_files(job=job)
        runs = purge(job, runs=runs)
        gone += not Job.objects.filter(pk=job.pk).exists()
        if not runs:
            break
    return gone
