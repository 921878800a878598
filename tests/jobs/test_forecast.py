"""When jobs will be done: the arithmetic, the notes it comes from, and what it costs."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Workspace
from jobs.models import Job, JobPace, JobSummary
from jobs.selectors.job_list import late_jobs, lateness
from jobs.services.forecast import StagePace, forecast, forecast_jobs
from tests.factories import make_job

DAY = 86_400.0


@pytest.mark.parametrize(
    ("stages", "days"),
    [
        ([StagePace(left=300, passed=700)], 3),
        # The slowest stage says when it ends, however fast the others are.
        ([StagePace(left=300, passed=700), StagePace(left=650, passed=350)], 13),
        # A stage in which nothing has passed yet takes as long as everything together.
        ([StagePace(left=500, passed=500), StagePace(left=1000, passed=0)], 21),
        ([StagePace(left=0, passed=1000), StagePace(left=100, passed=700)], 1),
    ],
)
def test_every_stage_goes_on_at_its_own_pace(stages: list[StagePace], days: int) -> None:
    assert forecast(stages, 7 * DAY) == timedelta(days=days)


@pytest.mark.parametrize(
    ("stages", "seconds"),
    [
        ([StagePace(left=10, passed=0)], DAY),
        ([StagePace(left=0, passed=10)], DAY),
        ([StagePace(left=10, passed=-5)], DAY),
        ([StagePace(left=10, passed=5)], 0),
        ([StagePace(left=10_000_000, passed=1)], 7 * DAY),
    ],
)
def test_without_a_pace_there_is_no_forecast(stages: list[StagePace], seconds: float) -> None:
    assert forecast(stages, seconds) is None


@pytest.fixture
def moment() -> datetime:
    return timezone.now().replace(microsecond=0)


def job_of(workspace: Workspace, created: datetime, **passed: int) -> Job:
    job = make_job(items=100, size=10, workspace=workspace, workflow="labeling")
    Job.objects.filter(pk=job.pk).update(created_at=created)
    JobSummary.objects.filter(job=job).update(**passed)
    return job


def end_of(job: Job) -> datetime | None:
    return JobSummary.objects.get(job=job).forecast_at


@pytest.mark.django_db
def test_a_young_job_goes_on_as_since_its_creation(workspace: Workspace, moment: datetime) -> None:
    job = job_of(workspace, moment - timedelta(days=2), labeling_items=20)
    assert forecast_jobs(moment) == 1
    assert end_of(job) == moment + timedelta(days=8)
    assert forecast_jobs(moment) == 0, "nothing has changed"


@pytest.mark.django_db
def test_an_old_job_goes_on_as_in_the_last_seven_days(
    workspace: Workspace, moment: datetime
) -> None:
    job = job_of(workspace, moment - timedelta(days=90), labeling_items=50)
    old: dict[str, Any] = {"check_items": 0, "acceptance_items": 0}
    for days, items in ((20, 0), (7, 36), (3, 49)):
        taken = moment - timedelta(days=days)
        JobPace.objects.create(job=job, taken_at=taken, labeling_items=items, **old)
    forecast_jobs(moment)
    assert end_of(job) == moment + timedelta(days=25)
    assert not JobPace.objects.filter(taken_at__lt=moment - timedelta(days=8)).exists()
    # Six hours later the job is noted again, not before.
    notes = JobPace.objects.filter(job=job).count()
    forecast_jobs(moment + timedelta(hours=1))
    assert JobPace.objects.filter(job=job).count() == notes
    forecast_jobs(moment + timedelta(hours=6, minutes=1))
    assert JobPace.objects.filter(job=job).count() == notes + 1


@pytest.mark.django_db
def test_only_what_runs_has_a_forecast(workspace: Workspace, moment: datetime) -> None:
    job = job_of(workspace, moment - timedelta(days=1), labeling_items=50)
    forecast_jobs(moment)
    assert end_of(job) is not None
    Job.objects.filter(pk=job.pk).update(state="paused")
    assert forecast_jobs(moment) == 1
    assert end_of(job) is None


@pytest.mark.django_db
def test_discarded_items_are_no_work(workspace: Workspace, moment: datetime) -> None:
    job = job_of(workspace, moment - timedelta(days=1), labeling_items=50, discarded_items=40)
    forecast_jobs(moment)
    ends = end_of(job)
    assert ends is not None
    assert abs(ends - (moment + timedelta(hours=4.8))) < timedelta(seconds=1)


@pytest.mark.django_db
def test_jobs_are_late_by_their_forecast_and_overdue_by_the_clock(
    workspace: Workspace, moment: datetime
) -> None:
    job = job_of(workspace, moment - timedelta(days=2), labeling_items=20)

    def late(deadline: datetime | None) -> str:
        Job.objects.filter(pk=job.pk).update(deadline=deadline)
        listed = {row.pk: how for row, how in late_jobs(moment)}
        found = lateness(Job.objects.select_related("summary").get(pk=job.pk), moment)
        assert listed.get(job.pk, "") == found
        return found

    forecast_jobs(moment)
    assert late(None) == ""
    assert late(moment + timedelta(days=9)) == ""
    assert late(moment + timedelta(days=7)) == "late"
    assert late(moment - timedelta(minutes=1)) == "overdue"
    Job.objects.filter(pk=job.pk).update(state="finished", finished_at=moment)
    assert late(moment - timedelta(minutes=1)) == ""


@pytest.mark.django_db
def test_a_hundred_jobs_cost_what_one_does(workspace: Workspace, moment: datetime) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            forecast_jobs(moment)
        return len(captured)

    for _number in range(2):
        job_of(workspace, moment - timedelta(days=1), labeling_items=10)
    few = cost()
    JobSummary.objects.update(forecast_at=None)
    for _number in range(20):
        job_of(workspace, moment - timedelta(days=1), labeling_items=10)
    assert cost() == few
