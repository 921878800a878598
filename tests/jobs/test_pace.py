"""One's own day: items and time as one works, of today alone, seen by nobody else."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User, Workspace
from jobs.models import Annotation, Assignment, Job
from tests.factories import WorkspaceFactory, make_job
from tests.jobs.flow import claim, label, pass_item, save

pytestmark = pytest.mark.django_db
URL = "/api/v1/me/pace"


@pytest.fixture
def job(workspace: Workspace, labeler: User, checker: User) -> Job:
    return make_job(
        items=6, size=3, workspace=workspace, labelers=[labeler, checker], checkers=[checker]
    )


def test_the_day_so_far(
    api: Callable[..., APIClient], job: Job, workspace: Workspace, labeler: User, checker: User
) -> None:
    assert api(labeler).get(URL).json()["items"] == 0
    first = label(job, labeler)
    held = claim(job, labeler)
    save(held, 1)
    save(held, 1, "k2")
    Assignment.objects.filter(pk__in=(first.pk, held.pk)).update(work_seconds=90)
    got = api(labeler).get(URL, {"workspace": workspace.pk}).json()
    assert (got["items"], got["seconds"]) == (4, 180)
    assert got["stages"] == [{"stage": "labeling", "items": 4, "seconds": 180}]

    pass_item(claim(job, checker, "check"), 2)
    got = api(checker).get(URL).json()
    assert [(one["stage"], one["items"]) for one in got["stages"]] == [("check", 1)]

    # A package begun before today counts with what was saved today.
    yesterday = timezone.now() - timedelta(days=1)
    Assignment.objects.filter(pk=held.pk).update(claimed_at=yesterday)
    Annotation.objects.filter(assignment=held).update(seconds=25)
    Assignment.objects.filter(pk=first.pk).update(last_input_at=yesterday)
    got = api(labeler).get(URL).json()
    assert (got["items"], got["seconds"]) == (1, 25)


def test_another_workspace_is_not_counted(
    api: Callable[..., APIClient], job: Job, labeler: User
) -> None:
    label(job, labeler)
    elsewhere = WorkspaceFactory()
    assert api(labeler).get(URL, {"workspace": elsewhere.pk}).status_code == 404
    assert api(labeler).get(URL, {"workspace": "x"}).status_code == 404
