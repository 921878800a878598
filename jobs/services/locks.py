"""Rows taken in the one order of all locks: Job, Package, Assignment (by primary key), FOR NO KEY UPDATE.

What moves a package shares the job's row first: then nobody takes the job offline, or changes what its slots copy,
until the move is committed, while any number of packages move at once. A transaction that may have to change the
job's row takes it exclusively from the start, since two that share it would wait for each other.
"""

from collections.abc import Iterable

from django.db import connection
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services.workspaces import require_open
from itag.core.errors import Conflict, NotFound
from itag.core.states import move
from jobs.models import Assignment, Job, Package

State = Assignment.State
#: States of a slot that somebody may still take, or holds.
UNDONE = (State.BLOCKED, State.WAITING, State.CLAIMED)


def share_job_of(*, assignment_id: int, user: User) -> int | None:
    """Share the job of an assignment that is or was the person's; answers its package, None where there is none."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT a.package_id FROM jobs_assignment a JOIN jobs_job j ON j.id = a.job_id
               WHERE a.id = %s AND a.holder_id = %s FOR SHARE OF j""",
            [min(assignment_id, 2**63 - 1), user.pk],
        )
        row = cursor.fetchone()
    return row[0] if row else None


def share_job(job_id: int) -> None:
    """Keep the job as it is until the transaction ends; others may share it too."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM jobs_job WHERE id = %s FOR SHARE", [job_id])


def lock_job(job_id: int) -> Job:
    """The job, locked, as it is now; NotFound where it has been deleted, Conflict where its workspace is archived."""
    job = (
        Job.objects.select_for_update(of=("self",), no_key=True)
        .select_related("workspace")
        .get(pk=job_id)
    )
    if job.deleted_at is not None:
        raise NotFound(_("Not found."))
    require_open(job.workspace)
    return job


def lock_package(package_id: int) -> Package:
    """The package, locked, with its job and workspace; share or lock the job first."""
    return (
        Package.objects.select_for_update(of=("self",), no_key=True)
        .select_related("job__workspace")
        .get(pk=package_id)
    )


def take_package(package: Package, *, whole_job: bool = False) -> Package:
    """The package locked under its job, which is shared, or with `whole_job` locked as well.

    Raises NotFound where the job was deleted, Conflict `archived` where it lies in the archive.
    """
    if whole_job:
        lock_job(package.job_id)
    else:
        share_job(package.job_id)
    found = lock_package(package.pk)
    if found.job.deleted_at is not None:
        raise NotFound(_("Not found."))
    require_open(found.job.workspace)
    refuse_archived(found.job)
    return found


def lock_slots(package: Package, *, states: Iterable[str] = UNDONE) -> list[Assignment]:
    """The package's assignments in these states, locked by primary key, each with this package and its job."""
    rows = list(
        Assignment.objects.select_for_update(of=("self",), no_key=True)
        .select_related("holder", "reserved_user")
        .filter(package=package, state__in=list(states))
        .order_by("pk")
    )
    for row in rows:
        row.package, row.job = package, package.job
    return rows


def refuse_archived(job: Job) -> None:
    """What lies in the archive is there to be read."""
    if job.archived_at is not None:
        raise Conflict(_("The job is archived: take it out of the archive first."), code="archived")


def refuse_offline(job: Job) -> None:
    """Nothing moves in a job that is offline."""
    if job.state == Job.State.OFFLINE:
        raise Conflict(
            _("The job is offline: nothing moves until it is online again."), code="offline"
        )


def refuse_discarded(package: Package) -> None:
    """Nothing moves in a discarded package."""
    if package.discarded_at is not None:
        raise Conflict(_("The package was discarded; what was answered is kept."), code="discarded")


def refuse_lot(assignment: Assignment) -> None:
    """Its holder moves a package of a lot with the lot only."""
    if assignment.lot_id is not None:
        raise Conflict(_("The package belongs to a lot: decide on the lot as a whole."), code="lot")


def run_again(job: Job) -> None:
    """Let a finished job, which is locked, run again because something of it is open."""
    if job.state == Job.State.FINISHED:
        move(
            job,
            Job.State.RUNNING,
            transitions=Job.TRANSITIONS,
            finished_at=None,
            paused_at=None,
        )
