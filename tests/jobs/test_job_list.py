"""The list of jobs: narrowed and sorted by closed words, by key in both directions, for pages and API alike."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.grants import grant
from accounts.models import User, Workspace
from jobs.models import Job, JobSummary
from jobs.selectors.keyset import BadCursor, page_of
from tests.factories import make_job, make_team
from tests.jobs.flow import web

pytestmark = pytest.mark.django_db


def ids(user: User, query: str = "") -> list[int]:
    response = web(user).get(f"/jobs/{query}")
    assert response.status_code == 200
    return [row.job.pk for row in response.context["jobs"]]


@pytest.fixture
def jobs(workspace: Workspace, labeler: User, admin_user: User) -> list[Job]:
    """Four jobs that differ in everything that lists know."""
    now = timezone.now()
    rows = [
        make_job(items=10, size=5, workspace=workspace, labelers=[labeler], name="cars"),
        make_job(items=10, size=5, workspace=workspace, name="trees", description="Green ones"),
        make_job(items=10, size=5, workspace=workspace, name="birds", managers=[labeler]),
        make_job(items=10, size=5, workspace=workspace, name="old"),
    ]
    changes: list[dict[str, Any]] = [
        {"priority": 5, "deadline": now + timedelta(days=2)},
        {"state": "paused", "deadline": now - timedelta(days=1)},
        {"priority": -5, "deadline": now + timedelta(days=1)},
        {"archived_at": now},
    ]
    for job, fields in zip(rows, changes, strict=True):
        Job.objects.filter(pk=job.pk).update(**fields)
    for job, done, days in ((rows[0], 5, 3), (rows[2], 8, 4)):
        JobSummary.objects.filter(job=job).update(
            finished_items=done, forecast_at=now + timedelta(days=days)
        )
    return rows


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", "birds trees cars"),
        ("?state=paused", "trees"),
        ("?state=__class__", "birds trees cars"),
        ("?archived=1", "old"),
        ("?late=1", "birds trees cars"),
        ("?search=GREEN", "trees"),
        ("?search=bir", "birds"),
        ("?search=%25", ""),
        ("?sort=deadline", "trees birds cars"),
        ("?sort=priority", "cars trees birds"),
        ("?sort=progress", "trees cars birds"),
        ("?sort=forecast", "cars birds trees"),
        ("?sort=password", "birds trees cars"),
    ],
)
def test_the_list_narrows_and_sorts(
    query: str, found: str, jobs: list[Job], admin_user: User, api: Any
) -> None:
    by_id = {job.pk: job.name for job in jobs}
    assert [by_id[pk] for pk in ids(admin_user, query)] == found.split()
    if "__class__" in query or "password" in query:
        assert api(admin_user).get(f"/api/v1/jobs{query}").status_code == 400
        return
    answer = api(admin_user).get(f"/api/v1/jobs{query}").json()
    assert [row["name"] for row in answer["results"]] == found.split()


def test_the_list_narrows_by_dataset_template_and_part(
    jobs: list[Job], admin_user: User, labeler: User
) -> None:
    assert ids(admin_user, f"?dataset={jobs[0].dataset_id}") == [jobs[0].pk]
    assert ids(admin_user, f"?template={jobs[0].template_id}") == [job.pk for job in jobs[2::-1]]
    assert ids(admin_user, "?template=0&dataset=-1&member=x") == [job.pk for job in jobs[2::-1]]
    assert ids(admin_user, "?mine=1") == []
    assert ids(labeler, "?mine=1") == [jobs[2].pk, jobs[0].pk]


def test_whose_jobs_they_are_is_said_to_those_who_assign(
    jobs: list[Job], workspace: Workspace, admin_user: User, labeler: User, labeler2: User
) -> None:
    team = make_team(workspace, [labeler2])
    grant("view_job", jobs[0], groups=[team.group])
    assert ids(admin_user, f"?member={labeler2.pk}") == [jobs[0].pk]
    # The labeler manages the birds and only labels cars: of the cars they are told nothing.
    assert ids(labeler, f"?member={labeler2.pk}") == []
    grant("view_job", jobs[2], users=[labeler2])
    assert ids(labeler, f"?member={labeler2.pk}") == [jobs[2].pk]
    assert ids(labeler, f"?member={labeler.pk}") == [jobs[2].pk, jobs[0].pk]


@pytest.mark.parametrize("sort", ["newest", "deadline", "priority", "progress", "forecast"])
def test_pages_go_on_and_back_by_key(
    sort: str, workspace: Workspace, admin_user: User, api: Any
) -> None:
    now = timezone.now()
    for number in range(7):
        job = make_job(items=10, size=10, workspace=workspace)
        Job.objects.filter(pk=job.pk).update(
            priority=number // 3, deadline=now + timedelta(days=number // 3) if number else None
        )
        JobSummary.objects.filter(job=job).update(finished_items=number // 2)
    client = api(admin_user)

    def get(url: str) -> dict[str, Any]:
        parts = urlsplit(url)
        answer = client.get(f"{parts.path}?{parts.query}")
        assert answer.status_code == 200
        return dict(answer.json())

    whole = [row["id"] for row in get(f"/api/v1/jobs?sort={sort}")["results"]]
    pages = [get(f"/api/v1/jobs?sort={sort}&limit=3")]
    while pages[-1]["next"]:
        pages.append(get(pages[-1]["next"]))
    assert [row["id"] for page in pages for row in page["results"]] == whole
    assert [len(page["results"]) for page in pages] == [3, 3, 1]
    assert pages[0]["previous"] is None
    back = get(pages[2]["previous"])
    assert [row["id"] for row in back["results"]] == whole[3:6]
    assert [row["id"] for row in get(back["previous"])["results"]] == whole[:3]


@pytest.mark.parametrize(
    "cursor",
    ["x", "W10", "WzAsMSwyXQ", "WzAsIngiLDFd", "WzAsMWU5OTksMV0", "9" * 200, "WzAsbnVsbCwxXQ"],
)
def test_a_cursor_that_no_page_wrote_is_refused(
    cursor: str, jobs: list[Job], admin_user: User, api: Any
) -> None:
    answer = api(admin_user).get(f"/api/v1/jobs?sort=deadline&cursor={cursor}")
    assert answer.status_code == 404
    assert len(ids(admin_user, f"?sort=deadline&cursor={cursor}")) == 3, "a page begins anew"


def test_a_page_of_nothing_has_no_neighbours() -> None:
    page = page_of(Job.objects.all(), descending=True, limit=5, field="id")
    assert (page.rows, page.previous, page.next) == ([], "", "")
    with pytest.raises(BadCursor):
        page_of(Job.objects.all(), descending=True, limit=5, field="id", cursor="!")


def test_live_progress_is_one_cheap_question_about_jobs_one_may_see(
    jobs: list[Job], admin_user: User, labeler: User
) -> None:
    client = web(admin_user)
    one, all_ = str(jobs[0].pk), ",".join(str(job.pk) for job in jobs)

    def cost(which: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            response = client.get(f"/jobs/progress/?ids={which}")
        assert response.content.decode().count("<tr data-job") == len(which.split(","))
        return len(captured)

    client.get("/jobs/progress/")
    assert cost(one) == cost(all_) <= 7
    shown = web(labeler).get(f"/jobs/progress/?ids={all_},x,-1,{'9' * 40}").content.decode()
    assert shown.count("<tr data-job") == 2
