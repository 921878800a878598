"""Tenures that end without a submission: given back, taken away by a manager, or expired.

The next tenure of the slot begins at once; what was saved stays under its author's name.
"""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from itag.core.clock import now
from itag.core.errors import Conflict, Invalid, NotFound
from itag.core.states import move
from jobs.models import AnnotationVersion, Assignment, Job, Package, SkipRecord
from jobs.services.events import Verb, record_event
from jobs.services.final import keep_versions
from jobs.services.rounds import reserved_until

MAX_REASON = 200
#: What PostgreSQL keeps in no text: NUL, and halves of surrogate pairs, which JSON can spell.
UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")
#: What a holder may choose as the reason; another text may be given as well.
REASONS = {
    "too_hard": gettext_lazy("It is too hard for me."),
    "unclear": gettext_lazy("The rules do not say what to do here."),
    "wrong_subject": gettext_lazy("It is not my subject."),
    "no_time": gettext_lazy("I have no time for it."),
    "technical": gettext_lazy("It cannot be opened, or the page does not work."),
}
#: The advisory lock on a person's allowance: (LOCK | person) << 2. Claims use the same with a stage's number.
LOCK = 0x17A6 << 44

Cause = AnnotationVersion.Cause
State = Assignment.State


@transaction.atomic
def release_assignment(*, assignment_id: int, user: User, reason: str) -> Assignment:
    """Give the package back: it goes to the pool, or to the team or the manager it was reserved by.

    `reason`: a key of REASONS or a text. It is not offered to the person again until a manager lifts that, and draws
    on their allowance of the day unless it had been returned to them. Raises NotFound, Invalid, and Conflict
    (`allowance` when that is used up). Answers the waiting (or blocked) assignment that follows.
    """
    reason = _reason(reason)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [(LOCK | user.pk) << 2])
    assignment = (
        Assignment.objects.select_for_update(of=("self",), no_key=True)
        .select_related("job__workspace", "package")
        .filter(pk=assignment_id, holder=user)
        .first()
    )
    if assignment is None:
        raise NotFound(_("Not found."))
    if assignment.state != State.CLAIMED:
        raise Conflict(_("You do not hold this package any more."), code="ended")
    returned = assignment.is_return and assignment.reserved_user_id == user.pk
    if not returned:
        _require_allowance(assignment.job, user)
    SkipRecord.objects.create(
        job=assignment.job,
        person=user,
        package=assignment.package,
        counted=not returned,
        created_at=now(),
    )
    # A reservation without an end is the allocation's: it goes back to the team, else somebody must decide.
    for_person = assignment.reserved_user_id and assignment.reserved_until is None
    blocked = bool(for_person and not assignment.reserved_team_id)
    return _end(
        assignment,
        State.RELEASED,
        verb=Verb.RELEASE,
        cause=Cause.RELEASE,
        actor=user,
        reason=reason,
        blocked=Assignment.BlockedReason.GIVEN_BACK if blocked else "",
    )


@transaction.atomic
def manager_release(*, package: Package, user: User | None, reason: str) -> Assignment:
    """Take the package from whoever holds it, or offer a blocked one again; answers the waiting assignment.

    It is not counted as given back by its holder. Raises Conflict where nobody holds it and nothing blocks it.
    """
    reason = _reason(reason)
    assignment = (
        Assignment.objects.select_for_update(of=("self",), no_key=True)
        .select_related("job__workspace", "package")
        .filter(package=package, state__in=(State.CLAIMED, State.BLOCKED))
        .order_by("pk")
        .first()
    )
    if assignment is None:
        raise Conflict(_("Nobody holds this package."), code="not_held")
    if assignment.state == State.CLAIMED:
        return _release(assignment, user, reason)
    person = assignment.reserved_user_id if assignment.is_return else None
    move(
        assignment,
        State.WAITING,
        transitions=Assignment.TRANSITIONS,
        reason="",
        reserved_user_id=person,
        reserved_until=reserved_until(assignment.job, now()) if person else None,
    )
    record_event(
        Verb.UNBLOCK, package=assignment.package, actor=user, assignment=assignment, note=reason
    )
    return assignment


def release_held(*, assignment: Assignment, user: User | None, reason: str) -> bool:
    """Take the package from the holder of this very assignment; False where they have submitted or lost it since."""
    held = (
        Assignment.objects.select_for_update(of=("self",), no_key=True)
        .select_related("job__workspace", "package")
        .filter(pk=assignment.pk, state=State.CLAIMED)
        .first()
    )
    if held is not None:
        _release(held, user, _reason(reason))
    return held is not None


def _release(assignment: Assignment, user: User | None, reason: str) -> Assignment:
    return _end(
        assignment,
        State.RELEASED,
        verb=Verb.RELEASE,
        cause=Cause.RELEASE,
        actor=user,
        reason=reason,
    )


@transaction.atomic
def offer_again(*, package: Package, user: User) -> int:
    """Offer the package again to everybody who gave it back; how many they are."""
    lifted = SkipRecord.objects.filter(package=package, lifted_at=None).update(lifted_at=now())
    if lifted:
        record_event(Verb.LIFT, package=package, actor=user)
    return lifted


def expire_assignments(moment: datetime | None = None) -> int:
    """Take back what nobody worked on for the job's claim time; how many. Clocks stand still in offline jobs."""
    moment = moment or now()
    return sum(_expire(pk, seen) for pk, seen in _idle(moment))


_IDLE = """
SELECT a.id, a.last_input_at FROM jobs_assignment a JOIN jobs_job j ON j.id = a.job_id
WHERE a.state = 'claimed' AND j.state IN ('running', 'paused') AND j.deleted_at IS NULL
    AND a.last_input_at < %s - make_interval(hours => coalesce((j.limits ->> 'claim_hours')::int, %s))
ORDER BY a.last_input_at
"""


def _idle(moment: datetime) -> list[tuple[int, datetime]]:
    with connection.cursor() as cursor:
        cursor.execute(_IDLE, [moment, Job.DEFAULT_LIMITS["claim_hours"]])
        return cursor.fetchall()


@transaction.atomic
def _expire(pk: int, seen: datetime) -> bool:
    # An input or a submission since it was looked at keeps it with its holder.
    assignment = (
        Assignment.objects.select_for_update(of=("self",), no_key=True)
        .select_related("job__workspace", "package")
        .filter(pk=pk, state=State.CLAIMED, last_input_at=seen)
        .first()
    )
    if assignment is None:
        return False
    _end(
        assignment, State.EXPIRED, verb=Verb.EXPIRE, cause=Cause.EXPIRE, actor=None, keep_user=True
    )
    return True


def _end(
    assignment: Assignment,
    state: Assignment.State,
    *,
    verb: Verb,
    cause: AnnotationVersion.Cause,
    actor: User | None,
    reason: str = "",
    blocked: str = "",
    keep_user: bool = False,
) -> Assignment:
    """End the tenure and begin the slot's next one; `keep_user`: an allocation's reservation for the person stands."""
    keep_versions(assignment, cause)
    move(
        assignment,
        state,
        transitions=Assignment.TRANSITIONS,
        ended_at=now(),
        reason=reason,
    )
    keep = keep_user and assignment.reserved_until is None
    successor = Assignment.objects.create(
        job=assignment.job,
        package=assignment.package,
        round=assignment.round,
        stage=assignment.stage,
        vote=assignment.vote,
        state=State.BLOCKED if blocked else State.WAITING,
        reason=blocked,
        reserved_user_id=assignment.reserved_user_id if keep else None,
        reserved_team_id=assignment.reserved_team_id,
        previous=assignment,
        is_return=assignment.is_return,
        priority=assignment.job.priority,
        deadline=assignment.job.deadline,
        number=assignment.number,
        participants=assignment.participants,
        created_at=now(),
    )
    record_event(verb, package=assignment.package, actor=actor, assignment=assignment, note=reason)
    return successor


def _reason(reason: str) -> str:
    reason = str(REASONS.get(reason, reason)).strip()
    if not reason or len(reason) > MAX_REASON:
        raise Invalid.field(
            "reason", _("Say why, in at most %(most)d characters.") % {"most": MAX_REASON}
        )
    if UNSTORABLE.search(reason):
        raise Invalid.field("reason", _("The text holds a character that cannot be stored."))
    return reason


def _require_allowance(job: Job, user: User) -> None:
    """Only so many packages a day, in the workspace's time zone; call it under the person's lock."""
    zone = ZoneInfo(job.workspace.time_zone)
    midnight = now().astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    used = SkipRecord.objects.filter(
        person=user, job=job, counted=True, created_at__gte=midnight
    ).count()
    limit = job.limit("give_back_limit")
    if used >= limit:
        raise Conflict(
            _("You gave back %(used)d packages of this job today; more is not possible.")
            % {"used": used},
            code="allowance",
        )
