"""Who may do what with a job, a package and an assignment; each refusal says why."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from accounts.grants import held
from accounts.models import Workspace, WorkspaceGroupPermission, WorkspaceUserPermission
from accounts.policies import unless_archived
from itag.core.policy import ALLOWED, HIDDEN, Verdict, denied, rule
from itag.core.sql import prepared_cursor
from jobs.models import (
    STAGE_PERMISSION,
    Assignment,
    Job,
    JobGroupPermission,
    JobUserPermission,
    Stage,
)

WORKSPACE_GRANTS = ("view_workspace", "create_in_workspace", "lead_workspace")
JOB_GRANTS = ("view_job", "manage_job", *STAGE_PERMISSION.values())
#: The rules of a job, by what a page or an API client asks.
ABILITIES = ("view", "manage", "assign", "delete", "label", "check", "accept")
_STAGE_OF = {"label": Stage.LABELING, "check": Stage.CHECK, "accept": Stage.ACCEPTANCE}

_DIRECT = "g.user_id = %s"
_THROUGH_TEAM = "g.group_id IN (SELECT group_id FROM accounts_user_groups WHERE user_id = %s)"
# By hand, since every request about a job asks it: composing it through the ORM took ten times what it takes.
_GRANTS = " UNION ALL ".join(
    f"""SELECT {of_job}, g.content_object_id, p.codename
    FROM {model._meta.db_table} g JOIN auth_permission p ON p.id = g.permission_id
    WHERE {whose} AND g.content_object_id = ANY(%s::bigint[]) AND p.codename = ANY(%s::text[])"""
    for of_job, model, whose in (
        ("true", JobUserPermission, _DIRECT),
        ("true", JobGroupPermission, _THROUGH_TEAM),
        ("false", WorkspaceUserPermission, _DIRECT),
        ("false", WorkspaceGroupPermission, _THROUGH_TEAM),
    )
)


def job_grants(user: Any, jobs: Iterable[Job]) -> dict[int, set[str]]:
    """What was granted to the person on each job, directly or through a team, plus the workspace's grants.

    One query for any number of jobs. A superuser gets no more here: what everybody must be granted (a stage's work)
    is read from this, what a superuser may always do is added by the rules.
    """
    jobs = list(jobs)
    grants: dict[int, set[str]] = {job.pk: set() for job in jobs}
    if not user.is_authenticated or not user.is_active or not jobs:
        return grants
    spaces: dict[int, set[str]] = {job.workspace_id: set() for job in jobs}
    with prepared_cursor() as cursor:
        cursor.execute(
            _GRANTS,
            [user.pk, [*grants], [*JOB_GRANTS]] * 2 + [user.pk, [*spaces], [*WORKSPACE_GRANTS]] * 2,
        )
        for of_job, pk, codename in cursor.fetchall():
            (grants if of_job else spaces)[pk].add(codename)
    for job in jobs:
        grants[job.pk] |= spaces[job.workspace_id]
    return grants


def sees_stages(user: Any, jobs: Iterable[Job]) -> set[int]:
    """Ids of the jobs of which the person may know how far every stage is; one query for any number.

    Who only labels may not: what passed a stage at once would tell whether something of theirs was drawn.
    """
    if user.is_superuser:
        return {job.pk for job in jobs}
    watching = {"manage_job", "check_job", "accept_job", "create_in_workspace", "lead_workspace"}
    return {pk for pk, grants in job_grants(user, jobs).items() if grants & watching}


def abilities(user: Any, jobs: Iterable[Job]) -> dict[int, dict[str, Verdict]]:
    """The verdict of every rule of ABILITIES for each job, at the cost of one."""
    jobs = list(jobs)
    grants = job_grants(user, jobs)
    return {
        job.pk: {name: _verdict(name, user, job, grants[job.pk]) for name in ABILITIES}
        for job in jobs
    }


def _verdict(name: str, user: Any, job: Job, grants: set[str]) -> Verdict:
    """One rule over the grants of `job_grants`."""
    if not user.is_authenticated or not user.is_active:
        return HIDDEN
    creates = user.is_superuser or "create_in_workspace" in grants
    leads = user.is_superuser or "lead_workspace" in grants
    if not (creates or leads or "view_job" in grants):
        return HIDDEN
    if name == "view":
        return ALLOWED
    manages = creates or "manage_job" in grants
    if name == "manage":
        return ALLOWED if manages else denied(_("You are not a task administrator of this job."))
    if name == "delete":
        if creates:
            return ALLOWED
        return denied(_("Only administrators and annotation administrators delete jobs."))
    if name == "assign":
        if manages or leads:
            return ALLOWED
        return denied(_("Only task administrators and team leaders assign people and packages."))
    return _stage_verdict(_STAGE_OF[name], job, grants)


def _stage_verdict(stage: Stage, job: Job, grants: set[str]) -> Verdict:
    """Whether the person may take packages in the stage now; a superuser, too, must be on its team."""
    if stage not in job.stages:
        return denied(_("This job has no such stage."))
    if STAGE_PERMISSION[stage] not in grants:
        return denied(
            {
                Stage.LABELING: _("You are not among the labelers of this job."),
                Stage.CHECK: _("You are not among the checkers of this job."),
                Stage.ACCEPTANCE: _("You are not among the accepters of this job."),
            }[stage]
        )
    if job.state != Job.State.RUNNING:
        return denied(not_running(job))
    return ALLOWED


def not_running(job: Job) -> str:
    """Why nobody takes packages of this job now."""
    return {
        Job.State.INITIALISING: _("The job is still being prepared."),
        Job.State.PAUSED: _("The job is paused: nobody takes further packages."),
        Job.State.OFFLINE: _("The job is offline."),
        Job.State.FINISHED: _("The job is finished."),
        Job.State.FAILED: _("The job could not be prepared."),
    }.get(Job.State(job.state), "")


def _ask(name: str, user: Any, job: Job) -> Verdict:
    return _verdict(name, user, job, job_grants(user, [job])[job.pk])


@rule("jobs.view")
def view(user: Any, job: Job) -> Verdict:
    return _ask("view", user, job)


@rule("jobs.manage")
def manage(user: Any, job: Job) -> Verdict:
    return _ask("manage", user, job)


@rule("jobs.assign")
def assign(user: Any, job: Job) -> Verdict:
    return _ask("assign", user, job)


@rule("jobs.delete")
def delete(user: Any, job: Job) -> Verdict:
    return _ask("delete", user, job)


@rule("jobs.label")
def label(user: Any, job: Job) -> Verdict:
    return _ask("label", user, job)


@rule("jobs.check")
def check(user: Any, job: Job) -> Verdict:
    return _ask("check", user, job)


@rule("jobs.accept")
def accept(user: Any, job: Job) -> Verdict:
    return _ask("accept", user, job)


@rule("jobs.create")
def create(user: Any, workspace: Workspace) -> Verdict:
    """In a workspace: administrators and annotation administrators alone."""
    grants = held(user, workspace, "view_workspace", "create_in_workspace")
    if "create_in_workspace" in grants:
        return unless_archived(workspace)
    if not grants:
        return HIDDEN
    return denied(_("Only administrators and annotation administrators create jobs."))


@rule("assignments.view")
def view_assignment(user: Any, assignment: Assignment) -> Verdict:
    """Whoever holds it, or held it and still sees the job, and who manages the job; nobody else knows of it."""
    if assignment.holder_id == user.pk:
        # What they were left to finish they finish; what is over goes with the job.
        held = assignment.state == Assignment.State.CLAIMED
        return ALLOWED if held else _ask("view", user, assignment.job)
    verdict = _ask("manage", user, assignment.job)
    return verdict if verdict else HIDDEN


@rule("assignments.work")
def work(user: Any, assignment: Assignment) -> Verdict:
    """The present holder; who lost the stage may finish what the manager let them keep."""
    verdict = view_assignment(user, assignment)
    if not verdict:
        return verdict
    if assignment.holder_id != user.pk:
        return denied(_("Somebody else holds this package."))
    if assignment.state != Assignment.State.CLAIMED:
        return denied(_("You do not hold this package any more."))
    return ALLOWED
