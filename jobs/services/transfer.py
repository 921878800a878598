"""What a manager does with the tenure of a package: hand it to somebody else, give it more time, submit it."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.grants import holds
from accounts.models import User
from itag.core.clock import now
from itag.core.errors import Conflict, Invalid
from itag.core.states import move
from jobs.models import STAGE_PERMISSION, AnnotationVersion, Assignment, Package, SkipRecord, Stage
from jobs.selectors.progress import expires_at
from jobs.services.events import Verb, record_event
from jobs.services.locks import (
    UNDONE,
    lock_slots,
    refuse_discarded,
    refuse_offline,
    take_package,
)
from jobs.services.release import check_reason, end_tenure
from jobs.services.submit import Submitted, finish_if_done, submit_held

State = Assignment.State
#: The most hours by which a claim is extended at once.
MAX_HOURS = 24 * 90


@transaction.atomic
def transfer_package(
    *, package: Package, user: User, to: User, reason: str, vote: int | None = None
) -> Assignment:
    """Give a held, waiting or blocked package to this person: reserved for them without end, beyond their limit.

    A holder's tenure ends, what they answered is kept. `vote` names the slot where several people answer the package.
    The person must work in the stage, must not have worked on the package in an earlier one (unless the job allows
    it) nor on another vote of it; that they gave it back before is lifted. Raises Invalid, Conflict.
    """
    reason = check_reason(reason)
    package = take_package(package)
    refuse_offline(package.job)
    refuse_discarded(package)
    slots = lock_slots(package, states=(*UNDONE, State.SUBMITTED))
    slot = _slot(package, [row for row in slots if row.state in UNDONE], vote)
    if slot.reason == Assignment.BlockedReason.BATCH_OPEN and slot.state == State.BLOCKED:
        raise Conflict(
            _("The package waits for more items: close the batch to offer it as it is."),
            code="batch_open",
        )
    _require_taker(slot, to, [row for row in slots if row.pk != slot.pk])
    lifted = SkipRecord.objects.filter(person=to, package=package, lifted_at=None)
    lifted.update(lifted_at=now())
    reservation: dict[str, Any] = {
        "reserved_user_id": to.pk,
        "reserved_team_id": None,
        "reserved_until": None,
        "beyond_limit": True,
    }
    if slot.state == State.CLAIMED:
        return end_tenure(
            slot,
            State.TRANSFERRED,
            verb=Verb.TRANSFER,
            cause=AnnotationVersion.Cause.TRANSFER,
            actor=user,
            reason=reason,
            data={"to": to.pk},
            **reservation,
        )
    if slot.state == State.BLOCKED:
        move(slot, State.WAITING, transitions=Assignment.TRANSITIONS, reason="", **reservation)
    else:
        _reserve(slot, reservation)
    record_event(Verb.TRANSFER, package=package, actor=user, assignment=slot, note=reason, to=to.pk)
    return slot


def _reserve(slot: Assignment, reservation: dict[str, Any]) -> None:
    for name, value in reservation.items():
        setattr(slot, name, value)
    slot.save(update_fields=list(reservation))


def _slot(package: Package, slots: list[Assignment], vote: int | None) -> Assignment:
    """The one slot that is meant; raises Conflict where there is none, or several and none is named."""
    if vote is not None:
        slots = [row for row in slots if row.vote == vote]
    if not slots:
        raise Conflict(_("The package is with nobody and waits for nobody."), code="not_held")
    held = [row for row in slots if row.state == State.CLAIMED]
    if len(slots) == 1:
        return slots[0]
    if len(held) == 1:
        return held[0]
    raise Conflict(
        _("Several people answer this package: say whose part is meant."),
        code="which",
        votes=[
            {"vote": row.vote, "holder": row.holder.username if row.holder else None}
            for row in slots
        ],
    )


def _require_taker(slot: Assignment, to: User, others: list[Assignment]) -> None:
    """Raise Invalid at `to` where the person may not take the slot."""
    job = slot.job
    problem = ""
    if not to.is_active or not holds(to, job, STAGE_PERMISSION[slot.stage]):
        problem = _("%(user)s does not work in this stage of the job.")
    elif slot.holder_id == to.pk:
        problem = _("%(user)s holds this package already.")
    elif (
        slot.stage != Stage.LABELING
        and to.pk in slot.participants
        and not job.limit("allow_own_check")
    ):
        problem = _("%(user)s worked on this package in an earlier stage.")
    elif any(
        (row.round, row.stage) == (slot.round, slot.stage)
        and to.pk in (row.holder_id, _endless(row))
        for row in others
    ):
        problem = _("%(user)s answers this package already: nobody votes twice on it.")
    if problem:
        raise Invalid.field("to", problem % {"user": to.get_full_name() or to.username})


def _endless(slot: Assignment) -> int | None:
    """For whom a waiting slot is reserved until they take it."""
    return slot.reserved_user_id if slot.reserved_until is None else None


@transaction.atomic
def extend_claim(
    *, package: Package, user: User, hours: int, vote: int | None = None
) -> Assignment:
    """Let the holder, or else the person for whom the package waits, keep it so many hours longer than they could now.

    Raises Invalid at `hours`, Conflict where nobody's clock runs.
    """
    if isinstance(hours, bool) or not isinstance(hours, int) or not 1 <= hours <= MAX_HOURS:
        raise Invalid.field(
            "hours", _("Enter a whole number from %(least)s to %(most)s.")
            % {"least": 1, "most": MAX_HOURS},
        )  # fmt: skip
    package = take_package(package)
    refuse_offline(package.job)
    refuse_discarded(package)
    slots = [
        row
        for row in lock_slots(package, states=(State.CLAIMED, State.WAITING))
        if row.state == State.CLAIMED or row.reserved_until is not None
    ]
    slot = _slot(package, slots, vote)
    moment = now()
    if slot.state == State.CLAIMED:
        ends = expires_at(slot)
        if ends is None:
            raise Conflict(_("No clock runs for this package."), code="not_held")
        until = max(ends, moment) + timedelta(hours=hours)
        slot.extended_until, slot.warned = until, 0
        slot.save(update_fields=["extended_until", "warned"])
    else:
        until = max(slot.reserved_until or moment, moment) + timedelta(hours=hours)
        slot.reserved_until = until
        slot.save(update_fields=["reserved_until"])
    record_event(
        Verb.EXTEND, package=package, actor=user, assignment=slot, hours=hours, until=until.isoformat()
    )  # fmt: skip
    return slot


def submit_for(*, package: Package, user: User, reason: str, vote: int | None = None) -> Submitted:
    """Submit what an absent holder has finished, in their name; the event names the manager.

    Raises Conflict: `not_held`, and as `submit_assignment` does where something is unfinished (`incomplete`).
    """
    reason = check_reason(reason)
    with transaction.atomic():
        locked = take_package(package)
        held = _slot(locked, lock_slots(locked, states=(State.CLAIMED,)), vote)
        submitted, finished = submit_held(held.pk, manager=user, note=reason)
    if finished:
        finish_if_done(job_id=finished)
    return submitted
