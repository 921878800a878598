"""Teams: people who take work together; a team's group holds the grants."""

from collections.abc import Iterable
from uuid import uuid4

from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import Membership, Team, User, Workspace
from accounts.signals import access_lost
from itag.core.errors import Invalid
from itag.core.policy import require


@transaction.atomic
def create_team(
    *,
    workspace: Workspace,
    name: str,
    members: Iterable[User],
    leaders: Iterable[User] = (),
    actor: User | None,
) -> Team:
    """Make a team of active members of the workspace."""
    if actor is not None:
        require(actor, "teams.create", workspace)
    members, leaders = list(members), list(leaders)
    name = _checked_name(name)
    _require_members(workspace, members, "members")
    _require_members(workspace, leaders, "leaders")
    # The group's own name is never shown; it only has to be unique in the whole installation.
    group = Group.objects.create(name=f"team {uuid4().hex}")
    team = Team(workspace=workspace, name=name, group=group)
    _save(team)
    group.user_set.set(members)
    team.leaders.set(leaders)
    return team


@transaction.atomic
def update_team(
    *,
    team: Team,
    actor: User | None,
    name: str | None = None,
    members: Iterable[User] | None = None,
    leaders: Iterable[User] | None = None,
) -> Team:
    """Change what is given. Who leaves the team loses at once what its group was granted."""
    team = (
        Team.objects.select_for_update(no_key=True, of=("self",))
        .select_related("workspace", "group")
        .get(pk=team.pk)
    )
    if actor is not None:
        require(actor, "teams.change", team)
    if name is not None:
        team.name = _checked_name(name)
        _save(team)
    if leaders is not None:
        leaders = list(leaders)
        _require_members(team.workspace, leaders, "leaders")
        team.leaders.set(leaders)
    if members is not None:
        members = list(members)
        _require_members(team.workspace, members, "members")
        before = set(team.group.user_set.values_list("pk", flat=True))
        team.group.user_set.set(members)
        gone = sorted(before - {user.pk for user in members})
        if gone:
            access_lost.send(sender=Team, workspace=team.workspace, users=gone, team=team)
    return team


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
