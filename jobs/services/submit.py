"""Submitting: what a labeler answered goes to inspection, what an inspector decided goes on or back."""

from typing import Any, TypedDict

from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from itag.core.clock import now
from itag.core.errors import Conflict, FieldError, Invalid, NotFound
from itag.core.states import move
from jobs.models import Annotation, AnnotationVersion, Assignment, Job, Package, PackageEvent, Stage
from jobs.selectors.slots import Standing, standings
from jobs.selectors.template import job_questions, template_key
from jobs.selectors.votes import asked, is_vote
from jobs.services.desk import gone, work_since
from jobs.services.events import Verb, record_event
from jobs.services.figures import note_submit
from jobs.services.final import carry_over, keep_versions, settle_answers
from jobs.services.given import drop_hidden
from jobs.services.jobs import finish_job
from jobs.services.locks import lock_package, refuse_discarded, refuse_lot, share_job_of
from jobs.services.rounds import advance, give_back
from jobs.services.summary import move_figures, places_passed
from jobs.services.tails import fold_tails
from jobs.services.votes import close_vote
from templates_app.answers import missing

Cause = AnnotationVersion.Cause

_CHANGED = """
SELECT n.package_item_id FROM jobs_annotation n
JOIN jobs_packageitem p ON p.id = n.package_item_id
JOIN jobs_annotation c ON c.id = p.current_annotation_id
WHERE n.assignment_id = %s AND n.results IS NOT NULL
    AND (n.results::text <> c.results::text OR n.abandoned <> c.abandoned)
"""


class Submitted(TypedDict):
    """`next`: in inspection, whether the package was `passed` on or `returned`; labelers are not told."""

    state: str
    next: str | None


def submit_assignment(*, assignment_id: int, user: User, return_to: str | None = None) -> Submitted:
    """Hand the package over. Submitted again, it answers what it answered before.

    Labeling: every item must be answered or abandoned, else Conflict `incomplete` with the positions. Inspection:
    every drawn item must have a verdict; with one or more rejected the package returns in the next round, from
    acceptance to `return_to` (`labeling` or `check`; without, to the stage before). Raises NotFound, Conflict.
    """
    with transaction.atomic():
        submitted, finished = _submit(assignment_id, user, return_to)
    if finished:
        finish_if_done(job_id=finished)
    return submitted


def reject_package(
    *, assignment_id: int, user: User, feedback: str, return_to: str | None = None
) -> Submitted:
    """End the inspection at once: the package returns with every item open, to be confirmed or changed.

    What was modified so far counts. Asked again, it answers the same. Raises NotFound, Conflict, and Invalid without feedback.
    """
    feedback = feedback.strip()
    if not feedback:
        raise Invalid.field("feedback", _("Say what is wrong with the package."))
    with transaction.atomic():
        try:
            package, assignment = lock_held(assignment_id=assignment_id, user=user)
        except Conflict as conflict:
            if conflict.code != "submitted" or not _was_rejected(assignment_id):
                raise
            return _again(assignment_id)
        job = package.job
        if assignment.stage == Stage.LABELING:
            raise Conflict(_("Only a checker or accepter rejects a package."))
        target = _target(job, assignment.stage, return_to)
        fold_tails(assignment)
        before = places_passed(job, package)
        found = standings(assignment, job=job)
        drop_hidden(assignment, job_questions(template_key(job)))
        carry_over(assignment, _carried(found))
        _hand_over(assignment, Cause.REJECT)
        record_event(
            Verb.REJECT_PACKAGE,
            package=package,
            actor=user,
            assignment=assignment,
            note=feedback,
        )
        give_back(package=package, job=job, stage=target, actor=user, items=None, note=feedback)
        move_figures(job=job, package=package, before=before)
    return {"state": assignment.state, "next": "returned"}


def finish_if_done(*, job_id: int) -> bool:
    """Finish the job if its last package has been closed; the Job is locked, so never call it under other locks."""
    job = Job.objects.select_related("summary").get(pk=job_id)
    summary = getattr(job, "summary", None)
    closed = summary and summary.finished_packages + summary.discarded_packages
    if closed is None or closed < job.package_count:
        return False
    return finish_job(job_id=job_id)


def lock_held(*, assignment_id: int, user: User) -> tuple[Package, Assignment]:
    """Lock the package, then the assignment that the person holds. Raises NotFound, or Conflict where it has gone."""
    package_id = share_job_of(assignment_id=assignment_id, user=user)
    if package_id is None:
        raise NotFound(_("Not found."))
    package = lock_package(package_id)
    assignment = Assignment.objects.select_for_update(of=("self",), no_key=True).get(
        pk=assignment_id
    )
    if assignment.state == Assignment.State.SUBMITTED:
        raise Conflict(_("The package has been submitted already."), code="submitted")
    if assignment.state != Assignment.State.CLAIMED:
        raise gone(assignment)
    if package.job.state == Job.State.OFFLINE or package.job.deleted_at:
        raise Conflict(
            _("The job is offline: what you save is kept, nothing is submitted."), code="offline"
        )
    refuse_discarded(package)
    refuse_lot(assignment)
    return package, assignment


def submit_held(assignment_id: int, *, manager: User, note: str) -> tuple[Submitted, int | None]:
    """What a manager submits in its holder's name: as `submit_assignment`, in the caller's transaction.

    Answers as well the job that may be finished by it: call `finish_if_done` once that is committed.
    """
    holder = Assignment.objects.select_related("holder").get(pk=assignment_id).holder
    if holder is None:
        raise NotFound(_("Not found."))
    return _submit(assignment_id, holder, None, manager=manager, note=note)


def _submit(
    assignment_id: int,
    user: User,
    return_to: str | None,
    *,
    manager: User | None = None,
    note: str = "",
) -> tuple[Submitted, int | None]:
    """What was submitted, and the job whose package was finished by it."""
    try:
        package, assignment = lock_held(assignment_id=assignment_id, user=user)
    except Conflict as conflict:
        if conflict.code != "submitted":
            raise
        # The first answer may have been lost.
        return _again(assignment_id), None
    job = package.job
    fold_tails(assignment)
    before = places_passed(job, package)
    found = standings(assignment, job=job)
    labeling = assignment.stage == Stage.LABELING
    rejected: list[int] = []
    if labeling:
        _require_answers(found, assignment, job)
    else:
        _require_verdicts(found, job)
        rejected = [s.item.pk for s in found if s.state == Annotation.Verdict.REJECTED]
    target = _target(job, assignment.stage, return_to) if rejected else ""
    drop_hidden(assignment, asked(job_questions(template_key(job)), assignment, job))
    carry_over(assignment, _carried(found))
    changed = _changed(assignment) if assignment.is_return else []
    vote = is_vote(assignment, job)
    _hand_over(assignment, Cause.SUBMIT, in_force=not vote, present=manager is None)
    record_event(
        Verb.SUBMIT_FOR if manager else Verb.SUBMIT,
        package=package,
        actor=manager or user,
        assignment=assignment,
        note=note,
    )
    if rejected:
        give_back(package=package, job=job, stage=target, actor=user, items=rejected)
    elif vote:
        close_vote(package=package, job=job, actor=user, last=assignment)
    else:
        advance(package=package, job=job, actor=user, changed=changed)
    move_figures(job=job, package=package, before=before)
    finished = package.job_id if package.state == Package.State.FINISHED else None
    return _answer(assignment, returned=bool(rejected)), finished


def _hand_over(
    assignment: Assignment,
    cause: AnnotationVersion.Cause,
    *,
    in_force: bool = True,
    present: bool = True,
) -> None:
    moment = now()
    worked = work_since(assignment, moment) if present else 0
    keep_versions(assignment, cause)
    move(
        assignment,
        Assignment.State.SUBMITTED,
        transitions=Assignment.TRANSITIONS,
        submitted_at=moment,
        last_input_at=moment,
        work_seconds=assignment.work_seconds + worked,
    )
    if in_force:
        settle_answers(assignment)
    note_submit(assignment)


def _answer(assignment: Assignment, *, returned: bool) -> Submitted:
    if assignment.stage == Stage.LABELING:
        return {"state": assignment.state, "next": None}
    return {"state": assignment.state, "next": "returned" if returned else "passed"}


def _again(assignment_id: int) -> Submitted:
    assignment = Assignment.objects.get(pk=assignment_id)
    rejected = assignment.annotations.filter(verdict=Annotation.Verdict.REJECTED)
    return _answer(assignment, returned=_was_rejected(assignment_id) or rejected.exists())


def _was_rejected(assignment_id: int) -> bool:
    """Whether this inspection ended with the package rejected as a whole."""
    return PackageEvent.objects.filter(
        assignment=assignment_id, verb=PackageEvent.Verb.REJECT_PACKAGE
    ).exists()


def _target(job: Job, stage: str, return_to: str | None) -> str:
    """Where rejected work goes: from check to labeling, from acceptance to the stage chosen, else the one before."""
    earlier = job.stages[: job.stages.index(stage)]
    if not return_to:
        return earlier[-1]
    if return_to not in earlier:
        raise Invalid.field("return_to", _("The package cannot be returned to that stage."))
    return return_to


def _carried(found: list[Standing]) -> list[int]:
    return [s.carried.pk for s in found if s.carried is not None and s.answer is s.carried]


def _changed(assignment: Assignment) -> list[int]:
    """Items of the rework whose answer is not the one in force; ask before settling."""
    with connection.cursor() as cursor:
        cursor.execute(_CHANGED, [assignment.pk])
        return [row[0] for row in cursor.fetchall()]


def _require_answers(found: list[Standing], assignment: Assignment, job: Job) -> None:
    open_ = [standing for standing in found if standing.state == "open"]
    if not open_:
        return
    questions = asked(job_questions(template_key(job)), assignment, job)
    contents = Annotation.objects.in_bulk(
        [standing.answer.pk for standing in open_ if standing.answer is not None]
    )
    errors: list[FieldError] = []
    for standing in open_:
        answer = contents.get(standing.answer.pk) if standing.answer else None
        lacking: list[Any] = []
        if answer is not None and answer.results is not None:
            lacking = missing(answer.results.load(), questions)
        message = lacking[0]["message"] if lacking else _("Not answered or confirmed yet.")
        errors.append(_at(standing, message))
    raise _incomplete(errors)


def _require_verdicts(found: list[Standing], job: Job) -> None:
    errors = [_at(s, _no_verdict(s)) for s in found if s.state == "open"]
    decided = {
        s.answer.pk: s
        for s in found
        if s.item.disputed and s.answer and s.state == Annotation.Verdict.MODIFIED
    }
    if decided:
        # Nothing was there to modify: what was decided must be a whole answer.
        questions = job_questions(template_key(job))
        for pk, answer in Annotation.objects.in_bulk(decided).items():
            lacking = missing(answer.results.load() if answer.results else [], questions)
            if lacking and not answer.abandoned:
                errors.append(_at(decided[pk], lacking[0]["message"]))
    if errors:
        raise _incomplete(errors)


def _no_verdict(standing: Standing) -> str:
    if standing.item.disputed:
        return _("The votes on it do not agree: adopt one of them, or give your own answer.")
    return _("No verdict yet.")


def _at(standing: Standing, message: str) -> FieldError:
    position = standing.item.position
    return {"field": f"items[{position}]", "position": position, "message": message}


def _incomplete(errors: list[FieldError]) -> Conflict:
    return Conflict(
        ngettext(
            "%(count)d item is not finished yet.",
            "%(count)d items are not finished yet.",
            len(errors),
        )
        % {"count": len(errors)},
        code="incomplete",
        errors=errors,
    )
