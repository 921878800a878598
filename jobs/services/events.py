"""The one way to write what happened to a package; call it in the transaction that did it."""

from typing import Any

from accounts.models import User
from itag.core.clock import now
from jobs.models import Assignment, Package, PackageEvent

Verb = PackageEvent.Verb


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
