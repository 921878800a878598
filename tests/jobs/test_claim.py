"""Claiming: who gets which package, why somebody gets none, and what it costs."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from accounts.grants import grant, revoke
from accounts.models import User, Workspace
from itag.core.errors import Denied, NotFound
from jobs.models import Assignment, Job, Package, PackageEvent, SkipRecord
from jobs.services import claim_sql
from jobs.services.claim import claim_next, claim_package
from jobs.services.release import release_assignment
from tests.factories import UserFactory, make_job, make_team, member
from tests.jobs.flow import claim, inspect_all, label

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(workspace: Workspace, labeler: User, labeler2: User, checker: User) -> Job:
    """Six packages of one item, two labelers, one checker."""
    return make_job(
        items=6,
        size=1,
        workspace=workspace,
        workflow="labeling,check",
        labelers=[labeler, labeler2],
        checkers=[checker],
    )


def numbers(*claimed: Assignment) -> list[int]:
    return [assignment.number for assignment in claimed]


def waiting(job: Job, number: int, **changes: object) -> Assignment:
    """The waiting labeling slot of the package, changed."""
    found = Assignment.objects.get(job=job, number=number, state="waiting")
    Assignment.objects.filter(pk=found.pk).update(**changes)
    return found


def test_a_claim_moves_the_assignment_and_writes_one_event(job: Job, labeler: User) -> None:
    package = job.packages.get(number=1)
    before = Package.objects.filter(pk=package.pk).values().get()
    claimed = claim_package(job=job, user=labeler, stage="labeling")
    assignment = claimed.assignment
    assert assignment is not None
    assert (assignment.state, assignment.holder, assignment.number) == ("claimed", labeler, 1)
    assert assignment.claimed_at == assignment.last_input_at is not None
    assert not claimed.already_held
    event = PackageEvent.objects.get()
    assert (event.verb, event.actor, event.assignment, event.round) == (
        "claim", labeler, assignment, 1,
    )  # fmt: skip
    assert Package.objects.filter(pk=package.pk).values().get() == before


def test_at_the_limit_a_claim_answers_what_is_held(job: Job, labeler: User) -> None:
    first = claim(job, labeler)
    again = claim_package(job=job, user=labeler, stage="labeling")
    assert again.already_held
    assert again.assignment == first
    assert PackageEvent.objects.count() == 1


def test_the_limit_is_the_jobs_setting(job: Job, labeler: User) -> None:
    job.limits = {"package_limit": 2}
    job.save()
    assert numbers(claim(job, labeler), claim(job, labeler)) == [1, 2]
    assert claim_package(job=job, user=labeler, stage="labeling").already_held


def test_order_priority_then_deadline_then_number(job: Job, labeler: User) -> None:
    job.limits = {"package_limit": 6}
    job.save()
    soon, later = timezone.now() + timedelta(hours=1), timezone.now() + timedelta(hours=2)
    waiting(job, 6, priority=5)
    waiting(job, 5, deadline=later)
    waiting(job, 4, deadline=soon)
    waiting(job, 3, priority=-1)
    got = numbers(*(claim(job, labeler) for _ in range(6)))
    assert got == [6, 4, 5, 1, 2, 3]


def test_order_returned_reserved_team_free(
    job: Job, workspace: Workspace, labeler: User, labeler2: User
) -> None:
    job.limits = {"package_limit": 9}
    job.save()
    team = make_team(workspace, [labeler])
    other = make_team(workspace, [labeler2])
    waiting(
        job,
        6,
        reserved_user=labeler,
        is_return=True,
        reserved_until=timezone.now() + timedelta(hours=9),
    )
    waiting(job, 5, reserved_user=labeler)
    waiting(job, 4, reserved_team=team)
    waiting(job, 1, reserved_team=other)
    waiting(job, 2, reserved_user=labeler2)
    assert numbers(*(claim(job, labeler) for _ in range(4))) == [6, 5, 4, 3]
    assert "reserved for others" in claim_package(job=job, user=labeler, stage="labeling").reason


def test_of_several_teams_the_best_package_comes_first(
    job: Job, workspace: Workspace, labeler: User
) -> None:
    one, two = make_team(workspace, [labeler]), make_team(workspace, [labeler])
    waiting(job, 2, reserved_team=one)
    waiting(job, 3, reserved_team=two, priority=1)
    assert claim(job, labeler).number == 3


def test_a_lapsed_reservation_is_free(job: Job, labeler: User, labeler2: User) -> None:
    past, future = timezone.now() - timedelta(minutes=1), timezone.now() + timedelta(minutes=1)
    waiting(job, 1, reserved_user=labeler2, reserved_until=future)
    waiting(job, 2, reserved_user=labeler2, reserved_until=past, priority=1)
    assert claim(job, labeler).number == 2


def test_a_lapsed_reservation_inside_a_team_stays_in_the_team(
    job: Job, workspace: Workspace, labeler: User, labeler2: User
) -> None:
    past = timezone.now() - timedelta(minutes=1)
    team = make_team(workspace, [labeler2])
    waiting(job, 1, reserved_user=labeler, reserved_until=past, reserved_team=team)
    assert claim(job, labeler).number == 2
    assert claim(job, labeler2).number == 1


def test_returned_work_takes_no_part_in_the_limit(job: Job, labeler: User) -> None:
    fresh = claim(job, labeler)
    until = timezone.now() + timedelta(hours=9)
    waiting(job, 4, reserved_user=labeler, is_return=True, reserved_until=until)
    returned = claim_package(job=job, user=labeler, stage="labeling")
    assert returned.assignment is not None
    assert returned.assignment.number == 4
    assert not returned.already_held
    again = claim_package(job=job, user=labeler, stage="labeling")
    assert (again.assignment, again.already_held) == (fresh, True)


def test_somebody_elses_rework_counts_as_ordinary_work(
    job: Job, labeler: User, labeler2: User
) -> None:
    past = timezone.now() - timedelta(minutes=1)
    waiting(job, 1, reserved_user=labeler2, is_return=True, reserved_until=past)
    assert claim(job, labeler).number == 1
    assert claim_package(job=job, user=labeler, stage="labeling").already_held


def test_nobody_inspects_their_own_work(job: Job, labeler: User, checker: User) -> None:
    grant("check_job", job, users=[labeler])
    label(job, labeler)
    refused = claim_package(job=job, user=labeler, stage="check")
    assert refused.assignment is None
    assert "your own work" in refused.reason
    assert claim(job, checker, "check").number == 1


def test_own_work_may_be_allowed(job: Job, labeler: User) -> None:
    grant("check_job", job, users=[labeler])
    job.limits = {"allow_own_check": True}
    job.save()
    label(job, labeler)
    assert claim(job, labeler, "check").number == 1


def test_own_work_is_passed_over(job: Job, labeler: User, labeler2: User) -> None:
    grant("check_job", job, users=[labeler])
    label(job, labeler)
    label(job, labeler2)
    assert claim(job, labeler, "check").number == 2


def test_old_returned_work_comes_before_anything_new_in_the_job(job: Job, labeler: User) -> None:
    grant("check_job", job, users=[labeler])
    monday = datetime(2026, 3, 2, 9, tzinfo=UTC)
    until = monday + timedelta(days=30)
    waiting(job, 5, reserved_user=labeler, is_return=True, reserved_until=until, created_at=monday)
    Assignment.objects.filter(job=job, number=2).update(stage="check")
    with time_machine.travel(monday + timedelta(hours=7, minutes=59), tick=False):
        assert claim(job, labeler, "check").number == 2
    Assignment.objects.filter(number=2).update(state="waiting", holder=None)
    with time_machine.travel(monday + timedelta(hours=8), tick=False):
        refused = claim_package(job=job, user=labeler, stage="check")
        assert refused.assignment is None
        assert "returned to you" in refused.reason
        assert claim(job, labeler).number == 5
        assert claim(job, labeler, "check").number == 2


def test_what_was_given_back_is_not_offered_again(job: Job, labeler: User, labeler2: User) -> None:
    first = claim(job, labeler)
    release_assignment(assignment_id=first.pk, user=labeler, reason="no_time")
    assert claim(job, labeler).number == 2
    assert claim(job, labeler2).number == 1


def test_a_discarded_package_is_not_handed_out(job: Job, labeler: User) -> None:
    job.packages.filter(number=1).update(discarded_at=timezone.now())
    assert claim(job, labeler).number == 2


@pytest.mark.parametrize(
    ("state", "word"),
    [
        ("paused", "paused"),
        ("offline", "offline"),
        ("finished", "finished"),
        ("initialising", "prepared"),
    ],
)
def test_a_job_that_does_not_run_says_so(job: Job, labeler: User, state: str, word: str) -> None:
    Job.objects.filter(pk=job.pk).update(state=state)
    job.refresh_from_db()
    claimed = claim_package(job=job, user=labeler, stage="labeling")
    assert claimed.assignment is None
    assert word in claimed.reason
    assert not PackageEvent.objects.exists()


def test_reasons_tell_apart_why_there_is_nothing(
    job: Job, workspace: Workspace, labeler: User, labeler2: User, checker: User
) -> None:
    assert "No package has reached" in claim_package(job=job, user=checker, stage="check").reason
    Assignment.objects.filter(job=job, number__gt=1).update(state="blocked", reason="max_rounds")
    held = claim(job, labeler)
    assert "with other people" in claim_package(job=job, user=labeler2, stage="labeling").reason
    release_assignment(assignment_id=held.pk, user=labeler, reason="no_time")
    assert "gave back" in claim_package(job=job, user=labeler, stage="labeling").reason
    SkipRecord.objects.all().delete()
    label(job, labeler)
    assert "task administrator" in claim_package(job=job, user=labeler, stage="labeling").reason
    Assignment.objects.filter(job=job, state="blocked").update(state="void")
    assert "left" in claim_package(job=job, user=labeler, stage="labeling").reason


def test_who_does_not_work_in_the_stage_is_refused(
    job: Job, workspace: Workspace, labeler: User, checker: User, stranger: User
) -> None:
    colleague = member(workspace)
    with pytest.raises(Denied):
        claim_package(job=job, user=checker, stage="labeling")
    with pytest.raises(Denied):
        claim_package(job=job, user=labeler, stage="acceptance")
    with pytest.raises(NotFound):
        claim_package(job=job, user=stranger, stage="labeling")
    with pytest.raises(NotFound):
        claim_package(job=job, user=colleague, stage="labeling")
    revoke("label_job", job, users=[labeler])
    with pytest.raises(Denied):
        claim_package(job=job, user=labeler, stage="labeling")
    root = UserFactory(is_superuser=True)
    with pytest.raises(Denied):
        claim_package(job=job, user=root, stage="labeling")
    assert not PackageEvent.objects.exists()


def test_members_of_a_team_work_in_its_stage(job: Job, workspace: Workspace) -> None:
    person = member(workspace)
    team = make_team(workspace, [person])
    for codename in ("label_job", "view_job"):
        grant(codename, job, groups=[team.group])
    assert claim(job, person).number == 1


# --- over all jobs ---------------------------------------------------------------------------------------------------


def test_next_first_offers_what_is_held(job: Job, labeler: User) -> None:
    held = claim(job, labeler)
    claimed = claim_next(user=labeler)
    assert (claimed.assignment, claimed.already_held) == (held, True)


def test_next_chooses_the_best_over_all_jobs(
    job: Job, workspace: Workspace, labeler: User, labeler2: User
) -> None:
    urgent = make_job(items=1, size=1, workspace=workspace, labelers=[labeler])
    waiting(urgent, 1, priority=3)
    make_job(items=1, size=1, workspace=workspace, labelers=[labeler2])
    first = claim_next(user=labeler).assignment
    assert first is not None
    assert first.job == urgent
    Assignment.objects.filter(pk=first.pk).update(state="submitted")
    second = claim_next(user=labeler).assignment
    assert second is not None
    assert (second.job, second.number) == (job, 1)


def test_next_prefers_returned_work_of_another_job(
    job: Job, workspace: Workspace, labeler: User
) -> None:
    other = make_job(items=2, size=1, workspace=workspace, labelers=[labeler])
    until = timezone.now() + timedelta(hours=9)
    waiting(other, 2, reserved_user=labeler, is_return=True, reserved_until=until, priority=-3)
    claimed = claim_next(user=labeler).assignment
    assert claimed is not None
    assert (claimed.job, claimed.number) == (other, 2)


def test_next_narrows_to_stage_and_workspace(job: Job, workspace: Workspace, labeler: User) -> None:
    elsewhere = make_job(items=1, size=1, labelers=[labeler])
    found = claim_next(user=labeler, workspace=elsewhere.workspace).assignment
    assert found is not None
    assert found.job == elsewhere
    nothing = claim_next(user=labeler, stage="check")
    assert nothing.assignment is None
    assert nothing.reason


def test_next_over_several_jobs_with_nothing_left(workspace: Workspace, labeler: User) -> None:
    assert "member of no" in claim_next(user=labeler).reason
    for _ in range(2):
        done = make_job(items=1, size=1, workspace=workspace, labelers=[labeler])
        Assignment.objects.filter(job=done).update(state="void")
    assert "any of your jobs" in claim_next(user=labeler).reason


def test_next_takes_the_returned_package_of_an_inspector_too(
    workspace: Workspace, labeler: User, checker: User, accepter: User
) -> None:
    job = make_job(
        items=2, size=2, workspace=workspace, labelers=[labeler], checkers=[checker], accepters=[accepter]
    )  # fmt: skip
    label(job, labeler)
    inspect_all(job, checker, "check")
    inspect_all(job, accepter, "acceptance", 1)
    returned = claim_next(user=checker).assignment
    assert returned is not None
    assert (returned.stage, returned.round, returned.is_return) == ("check", 2, True)


# --- cost ------------------------------------------------------------------------------------------------------------


def test_a_claim_costs_two_statements(
    job: Job, labeler: User, django_assert_num_queries: Any
) -> None:
    job = Job.objects.select_related("workspace").get(pk=job.pk)
    # Grants; the claim, which brings the package along.
    with django_assert_num_queries(2):
        claimed = claim_package(job=job, user=labeler, stage="labeling")
        assert claimed.assignment is not None
        assert claimed.assignment.package.number == 1


def test_every_probe_walks_its_partial_index(job: Job, labeler: User) -> None:
    package = job.packages.get(number=1)
    people = [UserFactory() for _ in range(20)]
    Assignment.objects.bulk_create(
        Assignment(
            job=job,
            package=package,
            stage="labeling",
            round=round_,
            number=round_,
            priority=round_ % 5,
            **(
                {"state": "claimed", "holder": people[round_ % 20], "claimed_at": timezone.now()}
                if round_ < 1000
                else {}
            ),
        )
        for round_ in range(2, 6000)
    )
    moment = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE jobs_assignment")
        cursor.execute(
            "EXPLAIN " + re.sub(r"\b_([a-z]+)", r"%(\1)s", claim_sql._CLAIM),
            {
                "job": job.pk,
                "stage": "labeling",
                "user": labeler.pk,
                "now": moment,
                "limit": 1,
                "own": True,
                "overdue": moment,
            },
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Seq Scan on jobs_assignment" not in plan, plan
    for index in ("free", "reserved_user", "reserved_team", "reserved_until", "held"):
        assert f"assignment_{index}" in plan, plan
    # Nothing is sorted between the walk along the index and the first row that can be locked.
    above = plan[: plan.index("Index Scan using assignment_free")].splitlines()[-2]
    assert "LockRows" in above, plan
