"""Verdicts on items in check and acceptance; modifying is `answers.save_item`, a whole package `submit.reject_package`."""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from itag.core.clock import now
from itag.core.errors import Conflict, Invalid
from jobs.feedback import check_choice
from jobs.models import Annotation, AnnotationVersion, Assignment, Job, Stage
from jobs.selectors.slots import standings
from jobs.services.answers import judge, package_of
from jobs.services.desk import (
    Cause,
    Desk,
    Saved,
    begin,
    former_version,
    gone,
    is_repeat,
    not_held,
    saved,
    snapshot,
    store,
    take_up,
    touch,
)
from jobs.services.events import Verb, record_event

Verdict = Annotation.Verdict


@transaction.atomic
def pass_item(*, assignment_id: int, position: int, user: User, write: UUID) -> Saved:
    """Say that the item's answer is right; it may be one that was not drawn. Raises NotFound, Conflict.

    Where the votes do not agree there is nothing to pass: Conflict `disputed`.
    """
    desk = _take_up(assignment_id, position, user)
    if is_repeat(desk, write):
        return saved(desk.standing, write)
    if desk.standing.basis is None:
        raise Conflict(
            _("The votes on this item do not agree: adopt one of them, or give your own answer."),
            code="disputed",
        )
    own = begin(desk)
    before = former_version(desk, own) or _dropped(desk, own)
    _decide(desk, own, Verdict.PASSED)
    record_event(
        Verb.PASS_ITEM, package=package_of(desk), actor=user, assignment=desk.assignment,
        position=position,
    )  # fmt: skip
    return store(desk, own, write=write, before=before)


@transaction.atomic
def reject_item(
    *,
    assignment_id: int,
    position: int,
    user: User,
    write: UUID,
    feedback: str,
    error_type: str = "",
    severity: str = "",
    object_id: str = "",
) -> Saved:
    """Say what is wrong with the item; `object_id` names the region. Raises NotFound, Conflict, Invalid."""
    feedback = feedback.strip()
    if not feedback:
        raise Invalid.field("feedback", _("Say what is wrong with the answer."))
    desk = _take_up(assignment_id, position, user)
    if is_repeat(desk, write):
        return saved(desk.standing, write)
    if error_type or severity:
        job = Job.objects.only("feedback_lists").get(pk=desk.job.pk)
        check_choice(job, error_type=error_type, severity=severity)
    own = begin(desk)
    before = former_version(desk, own) or _dropped(desk, own)
    _decide(desk, own, Verdict.REJECTED)
    own.feedback, own.feedback_object = feedback, object_id
    own.error_type, own.severity = error_type, severity
    record_event(
        Verb.REJECT_ITEM, package=package_of(desk), actor=user, assignment=desk.assignment,
        note=feedback, position=position, error_type=error_type, severity=severity,
    )  # fmt: skip
    return store(desk, own, write=write, before=before, cause=Cause.REJECT)


@transaction.atomic
def pass_rest(*, assignment_id: int, user: User) -> int:
    """Pass every drawn item that has no verdict yet, recorded as such; how many. Raises NotFound, Conflict.

    Items on which the votes do not agree stay open.
    """
    if touch(assignment_id=assignment_id, user=user) is None:
        raise gone(not_held(assignment_id, user))
    assignment = Assignment.objects.select_related("job", "package").get(pk=assignment_id)
    _refuse_labeling(assignment.stage)
    rest = [
        standing
        for standing in standings(assignment, job=assignment.job)
        if standing.state == "open" and standing.item.current_annotation_id is not None
    ]
    moment = now()
    Annotation.objects.bulk_create(
        Annotation(
            package_item=standing.item,
            assignment=assignment,
            author=user,
            verdict=Verdict.PASSED,
            judged_id=standing.item.current_annotation_id,
            judged_version=standing.item.current_version,  # type: ignore[attr-defined]
            version=1,
            answered_at=moment,
            versioned_at=moment,
            created_at=moment,
            updated_at=moment,
        )
        for standing in rest
    )
    if rest:
        record_event(
            Verb.PASS_REST,
            package=assignment.package,
            actor=user,
            assignment=assignment,
            positions=[standing.item.position for standing in rest],
        )
    return len(rest)


def _take_up(assignment_id: int, position: int, user: User) -> Desk:
    desk = take_up(assignment_id=assignment_id, position=position, user=user)
    if desk is None:
        raise gone(not_held(assignment_id, user))
    _refuse_labeling(desk.assignment.stage)
    return desk


def _refuse_labeling(stage: str) -> None:
    if stage == Stage.LABELING:
        raise Conflict(_("Only a checker or accepter gives verdicts."))


def _decide(desk: Desk, own: Annotation, verdict: Annotation.Verdict) -> None:
    own.verdict = verdict
    judge(desk, own)
    own.results = None
    own.abandoned, own.reason = False, ""
    own.feedback = own.feedback_object = own.error_type = own.severity = ""


def _dropped(desk: Desk, own: Annotation) -> list[AnnotationVersion]:
    """A modification that the verdict takes back is left behind as a version."""
    return [snapshot(desk, own, Cause.MODIFY)] if own.results is not None else []
