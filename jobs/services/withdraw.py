"""Taking a submission back, until somebody has gone on with it."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.grants import holds
from accounts.models import User
from itag.core.clock import now
from itag.core.errors import Conflict, NotFound
from itag.core.states import move
from jobs.models import (
    STAGE_PERMISSION,
    Annotation,
    Assignment,
    Package,
    Sample,
    Stage,
)
from jobs.selectors.verbs import may_withdraw, offline_times, went_on
from jobs.services.events import Verb, record_event
from jobs.services.figures import note_withdraw
from jobs.services.final import settle_back
from jobs.services.locks import lock_job, lock_package, lock_slots, run_again
from jobs.services.rounds import reserved_until
from jobs.services.summary import move_figures, places_passed
from jobs.services.votes import undo_merge

State = Assignment.State


@transaction.atomic
def withdraw_assignment(*, assignment_id: int, user: User) -> Assignment:
    """Take the submission back: the person holds the package again, with their answers or verdicts as they were.

    Possible until the next stage has claimed it, and where it ended the last stage for the job's `withdraw_minutes`.
    What was drawn of it stays drawn. Asked again, it answers the same. Raises NotFound, Conflict.
    """
    place = (
        Assignment.objects.filter(pk=assignment_id, holder=user).values("job", "package").first()
    )
    if place is None:
        raise NotFound(_("Not found."))
    job, package = lock_job(place["job"]), lock_package(place["package"])
    package.job = job
    live = lock_slots(package, states=Assignment.LIVE)
    own = next((row for row in live if row.pk == assignment_id), None)
    if own is None or own.state != State.SUBMITTED:
        return _again(assignment_id, live, user)
    _require_withdrawable(own)
    before = places_passed(job, package)
    for row in live:
        if row.pk > own.pk and (row.round, row.stage) != (own.round, own.stage):
            _void(row)
        elif row.vote >= job.vote_count > 1 and row.state in (State.WAITING, State.BLOCKED):
            _void(row)  # an extra voter's, or what waits for a manager's decision between voters
    move(own, State.WITHDRAWN, transitions=Assignment.TRANSITIONS, ended_at=now())
    note_withdraw(own)
    following = _take_up_again(own)
    voted = own.stage == Stage.LABELING and own.round == 1 and job.vote_count > 1
    if voted:
        undo_merge(package)
    settle_back(package, voted=job.vote_count > 1, merged=job.vote_count > 1 and not voted)
    _stand_back(package, own)
    record_event(Verb.WITHDRAW, package=package, actor=user, assignment=own)
    run_again(job)
    move_figures(job=job, package=package, before=before)
    return following


def _again(assignment_id: int, live: list[Assignment], user: User) -> Assignment:
    """What the first of two clicks answered; raises Conflict where there was none."""
    for row in live:
        mine = row.previous_id == assignment_id and row.holder_id == user.pk
        if mine and row.previous and row.previous.state == State.WITHDRAWN:
            return row
    raise Conflict(_("You have not submitted this package, or not any more."), code="ended")


def _require_withdrawable(own: Assignment) -> None:
    verdict = may_withdraw(
        own, taken=bool(went_on([own.pk])), stood_still=offline_times([own])[own.pk]
    )
    if not verdict:
        raise Conflict(verdict.reason, code="not_withdrawable")
    if not own.holder or not holds(own.holder, own.job, STAGE_PERMISSION[own.stage]):
        raise Conflict(_("You do not work in this stage any more."), code="not_withdrawable")
    corrected = Annotation.objects.filter(
        package_item__package=own.package,
        source=Annotation.Source.MANAGER,
        created_at__gt=own.submitted_at,
    )
    if corrected.exists():
        raise Conflict(_("A manager has corrected the package since."), code="not_withdrawable")


def _void(slot: Assignment) -> None:
    """Take back a slot that the submission opened and nobody has taken.

    What was drawn for it stays, for the next submission; what was reopened for rework goes, since nobody has seen it.
    """
    move(slot, State.VOID, transitions=Assignment.TRANSITIONS, ended_at=now())
    if slot.is_return or slot.stage == Stage.LABELING:
        Annotation.objects.filter(assignment=slot, version=0).delete()
        Sample.objects.filter(assignment=slot).delete()


def _take_up_again(own: Assignment) -> Assignment:
    moment = now()
    allocated = own.reserved_user_id == own.holder_id and own.reserved_until is None
    return Assignment.objects.create(
        job=own.job,
        package=own.package,
        round=own.round,
        stage=own.stage,
        vote=own.vote,
        state=State.CLAIMED,
        holder=own.holder,
        reserved_user=own.holder,
        reserved_team_id=own.reserved_team_id,
        reserved_until=None if allocated else reserved_until(own.job, moment),
        beyond_limit=True,
        previous=own,
        is_return=own.is_return,
        priority=own.job.priority,
        deadline=own.job.deadline,
        number=own.number,
        participants=own.participants,
        created_at=moment,
        claimed_at=moment,
        last_input_at=moment,
    )


def _stand_back(package: Package, own: Assignment) -> None:
    where: dict[str, Any] = {"stage": own.stage, "round": own.round}
    if package.state == Package.State.FINISHED:
        move(
            package,
            Package.State.OPEN,
            transitions=Package.TRANSITIONS,
            finished_at=None,
            **where,
        )
        return
    package.stage, package.round = own.stage, own.round
    package.save(update_fields=list(where))
