"""Task Center: work by stage, claiming by one click, and what it costs."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User, Workspace, WorkspaceUserPermission
from jobs.models import Assignment, Job
from tests.factories import make_job, member
from tests.jobs.flow import checked_job, claim, take, web

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(workspace: Workspace, labeler: User, checker: User, admin_user: User) -> Job:
    return checked_job(workspace, labeler=labeler, checker=checker, manager=admin_user)


def test_task_center_shows_a_persons_work_by_stage(
    workspace: Workspace, labeler: User, checker: User, job: Job
) -> None:
    own = make_job(items=4, size=2, workspace=workspace, labelers=[labeler])
    returned = make_job(items=2, size=2, workspace=workspace, labelers=[labeler])
    Assignment.objects.filter(job=returned).update(reserved_user=labeler, is_return=True, round=2)
    held = take(own, labeler)
    page = web(labeler).get("/")
    assert page.status_code == 200
    (labeling,) = page.context["work"]
    assert [row.pk for row, _progress in labeling.held] == [held.pk]
    assert [row.job_id for row in labeling.returned] == [returned.pk]
    assert [(row.job.pk, row.waiting) for row in labeling.claimable] == [(job.pk, 4)]
    text = page.content.decode()
    assert f'href="/label/{held.pk}/1"' in text
    (check,) = web(checker).get("/").context["work"]
    assert check.is_empty


def test_task_center_leaves_out_what_one_may_not_take(
    workspace: Workspace, checker: User, labeler: User, labeler2: User, job: Job
) -> None:
    Assignment.objects.filter(job=job).update(stage="check", participants=[checker.pk])
    (check,) = web(checker).get("/").context["work"]
    assert check.claimable == []
    Assignment.objects.filter(job=job, number=2).update(participants=[labeler.pk])
    Assignment.objects.filter(job=job, number=3).update(
        participants=[], reserved_user=labeler, reserved_until=timezone.now()
    )
    Assignment.objects.filter(job=job, number=4).update(participants=[], reserved_user=labeler)
    (check,) = web(checker).get("/").context["work"]
    assert [row.waiting for row in check.claimable] == [2]
    Job.objects.filter(pk=job.pk).update(state="paused")
    assert web(checker).get("/").context["work"] == []


def test_task_center_counts_packages_not_votes(
    workspace: Workspace, labeler: User, labeler2: User
) -> None:
    job = make_job(
        items=6, size=2, workspace=workspace, labelers=[labeler, labeler2],
        votes={"1": {"VoteNum": 3, "MinVote": 2}}, limits={"package_limit": 2},
    )  # fmt: skip
    (labeling,) = web(labeler).get("/").context["work"]
    assert [row.waiting for row in labeling.claimable] == [3]
    claim(job, labeler2)
    (labeling,) = web(labeler).get("/").context["work"]
    assert [row.waiting for row in labeling.claimable] == [3]
    claim(job, labeler)
    (labeling,) = web(labeler).get("/").context["work"]
    assert [row.waiting for row in labeling.claimable] == [2]


def test_task_center_costs_the_same_for_one_job_and_for_thirty(
    workspace: Workspace, labeler: User, admin_user: User
) -> None:
    def jobs(count: int) -> None:
        for _ in range(count):
            row = make_job(items=2, size=1, workspace=workspace, labelers=[labeler])
            take(row, labeler)
            make_job(items=2, size=1, workspace=workspace, labelers=[labeler])

    def cost(user: User) -> list[int]:
        client = web(user)
        found = []
        for url in ("/", "/?part=center", "/jobs/"):
            client.get(url)
            with CaptureQueriesContext(connection) as captured:
                assert client.get(url).status_code == 200
            found.append(len(captured))
        return found

    jobs(1)
    one = [cost(labeler), cost(admin_user)]
    jobs(14)
    assert [cost(labeler), cost(admin_user)] == one
    assert max(max(counts) for counts in one) <= 20


def test_one_click_claims_and_leads_to_the_labeling_page(job: Job, labeler: User) -> None:
    client = web(labeler)
    assert client.get("/work/claim/").status_code == 405
    response = client.post("/work/claim/", {"job": job.pk, "stage": "labeling"})
    row = Assignment.objects.get(holder=labeler)
    assert response.status_code == 302
    assert response.url == f"/label/{row.pk}/1"
    again = client.post("/work/claim/")
    assert again.url == f"/label/{row.pk}/1"


def test_when_nothing_is_left_the_reason_is_said(
    workspace: Workspace, labeler: User, labeler2: User
) -> None:
    job = make_job(items=1, workspace=workspace, labelers=[labeler, labeler2])
    take(job, labeler2)
    response = web(labeler).post("/work/claim/", {"job": job.pk, "stage": "labeling"}, follow=True)
    assert response.redirect_chain[0][0] == "/"
    assert b"other people" in response.content


@pytest.mark.parametrize(
    ("job_id", "stage", "status"),
    [("0", "labeling", 404), ("x", "labeling", 404), ("9" * 30, "labeling", 404)],
)
def test_a_job_that_is_not_there_is_404(
    job_id: str, stage: str, status: int, labeler: User, job: Job
) -> None:
    assert web(labeler).post("/work/claim/", {"job": job_id, "stage": stage}).status_code == status


def test_nothing_is_claimed_in_a_stage_that_is_not_ones_own(job: Job, labeler: User) -> None:
    assert web(labeler).post("/work/claim/", {"job": job.pk, "stage": "check"}).status_code == 403
    assert Assignment.objects.filter(holder=labeler).count() == 0


def test_somebody_in_no_workspace_is_told_so(workspace: Workspace) -> None:
    alone = member(workspace)
    alone.memberships.all().delete()
    WorkspaceUserPermission.objects.filter(user=alone).delete()
    for url in ("/", "/jobs/"):
        response = web(alone).get(url)
        assert response.status_code == 200
        assert b"no workspace" in response.content
    assert web(alone).get("/jobs/new/").status_code == 404
