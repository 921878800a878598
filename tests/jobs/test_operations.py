"""What managers do with jobs on their pages: what is possible, what is said before, what is done."""

from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User, Workspace
from datasets.models import DatasetVersion
from jobs.models import Job, JobEvent
from jobs.selectors.center import job_split, jobs_for_list
from jobs.selectors.operations import JOB_OPERATIONS, job_facts, job_verdicts
from tests.jobs.flow import checked_job, take, web

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(workspace: Workspace, labeler: User, checker: User, admin_user: User) -> Job:
    return checked_job(workspace, labeler=labeler, checker=checker, manager=admin_user)


def possible(job: Job) -> set[str]:
    job = jobs_for_list(Job.objects.all()).get(pk=job.pk)
    verdicts = job_verdicts(job, job_facts(job, job_split(job)))
    assert tuple(verdicts) == JOB_OPERATIONS
    assert all(verdict or verdict.reason for verdict in verdicts.values())
    return {name for name, verdict in verdicts.items() if verdict}


def operate(user: User, job: Job, operation: str, **fields: str) -> Any:
    body = {"operation": operation, **fields}
    return web(user).post(f"/jobs/{job.pk}/operate/", body, follow=True)


@pytest.mark.parametrize(
    ("state", "found"),
    [
        ("initialising", {"clone"}),
        ("running", {"pause", "offline", "clone", "delete"}),
        ("paused", {"resume", "offline", "clone", "archive", "delete"}),
        ("offline", {"online", "clone", "archive", "delete"}),
        ("finished", {"clone", "archive", "delete"}),
        ("failed", {"retry", "clone", "archive", "delete"}),
    ],
)
def test_what_is_possible_follows_the_state(state: str, found: set[str], job: Job) -> None:
    finished = timezone.now() if state == "finished" else None
    Job.objects.filter(pk=job.pk).update(state=state, finished_at=finished)
    assert possible(job) == found


def test_new_items_of_the_dataset_can_be_appended(job: Job) -> None:
    DatasetVersion.objects.create(dataset=job.dataset, version=2, last_ordinal=12)
    assert "append" in possible(job)
    Job.objects.filter(pk=job.pk).update(archived_at=timezone.now())
    assert possible(job) == {"clone", "unarchive", "delete"}


def test_a_job_is_paused_resumed_taken_offline_and_back(
    job: Job, admin_user: User, labeler: User
) -> None:
    take(job, labeler)
    page = web(admin_user).get(f"/jobs/{job.pk}/").content.decode()
    assert "1 package is in hand and goes on." in page
    assert "what its holder saves is kept" in page
    for operation, state in (
        ("pause", "paused"),
        ("resume", "running"),
        ("offline", "offline"),
        ("online", "running"),
    ):
        operate(admin_user, job, operation)
        job.refresh_from_db()
        assert job.state == state
    refused = operate(admin_user, job, "close_batch")
    assert b"No batch waits to be filled." in refused.content
    told = web(admin_user).get(f"/jobs/{job.pk}/history/").content.decode()
    assert "clocks" not in told
    assert told.index("brought the job online") < told.index("paused the job")
    assert JobEvent.objects.filter(job=job).count() == 4


def test_a_job_is_deleted_by_its_name_and_restored(
    job: Job, admin_user: User, labeler: User, stranger: User
) -> None:
    operate(admin_user, job, "delete", name="something else")
    job.refresh_from_db()
    assert job.deleted_at is None
    operate(admin_user, job, "delete", name=job.name)
    assert web(admin_user).get(f"/jobs/{job.pk}/").status_code == 404
    assert job.name in web(admin_user).get("/jobs/deleted/").content.decode()
    for other in (labeler, stranger):
        assert job.name not in web(other).get("/jobs/deleted/").content.decode()
    assert web(labeler).post(f"/jobs/{job.pk}/restore/").status_code == 403
    assert web(stranger).post(f"/jobs/{job.pk}/restore/").status_code == 404
    web(admin_user).post(f"/jobs/{job.pk}/restore/")
    assert web(admin_user).get(f"/jobs/{job.pk}/").status_code == 200


def test_who_may_not_is_shown_the_reason(job: Job, leader: User, labeler: User) -> None:
    page = web(leader).get(f"/jobs/{job.pk}/").content.decode()
    assert "You are not a task administrator of this job." in page
    assert 'data-dialog="operation-' not in page
    assert operate(leader, job, "pause").status_code == 403
    assert "operation-pause" not in web(labeler).get(f"/jobs/{job.pk}/").content.decode()
    job.refresh_from_db()
    assert job.state == "running"


def test_labels_are_added_and_renamed_on_the_edit_page(job: Job, admin_user: User) -> None:
    import json

    client = web(admin_user)
    url = f"/jobs/{job.pk}/edit/"
    form = client.get(url).context["form"]
    sent = form.shown | {name: "on" for name, on in form.switches.items() if on}
    options = json.loads(sent["options"])
    options["1"][0]["label"] = "kitten"
    options["1"].append({"label": "bird", "color": "#112233", "shortcut": "3"})
    changes = {"options": json.dumps(options), "claim_hours": "12", "check_ratio": "40"}
    response = client.post(url, sent | changes | {"hide_names": "on"})
    assert response.status_code == 302, response.content[-3000:]
    job.refresh_from_db()
    assert [option["label"] for option in job.options["1"]] == ["kitten", "dog", "bird"]
    assert [option["key"] for option in job.options["1"]][:2] == ["k1", "k2"]
    assert (job.limit("claim_hours"), job.limit("hide_names"), job.check_ratio) == (12, True, 40)
    # What was not changed is not sent.
    form = client.get(url).context["form"]
    again = form.shown | {name: "on" for name, on in form.switches.items() if on}
    assert client.post(url, again).status_code == 302
    assert JobEvent.objects.filter(job=job, verb="edit").count() == 1
    gone = json.dumps({"1": options["1"][1:2]})
    assert client.post(url, again | {"options": gone}).status_code == 422
    wrong = client.post(url, again | {"claim_hours": "0", "check_ratio": "101"})
    assert set(wrong.context["form"].errors) == {"claim_hours", "check_ratio"}
