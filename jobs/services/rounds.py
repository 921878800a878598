"""Where a package goes: on to the next stage, back for rework, or to its end. Called under the package's lock only."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Count, Exists, Min, OuterRef, Q

from accounts.grants import holds
from accounts.models import User
from itag.core.clock import now
from itag.core.states import move
from itag.core.worktime import working_hours_later
from jobs.models import (
    STAGE_PERMISSION,
    Annotation,
    Assignment,
    Job,
    NoticeEvent,
    Package,
    Sample,
    SkipRecord,
    Stage,
)
from jobs.selectors.recipients import job_managers
from jobs.selectors.votes import merges_in
from jobs.services import sampling
from jobs.services.events import Verb, record_event
from jobs.services.final import reopen_items
from jobs.services.notices import tell

#: Working hours for which returned work waits for the person it came from.
RESERVED_FOR = 24


def advance(*, package: Package, job: Job, actor: User, changed: Iterable[int] = ()) -> None:
    """Open the next stage's slot with its sample drawn; stages with nothing drawn are passed, after the last it ends.

    The package stands in the stage that was just submitted. `changed`: what was unlocked and changed in rework.
    """
    voted = job.vote_count > 1 and (package.round, package.stage) == (1, Stage.LABELING)
    subject = None if voted else actor.pk
    while (stage := job.next_stage(package.stage)) is not None:
        picks = sampling.draw(
            job=job, package=package, stage=stage, subject=subject, changed=changed
        )
        _stand(package, stage, package.round)
        if picks:
            inspector = _last_submitter(package, stage)
            slot = open_slot(package=package, job=job, stage=stage, person=inspector)
            draw_into(slot, picks)
            return
        record_event(Verb.PASS_STAGE, package=package, actor=actor, stage=stage)
    move(package, Package.State.FINISHED, transitions=Package.TRANSITIONS, finished_at=now())
    record_event(Verb.FINISH, package=package, actor=actor)


def give_back(
    *,
    package: Package,
    job: Job,
    stage: str,
    actor: User,
    items: list[int] | None,
    note: str = "",
    reopened: bool = False,
) -> None:
    """Return the package to the stage in the next round with these items open (None: all), to the same person first.

    After as many rounds as the job allows it waits for a manager instead, unless a manager `reopened` it.
    """
    person = _returned_to(package, job, stage, items)
    blocked = package.round >= job.limit("max_rounds") and not reopened
    _stand(package, stage, package.round + 1)
    slot = open_slot(
        package=package,
        job=job,
        stage=stage,
        person=person,
        is_return=True,
        blocked=Assignment.BlockedReason.MAX_ROUNDS if blocked else None,
    )
    if stage == Stage.LABELING:
        reopen_items(slot, package, items)
    else:
        found = package.items.values_list("pk", flat=True) if items is None else items
        reason = Sample.Reason.DRAWN if reopened else Sample.Reason.REJECTED
        draw_into(slot, dict.fromkeys(found, reason))
    record_event(
        Verb.REOPEN if reopened else Verb.RETURN,
        package=package,
        actor=actor,
        assignment=slot,
        note=note,
        items="all" if items is None else len(items),
    )
    if blocked:
        record_event(Verb.BLOCK, package=package, actor=None, assignment=slot, note=slot.reason)
        tell(
            event=NoticeEvent.UNCLAIMABLE,
            users=job_managers(job),
            job=job,
            package=package,
            key=slot.pk,
            count=1,
        )
    elif slot.reserved_user_id is not None:
        tell(
            event=NoticeEvent.PACKAGE_RETURNED,
            users=[slot.reserved_user_id],
            job=job,
            package=package,
            key=slot.pk,
        )


def open_slot(
    *,
    package: Package,
    job: Job,
    stage: str,
    person: User | None,
    is_return: bool = False,
    blocked: Assignment.BlockedReason | None = None,
    vote: int = 0,
) -> Assignment:
    """The slot of the package in its round and this stage, reserved for the person if they may take it.

    `blocked`: nobody takes it until a manager has looked.
    """
    moment = now()
    participants = _participants(package, job, stage)
    if person and not _may_take(person, job, stage, participants):
        person = None
    # What somebody gave back is not offered to them again: reserved, it would only wait.
    if (
        person
        and SkipRecord.objects.filter(person=person, package=package, lifted_at=None).exists()
    ):
        person = None
    return Assignment.objects.create(
        job=job,
        package=package,
        round=package.round,
        stage=stage,
        vote=vote,
        state=Assignment.State.BLOCKED if blocked else Assignment.State.WAITING,
        reason=blocked or "",
        reserved_user=person,
        reserved_until=reserved_until(job, moment) if person else None,
        is_return=is_return,
        priority=job.priority,
        deadline=job.deadline,
        number=package.number,
        participants=participants,
        created_at=moment,
    )


def reserved_until(job: Job, moment: datetime) -> datetime:
    """When work that is reserved at this moment goes to the pool."""
    return working_hours_later(
        moment, RESERVED_FOR, job.workspace.time_zone, job.workspace.calendar
    )


def draw_into(slot: Assignment, picks: sampling.Picks) -> None:
    """Record what was drawn for the slot."""
    Sample.objects.bulk_create(
        Sample(assignment=slot, package_item_id=pk, reason=reason)
        for pk, reason in sorted(picks.items())
    )


def _stand(package: Package, stage: str, round_: int) -> None:
    package.stage, package.round = stage, round_
    package.save(update_fields=["stage", "round"])


def _returned_to(package: Package, job: Job, stage: str, items: list[int] | None) -> User | None:
    """Whom rejected work goes back to: who did it last, of voted work the author of most of what was adopted."""
    if stage == Stage.LABELING and package.round == 1 and job.vote_count > 1:
        merges = merges_in(Annotation.objects.filter(package_item__package=package))
        for adopted in (merges.filter(package_item__in=items or []), merges):
            rows = adopted.values("author").annotate(count=Count("pk"), first=Min("pk"))
            if author := rows.order_by("-count", "first").values_list("author", flat=True).first():
                return User.objects.get(pk=author)
    return _last_submitter(package, stage)


def _last_submitter(package: Package, stage: str) -> User | None:
    """Who worked in the stage in the last round in which somebody did."""
    last = (
        Assignment.objects.filter(package=package, stage=stage, state=Assignment.State.SUBMITTED)
        .select_related("holder")
        .order_by("-round", "-id")
        .first()
    )
    return last.holder if last else None


def _participants(package: Package, job: Job, stage: str) -> list[int]:
    """Everybody who worked on the package in an earlier stage: submitted it, or left answers in it."""
    answered = Annotation.objects.filter(
        Q(results__isnull=False) | ~Q(verdict=""), assignment=OuterRef("pk"), version__gt=0
    )
    return list(
        Assignment.objects.filter(
            Q(state=Assignment.State.SUBMITTED) | Exists(answered),
            package=package,
            stage__in=job.stages[: job.stages.index(stage)],
            holder__isnull=False,
        )
        .order_by("holder")
        .values_list("holder", flat=True)
        .distinct()
    )


def _may_take(person: User, job: Job, stage: str, participants: list[int]) -> bool:
    if person.pk in participants and not job.limit("allow_own_check"):
        return False
    return person.is_active and holds(person, job, STAGE_PERMISSION[stage])
