"""`can` and `visible_to` tell the same story, for seven kinds of people."""

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, Group, Permission

from accounts.grants import grant, granted_ids, held, holders, holds, holds_anywhere, revoke
from accounts.models import Membership, Team, User, Workspace
from itag.core.policy import can
from tests.factories import PASSWORD, UserFactory, make_team, member

pytestmark = pytest.mark.django_db

KINDS = ("stranger", "direct", "group", "global", "superuser", "inactive", "anonymous")


@pytest.fixture
def people(workspace: Workspace, stranger: User) -> dict[str, Any]:
    """Everybody but the stranger, the superuser and nobody has `lead_workspace`, each in another way."""
    grouped, everywhere, closed = UserFactory(), UserFactory(), UserFactory(is_active=False)
    group = Group.objects.create(name="leads")
    group.user_set.add(grouped)
    for codename in ("view_workspace", "lead_workspace"):
        grant(codename, workspace, groups=[group], users=[closed])
        everywhere.user_permissions.add(
            Permission.objects.get(codename=codename, content_type__app_label="accounts")
        )
    return {
        "stranger": stranger,
        "direct": member(workspace, "leader"),
        "group": grouped,
        "global": everywhere,
        "superuser": User.objects.create_superuser("root", PASSWORD),
        "inactive": closed,
        "anonymous": AnonymousUser(),
    }


@pytest.mark.parametrize("kind", KINDS)
def test_rules_and_lists_agree(kind: str, people: dict[str, Any], workspace: Workspace) -> None:
    """Model-wide permissions of Django give nothing here: only grants on the object do."""
    user = people[kind]
    worker = member(workspace, username="worker")
    team = make_team(workspace, [worker])
    membership = Membership.objects.get(user=worker)
    wanted = kind in ("direct", "group", "superuser")
    for rule, row, rows in (
        ("workspaces.view", workspace, Workspace.objects.visible_to(user)),
        ("members.change", membership, Membership.objects.visible_to(user)),
        ("teams.view", team, Team.objects.visible_to(user)),
        ("users.view", worker, User.objects.visible_to(user)),
    ):
        assert bool(can(user, rule, row)) is wanted, rule
        assert rows.filter(pk=row.pk).exists() is wanted, rule
        if not wanted:
            assert can(user, rule, row).hidden


@pytest.mark.parametrize("role", list(Membership.Role))
def test_what_each_role_may(role: str, workspace: Workspace) -> None:
    user = member(workspace, role)
    admin, label_admin, leader = role == "admin", role == "label_admin", role == "leader"
    for rule, wanted in (
        ("workspaces.view", True),
        ("workspaces.manage", admin),
        ("workspaces.create", admin or label_admin),
        ("workspaces.lead", role != "operator"),
        ("members.list", role != "operator"),
        ("members.invite", admin or leader),
        ("teams.create", role != "operator"),
    ):
        verdict = can(user, rule, workspace)
        assert bool(verdict) is wanted, rule
        assert wanted or verdict.reason


def test_without_a_workspace_the_reason_is_said(stranger: User) -> None:
    for rule in ("workspaces.manage", "workspaces.create", "members.list", "members.invite"):
        assert can(stranger, rule, None).reason == "You are a member of no workspace."


def test_a_member_of_a_team_sees_it_only_while_in_the_workspace(
    workspace: Workspace, labeler: User
) -> None:
    team = make_team(workspace, [labeler])
    assert can(labeler, "teams.view", team)
    assert not can(labeler, "teams.change", team)
    revoke("view_workspace", workspace, users=[labeler])
    assert not can(labeler, "teams.view", team)


def test_grants_are_given_once_and_taken_whole(workspace: Workspace, labeler: User) -> None:
    for _ in range(2):
        grant("lead_workspace", workspace, users=[labeler])
    people, _groups = holders(workspace, "lead_workspace")
    assert list(people) == [labeler]
    assert holds(labeler, workspace, "manage_workspace", "lead_workspace")
    assert holds_anywhere(labeler, "lead_workspace")
    assert list(granted_ids(labeler, Workspace, "lead_workspace").values_list("pk", flat=True)) == [
        workspace.pk
    ]
    revoke("lead_workspace", workspace, users=[labeler])
    assert held(labeler, workspace) == {"view_workspace"}
    assert not holds_anywhere(labeler, "lead_workspace")


def test_one_question_is_one_query(
    workspace: Workspace, labeler: User, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        can(labeler, "workspaces.manage", workspace)
    with django_assert_num_queries(1):
        list(Workspace.objects.visible_to(labeler))
