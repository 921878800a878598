"""What an export reads: the cut, and the items in dataset order with the answers that each key holds."""

import time
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
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
_STAGES = list(ORDER)
_LABELING = Stage.LABELING.value

# Then what managers corrected, and after which submission: it replaces what the item's keys held then.
_CUT = """
SELECT p.id, p.discarded_at IS NOT NULL, p.state = 'finished' AND p.finished_at <= %(frozen)s,
    a.id, a.round, a.stage, NULL::bigint
FROM jobs_package p
LEFT JOIN jobs_assignment a
    ON a.package_id = p.id AND a.state = 'submitted' AND a.submitted_at <= %(frozen)s
WHERE p.job_id = %(job)s
UNION ALL
SELECT NULL, NULL, NULL, NULL, t.round, t.stage, n.id
FROM jobs_packageitem pi JOIN jobs_annotation n ON n.package_item_id = pi.id
LEFT JOIN LATERAL (
    SELECT a.round, a.stage FROM jobs_assignment a
    WHERE a.package_id = pi.package_id AND a.state = 'submitted' AND a.submitted_at <= n.created_at
    ORDER BY a.round DESC, array_position(%(stages)s::text[], a.stage::text) DESC LIMIT 1
) t ON true
WHERE pi.job_id = %(job)s AND n.source = 'manager' AND n.created_at <= %(frozen)s
"""
_HERE = "pi.job_id = %(job)s AND pi.origin = 'data' AND pi.ordinal > %(after)s AND pi.ordinal <= %(upto)s"
_COUNT = (
    f"SELECT count(*) FROM jobs_packageitem pi WHERE {_HERE} AND pi.package_id = ANY(%(packages)s)"
)
# The sum keeps the planner from walking the packages' index, which knows no order of items.
_CHOSEN = "(%(packages)s::bigint[] IS NULL OR pi.package_id + 0 = ANY(%(packages)s))"
_ITEMS = f"""
SELECT pi.ordinal, pi.package_id, i.data::text, i.extra::text
FROM jobs_packageitem pi JOIN datasets_item i ON i.id = pi.item_id
WHERE {_HERE} AND {_CHOSEN} ORDER BY pi.ordinal
"""
# Rows without results and verdict only carry versions that came too late. What votes came to has its place from the
# vote that was the last one (see Cut); what was merged before votes were opened again holds for older exports only.
_BY = "-(jsonb_path_query_first(an.merge, '$.*.by') #>> '{}')::bigint"
_ANSWERS = f"""
SELECT pi.ordinal, an.id, coalesce(an.assignment_id, {_BY}), an.judged_id, an.verdict, an.abandoned, an.reason,
    an.results::text
FROM jobs_packageitem pi JOIN jobs_annotation an ON an.package_item_id = pi.id
WHERE {_HERE} AND {_CHOSEN} AND (an.results IS NOT NULL OR an.abandoned OR an.verdict <> '')
    AND (an.source <> 'merge' OR an.answered_at IS NOT NULL OR an.updated_at > %(frozen)s)
ORDER BY pi.ordinal, an.id
"""
# A shard walks the index of (job, ordinal) and looks its rows up. Left to itself the planner reads whole tables of
# all jobs anew for every shard.
_WALK = "SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off"

#: (round, stage number) of a submitted assignment: its place in the history of its package. What a manager corrected
#: comes half a stage after the submission before it.
Place = tuple[int, float]


@dataclass
class Cut:
    """Which packages and submissions an export holds, seen in one statement.

    What is submitted afterwards is left out whole, and what is in it does not change any more (a submitted answer is
    final), so that every shard, whenever it is read, shows the same moment.
    """

    packages: set[int] = field(default_factory=set)
    #: By assignment; a vote's under its id below zero, where only what votes came to looks: a single vote is no answer.
    places: dict[int, Place] = field(default_factory=dict)
    #: By annotation: what managers corrected.
    corrections: dict[int, Place] = field(default_factory=dict)
    #: Whether no package of the job is left out.
    is_whole: bool = True


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

    @property
    def is_correction(self) -> bool:
        """Whether a manager put it in the place of what was there."""
        return self.place[1] % 1 != 0


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
    voted = export.job.vote_count > 1
    finished_only = export.scope == Export.Scope.FINISHED
    with connection.cursor() as cursor:
        cursor.execute(
            _CUT,
            {"job": export.job_id, "frozen": export.frozen_at, "stages": list(ORDER)},
        )
        rows = cursor.fetchall()
        for package, discarded, finished, assignment, round_, stage, correction in rows:
            if correction is not None:
                # Between votes that do not agree a manager may decide before anything is in force.
                cut.corrections[correction] = (round_ or 1, ORDER[stage or _LABELING] + 0.5)
                continue
            if discarded or (finished_only and not finished):
                cut.is_whole = False
                continue
            cut.packages.add(package)
            if assignment is not None:
                vote = voted and (round_, stage) == (1, _LABELING)
                cut.places[-assignment if vote else assignment] = (round_, ORDER[stage])
    return cut


def count_items(export: Export, cut: Cut) -> int:
    """How many lines the export will have."""
    with connection.cursor() as cursor:
        parameters = _range(export, 0, export.last_ordinal, packages=sorted(cut.packages))
        cursor.execute(_COUNT, parameters)
        (count,) = cursor.fetchone()
    return int(count)


def held_by_keys(answers: Sequence[Answer]) -> dict[str, Answer]:
    """Which answer each key of an item holds, by stage; a key that is absent is not exported.

    labeling: the last submitted labeling answer, of votes the adopted one, so none where they do not agree. check,
    acceptance: what was in force when that stage last judged the item: what it passed or rejected, or its own
    modification. A judgement is no longer worth anything once an earlier stage has answered anew, so its key is left
    out until the stage judges again. What a manager corrected replaces the value under every key that the item has
    then, and without any is the plain key's. Thus the last key present, in the order labeling, check, acceptance,
    always is the item's answer in force.
    """
    if len(answers) == 1 and answers[0].place[1] == 0:
        return {_LABELING: answers[0]}
    by_id: dict[int, Answer] = {}
    held: dict[str, Answer] = {}
    current: Answer | None = None
    # Of two in one place (a vote was taken back and given again) the later one counts.
    for answer in sorted(answers, key=_turn):
        by_id[answer.id] = answer
        if answer.is_correction:
            current = answer
            held = dict.fromkeys(held or (_LABELING,), answer)
            continue
        number = int(answer.place[1])
        if answer.is_own:
            current = answer
            for stage in _STAGES[number + 1 :]:
                held.pop(stage, None)
            held[_STAGES[number]] = answer
        elif (
            adopted := current
            if current and current.is_correction
            else by_id.get(answer.judged or 0)
        ):
            held[_STAGES[number]] = adopted
    return {stage: held[stage] for stage in _STAGES if stage in held}


def _turn(answer: Answer) -> tuple[Place, int]:
    return answer.place, answer.id


def read_rows(export: Export, cut: Cut, *, after: int) -> Iterator[Row | None]:
    """The rows with an ordinal above `after`, in dataset order; None between two shards (no transaction is open then).

    Memory holds two fetches of each stream, whatever the size of the job. While one is looked through, the database
    already prepares the next: it is asked in a thread of its own, the only one that uses the connection meanwhile.
    """
    packages = None if cut.is_whole else sorted(cut.packages)
    while after < export.last_ordinal:
        upto = min(after + SHARD, export.last_ordinal)
        deadline = time.monotonic() + SHARD_SECONDS
        parameters = _range(export, after, upto, packages=packages)
        with transaction.atomic(), ThreadPoolExecutor(1) as ahead:
            with connection.cursor() as cursor:
                cursor.execute(_WALK)
            with (
                _stream("items", _ITEMS, parameters, ahead) as items,
                _stream("answers", _ANSWERS, parameters, ahead) as answers,
            ):
                for row in _merge(items, answers, cut):
                    yield row
                    after = row.ordinal
                    if time.monotonic() > deadline:
                        break
                else:
                    after = upto
        yield None


def _range(export: Export, after: int, upto: int, *, packages: list[int] | None) -> dict[str, Any]:
    return {
        "job": export.job_id,
        "after": after,
        "upto": upto,
        "packages": packages,
        "frozen": export.frozen_at,
    }


def _merge(
    items: Iterator[Sequence[Any]], answers: Iterator[Sequence[Any]], cut: Cut
) -> Iterator[Row]:
    """Both streams go up by ordinal; an item takes the answers of its own."""
    following = next(answers, None)
    places, packages, corrections = cut.places, cut.packages, cut.corrections
    for ordinal, package, data, extra in items:
        found: list[Answer] = []
        while following is not None and following[0] <= ordinal:
            at, key, assignment, judged, verdict, abandoned, reason, results = following
            place = places.get(assignment) if assignment else corrections.get(key)
            if at == ordinal and place is not None:
                found.append(Answer(key, place, judged, verdict, abandoned, reason, results))
            following = next(answers, None)
        if package in packages:
            yield Row(ordinal, data, extra, held_by_keys(found) if found else {})


@contextmanager
def _stream(
    name: str, query: str, parameters: dict[str, Any], ahead: ThreadPoolExecutor
) -> Iterator[Iterator[Sequence[Any]]]:
    """A server-side cursor whose texts come as bytes: most of them only pass through."""
    raw = connection.connection
    with raw.cursor(name=f"export_{name}", binary=True) as cursor:
        # PostgreSQL's text in binary is its bytes, as bytea is.
        types = psycopg.adapters.types
        loader = psycopg.adapters.get_loader(types["bytea"].oid, psycopg.pq.Format.BINARY)
        cursor.adapters.register_loader("text", loader)
        cursor.execute(query, parameters)
        rows = _fetch(cursor, ahead)
        try:
            yield rows
        finally:
            rows.close()


def _fetch(cursor: Any, ahead: ThreadPoolExecutor) -> Generator[Sequence[Any], None, None]:
    least, most = FETCH_ROWS
    count = 100
    fetched = ahead.submit(cursor.fetchmany, count)
    try:
        while rows := fetched.result():
            # A few rows tell how heavy they are.
            some = rows[:: -(-len(rows) // 8)]
            size = sum(len(value) for row in some for value in row if isinstance(value, bytes))
            count = max(least, min(most, FETCH_BYTES * len(some) // (size + 1)))
            fetched = ahead.submit(cursor.fetchmany, count)
            yield from rows
    finally:
        # The cursor is closed next: nobody may still be reading from it.
        wait([fetched])
