"""The administration's lists of jobs: query-safe, nothing with a lifecycle to change by hand, actions by services."""

from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User, Workspace
from jobs.models import (
    Annotation,
    Appeal,
    Assignment,
    ErrorTally,
    Guide,
    GuideConfirmation,
    GuideFile,
    Job,
    JobEvent,
    JobPace,
    LabelTally,
    Message,
    Package,
    PackageEvent,
    PackageItem,
    PackageTally,
    StageTally,
    TallyDue,
    Thread,
)
from tests.factories import make_job

pytestmark = pytest.mark.django_db
SHOWN = [
    model
    for model in apps.get_app_config("jobs").get_models()
    if not model.__name__.endswith("Permission")
]


@pytest.fixture
def root(django_user_model: Any) -> Client:
    client = Client()
    client.force_login(
        django_user_model.objects.create_superuser("root", "x"),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    return client


def fill(workspace: Workspace, user: User, count: int) -> None:
    """A few rows of the large tables."""
    for _ in range(count):
        job = make_job(items=2, size=1, workspace=workspace)
        package = Package.objects.filter(job=job)[0]
        PackageEvent.objects.create(job=job, package=package, actor=user, verb="claim")
        JobEvent.objects.create(job=job, actor=user, verb="pause")
        JobPace.objects.create(
            job=job, taken_at=timezone.now(), labeling_items=1, check_items=0, acceptance_items=0
        )
        answer = Annotation.objects.create(
            package_item=PackageItem.objects.filter(job=job)[0], author=user, results="[]"
        )
        StageTally.objects.create(job=job, stage="check", user=user, day=timezone.now().date())
        ErrorTally.objects.create(
            job=job, stage="check", user=user, day=timezone.now().date(), kind="rejected"
        )
        LabelTally.objects.create(job=job, question="1", option="k1", count=1)
        PackageTally.objects.create(package=package, job=job)
        TallyDue.objects.create(job=job, package=package, kind="labels")
        guide = Guide.objects.create(job=job, version=1, kind="markdown", text="x", author=user)
        GuideConfirmation.objects.create(guide=guide, user=user)
        GuideFile.objects.create(job=job, name="a.png", kind="picture", size=1, author=user)
        thread = Thread.objects.create(job=job, author=user)
        Message.objects.create(thread=thread, author=user, text="?")
        Appeal.objects.create(job=job, annotation=answer, author=user, text="!")


def test_every_model_is_listed() -> None:
    assert {model for model in SHOWN if not admin.site.is_registered(model)} == set()


@pytest.mark.parametrize("model", SHOWN, ids=lambda model: model.__name__)
def test_a_list_costs_the_same_for_few_rows_and_for_many(
    model: Any, root: Client, workspace: Workspace, labeler: User
) -> None:
    url = f"/admin/jobs/{model.__name__.lower()}/"

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert root.get(url).status_code == 200
        return len(captured)

    fill(workspace, labeler, 1)
    root.get(url)
    few = cost()
    fill(workspace, labeler, 9)
    assert cost() == few


@pytest.mark.parametrize("model", SHOWN, ids=lambda model: model.__name__)
def test_a_row_opens_with_nothing_of_its_lifecycle_to_change(
    model: Any, root: Client, workspace: Workspace, labeler: User
) -> None:
    fill(workspace, labeler, 1)
    row = model._default_manager.first()
    if row is None:
        return
    page = root.get(f"/admin/jobs/{model.__name__.lower()}/{row.pk}/change/").content.decode()
    for name in ("state", "stage", "round", "holder", "results", "verdict", "number"):
        assert f'name="{name}"' not in page
    assert root.get(f"/admin/jobs/{model.__name__.lower()}/add/").status_code == 403


def test_a_job_changes_through_its_service(root: Client, workspace: Workspace) -> None:
    job = make_job(items=2, size=1, workspace=workspace)
    response = root.post(
        f"/admin/jobs/job/{job.pk}/change/",
        {
            "description": "new",
            "priority": "9",
            "deadline_0": "",
            "deadline_1": "",
            "state": "failed",
        },
    )
    assert response.status_code == 302, response.content[-3000:]
    job.refresh_from_db()
    assert (job.description, job.priority, job.state) == ("new", 9, "running")
    assert set(Assignment.objects.filter(job=job).values_list("priority", flat=True)) == {9}


def test_packages_are_released_through_the_service(
    root: Client, workspace: Workspace, labeler: User
) -> None:
    job = make_job(items=2, size=1, workspace=workspace)
    now = timezone.now()
    Assignment.objects.filter(job=job, number=1).update(
        state="claimed", holder=labeler, claimed_at=now, last_input_at=now
    )
    chosen = [package.pk for package in Package.objects.filter(job=job)]
    root.post(
        "/admin/jobs/package/", {"action": "release", "_selected_action": chosen}, follow=True
    )
    assert Assignment.objects.filter(job=job, state="waiting").count() == 2
    assert PackageEvent.objects.filter(job=job, verb="release").count() == 1


def test_a_manager_who_is_staff_sees_their_jobs_and_no_packages(
    workspace: Workspace, admin_user: User, labeler: User
) -> None:
    mine = make_job(items=1, workspace=workspace)
    make_job(items=1)
    admin_user.is_staff = True
    admin_user.save()
    client = Client()
    client.force_login(admin_user, backend="django.contrib.auth.backends.ModelBackend")
    listed = client.get("/admin/jobs/job/").context["cl"].queryset
    assert [job.pk for job in listed] == [mine.pk]
    assert client.get("/admin/jobs/package/").status_code == 403
    assert Job.objects.count() == 2
    other = Client()
    other.force_login(labeler, backend="django.contrib.auth.backends.ModelBackend")
    assert other.get("/admin/jobs/job/").status_code == 302
