"""Clocks that stand still while a job is offline or deleted, or a package discarded, and go on from where they stood."""

from datetime import datetime

from django.db import connection

from jobs.models import Job, Package

# What began while the clocks stood counts from its beginning; nobody's last input lies in the future.
_SHIFT = """
WITH resting AS (
    SELECT id FROM jobs_assignment
    WHERE job_id = %(job)s AND (%(package)s::bigint IS NULL OR package_id = %(package)s::bigint)
        AND (state = 'claimed' OR state IN ('waiting', 'blocked') AND (is_return OR reserved_until IS NOT NULL))
    ORDER BY id FOR NO KEY UPDATE
)
UPDATE jobs_assignment a SET
    last_input_at = least(a.last_input_at + (%(until)s - %(since)s), greatest(a.last_input_at, %(until)s)),
    extended_until = CASE WHEN a.extended_until > %(since)s
        THEN a.extended_until + (%(until)s - %(since)s) ELSE a.extended_until END,
    reserved_until = CASE WHEN a.reserved_until > %(since)s
        THEN a.reserved_until + (%(until)s - greatest(%(since)s, a.created_at)) ELSE a.reserved_until END,
    created_at = CASE WHEN a.state = 'claimed' THEN a.created_at
        ELSE a.created_at + (%(until)s - greatest(%(since)s, a.created_at)) END
FROM resting WHERE a.id = resting.id
"""


def shift_clocks(
    job: Job, *, since: datetime, until: datetime, package: Package | None = None
) -> int:
    """Move every clock of the job (or of this package) by the time that they stood, in one UPDATE; how many slots."""
    with connection.cursor() as cursor:
        cursor.execute(
            _SHIFT,
            {
                "job": job.pk,
                "package": None if package is None else package.pk,
                "since": since,
                "until": max(since, until),
            },
        )
        return int(cursor.rowcount)
