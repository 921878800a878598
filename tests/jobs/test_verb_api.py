"""The verbs over the API: what a client sends and gets."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User, Workspace
from jobs.models import Assignment, Job, Package
from tests.factories import choice_op, make_job, member
from tests.jobs.flow import claim, inspect_all, label, save, submit

pytestmark = pytest.mark.django_db

Api = Callable[[User | None], APIClient]


@pytest.fixture
def manager(workspace: Workspace) -> User:
    return member(workspace, username="mona")


@pytest.fixture
def job(workspace: Workspace, labeler: User, labeler2: User, checker: User, manager: User) -> Job:
    """Three packages of two items."""
    return make_job(
        items=6,
        size=2,
        workspace=workspace,
        workflow="labeling,check",
        labelers=[labeler, labeler2],
        checkers=[checker],
        managers=[manager],
    )


@pytest.fixture
def post(api: Api, job: Job, manager: User) -> Callable[..., Any]:
    client = api(manager)

    def send(path: str, body: Any = None, status: int = 200) -> Any:
        answer = client.post(f"/api/v1/jobs/{job.pk}/{path}", body or {}, format="json")
        assert answer.status_code == status, answer.content
        return answer.json()

    return send


def test_the_states_of_a_job(
    post: Any, api: Api, job: Job, manager: User, admin_user: User
) -> None:
    assert post("pause")["state"] == "paused"
    assert post("offline")["state"] == "offline"
    assert post("resume", status=409)["code"] == "state"
    assert post("online")["state"] == "paused"
    assert post("archive")["state"] == "paused"
    assert post("resume", status=409)["code"] == "archived"
    assert post("unarchive")["can"]["delete"] is False
    assert post("resume")["state"] == "running"
    events = api(manager).get(f"/api/v1/jobs/{job.pk}/events").json()["results"]
    assert [event["verb"] for event in events] == [
        "resume", "unarchive", "archive", "online", "offline", "pause",
    ]  # fmt: skip
    assert events[0]["actor"]["username"] == "mona"


def test_deleting_and_restoring(api: Api, job: Job, admin_user: User, manager: User) -> None:
    client, path = api(admin_user), f"/api/v1/jobs/{job.pk}"
    refused = api(manager).delete(path, {"name": job.name}, format="json")
    assert refused.status_code == 403
    assert client.delete(path, {"name": "x"}, format="json").json()["errors"][0]["field"] == "name"
    assert client.delete(path, {"name": job.name}, format="json").status_code == 204
    assert client.get(path).status_code == 404
    assert api(manager).post(f"{path}/restore").status_code == 403
    assert client.post(f"{path}/restore").json()["id"] == job.pk
    assert client.post(f"{path}/restore").status_code == 404


def test_changing_and_cloning(api: Api, job: Job, manager: User) -> None:
    client, path = api(manager), f"/api/v1/jobs/{job.pk}"
    body = {"check_ratio": 20, "limits": {"claim_hours": 5}}
    answer = client.patch(path, body, format="json").json()
    assert (answer["check_ratio"], answer["limits"]["claim_hours"]) == (20, 5)
    clone = client.get(f"{path}/clone").json()["job"]
    assert (clone["name"], clone["limits"]) == (f"{job.name}-2", {"claim_hours": 5})
    answer = client.patch(path, {"workflow": "labeling"}, format="json")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "workflow")


def test_packages_one_by_one(
    post: Any, job: Job, labeler: User, labeler2: User, checker: User
) -> None:
    held = claim(job, labeler)
    first = "packages/1"
    answer = post(f"{first}/transfer", {"to": labeler2.pk, "reason": "ill"})
    assert (answer["slots"][0]["state"], answer["slots"][0]["reserved_for"]["username"]) == (
        "waiting", "lotte",
    )  # fmt: skip
    assert post(f"{first}/transfer", {"to": 0, "reason": "x"}, 400)["errors"][0]["field"] == "to"
    assert post(f"{first}/transfer", {"to": checker.pk, "reason": "x"}, 400)["errors"]
    assert post(f"{first}/transfer", {"to": labeler.pk}, 400)["errors"][0]["field"] == "reason"
    held = claim(job, labeler2)
    assert post(f"{first}/extend", {"hours": 8})["slots"][0]["extended_until"]
    assert post(f"{first}/submit", {"reason": "ill"}, 409)["code"] == "incomplete"
    save(held, 1)
    save(held, 2)
    assert post(f"{first}/submit", {"reason": "ill"})["stage"] == "check"
    inspect_all(job, checker, "check")
    assert post(f"{first}/reopen", {"stage": "labeling", "reason": "again"})["round"] == 2
    assert post(f"{first}/discard", {"reason": "x"})["discarded_at"]
    assert post(f"{first}/restore", {"reason": "x"})["discarded_at"] is None
    assert post(f"{first}/restore", {"reason": "x"}, 409)["code"] == "not_discarded"
    answer = post(f"{first}/items/1/correct", {"ops": [choice_op("k2")], "reason": "plain"})
    assert answer["results"][0]["data"] == "k2"
    assert post(f"{first}/items/2/abandon", {"reason": "blank"})["abandoned"] is True
    assert post(f"{first}/items/9/abandon", {"reason": "blank"}, 404)


def test_many_packages(post: Any, api: Api, job: Job, labeler: User, labeler2: User) -> None:
    claim(job, labeler)
    body = {"verb": "transfer", "numbers": [1, 2, 3], "reason": "x", "to": labeler2.pk}
    assert post("packages/bulk", {**body, "confirm": 2}, 400)["errors"][0]["field"] == "confirm"
    assert post("packages/bulk", {**body, "confirm": 3}) == {"done": [1, 2, 3], "failed": []}
    assert Assignment.objects.filter(reserved_user=labeler2).count() == 3
    body = {"verb": "discard", "numbers": [1, 9], "reason": "x", "confirm": 2}
    answer = post("packages/bulk", body)
    assert (answer["done"], answer["failed"][0]["number"]) == ([1], 9)


def test_leaders_transfer_but_do_not_discard(
    api: Api, job: Job, leader: User, labeler: User
) -> None:
    client, path = api(leader), f"/api/v1/jobs/{job.pk}/packages/bulk"
    body = {"numbers": [1], "reason": "x", "confirm": 1, "to": labeler.pk}
    assert client.post(path, {**body, "verb": "transfer"}, format="json").status_code == 200
    assert client.post(path, {**body, "verb": "discard"}, format="json").status_code == 403
    assert Package.objects.get(job=job, number=1).discarded_at is None


def test_appending(post: Any, api: Api, job: Job, manager: User) -> None:
    assert post("append", status=409)["code"] == "nothing_new"
    assert post("batches/1/close")["number"] == 1
    assert post("batches/2/close", status=404)


def test_skipping_and_taking_back(api: Api, job: Job, labeler: User, checker: User) -> None:
    client = api(labeler)
    held = claim(job, labeler)
    answer = client.post(f"/api/v1/assignments/{held.pk}/skip", {"reason": "too_hard"})
    assert answer.json() == {"state": "skipped"}
    done = label(job, labeler)
    path = f"/api/v1/assignments/{done.pk}"
    assert client.get(path).json()["can"]["withdraw"] is True
    again = client.post(f"{path}/withdraw").json()
    assert (again["state"], again["done"], again["can"]["submit"]) == ("claimed", 2, True)
    assert (again["warned"], again["skips_left"]) == (0, 2)
    assert api(checker).post(f"{path}/withdraw").status_code == 404
    submit(Assignment.objects.get(pk=again["id"]))
    claim(job, checker, "check")
    refused = client.post(f"/api/v1/assignments/{again['id']}/withdraw")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_withdrawable")
    shown = client.get(f"/api/v1/assignments/{again['id']}").json()
    assert shown["why"]["withdraw"] == "Somebody has gone on with the package already."
