"""Appeals: whose answer was rejected or modified says that it was right, and a leader decides."""

from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services.workspaces import require_open
from itag.core.clock import now
from itag.core.errors import Conflict, NotFound
from itag.core.states import move
from jobs.models import Annotation, Appeal, Assignment, NoticeEvent, PackageItem
from jobs.selectors.appeals import APPEAL_DAYS, appealable_verdicts
from jobs.selectors.recipients import job_managers
from jobs.services.events import Verb, record_event
from jobs.services.figures import reverse_error
from jobs.services.notices import tell
from jobs.services.talk import checked_text

State = Appeal.State


@transaction.atomic
def open_appeal(*, assignment_id: int, position: int, user: User, text: str) -> Appeal:
    """Appeal against the latest verdict on the person's answer to the item, once, within APPEAL_DAYS of it.

    `assignment_id`: any tenure of the package that is or was the person's. Asked again, it answers the appeal that
    there is. Raises NotFound, Invalid, and Conflict `no_verdict` or `too_late`.
    """
    text = checked_text(text)
    assignment = (
        Assignment.objects.select_related("job__workspace")
        .filter(pk=assignment_id, holder=user)
        .first()
        if assignment_id < 2**63
        else None
    )
    if assignment is None:
        raise NotFound(_("Not found."))
    require_open(assignment.job.workspace)
    item = PackageItem.objects.filter(package=assignment.package_id, position=position).first()
    if item is None:
        raise NotFound(_("The package has no such item."))
    verdict = appealable_verdicts(user, assignment.job, [item.pk]).order_by("-assignment").first()
    if verdict is None:
        raise Conflict(
            _("No answer of yours was rejected or modified at this item."), code="no_verdict"
        )
    # Two clicks of one person wait for each other here.
    verdict = (
        Annotation.objects.select_for_update(of=("self",), no_key=True)
        .select_related("assignment__package")
        .get(pk=verdict.pk)
    )
    if (made := Appeal.objects.filter(annotation=verdict).first()) is not None:
        return made
    judged_at = _required(verdict).submitted_at
    if judged_at is None or judged_at < now() - timedelta(days=APPEAL_DAYS):
        raise Conflict(
            _("A verdict can be appealed within %(n)d days.") % {"n": APPEAL_DAYS}, code="too_late"
        )
    appeal = Appeal.objects.create(
        job=assignment.job, annotation=verdict, author=user, text=text, created_at=now()
    )
    _record(appeal, verdict, user, text, position)
    return appeal


@transaction.atomic
def decide_appeal(*, appeal: Appeal, user: User, uphold: bool, note: str = "") -> Appeal:
    """Uphold the appeal (the verdict was the inspector's error) or dismiss it; decided the same twice is once.

    Who may decide is the caller's question (`appeals.decide`). A dismissal says why. Raises Invalid, and Conflict
    where somebody else decided otherwise (`decided`) or the verdict to be upheld against was taken back (`withdrawn`).
    """
    note = checked_text(note, "note") if note.strip() or not uphold else ""
    locked = Appeal.objects.select_for_update(of=("self",), no_key=True).get(pk=appeal.pk)
    state = State.UPHELD if uphold else State.DISMISSED
    if locked.state == state:
        return locked
    if locked.state != State.OPEN:
        raise Conflict(
            _("This appeal has been decided already: %(state)s.")
            % {"state": locked.get_state_display()},
            code="decided",
        )
    rows = Annotation.objects.select_related("package_item", "assignment")
    verdict = rows.get(pk=locked.annotation_id)
    # Whoever takes the verdict back waits here, or has done so.
    verdict.assignment = (
        Assignment.objects.select_for_update(of=("self",), no_key=True)
        .select_related("package", "job")
        .get(pk=_required(verdict).pk)
    )
    if uphold and verdict.assignment.state != Assignment.State.SUBMITTED:
        raise Conflict(
            _("The verdict has been taken back: there is nothing to correct any more."),
            code="withdrawn",
        )
    move(
        locked,
        state,
        transitions=Appeal.TRANSITIONS,
        decided_by=user,
        decided_at=now(),
        note=note,
    )
    if uphold:
        reverse_error(annotation=verdict)
    _record(locked, verdict, user, note, verdict.package_item.position)
    return locked


def _record(appeal: Appeal, verdict: Annotation, user: User, note: str, position: int) -> None:
    """The event of every change of an appeal: whoever is told of one is told from here."""
    assignment = _required(verdict)
    opened = appeal.state == State.OPEN
    tell(
        event=NoticeEvent.APPEAL_OPENED if opened else NoticeEvent.APPEAL_DECIDED,
        users=job_managers(appeal.job) if opened else [appeal.author_id],
        job=appeal.job,
        package=assignment.package,
        key=f"{appeal.pk}:{appeal.state}",
    )
    record_event(
        Verb.APPEAL,
        package=assignment.package,
        actor=user,
        assignment=assignment,
        note=note,
        appeal=appeal.pk,
        state=str(appeal.state),
        position=position,
    )


def _required(verdict: Annotation) -> Assignment:
    """The assignment of a verdict; every verdict has one."""
    assert verdict.assignment is not None
    return verdict.assignment
