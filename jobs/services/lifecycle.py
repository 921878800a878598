"""What managers do with a job as a whole: pause, take offline, archive, delete, and the ways back."""

from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import User, Workspace
from accounts.services.workspaces import require_open
from itag.core.clock import now
from itag.core.errors import Conflict, Invalid, NotFound
from itag.core.states import move
from jobs.models import Job
from jobs.services.clocks import shift_clocks
from jobs.services.events import JobVerb, record_job_event
from jobs.services.locks import lock_job

State = Job.State
#: How long a deleted job can be restored; after it, it is purged.
KEPT_FOR = timedelta(days=30)


@transaction.atomic
def pause_job(*, job: Job, user: User) -> Job:
    """Let nobody take packages any more; what is held goes on. Paused again, it stays paused. Raises Conflict."""
    locked = lock_job(job.pk)
    if locked.state != State.PAUSED:
        _refuse_archived(locked)
        _require(locked, State.RUNNING, _("Only a running job can be paused."))
        move(locked, State.PAUSED, transitions=Job.TRANSITIONS, paused_at=now())
        record_job_event(JobVerb.PAUSE, job=locked, actor=user)
    return locked


@transaction.atomic
def resume_job(*, job: Job, user: User) -> Job:
    """Let packages be taken again. A running job stays as it is. Raises Conflict."""
    locked = lock_job(job.pk)
    if locked.state != State.RUNNING:
        _refuse_archived(locked)
        _require(locked, State.PAUSED, _("Only a paused job can be resumed."))
        move(locked, State.RUNNING, transitions=Job.TRANSITIONS, paused_at=None)
        record_job_event(JobVerb.RESUME, job=locked, actor=user)
    return locked


@transaction.atomic
def take_offline(*, job: Job, user: User) -> Job:
    """Let nothing move: no claim, submission, withdrawal, transfer or lot closing; its clocks stand still.

    Holders' saves and verdicts are still kept. Whatever moves at this moment is waited for. Raises Conflict.
    """
    locked = lock_job(job.pk)
    if locked.state != State.OFFLINE:
        _refuse_archived(locked)
        if locked.state not in (State.RUNNING, State.PAUSED):
            raise Conflict(_("Only a running or paused job can be taken offline."))
        move(locked, State.OFFLINE, transitions=Job.TRANSITIONS, offline_at=now())
        record_job_event(JobVerb.OFFLINE, job=locked, actor=user)
    return locked


@transaction.atomic
def bring_online(*, job: Job, user: User) -> Job:
    """Let the job go on as it was, running or paused, every clock moved by the time that it was offline.

    Brought online twice, its clocks are moved once. Raises Conflict.
    """
    locked = lock_job(job.pk)
    if locked.state in (State.RUNNING, State.PAUSED):
        return locked
    _require(locked, State.OFFLINE, _("Only a job that is offline can be brought online."))
    moment, since = now(), locked.offline_at or now()
    shifted = shift_clocks(locked, since=since, until=moment)
    move(
        locked,
        State.PAUSED if locked.paused_at else State.RUNNING,
        transitions=Job.TRANSITIONS,
        offline_at=None,
    )
    record_job_event(
        JobVerb.ONLINE,
        job=locked,
        actor=user,
        offline_seconds=(moment - since).total_seconds(),
        clocks=shifted,
    )
    return locked


@transaction.atomic
def archive_job(*, job: Job, user: User) -> Job:
    """Put the job out of sight of its workers: nothing can be claimed. Archived again, it stays as it is.

    Raises Conflict while it runs or is prepared.
    """
    locked = lock_job(job.pk)
    if locked.archived_at is None:
        if locked.state in (State.RUNNING, State.INITIALISING):
            raise Conflict(_("Pause the job first, or wait until it is finished."), code="running")
        _set(locked, archived_at=now())
        record_job_event(JobVerb.ARCHIVE, job=locked, actor=user)
    return locked


@transaction.atomic
def unarchive_job(*, job: Job, user: User) -> Job:
    """Take the job out of the archive, in the state it was in."""
    locked = lock_job(job.pk)
    if locked.archived_at is not None:
        _set(locked, archived_at=None)
        record_job_event(JobVerb.UNARCHIVE, job=locked, actor=user)
    return locked


@transaction.atomic
def delete_job(*, job: Job, user: User, typed_name: str) -> Job:
    """Put the job away, where nobody but administrators sees it, for 30 days; nothing of it moves.

    `typed_name` is the job's name, as proof that this very job is meant. Raises Invalid at `name`.
    """
    locked = lock_job(job.pk)
    if typed_name != locked.name:
        raise Invalid.field("name", _("Type the name of the job as it is."))
    if locked.state == State.INITIALISING:
        raise Conflict(_("The job is still being prepared; try again in a moment."))
    _set(locked, deleted_at=now())
    record_job_event(JobVerb.DELETE, job=locked, actor=user)
    return locked


def on_workspace_archived(workspace: Workspace, actor: User, **_more: Any) -> None:
    """The receiver of accounts' signal: nothing goes on in an archived workspace."""
    for job in (
        Job.objects.alive()
        .filter(workspace=workspace, archived_at=None, state__in=(State.RUNNING, State.PAUSED))
        .order_by("pk")
    ):
        take_offline(job=job, user=actor)


def restore_job(*, job: Job, user: User) -> Job:
    """Bring a deleted job back as it was, its clocks moved by the time between.

    Raises NotFound where it is not deleted or gone for good, Conflict `name` where another job has its name now.
    """
    try:
        return _restore(job, user)
    except IntegrityError as exc:
        if "job_name_unique_in_workspace" in str(exc):
            raise Conflict(
                _("Another job of this workspace has this name now."), code="name"
            ) from exc
        raise


@transaction.atomic
def _restore(job: Job, user: User) -> Job:
    rows = Job.objects.select_for_update(of=("self",), no_key=True).select_related("workspace")
    locked = rows.get(pk=job.pk)
    require_open(locked.workspace)
    moment = now()
    if locked.deleted_at is None or moment - locked.deleted_at > KEPT_FOR:
        raise NotFound(_("Not found."))
    # Offline its clocks stood still anyway, and they will be moved when it goes online.
    if locked.state != State.OFFLINE:
        shift_clocks(locked, since=locked.deleted_at, until=moment)
    _set(locked, deleted_at=None)
    record_job_event(JobVerb.RESTORE, job=locked, actor=user)
    return locked


def _set(job: Job, **changes: object) -> None:
    for name, value in changes.items():
        setattr(job, name, value)
    job.save(update_fields=list(changes))


def _require(job: Job, state: Job.State, otherwise: str) -> None:
    if job.state != state:
        raise Conflict(otherwise, code="state")


def _refuse_archived(job: Job) -> None:
    if job.archived_at is not None:
        raise Conflict(_("The job is archived: take it out of the archive first."), code="archived")
