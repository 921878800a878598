"""Who leaves a stage or the workspace: nothing stays theirs, and nobody else's work is touched."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from accounts.models import User, Workspace
from accounts.services.workspaces import remove_membership
from jobs.models import Assignment, Job
from jobs.services import members
from jobs.services.members import set_members
from jobs.services.release import manager_release, release_assignment
from tests.factories import choice_op, make_job
from tests.jobs.flow import claim, inspect_all, label, save, submit

pytestmark = pytest.mark.django_db
API = "/api/v1"
Client = Callable[[User | None], APIClient]


@pytest.fixture
def job(
    workspace: Workspace, labeler: User, labeler2: User, checker: User, admin_user: User
) -> Job:
    return make_job(
        items=2,
        size=2,
        workflow="labeling,check",
        workspace=workspace,
        labelers=[labeler, labeler2],
        checkers=[checker],
        managers=[admin_user],
        limits={"max_rounds": 1},
    )


def only(labeling: User, checker: User) -> dict[str, Any]:
    return {"labeling": {"users": [labeling.pk]}, "check": {"users": [checker.pk]}}


@pytest.mark.parametrize("submitted", [True, False])
def test_who_left_the_workspace_sees_nothing_of_what_they_had(
    api: Client, job: Job, workspace: Workspace, labeler: User, submitted: bool
) -> None:
    held = claim(job, labeler)
    save(held, 1)
    if submitted:
        save(held, 2)
        submit(held)
    remove_membership(workspace=workspace, user=labeler, actor=None)
    for path in ("", "/items", "/items/1"):
        assert api(labeler).get(f"{API}/assignments/{held.pk}{path}").status_code == 404
    assert api(labeler).get(f"/label/{held.pk}/1").status_code == 404
    if not submitted:
        answer = api(labeler).patch(
            f"{API}/assignments/{held.pk}/items/1",
            {"write": str(uuid4()), "ops": [choice_op("k2")]},
            headers={"If-Match": '"1"'},
        )
        assert answer.json()["late"] is True


def test_a_blocked_package_is_not_kept_for_who_left(
    job: Job, labeler: User, labeler2: User, checker: User, admin_user: User
) -> None:
    label(job, labeler)
    inspect_all(job, checker, "check", 1)
    blocked = Assignment.objects.get(job=job, state="blocked")
    assert blocked.reserved_user == labeler
    set_members(job=job, user=admin_user, members=only(labeler2, checker))
    manager_release(package=blocked.package, user=admin_user, reason="Try again")
    assert claim(job, labeler2).pk == blocked.pk


def test_a_blocked_package_is_not_kept_for_who_left_the_workspace(
    job: Job, workspace: Workspace, labeler: User, checker: User
) -> None:
    label(job, labeler)
    inspect_all(job, checker, "check", 1)
    remove_membership(workspace=workspace, user=labeler, actor=None)
    assert Assignment.objects.get(job=job, state="blocked").reserved_user is None


def test_what_went_on_meanwhile_is_not_taken_from_the_next_one(
    job: Job,
    labeler: User,
    labeler2: User,
    checker: User,
    admin_user: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held = claim(job, labeler)
    look = members.held_by_leavers

    def look_then_submit(*args: Any) -> list[Assignment]:
        found = look(*args)
        for position in (1, 2):
            save(held, position)
        submit(held)
        claim(job, checker, "check")
        return found

    monkeypatch.setattr(members, "held_by_leavers", look_then_submit)
    set_members(job=job, user=admin_user, members=only(labeler2, checker), held="release")
    assert Assignment.objects.get(job=job, stage="check").state == "claimed"


def test_a_former_holder_is_not_shown_what_others_answered_since(
    api: Client, workspace: Workspace, labeler: User, labeler2: User, checker: User
) -> None:
    job = make_job(
        items=2,
        size=2,
        workflow="labeling,check",
        workspace=workspace,
        labelers=[labeler, labeler2],
        checkers=[checker],
    )
    label(job, labeler, "k1")
    inspect_all(job, checker, "check", 1)
    former = claim(job, labeler)
    release_assignment(assignment_id=former.pk, user=labeler, reason="no_time")
    present = claim(job, labeler2)
    save(present, 1, "k2")
    submit(present)
    shown = api(labeler).get(f"{API}/assignments/{former.pk}/items/1").json()
    assert [shown["results"][0]["data"], shown["base"]] == ["k1", None]
    stale = api(labeler).patch(
        f"{API}/assignments/{former.pk}/items/1",
        {"write": str(uuid4()), "ops": [choice_op("k1")]},
        headers={"If-Match": '"77"'},
    )
    assert stale.status_code == 409
    assert "k2" not in stale.content.decode()


def test_an_inspector_sees_what_they_judged_not_what_came_of_it(
    api: Client, job: Job, labeler: User, labeler2: User, checker: User, admin_user: User
) -> None:
    label(job, labeler, "k1")
    check = inspect_all(job, checker, "check", 1)
    package = check.package
    manager_release(package=package, user=admin_user, reason="Once more")
    label(job, labeler, "k2")
    shown = api(checker).get(f"{API}/assignments/{check.pk}/items/1").json()
    assert shown["verdict"] == "rejected"
    assert [shown["base"]["results"][0]["data"], shown["results"][0]["data"]] == ["k1", "k1"]
