"""Deciding on a lot: once, in the background, in steps that a killed worker's successor goes on with.

Accepted packages, the many, move in a handful of statements per step; those that go back move one by one as when an
inspector returns them.
"""

from typing import Any, TypedDict

from django.db import connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.models import User
from itag.core.clock import now
from itag.core.errors import Conflict, Invalid
from itag.core.states import move
from jobs.models import (
    Annotation,
    AnnotationVersion,
    Assignment,
    Job,
    JobSummary,
    Lot,
    Package,
    PackageEvent,
    Stage,
    TallyDue,
)
from jobs.selectors.lots import failed_items, lot_people, package_labelers, unjudged
from jobs.selectors.slots import standings
from jobs.services.events import Verb, record_event
from jobs.services.figures import note_submit
from jobs.services.final import carry_over, keep_versions, settle_answers
from jobs.services.locks import lock_job, refuse_offline
from jobs.services.lot_samples import restore_samples
from jobs.services.lots import lock_lot, rests, wake
from jobs.services.rounds import give_back
from jobs.services.submit import finish_if_done
from jobs.services.summary import move_figures, places_passed, recount_figures

#: Packages closed in one transaction: where most are accepted, and where each is returned by itself.
STEP, STEP_RETURNED = 500, 50

Cause = AnnotationVersion.Cause
Decision = Lot.Decision
State = Assignment.State

# The next tenure of every slot of a lot that is dissolved.
_SUCCEED = """
INSERT INTO jobs_assignment (job_id, package_id, round, stage, vote, state, reason, previous_id, is_return, priority,
    deadline, number, participants, created_at, work_seconds)
SELECT a.job_id, a.package_id, a.round, a.stage, a.vote, 'waiting', '', a.id, a.is_return, j.priority, j.deadline,
    a.number, a.participants, a.created_at, 0
FROM jobs_assignment a JOIN jobs_job j ON j.id = a.job_id WHERE a.id = ANY(%(ids)s) ORDER BY a.id
"""


class LotEffect(TypedDict):
    """What a decision would do: packages and items that are accepted and that go back; `people` are under target."""

    accepted_packages: int
    accepted_items: int
    returned_packages: int
    returned_items: int
    people: list[int]


def lot_effect(*, lot: Lot, decision: str) -> LotEffect:
    """Count what the decision would do now; raises Invalid at `decision`."""
    people = _under_target(lot, decision)
    back = _going_back(lot, decision, people)
    items = {
        row.package_id: row.items
        for row in lot.assignments.filter(state=State.CLAIMED).annotate(
            items=F("package__item_count")
        )
    }
    returned = {
        package: items[package] if pks is None else len(pks) for package, pks in back.items()
    }
    total = sum(items.values())
    if decision == Decision.DISSOLVE:
        return _effect(0, 0, len(items), total, people)
    kept = sum(count for package, count in items.items() if package not in back)
    return _effect(len(items) - len(back), kept, len(back), sum(returned.values()), people)


@transaction.atomic
def close_lot(
    *,
    lot: Lot,
    user: User,
    decision: str,
    confirm: int,
    return_to: str = "",
    note: str = "",
) -> Lot:
    """Decide on the lot; the work is done in the background. It closes exactly once.

    `confirm`: how many packages the lot holds, as the person saw it. `return_to`: the stage for what goes back, by
    default the one before. To reject the lot or dissolve it nothing needs to be judged; else every drawn item must be
    (Conflict `incomplete` with how many are not). Raises Invalid, Conflict.
    """
    job = lock_job(lot.job_id)
    refuse_offline(job)
    lot = Lot.objects.select_for_update(of=("self",), no_key=True).get(pk=lot.pk)
    lot.job = job
    if lot.state != Lot.State.OPEN:
        raise Conflict(_("The lot has been decided on, or is still being drawn."), code="closed")
    people = _under_target(lot, decision)
    earlier = job.stages[: job.stages.index(Stage.ACCEPTANCE)]
    if return_to and return_to not in earlier:
        raise Invalid.field("return_to", _("The package cannot be returned to that stage."))
    if decision == Decision.REJECT and not note.strip():
        raise Invalid.field("note", _("Say what is wrong with the lot."))
    count = lot.assignments.filter(state=State.CLAIMED).count()
    if confirm != count:
        raise Conflict(
            _("The lot holds %(count)d packages: confirm that number.") % {"count": count},
            code="confirm",
            count=count,
        )
    if decision not in (Decision.REJECT, Decision.DISSOLVE) and (left := unjudged(lot)):
        raise Conflict(
            _("%(count)d drawn items have no verdict yet.") % {"count": left},
            code="incomplete",
            count=left,
        )
    move(
        lot,
        Lot.State.CLOSING,
        transitions=Lot.TRANSITIONS,
        decision=decision,
        return_to=return_to or earlier[-1],
        returned_people=people,
        note=note.strip(),
        done=0,
        total=count,
        heartbeat_at=now(),
    )
    wake(lot.pk)
    return lot


def close_step(lot_id: int) -> bool:
    """Close the next packages of the lot; False when nothing is left to do, or another worker is doing it."""
    with transaction.atomic():
        found = lock_lot(lot_id, Lot.State.CLOSING)
        if found is None or rests(found[1]):
            return False
        lot, job = found
        mostly_back = lot.decision in (Decision.REJECT, Decision.RETURN_PEOPLE)
        rows = list(
            lot.assignments.filter(state=State.CLAIMED)
            .order_by("package")
            .values_list("pk", "package")[: STEP_RETURNED if mostly_back else STEP]
        )
        if rows:
            _close(lot, job, rows)
            Lot.objects.filter(pk=lot.pk).update(done=F("done") + len(rows), heartbeat_at=now())
            return True
        dissolved = lot.decision == Decision.DISSOLVE
        move(
            lot,
            Lot.State.CANCELLED if dissolved else Lot.State.CLOSED,
            transitions=Lot.TRANSITIONS,
            closed_at=now(),
        )
    finish_if_done(job_id=job.pk)
    return False


def _close(lot: Lot, job: Job, rows: list[tuple[int, int]]) -> None:
    packages = {
        package.pk: package
        for package in Package.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk__in=[package for _pk, package in rows])
        .order_by("pk")
    }
    assignments = list(
        Assignment.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk__in=[pk for pk, _package in rows], state=State.CLAIMED)
        .order_by("pk")
    )
    for row in assignments:
        row.job, row.package, row.package.job = job, packages[row.package_id], job
    apart = [row for row in assignments if row.package.discarded_at is not None]
    # A package that was discarded meanwhile is judged by nobody: it waits again, should it be restored.
    if lot.decision == Decision.DISSOLVE:
        apart = assignments
    if apart:
        _dissolve(lot, apart)
    left = [row for row in assignments if row not in apart]
    back = _going_back(lot, lot.decision, lot.returned_people, [row.pk for row in left])
    for row in left:
        if row.package_id in back:
            _return(lot, row, back[row.package_id])
    _accept(lot, job, [row for row in left if row.package_id not in back])


def _return(lot: Lot, assignment: Assignment, items: list[int] | None) -> None:
    """As when its inspector submits it with these items rejected, or (None) rejects it as a whole."""
    job, package = assignment.job, assignment.package
    before = places_passed(job, package)
    _carry(assignment)
    _hand_over(assignment, Cause.REJECT if items is None else Cause.SUBMIT)
    verb = Verb.REJECT_PACKAGE if items is None else Verb.SUBMIT
    record_event(
        verb, package=package, actor=lot.accepter, assignment=assignment, note=lot.note, lot=lot.pk
    )
    give_back(
        package=package,
        job=job,
        stage=lot.return_to,
        actor=lot.accepter,
        items=items,
        note=lot.note,
    )
    note_submit(assignment)
    move_figures(job=job, package=package, before=before)


def _accept(lot: Lot, job: Job, assignments: list[Assignment]) -> None:
    """Finish these packages: acceptance is the last stage. Only those with verdicts of their own cost by themselves."""
    if not assignments:
        return
    ids = [row.pk for row in assignments]
    with_verdicts = set(
        Annotation.objects.filter(assignment__in=ids).values_list("assignment", flat=True)
    )
    for row in assignments:
        if row.previous_id is not None:
            _carry(row)
        if row.pk in with_verdicts or row.previous_id is not None:
            keep_versions(row, Cause.SUBMIT)
            settle_answers(row)
    moment = now()
    Assignment.objects.filter(pk__in=ids, state=State.CLAIMED).update(
        state=State.SUBMITTED, submitted_at=moment
    )
    packages = [row.package for row in assignments]
    Package.objects.filter(pk__in=[package.pk for package in packages]).update(
        state=Package.State.FINISHED, finished_at=moment
    )
    common: dict[str, Any] = {
        "job": job,
        "actor": lot.accepter,
        "stage": Stage.ACCEPTANCE,
        "created_at": moment,
    }
    PackageEvent.objects.bulk_create(
        PackageEvent(
            package=row.package, assignment=row, verb=verb, round=row.round, note=note, data=data, **common
        )
        for row in assignments
        for verb, note, data in (
            (Verb.LOT_CLOSE, lot.note, {"lot": lot.pk, "decision": lot.decision}),
            (Verb.FINISH, "", {}),
        )
    )  # fmt: skip
    TallyDue.objects.bulk_create(
        TallyDue(job=job, package=row.package, assignment=row, kind=TallyDue.Kind.SUBMIT)
        for row in assignments
    )
    counts = {"packages": len(packages), "items": sum(package.item_count for package in packages)}
    changes = {
        f"{place}_{figure}": F(f"{place}_{figure}") + count
        for place in (Stage.ACCEPTANCE.value, "finished")
        for figure, count in counts.items()
    }
    if not JobSummary.objects.filter(job=job).update(**changes, updated_at=moment):
        recount_figures(job=job)


def _dissolve(lot: Lot, assignments: list[Assignment]) -> None:
    """Let the packages wait again as they did; verdicts that were given stay under the accepter's name."""
    ids = [row.pk for row in assignments]
    for row in assignments:
        if row.annotations.exists():
            keep_versions(row, Cause.RELEASE)
    moment = now()
    Assignment.objects.filter(pk__in=ids, state=State.CLAIMED).update(
        state=State.RELEASED, ended_at=moment
    )
    restore_samples(ids)
    with connection.cursor() as cursor:
        cursor.execute(_SUCCEED, {"ids": ids})
    PackageEvent.objects.bulk_create(
        PackageEvent(
            job_id=lot.job_id,
            package=row.package,
            assignment=row,
            actor=lot.accepter,
            verb=Verb.LOT_CLOSE,
            stage=row.stage,
            round=row.round,
            data={"lot": lot.pk, "decision": Decision.DISSOLVE},
            created_at=moment,
        )
        for row in assignments
    )
    TallyDue.objects.bulk_create(
        TallyDue(job_id=lot.job_id, package=row.package, assignment=row, kind=TallyDue.Kind.END)
        for row in assignments
    )


def _carry(assignment: Assignment) -> None:
    found = standings(assignment, job=assignment.job)
    carry_over(
        assignment, [s.carried.pk for s in found if s.carried is not None and s.answer is s.carried]
    )


def _hand_over(assignment: Assignment, cause: AnnotationVersion.Cause) -> None:
    keep_versions(assignment, cause)
    move(assignment, State.SUBMITTED, transitions=Assignment.TRANSITIONS, submitted_at=now())
    settle_answers(assignment)


def _going_back(
    lot: Lot, decision: str, people: list[int], ids: list[int] | None = None
) -> dict[int, list[int] | None]:
    """{package: its items that reopen, None for all} of what the decision returns, of these assignments (None: all)."""
    rows = lot.assignments.filter(state=State.CLAIMED)
    if ids is not None:
        rows = rows.filter(pk__in=ids)
    if decision == Decision.REJECT:
        return dict.fromkeys(rows.values_list("package", flat=True))
    if decision == Decision.RETURN_ITEMS:
        return {**failed_items(rows)}
    if decision == Decision.RETURN_PEOPLE:
        by = package_labelers(rows)
        return dict.fromkeys(package for package, person in by.items() if person in people)
    return {}


def _under_target(lot: Lot, decision: str) -> list[int]:
    """Who is under the lot's target, where the decision asks; raises Invalid for what is no decision."""
    if decision not in Decision.values:
        raise Invalid.field("decision", _("Choose what is to happen with the lot."))
    if decision != Decision.RETURN_PEOPLE:
        return []
    target = lot.target
    if target is None:
        raise Invalid.field("decision", _("The lot has no target for the accuracy of people."))
    return [
        row["person"]
        for row in lot_people(lot)
        if row["person"] is not None and row["judged"] and row["errors"] * 100 > row["judged"] * (100 - target)
    ]  # fmt: skip


def _effect(
    accepted: int, accepted_items: int, returned: int, returned_items: int, people: list[int]
) -> LotEffect:
    return {
        "accepted_packages": accepted,
        "accepted_items": accepted_items,
        "returned_packages": returned,
        "returned_items": returned_items,
        "people": people,
    }
