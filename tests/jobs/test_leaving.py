"""Nobody's departure orphans work: released, given to others, or kept and listed to be reassigned."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import Membership, User, Workspace
from accounts.services.users import set_user_active
from accounts.services.workspaces import archive_workspace, set_membership
from itag.core.errors import Conflict, Denied, ItagError, NotFound
from itag.core.policy import can
from jobs.models import Assignment, Job, PackageEvent
from jobs.selectors.leavers import left_behind, takers
from jobs.services.claim import claim_package
from jobs.services.leaving import CLOSE, INACTIVE, KEEP, RELEASE, REMOVE, TRANSFER, Choice, leave
from jobs.services.lifecycle import bring_online
from tests.factories import PASSWORD, make_job, make_team, member
from tests.jobs.flow import claim, save, submit

pytestmark = pytest.mark.django_db
API = "/api/v1"
State = Assignment.State


@dataclass
class World:
    workspace: Workspace
    job: Job
    admin: User
    goes: User
    stays: User
    held: Assignment
    reserved: Assignment


@pytest.fixture
def world(workspace: Workspace, admin_user: User, labeler: User, labeler2: User) -> World:
    """Lars holds package 1 with an answer in it and has package 3 reserved; Lotte labels too."""
    job = make_job(
        items=4, size=1, workflow="labeling", workspace=workspace, labelers=[labeler, labeler2]
    )
    held = claim(job, labeler)
    save(held, 1)
    reserved = Assignment.objects.get(job=job, number=3)
    reserved.reserved_user = labeler
    reserved.save()
    return World(workspace, job, admin_user, labeler, labeler2, held, reserved)


def go(world: World, way: str, default: Choice, **more: Any) -> Any:
    return leave(
        user=world.goes, workspace=world.workspace, actor=more.pop("actor", world.admin), way=way,
        default=default, **more,
    )  # fmt: skip


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.parametrize("way", [INACTIVE, REMOVE])
def test_released_goes_to_everybody_with_its_answers(world: World, way: str) -> None:
    settled = go(world, way, Choice(RELEASE))
    assert (settled.released, settled.transferred, settled.kept) == (2, 0, 0)
    rows = Assignment.objects.filter(job=world.job, state=State.WAITING)
    assert set(rows.values_list("number", "reserved_user")) == {(n, None) for n in (1, 2, 3, 4)}
    assert not Membership.objects.filter(user=world.goes, active=True).exists()
    taken = claim(world.job, world.stays)
    assert taken.number == 1
    submit(taken)  # the answer is there


def test_given_to_somebody_row_by_row(world: World) -> None:
    settled = go(
        world, REMOVE, Choice(RELEASE), rows={world.reserved.pk: Choice(TRANSFER, world.stays)}
    )
    assert (settled.released, settled.transferred) == (1, 1)
    slot = Assignment.objects.get(job=world.job, number=3, state=State.WAITING)
    assert slot.reserved_user == world.stays
    assert PackageEvent.objects.filter(package=slot.package, verb="transfer").exists()


def test_all_of_it_given_to_one_person(world: World) -> None:
    go(world, INACTIVE, Choice(TRANSFER, world.stays))
    rows = Assignment.objects.filter(job=world.job, reserved_user=world.stays)
    assert set(rows.values_list("number", flat=True)) == {1, 3}


def test_kept_is_finished_or_reassigned_later(world: World) -> None:
    settled = go(world, INACTIVE, Choice(KEEP))
    assert settled.kept == 2
    world.held.refresh_from_db()
    assert world.held.state == State.CLAIMED
    # The reservation went with the place; what is held is listed.
    assert [row.number for row in left_behind(world.admin, world.workspace)] == [1]
    client = browser(world.admin)
    page = client.get("/jobs/held/").content.decode()
    assert "lars" in page
    client.post(
        "/jobs/held/",
        {
            "row": world.held.pk,
            "default": "keep",
            f"slot-{world.held.pk}": world.stays.pk,
        },
    )
    assert not left_behind(world.admin, world.workspace).exists()
    taken = claim(world.job, world.stays)
    assert taken.number == 1
    submit(taken)


def test_a_closed_account_leaves_both_to_be_reassigned(world: World) -> None:
    root = User.objects.create_superuser("root", PASSWORD)
    go(world, CLOSE, Choice(KEEP), actor=root)
    world.goes.refresh_from_db()
    assert not world.goes.is_active
    assert [row.number for row in left_behind(world.admin, world.workspace)] == [1, 3]
    with pytest.raises(Denied):
        go(world, CLOSE, Choice(KEEP))


def test_closing_in_the_administration_orphans_nothing(world: World) -> None:
    root = User.objects.create_superuser("root", PASSWORD)
    set_user_active(user=world.goes, active=False, actor=root)
    assert [row.number for row in left_behind(root, world.workspace)] == [1, 3]
    set_user_active(user=world.goes, active=True, actor=root)
    assert not left_behind(root, world.workspace).exists()


def test_nothing_changes_where_one_package_refuses(world: World) -> None:
    outsider = member(world.workspace)
    with pytest.raises(Conflict, match="Nothing was changed") as error:
        go(
            world, REMOVE, Choice(RELEASE),
            rows={world.reserved.pk: Choice(TRANSFER, outsider)},
        )  # fmt: skip
    assert [one["field"] for one in error.value.errors] == [f"rows.{world.reserved.pk}"]
    assert "does not work in this stage" in error.value.errors[0]["message"]
    world.held.refresh_from_db()
    assert world.held.state == State.CLAIMED
    assert Membership.objects.filter(user=world.goes, active=True).exists()
    page = browser(world.admin).post(
        f"/members/{world.goes.pk}/leave/",
        {"way": REMOVE, "default": "release", f"slot-{world.reserved.pk}": outsider.pk},
    )
    assert page.status_code == 422
    assert "does not work in this stage" in page.content.decode()


def test_the_last_administrator_stays_with_everything_as_it_was(world: World) -> None:
    with pytest.raises(ItagError) as error:
        leave(
            user=world.admin, workspace=world.workspace, actor=world.admin, way=REMOVE,
            default=Choice(RELEASE),
        )  # fmt: skip
    assert error.value.code == "last_administrator"


def test_a_suppliers_leader_lets_own_people_go_and_gives_nothing_away(world: World) -> None:
    head = member(world.workspace, "leader", username="head")
    make_team(world.workspace, [world.goes], leaders=[head], is_supplier=True)
    with pytest.raises(NotFound):
        leave(
            user=world.stays, workspace=world.workspace, actor=head, way=REMOVE,
            default=Choice(RELEASE),
        )  # fmt: skip
    with pytest.raises(Conflict) as error:
        go(world, REMOVE, Choice(TRANSFER, world.stays), actor=head)
    assert error.value.code == "refused"
    assert go(world, REMOVE, Choice(RELEASE), actor=head).released == 2


def test_the_page_says_what_is_held_and_who_could_take_it(world: World) -> None:
    client = browser(world.admin)
    page = client.get(f"/members/{world.goes.pk}/leave/").content.decode()
    assert "2 packages are held by or reserved for this person." in page
    assert f'<option value="{world.stays.pk}">' in page
    assert f'<option value="{world.goes.pk}">' not in page
    assert "Only a superuser may change accounts." in page
    got = client.post(f"/members/{world.goes.pk}/leave/", {"way": REMOVE, "default": "release"})
    assert got["Location"] == "/members/"
    said = client.get("/members/").content.decode()
    assert "lars was removed from the workspace." in said
    assert "released: 2" in said


def test_by_the_api(world: World) -> None:
    client = APIClient()
    client.force_login(world.admin, backend="django.contrib.auth.backends.ModelBackend")
    path = f"{API}/workspaces/{world.workspace.pk}/members/{world.goes.pk}"
    rows = client.get(f"{path}/held").json()["results"]
    assert [(row["package"], row["state"]) for row in rows] == [(1, "claimed"), (3, "waiting")]
    body = {"way": "inactive", "default": {"action": "transfer"}}
    got = client.post(f"{path}/leave", body, format="json")
    assert (got.status_code, got.json()["errors"][0]["field"]) == (400, "to")
    body = {"way": "inactive", "default": {"action": "keep"}}
    got = client.post(f"{path}/leave", body, format="json")
    assert got.json() == {"released": 0, "transferred": 0, "kept": 2}
    rows = client.get(f"{API}/held?workspace={world.workspace.pk}").json()["results"]
    assert [(row["package"], row["person"]) for row in rows] == [(1, world.goes.pk)]
    body = {"rows": [{"assignment": rows[0]["id"], "action": "release"}]}
    got = client.post(f"{API}/held?workspace={world.workspace.pk}", body, format="json")
    assert got.json() == {"released": 1, "transferred": 0, "kept": 0}
    assert client.get(f"{API}/held").status_code == 400


def test_the_pages_cost_the_same_for_few_and_many(
    world: World, django_assert_num_queries: Any
) -> None:
    client = browser(world.admin)
    path = f"/members/{world.goes.pk}/leave/"
    client.get(path)
    with CaptureQueriesContext(connection) as few:
        client.get(path)
    job = make_job(
        items=30, size=1, workflow="labeling", workspace=world.workspace,
        labelers=[world.goes, *(member(world.workspace) for _ in range(20))],
    )  # fmt: skip
    Assignment.objects.filter(job=job).update(reserved_user=world.goes)
    with django_assert_num_queries(len(few)):
        client.get(path)
    rows = list(Assignment.objects.filter(job__in=[job, world.job]).select_related("job"))
    with django_assert_num_queries(3):
        assert len(takers(rows)) == 2


@pytest.mark.django_db(transaction=True)
def test_leaving_while_the_person_submits(world: World, at_once: Callable[..., list[Any]]) -> None:
    """Either the submission was first and stands, or the release was and the answer waits with the package."""
    left, submitted = at_once(
        lambda: go(world, REMOVE, Choice(RELEASE)), lambda: submit(world.held)
    )
    assert not isinstance(left, Exception)
    package = world.held.package
    live = Assignment.objects.filter(package=package, state__in=Assignment.LIVE)
    package.refresh_from_db()
    if isinstance(submitted, Exception):
        assert live.get().state == State.WAITING
    else:
        assert package.state == "finished"


# --- archived workspaces ---------------------------------------------------------------------------------------------


def test_an_archived_workspace_is_read_and_nothing_else(world: World, labeler2: User) -> None:
    client = browser(world.admin)
    client.post("/workspaces/", {"name": "Second"})
    client.post("/workspace", {"workspace": world.workspace.pk})
    client.post("/members/workspace/", {"archive": "1"})
    world.workspace.refresh_from_db()
    assert world.workspace.archived_at
    world.job.refresh_from_db()
    assert world.job.state == Job.State.OFFLINE
    assert claim_package(job=world.job, user=labeler2, stage="labeling").assignment is None
    with pytest.raises(ItagError):
        submit(world.held)
    assert save(world.held, 1, "k2")["version"] == 2  # answers under way are kept
    with pytest.raises(ItagError):
        set_membership(workspace=world.workspace, user=labeler2, role="leader", actor=world.admin)
    for rule in ("workspaces.manage", "workspaces.create", "members.invite", "jobs.create"):
        verdict = can(world.admin, rule, world.workspace)
        assert not verdict
        assert "archived" in verdict.reason, rule
    assert can(world.admin, "jobs.view", world.job)
    page = client.get("/workspaces/").content.decode()
    assert "Archived" in page
    # It can be gone to, and be looked at.
    client.post("/workspace", {"workspace": world.workspace.pk})
    page = client.get("/members/").content.decode()
    assert "This workspace is archived" in page
    assert "lars" in page
    assert client.get(f"/jobs/{world.job.pk}/").status_code == 200
    with pytest.raises(Conflict):
        bring_online(job=world.job, user=world.admin)
    client.post(f"/workspaces/{world.workspace.pk}/restore/")
    world.workspace.refresh_from_db()
    assert world.workspace.archived_at is None
    world.job.refresh_from_db()
    assert world.job.state == Job.State.OFFLINE
    bring_online(job=world.job, user=world.admin)
    world.job.refresh_from_db()
    assert claim(world.job, labeler2)


def test_only_administrators_archive_and_never_the_default(
    world: World, leader: User, stranger: User
) -> None:
    for actor in (leader, world.goes):
        with pytest.raises(Denied):
            archive_workspace(workspace=world.workspace, actor=actor)
    with pytest.raises(NotFound):
        archive_workspace(workspace=world.workspace, actor=stranger)
    Workspace.objects.filter(pk=world.workspace.pk).update(is_default=True)
    world.workspace.refresh_from_db()
    with pytest.raises(Denied, match="default workspace"):
        archive_workspace(workspace=world.workspace, actor=world.admin)
