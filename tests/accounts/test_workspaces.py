"""Workspaces and memberships: the role's grants, the last administrator, what leaving takes."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group

from accounts.grants import grant, held
from accounts.models import Membership, User, Workspace, WorkspaceUserPermission
from accounts.services.teams import create_team
from accounts.services.workspaces import (
    ROLE_GRANTS,
    create_workspace,
    default_workspace,
    remove_membership,
    set_membership,
    update_workspace,
)
from accounts.signals import access_lost
from itag.core.errors import Conflict, Denied, Invalid, NotFound
from jobs.models import Job, JobUserPermission
from tests.factories import UserFactory, WorkspaceFactory, make_job, make_team, member

pytestmark = pytest.mark.django_db


def grants_of(user: User, workspace: Workspace) -> set[str]:
    return set(
        WorkspaceUserPermission.objects.filter(user=user, content_object=workspace).values_list(
            "permission__codename", flat=True
        )
    )


@pytest.mark.parametrize("role", list(ROLE_GRANTS))
def test_a_role_is_its_grants_and_no_others(role: str, workspace: Workspace) -> None:
    user = UserFactory()
    set_membership(workspace=workspace, user=user, role="admin", actor=None)
    member(workspace, "admin")
    set_membership(workspace=workspace, user=user, role=role, actor=None)
    assert grants_of(user, workspace) == ROLE_GRANTS[role]


def test_setting_a_membership_twice_changes_nothing(workspace: Workspace) -> None:
    user = UserFactory()
    for _ in range(2):
        set_membership(workspace=workspace, user=user, role="leader", actor=None)
    assert Membership.objects.filter(user=user).count() == 1
    assert grants_of(user, workspace) == ROLE_GRANTS["leader"]


def test_a_workspace_has_its_maker_as_administrator() -> None:
    user = UserFactory()
    workspace = create_workspace(name=" Cars ", user=user)
    assert workspace.name == "Cars"
    assert held(user, workspace, "manage_workspace")


def test_the_default_workspace_is_made_once() -> None:
    first = default_workspace()
    assert default_workspace() == first
    assert Workspace.objects.filter(is_default=True).count() == 1


def test_the_default_workspace_avoids_a_name_that_is_taken() -> None:
    create_workspace(name="Default")
    assert default_workspace().name == "Default 2"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "Taken"}, "name"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
    ],
)
def test_a_wrong_workspace_is_refused_at_its_field(
    fields: dict[str, str], field: str, workspace: Workspace, admin_user: User
) -> None:
    create_workspace(name="Taken")
    with pytest.raises(Invalid) as error:
        update_workspace(workspace=workspace, actor=admin_user, **fields)
    assert [e["field"] for e in error.value.errors] == [field]
    workspace.refresh_from_db()
    assert workspace.name.startswith("Workspace")


def _demote(workspace: Workspace, user: User) -> None:
    set_membership(workspace=workspace, user=user, role="leader", actor=user)


def _deactivate(workspace: Workspace, user: User) -> None:
    set_membership(workspace=workspace, user=user, role="admin", active=False, actor=user)


def _remove(workspace: Workspace, user: User) -> None:
    remove_membership(workspace=workspace, user=user, actor=user)


@pytest.mark.parametrize("change", [_demote, _deactivate, _remove])
def test_the_last_administrator_stays(
    change: Callable[[Workspace, User], None], workspace: Workspace, admin_user: User
) -> None:
    """Neither an inactive administrator nor one whose account is closed counts as another one."""
    member(workspace, "admin", username="closed", is_active=False)
    idle = member(workspace, "admin", username="idle")
    set_membership(workspace=workspace, user=idle, role="admin", active=False, actor=None)
    with pytest.raises(Conflict) as error:
        change(workspace, admin_user)
    assert error.value.code == "last_administrator"
    assert grants_of(admin_user, workspace) == ROLE_GRANTS["admin"]
    member(workspace, "admin", username="second")
    change(workspace, admin_user)
    assert "manage_workspace" not in grants_of(admin_user, workspace)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_last_administrators_cannot_both_go(at_once) -> None:  # type: ignore[no-untyped-def]
    workspace = WorkspaceFactory()
    first, second = (member(workspace, "admin") for _ in range(2))
    for _ in range(5):
        results = at_once(
            lambda: remove_membership(workspace=workspace, user=first, actor=None),
            lambda: remove_membership(workspace=workspace, user=second, actor=None),
        )
        assert sorted(type(r).__name__ for r in results) == ["Conflict", "NoneType"]
        for user in (first, second):
            set_membership(workspace=workspace, user=user, role="admin", actor=None)


@pytest.mark.parametrize("how", ["remove", "deactivate"])
def test_leaving_takes_every_grant_in_the_workspace_and_none_elsewhere(
    how: str, workspace: Workspace, admin_user: User, labeler: User
) -> None:
    job = make_job(workspace=workspace, labelers=[labeler])
    elsewhere = make_job(workspace=WorkspaceFactory(), labelers=[labeler])
    grant("manage_job", job, users=[labeler])
    grant("view_dataset", job.dataset, users=[labeler])
    team = make_team(workspace, [labeler, admin_user])
    team.leaders.add(labeler)
    set_membership(workspace=elsewhere.workspace, user=labeler, role="operator", actor=None)
    heard = []

    def hear(sender, workspace, users, **_):  # type: ignore[no-untyped-def]
        heard.append((workspace, users))

    access_lost.connect(hear)
    try:
        if how == "remove":
            remove_membership(workspace=workspace, user=labeler, actor=admin_user)
        else:
            set_membership(
                workspace=workspace,
                user=labeler,
                role="operator",
                active=False,
                actor=admin_user,
            )
    finally:
        access_lost.disconnect(hear)
    assert not grants_of(labeler, workspace)
    assert not held(labeler, job)
    assert not held(labeler, job.dataset)
    assert not Job.objects.visible_to(labeler).filter(pk=job.pk).exists()
    assert list(team.group.user_set.all()) == [admin_user]
    assert not team.leaders.exists()
    assert heard == [(workspace, [labeler.pk])]
    assert held(labeler, elsewhere, "label_job")
    assert grants_of(labeler, elsewhere.workspace) == ROLE_GRANTS["operator"]
    assert not JobUserPermission.objects.filter(user=labeler, content_object=job).exists()


def test_a_deactivated_member_comes_back_with_the_role_alone(
    workspace: Workspace, admin_user: User, labeler: User
) -> None:
    job = make_job(workspace=workspace, labelers=[labeler])
    for active in (False, True):
        set_membership(
            workspace=workspace, user=labeler, role="operator", active=active, actor=admin_user
        )
    assert grants_of(labeler, workspace) == ROLE_GRANTS["operator"]
    assert not held(labeler, job)


@pytest.mark.parametrize("role", ["admin", "label_admin", "leader"])
def test_a_leader_neither_gives_nor_takes_more_than_a_workers_place(
    role: str, workspace: Workspace, leader: User, labeler: User
) -> None:
    other = member(workspace, role)
    for user, wanted in ((labeler, role), (other, "operator"), (leader, "admin")):
        with pytest.raises(Denied):
            set_membership(workspace=workspace, user=user, role=wanted, actor=leader)
    with pytest.raises(Denied):
        remove_membership(workspace=workspace, user=other, actor=leader)
    assert grants_of(labeler, workspace) == ROLE_GRANTS["operator"]
    assert grants_of(other, workspace) == ROLE_GRANTS[role]
    set_membership(workspace=workspace, user=labeler, role="operator", active=False, actor=leader)
    assert not grants_of(labeler, workspace)


def test_an_annotation_administrator_manages_no_members(
    workspace: Workspace, labeler: User
) -> None:
    label_admin = member(workspace, "label_admin")
    for role in ("admin", "operator"):
        with pytest.raises(Denied):
            set_membership(workspace=workspace, user=labeler, role=role, actor=label_admin)
    with pytest.raises(Denied):
        remove_membership(workspace=workspace, user=labeler, actor=label_admin)
    assert grants_of(labeler, workspace) == ROLE_GRANTS["operator"]


def test_strangers_learn_nothing(workspace: Workspace, labeler: User, stranger: User) -> None:
    with pytest.raises(NotFound):
        set_membership(workspace=workspace, user=labeler, role="operator", actor=stranger)
    with pytest.raises(NotFound):
        update_workspace(workspace=workspace, actor=stranger, name="Mine")


def test_an_unknown_role_is_refused(workspace: Workspace, labeler: User) -> None:
    with pytest.raises(Invalid):
        set_membership(workspace=workspace, user=labeler, role="emperor", actor=None)
    assert grants_of(labeler, workspace) == ROLE_GRANTS["operator"]


def test_a_revoked_grant_acts_at_the_next_request(
    api, workspace: Workspace, admin_user: User, labeler: User
) -> None:  # type: ignore[no-untyped-def]
    """The person stays signed in; only what they may do has changed."""
    client = api(labeler)
    assert client.get(f"/api/v1/workspaces/{workspace.pk}").status_code == 200
    remove_membership(workspace=workspace, user=labeler, actor=admin_user)
    assert client.get(f"/api/v1/workspaces/{workspace.pk}").status_code == 404
    assert client.get("/api/v1/me").json()["workspaces"] == []


def test_a_team_loses_its_place_when_its_group_is_emptied(
    workspace: Workspace, admin_user: User, labeler: User
) -> None:
    job = make_job(workspace=workspace)
    team = create_team(workspace=workspace, name="Night", members=[labeler], actor=admin_user)
    grant("label_job", job, groups=[team.group])
    assert held(labeler, job, "label_job")
    remove_membership(workspace=workspace, user=labeler, actor=admin_user)
    assert not held(labeler, job, "label_job")
    assert Group.objects.filter(pk=team.group_id).exists()
