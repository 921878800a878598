"""The table in which people and teams are given roles: who is chosen, and the first of those who match a search."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Membership, Team, User, Workspace
from accounts.visibility import visible_people, visible_teams
from jobs.services.members import MANAGE, Members

#: Roles in the order of their columns.
ROLES = {
    "labeling": gettext_lazy("Labelers"),
    "check": gettext_lazy("Checkers"),
    "acceptance": gettext_lazy("Accepters"),
    MANAGE: gettext_lazy("Task administrators"),
}
#: Rows that a search brings at most; a workspace may have thousands of people.
MOST = 50

Chosen = Mapping[str, Mapping[str, list[int]]]


@dataclass
class Person:
    """A row of the people table: somebody, or a team."""

    kind: str  # users | teams
    pk: int
    label: str
    note: str
    roles: set[str] = field(default_factory=set)


class PeopleTable:
    """`rows`: who is chosen in any role; `found`: the first who match the search besides; `more`: how many are left out.

    `viewer`: of others, only those whom this person may know of are found. At most seven queries, however many people.
    """

    def __init__(
        self,
        workspace: Workspace,
        chosen: Chosen,
        *,
        search: str = "",
        viewer: User | None = None,
    ) -> None:
        roles: dict[tuple[str, int], set[str]] = {}
        for role, kinds in chosen.items():
            for kind, ids in kinds.items():
                for pk in ids:
                    roles.setdefault((kind, pk), set()).add(role)
        teams = Team.objects.filter(workspace=workspace).order_by("name")
        members = (
            Membership.objects.filter(workspace=workspace, active=True, user__is_active=True)
            .select_related("user")
            .order_by("user__username")
        )
        taken = {kind: [pk for k, pk in roles if k == kind] for kind in ("users", "teams")}
        self.rows = [
            *(_team(team) for team in teams.filter(pk__in=taken["teams"])),
            *(_member(row) for row in members.filter(user__in=taken["users"])),
        ]
        for person in self.rows:
            person.roles = roles[person.kind, person.pk]
        teams = teams.exclude(pk__in=taken["teams"]).filter(name__icontains=search)
        members = members.exclude(user__in=taken["users"]).filter(
            Q(user__username__icontains=search) | Q(user__name__icontains=search)
        )
        if viewer is not None:
            members = members.filter(visible_people(viewer, workspace).where("user"))
            if (known := visible_teams(viewer, workspace)) is not None:
                teams = teams.filter(pk__in=known)
        self.found, self.more = _first(teams, members)

    @staticmethod
    def chosen(members: Members) -> dict[str, dict[str, list[int]]]:
        """The ids behind members as they are."""
        return {
            role: {
                "users": [user.pk for user in who.users],
                "teams": [team.pk for team in who.teams],
            }
            for role, who in members.items()
        }

    @staticmethod
    def posted(data: QueryDict, roles: Iterable[str]) -> dict[str, dict[str, list[int]]]:
        """The ids that a page sent for these roles; what is no number becomes 0, which no row has."""
        return {
            role: {
                kind: [
                    int(value) if value.isascii() and value.isdigit() and len(value) < 19 else 0
                    for value in data.getlist(f"{kind}-{role}")
                ]
                for kind in ("users", "teams")
            }
            for role in roles
        }


def _first(teams: QuerySet[Team], members: QuerySet[Membership]) -> tuple[list[Person], int]:
    """The first of both, teams before people, and how many there are besides."""
    found = [_team(team) for team in teams[: MOST + 1]]
    found += [_member(row) for row in members[: MOST + 1 - len(found)]]
    if len(found) <= MOST:
        return found, 0
    return found[:MOST], teams.count() + members.count() - MOST


def _team(team: Team) -> Person:
    return Person("teams", team.pk, team.name, str(_("Team")))


def _member(row: Any) -> Person:
    user, note = row.user, str(row.get_role_display())
    return Person(
        "users",
        user.pk,
        user.name or user.username,
        f"{user.username} · {note}" if user.name else note,
    )
