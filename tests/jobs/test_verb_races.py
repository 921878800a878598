"""Two verbs on one package or job at once: real threads against PostgreSQL, one outcome only."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from accounts.models import User, Workspace
from datasets.models import DatasetVersion, Item
from itag.core.errors import Conflict, Invalid
from itag.core.fields import dump
from jobs.models import Assignment, Job, JobEvent, JobSummary, Package, PackageEvent
from jobs.services.append import append_data
from jobs.services.claim import claim_package
from jobs.services.jobs import change_job
from jobs.services.lifecycle import bring_online, take_offline
from jobs.services.manage import discard_package, restore_package
from jobs.services.members import forget_access
from jobs.services.release import skip_assignment
from jobs.services.submit import submit_assignment
from jobs.services.transfer import submit_for, transfer_package
from jobs.services.unclaimable import block_unclaimable
from jobs.services.withdraw import withdraw_assignment
from tests.factories import WorkspaceFactory, make_job, member
from tests.jobs.flow import claim, label, save
from tests.jobs.history import assert_sound

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

AtOnce = Callable[..., list[Any]]
TWICE = pytest.mark.parametrize("again", range(2))


@pytest.fixture
def workspace() -> Workspace:
    made: Workspace = WorkspaceFactory.create()
    return made


@pytest.fixture
def people(workspace: Workspace) -> list[User]:
    return [member(workspace) for _ in range(4)]


@pytest.fixture
def job(workspace: Workspace, people: list[User]) -> Job:
    """Four packages of two items; everybody may do everything."""
    return make_job(
        items=8,
        size=2,
        workspace=workspace,
        workflow="labeling,check",
        labelers=people,
        checkers=people,
    )


def package(job: Job, number: int = 1) -> Package:
    return Package.objects.select_related("job").get(job=job, number=number)


def fresh(job: Job) -> Job:
    return Job.objects.select_related("workspace").get(pk=job.pk)


def fine(results: list[Any]) -> list[Any]:
    """What was done, everybody else having been refused in words."""
    for result in results:
        assert not isinstance(result, Exception) or isinstance(result, (Conflict, Invalid)), repr(
            result
        )
    return [result for result in results if not isinstance(result, Exception)]


def answered(job: Job, user: User) -> Assignment:
    held = claim(job, user)
    save(held, 1)
    save(held, 2)
    return held


def events(*verbs: str) -> int:
    return PackageEvent.objects.filter(verb__in=verbs).count()


@TWICE
def test_withdraw_against_the_next_claim(
    job: Job, people: list[User], at_once: AtOnce, again: int
) -> None:
    done = label(job, people[0])
    results = at_once(
        partial(withdraw_assignment, assignment_id=done.pk, user=people[0]),
        partial(claim_package, job=fresh(job), user=people[1], stage="check"),
    )
    fine(results)
    claimed = not isinstance(results[1], Exception) and results[1].assignment is not None
    assert claimed is isinstance(results[0], Conflict)
    assert (
        events("withdraw") + Assignment.objects.filter(stage="check", state="claimed").count() == 1
    )
    assert_sound(job)


def test_two_withdrawals_are_one(job: Job, people: list[User], at_once: AtOnce) -> None:
    done = label(job, people[0])
    results = at_once(
        *(partial(withdraw_assignment, assignment_id=done.pk, user=people[0]) for _ in range(3))
    )
    assert len({row.pk for row in fine(results)}) == 1
    assert events("withdraw") == 1
    assert_sound(job)


@TWICE
def test_transfer_against_submit(job: Job, people: list[User], at_once: AtOnce, again: int) -> None:
    held = answered(job, people[0])
    results = at_once(
        partial(transfer_package, package=package(job), user=people[3], to=people[1], reason="x"),
        partial(submit_assignment, assignment_id=held.pk, user=people[0]),
    )
    fine(results)
    held.refresh_from_db()
    # Submitted first, what is transferred is the package in check.
    assert held.state == ("transferred" if isinstance(results[1], Exception) else "submitted")
    assert_sound(job)


def test_two_transfers_at_once_leave_one_reservation(
    job: Job, people: list[User], at_once: AtOnce
) -> None:
    claim(job, people[0])
    at_once(
        *(
            partial(transfer_package, package=package(job), user=people[3], to=to, reason="x")
            for to in people[1:3]
        )
    )
    waiting = Assignment.objects.get(package=package(job), state="waiting")
    assert waiting.reserved_user in people[1:3]
    assert events("transfer") == 2
    assert_sound(job)


@TWICE
def test_transfer_against_skip(job: Job, people: list[User], at_once: AtOnce, again: int) -> None:
    held = claim(job, people[0])
    fine(
        at_once(
            partial(
                transfer_package, package=package(job), user=people[3], to=people[1], reason="x"
            ),
            partial(skip_assignment, assignment_id=held.pk, user=people[0], reason="x"),
        )
    )
    assert_sound(job)


@TWICE
def test_discard_against_submit(job: Job, people: list[User], at_once: AtOnce, again: int) -> None:
    held = answered(job, people[0])
    results = at_once(
        partial(discard_package, package=package(job), user=people[3], reason="x"),
        partial(submit_assignment, assignment_id=held.pk, user=people[0]),
    )
    fine(results)
    held.refresh_from_db()
    summary = JobSummary.objects.get(job=job)
    assert (summary.discarded_packages, summary.labeling_packages) == (1, 0)
    assert held.state == ("claimed" if isinstance(results[1], Exception) else "submitted")
    restore_package(package=package(job), user=people[3], reason="x")
    assert_sound(job)


def test_the_job_ends_when_its_last_packages_are_discarded_at_once(
    job: Job, people: list[User], at_once: AtOnce
) -> None:
    at_once(
        *(
            partial(discard_package, package=package(job, number), user=people[3], reason="x")
            for number in (1, 2, 3, 4)
        )
    )
    job.refresh_from_db()
    assert job.state == "finished"
    assert JobEvent.objects.filter(verb="finish").count() == 1


@TWICE
def test_submit_for_against_submit(
    job: Job, people: list[User], at_once: AtOnce, again: int
) -> None:
    held = answered(job, people[0])
    fine(
        at_once(
            partial(submit_for, package=package(job), user=people[3], reason="x"),
            partial(submit_assignment, assignment_id=held.pk, user=people[0]),
        )
    )
    assert events("submit", "submit_for") == 1
    assert_sound(job)


@TWICE
def test_offline_against_submit(job: Job, people: list[User], at_once: AtOnce, again: int) -> None:
    held = answered(job, people[0])
    results = at_once(
        partial(take_offline, job=job, user=people[3]),
        partial(submit_assignment, assignment_id=held.pk, user=people[0]),
    )
    fine(results)
    job.refresh_from_db()
    held.refresh_from_db()
    assert job.state == "offline"
    if held.state == "submitted":
        # What is offline has not moved since.
        assert held.submitted_at is not None
        assert JobEvent.objects.get().created_at >= held.submitted_at
    assert_sound(job)


def test_online_twice_moves_the_clocks_once(job: Job, people: list[User], at_once: AtOnce) -> None:
    claim(job, people[0])
    take_offline(job=job, user=people[3])
    at_once(*(partial(bring_online, job=job, user=people[3]) for _ in range(3)))
    assert JobEvent.objects.filter(verb="online").count() == 1


def test_append_twice_is_one_batch(job: Job, people: list[User], at_once: AtOnce) -> None:
    dataset = job.dataset
    Item.objects.create(dataset=dataset, ordinal=9, data=dump({"source": "more"}), media={})
    dataset.version, dataset.item_count = 2, 9
    dataset.save()
    DatasetVersion.objects.create(dataset=dataset, version=2, last_ordinal=9)
    results = at_once(*(partial(append_data, job=job, user=people[3]) for _ in range(3)))
    assert len(fine(results)) == 1
    assert {r.code for r in results if isinstance(r, Conflict)} == {"nothing_new"}
    assert job.batches.count() == 2


@TWICE
def test_a_slot_that_opens_while_the_priority_changes_has_the_new_one(
    job: Job, people: list[User], at_once: AtOnce, again: int
) -> None:
    held = answered(job, people[0])
    fine(
        at_once(
            partial(change_job, job=job, user=people[3], changes={"priority": 9}),
            partial(submit_assignment, assignment_id=held.pk, user=people[0]),
        )
    )
    waiting = Assignment.objects.filter(job=job, state="waiting")
    assert set(waiting.values_list("priority", flat=True)) == {9}


def test_leaving_changing_and_reviewing_at_once(
    job: Job, workspace: Workspace, people: list[User], at_once: AtOnce
) -> None:
    Job.objects.filter(pk=job.pk).update(limits={"package_limit": 4})
    for _ in range(2):
        claim(fresh(job), people[0])
    Assignment.objects.filter(job=job, state="waiting").update(reserved_user=people[0])
    at_once(
        partial(
            forget_access, workspace=workspace, users=[people[0].pk], release=True, closed=True
        ),
        partial(change_job, job=job, user=people[3], changes={"priority": 9}),
        block_unclaimable,
        partial(claim_package, job=fresh(job), user=people[1], stage="labeling"),
    )
    waiting = Assignment.objects.filter(job=job, state="waiting")
    assert set(waiting.values_list("priority", flat=True)) == {9}
    assert not Assignment.objects.filter(holder=people[0], state="claimed").exists()
