"""What an export reads: the cut, and the items in dataset order with the answers that each key holds."""

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import psycopg
from django.db import connection, transaction
from django.db.models import Q

from accounts.grants import granted_ids
from accounts.models import User, Workspace
from exports.models import Export
from jobs.models import Annotation, Job, JobQuerySet, Stage

#: Ordinals of one shard; a shard is one transaction.
SHARD = 20_000
#: Seconds after which a shard ends early: transactions stay far below 10 s, however heavy the answers are.
SHARD_SECONDS = 4.0
#: Rows of one fetch, chosen so that a fetch brings about this many bytes.
FETCH_BYTES = 2 * 2**20
FETCH_ROWS = (10, 2000)

#: The order of the stages within a round.
ORDER = {stage: number for number, stage in enumerate(Stage.values)}

_CUT = """
SELECT p.id, p.state = 'finished' AND p.finished_at <= %(frozen)s, a.id, a.round, a.stage
FROM jobs_package p
LEFT JOIN jobs_assignment a
    ON a.package_id = p.id AND a.state = 'submitted' AND a.submitted_at <= %(frozen)s
WHERE p.job_id = %(job)s AND p.discarded_at IS NULL
"""
_HERE = """
    pi.job_id = %(job)s AND pi.origin = 'data' AND pi.ordinal > %(after)s AND pi.ordinal <= %(upto)s
    AND (%(packages)s::bigint[] IS NULL OR pi.package_id = ANY(%(packages)s))
"""
_ITEMS = f"""
SELECT pi.ordinal, pi.package_id, i.data::text, i.extra::text
FROM jobs_packageitem pi JOIN datasets_item i ON i.id = pi.item_id
WHERE {_HERE} ORDER BY pi.ordinal
"""
# Rows without results and verdict only carry versions that came too late.
_ANSWERS = f"""
SELECT pi.ordinal, an.id, an.assignment_id, an.judged_id, an.verdict, an.abandoned, an.reason, an.results::text
FROM jobs_packageitem pi JOIN jobs_annotation an ON an.package_item_id = pi.id
WHERE {_HERE} AND (an.results IS NOT NULL OR an.abandoned OR an.verdict <> '') ORDER BY pi.ordinal
"""

#: (round, stage number) of a submitted assignment: its place in the history of its package.
Place = tuple[int, int]


@dataclass
class Cut:
    """Which packages and submissions an export holds, seen in one statement.

    What is submitted afterwards is left out whole, and what is in it does not change any more (a submitted answer is
    final), so that every shard, whenever it is read, shows the same moment.
    """

    packages: set[int] = field(default_factory=set)
    places: dict[int, Place] = field(default_factory=dict)


class Answer(NamedTuple):
    """An annotation as far as an export needs it; `results` is JSON text."""

    id: int
    place: Place
    judged: int | None
    verdict: str
    abandoned: bool
    reason: str
    results: bytes | None

    @property
    def is_own(self) -> bool:
        """Whether it says something itself: a labeling answer, or a modification."""
        return self.place[1] == 0 or self.verdict == Annotation.Verdict.MODIFIED


class Row(NamedTuple):
    """An item of the job; `data` and `extra` as they came, `keys`: stage → the answer that its key holds."""

    ordinal: int
    data: bytes
    extra: bytes | None
    keys: dict[str, Answer]


def exportable_jobs(user: User, workspace: Workspace | None) -> JobQuerySet:
    """The jobs of the workspace that the person manages and that have packages, newest first."""
    jobs = Job.objects.alive().filter(workspace=workspace)
    jobs = jobs.exclude(state__in=(Job.State.INITIALISING, Job.State.FAILED))
    if user.is_superuser:
        return jobs
    return jobs.filter(
        Q(workspace__in=granted_ids(user, Workspace, "create_in_workspace"))
        | Q(pk__in=granted_ids(user, Job, "manage_job"))
    )


def read_cut(export: Export) -> Cut:
    """Look at the whole job once: one statement, so no submission is half in."""
    cut = Cut()
    finished_only = export.scope == Export.Scope.FINISHED
    with connection.cursor() as cursor:
        cursor.execute(_CUT, {"job": export.job_id, "frozen": export.frozen_at})
        for package, finished, assignment, round_, stage in cursor.fetchall():
            if finished_only and not finished:
                continue
            cut.packages.add(package)
            if assignment is not None:
                cut.places[assignment] = (round_, ORDER[stage])
    return cut


def count_items(export: Export, cut: Cut) -> int:
    """How many lines the export will have."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM jobs_packageitem pi WHERE {_HERE}",
            {**_range(export, cut, 0, export.last_ordinal), "packages": list(cut.packages)},
        )
        (count,) = cursor.fetchone()
    return int(count)


def held_by_keys(answers: Iterable[Answer]) -> dict[str, Answer]:
    """Which answer each key of an item holds, by stage; a key that is absent is not exported.

    labeling: the last submitted labeling answer. check, acceptance: what was in force when that stage last judged the
    item: what it passed or rejected, or its own modification. A judgement is no longer worth anything once an earlier
    stage has answered anew, so its key is left out until the stage judges again; thus the last key present, in the
    order labeling, check, acceptance, always is the item's answer in force.
    """
    by_id: dict[int, Answer] = {}
    last_own: list[Place | None] = [None] * len(ORDER)
    last: list[Answer | None] = [None] * len(ORDER)
    for answer in answers:
        by_id[answer.id] = answer
        at = answer.place[1]
        known = last[at]
        if known is None or answer.place > known.place:
            last[at] = answer
        own = last_own[at]
        if answer.is_own and (own is None or answer.place > own):
            last_own[at] = answer.place
    labeled = last[0]
    if labeled is None:
        return {}
    held = {Stage.LABELING.value: labeled}
    changed = labeled.place
    for stage, number in ORDER.items():
        judgement = last[number]
        if number == 0 or judgement is None:
            continue
        if judgement.place > changed:
            adopted = judgement if judgement.is_own else by_id.get(judgement.judged or 0)
            if adopted is not None:
                held[stage] = adopted
        changed = max(changed, last_own[number] or changed)
    return held


def read_rows(export: Export, cut: Cut, *, after: int) -> Iterator[Row | None]:
    """The rows with an ordinal above `after`, in dataset order; None between two shards (no transaction is open then).

    Memory holds two fetches, whatever the size of the job.
    """
    finished_only = export.scope == Export.Scope.FINISHED
    packages = sorted(cut.packages) if finished_only else None
    while after < export.last_ordinal:
        upto = min(after + SHARD, export.last_ordinal)
        deadline = time.monotonic() + SHARD_SECONDS
        parameters = {**_range(export, cut, after, upto), "packages": packages}
        with (
            transaction.atomic(),
            _stream(_ITEMS, parameters) as items,
            _stream(_ANSWERS, parameters) as answers,
        ):
            for row in _merge(items, answers, cut):
                yield row
                after = row.ordinal
                if time.monotonic() > deadline:
                    break
            else:
                after = upto
        yield None


def _range(export: Export, cut: Cut, after: int, upto: int) -> dict[str, Any]:
    return {"job": export.job_id, "after": after, "upto": upto}


def _merge(
    items: Iterator[Sequence[Any]], answers: Iterator[Sequence[Any]], cut: Cut
) -> Iterator[Row]:
    """Both streams go up by ordinal; an item takes the answers of its own."""
    ahead = next(answers, None)
    places = cut.places
    for ordinal, package, data, extra in items:
        found: list[Answer] = []
        while ahead is not None and ahead[0] <= ordinal:
            at, key, assignment, judged, verdict, abandoned, reason, results = ahead
            if at == ordinal and (place := places.get(assignment)) is not None:
                found.append(Answer(key, place, judged, verdict, abandoned, reason, results))
            ahead = next(answers, None)
        if package in cut.packages:
            yield Row(ordinal, data, extra, held_by_keys(found) if found else {})


@contextmanager
def _stream(query: str, parameters: dict[str, Any]) -> Iterator[Iterator[Sequence[Any]]]:
    """A server-side cursor whose texts come as bytes: most of them only pass through."""
    connection.ensure_connection()
    raw = connection.connection
    with raw.cursor(name=f"export_{id(query)}", binary=True) as cursor:
        # PostgreSQL's text in binary is its bytes, as bytea is.
        types = psycopg.adapters.types
        loader = psycopg.adapters.get_loader(types["bytea"].oid, psycopg.pq.Format.BINARY)
        cursor.adapters.register_loader("text", loader)
        cursor.execute(query, parameters)
        yield _fetch(cursor)


def _fetch(cursor: Any) -> Iterator[Sequence[Any]]:
    least, most = FETCH_ROWS
    count = 100
    while rows := cursor.fetchmany(count):
        yield from rows
        size = sum(len(value) for row in rows for value in row if isinstance(value, bytes))
        count = max(least, min(most, FETCH_BYTES * len(rows) // (size + 1)))
