"""Tenures that end without a submission: given back or skipped, taken away by a manager, or expired.

The next tenure of the slot begins at once; what was saved stays under its author's name.
"""

import re
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from itag.core.clock import now
from itag.core.errors import Conflict, Invalid, NotFound
from itag.core.states import move
from jobs import tasks
from jobs.models import AnnotationVersion, Assignment, Job, NoticeEvent, Package, SkipRecord
from jobs.selectors.verbs import day_begins
from jobs.services.events import Verb, record_event
from jobs.services.figures import note_end
from jobs.services.final import keep_versions
from jobs.services.locks import lock_slots, refuse_lot, share_job, share_job_of, take_package
from jobs.services.lot_samples import restore_samples
from jobs.services.notices import tell
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
    return _give_back(assignment_id, user, reason, State.RELEASED, Verb.RELEASE, Cause.RELEASE)


@transaction.atomic
def skip_assignment(*, assignment_id: int, user: User, reason: str) -> Assignment:
    """Pass the package over for another one; all else is as in `release_assignment`, the allowance is the same."""
    return _give_back(assignment_id, user, reason, State.SKIPPED, Verb.SKIP, Cause.SKIP)


def _give_back(
    assignment_id: int,
    user: User,
    reason: str,
    state: Assignment.State,
    verb: Verb,
    cause: AnnotationVersion.Cause,
) -> Assignment:
    reason = check_reason(reason)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [(LOCK | user.pk) << 2])
    if share_job_of(assignment_id=assignment_id, user=user) is None:
        raise NotFound(_("Not found."))
    assignment = _locked().get(pk=assignment_id)
    if assignment.state != State.CLAIMED:
        raise Conflict(_("You do not hold this package any more."), code="ended")
    refuse_lot(assignment)
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
    following = end_tenure(
        assignment,
        state,
        verb=verb,
        cause=cause,
        actor=user,
        reason=reason,
        blocked=Assignment.BlockedReason.GIVEN_BACK if blocked else "",
    )
    wake_review()
    return following


@transaction.atomic
def manager_release(*, package: Package, user: User | None, reason: str) -> Assignment:
    """Take the package from everybody who holds it, or offer it again where it is blocked; answers what waits then.

    It is not counted as given back by its holders. Raises Conflict where nobody holds it and nothing blocks it, and
    where what blocks it goes away by itself only (`batch_open`, `nobody`).
    """
    reason = check_reason(reason)
    package = take_package(package)
    slots = lock_slots(package, states=(State.CLAIMED, State.BLOCKED))
    held = [row for row in slots if row.state == State.CLAIMED]
    if held:
        following = [_release(row, user, reason) for row in held]
        return following[0]
    for row in slots:
        require_liftable(row)
    if not slots:
        raise Conflict(_("Nobody holds this package."), code="not_held")
    for row in slots:
        person = row.reserved_user_id if row.is_return else None
        unblock(row, actor=user, note=reason, person=person)
    return slots[0]


def require_liftable(slot: Assignment) -> None:
    """Raise Conflict where what blocks the slot goes away by itself only."""
    if slot.reason == Assignment.BlockedReason.BATCH_OPEN:
        raise Conflict(
            _("The package waits for more items: close the batch to offer it as it is."),
            code="batch_open",
        )
    if slot.reason == Assignment.BlockedReason.NOBODY:
        raise Conflict(
            _(
                "Nobody in this stage may take the package. It is offered by itself as soon as somebody may: add "
                "people to the stage, offer it again to those who gave it back, or transfer it."
            ),
            code="nobody",
        )


def unblock(
    slot: Assignment,
    *,
    actor: User | None,
    note: str = "",
    person: int | None = None,
    keep: bool = False,
) -> None:
    """Let a blocked slot wait, for this person first if there is one; `keep`: for whom it was reserved."""
    reservation: dict[str, Any] = {}
    if not keep:
        until = reserved_until(slot.job, now()) if person else None
        reservation = {"reserved_user_id": person, "reserved_until": until}
    move(slot, State.WAITING, transitions=Assignment.TRANSITIONS, reason="", **reservation)
    record_event(Verb.UNBLOCK, package=slot.package, actor=actor, assignment=slot, note=note)


def release_held(*, assignment: Assignment, user: User | None, reason: str) -> bool:
    """Take the package from the holder of this very assignment; False where they have submitted or lost it since."""
    share_job(assignment.job_id)
    held = _locked().filter(pk=assignment.pk, state=State.CLAIMED).first()
    if held is not None:
        _release(held, user, check_reason(reason))
    return held is not None


def _locked() -> QuerySet[Assignment]:
    return Assignment.objects.select_for_update(of=("self",), no_key=True).select_related(
        "job__workspace", "package"
    )


def _release(assignment: Assignment, user: User | None, reason: str) -> Assignment:
    return end_tenure(
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
        wake_review()
    return lifted


def expire_assignments(moment: datetime | None = None) -> int:
    """Take back what nobody worked on for the job's claim time; how many. Clocks stand still in offline jobs."""
    moment = moment or now()
    return sum(_expire(pk, seen, moment) for pk, seen in _idle(moment))


# When a claim ends: the job's hours after the last input, not before the moment that a manager set.
_ENDS = """greatest(
    a.last_input_at + make_interval(hours => coalesce((j.limits ->> 'claim_hours')::int, %(hours)s)), a.extended_until)"""
_HELD = """FROM jobs_assignment a JOIN jobs_job j ON j.id = a.job_id JOIN jobs_package p ON p.id = a.package_id
WHERE a.state = 'claimed' AND a.last_input_at IS NOT NULL AND a.lot_id IS NULL AND j.state IN ('running', 'paused')
    AND j.deleted_at IS NULL AND p.discarded_at IS NULL"""
_IDLE = f"SELECT a.id, a.last_input_at {_HELD} AND {_ENDS} < %(now)s ORDER BY a.last_input_at"


def _idle(moment: datetime) -> list[tuple[int, datetime]]:
    with connection.cursor() as cursor:
        cursor.execute(_IDLE, {"now": moment, "hours": Job.DEFAULT_LIMITS["claim_hours"]})
        return cursor.fetchall()


@transaction.atomic
def _expire(pk: int, seen: datetime, moment: datetime) -> bool:
    job_id = Assignment.objects.filter(pk=pk).values_list("job", flat=True).get()
    share_job(job_id)
    # An input, an extension or a submission since it was looked at keeps it with its holder.
    in_time = Q(extended_until=None) | Q(extended_until__lt=moment)
    assignment = _locked().filter(in_time, pk=pk, state=State.CLAIMED, last_input_at=seen).first()
    if assignment is None or assignment.job.state not in (Job.State.RUNNING, Job.State.PAUSED):
        return False
    end_tenure(
        assignment, State.EXPIRED, verb=Verb.EXPIRE, cause=Cause.EXPIRE, actor=None, keep_user=True
    )
    return True


#: At which percent of the claim time its holder is warned.
WARNINGS = (50, 90)
# Each row once per threshold: a later input sets it back to 0.
_WARN = f"""
WITH due AS (
    SELECT c.id, c.percent FROM (
        SELECT a.id, a.warned, CASE
            WHEN 100 * extract(epoch FROM %(now)s - a.last_input_at) >= {WARNINGS[1]}
                * extract(epoch FROM {_ENDS} - a.last_input_at) THEN {WARNINGS[1]}
            WHEN 100 * extract(epoch FROM %(now)s - a.last_input_at) >= {WARNINGS[0]}
                * extract(epoch FROM {_ENDS} - a.last_input_at) THEN {WARNINGS[0]}
            ELSE 0 END AS percent
        {_HELD}
    ) c WHERE c.percent > c.warned ORDER BY c.id
), locked AS (
    SELECT a.id, due.percent FROM jobs_assignment a JOIN due ON due.id = a.id
    WHERE a.state = 'claimed' AND a.warned < due.percent ORDER BY a.id FOR NO KEY UPDATE OF a SKIP LOCKED
)
UPDATE jobs_assignment a SET warned = locked.percent FROM locked WHERE a.id = locked.id RETURNING a.id
"""


@transaction.atomic
def warn_claims(moment: datetime | None = None) -> list[Assignment]:
    """Note which holders are to be warned that their claim ends (`warned` percent have passed); those rows, once each."""
    with connection.cursor() as cursor:
        cursor.execute(_WARN, {"now": moment or now(), "hours": Job.DEFAULT_LIMITS["claim_hours"]})
        ids = [row[0] for row in cursor.fetchall()]
    rows = Assignment.objects.filter(pk__in=ids).select_related("job", "package", "holder")
    found = list(rows.order_by("pk"))
    for row in found:
        if row.holder is not None:
            tell(
                event=NoticeEvent.CLAIM_EXPIRING,
                users=[row.holder],
                job=row.job,
                package=row.package,
                # A later input begins a new count.
                key=f"{row.pk}:{row.warned}:{row.last_input_at:%Y%m%d%H%M%S}",
            )
    return found


def end_tenure(
    assignment: Assignment,
    state: Assignment.State,
    *,
    verb: Verb,
    cause: AnnotationVersion.Cause,
    actor: User | None,
    reason: str = "",
    blocked: str = "",
    keep_user: bool = False,
    data: dict[str, Any] | None = None,
    **following: Any,
) -> Assignment:
    """End the tenure and begin the slot's next one, which is answered.

    `keep_user`: an allocation's reservation for the person stands. `data` belongs to the event; `following`: columns
    of the next tenure that differ.
    The job must be shared or locked, the assignment locked.
    """
    keep_versions(assignment, cause)
    if assignment.lot_id is not None:
        restore_samples([assignment.pk])
    move(
        assignment,
        state,
        transitions=Assignment.TRANSITIONS,
        ended_at=now(),
        reason=reason,
    )
    note_end(assignment)
    keep = keep_user and assignment.reserved_until is None
    columns: dict[str, Any] = {
        "state": State.BLOCKED if blocked else State.WAITING,
        "reason": blocked,
        "reserved_user_id": assignment.reserved_user_id if keep else None,
        "reserved_team_id": assignment.reserved_team_id,
        "beyond_limit": keep and assignment.beyond_limit,
        **following,
    }
    successor = Assignment.objects.create(
        job=assignment.job,
        package=assignment.package,
        round=assignment.round,
        stage=assignment.stage,
        vote=assignment.vote,
        previous=assignment,
        is_return=assignment.is_return,
        priority=assignment.job.priority,
        deadline=assignment.job.deadline,
        number=assignment.number,
        participants=assignment.participants,
        created_at=now(),
        **columns,
    )
    record_event(
        verb,
        package=assignment.package,
        actor=actor,
        assignment=assignment,
        note=reason,
        **(data or {}),
    )
    return successor


def wake_review() -> None:
    """Have a worker look, once this is committed, for what nobody may take; beat does it every half minute anyway."""
    transaction.on_commit(lambda: tasks.review_slots.delay(), robust=True)


def check_reason(reason: str) -> str:
    """The reason as it is stored: one of REASONS in words, or a text; raises Invalid without one."""
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
    used = SkipRecord.objects.filter(
        person=user,
        job=job,
        counted=True,
        created_at__gte=day_begins(job.workspace.time_zone, now()),
    ).count()
    if used >= job.limit("give_back_limit"):
        raise Conflict(
            _("You gave back %(used)d packages of this job today; more is not possible.")
            % {"used": used},
            code="allowance",
        )
