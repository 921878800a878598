"""Acceptance lots: taking waiting packages together and drawing one sample over all their items.

The rows are the truth: the packages of a lot are the claimed assignments that point at it. Drawing goes in steps; a
worker that is killed is followed by one that goes on with the slots that wait still.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, TypedDict

from django.db import connection, transaction
from django.db.models import Count, Q, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.models import User
from itag.core.clock import now
from itag.core.errors import Conflict, FieldError, Invalid
from itag.core.states import move
from jobs import tasks
from jobs.models import Assignment, Job, Lot, Stage
from jobs.services.locks import lock_job, refuse_offline, share_job
from jobs.services.lot_filters import check_filters, lot_candidates

#: Packages taken in one transaction.
STEP = 200
#: A lot at work without a sign of life for this long is sent to a worker again.
STUCK_AFTER = timedelta(seconds=40)

State = Lot.State

# What was drawn for each package by itself is kept in the event, so that dissolving the lot restores it.
_NOTE = """
INSERT INTO jobs_packageevent
    (job_id, package_id, assignment_id, actor_id, verb, stage, round, note, data, created_at)
SELECT a.job_id, a.package_id, a.id, %(user)s, 'lot_open', a.stage, a.round, '',
    jsonb_build_object('lot', %(lot)s::bigint, 'samples', coalesce((
        SELECT jsonb_object_agg(s.package_item_id, s.reason) FROM jobs_sample s
        JOIN jobs_assignment t ON t.id = s.assignment_id
        WHERE t.package_id = a.package_id AND t.round = a.round AND t.stage = a.stage AND t.vote = a.vote), '{}')),
    %(now)s
FROM jobs_assignment a WHERE a.id = ANY(%(ids)s) ORDER BY a.id
"""
# In the order of a digest that only the job's seed, the lot and the item decide. Abandoned, formerly rejected and
# disputed items are inspected besides; one that is drawn as well counts as drawn.
_DRAW = """
WITH drawn AS (
    SELECT i.id, a.id AS assignment FROM jobs_assignment a JOIN jobs_packageitem i ON i.package_id = a.package_id
    WHERE a.lot_id = %(lot)s AND a.state = 'claimed'
    ORDER BY sha256(convert_to(%(salt)s || ':' || i.id, 'UTF8')), i.id LIMIT %(count)s
), gone AS (
    DELETE FROM jobs_sample s USING jobs_assignment t, jobs_assignment a
    WHERE a.lot_id = %(lot)s AND a.state = 'claimed' AND t.package_id = a.package_id AND t.round = a.round
        AND t.stage = a.stage AND t.vote = a.vote AND s.assignment_id = t.id
        AND (s.reason = 'drawn' OR s.package_item_id IN (SELECT id FROM drawn))
    RETURNING s.id
)
INSERT INTO jobs_sample (assignment_id, package_item_id, reason)
SELECT assignment, id, 'lot' FROM drawn
WHERE (SELECT count(*) FROM gone) >= 0 ORDER BY assignment, id
ON CONFLICT (assignment_id, package_item_id) DO UPDATE SET reason = 'lot'
"""


class LotPreview(TypedDict):
    """What a lot would take and draw; `own`: waiting packages left out because they hold the accepter's own work."""

    packages: int
    items: int
    drawn: int
    own: int


def preview_lot(
    *, job: Job, user: User, filters: Any = None, method: str = "rate", amount: int = 10
) -> LotPreview:
    """Count what `open_lot` would take now; raises Invalid naming the field."""
    cleaned = _check(job, user, filters, method, amount, None)
    rows = lot_candidates(job, user, cleaned)
    found = rows.aggregate(packages=Count("pk", distinct=True), items=Sum("package__item_count"))
    items = found["items"] or 0
    waiting = Assignment.objects.filter(
        job=job, stage=Stage.ACCEPTANCE, state=Assignment.State.WAITING, package__discarded_at=None
    )
    own = 0
    if not job.limit("allow_own_check"):
        own = waiting.filter(participants__contains=[user.pk]).count()
    return {
        "packages": found["packages"],
        "items": items,
        "drawn": sample_size(method, amount, items),
        "own": own,
    }


@transaction.atomic
def open_lot(
    *,
    job: Job,
    user: User,
    filters: Any = None,
    method: str = "rate",
    amount: int = 10,
    target: int | None = None,
) -> Lot:
    """Take what waits in acceptance and fits the filters into a lot of this accepter; drawn in the background.

    `method` `rate`: `amount` percent of all items, rounded down but at least one; `count`: `amount` items. `target`:
    the least accuracy of a person in percent. Raises Invalid naming the field, and Conflict where nothing fits or
    the job is not running.
    """
    cleaned = _check(job, user, filters, method, amount, target)
    job = lock_job(job.pk)
    refuse_offline(job)
    if job.state != Job.State.RUNNING or job.archived_at:
        raise Conflict(_("The job is not running: no lot is taken."), code="not_running")
    packages = lot_candidates(job, user, cleaned).values("pk").distinct().count()
    if not packages:
        raise Conflict(_("No waiting package fits these filters."), code="empty")
    lot = Lot.objects.create(
        job=job,
        accepter=user,
        filters=cleaned,
        method=method,
        amount=amount,
        target=target,
        total=packages,
        created_at=now(),
    )
    wake(lot.pk)
    return lot


def sample_size(method: str, amount: int, items: int) -> int:
    """How many of so many items are drawn: integers only, at least one where there are any."""
    if method == Lot.Method.COUNT:
        return min(amount, items)
    return max(min(items, 1), items * amount // 100)


def work_on_lot(*, lot_id: int) -> None:
    """Draw or close the lot to its end; safe to call twice, and after a worker died in the middle."""
    from jobs.services.lots_close import close_step

    while take_step(lot_id) or close_step(lot_id):
        pass


@transaction.atomic
def take_step(lot_id: int) -> bool:
    """Take the next packages, or draw once there are no more; False when nothing of the drawing is left to do."""
    found = lock_lot(lot_id, State.DRAWING)
    if found is None:
        return False
    lot, job = found
    if rests(job):
        return False
    rows = (
        lot_candidates(job, lot.accepter, lot.filters)
        .filter(pk__gt=lot.last_assignment, created_at__lte=lot.created_at)
        .order_by("pk")
        .select_for_update(of=("self",), no_key=True, skip_locked=True)
        .values_list("pk", flat=True)[:STEP]
    )
    ids = list(dict.fromkeys(rows))
    if not ids:
        return _draw(lot, job)
    moment = now()
    Assignment.objects.filter(pk__in=ids, state=Assignment.State.WAITING).update(
        state=Assignment.State.CLAIMED,
        holder=lot.accepter,
        claimed_at=moment,
        last_input_at=None,
        lot=lot,
    )
    _run(_NOTE, {"user": lot.accepter_id, "lot": lot.pk, "now": moment, "ids": ids})
    lot.last_assignment, lot.heartbeat_at = ids[-1], moment
    lot.done += len(ids)
    lot.save(update_fields=["last_assignment", "heartbeat_at", "done"])
    return True


def rests(job: Job) -> bool:
    """Whether nothing of the job moves: it is offline, deleted or in the archive; its lots wait."""
    return job.state == Job.State.OFFLINE or bool(job.deleted_at or job.archived_at)


def _draw(lot: Lot, job: Job) -> bool:
    """Draw the sample over all that was taken; where others were quicker with everything the lot is dissolved."""
    found = lot.assignments.filter(state=Assignment.State.CLAIMED).aggregate(
        packages=Count("pk"), items=Sum("package__item_count")
    )
    if not found["packages"]:
        move(lot, State.CLOSING, transitions=Lot.TRANSITIONS, decision=Lot.Decision.DISSOLVE)
        move(
            lot,
            State.CANCELLED,
            transitions=Lot.TRANSITIONS,
            closed_at=now(),
            error=gettext_noop("Others have taken everything that fits meanwhile."),
        )
        return False
    size = sample_size(lot.method, lot.amount, found["items"])
    _run(_DRAW, {"lot": lot.pk, "salt": f"{job.seed}:lot:{lot.pk}", "count": size})
    move(
        lot,
        State.OPEN,
        transitions=Lot.TRANSITIONS,
        package_count=found["packages"],
        item_count=found["items"],
        drawn_count=size,
        heartbeat_at=now(),
        done=found["packages"],
        total=found["packages"],
    )
    return False


def lock_lot(lot_id: int, state: str) -> tuple[Lot, Job] | None:
    """The lot in this state, locked under its job, which is shared; None where another worker has it, or it moved."""
    row = Lot.objects.filter(pk=lot_id, state=state).values_list("job", flat=True).first()
    if row is None:
        return None
    share_job(row)
    lot = (
        Lot.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
        .select_related("job__workspace", "accepter")
        .filter(pk=lot_id, state=state)
        .first()
    )
    return None if lot is None else (lot, lot.job)


def wake(lot_id: int) -> None:
    """Tell a worker on commit; a broker that is down costs only time, since beat sends it again."""
    transaction.on_commit(lambda: tasks.work_on_lot.delay(lot_id), robust=True)


def requeue_stuck_lots() -> int:
    """Send lots again that nobody works on: the message was lost, the worker died, or the job was offline."""
    old = now() - STUCK_AFTER
    stuck = Lot.objects.filter(
        Q(heartbeat_at=None, created_at__lt=old) | Q(heartbeat_at__lt=old),
        state__in=(State.DRAWING, State.CLOSING),
        job__deleted_at=None,
        job__archived_at=None,
    ).values_list("pk", flat=True)
    for lot_id in (found := list(stuck)):
        tasks.work_on_lot.delay(lot_id)
    return len(found)


def _check(
    job: Job, user: User, filters: Any, method: Any, amount: Any, target: Any
) -> dict[str, Any]:
    errors: list[FieldError] = []
    if Stage.ACCEPTANCE not in job.stages:
        errors.append({"field": "job", "message": _("This job has no acceptance.")})
    if method not in Lot.Method.values:
        errors.append({"field": "method", "message": _("Choose a share or a number of items.")})
    most = 100 if method == Lot.Method.RATE else 1_000_000
    for name, value in (("amount", amount), ("target", 100 if target is None else target)):
        highest = most if name == "amount" else 100
        if type(value) is not int or not 1 <= value <= highest:
            message = _("Enter a whole number from %(least)s to %(most)s.")
            errors.append({"field": name, "message": message % {"least": 1, "most": highest}})
    cleaned: Mapping[str, Any] = {}
    try:
        cleaned = check_filters(job, filters, viewer=user)
    except Invalid as exc:
        errors.extend(exc.errors)
    if errors:
        raise Invalid(errors[0]["message"], errors=errors)
    return dict(cleaned)


def _run(sql: str, parameters: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
