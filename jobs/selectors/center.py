"""What Task Center shows: a person's work by stage, and their jobs with progress. Counters are read, not counted."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypedDict

from django.db import connection
from django.db.models import Prefetch, Q, QuerySet

from accounts.models import User, Workspace
from itag.core.clock import now
from itag.core.policy import Verdict
from jobs.models import (
    STAGE_PERMISSION,
    Assignment,
    Batch,
    Job,
    JobGroupPermission,
    JobSummary,
    JobUserPermission,
    Package,
    SkipRecord,
    SplitRun,
    Stage,
)
from jobs.selectors.progress import Progress, progress_of
from jobs.selectors.verbs import assignment_verbs, day_begins

#: Waiting packages are counted up to here; beyond, there are "so many and more".
COUNT_TO = 100
#: At most so many packages that are kept for a person are listed.
KEPT_TO = 50
#: At most so many of those that they have submitted.
DONE_SHOWN = 20
#: Submissions of the week are counted up to here.
DONE_TO = 500


class StageProgress(TypedDict):
    """How many packages and items have passed."""

    packages: int
    items: int


@dataclass
class Claimable:
    """A job with packages that the person could claim now: `waiting` of them, COUNT_TO meaning at least so many."""

    job: Job
    waiting: int

    @property
    def many(self) -> bool:
        return self.waiting >= COUNT_TO


@dataclass
class StageWork:
    """A person's work in one stage; `held`: with how far each is."""

    stage: Stage
    held: list[tuple[Assignment, Progress]] = field(default_factory=list)
    returned: list[Assignment] = field(default_factory=list)
    reserved: list[Assignment] = field(default_factory=list)
    claimable: list[Claimable] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not (self.held or self.returned or self.reserved or self.claimable)


def my_work(user: User, workspace: Workspace) -> list[StageWork]:
    """What the person holds, what came back to them or is kept for them, and what they could claim; seven queries.

    A stage in which nothing was ever granted to them and nothing is held is left out.
    """
    granted = _granted_stages(user, workspace)
    mine = (
        Assignment.objects.filter(
            job__workspace=workspace, job__deleted_at=None, package__discarded_at=None
        )
        .select_related("job", "package")
        .order_by("claimed_at", "id")
    )
    held = list(mine.filter(holder=user, state=Assignment.State.CLAIMED))
    returned = list(
        mine.filter(
            Q(reserved_until=None) | Q(reserved_until__gt=now()),
            reserved_user=user,
            state=Assignment.State.WAITING,
            job__state=Job.State.RUNNING,
            job__archived_at=None,
        )[:KEPT_TO]
    )
    work = {stage: StageWork(stage) for stage in Stage}
    progress = progress_of(held)
    for row in held:
        work[Stage(row.stage)].held.append((row, progress[row.pk]))
    for row in returned:
        if row.job_id in granted[Stage(row.stage)]:
            entry = work[Stage(row.stage)]
            (entry.returned if row.is_return else entry.reserved).append(row)
    for stage, claimable in _claimable(user, granted, held).items():
        work[stage].claimable = claimable
    return [entry for entry in work.values() if granted[entry.stage] or not entry.is_empty]


@dataclass
class Done:
    """A package that the person submitted; `withdraw` says whether they may take it back."""

    assignment: Assignment
    withdraw: Verdict


@dataclass
class DoneWork:
    """What the person submitted since the week began: how much (DONE_TO meaning at least so many), and the latest."""

    today: int
    week: int
    rows: list[Done]

    @property
    def many(self) -> bool:
        return self.week >= DONE_TO


def done_work(user: User, workspace: Workspace) -> DoneWork:
    """The person's submissions of this week, newest first, in the workspace's time zone; five queries."""
    today = day_begins(workspace.time_zone, now())
    monday = today - timedelta(days=today.weekday())
    rows = Assignment.objects.filter(
        holder=user,
        state=Assignment.State.SUBMITTED,
        submitted_at__gte=monday,
        job__workspace=workspace,
        job__deleted_at=None,
    ).order_by("-submitted_at", "-id")
    moments = list(rows.values_list("submitted_at", flat=True)[:DONE_TO])
    latest = list(rows.select_related("job", "package")[:DONE_SHOWN])
    verbs = assignment_verbs(user, latest)
    return DoneWork(
        sum(1 for at in moments if at and at >= today),
        len(moments),
        [Done(row, verbs[row.pk].verdicts["withdraw"]) for row in latest],
    )


def jobs_for_list(jobs: QuerySet[Job]) -> QuerySet[Job]:
    """The jobs with what a list shows of each, their splits included; two queries for any number."""
    batches = Batch.objects.select_related("split").order_by("number")
    return jobs.select_related(
        "workspace", "dataset", "template", "created_by", "summary"
    ).prefetch_related(Prefetch("batches", batches))


def job_split(job: Job) -> SplitRun | None:
    """The run that is cutting the job's newest batch, or cut it."""
    batches = [batch for batch in job.batches.all() if hasattr(batch, "split")]
    return batches[-1].split if batches else None


def job_progress(job: Job, *, every_stage: bool) -> dict[str, StageProgress]:
    """Packages and items that passed each stage of the workflow, or labeling alone, and those finished.

    `every_stage`: see `policies.sees_stages`.
    """
    try:
        summary = job.summary
    except JobSummary.DoesNotExist:
        summary = JobSummary(job=job)
    return {
        name: {
            "packages": getattr(summary, f"{name}_packages"),
            "items": getattr(summary, f"{name}_items"),
        }
        for name in (*(job.stages if every_stage else job.stages[:1]), "finished")
    }


def _granted_stages(user: User, workspace: Workspace) -> dict[Stage, set[int]]:
    """Ids of the workspace's running jobs in each stage that was granted to the person, directly or by a team."""
    stage_of = {codename: Stage(stage) for stage, codename in STAGE_PERMISSION.items()}
    running: dict[str, Any] = {
        "content_object__workspace": workspace,
        "content_object__state": Job.State.RUNNING,
        "content_object__deleted_at": None,
        "content_object__archived_at": None,
        "permission__codename__in": stage_of,
    }
    columns = ("permission__codename", "content_object")
    users = JobUserPermission.objects.filter(user=user, **running).values_list(*columns)
    groups = JobGroupPermission.objects.filter(group__user=user, **running).values_list(*columns)
    granted: dict[Stage, set[int]] = {stage: set() for stage in Stage}
    for codename, job_id in users.union(groups):
        granted[stage_of[codename]].add(job_id)
    return granted


_OF_PAIR = f"""
    SELECT count(*) FROM (
        SELECT 1 FROM {Assignment._meta.db_table} a
        WHERE a.job_id = pair.job AND a.stage = pair.stage AND a.state = 'waiting'
            AND (pair.own OR NOT a.participants @> ARRAY[%(user)s::integer])
            AND NOT EXISTS (
                SELECT 1 FROM {SkipRecord._meta.db_table} s
                WHERE s.person_id = %(user)s AND s.job_id = pair.job AND s.package_id = a.package_id
                    AND s.lifted_at IS NULL
            )
            AND (SELECT p.discarded_at IS NULL FROM {Package._meta.db_table} p WHERE p.id = a.package_id)
            AND NOT EXISTS (
                SELECT 1 FROM {Assignment._meta.db_table} v
                WHERE v.package_id = a.package_id AND v.round = a.round AND v.stage = a.stage
                    AND v.holder_id = %(user)s AND v.state IN ('claimed', 'submitted')
            )
            AND {{which}}
            AND (a.vote = 0 OR NOT EXISTS (
                SELECT 1 FROM {Assignment._meta.db_table} b
                WHERE b.package_id = a.package_id AND b.round = a.round AND b.stage = a.stage
                    AND b.vote < a.vote AND b.state = 'waiting' AND {{same}}
            ))
        LIMIT %(most)s
    ) waiting
"""  # the tables are our own models'; every value is a parameter
_FREE = "a.reserved_user_id IS NULL AND a.reserved_team_id IS NULL"
_TEAM = "a.reserved_team_id = ANY(%(teams)s::bigint[])"
_LAPSED = "a.reserved_user_id IS NOT NULL AND a.reserved_until <= %(now)s"


def _of_pair(which: str) -> str:
    """Of a package's waiting votes the first counts: nobody gives two of them."""
    return _OF_PAIR.format(which=which, same=which.replace("a.", "b."))


#: For each pair of job and stage: how many packages are free for the person, each kind by its own index.
_WAITING = f"""
SELECT pair.job, pair.stage, free.count + team.count + lapsed.count
FROM unnest(%(jobs)s::bigint[], %(stages)s::text[], %(own)s::boolean[]) AS pair (job, stage, own)
CROSS JOIN LATERAL ({_of_pair(_FREE)}) free
CROSS JOIN LATERAL ({_of_pair(_TEAM)}) team
CROSS JOIN LATERAL ({_of_pair(_LAPSED)}) lapsed
WHERE free.count + team.count + lapsed.count > 0
"""


def _claimable(
    user: User, granted: dict[Stage, set[int]], held: list[Assignment]
) -> dict[Stage, list[Claimable]]:
    jobs = jobs_for_list(Job.objects.filter(pk__in=set().union(*granted.values()))).in_bulk()
    taken: dict[tuple[int, str], int] = {}
    for row in held:
        if not ((row.is_return or row.beyond_limit) and row.reserved_user_id == user.pk):
            taken[row.job_id, row.stage] = taken.get((row.job_id, row.stage), 0) + 1
    pairs = [
        (job_id, stage)
        for stage, ids in granted.items()
        for job_id in sorted(ids)
        if job_id in jobs
        and stage in jobs[job_id].stages
        and taken.get((job_id, stage), 0) < jobs[job_id].limit("package_limit")
    ]
    found: dict[Stage, list[Claimable]] = {}
    if not pairs:
        return found
    teams = list(user.groups.filter(team__isnull=False).values_list("team", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(
            _WAITING,
            {
                "jobs": [job_id for job_id, _stage in pairs],
                "stages": [str(stage) for _job, stage in pairs],
                "own": [
                    stage == Stage.LABELING or bool(jobs[job_id].limit("allow_own_check"))
                    for job_id, stage in pairs
                ],
                "user": user.pk,
                "teams": teams,
                "most": COUNT_TO,
                "now": now(),
            },
        )
        for job_id, stage, count in cursor.fetchall():
            found.setdefault(Stage(stage), []).append(Claimable(jobs[job_id], min(count, COUNT_TO)))
    for rows in found.values():
        rows.sort(key=lambda row: (-row.job.priority, row.job.deadline or _LATEST, row.job.pk))
    return found


_LATEST = now().replace(year=9999)
