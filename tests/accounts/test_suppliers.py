"""Suppliers: their leaders and members know their own team alone, and manage nobody else."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.grants import grant, held
from accounts.models import Membership, Team, User, Workspace
from accounts.services.links import create_link, use_invitation
from accounts.services.teams import change_people, create_team, update_team
from accounts.services.users import create_user, reset_password
from accounts.services.workspaces import remove_membership, set_membership
from accounts.visibility import visible_people, visible_teams
from exports.services import request_export
from itag.core.errors import Denied, Invalid, ItagError, NotFound
from itag.core.policy import can
from jobs.models import Job
from jobs.selectors.names import Names
from tests.factories import PASSWORD, make_job, make_team, member

pytestmark = pytest.mark.django_db
Api = Callable[[User | None], APIClient]
V1 = "/api/v1"


@dataclass
class World:
    """A supplier with a leader and two workers beside the people of the house."""

    workspace: Workspace
    team: Team
    head: User
    worker: User
    second: User
    house: User
    other_head: User
    other_team: Team


@pytest.fixture
def world(workspace: Workspace, admin_user: User, leader: User) -> World:
    head = member(workspace, "leader", username="head")
    worker, second = (member(workspace, username=name) for name in ("worker", "second"))
    team = create_team(
        workspace=workspace, name="Supply", members=[worker, second], leaders=[head],
        is_supplier=True, actor=admin_user,
    )  # fmt: skip
    other_head = member(workspace, "leader", username="rival")
    other_team = make_team(
        workspace, [member(workspace, username="rworker")], leaders=[other_head], is_supplier=True
    )
    house = member(workspace, username="house")
    return World(workspace, team, head, worker, second, house, other_head, other_team)


def names(people: Any) -> set[str]:
    return {user.username for user in people}


def test_the_leader_holds_no_right_over_the_workspace(world: World) -> None:
    assert held(world.head, world.workspace) == {"view_workspace", "lead_supplier"}
    assert can(world.head, "members.list", world.workspace)
    for rule in ("workspaces.lead", "workspaces.manage", "workspaces.create", "teams.create"):
        verdict = can(world.head, rule, world.workspace)
        assert not verdict
        assert verdict.reason


def test_rights_follow_when_team_and_role_change(world: World, admin_user: User) -> None:
    head, workspace = world.head, world.workspace
    update_team(team=world.team, actor=admin_user, is_supplier=False)
    assert "lead_workspace" in held(head, workspace)
    update_team(team=world.team, actor=admin_user, is_supplier=True)
    assert "lead_supplier" in held(head, workspace)
    other = member(workspace, "leader")
    change_people(team=world.team, actor=admin_user, add=[other])
    assert held(other, workspace) == {"view_workspace"}
    change_people(team=world.team, actor=admin_user, remove=[other])
    assert "lead_workspace" in held(other, workspace)
    set_membership(workspace=workspace, user=head, role="label_admin", actor=admin_user)
    assert "create_in_workspace" in held(head, workspace)
    set_membership(workspace=workspace, user=head, role="leader", actor=admin_user)
    assert held(head, workspace) == {"view_workspace", "lead_supplier"}
    remove_membership(workspace=workspace, user=head, actor=admin_user)
    assert held(head, workspace) == set()


def test_a_worker_leads_no_supplier(world: World, admin_user: User) -> None:
    with pytest.raises(Invalid, match="labeling worker"):
        change_people(team=world.team, actor=admin_user, lead=[world.worker])


def test_lists_hold_their_own_people_alone(api: Api, world: World) -> None:
    own = {"head", "worker", "second"}
    assert names(User.objects.visible_to(world.head)) == own
    assert names(User.objects.visible_to(world.worker)) == {"worker"}
    client = api(world.head)
    query = f"?workspace={world.workspace.pk}"
    users = client.get(f"{V1}/users{query}").json()["results"]
    assert {one["username"] for one in users} == own
    rows = client.get(f"{V1}/workspaces/{world.workspace.pk}/members").json()["results"]
    assert {row["user"]["username"] for row in rows} == own
    teams = client.get(f"{V1}/teams{query}").json()["results"]
    assert [team["name"] for team in teams] == ["Supply"]
    assert client.get(f"{V1}/teams/{world.other_team.pk}").status_code == 404
    assert api(world.worker).get(f"{V1}/users{query}").status_code == 403


def test_pages_hold_their_own_people_alone(world: World) -> None:
    client = Client()
    client.force_login(world.head, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get("/members/").content.decode()
    for name in ("worker", "second"):
        assert name in page
    for name in ("house", "rival", "rworker", "alice"):
        assert name not in page
    page = client.get(f"/members/teams/{world.team.pk}/?find=r").content.decode()
    assert "rworker" not in page
    for path in (
        f"/members/{world.house.pk}/",
        f"/members/{world.house.pk}/leave/",
        f"/members/teams/{world.other_team.pk}/",
    ):
        assert client.get(path).status_code == 404
    assert client.post(f"/members/{world.house.pk}/password/").status_code == 404


def test_they_manage_their_own_workers_alone(world: World) -> None:
    head = world.head
    with pytest.raises(NotFound):
        set_membership(
            workspace=world.workspace, user=world.house, role="operator", active=False, actor=head
        )
    set_membership(
        workspace=world.workspace, user=world.second, role="operator", active=False, actor=head
    )
    with pytest.raises(Denied):
        set_membership(workspace=world.workspace, user=world.worker, role="leader", actor=head)
    assert reset_password(user=world.worker, actor=head)
    with pytest.raises(NotFound):
        reset_password(user=world.house, actor=head)
    with pytest.raises(NotFound):
        reset_password(user=world.other_head, actor=head)


def test_accounts_that_they_make_join_their_team(world: World, admin_user: User) -> None:
    made = create_user(
        username="fresh", password=PASSWORD, workspace=world.workspace, actor=world.head
    )
    assert made.groups.get() == world.team.group
    for team in (world.other_team, make_team(world.workspace, [])):
        with pytest.raises(ItagError) as error:
            create_user(
                username="x", password=PASSWORD, workspace=world.workspace, actor=world.head,
                team=team,
            )  # fmt: skip
        assert error.value.status == 404
    with pytest.raises(Denied):
        create_user(
            username="y", password=PASSWORD, workspace=world.workspace, actor=world.head,
            role="leader",
        )  # fmt: skip
    second = create_team(
        workspace=world.workspace, name="Other", members=[], leaders=[world.head],
        is_supplier=True, actor=admin_user,
    )  # fmt: skip
    with pytest.raises(Invalid, match="Choose one of your teams"):
        create_user(username="z", password=PASSWORD, workspace=world.workspace, actor=world.head)
    create_user(
        username="z", password=PASSWORD, workspace=world.workspace, actor=world.head, team=second
    )


def test_an_invitation_of_theirs_leads_into_their_team(world: World) -> None:
    secret = create_link(purpose="invite", workspace=world.workspace, actor=world.head)
    user = use_invitation(secret=secret, username="guest", password=PASSWORD)
    assert user.groups.get() == world.team.group
    assert Membership.objects.get(user=user).role == "operator"


def test_they_change_who_is_in_their_team_and_nothing_else(world: World) -> None:
    change_people(team=world.team, actor=world.head, remove=[world.second])
    with pytest.raises(Invalid, match="There is no person"):
        change_people(team=world.team, actor=world.head, add=[world.house])
    for change in ({"name": "Mine"}, {"is_supplier": False}, {"leaders": [world.head]}):
        with pytest.raises(Denied):
            update_team(team=world.team, actor=world.head, **change)
    with pytest.raises(NotFound):
        change_people(team=world.other_team, actor=world.head, remove=[])


def test_jobs_are_those_of_their_team(api: Api, world: World) -> None:
    mine = make_job(workspace=world.workspace, name="mine", labelers=[world.worker, world.house])
    grant("view_job", mine, groups=[world.team.group])
    grant("label_job", mine, groups=[world.team.group])
    make_job(workspace=world.workspace, name="secret", labelers=[world.house])
    # In no group of the team, the leader sees what the team's people see once they are put into it.
    assert set(Job.objects.visible_to(world.head)) == set()
    world.team.group.user_set.add(world.head)
    assert [job.name for job in Job.objects.visible_to(world.head)] == ["mine"]
    got = api(world.head).get(f"{V1}/jobs/{mine.pk}/members")
    assert got.status_code == 403


def test_whom_one_may_know_of_is_asked_in_one_place(
    world: World, admin_user: User, leader: User, django_assert_num_queries: Any
) -> None:
    workspace = world.workspace
    for viewer in (world.head, world.worker):
        people = visible_people(viewer, workspace)
        assert not people.everybody
        assert world.second.pk in people
        assert world.house.pk not in people
        assert names(User.objects.filter(people.where())) == {"head", "worker", "second"}
        assert visible_teams(viewer, workspace) == {world.team.pk}
    for viewer in (admin_user, leader, world.house):
        assert visible_people(viewer, workspace).everybody
        assert visible_teams(viewer, workspace) is None
    with django_assert_num_queries(1):
        visible_people(world.house, workspace)
    world.worker.is_active = False
    assert world.worker.pk not in visible_people(world.worker, workspace)


def test_names_are_hidden_from_suppliers_and_between_stages(
    world: World, admin_user: User, leader: User, stranger: User
) -> None:
    job = make_job(
        workspace=world.workspace, labelers=[world.worker, world.house], checkers=[world.second]
    )
    hiding = make_job(
        workspace=world.workspace, labelers=[world.worker, world.house], checkers=[world.house],
        managers=[world.second], limits={"hide_names": True},
    )  # fmt: skip
    seen = [
        (job, world.worker, "labeling", world.house, "Labeler"),
        (job, world.worker, "labeling", world.second, "second"),
        (job, world.house, "labeling", world.worker, "worker"),
        (job, admin_user, "", world.house, "house"),
        (hiding, world.house, "check", world.worker, "Labeler"),
        (hiding, world.house, "labeling", world.worker, "worker"),
        (hiding, world.house, "check", world.house, "house"),
        (hiding, leader, "", world.worker, "worker"),
        (hiding, admin_user, "", world.worker, "worker"),
        # Who manages the job sees everybody in it, whoever's they are.
        (hiding, world.second, "", world.house, "house"),
    ]
    for where, viewer, stage, whom, shown in seen:
        assert Names(viewer, where, stage=stage).of(whom, "labeling") == shown, (viewer, whom)
    hidden = Names(world.worker, job).person(world.house, "check")
    assert hidden == {"id": None, "username": "", "name": "Checker"}
    assert Names(world.worker, job).of(None, "check") is None


def test_who_asked_for_an_export_is_hidden_from_suppliers(
    api: Api, world: World, admin_user: User
) -> None:
    job = make_job(workspace=world.workspace, labelers=[world.worker, world.house])
    request_export(job=job, user=admin_user, format="manifest", scope="all", idempotency_key="one")
    shown = {}
    for viewer in (world.worker, world.house, admin_user):
        (row,) = api(viewer).get(f"{V1}/exports").json()["results"]
        shown[viewer.username] = row["requested_by"]["username"]
        client = Client()
        client.force_login(viewer, backend="django.contrib.auth.backends.ModelBackend")
        assert ("alice" in client.get("/exports/").content.decode()) is (viewer != world.worker)
    assert shown == {"worker": "", "house": "alice", "alice": "alice"}


def test_a_page_of_two_thousand_members_draws_fifty(workspace: Workspace, admin_user: User) -> None:
    client = Client()
    client.force_login(admin_user, backend="django.contrib.auth.backends.ModelBackend")
    team = make_team(workspace, [member(workspace)])
    paths = ("/members/", f"/members/teams/{team.pk}/?find=m", "/members/teams/")
    for path in paths:
        client.get(path)
    costs = []
    for path in paths:
        with CaptureQueriesContext(connection) as queries:
            client.get(path)
        costs.append(len(queries))
    people = User.objects.bulk_create(User(username=f"m{n:04}", password="!") for n in range(2000))
    Membership.objects.bulk_create(
        Membership(workspace=workspace, user=user, role="operator") for user in people
    )
    team.group.user_set.add(*people[:1000])
    for path, cost in zip(paths, costs, strict=True):
        with CaptureQueriesContext(connection) as queries:
            page = client.get(path).content.decode()
        assert len(queries) == cost, path
        assert page.count("<tr>") <= 52
    rows = APIClient()
    rows.force_login(admin_user, backend="django.contrib.auth.backends.ModelBackend")
    found = rows.get(f"{V1}/workspaces/{workspace.pk}/members?search=m1999").json()["results"]
    assert [row["user"]["username"] for row in found] == ["m1999"]
