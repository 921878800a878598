"""Rules and lists agree for every kind of user, and each refusal has its reason."""

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from accounts.grants import grant
from accounts.models import User, Workspace
from itag.core.policy import can
from jobs.models import STAGE_PERMISSION, Assignment, Job
from jobs.policies import ABILITIES, abilities
from tests.factories import make_job, make_team, member

pytestmark = pytest.mark.django_db

KINDS = [
    "anonymous", "inactive", "stranger", "operator", "labeler", "checker", "by team", "manager", "leader",
    "label_admin", "admin", "superuser",
]  # fmt: skip


@pytest.fixture
def job(workspace: Workspace) -> Job:
    return make_job(workspace=workspace, items=4, size=2, workflow="labeling,check")


@pytest.fixture
def people(
    workspace: Workspace, job: Job, stranger: User, django_user_model: Any
) -> dict[str, Any]:
    """One person of each kind."""
    found: dict[str, Any] = {
        "anonymous": AnonymousUser(),
        "inactive": member(workspace, "admin", is_active=False),
        "stranger": stranger,
        "operator": member(workspace),
        "labeler": member(workspace),
        "checker": member(workspace),
        "by team": member(workspace),
        "manager": member(workspace),
        "leader": member(workspace, "leader"),
        "label_admin": member(workspace, "label_admin"),
        "admin": member(workspace, "admin"),
        "superuser": django_user_model.objects.create_superuser("root", "x"),
    }
    team = make_team(workspace, [found["by team"]])
    for codename, person in (
        ("label_job", "labeler"),
        ("check_job", "checker"),
        ("manage_job", "manager"),
    ):
        grant(codename, job, users=[found[person]])
        grant("view_job", job, users=[found[person]])
    grant("label_job", job, users=[found["inactive"]])
    grant("view_job", job, users=[found["inactive"]])
    grant("label_job", job, groups=[team.group])
    grant("view_job", job, groups=[team.group])
    return found


SEES = {
    "labeler", "checker", "by team", "manager", "leader", "label_admin", "admin", "superuser",
}  # fmt: skip
MAY = {
    "view": SEES,
    "manage": {"manager", "label_admin", "admin", "superuser"},
    "delete": {"label_admin", "admin", "superuser"},
    "assign": {"manager", "leader", "label_admin", "admin", "superuser"},
    "label": {"labeler", "by team"},
    "check": {"checker"},
    "accept": set(),
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_list_and_the_rule_agree(kind: str, people: dict[str, Any], job: Job) -> None:
    user = people[kind]
    listed = Job.objects.visible_to(user).filter(pk=job.pk).exists()
    verdict = can(user, "jobs.view", job)
    assert listed == bool(verdict) == (kind in SEES)
    if not verdict:
        assert verdict.hidden


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ABILITIES)
def test_who_may_what(name: str, kind: str, people: dict[str, Any], job: Job) -> None:
    verdict = can(people[kind], f"jobs.{name}", job)
    assert bool(verdict) == (kind in MAY[name])
    if not verdict:
        assert verdict.hidden == (kind not in SEES)
        assert verdict.hidden or verdict.reason
    assert bool(abilities(people[kind], [job])[job.pk][name]) == bool(verdict)


def test_many_jobs_are_asked_in_one_query(
    people: dict[str, Any], job: Job, workspace: Workspace, django_assert_num_queries: Any
) -> None:
    jobs = [job, *(make_job(workspace=workspace, items=1) for _ in range(4))]
    with django_assert_num_queries(1):
        found = abilities(people["labeler"], jobs)
    assert [bool(found[row.pk]["view"]) for row in jobs] == [True, False, False, False, False]


@pytest.mark.parametrize("state", ["initialising", "paused", "offline", "finished", "failed"])
def test_packages_are_taken_from_running_jobs_only(
    state: str, people: dict[str, Any], job: Job
) -> None:
    job.state = state
    verdict = can(people["labeler"], "jobs.label", job)
    assert not verdict
    assert verdict.reason
    assert can(people["labeler"], "jobs.view", job)


def test_a_stage_that_the_workflow_has_not_is_refused_whatever_was_granted(
    people: dict[str, Any], job: Job
) -> None:
    grant(STAGE_PERMISSION["acceptance"], job, users=[people["labeler"]])
    assert not can(people["labeler"], "jobs.accept", job)


def test_who_may_create_jobs(people: dict[str, Any], workspace: Workspace) -> None:
    for kind in KINDS:
        verdict = can(people[kind], "jobs.create", workspace)
        assert bool(verdict) == (kind in {"label_admin", "admin", "superuser"}), kind
        hidden = kind in {"anonymous", "inactive", "stranger"}
        assert bool(verdict) or verdict.hidden == hidden, kind


def test_an_assignment_is_known_to_its_holder_and_its_managers(
    people: dict[str, Any], job: Job
) -> None:
    row = Assignment.objects.filter(job=job).select_related("job")[0]
    Assignment.objects.filter(pk=row.pk).update(
        state="claimed", holder=people["labeler"], claimed_at=timezone.now()
    )
    row.refresh_from_db()
    for kind in KINDS:
        user = people[kind]
        sees = kind == "labeler" or kind in MAY["manage"]
        assert bool(can(user, "assignments.view", row)) == sees, kind
        assert bool(can(user, "assignments.work", row)) == (kind == "labeler"), kind
        if not sees:
            assert can(user, "assignments.view", row).hidden, kind
    assert can(people["manager"], "assignments.work", row).reason
    row.state = "released"
    assert can(people["labeler"], "assignments.view", row)
    assert can(people["labeler"], "assignments.work", row).reason
