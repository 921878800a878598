"""Who works in a job: exactly the grants that the members say, changed in one transaction."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.grants import held, holds
from accounts.models import User, Workspace
from accounts.services.teams import update_team
from accounts.services.workspaces import remove_membership
from itag.core.errors import Conflict, Invalid
from jobs.models import Assignment, Job
from jobs.services.members import held_by_leavers, job_members, resolve_members, set_members
from tests.factories import make_job, make_team, member

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(workspace: Workspace, labeler: User, checker: User, admin_user: User) -> Job:
    return make_job(
        items=6,
        size=2,
        workflow="labeling,check",
        workspace=workspace,
        labelers=[labeler],
        checkers=[checker],
        managers=[admin_user],
    )


def roles(labeling: Any, check: Any, manage: Any) -> dict[str, Any]:
    return {
        "labeling": {"users": labeling},
        "check": {"users": check},
        "manage": {"users": manage},
    }


def names(job: Job) -> dict[str, tuple[list[str], list[str]]]:
    return {
        role: ([user.username for user in who.users], [team.name for team in who.teams])
        for role, who in job_members(job).items()
    }


def take(job: Job, user: User, number: int = 1) -> Assignment:
    row = Assignment.objects.get(job=job, number=number, state="waiting")
    now = timezone.now()
    Assignment.objects.filter(pk=row.pk).update(
        state="claimed", holder=user, claimed_at=now, last_input_at=now
    )
    return row


def test_members_are_read_in_two_queries(job: Job, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(2):
        found = names(job)
    assert found == {"labeling": (["lars"], []), "check": (["chen"], []), "manage": (["alice"], [])}


def test_the_difference_is_granted_and_revoked(
    job: Job,
    workspace: Workspace,
    labeler: User,
    labeler2: User,
    checker: User,
    admin_user: User,
) -> None:
    team = make_team(workspace, [labeler2], name="Night shift")
    set_members(
        job=job,
        user=admin_user,
        members={
            "labeling": {"users": [checker.pk], "teams": [team.pk]},
            "check": {"users": [admin_user.pk]},
            "manage": {"users": [admin_user.pk]},
        },
    )
    assert names(job) == {
        "labeling": (["chen"], ["Night shift"]),
        "check": (["alice"], []),
        "manage": (["alice"], []),
    }
    assert held(labeler, job) == set()
    assert held(checker, job) == {"label_job", "view_job"}
    assert held(labeler2, job) == {"label_job", "view_job"}
    assert held(admin_user, job) == {"check_job", "manage_job", "view_job"}


def test_one_role_of_two_lost_keeps_the_job_in_sight(
    job: Job, labeler: User, labeler2: User, checker: User, admin_user: User
) -> None:
    set_members(
        job=job,
        user=admin_user,
        members=roles([labeler.pk, checker.pk], [checker.pk], [admin_user.pk]),
    )
    set_members(
        job=job,
        user=admin_user,
        members=roles([labeler.pk, labeler2.pk], [checker.pk], [admin_user.pk]),
    )
    assert held(checker, job) == {"check_job", "view_job"}


def test_changing_nothing_changes_nothing(
    job: Job, labeler: User, checker: User, admin_user: User
) -> None:
    before = {user: held(user, job) for user in (labeler, checker, admin_user)}
    set_members(
        job=job, user=admin_user, members=roles([labeler.pk], [checker.pk], [admin_user.pk])
    )
    assert {user: held(user, job) for user in (labeler, checker, admin_user)} == before


def test_what_is_wrong_is_at_its_role_and_nothing_changes(
    job: Job, labeler: User, checker: User, admin_user: User, stranger: User
) -> None:
    with pytest.raises(Invalid) as caught:
        set_members(
            job=job,
            user=admin_user,
            members={**roles([stranger.pk], [], [admin_user.pk]), "acceptance": {"users": []}},
        )
    assert {error["field"] for error in caught.value.errors} == {
        "members.labeling",
        "members.check",
        "members.acceptance",
    }
    assert holds(labeler, job, "label_job")
    assert not holds(stranger, job, "view_job")


def test_manage_left_out_stays_as_it_is(job: Job, labeler: User, checker: User) -> None:
    set_members(
        job=job,
        user=labeler,
        members={"labeling": {"users": [labeler.pk]}, "check": {"users": [checker.pk]}},
    )
    assert names(job)["manage"] == (["alice"], [])


def test_losing_a_stage_with_a_package_in_hand_needs_a_decision(
    job: Job, labeler: User, labeler2: User, checker: User, admin_user: User
) -> None:
    row = take(job, labeler)
    new = roles([labeler2.pk], [checker.pk], [admin_user.pk])
    with pytest.raises(Conflict) as caught:
        set_members(job=job, user=admin_user, members=new)
    assert caught.value.code == "held"
    assert caught.value.extra["held"] == [
        {
            "stage": "labeling",
            "package": 1,
            "user": {"id": labeler.pk, "username": "lars", "name": "lars"},
        }
    ]
    assert holds(labeler, job, "label_job")
    assert not holds(labeler2, job, "label_job")

    with pytest.raises(Invalid):
        set_members(job=job, user=admin_user, members=new, held="perhaps")

    set_members(job=job, user=admin_user, members=new, held="keep")
    row.refresh_from_db()
    assert (row.state, row.holder) == ("claimed", labeler)
    assert not holds(labeler, job, "label_job")


def test_what_a_leaver_holds_may_be_released(
    job: Job, labeler: User, labeler2: User, checker: User, admin_user: User
) -> None:
    row = take(job, labeler)
    set_members(
        job=job,
        user=admin_user,
        members=roles([labeler2.pk], [checker.pk], [admin_user.pk]),
        held="release",
    )
    row.refresh_from_db()
    assert row.state == "released"
    assert Assignment.objects.filter(package=row.package_id, state="waiting").count() == 1


def test_who_stays_by_a_team_loses_nothing(
    job: Job, workspace: Workspace, labeler: User, labeler2: User, checker: User, admin_user: User
) -> None:
    take(job, labeler)
    team = make_team(workspace, [labeler, labeler2])
    set_members(
        job=job,
        user=admin_user,
        members={
            "labeling": {"teams": [team.pk]},
            "check": {"users": [checker.pk]},
            "manage": {"users": [admin_user.pk]},
        },
    )
    members, errors, _warnings = resolve_members(
        workspace=workspace,
        stages=job.stages,
        members=roles([labeler2.pk], [checker.pk], [admin_user.pk]),
        creator=admin_user,
        allow_own_check=False,
    )
    assert errors == []
    assert [row.number for row in held_by_leavers(job, members)] == [1]


def test_a_leavers_reservation_is_cleared(
    job: Job, labeler: User, labeler2: User, checker: User, admin_user: User
) -> None:
    later = timezone.now() + timedelta(hours=8)
    Assignment.objects.filter(job=job, number=1).update(
        reserved_user=labeler, reserved_until=later, is_return=True
    )
    Assignment.objects.filter(job=job, number=2).update(
        reserved_user=labeler2, reserved_until=later
    )
    set_members(
        job=job, user=admin_user, members=roles([labeler2.pk], [checker.pk], [admin_user.pk])
    )
    rows = Assignment.objects.filter(job=job).order_by("number")
    assert [row.reserved_user_id for row in rows] == [None, labeler2.pk, None]
    assert [row.reserved_until for row in rows] == [None, later, None]


def test_people_listed_twice_count_once(
    job: Job, labeler: User, checker: User, admin_user: User, workspace: Workspace
) -> None:
    extra = member(workspace)
    set_members(
        job=job,
        user=admin_user,
        members=roles([extra.pk, extra.pk, labeler.pk], [checker.pk], [admin_user.pk]),
    )
    assert names(job)["labeling"][0] == sorted(["lars", extra.username])


def test_who_leaves_the_workspace_gives_back_what_they_hold(
    job: Job, workspace: Workspace, labeler: User, admin_user: User
) -> None:
    row = take(job, labeler)
    Assignment.objects.filter(job=job, number=2).update(reserved_user=labeler, is_return=True)
    remove_membership(workspace=workspace, user=labeler, actor=admin_user)
    row.refresh_from_db()
    assert row.state == "released"
    assert not Assignment.objects.filter(job=job, reserved_user=labeler).exists()
    assert held(labeler, job) == set()


def test_who_leaves_a_team_finishes_what_they_hold_but_keeps_no_reservation(
    job: Job, workspace: Workspace, labeler: User, labeler2: User, checker: User, admin_user: User
) -> None:
    team = make_team(workspace, [labeler2, labeler])
    set_members(
        job=job,
        user=admin_user,
        members={
            "labeling": {"teams": [team.pk], "users": [labeler.pk]},
            "check": {"users": [checker.pk]},
        },
    )
    row, own = take(job, labeler2), take(job, labeler, 3)
    Assignment.objects.filter(job=job, number=2).update(reserved_user=labeler2)
    later = timezone.now() + timedelta(hours=3)
    other = make_job(items=1, workspace=workspace, labelers=[labeler2])
    Assignment.objects.filter(job=other).update(reserved_user=labeler2, reserved_until=later)
    update_team(team=team, members=[], actor=admin_user)
    row.refresh_from_db()
    own.refresh_from_db()
    assert (row.state, own.state) == ("claimed", "claimed")
    assert not Assignment.objects.filter(job=job, reserved_user=labeler2).exists()
    assert Assignment.objects.get(job=other).reserved_user == labeler2
