"""The API of jobs: the same rules and words as the services, each at its field."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.grants import grant, holds
from accounts.models import User, Workspace
from jobs.models import Assignment, Job, Package, PackageEvent, SplitRun
from jobs.selectors.template import resolved_template
from jobs.services import split
from jobs.services.clone import clone_fields
from jobs.views.label_form import chosen_parts
from tests.factories import (
    DatasetFactory,
    classification_template,
    make_dataset,
    make_job,
    make_team,
)
from tests.jobs.flow import checked_job

pytestmark = pytest.mark.django_db
URL = "/api/v1/jobs"


@pytest.fixture
def body(workspace: Workspace, labeler: User, checker: User) -> Callable[..., dict[str, Any]]:
    def build(**changes: Any) -> dict[str, Any]:
        found: dict[str, Any] = {
            "workspace": workspace.pk,
            "name": "job1",
            "dataset": make_dataset(7, workspace=workspace).pk,
            "template": classification_template().pk,
            "selected_questions": ["1"],
            "options": {"1": [{"label": "cat"}, {"label": "dog"}]},
            "workflow": "labeling,check",
            "check_ratio": 20,
            "allocation": {"type": "fixed", "size": 3},
            "members": {
                "labeling": {"users": [labeler.pk]},
                "check": {"users": [checker.pk]},
            },
        }
        found.update(changes)
        return found

    return build


@pytest.fixture
def job(workspace: Workspace, labeler: User, checker: User, admin_user: User) -> Job:
    return checked_job(workspace, labeler=labeler, checker=checker, manager=admin_user)


def fields_of(response: Any) -> set[str]:
    assert response.status_code == 400, response.content
    answer = response.json()
    assert answer["code"] == "invalid"
    assert all(error["message"] for error in answer["errors"])
    return {error["field"] for error in answer["errors"]}


def test_create_answers_the_job(
    api: Any, admin_user: User, body: Any, workspace: Workspace
) -> None:
    response = api(admin_user).post(URL, body(description="Look closely."))
    assert response.status_code == 201, response.content
    made = response.json()
    assert made["state"] == "initialising"
    assert made["task_id"].isdigit()
    assert len(made["task_id"]) == 19
    assert made["workspace"] == workspace.pk
    assert made["template"]["key"] == "test-text-classification"
    assert made["stages"] == ["labeling", "check"]
    assert (made["check_ratio"], made["acceptance_ratio"]) == (20, 100)
    assert made["allocation"] == {"type": "fixed", "size": 3}
    assert made["options"]["1"][0]["label"] == "cat"
    assert made["options"]["1"][0]["key"]
    assert made["progress"] == {
        stage: {"packages": 0, "items": 0} for stage in ("labeling", "check", "finished")
    }
    assert made["split"] == {"state": "queued", "done": 0, "total": 7, "error": ""}
    assert made["can"]["manage"] is True
    assert made["can"]["label"] is False
    assert made["created_by"]["username"] == "alice"
    split.split_batch(run_id=SplitRun.objects.get().pk)
    seen = api(admin_user).get(f"{URL}/{made['id']}").json()
    assert (seen["state"], seen["package_count"], seen["split"]["done"]) == ("running", 3, 7)


def test_a_job_says_otherwise_than_its_template(api: Any, admin_user: User, body: Any) -> None:
    """Given by keys, kept, shown, and part of a clone; what does not fit is refused where it stands."""
    options = {"1": [{"label": "cat", "key": "c"}, {"label": "dog"}]}
    said = {"1": {"default": "c"}}
    refused = api(admin_user).post(URL, body(options=options, overrides={"1": {"default": "x"}}))
    assert [error["field"] for error in refused.json()["errors"]] == ["overrides.1.default"]
    rule = api(admin_user).post(URL, body(options=options, overrides={"1": {"rule": "x"}}))
    assert [error["field"] for error in rule.json()["errors"]] == ["overrides.1.rule"]
    made = api(admin_user).post(URL, body(options=options, overrides=said)).json()
    assert made["overrides"] == said
    job = Job.objects.get(pk=made["id"])
    assert resolved_template(job)["questions"][0]["default"] == "c"
    assert clone_fields(job)["overrides"] == said
    assert ["Begins with: cat"] in [parts for _heading, parts in chosen_parts(job)]


def test_everything_wrong_is_answered_at_its_field(api: Any, admin_user: User, body: Any) -> None:
    wrong = body(
        name="_",
        check_ratio=0,
        acceptance_ratio=5,
        allocation={"type": "fixed", "size": 500},
        options={"1": []},
        members={"labeling": {"users": []}},
    )
    assert fields_of(api(admin_user).post(URL, wrong)) == {
        "name", "check_ratio", "acceptance_ratio", "allocation.size", "options.1", "members.labeling", "members.check",
    }  # fmt: skip
    assert Job.objects.count() == 0


@pytest.mark.parametrize("sent", [[], "x", 5, None])
def test_a_body_that_is_no_object_is_refused(sent: Any, api: Any, admin_user: User) -> None:
    response = api(admin_user).post(URL, sent, format="json")
    assert response.status_code == 400
    assert Job.objects.count() == 0


def test_messages_are_in_the_readers_language_header(api: Any, admin_user: User, body: Any) -> None:
    response = api(admin_user).post(URL, body(name="_"), headers={"Accept-Language": "zh-hans"})
    assert response.headers["Content-Language"] == "zh-hans"
    assert fields_of(response) == {"name"}


def test_who_may_create(
    api: Any,
    body: Any,
    workspace: Workspace,
    labeler: User,
    leader: User,
    stranger: User,
) -> None:
    assert api(None).post(URL, body()).status_code == 401
    for person, status in ((labeler, 403), (leader, 403)):
        response = api(person).post(URL, body())
        assert response.status_code == status
        assert response.json()["detail"]
    assert fields_of(api(stranger).post(URL, body())) == {"workspace"}
    assert Job.objects.count() == 0


def test_a_foreign_dataset_and_template_are_as_good_as_none(
    api: Any, admin_user: User, body: Any
) -> None:
    foreign = make_dataset(3)
    assert fields_of(api(admin_user).post(URL, body(dataset=foreign.pk))) == {"dataset"}
    assert fields_of(api(admin_user).post(URL, body(dataset=999_999))) == {"dataset"}


@pytest.mark.parametrize(
    ("items", "smallest"),
    [
        (1, 1), (20_000, 1), (20_001, 5), (100_000, 5), (100_001, 25), (500_000, 25), (500_001, 50),
        (1_000_000, 50), (1_000_001, 51),
    ],
)  # fmt: skip
def test_package_sizes_at_every_boundary(
    items: int, smallest: int, api: Any, admin_user: User, workspace: Workspace, body: Any
) -> None:
    dataset = DatasetFactory(workspace=workspace, item_count=items).pk
    client = api(admin_user)
    for size in {0, smallest - 1, 201}:
        wrong = body(dataset=dataset, allocation={"type": "fixed", "size": size})
        assert fields_of(client.post(URL, wrong)) == {"allocation.size"}
        assert fields_of(client.post(f"{URL}/preview", wrong)) == {"allocation.size"}
    for name, size in (("a", smallest), ("b", 200)):
        right = body(name=name, dataset=dataset, allocation={"type": "fixed", "size": size})
        preview = client.post(f"{URL}/preview", right)
        assert preview.status_code == 200
        answer = preview.json()
        assert (answer["min_size"], answer["max_size"]) == (smallest, 200)
        assert answer["packages"] == -(-items // size)
        assert sum(entry["size"] * entry["count"] for entry in answer["sizes"]) == items
        assert client.post(URL, right).status_code == 201


def test_an_empty_dataset_is_refused(
    api: Any, admin_user: User, workspace: Workspace, body: Any
) -> None:
    dataset = DatasetFactory(workspace=workspace, item_count=0).pk
    client = api(admin_user)
    assert fields_of(client.post(URL, body(dataset=dataset))) == {"dataset"}
    assert fields_of(client.post(f"{URL}/preview", body(dataset=dataset))) == {"dataset"}


def test_a_list_costs_the_same_for_one_and_for_thirty(
    api: Any, admin_user: User, workspace: Workspace, labeler: User, django_assert_num_queries: Any
) -> None:
    def jobs(count: int) -> None:
        for _ in range(count):
            make_job(items=1, workspace=workspace, labelers=[labeler], managers=[admin_user])

    def cost(client: APIClient) -> int:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert client.get(f"{URL}?workspace={workspace.pk}").status_code == 200
        return len(captured)

    jobs(1)
    clients = [api(admin_user), api(labeler)]
    for client in clients:
        client.get(URL)
    one = [cost(client) for client in clients]
    jobs(29)
    assert [cost(client) for client in clients] == one
    assert max(one) <= 7
    assert len(clients[0].get(URL).json()["results"]) == 30


def test_the_list_is_narrowed_by_closed_names_only(
    api: Any, workspace: Workspace, leader: User, labeler: User
) -> None:
    mine = make_job(items=1, workspace=workspace, labelers=[labeler, leader])
    other = make_job(items=1, workspace=workspace)
    Job.objects.filter(pk=other.pk).update(state="finished", finished_at=timezone.now())
    foreign = make_job(items=1)

    def ids(user: User, query: str = "") -> set[int]:
        response = api(user).get(f"{URL}{query}")
        assert response.status_code == 200
        return {row["id"] for row in response.json()["results"]}

    assert ids(leader) == {mine.pk, other.pk}
    assert ids(leader, "?mine=true") == {mine.pk}
    assert ids(leader, "?state=finished") == {other.pk}
    assert ids(leader, f"?workspace={foreign.workspace_id}") == set()
    assert ids(leader, "?created_by__password__startswith=a") == {mine.pk, other.pk}
    assert ids(labeler) == {mine.pk}
    assert api(leader).get(f"{URL}?state=none").status_code == 400


def test_a_list_goes_on_by_key(api: Any, admin_user: User, workspace: Workspace) -> None:
    made = [make_job(items=1, workspace=workspace).pk for _ in range(3)]
    client = api(admin_user)
    first = client.get(f"{URL}?limit=2").json()
    assert [row["id"] for row in first["results"]] == made[:0:-1]
    second = client.get(first["next"]).json()
    assert [row["id"] for row in second["results"]] == made[:1]
    assert second["next"] is None


def test_what_one_may_not_know_of_is_404(
    api: Any, job: Job, stranger: User, admin_user: User
) -> None:
    paths = [
        ("get", ""), ("patch", ""), ("get", "/members"), ("put", "/members"), ("get", "/packages"),
        ("get", "/packages/1"), ("post", "/packages/1/release"),
    ]  # fmt: skip
    for method, path in paths:
        response = getattr(api(stranger), method)(f"{URL}/{job.pk}{path}", {})
        assert response.status_code == 404, (method, path)
    Job.objects.filter(pk=job.pk).update(deleted_at=timezone.now())
    assert api(admin_user).get(f"{URL}/{job.pk}").status_code == 404


def test_what_a_labeler_may_not_do_is_403_with_the_reason(
    api: Any, job: Job, labeler: User
) -> None:
    client = api(labeler)
    assert client.get(f"{URL}/{job.pk}").status_code == 200
    for method, path in [
        ("patch", ""), ("get", "/members"), ("put", "/members"), ("get", "/packages"), ("get", "/packages/1"),
        ("post", "/packages/1/release"),
    ]:  # fmt: skip
        response = getattr(client, method)(f"{URL}/{job.pk}{path}", {})
        assert response.status_code == 403, (method, path)
        assert response.json()["detail"]
    job.refresh_from_db()
    assert job.description == ""


def test_patch_changes_what_may_be_changed(api: Any, job: Job, admin_user: User) -> None:
    client = api(admin_user)
    deadline = (timezone.now() + timedelta(days=1)).isoformat()
    response = client.patch(
        f"{URL}/{job.pk}", {"description": "d", "priority": 5, "deadline": deadline}
    )
    assert response.status_code == 200, response.content
    assert (response.json()["description"], response.json()["priority"]) == ("d", 5)
    assert Assignment.objects.filter(job=job, priority=5).count() == 4
    assert fields_of(client.patch(f"{URL}/{job.pk}", {"name": "x", "votes": {}})) == {
        "name",
        "votes",
    }


def test_members_in_and_out(
    api: Any,
    job: Job,
    workspace: Workspace,
    leader: User,
    labeler: User,
    labeler2: User,
    checker: User,
) -> None:
    team = make_team(workspace, [labeler2], name="Night")
    client = api(leader)
    shown = client.get(f"{URL}/{job.pk}/members").json()
    assert list(shown) == ["labeling", "check", "manage"]
    assert shown["labeling"]["users"] == [{"id": labeler.pk, "username": "lars", "name": "lars"}]
    new = {
        "labeling": {"users": [], "teams": [team.pk]},
        "check": {"users": [checker.pk]},
    }
    # Who assigns people makes nobody a task administrator, least of all themselves.
    more = client.put(f"{URL}/{job.pk}/members", {**new, "manage": {"users": [leader.pk]}})
    assert more.status_code == 403
    assert not holds(leader, job, "manage_job")
    response = client.put(f"{URL}/{job.pk}/members", new)
    assert response.status_code == 200, response.content
    assert response.json()["labeling"] == {
        "users": [],
        "teams": [{"id": team.pk, "name": "Night"}],
    }
    assert holds(labeler2, job, "label_job")
    assert not holds(labeler, job, "label_job")
    assert fields_of(client.put(f"{URL}/{job.pk}/members", {"labeling": {}})) == {
        "members.labeling",
        "members.check",
    }


def test_members_who_hold_packages_are_named(
    api: Any, job: Job, admin_user: User, labeler: User, labeler2: User, checker: User
) -> None:
    Assignment.objects.filter(job=job, number=2).update(
        state="claimed", holder=labeler, claimed_at=timezone.now()
    )
    new = {
        "labeling": {"users": [labeler2.pk]},
        "check": {"users": [checker.pk]},
        "manage": {"users": [admin_user.pk]},
    }
    response = api(admin_user).put(f"{URL}/{job.pk}/members", new)
    assert response.status_code == 409
    answer = response.json()
    assert answer["code"] == "held"
    assert answer["held"][0]["package"] == 2
    assert holds(labeler, job, "label_job")
    kept = api(admin_user).put(f"{URL}/{job.pk}/members", {**new, "held": "keep"})
    assert kept.status_code == 200


def test_packages_by_number(api: Any, job: Job, admin_user: User, labeler: User) -> None:
    Assignment.objects.filter(job=job, number=2).update(
        state="claimed", holder=labeler, claimed_at=timezone.now()
    )
    Package.objects.filter(job=job, number=3).update(state="finished", finished_at=timezone.now())
    Assignment.objects.filter(job=job, number=3).update(state="submitted", holder=labeler)
    client = api(admin_user)
    answer = client.get(f"{URL}/{job.pk}/packages?limit=3").json()
    assert [row["number"] for row in answer["results"]] == [1, 2, 3]
    first, second, third = answer["results"]
    assert (first["stage"], first["state"], first["item_count"]) == ("labeling", "open", 2)
    assert first["assignment"]["state"] == "waiting"
    assert first["assignment"]["holder"] is None
    assert second["assignment"]["holder"]["username"] == "lars"
    assert third["assignment"] is None
    rest = client.get(answer["next"]).json()
    assert [row["number"] for row in rest["results"]] == [4]


def test_packages_cost_the_same_at_20_and_at_2000(
    api: Any, admin_user: User, workspace: Workspace, django_assert_num_queries: Any
) -> None:
    small = make_job(items=20, size=1, workspace=workspace)
    large = make_job(items=2_000, size=1, workspace=workspace)
    client = api(admin_user)
    client.get(f"{URL}/{small.pk}/packages")
    for job in (small, large):
        for path in ("packages", "packages?limit=20", "packages/7"):
            with django_assert_num_queries(10 + (path == "packages/7")):
                assert client.get(f"{URL}/{job.pk}/{path}").status_code == 200


def test_a_package_with_its_history(api: Any, job: Job, admin_user: User, labeler: User) -> None:
    package = Package.objects.get(job=job, number=1)
    PackageEvent.objects.create(
        job=job, package=package, actor=labeler, verb="claim", stage="labeling"
    )
    PackageEvent.objects.create(job=job, package=package, verb="expire", stage="labeling")
    answer = api(admin_user).get(f"{URL}/{job.pk}/packages/1").json()
    assert [event["verb"] for event in answer["events"]] == ["claim", "expire"]
    assert answer["events"][0]["actor"]["username"] == "lars"
    assert answer["events"][1]["actor"] is None
    assert api(admin_user).get(f"{URL}/{job.pk}/packages/99").status_code == 404


def test_a_leader_releases_a_package(api: Any, job: Job, leader: User, labeler: User) -> None:
    now = timezone.now()
    Assignment.objects.filter(job=job, number=1).update(
        state="claimed", holder=labeler, claimed_at=now, last_input_at=now
    )
    client = api(leader)
    too_long = client.post(f"{URL}/{job.pk}/packages/1/release", {"reason": "x" * 201})
    assert fields_of(too_long) == {"reason"}
    assert fields_of(client.post(f"{URL}/{job.pk}/packages/1/release", {})) == {"reason"}
    response = client.post(f"{URL}/{job.pk}/packages/1/release", {"reason": "On leave"})
    assert response.status_code == 200, response.content
    answer = response.json()
    assert answer["assignment"]["state"] == "waiting"
    assert answer["events"][-1]["note"] == "On leave"
    again = client.post(f"{URL}/{job.pk}/packages/1/release", {"reason": "Once more"})
    assert again.status_code == 409


def test_workers_of_other_stages_see_the_job_but_no_packages(
    api: Any, job: Job, checker: User, workspace: Workspace
) -> None:
    grant("view_job", job, users=[checker])
    answer = api(checker).get(f"{URL}/{job.pk}").json()
    assert answer["can"] == {
        "view": True, "manage": False, "assign": False, "delete": False, "label": False, "check": True,
        "accept": False,
    }  # fmt: skip
    assert api(checker).get(f"{URL}/{job.pk}/packages").status_code == 403
