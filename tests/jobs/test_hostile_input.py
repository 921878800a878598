"""What JSON and forms can spell but no row can hold is refused with its field; nothing half-stored breaks a list."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User, Workspace
from jobs.models import Assignment, Job
from tests.factories import make_job
from tests.jobs.flow import claim

pytestmark = pytest.mark.django_db
API = "/api/v1"
UNSTORABLE = pytest.mark.parametrize("text", ["a\x00b", "a\ud800b"])


@pytest.fixture
def job(workspace: Workspace, labeler: User, admin_user: User) -> Job:
    return make_job(items=3, size=3, workspace=workspace, labelers=[labeler], managers=[admin_user])


@pytest.fixture
def send(api: Callable[[User | None], APIClient]) -> Callable[..., Any]:
    def send(user: User, method: str, path: str, body: Any) -> Any:
        call = getattr(api(user), method)
        return call(f"{API}{path}", json.dumps(body), content_type="application/json")

    return send


@UNSTORABLE
def test_a_managers_reason(send: Any, job: Job, admin_user: User, labeler: User, text: str) -> None:
    claim(job, labeler)
    answer = send(admin_user, "post", f"/jobs/{job.pk}/packages/1/release", {"reason": text})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "reason"
    assert Assignment.objects.get(job=job).state == "claimed"


@UNSTORABLE
def test_a_description(send: Any, job: Job, admin_user: User, text: str) -> None:
    answer = send(admin_user, "patch", f"/jobs/{job.pk}", {"description": text})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "description"


@pytest.mark.parametrize("body", [{"stage": "a\ud800b"}, {"stage": "check\x00"}])
def test_what_is_quoted_in_a_message(send: Any, job: Job, labeler: User, body: Any) -> None:
    answer = send(labeler, "post", "/claim", body)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "stage"


def test_a_field_without_a_name(send: Any, job: Job, admin_user: User) -> None:
    assert send(admin_user, "patch", f"/jobs/{job.pk}", {"\ud800": 1}).status_code == 400


@pytest.mark.parametrize("end", ["9999-12-31T23:59:59-12:00", "9999-12-31T23:59:59Z"])
def test_a_deadline_that_cannot_be_read_again(
    send: Any, api: Any, job: Job, admin_user: User, end: str
) -> None:
    answer = send(admin_user, "patch", f"/jobs/{job.pk}", {"deadline": end})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "deadline"
    assert api(admin_user).get(f"{API}/jobs").status_code == 200
