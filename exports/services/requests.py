"""Asking for exports, calling them off, and waking workers again for those that nobody has in hand."""

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from exports import tasks
from exports.models import Export
from exports.services.build import STALE
from exports.services.files import clear
from itag.core.clock import now
from itag.core.errors import Conflict, Invalid
from itag.core.runs import RUN_TRANSITIONS, RunState
from itag.core.states import move
from jobs.models import Job

#: Unfinished exports of one job at a time.
MAX_WAITING = 10
#: A queued export whose message may be lost is announced again after this long, then every LATER.
SOON, LATER = timedelta(minutes=1), timedelta(minutes=10)


def request_export(
    *,
    job: Job,
    user: User,
    format: str = Export.Format.MANIFEST,
    scope: str = Export.Scope.ALL,
    idempotency_key: str = "",
) -> Export:
    """Ask for a file of what is submitted now; the same key from the same person is the same export.

    Raises Invalid at `format`, `scope` and `idempotency_key`, Conflict while the job has no packages yet, with ten
    unfinished exports of the job, and for a key that stands for another export.
    """
    if format not in Export.Format.values:
        raise Invalid.field("format", _("This format is not known."))
    if scope not in Export.Scope.values:
        raise Invalid.field("scope", _("This scope is not known."))
    if len(idempotency_key) > 100 or not idempotency_key.isprintable():
        raise Invalid.field("idempotency_key", _("At most 100 printable characters are allowed."))
    if known := _known(job, user, format, scope, idempotency_key):
        return known
    if job.state in (Job.State.INITIALISING, Job.State.FAILED):
        raise Conflict(_("The job has no packages yet."))
    unfinished = Export.objects.filter(job=job, state__in=(RunState.QUEUED, RunState.RUNNING))
    if unfinished.count() >= MAX_WAITING:
        raise Conflict(_("Several exports of this job are under way; wait for one to finish."))
    try:
        with transaction.atomic():
            export = Export.objects.create(
                job=job,
                format=format,
                scope=scope,
                frozen_at=now(),
                last_ordinal=job.last_ordinal,
                total=job.item_count if scope == Export.Scope.ALL else 0,
                requested_by=user,
                idempotency_key=idempotency_key,
            )
            # A broker that is down costs only time: the sweeper announces it again.
            transaction.on_commit(lambda: tasks.build_export.delay(export.pk), robust=True)
    except IntegrityError:
        # Asked twice at once: the other request made it.
        if known := _known(job, user, format, scope, idempotency_key):
            return known
        raise
    return export


def _known(job: Job, user: User, format: str, scope: str, key: str) -> Export | None:
    if not key:
        return None
    known = Export.objects.filter(requested_by=user, idempotency_key=key).first()
    if known and (known.job_id, known.format, known.scope) != (job.pk, format, scope):
        raise Conflict(_("This idempotency key stands for another export."))
    return known


def cancel_export(*, export: Export, user: User) -> Export:
    """Call off an export that is not finished; who builds it notices within seconds. Raises Conflict."""
    if export.state not in (RunState.QUEUED, RunState.RUNNING):
        raise Conflict(_("This export is finished already."))
    move(
        export,
        RunState.CANCELLED,
        transitions=RUN_TRANSITIONS,
        finished_at=now(),
        work={},
        error=_("Cancelled by %(name)s.") % {"name": user},
    )
    clear(export)
    return export


def requeue_stuck() -> list[int]:
    """Announce again what is queued and may be lost, and what runs without a sign of life; the ids."""
    moment = now()
    found = []
    unfinished = Export.objects.filter(state__in=(RunState.QUEUED, RunState.RUNNING))
    lost = Q(state=RunState.QUEUED) & (
        Q(heartbeat_at=None, created_at__lt=moment - SOON) | Q(heartbeat_at__lt=moment - LATER)
    )
    silent = Q(state=RunState.RUNNING) & (Q(heartbeat_at=None) | Q(heartbeat_at__lt=moment - STALE))
    for pk, state in unfinished.filter(lost | silent).values_list("pk", "state"):
        if state == RunState.QUEUED:
            # A queued export's heartbeat says when it was last announced: a busy queue is not flooded.
            Export.objects.filter(pk=pk, state=state).update(heartbeat_at=moment)
        tasks.build_export.delay(pk)
        found.append(pk)
    return found
