"""What an accepter sees of a lot: drawn, judged, errors, and each person's accuracy with its interval."""

from collections import defaultdict
from math import sqrt
from typing import Any, TypedDict

from django.db import connection
from django.db.models import QuerySet

from jobs.models import Annotation, Assignment, Lot, Stage

# Every drawn or judged item of the lot with whose answer it was (the one judged, else the one in force), whether the
# lot's draw chose it, and the verdict, which may come from an earlier tenure of the slot.
_ITEMS = """
SELECT i.id AS item, a.package_id AS package, i.position, s.reason, n.verdict,
    coalesce(j.author_id, c.author_id) AS person
FROM jobs_assignment a
JOIN jobs_packageitem i ON i.package_id = a.package_id
LEFT JOIN jobs_annotation c ON c.id = i.current_annotation_id
LEFT JOIN LATERAL (
    SELECT s.reason FROM jobs_sample s JOIN jobs_assignment t ON t.id = s.assignment_id
    WHERE s.package_item_id = i.id AND t.package_id = a.package_id AND t.round = a.round AND t.stage = a.stage
        AND t.vote = a.vote ORDER BY (s.reason = 'lot') DESC LIMIT 1
) s ON true
LEFT JOIN LATERAL (
    SELECT n.verdict, n.judged_id FROM jobs_annotation n JOIN jobs_assignment t ON t.id = n.assignment_id
    WHERE n.package_item_id = i.id AND n.verdict <> '' AND t.package_id = a.package_id AND t.round = a.round
        AND t.stage = a.stage AND t.vote = a.vote AND t.id <= a.id
    ORDER BY t.id DESC LIMIT 1
) n ON true
LEFT JOIN jobs_annotation j ON j.id = n.judged_id
WHERE a.lot_id = %(lot)s AND a.state IN ('claimed', 'submitted') AND (s.reason IS NOT NULL OR n.verdict IS NOT NULL)
"""
_ERRORS = "verdict IN ('rejected', 'modified')"
_PEOPLE = f"""
SELECT person, count(*) FILTER (WHERE reason = 'lot') AS drawn,
    count(*) FILTER (WHERE reason = 'lot' AND verdict IS NOT NULL) AS judged,
    count(*) FILTER (WHERE reason = 'lot' AND {_ERRORS}) AS errors,
    count(*) FILTER (WHERE verdict IS NOT NULL) AS all_judged, count(*) FILTER (WHERE {_ERRORS}) AS all_errors
FROM ({_ITEMS}) items GROUP BY person ORDER BY person NULLS LAST
"""


class PersonInLot(TypedDict):
    """A person's part in a lot. Only what the lot's own draw chose tells of the rest: `judged`, `errors` are of that.

    `all_judged`, `all_errors` count what was judged besides (abandoned, rejected before, opened by hand). `accuracy`
    is 1 − errors / judged, None where nothing was judged; `low` and `high` are the ends of its 95 % interval.
    """

    person: int | None
    drawn: int
    judged: int
    errors: int
    all_judged: int
    all_errors: int
    accuracy: float | None
    low: float | None
    high: float | None


def lot_people(lot: Lot) -> list[PersonInLot]:
    """One row a person whose answers were drawn or judged; one statement."""
    found = _rows(_PEOPLE, lot)
    return [_with_accuracy(row) for row in found]


def lot_total(people: list[PersonInLot]) -> PersonInLot:
    """The lot as a whole."""
    names = ("drawn", "judged", "errors", "all_judged", "all_errors")
    sums: dict[str, Any] = {name: sum(row[name] for row in people) for name in names}  # type: ignore[literal-required]
    return _with_accuracy({"person": None, **sums})


def lot_items(
    lot: Lot, *, after: tuple[int, int] = (0, 0), limit: int = 200
) -> list[dict[str, Any]]:
    """The drawn and judged items in order, from behind (package id, position); each with assignment, number, position,
    reason, verdict and person."""
    sql = f"""
    SELECT x.item, x.package, x.position, x.reason, x.verdict, x.person, a.id AS assignment, a.number
    FROM ({_ITEMS}) x JOIN jobs_assignment a ON a.package_id = x.package AND a.lot_id = %(lot)s
        AND a.state IN ('claimed', 'submitted')
    WHERE (x.package, x.position) > (%(package)s, %(place)s) ORDER BY x.package, x.position LIMIT %(limit)s
    """
    return _rows(sql, lot, package=after[0], place=after[1], limit=limit)


def unjudged(lot: Lot) -> int:
    """How many drawn items have no verdict yet."""
    sql = f"SELECT count(*) AS count FROM ({_ITEMS}) items WHERE reason IS NOT NULL AND verdict IS NULL"
    return int(_rows(sql, lot)[0]["count"])


def next_unjudged(lot: Lot) -> tuple[int, int] | None:
    """(assignment, position) of the first drawn item without a verdict; None when all are judged."""
    sql = f"""SELECT a.id AS assignment, x.position FROM ({_ITEMS}) x
        JOIN jobs_assignment a ON a.package_id = x.package AND a.lot_id = %(lot)s AND a.state = 'claimed'
        WHERE x.reason IS NOT NULL AND x.verdict IS NULL ORDER BY x.package, x.position LIMIT 1"""
    found = _rows(sql, lot)
    return (found[0]["assignment"], found[0]["position"]) if found else None


def failed_items(assignments: QuerySet[Assignment]) -> dict[int, list[int]]:
    """{package: items whose verdict in these assignments' slots is *rejected*}, of packages that have any."""
    verdicts = (
        Annotation.objects.filter(
            assignment__package__in=assignments.values("package"),
            assignment__stage=Stage.ACCEPTANCE,
        )
        .exclude(verdict="")
        .order_by("assignment")
        .values_list(
            "package_item", "verdict", "assignment__package", "assignment__round", "assignment"
        )
    )
    place = dict(assignments.values_list("package", "round"))
    latest = {
        item: (verdict, package)
        for item, verdict, package, round_, _assignment in verdicts
        if place.get(package) == round_
    }
    found: dict[int, list[int]] = defaultdict(list)
    for item, (verdict, package) in sorted(latest.items()):
        if verdict == Annotation.Verdict.REJECTED:
            found[package].append(item)
    return dict(found)


def package_labelers(assignments: QuerySet[Assignment]) -> dict[int, int]:
    """{package: who submitted it last in labeling}."""
    rows = (
        Assignment.objects.filter(
            package__in=assignments.values("package"),
            stage=Stage.LABELING,
            state=Assignment.State.SUBMITTED,
            holder__isnull=False,
        )
        .order_by("round", "pk")
        .values_list("package", "holder")
    )
    return {package: holder for package, holder in rows if holder is not None}


def wilson(errors: int, judged: int, *, z: float = 1.959964) -> tuple[float, float]:
    """The ends of the 95 % score interval of the accuracy (Wilson 1927): honest for few items and for no errors."""
    right = 1 - errors / judged
    square = z * z / judged
    middle = (right + square / 2) / (1 + square)
    half = z / (1 + square) * sqrt(right * (1 - right) / judged + square / (4 * judged))
    return max(0.0, middle - half), min(1.0, middle + half)


def _with_accuracy(row: dict[str, Any]) -> PersonInLot:
    judged, errors = row["judged"], row["errors"]
    low, high = wilson(errors, judged) if judged else (None, None)
    accuracy = 1 - errors / judged if judged else None
    return {**row, "accuracy": accuracy, "low": low, "high": high}  # type: ignore[typeddict-item]


def _rows(sql: str, lot: Lot, **parameters: Any) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"lot": lot.pk, **parameters})
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
