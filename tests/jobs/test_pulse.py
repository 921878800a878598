"""What an open labeling page asks for now and then."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from accounts.models import User, Workspace
from itag.core.clock import now
from jobs.models import Assignment, Job
from jobs.selectors.pulse import pulse
from jobs.services.guide import confirm_guide, publish_guide
from jobs.services.lifecycle import take_offline
from jobs.services.talk import flag_item
from tests.factories import make_job
from tests.jobs.flow import claim, label

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(workspace: Workspace, labeler: User, admin_user: User) -> Job:
    return make_job(
        items=40, size=20, workspace=workspace, labelers=[labeler], managers=[admin_user]
    )


def fresh(assignment: Assignment) -> Assignment:
    return Assignment.objects.select_related("job", "package", "holder").get(pk=assignment.pk)


def test_it_says_how_things_stand(job: Job, labeler: User) -> None:
    held = claim(job, labeler)
    found = pulse(fresh(held), labeler)
    assert (found["state"], found["job_state"], found["guide"]) == ("claimed", "running", None)
    assert found["claim_seconds"] == 24 * 3600
    assert found["can"]["submit"]
    assert found["can"]["release"]
    assert found["skips_left"] == 3
    assert abs(found["expires_at"] - found["now"] - timedelta(hours=24)) < timedelta(minutes=1)


def test_offline_nothing_moves_and_no_clock_runs(job: Job, labeler: User, admin_user: User) -> None:
    held = claim(job, labeler)
    take_offline(job=job, user=admin_user)
    found = pulse(fresh(held), labeler)
    assert (found["job_state"], found["expires_at"]) == ("offline", None)
    assert not found["can"]["submit"]
    assert "offline" in found["why"]["submit"]


def test_what_was_submitted_may_be_taken_back(job: Job, labeler: User) -> None:
    done = label(job, labeler)
    found = pulse(fresh(done), labeler)
    assert (found["state"], found["expires_at"]) == ("submitted", None)
    assert found["can"]["withdraw"]
    assert not found["can"]["submit"]


def test_the_guide_and_questions(job: Job, labeler: User, admin_user: User) -> None:
    held = claim(job, labeler)
    publish_guide(job=job, user=admin_user, markdown="Rules")
    assert pulse(fresh(held), labeler)["guide"] == {"version": 1, "confirmed": False}
    confirm_guide(job=job, user=labeler, version=1)
    assert pulse(fresh(held), labeler)["guide"] == {"version": 1, "confirmed": True}
    thread = flag_item(assignment_id=held.pk, position=3, user=labeler, text="Which?")
    assert pulse(fresh(held), labeler)["flags"] == [
        {"position": 3, "thread": thread.pk, "state": "open"}
    ]


def test_it_costs_the_same_for_many_questions(
    job: Job, labeler: User, admin_user: User, django_assert_num_queries: Callable[..., object]
) -> None:
    held = claim(job, labeler)
    publish_guide(job=job, user=admin_user, markdown="Rules")
    for position in range(1, 15):
        flag_item(assignment_id=held.pk, position=position, user=labeler, text="Which?")
    row = fresh(held)
    with django_assert_num_queries(3):  # type: ignore[attr-defined]
        pulse(row, labeler)


def test_over_the_api(job: Job, labeler: User, labeler2: User) -> None:
    held = claim(job, labeler)
    client = Client()
    client.force_login(labeler, backend="django.contrib.auth.backends.ModelBackend")
    found = client.get(f"/api/v1/assignments/{held.pk}/pulse").json()
    assert found["state"] == "claimed"
    assert now().isoformat()[:4] == found["now"][:4]
    client.force_login(labeler2, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(f"/api/v1/assignments/{held.pk}/pulse").status_code == 404
