"""The engine's promises, worked out anew from the rows: what tests compare the kept values with."""

from collections import Counter
from typing import Any

from django.db.models import Q

from exports.models import Export
from exports.selectors import Answer, read_cut, read_rows
from itag.core.clock import now
from jobs.models import (
    Annotation,
    Assignment,
    Job,
    JobSummary,
    Package,
    PackageEvent,
    PackageItem,
)
from jobs.services.summary import recount_figures


def final_answers(job: Job) -> dict[int, int | None]:
    """The annotation in force of every item, from the submitted assignments in the order of their submission."""
    found: dict[int, int | None] = dict.fromkeys(
        PackageItem.objects.filter(job=job).values_list("pk", flat=True)
    )
    submitted = PackageEvent.objects.filter(
        Q(
            verb__in=("submit", "submit_for", "reject_package", "lot_close"),
            assignment__state="submitted",
        )
        | Q(verb__in=("correct_item", "merge")),
        job=job,
    ).order_by("id")
    for event in submitted:
        if event.verb == "correct_item":
            row = Annotation.objects.get(pk=event.data["annotation"])
            found[row.package_item_id] = row.pk
            continue
        if event.verb == "merge":
            _settle_votes(event.package_id, found)
            continue
        if event.assignment is None or _is_vote(job, event.assignment):
            continue
        for row in Annotation.objects.filter(assignment=event.assignment):
            # What is passed stays in force, what a manager corrected meanwhile included.
            if row.verdict == "modified" or (row.verdict == "" and row.results is not None):
                found[row.package_item_id] = row.pk
    return found


def _is_vote(job: Job, assignment: Assignment) -> bool:
    return job.vote_count > 1 and (assignment.round, assignment.stage) == (1, "labeling")


def _settle_votes(package: int, found: dict[int, int | None]) -> None:
    """Everything that votes came to, unless one of them was taken back since."""
    merges = Annotation.objects.filter(
        package_item__package=package, source="merge", answered_at__isnull=False
    )
    for row in merges:
        found[row.package_item_id] = row.pk


def exported(job: Job) -> dict[int, dict[str, Answer]]:
    """What an export made now has under each key of every item, by ordinal; see `exports.selectors.held_by_keys`."""
    export = Export(
        job=job, requested_by=job.created_by, scope="all", format="manifest", frozen_at=now(),
        last_ordinal=job.last_ordinal,
    )  # fmt: skip
    rows = read_rows(export, read_cut(export), after=0)
    return {row.ordinal: row.keys for row in rows if row is not None}


def assert_exported(job: Job) -> None:
    """The last key of every exported item holds the answer in force."""
    in_force = dict(
        PackageItem.objects.filter(job=job).values_list("ordinal", "current_annotation")
    )
    for ordinal, keys in exported(job).items():
        last = list(keys.values())[-1].id if keys else None
        assert last == in_force[ordinal], (ordinal, keys)


def assert_sound(job: Job, *, same_ratios: bool = True) -> None:
    """Every invariant of the engine holds for the job as it is now; `same_ratios`: it has had them from its start."""
    job.refresh_from_db()
    assignments = list(Assignment.objects.filter(job=job).select_related("package").order_by("id"))
    live = Counter(
        (a.package_id, a.round, a.stage, a.vote) for a in assignments if a.state in Assignment.LIVE
    )
    assert all(count == 1 for count in live.values()), live
    kept = dict(PackageItem.objects.filter(job=job).values_list("pk", "current_annotation"))
    assert kept == final_answers(job)
    assert_exported(job)
    for package in Package.objects.filter(job=job):
        _assert_package(job, package, [a for a in assignments if a.package_id == package.pk])
    before = _figures(job)
    assert before == _figures(recount_figures(job=job).job)
    if same_ratios:
        _assert_samples(job)
    # Nobody holds more than the limit; what was returned or given to them does not count, nor what was discarded.
    held = Counter(
        (a.holder_id, a.stage)
        for a in assignments
        if a.state == "claimed"
        and a.lot_id is None
        and a.package.discarded_at is None
        and not ((a.is_return or a.beyond_limit) and a.reserved_user_id == a.holder_id)
    )
    assert all(count <= job.limit("package_limit") for count in held.values()), held


def _assert_package(job: Job, package: Package, assignments: list[Assignment]) -> None:
    here = [
        a
        for a in assignments
        if (a.round, a.stage) == (package.round, package.stage) and a.state in Assignment.LIVE
    ]
    if package.state == Package.State.FINISHED:
        assert not [a for a in assignments if a.state in ("waiting", "claimed", "blocked")]
    else:
        # An open package stands in exactly one slot that is not submitted yet; while people vote, in one for each.
        assert [a.state for a in here if a.state != "submitted"], package
        undone = len([a for a in assignments if a.state in ("waiting", "claimed", "blocked")])
        voting = (package.round, package.stage) == (1, "labeling")
        assert undone == 1 or (voting and 1 <= undone <= job.vote_count)
        voters = [a.holder_id for a in here if a.holder_id]
        assert len(voters) == len(set(voters)), "somebody votes twice"
    for a in assignments:
        if a.stage == "labeling" or not a.holder_id or job.limit("allow_own_check"):
            continue
        earlier = job.stages[: job.stages.index(a.stage)]
        workers = {
            other.holder_id
            for other in assignments
            if other.stage in earlier and other.state == "submitted" and other.pk < a.pk
        }
        assert a.holder_id not in workers, "somebody inspects their own work"
    successors = Counter(a.previous_id for a in assignments if a.previous_id)
    assert all(count == 1 for count in successors.values())
    over = ("released", "skipped", "expired", "transferred", "withdrawn")
    ended = {a.pk for a in assignments if a.state in over}
    assert ended == set(successors)


def _assert_samples(job: Job) -> None:
    """What was drawn of each subject's work stays within one of the ratio.

    It is drawn when a package is handed over first, and stays drawn of that person's work where that is withdrawn,
    whoever hands it over then.
    """
    drawn: Counter[tuple[str, int]] = Counter()
    seen: Counter[tuple[str, int]] = Counter()
    counted: set[tuple[int, int, str]] = set()
    handed_over = Assignment.objects.filter(job=job, state__in=("submitted", "withdrawn"))
    for a in handed_over.select_related("package").order_by("submitted_at"):
        subject = a.holder_id or 0
        if _is_vote(job, a):
            if not a.package.events.filter(verb="merge").exists():
                continue
            subject = 0
        stage, rejected = job.next_stage(a.stage), a.annotations.filter(verdict="rejected").exists()
        rejected |= PackageEvent.objects.filter(assignment=a, verb="reject_package").exists()
        while stage and not rejected:
            slot = _first_slot(a, stage)
            if (place := (a.package_id, a.round, stage)) not in counted:
                counted.add(place)
                seen[stage, subject] += a.package.item_count
                drawn[stage, subject] += _drawn_into(slot)
            if slot is not None:
                break
            stage = job.next_stage(stage)
    for key, count in seen.items():
        if job.count(key[0]) is not None:
            continue
        assert abs(drawn[key] * 100 - count * job.ratio(key[0])) < 100, (key, count, drawn[key])


def _first_slot(handed_over: Assignment, stage: str) -> Assignment | None:
    """The slot that the package's first hand-over in this round opened in the stage; None where it was passed."""
    package, round_ = handed_over.package, handed_over.round
    slot = (
        package.assignments.filter(round=round_, stage=stage, previous=None, is_return=False)
        .order_by("pk")
        .first()
    )
    passed = (
        package.events.filter(verb="pass_stage", round=round_, stage=stage).order_by("pk").first()
    )
    return None if passed and (slot is None or passed.created_at < slot.created_at) else slot


def _drawn_into(slot: Assignment | None) -> int:
    """How many items were drawn by the ratio."""
    if slot is None:
        return 0
    # A lot draws over all its packages instead; what this one had by itself stands in the event.
    lot = PackageEvent.objects.filter(assignment=slot, verb="lot_open").first()
    found = lot.data["samples"].values() if lot else slot.samples.values_list("reason", flat=True)
    return list(found).count("drawn")


def _figures(job: Job) -> dict[str, Any]:
    row = JobSummary.objects.filter(job=job).values().get()
    return {name: value for name, value in row.items() if name != "updated_at"}
