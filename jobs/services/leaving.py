"""Nobody's departure orphans work: what becomes of each package is said before it, and done with it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Membership, User, Workspace
from accounts.services.users import set_user_active
from accounts.services.workspaces import KEEP, lock_workspace, remove_membership, set_membership
from itag.core.errors import Conflict, Denied, FieldError, Invalid, ItagError
from itag.core.policy import can, require
from jobs.models import Assignment, PackageEvent
from jobs.selectors.people import held_by
from jobs.services.events import record_event
from jobs.services.locks import share_job
from jobs.services.release import release_held, wake_review
from jobs.services.transfer import transfer_package

State = Assignment.State
#: What becomes of a package: back to everybody, to one person, or as it is until somebody decides.
RELEASE, TRANSFER = "release", "transfer"
ACTIONS = (RELEASE, KEEP, TRANSFER)
#: How somebody leaves: no rights in the workspace, out of it, or no account any more.
INACTIVE, REMOVE, CLOSE = "inactive", "remove", "close"
WAYS = (INACTIVE, REMOVE, CLOSE)


@dataclass(frozen=True)
class Choice:
    """What becomes of one package; `to` with TRANSFER."""

    action: str = KEEP
    to: User | None = None

    def __post_init__(self) -> None:
        if self.action not in ACTIONS:
            raise Invalid.field("action", _("Choose “release”, “keep” or “transfer”."))
        if self.action == TRANSFER and self.to is None:
            raise Invalid.field("to", _("Choose who gets it."))


@dataclass
class Settled:
    """How many packages went which way."""

    released: int = 0
    transferred: int = 0
    kept: int = 0


@transaction.atomic
def leave(
    *,
    user: User,
    workspace: Workspace,
    actor: User,
    way: str,
    default: Choice,
    rows: Mapping[int, Choice] | None = None,
) -> Settled:
    """Let the person go, and settle what they hold or have reserved: by assignment id in `rows`, else as `default`.

    All or nothing: a package that its new holder may not take is named (Conflict `refused`), and nothing changes. In
    the workspace alone for INACTIVE and REMOVE, whose reservations end with their place there; everywhere for CLOSE.
    What is kept stays with the person and is listed to be reassigned. Who may is asked by `members.change`, for CLOSE
    by `users.change`; giving packages to others also by `jobs.assign`.
    """
    if way not in WAYS:
        raise Invalid.field("way", _("Choose “inactive”, “remove” or “close”."))
    if way == CLOSE:
        require(actor, "users.change", user)
    else:
        membership = Membership.objects.filter(workspace=workspace, user=user).first()
        if membership is None:
            raise Conflict(_("The person is no member of this workspace."), code="no_member")
        require(actor, "members.change", membership)
        # First of all locks, as wherever the members of a workspace change.
        lock_workspace(workspace)
    held = held_by(user) if way == CLOSE else held_by(user, workspace)
    settled = settle(slots=held, actor=actor, default=default, rows=rows)
    if way == CLOSE:
        set_user_active(user=user, active=False, actor=actor, held=KEEP)
    elif way == REMOVE:
        remove_membership(workspace=workspace, user=user, actor=actor, held=KEEP)
    else:
        set_membership(
            workspace=workspace,
            user=user,
            role=Membership.objects.get(workspace=workspace, user=user).role,
            active=False,
            actor=actor,
            held=KEEP,
        )
    return settled


@transaction.atomic
def settle(
    *,
    slots: Iterable[Assignment],
    actor: User,
    default: Choice,
    rows: Mapping[int, Choice] | None = None,
) -> Settled:
    """Release, transfer or keep these slots. All or nothing: Conflict `refused` names the packages that refuse."""
    settled = Settled()
    refused: list[FieldError] = []
    chosen = rows or {}
    for slot in sorted(slots, key=lambda row: (row.job_id, row.package_id, row.pk)):
        choice = chosen.get(slot.pk, default)
        if choice.action == KEEP:
            settled.kept += 1
            continue
        try:
            if choice.action == RELEASE:
                _let_go(slot, actor)
                settled.released += 1
            else:
                _give(slot, actor, choice)
                settled.transferred += 1
        except ItagError as exc:
            where = _("%(job)s, package %(number)d: %(reason)s") % {
                "job": slot.job.name,
                "number": slot.number,
                "reason": exc.detail,
            }
            refused.append({"field": f"rows.{slot.pk}", "message": where})
    if refused:
        raise Conflict(
            _("Nothing was changed: some packages cannot go that way."),
            code="refused",
            errors=refused,
        )
    return settled


def _give(slot: Assignment, actor: User, choice: Choice) -> None:
    verdict = can(actor, "jobs.assign", slot.job)
    if not verdict:
        raise Denied(verdict.reason)
    assert choice.to is not None  # a Choice without it cannot be made
    transfer_package(
        package=slot.package,
        user=actor,
        to=choice.to,
        reason=_("The former holder leaves"),
        vote=slot.vote,
    )


def _let_go(slot: Assignment, actor: User) -> None:
    """Give back what is held; of what is reserved, the reservation ends. Gone meanwhile is gone."""
    if slot.state == State.CLAIMED:
        release_held(assignment=slot, user=actor, reason=_("The holder leaves"))
        return
    share_job(slot.job_id)
    freed = Assignment.objects.filter(
        pk=slot.pk, state=slot.state, reserved_user=slot.reserved_user_id
    ).update(reserved_user=None, reserved_until=None)
    if freed:
        record_event(
            PackageEvent.Verb.RESERVE,
            package=slot.package,
            actor=actor,
            assignment=slot,
            note=_("The person it was reserved for leaves"),
        )
        wake_review()
