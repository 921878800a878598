"""What managers do with whole packages: discard, restore, reopen; one by one or many at once."""

from collections.abc import Callable, Iterable
from typing import Any, TypedDict

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from itag.core.clock import now
from itag.core.errors import Conflict, Invalid, ItagError
from itag.core.states import move
from jobs.models import Assignment, Job, Package
from jobs.services.clocks import shift_clocks
from jobs.services.events import Verb, record_event
from jobs.services.figures import note_labels
from jobs.services.locks import (
    lock_slots,
    refuse_discarded,
    refuse_offline,
    run_again,
    take_package,
)
from jobs.services.release import (
    check_reason,
    manager_release,
    offer_again,
    require_liftable,
    unblock,
)
from jobs.services.rounds import give_back
from jobs.services.submit import finish_if_done
from jobs.services.summary import move_figures, places_passed
from jobs.services.transfer import extend_claim, submit_for, transfer_package
from jobs.services.unclaimable import block_unclaimable

#: The most packages of one bulk action.
MAX_BULK = 500


class Failed(TypedDict):
    """Why a package of a bulk action stayed as it was."""

    number: int
    message: str


class Changed(TypedDict):
    """The numbers of what was done, and what could not be."""

    done: list[int]
    failed: list[Failed]


def discard_package(*, package: Package, user: User, reason: str) -> Package:
    """Set the package aside: nobody takes, submits or exports it, it counts as closed. No slot moves.

    A holder's saves are kept. Discarded again, it stays discarded. Raises Invalid without a reason.
    """
    reason = check_reason(reason)
    with transaction.atomic():
        package = take_package(package)
        if package.discarded_at is not None:
            return package
        before = places_passed(package.job, package)
        package.discarded_at = now()
        package.save(update_fields=["discarded_at"])
        note_labels(package)
        record_event(Verb.DISCARD, package=package, actor=user, note=reason)
        move_figures(job=package.job, package=package, before=before)
    finish_if_done(job_id=package.job_id)
    return package


@transaction.atomic
def restore_package(*, package: Package, user: User, reason: str) -> Package:
    """Take a discarded package back to where it stood, its clocks with it; a finished job runs again if it is open."""
    reason = check_reason(reason)
    package = take_package(package, whole_job=True)
    if package.discarded_at is None:
        raise Conflict(_("The package is not discarded."), code="not_discarded")
    before = places_passed(package.job, package)
    shift_clocks(package.job, since=package.discarded_at, until=now(), package=package)
    package.discarded_at = None
    package.save(update_fields=["discarded_at"])
    if package.state == Package.State.OPEN:
        run_again(package.job)
    note_labels(package)
    record_event(Verb.RESTORE, package=package, actor=user, note=reason)
    move_figures(job=package.job, package=package, before=before)
    return package


@transaction.atomic
def reopen_package(*, package: Package, user: User, stage: str, reason: str) -> Package:
    """Open a finished package again at this stage in the next round, every item to be confirmed or judged anew.

    It waits for whoever worked in that stage last, then for everybody; nobody's accuracy suffers. A finished job runs
    again. Raises Invalid, and Conflict where it is not finished.
    """
    reason = check_reason(reason)
    package = take_package(package, whole_job=True)
    job = package.job
    if stage not in job.stages:
        raise Invalid.field("stage", _("This job has no such stage."))
    refuse_offline(job)
    refuse_discarded(package)
    if package.state != Package.State.FINISHED:
        raise Conflict(_("The package is not finished."), code="not_finished")
    before = places_passed(job, package)
    move(package, Package.State.OPEN, transitions=Package.TRANSITIONS, finished_at=None)
    give_back(
        package=package, job=job, stage=stage, actor=user, items=None, note=reason, reopened=True
    )
    run_again(job)
    move_figures(job=job, package=package, before=before)
    return package


@transaction.atomic
def offer_package(*, package: Package, user: User, reason: str) -> Package:
    """Offer the package to everybody again: to those who gave it back, and where something blocks it that a manager lifts.

    Raises Conflict `not_blocked` where nobody gave it back and nothing blocks it, and as `manager_release` does.
    """
    reason = check_reason(reason)
    package = take_package(package)
    refuse_discarded(package)
    lifted = offer_again(package=package, user=user)
    blocked = lock_slots(package, states=(Assignment.State.BLOCKED,))
    if blocked and not (lifted and all(row.reason == "nobody" for row in blocked)):
        for row in blocked:
            require_liftable(row)
            person = row.reserved_user_id if row.is_return else None
            unblock(row, actor=user, note=reason, person=person)
    elif not lifted:
        raise Conflict(
            _("Nobody gave the package back, and nothing blocks it."), code="not_blocked"
        )
    block_unclaimable(jobs=[package.job_id])
    return package


#: What may be done to many packages at once: the service, and the arguments that it takes beside the reason.
BULK: dict[str, tuple[Callable[..., Any], tuple[str, ...]]] = {
    "transfer": (transfer_package, ("to",)),
    "release": (manager_release, ()),
    "offer": (offer_package, ()),
    "extend": (extend_claim, ("hours",)),
    "submit": (submit_for, ()),
    "discard": (discard_package, ()),
    "restore": (restore_package, ()),
    "reopen": (reopen_package, ("stage",)),
}


def change_packages(
    *, job: Job, numbers: Iterable[int], verb: str, user: User, reason: str, confirm: int, **args: Any
) -> Changed:  # fmt: skip
    """Do one thing to many packages, each in a transaction of its own; what one refuses stops no other.

    `verb`: a key of BULK, `args` what it takes; `confirm`: how many packages these are, typed by the person. Raises
    Invalid before anything is done.
    """
    wanted = sorted(set(numbers))
    if verb not in BULK:
        raise Invalid.field("verb", _("Choose one of: %(values)s.") % {"values": ", ".join(BULK)})
    if not wanted or len(wanted) > MAX_BULK:
        raise Invalid.field("numbers", _("Choose 1 to %(most)d packages.") % {"most": MAX_BULK})
    if confirm != len(wanted):
        raise Invalid.field(
            "confirm", _("Type the number of packages: %(count)d.") % {"count": len(wanted)}
        )
    service, names = BULK[verb]
    for name in names:
        if args.get(name) is None:
            raise Invalid.field(name, _("This field is required."))
    fields = {name: args[name] for name in names}
    if verb != "extend":
        fields["reason"] = check_reason(reason)
    packages = Package.objects.filter(job=job, number__in=wanted).select_related("job")
    found = {package.number: package for package in packages}
    changed: Changed = {"done": [], "failed": []}
    for number in wanted:
        try:
            if number not in found:
                raise Conflict(_("There is no such package."))
            service(package=found[number], user=user, **fields)
        except ItagError as error:
            changed["failed"].append({"number": number, "message": error.detail})
        else:
            changed["done"].append(number)
    return changed
