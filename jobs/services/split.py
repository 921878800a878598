"""Cutting a batch into packages: steps of one statement each, in whose transaction the cursor moves.

Killed at any moment, delivered twice, or run by two workers: a step is there wholly or not at all, and the next one
begins where the last one ended.
"""

from datetime import timedelta
from typing import Any

import structlog
from django.db import DataError, IntegrityError, connection, transaction
from django.db.models import Q
from django.utils.translation import gettext_noop

from itag.core.clock import now
from itag.core.runs import RUN_TRANSITIONS, RunState
from itag.core.states import move
from jobs import tasks
from jobs.models import Assignment, Batch, Job, Package, PackageItem, SplitRun

log = structlog.get_logger(__name__)

#: Items cut in one transaction: well under a second, so that progress moves and a killed worker loses little.
STEP_ITEMS = 20_000
#: A run without a sign of life for this long is sent to a worker again.
STUCK_AFTER = timedelta(seconds=60)

_STEP = f"""
WITH picked AS MATERIALIZED (
    SELECT i.id, i.ordinal, row_number() OVER (ORDER BY i.ordinal) - 1 AS place
    FROM (
        SELECT id, ordinal FROM datasets_item
        WHERE dataset_id = %(dataset)s AND ordinal > %(cursor)s AND ordinal <= %(last)s
        ORDER BY ordinal LIMIT %(items)s
    ) i
), made AS (
    INSERT INTO {Package._meta.db_table}
        (job_id, batch_id, number, group_value, priority, stage, round, state, item_count)
    SELECT %(job)s, %(batch)s, %(number)s + place / %(size)s, '', %(priority)s, 'labeling', 1, 'open', count(*)
    FROM picked GROUP BY place / %(size)s ORDER BY place / %(size)s
    RETURNING id, number
), slots AS (
    INSERT INTO {Assignment._meta.db_table}
        (job_id, package_id, round, stage, vote, state, reason, is_return, priority, deadline, number, participants,
         created_at, work_seconds)
    SELECT %(job)s, id, 1, 'labeling', 0, 'waiting', '', false, %(priority)s, %(deadline)s, number, '{{}}', %(now)s, 0
    FROM made ORDER BY number
), filled AS (
    INSERT INTO {PackageItem._meta.db_table} (job_id, package_id, position, ordinal, item_id, origin)
    SELECT %(job)s, made.id, picked.place %% %(size)s + 1, picked.ordinal, picked.id, 'data'
    FROM picked JOIN made ON made.number = %(number)s + picked.place / %(size)s
    ORDER BY picked.ordinal
)
SELECT count(*), max(ordinal) FROM picked
"""  # the INSERTs' tables are our own models'; every value is a parameter


def start_split(*, batch: Batch, total: int) -> SplitRun:
    """Record the run and wake a worker once the transaction is committed."""
    run = SplitRun.objects.create(
        batch=batch, total=total, cursor_ordinal=batch.first_ordinal - 1, next_number=1
    )
    wake(run.pk)
    return run


def wake(run_id: int) -> None:
    """Tell a worker on commit; a broker that is down costs only time, since the sweeper sends it again."""
    transaction.on_commit(lambda: tasks.split_batch.delay(run_id), robust=True)


def split_batch(*, run_id: int) -> None:
    """Cut the whole batch into packages and set the job running, or failed with the reason."""
    try:
        while _step(run_id):
            pass
    except (IntegrityError, DataError) as exc:
        log.exception("split_failed", run=run_id)
        fail_split(run_id=run_id, error=str(exc).splitlines()[0])


@transaction.atomic
def _step(run_id: int) -> bool:
    """Cut the next packages; False when nothing is left to do, or another worker is doing it."""
    run = (
        SplitRun.objects.select_for_update(skip_locked=True, of=("self",), no_key=True)
        .select_related("batch__job")
        .filter(pk=run_id, state__in=(RunState.QUEUED, RunState.RUNNING))
        .first()
    )
    if run is None:
        return False
    batch, job = run.batch, run.batch.job
    size: int = job.allocation["size"]
    # Whole packages only: the cursor always stands at the end of one.
    items = max(1, STEP_ITEMS // size) * size
    with connection.cursor() as cursor:
        cursor.execute(
            _STEP,
            {
                "dataset": job.dataset_id,
                "cursor": run.cursor_ordinal,
                "last": batch.last_ordinal,
                "items": items,
                "size": size,
                "job": job.pk,
                "batch": batch.pk,
                "number": run.next_number,
                "priority": job.priority,
                "deadline": job.deadline,
                "now": now(),
            },
        )
        row = cursor.fetchone()
    count, ordinal = row or (0, None)
    if ordinal is not None:
        run.cursor_ordinal = ordinal
        run.next_number += -(-count // size)
        run.done += count
    changes: dict[str, Any] = {
        "cursor_ordinal": run.cursor_ordinal,
        "next_number": run.next_number,
        "done": run.done,
        "heartbeat_at": now(),
    }
    if count == items and run.done < run.total:
        move(run, RunState.RUNNING, transitions=RUN_TRANSITIONS, **changes)
        return True
    if run.done != run.total:
        _fail(
            run,
            gettext_noop(
                "The dataset does not have the items that it had when the job was created."
            ),
            **changes,
        )
        return False
    move(run, RunState.RUNNING, transitions=RUN_TRANSITIONS, **changes)
    move(run, RunState.SUCCEEDED, transitions=RUN_TRANSITIONS, finished_at=now())
    _start_job(job, packages=run.next_number - 1)
    return False


@transaction.atomic
def fail_split(*, run_id: int, error: str) -> None:
    """End the run and the job's initialisation with the reason; a run that has ended stays as it is."""
    run = (
        SplitRun.objects.select_for_update(of=("self",), no_key=True)
        .select_related("batch__job")
        .filter(pk=run_id, state__in=(RunState.QUEUED, RunState.RUNNING))
        .first()
    )
    if run:
        _fail(run, error)


def requeue_stuck_splits() -> int:
    """Send runs again that nobody works on: the message was lost, or the worker died."""
    old = now() - STUCK_AFTER
    stuck = SplitRun.objects.filter(
        Q(state=RunState.QUEUED, created_at__lt=old, heartbeat_at=None)
        | Q(state__in=(RunState.QUEUED, RunState.RUNNING), heartbeat_at__lt=old)
    ).values_list("pk", flat=True)
    for run_id in (found := list(stuck)):
        tasks.split_batch.delay(run_id)
    return len(found)


def _fail(run: SplitRun, error: str, **changes: Any) -> None:
    move(
        run,
        RunState.FAILED,
        transitions=RUN_TRANSITIONS,
        error=error,
        finished_at=now(),
        **changes,
    )
    job = Job.objects.select_for_update(of=("self",), no_key=True).get(pk=run.batch.job_id)
    if job.state == Job.State.INITIALISING:
        move(job, Job.State.FAILED, transitions=Job.TRANSITIONS)


def _start_job(job: Job, *, packages: int) -> None:
    job = Job.objects.select_for_update(of=("self",), no_key=True).get(pk=job.pk)
    if job.state == Job.State.INITIALISING:
        move(job, Job.State.RUNNING, transitions=Job.TRANSITIONS, package_count=packages)
