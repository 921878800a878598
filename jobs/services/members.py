"""Who works in a job: stages and management are grants, to people or to a team's group."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Model, Q
from django.utils.translation import gettext as _

from accounts.grants import grant, revoke
from accounts.models import Team, User, Workspace
from accounts.services.workspaces import require_open
from itag.core.errors import Conflict, Denied, FieldError, Invalid
from itag.core.policy import can
from jobs.models import STAGE_PERMISSION, Assignment, Job, JobGroupPermission, JobUserPermission
from jobs.services.events import JobVerb, record_job_event
from jobs.services.locks import share_job
from jobs.services.release import release_held, wake_review

MANAGE = "manage"
#: States of a slot that nobody holds; a reservation may stand in both.
UNHELD = (Assignment.State.WAITING, Assignment.State.BLOCKED)
#: The permission on a Job that each role carries; `view_job` comes with any of them.
ROLE_PERMISSION = {**STAGE_PERMISSION, MANAGE: "manage_job"}


@dataclass
class RoleMembers:
    """The people and the teams of one role."""

    users: list[User] = field(default_factory=list)
    teams: list[Team] = field(default_factory=list)


Members = dict[str, RoleMembers]


def job_members(job: Job) -> Members:
    """The people and teams of every role of the job, in its order; two queries."""
    members: Members = {role: RoleMembers() for role in (*job.stages, MANAGE)}
    role_of = {codename: role for role, codename in ROLE_PERMISSION.items()}
    users = JobUserPermission.objects.filter(content_object=job, permission__codename__in=role_of)
    for row in users.select_related("user", "permission").order_by("user__username"):
        if row.user and (role := role_of[row.permission.codename]) in members:
            members[role].users.append(row.user)
    groups = JobGroupPermission.objects.filter(content_object=job, permission__codename__in=role_of)
    for group in groups.select_related("group__team", "permission").order_by("group__team__name"):
        role = role_of[group.permission.codename]
        if role in members and hasattr(group.group, "team"):
            members[role].teams.append(group.group.team)
    return members


def resolve_members(
    *,
    workspace: Workspace,
    stages: list[str],
    members: Any,
    creator: User,
    allow_own_check: bool,
) -> tuple[Members, list[FieldError], list[FieldError]]:
    """Turn {"labeling": {"users": [ids or rows], "teams": […]}, …} into rows; answers (members, errors, warnings).

    The roles are exactly the workflow's stages and, if given, `manage` (else the creator); none is empty; everybody
    is an active member of the workspace. Each inspecting stage needs somebody who may inspect others' work.
    """
    errors: list[FieldError] = []
    if not isinstance(members, Mapping):
        return {}, [{"field": "members", "message": _("Name the people of every stage.")}], []
    roles = [*stages, MANAGE]
    errors.extend(
        {"field": f"members.{role}", "message": _("The chosen workflow has no such stage.")}
        for role in members
        if role not in roles
    )
    given = {role: members[role] for role in roles if role in members}
    if MANAGE not in given:
        given[MANAGE] = {"users": [creator.pk]}
    found = _rows(given, workspace, creator)
    result: Members = {}
    for role in roles:
        if role not in given:
            errors.append({"field": f"members.{role}", "message": _("Choose people or a team.")})
            continue
        chosen, problems = found[role]
        errors.extend({"field": f"members.{role}", "message": text} for text in problems)
        if not problems and not chosen.users and not chosen.teams:
            errors.append({"field": f"members.{role}", "message": _("Choose people or a team.")})
        result[role] = chosen
    if errors:
        return result, errors, []
    people = people_of(result, workspace)
    errors.extend(
        {"field": f"members.{role}", "message": _("Nobody in the chosen teams is active here.")}
        for role in roles
        if not people[role]
    )
    if errors or allow_own_check:
        return result, errors, []
    return result, *_coverage(people, stages)


def people_of(members: Members, workspace: Workspace) -> dict[str, set[int]]:
    """The ids of everybody in each role, teams resolved to their active people; one query."""
    groups = {team.group_id for role in members.values() for team in role.teams}
    in_group: dict[int, set[int]] = {}
    if groups:
        pairs = User.objects.filter(
            groups__in=groups,
            is_active=True,
            memberships__workspace=workspace,
            memberships__active=True,
        ).values_list("groups", "pk")
        for group, user in pairs:
            in_group.setdefault(group, set()).add(user)
    return {
        role: {user.pk for user in chosen.users}.union(
            *(in_group.get(team.group_id, set()) for team in chosen.teams)
        )
        for role, chosen in members.items()
    }


def held_by_leavers(job: Job, members: Members) -> list[Assignment]:
    """What people hold in stages that they would lose if these were the members."""
    before, after = (people_of(m, job.workspace) for m in (job_members(job), members))
    leavers = {stage: before[stage] - after.get(stage, set()) for stage in job.stages}
    held = (
        Assignment.objects.filter(job=job, state=Assignment.State.CLAIMED)
        .select_related("holder", "package")
        .order_by("number", "id")
    )
    everybody = set().union(*leavers.values())
    return [row for row in held.filter(holder__in=everybody) if row.holder_id in leavers[row.stage]]


@transaction.atomic
def set_members(*, job: Job, user: User, members: Any, held: str | None = None) -> Members:
    """Make these the members of every role: grants are written and removed in one transaction.

    `members` as in resolve_members; without `manage` the task administrators stay as they are.

    What somebody holds in a stage they lose is given back (`held="release"`) or kept until they submit or release it
    (`held="keep"`); with neither, Conflict `held` names it and nothing changes. Reservations of leavers are cleared.
    Other task administrators are chosen by task administrators alone (Denied).
    """
    if held not in (None, "release", "keep"):
        raise Invalid.field("held", _("Choose “release” or “keep”."))
    job = Job.objects.select_for_update(of=("self",), no_key=True).get(pk=job.pk)
    require_open(job.workspace)
    present = job_members(job)
    if isinstance(members, Mapping) and MANAGE not in members:
        managers = present[MANAGE]
        members = {**members, MANAGE: {"users": managers.users, "teams": managers.teams}}
    new, errors, _warnings = resolve_members(
        workspace=job.workspace,
        stages=job.stages,
        members=members,
        creator=job.created_by,
        allow_own_check=job.limit("allow_own_check"),
    )
    if errors:
        raise Invalid(errors[0]["message"], errors=errors)
    if not _same(present[MANAGE], new[MANAGE]) and not (verdict := can(user, "jobs.manage", job)):
        # Whoever only assigns people would make themselves, or anybody, more than they are.
        raise Denied(verdict.reason)
    leaving = held_by_leavers(job, new)
    if leaving and held is None:
        raise Conflict(
            _("People who would lose a stage hold packages: release these or let them finish."),
            code="held",
            held=[
                {
                    "stage": row.stage,
                    "package": row.package.number,
                    "user": {
                        "id": row.holder.pk,
                        "username": row.holder.username,
                        "name": row.holder.get_full_name(),
                    },
                }
                for row in leaving
                if row.holder
            ],
        )
    write_grants(job, before=present, after=new)
    _clear_reservations(job, new)
    if held == "release":
        # By primary key, the order of all locks on assignments.
        for row in sorted(leaving, key=lambda row: row.pk):
            release_held(assignment=row, user=user, reason=_("No longer in this stage"))
    record_job_event(JobVerb.MEMBERS, job=job, actor=user, **_named(new))
    wake_review()
    return new


def _same(a: RoleMembers, b: RoleMembers) -> bool:
    return (set(a.users), set(a.teams)) == (set(b.users), set(b.teams))


def _named(members: Members) -> dict[str, Any]:
    """The ids of everybody in each role, as an event keeps them."""
    return {
        role: {"users": [user.pk for user in chosen.users], "teams": [t.pk for t in chosen.teams]}
        for role, chosen in members.items()
    }


@transaction.atomic
def forget_access(
    *, workspace: Workspace, users: Iterable[int], release: bool, closed: bool = False
) -> None:
    """After people lost a place: take back what they no longer have the stage for, or everything where `closed`.

    Reservations are cleared; what they hold goes back to the pool only if `release`, else they finish it or it is
    given to somebody else by hand. An account that was closed without `release` keeps both, to be given to others.
    """
    if closed and not release:
        wake_review()
        return
    people = set(users)
    rows = Assignment.objects.filter(
        Q(reserved_user__in=people, state__in=UNHELD)
        | Q(holder__in=people, state=Assignment.State.CLAIMED),
        job__workspace=workspace,
    )
    jobs = sorted(set(rows.values_list("job", flat=True)))
    for job_id in jobs:
        share_job(job_id)
    locked = rows.select_for_update(of=("self",), no_key=True).select_related("package")
    found = list(locked.order_by("pk"))
    still = set() if closed else _stage_grants(people, set(jobs))
    for row in found:
        person = row.holder_id or row.reserved_user_id
        if (person, row.job_id, STAGE_PERMISSION[row.stage]) in still:
            continue
        if row.state in UNHELD:
            Assignment.objects.filter(pk=row.pk, state=row.state).update(
                reserved_user=None, reserved_until=None
            )
        elif release:
            release_held(assignment=row, user=None, reason=_("No longer in this workspace"))
    wake_review()


def on_access_lost(
    sender: type[Model],
    workspace: Workspace,
    users: Iterable[int],
    held: str = "release",
    **_more: Any,
) -> None:
    """The receiver of accounts' signal; who only left a team finishes what they hold."""
    forget_access(
        workspace=workspace,
        users=users,
        release=held == "release" and sender is not Team,
        closed=sender is User,
    )


def _stage_grants(people: set[int], jobs: set[int]) -> set[tuple[int, int, str]]:
    """(person, job, permission) for the stages that these people have in these jobs."""
    wanted: dict[str, Any] = {
        "content_object__in": jobs,
        "permission__codename__in": STAGE_PERMISSION.values(),
    }
    users = JobUserPermission.objects.filter(user__in=people, **wanted)
    groups = JobGroupPermission.objects.filter(group__user__in=people, **wanted)
    columns = ("content_object", "permission__codename")
    return set(users.values_list("user", *columns)) | set(
        groups.values_list("group__user", *columns)
    )


def write_grants(job: Job, *, before: Members, after: Members) -> None:
    """Write what `after` has and `before` has not, remove the reverse, and keep `view_job` in step."""
    for role, codename in ROLE_PERMISSION.items():
        old, new = before.get(role, RoleMembers()), after.get(role, RoleMembers())
        _grant_difference(codename, job, old, new)
    _grant_difference("view_job", job, _union(before.values()), _union(after.values()))


def _grant_difference(codename: str, job: Job, old: RoleMembers, new: RoleMembers) -> None:
    old_users, new_users = set(old.users), set(new.users)
    old_groups = {team.group for team in old.teams}
    new_groups = {team.group for team in new.teams}
    if new_users - old_users or new_groups - old_groups:
        grant(codename, job, users=new_users - old_users, groups=new_groups - old_groups)
    if old_users - new_users or old_groups - new_groups:
        revoke(codename, job, users=old_users - new_users, groups=old_groups - new_groups)


def _union(roles: Iterable[RoleMembers]) -> RoleMembers:
    everything = RoleMembers()
    for role in roles:
        everything.users.extend(role.users)
        everything.teams.extend(role.teams)
    return everything


def _clear_reservations(job: Job, members: Members) -> None:
    people = people_of(members, job.workspace)
    for stage in job.stages:
        waiting = Assignment.objects.filter(job=job, stage=stage, state__in=UNHELD)
        waiting.filter(reserved_user__isnull=False).exclude(reserved_user__in=people[stage]).update(
            reserved_user=None, reserved_until=None
        )
        waiting.filter(reserved_team__isnull=False).exclude(
            reserved_team__in=members[stage].teams
        ).update(reserved_team=None, reserved_until=None)


def _rows(
    given: Mapping[str, Any], workspace: Workspace, creator: User
) -> dict[str, tuple[RoleMembers, list[str]]]:
    """The rows behind the ids of every role, with what is wrong; two queries."""
    ids: dict[str, tuple[list[Any], list[Any]]] = {}
    for role, value in given.items():
        chosen = value if isinstance(value, Mapping) else {}
        ids[role] = (_ids(chosen.get("users")), _ids(chosen.get("teams")))
    wanted_users = {pk for users, _teams in ids.values() for pk in users}
    wanted_teams = {pk for _users, teams in ids.values() for pk in teams}
    users = User.objects.filter(
        pk__in=wanted_users,
        is_active=True,
        memberships__workspace=workspace,
        memberships__active=True,
    ).in_bulk()
    # A superuser manages everywhere without being a member.
    if creator.is_superuser and creator.pk in wanted_users:
        users.setdefault(creator.pk, creator)
    teams = Team.objects.filter(pk__in=wanted_teams, workspace=workspace).select_related("group")
    team_rows = teams.in_bulk()
    result = {}
    for role, (user_ids, team_ids) in ids.items():
        problems = []
        if any(pk not in users for pk in user_ids):
            problems.append(_("Choose active members of this workspace."))
        if any(pk not in team_rows for pk in team_ids):
            problems.append(_("Choose teams of this workspace."))
        result[role] = (
            RoleMembers(
                users=[users[pk] for pk in user_ids if pk in users],
                teams=[team_rows[pk] for pk in team_ids if pk in team_rows],
            ),
            problems,
        )
    return result


def _ids(value: Any) -> list[int]:
    """Ids of a list of ids or rows, each once, in order; what is no id becomes 0, which no row has."""
    if not isinstance(value, Iterable) or isinstance(value, str | Mapping):
        return []
    ids = []
    for entry in value:
        pk = entry.pk if isinstance(entry, Model) else entry
        if isinstance(pk, str) and pk.isascii() and pk.isdigit() and len(pk) < 20:
            pk = int(pk)
        ids.append(pk if isinstance(pk, int) and not isinstance(pk, bool) and pk < 2**63 else 0)
    return list(dict.fromkeys(ids))


def _coverage(
    people: Mapping[str, set[int]], stages: list[str]
) -> tuple[list[FieldError], list[FieldError]]:
    """Errors where nobody at all could inspect, warnings where some package could find nobody."""
    errors: list[FieldError] = []
    warnings: list[FieldError] = []
    for number, stage in enumerate(stages[1:], 1):
        here = people[stage]
        earlier = [people[name] for name in stages[:number]]
        pairs_differ = all(len(here | other) > 1 for other in earlier)
        if not pairs_differ or len(here.union(*earlier)) <= number:
            errors.append(
                {
                    "field": f"members.{stage}",
                    "message": _(
                        "Nobody here could inspect other people's work. Choose somebody who does not work in an "
                        "earlier stage, or allow people to inspect their own work."
                    ),
                }
            )
        elif len(here) <= number and here <= set().union(*earlier):
            warnings.append(
                {
                    "field": f"members.{stage}",
                    "message": _(
                        "Everybody here also works in an earlier stage, so some packages may find nobody to inspect "
                        "them."
                    ),
                }
            )
    return errors, warnings
