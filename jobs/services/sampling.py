"""Which items are inspected: drawn when a package is submitted, and never shown to the labeler before the verdict."""

from collections.abc import Iterable
from hashlib import sha256

from django.db import connection

from jobs.models import (
    Annotation,
    Assignment,
    Job,
    Package,
    PackageEvent,
    PackageItem,
    Sample,
    SamplingCarry,
)

Reason = Sample.Reason
Picks = dict[int, Sample.Reason]

# One statement: two submissions of one subject wait for each other here and count one after the other.
_COUNT = f"""
INSERT INTO {SamplingCarry._meta.db_table} AS c (job_id, stage, subject_id, ratio, seen)
VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (job_id, stage, subject_id) DO UPDATE
SET seen = CASE WHEN c.ratio = EXCLUDED.ratio THEN c.seen ELSE 0 END + EXCLUDED.seen, ratio = EXCLUDED.ratio
RETURNING seen
"""


def draw_size(*, seen: int, items: int, ratio: int) -> int:
    """How many of `items` are drawn after `seen` ones, `ratio` in whole percent.

    The sum over all packages of a subject is `seen·ratio//100`, so it is never off by one item or more.
    """
    return (seen + items) * ratio // 100 - seen * ratio // 100


def shuffled(items: Iterable[int], *, job: Job, package: Package, stage: str) -> list[int]:
    """The items in an order that only the job's seed, the package, its round and the stage decide.

    With the stage: at equal ratios check and acceptance would otherwise always look at the same items.
    """
    salt = f"{job.seed}:{package.pk}:{package.round}:{stage}"
    return sorted(items, key=lambda pk: sha256(f"{salt}:{pk}".encode()).digest())


def draw(
    *, job: Job, package: Package, stage: str, subject: int | None, changed: Iterable[int] = ()
) -> Picks:
    """Choose the items of the package that the stage inspects: {package item: why}.

    `subject`: who submitted the package in the earlier stage of this round, None where several voted; `changed`: items
    that were unlocked and changed in rework. Drawn is the stage's fixed number, at most all, or where it has none its
    ratio. Abandoned, disputed and formerly rejected items are always added.
    """
    items = list(PackageItem.objects.filter(package=package).values_list("pk", flat=True))
    drawn = drawn_before(package, stage)
    if drawn is None:
        size = _size(job, stage, subject, len(items))
        order = shuffled(items, job=job, package=package, stage=stage)
        drawn = dict.fromkeys(order[:size], Reason.DRAWN)
    picks: Picks = drawn
    for reason, added in (
        (Reason.REJECTED, _rejected_before(package, items)),
        (Reason.ABANDONED, _abandoned(package)),
        (Reason.UNLOCKED, changed),
        (Reason.DISPUTED, _disputed(package) if job.vote_count > 1 else ()),
    ):
        for pk in added:
            picks.setdefault(pk, reason)
    return picks


def drawn_before(package: Package, stage: str) -> Picks | None:
    """What was drawn of a submission that was withdrawn, for the next one in its round; None where none was."""
    earlier = package.assignments.filter(round=package.round)
    if not earlier.filter(state=Assignment.State.WITHDRAWN).exists():
        return None
    void = earlier.filter(stage=stage, state=Assignment.State.VOID, is_return=False)
    if (slot := void.order_by("-pk").first()) is not None:
        rows = slot.samples.values_list("package_item", "reason")
        return {pk: Reason(reason) for pk, reason in rows}
    passed = PackageEvent.objects.filter(
        package=package, verb=PackageEvent.Verb.PASS_STAGE, stage=stage, round=package.round
    )
    return {} if passed.exists() else None


def _size(job: Job, stage: str, subject: int | None, items: int) -> int:
    if (count := job.count(stage)) is not None:
        return min(count, items)
    ratio = job.ratio(stage)
    size = draw_size(seen=_seen_before(job, stage, subject, ratio, items), items=items, ratio=ratio)
    return max(size, 1) if job.limit("sample_at_least_one") else size


def _seen_before(job: Job, stage: str, subject: int | None, ratio: int, items: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [job.pk, stage, subject, ratio, items])
        row = cursor.fetchone()
    return (row[0] if row else items) - items


def _rejected_before(package: Package, items: list[int]) -> Iterable[int]:
    if package.round == 1:
        return []
    # A package that was rejected as a whole was rejected with every item.
    if PackageEvent.objects.filter(
        package=package, verb=PackageEvent.Verb.REJECT_PACKAGE, assignment__state="submitted"
    ).exists():
        return items
    return Annotation.objects.filter(
        package_item__package=package,
        verdict=Annotation.Verdict.REJECTED,
        assignment__state="submitted",
    ).values_list("package_item", flat=True)


def _disputed(package: Package) -> Iterable[int]:
    return PackageItem.objects.filter(package=package, disputed=True).values_list("pk", flat=True)


def _abandoned(package: Package) -> Iterable[int]:
    return PackageItem.objects.filter(
        package=package, current_annotation__abandoned=True
    ).values_list("pk", flat=True)
