"""The one way to write what happened to a package or a job; call it in the transaction that did it."""

from typing import Any

from accounts.models import User
from itag.core.clock import now
from jobs.models import Assignment, Job, JobEvent, Package, PackageEvent

Verb = PackageEvent.Verb
JobVerb = JobEvent.Verb


def record_event(
    verb: PackageEvent.Verb,
    *,
    package: Package,
    actor: User | None,
    assignment: Assignment | None = None,
    stage: str | None = None,
    note: str = "",
    **data: Any,
) -> PackageEvent:
    """Append what happened; stage and round are the assignment's, else where the package stands."""
    where = assignment or package
    return PackageEvent.objects.create(
        job_id=package.job_id,
        package=package,
        assignment=assignment,
        actor=actor,
        verb=verb,
        stage=stage or where.stage,
        round=where.round,
        note=note,
        data=data,
        created_at=now(),
    )


def record_job_event(
    verb: JobEvent.Verb, *, job: Job, actor: User | None, note: str = "", **data: Any
) -> JobEvent:
    """Append what somebody (None: the system) did to the job as a whole; `data` must be plain JSON."""
    return JobEvent.objects.create(
        job=job, actor=actor, verb=verb, note=note, data=data, created_at=now()
    )
