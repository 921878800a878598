"""Teams: people who take work together; a team's group holds the grants."""

from collections.abc import Iterable
from uuid import uuid4

from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import Membership, Team, User, Workspace
from accounts.services.workspaces import lock_workspace, require_open, write_workspace_grants
from accounts.signals import access_lost
from itag.core.errors import Invalid
from itag.core.policy import can, require


@transaction.atomic
def create_team(
    *,
    workspace: Workspace,
    name: str,
    members: Iterable[User],
    leaders: Iterable[User] = (),
    is_supplier: bool = False,
    actor: User | None,
) -> Team:
    """Make a team of active members of the workspace.

    A supplier's leaders and members see their own team alone. Whoever leads one is a team leader or more (Invalid).
    """
    if actor is not None:
        require(actor, "teams.create", workspace)
    workspace = lock_workspace(workspace)
    require_open(workspace)
    members, leaders = list(members), list(leaders)
    name = _checked_name(name)
    _require_members(workspace, members, "members")
    _require_members(workspace, leaders, "leaders")
    # The group's own name is never shown; it only has to be unique in the whole installation.
    group = Group.objects.create(name=f"team {uuid4().hex}")
    team = Team(workspace=workspace, name=name, group=group, is_supplier=is_supplier)
    _save(team)
    group.user_set.set(members)
    team.leaders.set(leaders)
    if is_supplier:
        _require_leaders(team)
        _renew_grants(team, {user.pk for user in (*members, *leaders)})
    return team


@transaction.atomic
def update_team(
    *,
    team: Team,
    actor: User | None,
    name: str | None = None,
    members: Iterable[User] | None = None,
    leaders: Iterable[User] | None = None,
    is_supplier: bool | None = None,
) -> Team:
    """Change what is given. Who leaves the team loses at once what its group was granted.

    A supplier's own leader changes its members among the people that they manage, and nothing else (Denied).
    """
    # Workspace before team, as changes of members lock them, since grants on the workspace may follow.
    workspace = lock_workspace(team.workspace)
    team = (
        Team.objects.select_for_update(no_key=True, of=("self",))
        .select_related("workspace", "group")
        .get(pk=team.pk)
    )
    if actor is not None:
        require(actor, "teams.change", team)
        if name is not None or leaders is not None or is_supplier is not None:
            require(actor, "teams.rule", team)
    require_open(workspace)
    before = set(team.group.user_set.values_list("pk", flat=True))
    led_before = set(team.leaders.values_list("pk", flat=True))
    was_supplier = team.is_supplier
    if name is not None or is_supplier is not None:
        team.name = team.name if name is None else _checked_name(name)
        team.is_supplier = team.is_supplier if is_supplier is None else is_supplier
        _save(team)
    if leaders is not None:
        leaders = list(leaders)
        _require_members(workspace, leaders, "leaders")
        team.leaders.set(leaders)
    if members is not None:
        members = list(members)
        _require_members(workspace, members, "members")
        if actor is not None:
            _require_own(actor, team, [user for user in members if user.pk not in before])
        team.group.user_set.set(members)
        gone = sorted(before - {user.pk for user in members})
        if gone:
            access_lost.send(sender=Team, workspace=workspace, users=gone, team=team)
    if team.is_supplier:
        _require_leaders(team)
    if team.is_supplier or was_supplier:
        after = {*team.group.user_set.values_list("pk", flat=True)}
        _renew_grants(
            team, before | led_before | after | {*team.leaders.values_list("pk", flat=True)}
        )
    return team


@transaction.atomic
def change_people(
    *,
    team: Team,
    actor: User | None,
    add: Iterable[User] = (),
    remove: Iterable[User] = (),
    lead: Iterable[User] = (),
    unlead: Iterable[User] = (),
) -> Team:
    """Put people into the team or take them out, make some its leaders or no longer; the others stay as they are."""
    lock_workspace(team.workspace)
    members = {user.pk: user for user in team.group.user_set.all()}
    leaders = {user.pk: user for user in team.leaders.all()}
    changes: dict[str, list[User]] = {}
    added, removed, leading, unleading = list(add), list(remove), list(lead), list(unlead)
    if added or removed:
        members |= {user.pk: user for user in added}
        for user in removed:
            members.pop(user.pk, None)
        changes["members"] = list(members.values())
    if leading or unleading:
        leaders |= {user.pk: user for user in leading}
        for user in unleading:
            leaders.pop(user.pk, None)
        changes["leaders"] = list(leaders.values())
    return update_team(
        team=team, actor=actor, members=changes.get("members"), leaders=changes.get("leaders")
    )


def add_to_team(*, team: Team, users: Iterable[User]) -> None:
    """Put people who are members of the workspace into the team besides those who are there; asks no rule."""
    people = list(users)
    team.group.user_set.add(*people)
    if team.is_supplier:
        _renew_grants(team, {user.pk for user in people})


def _require_own(actor: User, team: Team, added: list[User]) -> None:
    """A supplier's leader moves people between the teams that they lead; others they do not know of."""
    if can(actor, "teams.rule", team) or not added:
        return
    known = set(
        User.objects.visible_to(actor)
        .filter(pk__in=[user.pk for user in added])
        .values_list("pk", flat=True)
    )
    for user in added:
        if user.pk not in known:
            raise Invalid.field("members", _("There is no person %(id)s.") % {"id": user.pk})


def _require_leaders(team: Team) -> None:
    worker = (
        team.leaders.filter(
            memberships__workspace=team.workspace, memberships__role=Membership.Role.OPERATOR
        )
        .order_by("username")
        .first()
    )
    if worker is not None:
        raise Invalid.field(
            "leaders",
            _("%(name)s is a labeling worker; give them the role of a team leader first.")
            % {"name": worker},
        )


def _renew_grants(team: Team, people: set[int]) -> None:
    """What a supplier's people hold on the workspace follows from where they belong."""
    rows = Membership.objects.filter(
        workspace=team.workspace_id, user__in=people, role=Membership.Role.LEADER
    )
    for membership in rows.select_related("workspace", "user").order_by("pk"):
        write_workspace_grants(membership)


def _checked_name(name: str) -> str:
    name = name.strip()
    if not name:
        raise Invalid.field("name", _("Enter a name."))
    if len(name) > 100:
        raise Invalid.field("name", _("At most 100 characters."))
    return name


def _save(team: Team) -> None:
    try:
        with transaction.atomic():
            team.save()
    except IntegrityError as exc:
        if "team_name_unique_in_workspace" not in str(exc):
            raise
        raise Invalid.field("name", _("Another team has this name.")) from exc


def _require_members(workspace: Workspace, people: list[User], field: str) -> None:
    found = set(
        Membership.objects.filter(
            workspace=workspace, user__in=people, active=True, user__is_active=True
        ).values_list("user_id", flat=True)
    )
    for person in people:
        if person.pk not in found:
            raise Invalid.field(
                field,
                _("%(name)s is no active member of the workspace.") % {"name": person},
            )
