"""The figures of a job that lists show: moved by the transactions that move packages, recounted when in doubt."""

from django.db import connection
from django.db.models import F

from itag.core.clock import now
from jobs.models import Job, JobSummary, Package

FINISHED = "finished"
DISCARDED = "discarded"


def places_passed(job: Job, package: Package) -> list[str]:
    """The stages that the package has passed and not been returned over since, and `finished` when it is.

    A discarded package counts as `discarded` alone.
    """
    if package.discarded_at is not None:
        return [DISCARDED]
    if package.state == Package.State.FINISHED:
        return [*job.stages, FINISHED]
    return job.stages[: job.stages.index(package.stage)]


def move_figures(*, job: Job, package: Package, before: list[str]) -> None:
    """Count the package where it stands now instead of where it stood (`before`: its `places_passed` then).

    The job's one row stays locked until the commit, so this is a transaction's last statement.
    """
    after = places_passed(job, package)
    changes = {
        f"{place}_{figure}": F(f"{place}_{figure}") + count * ((place in after) - (place in before))
        for place in {*before, *after}
        if (place in after) != (place in before)
        for figure, count in (("packages", 1), ("items", package.item_count))
    }
    if not changes:
        return
    if not JobSummary.objects.filter(job=job).update(**changes, updated_at=now()):
        recount_figures(job=job)


def recount_figures(*, job: Job) -> JobSummary:
    """Count the job's packages anew and write what was found."""
    stages = job.stages
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT CASE WHEN discarded_at IS NOT NULL THEN -1 WHEN state = 'finished' THEN %s
                   ELSE array_position(%s::text[], stage::text) - 1 END,
                   count(*), coalesce(sum(item_count), 0)
               FROM jobs_package WHERE job_id = %s GROUP BY 1""",
            [len(stages), stages, job.pk],
        )
        rows = cursor.fetchall()
    figures = {}
    for number, place in enumerate([*stages, FINISHED]):
        # A finished package has passed as many stages as there are, and is finished.
        least = min(number + 1, len(stages))
        figures[f"{place}_packages"] = sum(row[1] for row in rows if row[0] >= least)
        figures[f"{place}_items"] = sum(row[2] for row in rows if row[0] >= least)
    figures[f"{DISCARDED}_packages"] = sum(row[1] for row in rows if row[0] < 0)
    figures[f"{DISCARDED}_items"] = sum(row[2] for row in rows if row[0] < 0)
    return JobSummary.objects.update_or_create(job=job, defaults={**figures, "updated_at": now()})[
        0
    ]
