"""Handing out packages: per job and stage, and over all of a person's jobs."""

from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User, Workspace
from itag.core.clock import now
from itag.core.errors import Denied, NotFound
from itag.core.sql import pipelined, prepared_cursor
from itag.core.worktime import working_hours_earlier
from jobs.models import (
    STAGE_PERMISSION,
    Assignment,
    Job,
    JobGroupPermission,
    JobUserPermission,
    SkipRecord,
    Stage,
)
from jobs.policies import job_grants, not_running

#: Working hours after which returned work must be taken by its author before anything new in that job.
OVERDUE_AFTER = 8
#: Advisory locks of this module: (LOCK | person) << 2 | stage; the person's limit in a stage is held by one.
LOCK = 0x17A6 << 44
#: With any of these a person may know of the job.
_SEEING = {"view_job", "create_in_workspace", "lead_workspace"}
_STAGE_NUMBER = {stage: number for number, stage in enumerate(Stage.values, 1)}

# Each probe walks one partial index in the order of the claim and stops at the first row it can lock. Rows that
# others are just taking are passed over, so nobody waits and nobody gets what another one got.
_ORDER = "ORDER BY a.priority DESC, a.deadline ASC NULLS LAST, a.number LIMIT 1"
_LOCK = f"{_ORDER} FOR NO KEY UPDATE SKIP LOCKED"
_HERE = "a.job_id = %(job)s AND a.stage = %(stage)s AND a.state = 'waiting'"
_MINE = "(%(own)s OR %(user)s <> ALL (a.participants))"
_MAY = f"""{_MINE} AND a.package_id <> ALL (ARRAY(
        SELECT package_id FROM jobs_skiprecord
        WHERE person_id = %(user)s AND job_id = %(job)s AND lifted_at IS NULL))
    AND (SELECT p.discarded_at IS NULL FROM jobs_package p WHERE p.id = a.package_id)"""
_IN_TIME = "(a.reserved_until IS NULL OR a.reserved_until > %(now)s)"

_RETURNED = f"""SELECT a.id FROM jobs_assignment a
    WHERE a.reserved_user_id = %(user)s AND {_HERE} AND a.is_return AND {_IN_TIME} AND {_MAY} {{tail}}"""
_RESERVED = f"""SELECT a.id FROM jobs_assignment a
    WHERE a.reserved_user_id = %(user)s AND {_HERE} AND NOT a.is_return AND {_IN_TIME} AND {_MAY} {{tail}}"""
# One locked row per team of the person, of which the best is taken.
_TEAM = f"""SELECT best.id
    FROM accounts_user_groups g JOIN accounts_team t ON t.group_id = g.group_id
    CROSS JOIN LATERAL (
        SELECT a.id, a.priority, a.deadline, a.number FROM jobs_assignment a
        WHERE a.reserved_team_id = t.id AND {_HERE} AND {_MAY}
            AND (a.reserved_user_id IS NULL OR a.reserved_until <= %(now)s) {{tail}}
    ) best
    WHERE g.user_id = %(user)s
    ORDER BY best.priority DESC, best.deadline ASC NULLS LAST, best.number LIMIT 1"""
# What was never reserved, and what was reserved until a moment that is past.
_FREE = f"""SELECT best.id FROM (
        SELECT * FROM (
            SELECT a.id, a.priority, a.deadline, a.number FROM jobs_assignment a
            WHERE {_HERE} AND a.reserved_user_id IS NULL AND a.reserved_team_id IS NULL AND {_MAY} {{tail}}
        ) free
        UNION ALL
        SELECT * FROM (
            SELECT a.id, a.priority, a.deadline, a.number FROM jobs_assignment a
            WHERE {_HERE} AND a.reserved_until <= %(now)s AND a.reserved_team_id IS NULL AND {_MAY} {{tail}}
        ) lapsed
    ) best ORDER BY best.priority DESC, best.deadline ASC NULLS LAST, best.number LIMIT 1"""

# One statement: what is held, the probes in their order (each only if the ones before found nothing), the move and
# its event. Packages that were returned to the person take no part in the limit.
_CLAIM = f"""
WITH held AS MATERIALIZED (
    SELECT a.id FROM jobs_assignment a
    WHERE a.holder_id = %(user)s AND a.job_id = %(job)s AND a.stage = %(stage)s AND a.state = 'claimed'
        AND NOT (a.is_return AND a.reserved_user_id IS NOT DISTINCT FROM a.holder_id)
    ORDER BY a.claimed_at DESC, a.id DESC LIMIT %(limit)s
), taken AS (
    UPDATE jobs_assignment a
    SET state = 'claimed', holder_id = %(user)s, claimed_at = %(now)s, last_input_at = %(now)s
    WHERE a.state = 'waiting' AND a.id = COALESCE(
        ({_RETURNED.format(tail=_LOCK)}),
        CASE WHEN (SELECT count(*) FROM held) < %(limit)s AND NOT EXISTS (
            SELECT 1 FROM jobs_assignment late
            WHERE late.reserved_user_id = %(user)s AND late.job_id = %(job)s AND late.stage <> %(stage)s
                AND late.state = 'waiting' AND late.is_return AND late.created_at <= %(overdue)s
                AND (late.reserved_until IS NULL OR late.reserved_until > %(now)s)
        ) THEN COALESCE(
            ({_RESERVED.format(tail=_LOCK)}),
            ({_TEAM.format(tail=_LOCK)}),
            ({_FREE.format(tail=_LOCK)})
        ) END)
    RETURNING a.id, a.package_id, a.round
), event AS (
    INSERT INTO jobs_packageevent
        (job_id, package_id, assignment_id, actor_id, verb, stage, round, note, data, created_at)
    SELECT %(job)s, package_id, id, %(user)s, 'claim', %(stage)s, round, '', '{{}}', %(now)s FROM taken
)
SELECT id, false FROM taken
UNION ALL SELECT id, true FROM held
    WHERE NOT EXISTS (SELECT 1 FROM taken) AND (SELECT count(*) FROM held) >= %(limit)s
LIMIT 1
"""
for _name, _type in (
    ("job", "bigint"), ("stage", "varchar"), ("user", "bigint"), ("now", "timestamptz"),
    ("limit", "bigint"), ("own", "boolean"), ("overdue", "timestamptz"),
):  # fmt: skip
    _CLAIM = _CLAIM.replace(f"%({_name})s", f"%({_name})s::{_type}")

# The best package of every job and stage, seen without a lock: which job to claim in first.
_LOOK = (
    f"""
SELECT place.job, place.stage FROM unnest(%(jobs)s::bigint[], %(stages)s::text[], %(owns)s::bool[])
    AS place (job, stage, own)
CROSS JOIN LATERAL (
    SELECT tier, id FROM (
        SELECT 1 AS tier, ({_RETURNED.format(tail=_ORDER)}) AS id
        UNION ALL SELECT 2, ({_RESERVED.format(tail=_ORDER)})
        UNION ALL SELECT 3, ({_TEAM.format(tail=_ORDER)})
        UNION ALL SELECT 4, ({_FREE.format(tail=_ORDER)})
    ) tiers WHERE id IS NOT NULL ORDER BY tier LIMIT 1
) found
JOIN jobs_assignment a ON a.id = found.id
ORDER BY found.tier, a.priority DESC, a.deadline ASC NULLS LAST, a.number, place.job
""".replace("%(job)s", "place.job")
    .replace("%(stage)s", "place.stage")
    .replace("%(own)s", "place.own")
)


@dataclass
class Claimed:
    """What a claim gave: an assignment (held already, or new), or the reason why there is none."""

    assignment: Assignment | None
    already_held: bool = False
    reason: str = ""


def claim_package(*, job: Job, user: User, stage: str) -> Claimed:
    """Give the person the next package of the stage; at their limit, the one they hold; else the reason for none.

    Raises NotFound or Denied where the person does not work in the stage.
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
    return _claim(job, user, stage)


def claim_next(
    *, user: User, stage: str | None = None, workspace: Workspace | None = None
) -> Claimed:
    """Give the person the next package over all their jobs: what they hold, else the best in the order of claiming."""
    held = Assignment.objects.filter(
        holder=user,
        state=Assignment.State.CLAIMED,
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
    for job, where in _look(user, places):
        if row := _take(job, user, where):
            return Claimed(_load(row[0]), already_held=row[1])
    if not places:
        return Claimed(None, reason=_("You are a member of no running job's stage."))
    if len(places) == 1:
        return Claimed(None, reason=_why_nothing(places[0][0], user, places[0][1]))
    return Claimed(None, reason=_("No package waits for you in any of your jobs."))


def _claim(job: Job, user: User, stage: str) -> Claimed:
    if row := _take(job, user, stage):
        return Claimed(_load(row[0]), already_held=row[1])
    return Claimed(None, reason=_why_nothing(job, user, stage))


def _take(job: Job, user: User, stage: str) -> tuple[int, bool] | None:
    """The assignment that the person has now, and whether they had it before."""
    moment = now()
    parameters: dict[str, Any] = {
        "job": job.pk,
        "stage": stage,
        "user": user.pk,
        "now": moment,
        "limit": job.limit("package_limit"),
        "own": stage == Stage.LABELING or bool(job.limit("allow_own_check")),
        "overdue": working_hours_earlier(moment, OVERDUE_AFTER, job.workspace.time_zone),
    }
    with transaction.atomic(), prepared_cursor() as cursor, pipelined():
        # Two clicks of one person wait for each other here; the second sees what the first one got. The claim's plan
        # is the same whatever its parameters are: every state in it is a literal, so the partial indexes serve.
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s), set_config('plan_cache_mode', 'force_generic_plan', true)",
            [(LOCK | user.pk) << 2 | _STAGE_NUMBER[stage]],
        )
        cursor.execute(_CLAIM, parameters)
        row: tuple[int, bool] | None = cursor.fetchone()
    return row


def _load(pk: int) -> Assignment:
    return Assignment.objects.select_related("job", "package").get(pk=pk)


def _closed(job: Job) -> str:
    """Why nobody claims in this job, or nothing."""
    if job.deleted_at or job.archived_at:
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
        pk__in={pk for pk, _name in pairs}, state=Job.State.RUNNING, archived_at=None
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
        cursor.execute(_LOOK, parameters)
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
    waiting = Assignment.objects.filter(job=job, stage=stage, state=Assignment.State.WAITING)
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
    reserved = Q(reserved_team__isnull=False) | Q(reserved_user__isnull=False)
    if not offered.exclude(reserved).exists():
        return _("What waits here is reserved for others.")
    return _("Others are just taking the last packages; try again in a moment.")


def _nothing_waits(job: Job, stage: str) -> str:
    live = Assignment.objects.filter(job=job, stage=stage)
    if live.filter(state=Assignment.State.CLAIMED).exists():
        return _("All packages of this stage are with other people at the moment.")
    if live.filter(state=Assignment.State.BLOCKED).exists():
        return _("What is left in this stage waits for a task administrator.")
    if (
        stage != Stage.LABELING
        and job.packages.filter(state="open", stage__in=_before(job, stage)).exists()
    ):
        return _("No package has reached this stage yet.")
    return _("No package is left in this stage.")


def _before(job: Job, stage: str) -> list[str]:
    return job.stages[: job.stages.index(stage)]
