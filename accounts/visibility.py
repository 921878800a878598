"""Whom a person may know of: a supplier's people know their own team alone, everybody else the whole workspace.

The one place that says so. `UserQuerySet.visible_to` and its like answer whom one may choose and manage; this answers
whose names, work and figures a page, an API answer or a file may hold.
"""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from accounts.grants import held
from accounts.models import Team, User, Workspace

#: Grants on a workspace that let a person see everybody in it, in whatever team they are.
SEE_ALL = ("manage_workspace", "create_in_workspace", "lead_workspace")


@dataclass(frozen=True)
class People:
    """Whom somebody may know of in a workspace; `ids` is None for everybody.

    `7 in people` asks for one person's id, `rows.filter(people.where("holder"))` narrows rows to theirs.
    """

    ids: frozenset[int] | None = None

    @property
    def everybody(self) -> bool:
        return self.ids is None

    def __contains__(self, user_id: object) -> bool:
        return self.ids is None or user_id in self.ids

    def where(self, field: str = "pk") -> Q:
        """The condition that the field (a user's key) is one of theirs; everything for everybody."""
        return Q() if self.ids is None else Q(**{f"{field}__in": self.ids})


EVERYBODY = People()


def supplier_teams(user: Any, workspace: Workspace) -> list[Team]:
    """The supplier teams of the workspace that the person belongs to or leads; one query."""
    return list(
        Team.objects.filter(workspace=workspace, is_supplier=True)
        .filter(Q(group__in=user.groups.values("pk")) | Q(leaders=user))
        .distinct()
    )


def visible_people(viewer: Any, workspace: Workspace) -> People:
    """Whose names, work and figures the viewer may see in the workspace. At most three queries, mostly one.

    A supplier's people: the members and leaders of their own supplier teams. Whoever manages, creates or leads in the
    workspace, and everybody in no supplier team: everybody.
    """
    if not viewer.is_authenticated or not viewer.is_active:
        return People(frozenset())
    if viewer.is_superuser:
        return EVERYBODY
    teams = supplier_teams(viewer, workspace)
    if not teams or held(viewer, workspace, *SEE_ALL):
        return EVERYBODY
    people = User.objects.filter(
        Q(groups__in=[team.group_id for team in teams]) | Q(led_teams__in=teams)
    )
    return People(frozenset({viewer.pk, *people.values_list("pk", flat=True)}))


def visible_teams(viewer: Any, workspace: Workspace) -> frozenset[int] | None:
    """The teams whose names and figures the viewer may see, by id; None for all."""
    if not viewer.is_authenticated or not viewer.is_active:
        return frozenset()
    if viewer.is_superuser:
        return None
    teams = supplier_teams(viewer, workspace)
    if not teams or held(viewer, workspace, *SEE_ALL):
        return None
    return frozenset(team.pk for team in teams)
