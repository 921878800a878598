"""Cutting a batch into packages: steps of one statement each, in whose transaction the cursor moves.

Killed at any moment, delivered twice, or run by two workers: a step is there wholly or not at all, and the next one
begins where the last one ended. Nothing can be claimed before the last step, which opens all slots at once.
"""

from datetime import timedelta
from typing import Any

import structlog
from django.db import DataError, IntegrityError, connection, transaction
from django.db.models import F, Max, Q, Sum
from django.utils.translation import gettext, gettext_noop

from accounts.models import User
from itag.core.clock import now
from itag.core.errors import Conflict, Invalid
from itag.core.runs import RUN_TRANSITIONS, RunState
from itag.core.states import move
from jobs import tasks
from jobs.models import (
    Assignment,
    Batch,
    Job,
    JobEvent,
    NoticeEvent,
    Package,
    PackageEvent,
    SplitRun,
    Stage,
)
from jobs.selectors.recipients import job_managers
from jobs.services import split_sql
from jobs.services.allocation import MAX_PACKAGE_ITEMS, MAX_PACKAGES, append_size, cut
from jobs.services.events import record_event, record_job_event
from jobs.services.groups import count_groups
from jobs.services.members import job_members, people_of
from jobs.services.notices import tell
from jobs.services.targets import Reservation, reserve

log = structlog.get_logger(__name__)

#: Items cut in one transaction: well under a second, so that progress moves and a killed worker loses little.
STEP_ITEMS = 20_000
#: A run without a sign of life for this long is sent to a worker again.
STUCK_AFTER = timedelta(seconds=40)
#: Workers in a row that may end without one more step.
MAX_STALLS = 3
#: A run that failed may be tried again.
_AGAIN = {"failed": {"queued"}}

MISSING = gettext_noop("The dataset does not have the items that it had when the job was created.")
STALLED = gettext_noop(
    "Preparing the packages stopped three times at the same place; the server's log says why."
)
TOO_MANY = gettext_noop("There would be more than 20,000 packages.")


class _Failed(Exception):
    """The run cannot go on; the message tells the person why."""


def start_split(*, batch: Batch, total: int) -> SplitRun:
    """Record the run and wake a worker once the transaction is committed.

    Call it with the Job locked. Raises Conflict while an earlier batch of the job is not cut.
    """
    earlier = SplitRun.objects.filter(batch__job=batch.job_id).exclude(state=RunState.SUCCEEDED)
    if earlier.exists():
        raise Conflict(gettext("Packages of the data before are still being prepared."))
    run = SplitRun.objects.create(
        batch=batch,
        total=total,
        cursor_ordinal=batch.first_ordinal - 1,
        next_number=_first_number(batch),
    )
    wake(run.pk)
    return run


def wake(run_id: int) -> None:
    """Tell a worker on commit; a broker that is down costs only time, since the sweeper sends it again."""
    transaction.on_commit(lambda: tasks.split_batch.delay(run_id), robust=True)


def count_new_packages(*, job: Job, first: int, last: int) -> int | None:
    """How many packages the items `first` to `last` would add, those left out that fill an unfinished one.

    None where groups take too long to count: then the split itself refuses what is too many. Raises Invalid where a
    field has too many values.
    """
    items = last - first + 1
    if job.allocation["type"] == "field":
        groups = count_groups(job.dataset, job.allocation["field"], first=first, last=last)
        return None if groups is None else groups.packages
    size = _append_size(job)
    tail = _open_tail(job, size)
    return -(-max(0, items - (size - tail.item_count if tail else 0)) // size)


def split_batch(*, run_id: int) -> None:
    """Cut the whole batch into packages and set the job running, or failed with the reason."""
    _alive(run_id)
    try:
        while _step(run_id):
            pass
    except (IntegrityError, DataError) as exc:
        log.exception("split_failed", run=run_id)
        fail_split(run_id=run_id, error=str(exc).splitlines()[0])
    except _Failed as exc:
        fail_split(run_id=run_id, error=str(exc))


def _alive(run_id: int) -> None:
    """A worker has begun: from now on its silence counts."""
    SplitRun.objects.filter(pk=run_id, state__in=(RunState.QUEUED, RunState.RUNNING)).update(
        heartbeat_at=now()
    )


@transaction.atomic
def _step(run_id: int) -> bool:
    """Cut the next packages, or open them all; False when nothing is left to do, or another worker is doing it."""
    seen = SplitRun.objects.select_related("batch").filter(pk=run_id).first()
    if seen is None:
        return False
    # The first and the last step change rows that people work with: the Job is locked before the run.
    whole_job = _changes_job(seen)
    if whole_job:
        _lock_job(seen.batch.job_id)
    run = (
        SplitRun.objects.select_for_update(skip_locked=True, of=("self",), no_key=True)
        .select_related("batch__job__dataset")
        .filter(pk=run_id, state__in=(RunState.QUEUED, RunState.RUNNING))
        .first()
    )
    if run is None:
        return False
    if _changes_job(run) != whole_job:
        # Another worker came between; look again.
        return True
    if run.done >= run.total:
        _open_packages(run)
        return False
    if run.batch.job.allocation["type"] == "field":
        _cut_groups(run)
    elif not whole_job or not _fill_tail(run):
        _cut_sizes(run)
    move(
        run,
        RunState.RUNNING,
        transitions=RUN_TRANSITIONS,
        cursor_ordinal=run.cursor_ordinal,
        next_number=run.next_number,
        done=run.done,
        heartbeat_at=now(),
        stalls=0,
    )
    return True


def _changes_job(run: SplitRun) -> bool:
    """Whether the run's next step fills a package that waits already, or opens the new ones."""
    return run.done >= run.total or (run.done == 0 and run.batch.number > 1)


def _cut_sizes(run: SplitRun) -> None:
    """Whole packages of known sizes, so that the cursor always stands at the end of one."""
    batch, job = run.batch, run.batch.job
    if batch.number == 1:
        size, larger = cut(job.allocation, run.total)
        larger = max(0, larger - run.next_number + 1)
    else:
        size, larger = _append_size(job), 0
    packages = max(1, STEP_ITEMS // (size + (1 if larger else 0)))
    larger = min(larger, packages)
    items = min(packages * size + larger, run.total - run.done)
    _run(run, split_sql.CUT, items, number=run.next_number, size=size, larger=larger)
    run.next_number += larger + -(-(items - larger * (size + 1)) // size) if items else 0


def _cut_groups(run: SplitRun) -> None:
    """Items go to the packages of their groups, whichever step began these."""
    items = min(STEP_ITEMS, run.total - run.done)
    (fresh,) = _run(
        run,
        split_sql.GROUP,
        items,
        number=run.next_number,
        most=MAX_PACKAGE_ITEMS,
        field=run.batch.job.allocation["field"],
    )
    run.next_number += fresh
    if run.next_number - 1 > MAX_PACKAGES:
        raise _Failed(TOO_MANY)


def _fill_tail(run: SplitRun) -> bool:
    """Put the first items into the last package of an earlier batch that is still open; whether there is one."""
    job = run.batch.job
    size = _append_size(job)
    tail = _open_tail(job, size, lock=True)
    if tail is None:
        return False
    items = min(size - tail.item_count, run.total)
    _run(run, split_sql.FILL, items, package=tail.pk, had=tail.item_count)
    tail.item_count += items
    tail.save(update_fields=["item_count"])
    if tail.item_count == size:
        Batch.objects.filter(pk=tail.batch_id, closed_at=None).update(closed_at=now())
        Assignment.objects.filter(
            package=tail,
            state=Assignment.State.BLOCKED,
            reason=Assignment.BlockedReason.BATCH_OPEN,
        ).update(state=Assignment.State.WAITING, reason="")
        record_event(PackageEvent.Verb.UNBLOCK, package=tail, actor=None)
    return True


def _run(run: SplitRun, statement: str, items: int, **values: Any) -> tuple[int, ...]:
    """Run a step over the next items and move the cursor in memory; answers what the statement says besides."""
    batch, job = run.batch, run.batch.job
    row: tuple[int, ...]
    with connection.cursor() as cursor:
        cursor.execute(
            statement,
            {
                "dataset": job.dataset_id,
                "cursor": run.cursor_ordinal,
                "last": batch.last_ordinal,
                "items": items,
                "job": job.pk,
                "batch": batch.pk,
                "priority": job.priority,
                **values,
            },
        )
        row = cursor.fetchone() or (0, 0)
    count, ordinal, *more = row
    # Rolled back with the step, so that packages of a wrong size never are there.
    if count != items:
        raise _Failed(MISSING)
    run.cursor_ordinal = ordinal
    run.done += count
    return tuple(more)


def _open_packages(run: SplitRun) -> None:
    """The last step: every package gets its slots, and the job runs."""
    job, batch = run.batch.job, run.batch
    before = _first_number(batch) - 1
    by_field = job.allocation["type"] == "field"
    with connection.cursor() as cursor:
        if by_field:
            cursor.execute(split_sql.UNITS, {"batch": batch.pk})
            units = [count for (count,) in cursor.fetchall()]
            if before + sum(units) > MAX_PACKAGES:
                raise _Failed(TOO_MANY)
            cursor.execute(split_sql.NUMBER, {"batch": batch.pk, "before": before})
        else:
            units = [1] * (run.next_number - 1 - before)
        reserved = _reservations(job, batch, units, before + 1)
        cursor.execute(
            split_sql.SLOTS,
            {
                "job": job.pk,
                "batch": batch.pk,
                "priority": job.priority,
                "deadline": job.deadline,
                "now": now(),
                "votes": job.vote_count,
                "tail": None if by_field else _tail_number(job, batch),
                "firsts": [one.first for one in reserved],
                "lasts": [one.last for one in reserved],
                "slots": [one.vote for one in reserved],
                "users": [one.pk if one.kind == "user" else None for one in reserved],
                "teams": [one.pk if one.kind == "team" else None for one in reserved],
            },
        )
    # A batch of which nothing waits for more data is closed.
    if by_field or _open_tail(job, _append_size(job)) is None:
        Batch.objects.filter(pk=batch.pk, closed_at=None).update(closed_at=now())
    move(run, RunState.RUNNING, transitions=RUN_TRANSITIONS, heartbeat_at=now(), stalls=0)
    move(run, RunState.SUCCEEDED, transitions=RUN_TRANSITIONS, finished_at=now())
    _start_job(job, packages=before + sum(units))


def _tail_number(job: Job, batch: Batch) -> int | None:
    """The package of an open batch that waits for more data."""
    if batch.closed_at:
        return None
    last = Package.objects.filter(batch=batch).order_by("-number").first()
    return last.number if last and last.item_count < _append_size(job) else None


def _reservations(job: Job, batch: Batch, units: list[int], first: int) -> list[Reservation]:
    """For whom the batch's packages are reserved, those left out who have left the stage meanwhile."""
    targets = job.allocation.get("targets")
    # A list names packages of the first batch.
    if not targets or ("packages" in targets and batch.number > 1):
        return []
    members = job_members(job)
    people = people_of(members, job.workspace)[Stage.LABELING]
    teams = {team.pk for team in members[Stage.LABELING].teams}
    try:
        found = reserve(targets, units=units, first=first, votes=job.vote_count)
    except Invalid as exc:
        raise _Failed(exc.detail) from exc
    return [one for one in found if one.pk in (people if one.kind == "user" else teams)]


def _start_job(job: Job, *, packages: int) -> None:
    """Count what is there now, and run."""
    done = SplitRun.objects.filter(batch__job=job, state=RunState.SUCCEEDED)
    counts = {
        "package_count": packages,
        "item_count": done.aggregate(items=Sum("total"))["items"],
    }
    if job.state == Job.State.INITIALISING:
        move(job, Job.State.RUNNING, transitions=Job.TRANSITIONS, **counts)
    elif job.state == Job.State.FINISHED:
        move(job, Job.State.RUNNING, transitions=Job.TRANSITIONS, finished_at=None, **counts)
    else:
        Job.objects.filter(pk=job.pk).update(**counts)


def _lock_job(job_id: int) -> Job:
    return Job.objects.select_for_update(of=("self",), no_key=True).get(pk=job_id)


def _first_number(batch: Batch) -> int:
    """The number after the last package of the batches before."""
    before = Package.objects.filter(job=batch.job_id, batch__number__lt=batch.number)
    return (before.aggregate(last=Max("number"))["last"] or 0) + 1


def _append_size(job: Job) -> int:
    first = job.batches.get(number=1)
    return append_size(job.allocation, first.last_ordinal - first.first_ordinal + 1)


def _open_tail(job: Job, size: int, *, lock: bool = False) -> Package | None:
    """The job's last package, if it still waits for more data."""
    last = Package.objects.filter(
        job=job, batch__closed_at=None, discarded_at=None, item_count__lt=size,
        assignments__state=Assignment.State.BLOCKED,
        assignments__reason=Assignment.BlockedReason.BATCH_OPEN,
    ).order_by("-number").values_list("pk", flat=True).first()  # fmt: skip
    rows = Package.objects.select_for_update(of=("self",), no_key=True) if lock else Package.objects
    return rows.filter(pk=last or 0).first()


@transaction.atomic
def fail_split(*, run_id: int, error: str) -> None:
    """End the run and the job's initialisation with the reason; a run that has ended stays as it is."""
    job = _lock_job(SplitRun.objects.values_list("batch__job", flat=True).get(pk=run_id))
    run = (
        SplitRun.objects.select_for_update(no_key=True)
        .filter(pk=run_id, state__in=(RunState.QUEUED, RunState.RUNNING))
        .first()
    )
    if run is None:
        return
    move(run, RunState.FAILED, transitions=RUN_TRANSITIONS, error=error, finished_at=now())
    tell(
        event=NoticeEvent.RUN_FAILED,
        users=job_managers(job),
        job=job,
        key=f"split:{run.pk}:{run.stalls}",
    )
    if job.state == Job.State.INITIALISING:
        move(job, Job.State.FAILED, transitions=Job.TRANSITIONS)


@transaction.atomic
def retry_split(*, job: Job, user: User) -> SplitRun:
    """Go on where the job's failed split stopped. Raises Conflict where none has failed."""
    locked = _lock_job(job.pk)
    runs = SplitRun.objects.select_for_update(of=("self",), no_key=True)
    run = runs.filter(batch__job=job, state=RunState.FAILED).first()
    if run is None:
        raise Conflict(gettext("Nothing failed here that could be tried again."))
    move(
        run,
        RunState.QUEUED,
        transitions=_AGAIN,
        error="",
        stalls=0,
        heartbeat_at=None,
        finished_at=None,
    )
    if locked.state == Job.State.FAILED:
        move(locked, Job.State.INITIALISING, transitions=Job.TRANSITIONS)
    record_job_event(JobEvent.Verb.RETRY, job=locked, actor=user)
    job.state = locked.state
    wake(run.pk)
    return run


def requeue_stuck_splits() -> int:
    """Send runs again that nobody works on: the message was lost, or the worker died.

    A worker that began and went silent without one more step counts; after three in a row the run fails.
    """
    old = now() - STUCK_AFTER
    open_runs = SplitRun.objects.filter(state__in=(RunState.QUEUED, RunState.RUNNING))
    open_runs.filter(heartbeat_at__lt=old).update(heartbeat_at=None, stalls=F("stalls") + 1)
    waiting = open_runs.filter(heartbeat_at=None).filter(
        Q(created_at__lt=old) | ~Q(state=RunState.QUEUED)
    )
    for run_id in waiting.filter(stalls__gte=MAX_STALLS).values_list("pk", flat=True):
        log.error("split_stalled", run=run_id)
        fail_split(run_id=run_id, error=STALLED)
    for run_id in (found := list(waiting.values_list("pk", flat=True))):
        tasks.split_batch.delay(run_id)
    return len(found)
