"""Handing out packages: per job and stage, and over all of a person's jobs."""

from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from accounts.models import User, Workspace
from itag.core.clock import now
from itag.core.errors import Denied, NotFound
from itag.core.sql import instance, prepared_cursor
from itag.core.worktime import working_hours_earlier
from jobs.models import (
    STAGE_PERMISSION,
    Assignment,
    Job,
    JobGroupPermission,
    JobUserPermission,
    Package,
    SkipRecord,
    Stage,
)
from jobs.policies import job_grants, not_running
from jobs.selectors.guide import unconfirmed
from jobs.services.claim_sql import CALL, LOOK
from jobs.services.guide import guide_conflict, require_confirmed

#: Working hours after which returned work must be taken by its author before anything new in that job.
OVERDUE_AFTER = 8
#: Advisory locks of this module: (LOCK | person) << 2 | stage; the person's limit in a stage is held by one.
LOCK = 0x17A6 << 44
#: With any of these a person may know of the job.
_SEEING = {"view_job", "create_in_workspace", "lead_workspace"}
_STAGE_NUMBER = {stage: number for number, stage in enumerate(Stage.values, 1)}


@dataclass
class Claimed:
    """What a claim gave: an assignment (held already, or new), or the reason why there is none."""

    assignment: Assignment | None
    already_held: bool = False
    reason: str = ""


def claim_package(*, job: Job, user: User, stage: str) -> Claimed:
    """Give the person the next package of the stage; at their limit, the one they hold; else the reason for none.

    Raises NotFound or Denied where the person does not work in the stage, Conflict `guide` while they have not confirmed
    the job's guide.
    """
    grants = job_grants(user, [job])[job.pk]
    if not user.is_superuser and grants.isdisjoint(_SEEING):
        raise NotFound(_("Not found."))
    if stage not in job.stages:
        raise Denied(_("This job has no such stage."))
    if STAGE_PERMISSION[stage] not in grants:
        raise Denied(_("You do not work in this stage of the job."))
    if reason := _closed(job):
        return Claimed(None, reason=reason)
    require_confirmed(job=job, user=user)
    return _claim(job, user, stage)


def claim_next(
    *, user: User, stage: str | None = None, workspace: Workspace | None = None
) -> Claimed:
    """Give the person the next package over all their jobs: what they hold, else the best in the order of claiming.

    Jobs whose guide they have not confirmed are passed over; Conflict `guide` where only these have something for them.
    """
    held = Assignment.objects.filter(
        holder=user,
        state=Assignment.State.CLAIMED,
        lot=None,
        package__discarded_at=None,
        job__archived_at=None,
        job__deleted_at=None,
        job__state__in=(Job.State.RUNNING, Job.State.PAUSED),
    )
    if stage:
        held = held.filter(stage=stage)
    if workspace:
        held = held.filter(job__workspace=workspace)
    first = held.order_by("-is_return", "claimed_at", "id").values_list("pk", flat=True).first()
    if first:
        return Claimed(_load(first), already_held=True)
    places = _places(user, stage, workspace)
    unread = unconfirmed(jobs={job for job, _stage in places}, user=user)
    behind: Job | None = None
    for job, where in _look(user, places):
        if job.pk in unread:
            behind = behind or job
        elif claimed := _take(job, user, where):
            return claimed
    if behind is not None:
        raise guide_conflict(behind)
    if not places:
        return Claimed(None, reason=_("You are a member of no running job's stage."))
    if len(places) == 1:
        return Claimed(None, reason=_why_nothing(places[0][0], user, places[0][1]))
    return Claimed(None, reason=_("No package waits for you in any of your jobs."))


def _claim(job: Job, user: User, stage: str) -> Claimed:
    return _take(job, user, stage) or Claimed(None, reason=_why_nothing(job, user, stage))


def _take(job: Job, user: User, stage: str) -> Claimed | None:
    """The assignment that the person has now, and whether they had it before."""
    moment = now()
    parameters: dict[str, Any] = {
        "job": job.pk,
        "stage": stage,
        "user": user.pk,
        "now": moment,
        "limit": job.limit("package_limit"),
        "own": stage == Stage.LABELING or bool(job.limit("allow_own_check")),
        "overdue": working_hours_earlier(
            moment, OVERDUE_AFTER, job.workspace.time_zone, job.workspace.calendar
        ),
        "lock": (LOCK | user.pk) << 2 | _STAGE_NUMBER[stage],
    }
    row = _run(parameters)
    if row is None:
        return None
    end = 1 + len(Assignment._meta.concrete_fields)
    assignment = instance(Assignment, row[1:end])
    assignment.job, assignment.package = job, instance(Package, row[end:])
    assignment.package.job = job
    return Claimed(assignment, already_held=row[0])


def _run(parameters: dict[str, Any]) -> tuple[Any, ...] | None:
    """The transaction of a claim."""
    with prepared_cursor() as cursor:
        cursor.execute(CALL, parameters)
        row: tuple[Any, ...] | None = cursor.fetchone()
        return row


def _load(pk: int) -> Assignment:
    return Assignment.objects.select_related("job", "package").get(pk=pk)


def _closed(job: Job) -> str:
    """Why nobody claims in this job, or nothing."""
    if job.deleted_at or job.archived_at or job.workspace.archived_at:
        return _("The job is archived.")
    return "" if job.state == Job.State.RUNNING else not_running(job)


def _places(user: User, stage: str | None, workspace: Workspace | None) -> list[tuple[Job, str]]:
    """The stages of running jobs that the person works in."""
    wanted = {name: s for s, name in STAGE_PERMISSION.items() if stage in (None, s)}
    found = {"content_object", "permission__codename"}
    direct = JobUserPermission.objects.filter(user=user, permission__codename__in=wanted)
    grouped = JobGroupPermission.objects.filter(group__user=user, permission__codename__in=wanted)
    pairs = set(direct.values_list(*sorted(found)).union(grouped.values_list(*sorted(found))))
    jobs = Job.objects.alive().filter(
        pk__in={pk for pk, _name in pairs},
        state=Job.State.RUNNING,
        archived_at=None,
        workspace__archived_at=None,
    )
    if workspace:
        jobs = jobs.filter(workspace=workspace)
    rows = jobs.select_related("workspace").in_bulk()
    return sorted(
        (
            (rows[pk], wanted[name])
            for pk, name in pairs
            if pk in rows and wanted[name] in rows[pk].stages
        ),
        key=lambda place: (place[0].pk, place[0].stages.index(place[1])),
    )


def _look(user: User, places: list[tuple[Job, str]]) -> list[tuple[Job, str]]:
    """Where something waits for the person, best first; seen without a lock, so the claim may find less."""
    if not places:
        return []
    parameters: dict[str, Any] = {
        "user": user.pk,
        "now": now(),
        "jobs": [job.pk for job, _stage in places],
        "stages": [stage for _job, stage in places],
        "owns": [
            stage == Stage.LABELING or bool(job.limit("allow_own_check")) for job, stage in places
        ],
    }
    jobs = {job.pk: job for job, _stage in places}
    with connection.cursor() as cursor:
        cursor.execute(LOOK, parameters)
        return [(jobs[pk], stage) for pk, stage in cursor.fetchall()]


def _why_nothing(job: Job, user: User, stage: str) -> str:
    """Why a claim found nothing, as exactly as can be said without naming others' work."""
    if (
        Assignment.objects.filter(
            job=job, reserved_user=user, state=Assignment.State.WAITING, is_return=True
        )
        .exclude(stage=stage)
        .exists()
    ):
        return _("A package was returned to you in another stage of this job: take it first.")
    waiting = Assignment.objects.filter(
        job=job, stage=stage, state=Assignment.State.WAITING, package__discarded_at=None
    )
    given_back = SkipRecord.objects.filter(person=user, job=job, lifted_at=None)
    if not waiting.exists():
        return _nothing_waits(job, stage)
    foreign = (
        waiting
        if stage == Stage.LABELING or job.limit("allow_own_check")
        else (waiting.exclude(participants__contains=[user.pk]))
    )
    if not foreign.exists():
        return _("What waits here is your own work of an earlier stage; somebody else inspects it.")
    offered = foreign.exclude(package__in=given_back.values("package"))
    if not offered.exists():
        return _("You gave back what waits here; a task administrator can offer it to you again.")
    mine = Assignment.objects.filter(
        package=OuterRef("package"),
        round=OuterRef("round"),
        stage=stage,
        holder=user,
        state__in=(Assignment.State.CLAIMED, Assignment.State.SUBMITTED),
    )
    offered = offered.exclude(Exists(mine))
    if not offered.exists():
        return _("You answer what waits here already; others give the further answers to it.")
    reserved = Q(reserved_team__isnull=False) | Q(reserved_user__isnull=False)
    if not offered.exclude(reserved).exists():
        return _("What waits here is reserved for others.")
    return _("Others are just taking the last packages; try again in a moment.")


def _nothing_waits(job: Job, stage: str) -> str:
    live = Assignment.objects.filter(job=job, stage=stage, package__discarded_at=None)
    if live.filter(state=Assignment.State.CLAIMED).exists():
        return _("All packages of this stage are with other people at the moment.")
    blocked = live.filter(state=Assignment.State.BLOCKED)
    more_data = Q(reason=Assignment.BlockedReason.BATCH_OPEN)
    if blocked.exclude(more_data).exists():
        return _("What is left in this stage waits for a task administrator.")
    if blocked.exists():
        return _("The last package waits for more data.")
    if (
        stage != Stage.LABELING
        and job.packages.filter(state="open", stage__in=_before(job, stage)).exists()
    ):
        return _("No package has reached this stage yet.")
    return _("No package is left in this stage.")


def _before(job: Job, stage: str) -> list[str]:
    return job.stages[: job.stages.index(stage)]
