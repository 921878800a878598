"""What a new job says of packages, votes, samples and limits: refused at its field, warned of, shown before."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Membership, User, Workspace
from itag.core.errors import Invalid
from jobs.models import Assignment, Job
from jobs.people import MOST, PeopleTable
from jobs.services import groups
from jobs.services.clone import clone_fields
from jobs.services.jobs import create_job
from jobs.services.preview import preview_packages
from jobs.services.split import split_batch
from tests.factories import classification_template, make_dataset, make_job, make_team, member

pytestmark = pytest.mark.django_db

CITIES = ["a"] * 6 + ["b"] * 3 + [None, ""]


@pytest.fixture
def body(
    workspace: Workspace, labeler: User, checker: User, accepter: User
) -> Callable[..., dict[str, Any]]:
    """A complete job body over eleven items with a field `city`; named fields are replaced."""
    cache.clear()
    dataset = make_dataset([{"source": "x", "city": city} for city in CITIES], workspace=workspace)
    complete = {
        "name": "Cities",
        "dataset": dataset.pk,
        "template": classification_template().pk,
        "selected_questions": ["1"],
        "options": {"1": [{"label": "cat"}]},
        "workflow": "labeling,check,acceptance",
        "allocation": {"type": "fixed", "size": 3},
        "members": {
            "labeling": {"users": [labeler.pk]},
            "check": {"users": [checker.pk]},
            "acceptance": {"users": [accepter.pk]},
        },
    }
    return lambda **changes: complete | changes


def wrong(user: User, workspace: Workspace, fields: dict[str, Any]) -> set[str]:
    with pytest.raises(Invalid) as caught:
        create_job(user=user, workspace=workspace, **fields)
    assert all(error["message"] for error in caught.value.errors)
    assert not Job.objects.exists()
    return {error["field"] for error in caught.value.errors}


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"allocation": {"type": "average", "packages": 12}}, {"allocation.packages"}),
        ({"allocation": {"type": "field", "field": "town"}}, {"allocation.field"}),
        ({"allocation": {"type": "fixed", "size": 3, "targets": {"users": {"1": 50}}}}, {"allocation.targets"}),
        ({"votes": {"1": {"VoteNum": 2, "MinVote": 3}}}, {"votes.1.MinVote"}),
        ({"votes": {"2": {"VoteNum": 1, "MinVote": 1}}}, {"votes.2"}),
        ({"votes": {"1": {"VoteNum": 2, "MinVote": 2}}}, {"votes"}),
        ({"check_count": 0, "acceptance_count": 2_001}, {"check_count", "acceptance_count"}),
        ({"check_count": "3"}, {"check_count"}),
        ({"workflow": "labeling,check", "members": None, "acceptance_count": 2}, {"acceptance_count", "members"}),
        (
            {"limits": {"withdraw_minutes": -1, "vote_iou_percent": 101, "vote_gap_ms": 1.5, "hide_names": "yes"}},
            {"limits.withdraw_minutes", "limits.vote_iou_percent", "limits.vote_gap_ms", "limits.hide_names"},
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_field(
    admin_user: User, workspace: Workspace, body: Any, changes: dict[str, Any], fields: set[str]
) -> None:
    assert wrong(admin_user, workspace, body(**changes)) == fields


def test_packages_are_reserved_only_for_labelers_and_for_packages_that_there_are(
    admin_user: User, workspace: Workspace, labeler: User, checker: User, body: Any
) -> None:
    team, other = make_team(workspace, [labeler]), make_team(workspace, [labeler])
    members = body()["members"] | {"labeling": {"users": [], "teams": [team.pk]}}
    for targets in (
        {"users": {str(checker.pk): 100}},
        {"teams": {str(other.pk): 100}},
        {"packages": [{"first": 1, "last": 5, "user": labeler.pk}]},
        {"packages": [{"first": 1, "user": labeler.pk}, {"first": 1, "team": team.pk}]},
    ):
        allocation = {"type": "fixed", "size": 3, "targets": targets}
        assert wrong(
            admin_user, workspace, body(members=members, allocation=allocation)
        ) == {"allocation.targets"}  # fmt: skip
    # A member of a team that labels may be named as a person, and the team itself.
    for targets in (
        {"users": {str(labeler.pk): 40}, "teams": {str(team.pk): 60}},
        {"packages": [{"first": 1, "last": 4, "team": team.pk}]},
    ):
        allocation = {"type": "fixed", "size": 3, "targets": targets}
        fields = body(members=members, allocation=allocation, name=f"job-{len(targets)}")
        assert create_job(user=admin_user, workspace=workspace, **fields).allocation == allocation


def test_a_job_with_everything_is_made_and_cloned(
    admin_user: User, workspace: Workspace, labeler: User, body: Any
) -> None:
    second = member(workspace)
    fields = body(
        allocation={"type": "field", "field": "city", "targets": {"users": {str(second.pk): 100}}},
        votes={"1": {"VoteNum": 2, "MinVote": 2}},
        check_count=2,
        acceptance_ratio=30,
        limits={"hide_names": True, "withdraw_minutes": 5, "vote_iou_percent": 90, "vote_gap_ms": 0},
        members=body()["members"] | {"labeling": {"users": [labeler.pk, second.pk]}},
    )  # fmt: skip
    job = create_job(user=admin_user, workspace=workspace, **fields)
    split_batch(run_id=job.batches.get().split.pk)
    rows = Assignment.objects.filter(job=job).order_by("number", "vote")
    assert list(rows.values_list("number", "vote", "reserved_user")) == [
        (number, vote, second.pk if vote == 0 else None) for number in (1, 2, 3) for vote in (0, 1)
    ]
    like = clone_fields(job)
    again = create_job(
        user=admin_user,
        workspace=workspace,
        **{name: value for name, value in like.items() if name != "workspace"},
    )
    for name in (
        "allocation",
        "votes",
        "check_count",
        "acceptance_count",
        "acceptance_ratio",
        "limits",
        "options",
    ):
        assert getattr(again, name) == getattr(job, name)  # fmt: skip


def look(admin: User, workspace: Workspace, **fields: Any) -> Any:
    return preview_packages(workspace=workspace, user=admin, **fields)


def test_a_preview_says_what_packages_there_are_and_for_whom(
    admin_user: User, workspace: Workspace, labeler: User, body: Any
) -> None:
    team = make_team(workspace, [labeler], name="Night shift")
    shares = {"users": {str(labeler.pk): 50}, "teams": {str(team.pk): 50}}
    seen = look(
        admin_user,
        workspace,
        **body(
            allocation={"type": "average", "packages": 4, "targets": shares},
            votes={"1": {"VoteNum": 2, "MinVote": 1}},
        ),
    )
    assert (seen["packages"], seen["slots"], seen["free"], seen["groups"]) == (4, 8, 4, None)
    assert seen["sizes"] == [{"size": 3, "count": 3}, {"size": 2, "count": 1}]
    assert [(one["kind"], one["name"], one["packages"], one["items"]) for one in seen["targets"]] == [
        ("user", labeler.get_full_name(), 2, 6), ("team", "Night shift", 2, 5),
    ]  # fmt: skip
    assert [warning["field"] for warning in seen["warnings"]] == ["votes"]


def test_a_preview_by_field_names_the_largest_groups_and_warns(
    admin_user: User, workspace: Workspace, body: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_city = {"type": "field", "field": "city"}
    seen = look(admin_user, workspace, **body(allocation=by_city))
    assert (seen["packages"], seen["groups"]["count"], seen["groups"]["empty"]) == (3, 3, 2)
    assert seen["groups"]["largest"] == [
        {"value": "a", "items": 6, "packages": 1},
        {"value": "b", "items": 3, "packages": 1},
        {"value": "", "items": 2, "packages": 1},
    ]
    assert seen["warnings"] == []
    for module in ("preview", "allocation"):
        monkeypatch.setattr(f"jobs.services.{module}.MAX_PACKAGE_ITEMS", 4)
    monkeypatch.setattr("jobs.services.preview.MAX_SIZE", 2)
    seen = look(admin_user, workspace, **body(allocation=by_city))
    assert seen["packages"] == 4
    assert [warning["field"] for warning in seen["warnings"]] == ["allocation.field"] * 2
    assert "2" in seen["warnings"][0]["message"]


def test_a_preview_that_takes_too_long_says_so_and_the_job_is_made(
    admin_user: User, workspace: Workspace, body: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(groups, "_COUNT", "SELECT pg_sleep(5)")
        patched.setattr(groups, "TIME_LIMIT", 0.05)
        fields = body(allocation={"type": "field", "field": "city"})
        seen = look(admin_user, workspace, **fields)
        assert (seen["packages"], seen["slots"], seen["free"], seen["sizes"]) == (
            None,
            None,
            None,
            [],
        )
        assert [warning["field"] for warning in seen["warnings"]] == ["allocation.field"]
        job = create_job(user=admin_user, workspace=workspace, **fields)
    split_batch(run_id=job.batches.get().split.pk)
    job.refresh_from_db()
    assert job.package_count == 3
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("0",)


def test_a_preview_costs_the_same_for_few_and_for_many(
    admin_user: User, workspace: Workspace, labeler: User, body: Any
) -> None:
    people = [member(workspace) for _ in range(30)]
    costs = []
    for chosen in (people[:2], people):
        part = 100 // len(chosen)
        shares = {str(user.pk): part for user in chosen}
        shares[str(chosen[0].pk)] += 100 - part * len(chosen)
        fields = body(
            allocation={"type": "fixed", "size": 1, "targets": {"users": shares}},
            members=body()["members"] | {"labeling": {"users": [user.pk for user in chosen]}},
        )
        with CaptureQueriesContext(connection) as queries:
            look(admin_user, workspace, **fields)
        costs.append(len(queries))
    assert costs[0] == costs[1] <= 12


def test_groups_are_counted_once(admin_user: User, workspace: Workspace, body: Any) -> None:
    fields = body(allocation={"type": "field", "field": "city"})
    first = look(admin_user, workspace, **fields)
    with CaptureQueriesContext(connection) as queries:
        assert look(admin_user, workspace, **fields) == first
    assert not any("datasets_item" in query["sql"] for query in queries)


def test_partial_coverage_is_warned_of_before(
    admin_user: User, workspace: Workspace, labeler: User, checker: User, body: Any
) -> None:
    members = {
        "labeling": {"users": [labeler.pk, checker.pk]},
        "check": {"users": [checker.pk]},
    }
    seen = look(admin_user, workspace, **body(workflow="labeling,check", members=members))
    assert [warning["field"] for warning in seen["warnings"]] == ["members.check"]
    members["labeling"] = {"users": [checker.pk]}
    seen = look(admin_user, workspace, **body(workflow="labeling,check", members=members))
    assert [warning["field"] for warning in seen["warnings"]] == ["members.check"]
    seen = look(admin_user, workspace, **body(workflow="labeling,check", members={"labeling": {}}))
    assert seen["warnings"] == []


def test_the_api_previews(
    admin_user: User, workspace: Workspace, body: Any, client: Client
) -> None:
    client.force_login(admin_user)
    answer = client.post(
        "/api/v1/jobs/preview",
        body(allocation={"type": "field", "field": "city"}) | {"workspace": workspace.pk},
        content_type="application/json",
    )
    assert answer.status_code == 200
    assert answer.json()["groups"]["largest"][0] == {"value": "a", "items": 6, "packages": 1}


# --- people by the thousand ------------------------------------------------------------------------------------------


@pytest.fixture
def crowd(workspace: Workspace) -> Workspace:
    """Two thousand members."""
    users = User.objects.bulk_create(
        User(username=f"worker{n:04}", name=f"Worker {n}", password="!") for n in range(2_000)
    )
    Membership.objects.bulk_create(
        Membership(workspace=workspace, user=user, role="operator") for user in users
    )
    return workspace


def test_a_people_table_of_thousands_shows_the_chosen_and_fifty_others(
    crowd: Workspace, admin_user: User
) -> None:
    last = User.objects.get(username="worker1999")
    with CaptureQueriesContext(connection) as queries:
        table = PeopleTable(
            crowd, {"labeling": {"users": [last.pk], "teams": []}}, viewer=admin_user
        )
        assert [(row.label, row.roles) for row in table.rows] == [("Worker 1999", {"labeling"})]
        assert len(table.found) == MOST
        assert table.more == Membership.objects.filter(workspace=crowd).count() - 1 - MOST
    assert len(queries) <= 8
    found = PeopleTable(crowd, {}, search="R 199", viewer=admin_user)
    assert [row.label for row in found.found] == [
        "Worker 199",
        *(f"Worker 199{n}" for n in range(10)),
    ]
    assert found.more == 0


def test_the_form_and_the_members_page_search_on_the_server(
    crowd: Workspace, admin_user: User, checker: User, client: Client
) -> None:
    client.force_login(admin_user)
    job = make_job(workspace=crowd, labelers=[checker], managers=[admin_user], workflow="labeling")
    for url, roles in (("/jobs/new/people/", 4), (f"/jobs/{job.pk}/members/people/", 2)):
        page = client.get(url, {"people": "worker1234"}).content.decode()
        assert page.count("<tr data-subject") == 1
        assert page.count('type="checkbox"') == roles
        assert "Worker 1234" in page
        assert "data-note" in client.get(url, {"people": "nobody\0"}).content.decode()
    assert client.get("/jobs/new/").content.decode().count("<tr data-subject") == MOST + 1


def test_a_form_that_is_refused_loses_nothing(
    admin_user: User, workspace: Workspace, labeler: User, body: Any, client: Client
) -> None:
    client.force_login(admin_user)
    targets = json.dumps({"users": {str(labeler.pk): 90}, "teams": {}})
    votes = json.dumps({"1": {"VoteNum": 3, "MinVote": 2}})
    answer = client.post(
        "/jobs/new/",
        {
            "name": "", "dataset": body()["dataset"], "template": body()["template"], "workflow": "labeling",
            "allocation_type": "field", "allocation_field": "city", "allocation": "7", "targets": targets,
            "votes": votes, "users-labeling": labeler.pk, "users-manage": admin_user.pk, "withdraw_minutes": "x", "give_back_limit": "5",
            "hide_names": "on", "check_count": "4",
        },
    )  # fmt: skip
    assert answer.status_code == 422
    form = answer.context["form"]
    assert {"name", "targets", "votes", "withdraw_minutes", "configuration"} <= set(form.errors)
    assert form.more_open
    for name, value in (
        ("allocation_type", "field"), ("allocation_field", "city"), ("allocation", "7"), ("targets", targets),
        ("votes", votes), ("withdraw_minutes", "x"), ("give_back_limit", "5"), ("check_count", "4"),
    ):  # fmt: skip
        assert form[name].value() == value
    assert form["hide_names"].value() is True
    assert answer.context["data"]["targets"] == json.loads(targets)
    assert {row.pk for row in form.people.rows} == {labeler.pk, admin_user.pk}


def test_a_clone_fills_the_form(
    admin_user: User, workspace: Workspace, labeler: User, stranger: User, body: Any, client: Client
) -> None:
    client.force_login(admin_user)
    fields = body(
        allocation={"type": "average", "packages": 2, "targets": {"users": {str(labeler.pk): 100}}},
        check_count=2,
        limits={"max_rounds": 5, "continue_answers": False},
        description="as before",
    )
    job = create_job(user=admin_user, workspace=workspace, **fields)
    answer = client.get("/jobs/new/", {"from": job.pk})
    form = answer.context["form"]
    for name, value in (
        ("name", "Cities-2"), ("allocation_type", "average"), ("allocation_packages", 2), ("check_count", 2),
        ("max_rounds", 5), ("continue_answers", False), ("description", "as before"), ("dataset", job.dataset_id),
    ):  # fmt: skip
        assert form[name].value() == value
    data = answer.context["data"]
    assert data["targets"] == {"users": {str(labeler.pk): 100}}
    assert [option["label"] for option in data["configuration"]["options"]["1"]] == ["cat"]
    assert {row.label for row in form.people.rows if "labeling" in row.roles} == {
        labeler.get_full_name()
    }
    for pk in (0, "x", make_job().pk):
        assert client.get("/jobs/new/", {"from": pk}).status_code == 404
