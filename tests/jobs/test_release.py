"""Tenures that end without a submission: given back, taken away, expired."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.models import User, Workspace
from itag.core.errors import Conflict, Invalid, NotFound
from jobs import tasks
from jobs.models import Assignment, Job, Package, PackageEvent, SkipRecord
from jobs.services.claim import claim_package
from jobs.services.release import (
    REASONS,
    expire_assignments,
    manager_release,
    offer_again,
    release_assignment,
)
from tests.factories import make_job, make_team
from tests.jobs.flow import claim, inspect_all, label, save

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(workspace: Workspace, labeler: User, labeler2: User, checker: User) -> Job:
    """Six packages of one item."""
    return make_job(
        items=6,
        size=1,
        workspace=workspace,
        workflow="labeling,check",
        labelers=[labeler, labeler2],
        checkers=[checker],
    )


def release(assignment: Assignment, reason: str = "no_time") -> Assignment:
    assert assignment.holder is not None
    return release_assignment(assignment_id=assignment.pk, user=assignment.holder, reason=reason)


def test_giving_back_begins_the_next_tenure(job: Job, labeler: User) -> None:
    held = claim(job, labeler)
    save(held, 1)
    following = release(held, "too_hard")
    held.refresh_from_db()
    assert (held.state, held.holder, held.reason) == ("released", labeler, str(REASONS["too_hard"]))
    assert held.ended_at is not None
    assert (following.state, following.previous, following.holder) == ("waiting", held, None)
    assert (following.package, following.round, following.stage, following.number) == (
        held.package, 1, "labeling", 1,
    )  # fmt: skip
    event = PackageEvent.objects.get(verb="release")
    assert (event.actor, event.assignment, event.note) == (labeler, held, held.reason)


@pytest.mark.parametrize("reason", ["", "  ", "x" * 201])
def test_giving_back_needs_a_reason(job: Job, labeler: User, reason: str) -> None:
    held = claim(job, labeler)
    with pytest.raises(Invalid):
        release(held, reason)
    held.refresh_from_db()
    assert held.state == "claimed"


def test_only_what_one_holds_is_given_back(job: Job, labeler: User, labeler2: User) -> None:
    held = claim(job, labeler)
    with pytest.raises(NotFound):
        release_assignment(assignment_id=held.pk, user=labeler2, reason="x")
    release(held)
    with pytest.raises(Conflict):
        release(held)
    assert PackageEvent.objects.filter(verb="release").count() == 1


def test_the_allowance_is_per_person_job_and_day(
    workspace: Workspace, job: Job, labeler: User, labeler2: User
) -> None:
    workspace.time_zone = "Asia/Shanghai"
    workspace.save()
    evening = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)  # half past eleven in Shanghai
    with time_machine.travel(evening, tick=False):
        for _ in range(3):
            release(claim(job, labeler))
        held = claim(job, labeler)
        with pytest.raises(Conflict) as conflict:
            release(held)
        assert conflict.value.code == "allowance"
        other = make_job(items=1, size=1, workspace=workspace, labelers=[labeler])
        release(claim(other, labeler))
        release(claim(job, labeler2))
    with time_machine.travel(evening + timedelta(hours=1), tick=False):
        release(held)


def test_returned_packages_draw_on_no_allowance(job: Job, labeler: User, checker: User) -> None:
    Job.objects.filter(pk=job.pk).update(limits={"give_back_limit": 0})
    label(job, labeler)
    inspect_all(job, checker, "check", 1)
    back = claim(job, labeler)
    assert back.round == 2
    following = release(back)
    # The pool may have it now.
    assert (following.state, following.reserved_user, following.is_return) == (
        "waiting",
        None,
        True,
    )
    assert not SkipRecord.objects.get().counted


def test_a_manager_may_offer_it_again(job: Job, labeler: User, checker: User) -> None:
    release(claim(job, labeler))
    package = Package.objects.get(number=1)
    assert offer_again(package=package, user=checker) == 1
    assert offer_again(package=package, user=checker) == 0
    assert PackageEvent.objects.filter(verb="lift").count() == 1
    assert claim(job, labeler).number == 1


def test_a_teams_package_goes_back_to_the_team(
    job: Job, workspace: Workspace, labeler: User
) -> None:
    team = make_team(workspace, [labeler])
    Assignment.objects.filter(job=job, number=4).update(reserved_team=team)
    following = release(claim(job, labeler))
    assert (following.number, following.state, following.reserved_team) == (4, "waiting", team)


def test_what_was_allocated_to_a_person_goes_to_the_manager(
    job: Job, labeler: User, checker: User
) -> None:
    Assignment.objects.filter(job=job, number=4).update(reserved_user=labeler)
    following = release(claim(job, labeler))
    assert (following.number, following.state, following.reason) == (4, "blocked", "given_back")
    manager_release(package=following.package, user=checker, reason="anybody")
    following.refresh_from_db()
    assert (following.state, following.reserved_user, following.reason) == ("waiting", None, "")


def test_a_manager_takes_a_package_away(job: Job, labeler: User, checker: User) -> None:
    held = claim(job, labeler)
    following = manager_release(package=held.package, user=checker, reason="on leave")
    held.refresh_from_db()
    assert (held.state, held.reason, following.state) == ("released", "on leave", "waiting")
    assert not SkipRecord.objects.exists()
    assert PackageEvent.objects.get(verb="release").actor == checker
    with pytest.raises(Conflict) as conflict:
        manager_release(package=held.package, user=checker, reason="again")
    assert conflict.value.code == "not_held"
    assert claim(job, labeler).number == 1


# --- expiry ----------------------------------------------------------------------------------------------------------


def test_a_claim_expires_without_input(job: Job, labeler: User, labeler2: User) -> None:
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        held, active = claim(job, labeler), claim(job, labeler2)
        save(held, 1)
    with time_machine.travel(start + timedelta(hours=10), tick=False):
        save(active, 1)
    with time_machine.travel(start + timedelta(hours=24), tick=False):
        assert expire_assignments() == 0
    with time_machine.travel(start + timedelta(hours=24, seconds=1), tick=False):
        assert expire_assignments() == 1
        assert expire_assignments() == 0
    held.refresh_from_db()
    active.refresh_from_db()
    assert (held.state, active.state) == ("expired", "claimed")
    event = PackageEvent.objects.get(verb="expire")
    assert (event.actor, event.assignment) == (None, held)
    assert [v.cause for v in held.annotations.get().versions.all()] == ["expire"]
    # It may be taken again by the same person, who goes on.
    assert claim(job, labeler).number == held.number
    assert not SkipRecord.objects.exists()


def test_the_claim_time_is_the_jobs(job: Job, labeler: User) -> None:
    Job.objects.filter(pk=job.pk).update(limits={"claim_hours": 2})
    claim(job, labeler)
    assert expire_assignments(timezone.now() + timedelta(hours=1)) == 0
    assert expire_assignments(timezone.now() + timedelta(hours=3)) == 1


@pytest.mark.parametrize(("state", "expired"), [("offline", 0), ("paused", 1)])
def test_clocks_stand_still_offline(job: Job, labeler: User, state: str, expired: int) -> None:
    claim(job, labeler)
    Job.objects.filter(pk=job.pk).update(state=state)
    assert expire_assignments(timezone.now() + timedelta(days=3)) == expired


def test_expired_rework_goes_to_the_pool(
    job: Job, labeler: User, labeler2: User, checker: User
) -> None:
    label(job, labeler)
    inspect_all(job, checker, "check", 1)
    claim(job, labeler)
    expire_assignments(timezone.now() + timedelta(hours=25))
    assert claim(job, labeler2).round == 2


def test_an_allocation_survives_expiry(job: Job, labeler: User) -> None:
    Assignment.objects.filter(job=job, number=4).update(reserved_user=labeler)
    claim(job, labeler)
    expire_assignments(timezone.now() + timedelta(hours=25))
    assert Assignment.objects.get(number=4, state="waiting").reserved_user == labeler


def test_the_task_does_it(job: Job, labeler: User) -> None:
    held = claim(job, labeler)
    Assignment.objects.filter(pk=held.pk).update(last_input_at=timezone.now() - timedelta(hours=25))
    tasks.expire_assignments()
    assert claim_package(job=job, user=labeler, stage="labeling").assignment != held
    held.refresh_from_db()
    assert held.state == "expired"
