"""The job pages: the same rules as the API, in forms; who sees what; what a list costs."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from accounts.grants import holds
from accounts.models import User, Workspace
from jobs.models import Assignment, Job, SplitRun
from jobs.services import split
from tests.factories import (
    DatasetFactory,
    WorkspaceFactory,
    classification_template,
    make_dataset,
    make_team,
)
from tests.jobs.flow import checked_job, take, web

pytestmark = pytest.mark.django_db


@pytest.fixture
def posted(workspace: Workspace, labeler: User, checker: User, admin_user: User) -> Any:
    """What the browser sends for a complete form."""

    def build(**changes: Any) -> dict[str, Any]:
        body: dict[str, Any] = {
            "name": "job1",
            "dataset": make_dataset(7, workspace=workspace).pk,
            "description": "first line\r\nsecond",
            "template": classification_template().pk,
            "configuration": json.dumps(
                {
                    "selected": ["1"],
                    "options": {"1": [{"label": "cat"}, {"label": "dog"}]},
                    "bindings": {"source": "source"},
                }
            ),
            "workflow": "labeling,check",
            "check_ratio": "30",
            "allocation": "3",
            "language": "zh-hans",
            "priority": "4",
            "deadline": "",
            "claim_hours": "24",
            "package_limit": "2",
            "users-labeling": [labeler.pk],
            "users-check": [checker.pk],
            "users-manage": [admin_user.pk],
        }
        body.update(changes)
        return {key: value for key, value in body.items() if value is not None}

    return build


def errors_of(response: Any) -> dict[str, list[str]]:
    assert response.status_code == 422, response.content[-2000:]
    return dict(response.context["form"].errors)


def test_the_form_makes_a_job(admin_user: User, posted: Any, labeler: User) -> None:
    response = web(admin_user).post("/jobs/new/", posted())
    job = Job.objects.get()
    assert response.status_code == 302
    assert response.url == f"/jobs/{job.pk}/"
    assert (job.name, job.description) == ("job1", "first line\nsecond")
    assert (job.check_ratio, job.acceptance_ratio, job.priority) == (30, 100, 4)
    assert (job.language, job.limit("package_limit")) == ("zh-hans", 2)
    assert job.allocation == {"type": "fixed", "size": 3}
    assert [option["label"] for option in job.options["1"]] == ["cat", "dog"]
    assert holds(labeler, job, "label_job")


def test_the_form_names_what_is_wrong_at_its_field(
    admin_user: User, posted: Any, workspace: Workspace
) -> None:
    client = web(admin_user)
    response = client.post("/jobs/new/", {})
    assert set(errors_of(response)) == {
        "name", "dataset", "template", "workflow",
    }  # fmt: skip
    wrong = posted(
        **{
            "name": "a b",
            "configuration": json.dumps({"options": {"1": [{"label": "x"}, {"label": "x "}]}}),
            "check_ratio": "half",
            "allocation": "0",
            "priority": "101",
            "deadline": "2001-01-01T10:00",
            "claim_hours": "0",
            "users-labeling": [],
            "users-acceptance": [admin_user.pk],
            "users-manage": [],
        }
    )
    response = client.post("/jobs/new/", wrong)
    errors = errors_of(response)
    assert set(errors) == {
        "name", "configuration", "check_ratio", "allocation", "priority", "deadline", "claim_hours",
        "members_labeling", "members_acceptance", "members_manage",
    }  # fmt: skip
    assert errors["configuration"][0].startswith("Label 2: ")
    page = response.content.decode()
    for messages in errors.values():
        for message in messages:
            assert escape(message) in page
    assert Job.objects.count() == 0


def test_what_was_filled_in_comes_back(admin_user: User, posted: Any, labeler: User) -> None:
    body = posted(name="_wrong")
    response = web(admin_user).post("/jobs/new/", body)
    assert set(errors_of(response)) == {"name"}
    page = response.content.decode()
    assert 'value="_wrong"' in page
    assert response.context["data"]["configuration"]["options"]["1"][0]["label"] == "cat"
    row = next(
        row
        for row in response.context["form"].people.rows
        if row.kind == "users" and row.pk == labeler.pk
    )
    assert row.roles == {"labeling"}
    assert f'<option value="{body["dataset"]}" selected' in page


def test_a_ratio_without_its_stage_is_refused(admin_user: User, posted: Any) -> None:
    errors = errors_of(web(admin_user).post("/jobs/new/", posted(acceptance_ratio="50")))
    assert set(errors) == {"acceptance_ratio"}
    empty = errors_of(web(admin_user).post("/jobs/new/", posted(check_ratio="")))
    assert set(empty) == {"check_ratio"}


@pytest.mark.parametrize("configuration", ["", "[", "[]", "5", json.dumps({"options": 3})])
def test_a_configuration_that_no_script_wrote_is_refused(
    configuration: str, admin_user: User, posted: Any
) -> None:
    response = web(admin_user).post("/jobs/new/", posted(configuration=configuration))
    assert set(errors_of(response)) == {"configuration"}


@pytest.mark.parametrize(
    ("items", "smallest"),
    [
        (1, 1), (20_000, 1), (20_001, 5), (100_000, 5), (100_001, 25), (500_000, 25), (500_001, 50),
        (1_000_000, 50), (1_000_001, 51),
    ],
)  # fmt: skip
def test_package_sizes_at_every_boundary(
    items: int, smallest: int, admin_user: User, workspace: Workspace, posted: Any
) -> None:
    dataset = DatasetFactory(workspace=workspace, item_count=items).pk
    client = web(admin_user)
    for size in {0, smallest - 1, 201}:
        body = posted(dataset=dataset, allocation=str(size))
        assert set(errors_of(client.post("/jobs/new/", body))) == {"allocation"}
        preview = client.post("/jobs/new/preview/", {"dataset": dataset, "allocation": size})
        assert b'class="error"' in preview.content
    for name, size in (("a", smallest), ("b", 200)):
        preview = client.post("/jobs/new/preview/", {"dataset": dataset, "allocation": size})
        assert preview.context["preview"]["packages"] == -(-items // size)
        body = posted(name=name, dataset=dataset, allocation=str(size))
        assert client.post("/jobs/new/", body).status_code == 302


def test_an_empty_dataset_is_refused(admin_user: User, workspace: Workspace, posted: Any) -> None:
    dataset = DatasetFactory(workspace=workspace, item_count=0).pk
    errors = errors_of(web(admin_user).post("/jobs/new/", posted(dataset=dataset)))
    assert set(errors) == {"dataset"}


def test_the_form_offers_only_what_is_of_the_workspace(
    admin_user: User, workspace: Workspace, labeler: User, stranger: User
) -> None:
    mine = make_dataset(2, workspace=workspace)
    busy = make_dataset(2, workspace=workspace, state="importing")
    foreign = make_dataset(2)
    make_team(workspace, [labeler], name="Ours")
    make_team(WorkspaceFactory(), [stranger], name="Theirs")
    response = web(admin_user).get(f"/jobs/new/?dataset={mine.pk}")
    assert response.status_code == 200
    page = response.content.decode()
    assert f'<option value="{mine.pk}" selected' in page
    assert f'<option value="{busy.pk}" disabled' in page
    assert f'<option value="{foreign.pk}"' not in page
    people = response.context["form"].people
    labels = {row.label for row in [*people.rows, *people.found]}
    assert "Ours" in labels
    assert "Theirs" not in labels
    assert "steve" not in labels
    assert people.found[0].label == "Ours"


def test_the_form_is_for_those_who_may_create(labeler: User, leader: User, posted: Any) -> None:
    for person in (labeler, leader):
        for response in (
            web(person).get("/jobs/new/"),
            web(person).post("/jobs/new/", posted()),
            web(person).post("/jobs/new/preview/", {}),
        ):
            assert response.status_code == 403
            assert b"administrators" in response.content
    assert Job.objects.count() == 0
    assert Client().get("/jobs/new/").status_code == 302


@pytest.fixture
def job(workspace: Workspace, labeler: User, checker: User, admin_user: User) -> Job:
    return checked_job(
        workspace,
        labeler=labeler,
        checker=checker,
        manager=admin_user,
        description="Look <closely>",
    )


def test_a_jobs_page_for_its_manager(job: Job, admin_user: User, labeler: User) -> None:
    take(job, labeler)
    page = web(admin_user).get(f"/jobs/{job.pk}/")
    assert page.status_code == 200
    text = page.content.decode()
    assert "Look &lt;closely&gt;" in text
    assert "lars" in text
    assert str(job.task_id) in text
    assert "Pause the job first" in text
    assert ">single-choice<" not in text


def test_a_jobs_page_for_a_labeler(job: Job, labeler: User, stranger: User) -> None:
    page = web(labeler).get(f"/jobs/{job.pk}/")
    assert page.status_code == 200
    text = page.content.decode()
    assert "operations" not in page.context
    assert "blocked" not in page.context
    assert "chen" not in text
    assert page.context["claims"] == ["labeling"]
    assert web(labeler).get(f"/jobs/{job.pk}/members/").status_code == 403
    assert web(labeler).get(f"/jobs/{job.pk}/packages/1/").status_code == 403
    for path in ("", "members/", "packages/1/"):
        assert web(stranger).get(f"/jobs/{job.pk}/{path}").status_code == 404


def test_progress_is_asked_for_again_and_reloads_the_page_when_the_job_moves(
    job: Job, admin_user: User
) -> None:
    client = web(admin_user)
    same = client.get(f"/jobs/{job.pk}/?part=progress&was=running")
    assert "HX-Refresh" not in same.headers
    assert b"<html" not in same.content
    moved = client.get(f"/jobs/{job.pk}/?part=progress&was=initialising")
    assert moved.headers["HX-Refresh"] == "true"


def test_a_manager_changes_description_priority_and_deadline(
    job: Job, admin_user: User, leader: User, labeler: User
) -> None:
    past = timezone.now() - timedelta(days=1)
    Job.objects.filter(pk=job.pk).update(deadline=past)
    url = f"/jobs/{job.pk}/edit/"
    client = web(admin_user)
    form = client.get(url).context["form"]
    shown = form.shown | {name: "on" for name, on in form.switches.items() if on}
    response = client.post(url, {**shown, "description": "a\r\nb", "priority": "5"})
    assert response.status_code == 302
    job.refresh_from_db()
    assert (job.description, job.priority, job.deadline) == ("a\nb", 5, past)
    errors = errors_of(
        client.post(url, {**shown, "priority": "high", "deadline": "2001-01-01T00:00"})
    )
    assert set(errors) == {"priority", "deadline"}
    client.post(url, {**shown, "deadline": "2099-05-06T07:08"})
    job.refresh_from_db()
    assert job.deadline is not None
    assert job.deadline.isoformat() == "2099-05-06T07:08:00+00:00"
    for person in (leader, labeler):
        assert web(person).post(url, {**shown, "description": "mine"}).status_code == 403
    job.refresh_from_db()
    assert job.description != "mine"


def test_a_failed_job_says_why(job: Job, admin_user: User) -> None:
    Job.objects.filter(pk=job.pk).update(state="failed")
    SplitRun.objects.filter(batch__job=job).update(
        state="failed",
        error="The dataset does not have the items that it had when the job was created.",
    )
    page = web(admin_user).get(f"/jobs/{job.pk}/").content.decode()
    assert "does not have the items" in page


def test_members_are_changed_on_their_page(
    job: Job,
    leader: User,
    admin_user: User,
    labeler: User,
    labeler2: User,
    checker: User,
) -> None:
    client = web(leader)
    page = client.get(f"/jobs/{job.pk}/members/")
    assert page.status_code == 200
    assert list(page.context["roles"]) == ["labeling", "check", "manage"]
    body: dict[str, Any] = {
        "users-labeling": [labeler2.pk],
        "users-check": [checker.pk],
        "users-manage": [admin_user.pk],
    }
    none = client.post(f"/jobs/{job.pk}/members/", {**body, "users-check": []})
    assert set(errors_of(none)) == {"members_check"}
    assert holds(labeler, job, "label_job")

    take(job, labeler)
    asked = client.post(f"/jobs/{job.pk}/members/", body)
    assert asked.status_code == 409
    assert b"lars" in asked.content
    assert b'value="release"' in asked.content
    assert holds(labeler, job, "label_job")
    done = client.post(f"/jobs/{job.pk}/members/", {**body, "held": "release"})
    assert done.status_code == 302
    assert not holds(labeler, job, "label_job")
    assert Assignment.objects.filter(job=job, state="claimed").count() == 0


def test_a_job_on_its_way_shows_how_far_its_packages_are(admin_user: User, posted: Any) -> None:
    client = web(admin_user)
    client.post("/jobs/new/", posted())
    job = Job.objects.get()
    page = client.get(f"/jobs/{job.pk}/").content.decode()
    assert "Preparing packages" in page
    assert "0 / 7" in page
    split.split_batch(run_id=SplitRun.objects.get().pk)
    page = client.get(f"/jobs/{job.pk}/").content.decode()
    assert "Preparing packages" not in page
