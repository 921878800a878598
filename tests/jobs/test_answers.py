"""Saving, abandoning and unlocking: versions, repeats, what counts and what comes too late."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.utils import timezone

from accounts.models import User, Workspace
from itag.core.errors import Conflict, Invalid, NotFound
from jobs.models import Annotation, AnnotationVersion, Assignment, Job, PackageEvent
from jobs.selectors.template import job_questions, template_key
from jobs.services import answers
from jobs.services.desk import record_input
from jobs.services.release import expire_assignments, manager_release, release_assignment
from tests.factories import choice, choice_op, loads, make_job
from tests.jobs.flow import (
    abandon,
    claim,
    final,
    inspect_all,
    label,
    reject_item,
    save,
    submit,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(workspace: Workspace, labeler: User, labeler2: User, checker: User) -> Job:
    """One package of three items."""
    return make_job(
        items=3,
        size=3,
        workspace=workspace,
        workflow="labeling,check",
        labelers=[labeler, labeler2],
        checkers=[checker],
    )


@pytest.fixture
def held(job: Job, labeler: User) -> Assignment:
    return claim(job, labeler)


def own(assignment: Assignment, position: int = 1) -> Annotation:
    return assignment.annotations.get(package_item__position=position)


def test_a_save_stores_the_answer(held: Assignment, labeler: User) -> None:
    write = uuid4()
    answer = save(held, 2, "k2", write=write)
    assert answer == {
        "write": str(write), "version": 1, "state": "answered", "verdict": "", "late": False,
    }  # fmt: skip
    stored = own(held, 2)
    assert loads(stored.results) == [choice("k2")]
    assert (stored.author, stored.version, stored.last_write) == (labeler, 1, write)
    assert PackageEvent.objects.count() == 1  # the claim's


def test_an_answer_in_force_needs_a_submission(held: Assignment, job: Job) -> None:
    save(held, 1)
    assert final(job) == [None, None, None]


def test_another_version_is_a_conflict_with_what_is_stored(held: Assignment) -> None:
    save(held, 1, "k1")
    with pytest.raises(Conflict) as conflict:
        save(held, 1, "k2", version=0)
    assert conflict.value.code == "version_conflict"
    assert conflict.value.extra["version"] == 1
    assert loads(conflict.value.extra["results"]) == [choice("k1")]
    assert loads(own(held).results) == [choice("k1")]


def test_the_same_write_answers_the_same_and_changes_nothing(held: Assignment) -> None:
    write = uuid4()
    first = save(held, 1, "k1", write=write, version=0)
    again = save(held, 1, "k2", write=write, version=0)
    assert again == first
    assert loads(own(held).results) == [choice("k1")]


def test_what_is_wrong_is_named_by_its_path(held: Assignment) -> None:
    with pytest.raises(Invalid) as invalid:
        save(held, 1, "no such option")
    assert invalid.value.errors[0]["field"].startswith("results[0]")
    assert not held.annotations.exists()


def test_a_deleted_answer_opens_the_item_again(held: Assignment) -> None:
    save(held, 1)
    answer = save(held, 1, ops=[{"questionId": "1", "id": None, "value": None}])
    assert answer["state"] == "open"
    assert loads(own(held).results) == []


def test_without_operations_a_save_confirms(held: Assignment) -> None:
    assert save(held, 1, ops=[])["state"] == "open"  # a required question is not answered
    save(held, 1)
    assert save(held, 1, ops=[])["state"] == "answered"


def test_a_position_that_is_not_there(held: Assignment) -> None:
    with pytest.raises(NotFound):
        save(held, 4)


def test_somebody_elses_assignment_is_not_there(held: Assignment, labeler2: User) -> None:
    with pytest.raises(NotFound):
        save(held, 1, user=labeler2)
    assert not held.annotations.exists()


def test_a_submitted_package_takes_no_saves(job: Job, labeler: User) -> None:
    done = label(job, labeler)
    with pytest.raises(Conflict) as conflict:
        save(done, 1, "k2")
    assert conflict.value.code == "submitted"


def test_the_last_write_is_answered_again_after_the_submission(job: Job, labeler: User) -> None:
    """Its answer was lost, another tab submitted: what was stored is not refused."""
    assignment = claim(job, labeler)
    for position in range(2, assignment.package.item_count + 1):
        save(assignment, position)
    write = uuid4()
    first = save(assignment, 1, write=write)
    submit(assignment)
    assert save(assignment, 1, write=write) == first
    with pytest.raises(Conflict):
        save(assignment, 1, write=uuid4())


def test_input_and_work_time_are_noted(held: Assignment) -> None:
    start = held.last_input_at
    assert start is not None
    with time_machine.travel(start + timedelta(seconds=20), tick=False):
        save(held, 1, seconds=15)
    with time_machine.travel(start + timedelta(minutes=30), tick=False):
        expires = record_input(assignment_id=held.pk, user=held.holder)
    held.refresh_from_db()
    # A pause counts as at most a minute.
    assert held.work_seconds == 20 + 60
    assert held.last_input_at == start + timedelta(minutes=30)
    assert expires == start + timedelta(minutes=30, hours=24)
    assert own(held).seconds == 15


def test_seconds_never_exceed_the_time_that_passed(held: Assignment) -> None:
    start = held.last_input_at
    assert start is not None
    with time_machine.travel(start + timedelta(seconds=10), tick=False):
        save(held, 1, seconds=500)
    assert own(held).seconds == 10


# --- versions --------------------------------------------------------------------------------------------------------


def causes(**filters: Any) -> list[tuple[str, int]]:
    rows = AnnotationVersion.objects.filter(**filters).order_by("id")
    return [(row.cause, row.version) for row in rows]


def test_saves_leave_a_version_every_ten_minutes(held: Assignment) -> None:
    start = timezone.now()
    for minutes in (0, 5, 9, 11, 12, 22):
        with time_machine.travel(start + timedelta(minutes=minutes), tick=False):
            save(held, 1, "k1" if minutes % 2 else "k2")
    assert causes() == [("save", 4), ("save", 6)]


def test_submit_and_release_leave_a_version_of_what_has_none(job: Job, labeler: User) -> None:
    held = claim(job, labeler)
    save(held, 1)
    manager_release(package=held.package, user=labeler, reason="x")
    assert causes() == [("release", 1)]
    again = claim(job, labeler)
    for position in (1, 2, 3):
        save(again, position, "k2")
    submit(again)
    assert causes(annotation__assignment=again) == [("submit", v) for v in (1, 1, 1)]


# --- abandoning ------------------------------------------------------------------------------------------------------


def test_an_abandoned_item_counts_as_answered(held: Assignment, job: Job) -> None:
    assert abandon(held, 1, "Cannot be opened")["state"] == "abandoned"
    save(held, 2)
    save(held, 3)
    submit(held)
    assert final(job) == ["-", "k1", "k1"]
    event = PackageEvent.objects.get(verb="abandon_item")
    assert (event.note, event.data["position"]) == ("Cannot be opened", 1)


def test_restoring_brings_back_the_answer(held: Assignment) -> None:
    save(held, 1, "k2")
    abandon(held, 1)
    answer = answers.restore_item(
        assignment_id=held.pk, position=1, user=held.holder, write=uuid4()
    )
    assert (answer["state"], answer["version"]) == ("answered", 3)
    stored = own(held)
    assert (loads(stored.results), stored.abandoned, stored.reason) == ([choice("k2")], False, "")


def test_restoring_what_was_never_answered_opens_it(held: Assignment) -> None:
    abandon(held, 1)
    answer = answers.restore_item(
        assignment_id=held.pk, position=1, user=held.holder, write=uuid4()
    )
    assert answer["state"] == "open"


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501])
def test_abandoning_needs_a_reason(held: Assignment, reason: str) -> None:
    with pytest.raises(Invalid) as invalid:
        abandon(held, 1, reason)
    assert invalid.value.errors[0]["field"] == "reason"


def test_an_inspector_may_abandon_as_well(job: Job, labeler: User, checker: User) -> None:
    label(job, labeler)
    inspecting = claim(job, checker, "check")
    answer = abandon(inspecting, 1)
    assert (answer["state"], answer["verdict"]) == ("modified", "modified")
    assert loads(own(inspecting).results) == [choice("k1")]


# --- what came too late ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["release", "manager", "expire"])
def test_a_late_save_is_kept_and_not_in_force(job: Job, held: Assignment, end: str) -> None:
    labeler = held.holder
    save(held, 1, "k1")
    if end == "release":
        release_assignment(assignment_id=held.pk, user=labeler, reason="no_time")
    elif end == "manager":
        manager_release(package=held.package, user=labeler, reason="x")
    else:
        expire_assignments(timezone.now() + timedelta(hours=25))
    write = uuid4()
    answer = save(held, 1, "k2", write=write, version=1)
    assert (answer["late"], answer["version"]) == (True, 2)
    stored = own(held)
    assert (loads(stored.results), stored.version) == ([choice("k1")], 1)
    late = stored.versions.get(cause="late")
    assert (late.author, loads(late.results), late.version) == (labeler, [choice("k2")], 2)
    # The answer may be lost again; the next one builds on it.
    assert save(held, 1, "k1", write=write, version=1) == answer
    with pytest.raises(Conflict):
        save(held, 1, "k1", version=1)
    assert save(held, 1, "k1", version=2)["version"] == 3


def test_a_late_save_of_an_item_never_touched(job: Job, held: Assignment, labeler2: User) -> None:
    manager_release(package=held.package, user=labeler2, reason="x")
    assert save(held, 2, "k2", version=0)["late"]
    late = abandon(held, 3)
    assert late["late"]
    following = claim(job, labeler2)
    for position in (1, 2, 3):
        assert following.annotations.filter(package_item__position=position).first() is None
        save(following, position)
    submit(following)
    assert final(job) == ["k1", "k1", "k1"]


def test_a_stranger_gets_no_late_save(held: Assignment, labeler2: User) -> None:
    manager_release(package=held.package, user=labeler2, reason="x")
    with pytest.raises(NotFound):
        save(held, 1, user=labeler2, version=0)


# --- going on --------------------------------------------------------------------------------------------------------


def test_another_holder_goes_on_from_the_answers(
    job: Job, held: Assignment, labeler2: User
) -> None:
    first = held.holder
    save(held, 1, "k2")
    save(held, 2, "k2")
    manager_release(package=held.package, user=labeler2, reason="x")
    following = claim(job, labeler2)
    assert save(following, 1, "k1", version=0)["version"] == 1
    save(following, 3, "k1")
    submit(following)
    assert final(job) == ["k1", "k2", "k1"]
    credited = {a.package_item.position: a.author for a in following.annotations.all()}
    # What was not touched stays credited to whoever answered it.
    assert credited == {1: labeler2, 2: first, 3: labeler2}
    assert loads(own(held, 1).results) == [choice("k2")]
    before = own(following, 1).versions.get(cause="author")
    assert (before.author, loads(before.results)) == (first, [choice("k2")])


def test_the_next_holder_may_have_to_start_clean(
    job: Job, held: Assignment, labeler2: User
) -> None:
    Job.objects.filter(pk=job.pk).update(limits={"continue_answers": False})
    job.refresh_from_db()
    save(held, 1)
    manager_release(package=held.package, user=labeler2, reason="x")
    following = claim(job, labeler2)
    with pytest.raises(Conflict) as conflict:
        submit(following)
    assert [error["position"] for error in conflict.value.errors] == [1, 2, 3]
    manager_release(package=held.package, user=labeler2, reason="x")
    # The same person always goes on.
    again = claim(job, held.holder)
    with pytest.raises(Conflict) as conflict:
        submit(again)
    assert [error["position"] for error in conflict.value.errors] == [2, 3]


# --- rework ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def rework(job: Job, labeler: User, checker: User) -> Assignment:
    """The package came back with item 2 rejected."""
    label(job, labeler)
    inspect_all(job, checker, "check", 2)
    return claim(job, labeler)


def test_in_rework_what_was_not_rejected_is_locked(rework: Assignment) -> None:
    with pytest.raises(Conflict) as conflict:
        save(rework, 1, "k2")
    assert conflict.value.code == "locked"
    with pytest.raises(Conflict):
        abandon(rework, 3)
    assert rework.annotations.count() == 1


def test_a_rejected_item_must_be_confirmed_or_changed(rework: Assignment, job: Job) -> None:
    with pytest.raises(Conflict) as conflict:
        submit(rework)
    assert [error["position"] for error in conflict.value.errors] == [2]
    assert save(rework, 2, ops=[], version=0)["state"] == "answered"
    submit(rework)
    assert final(job) == ["k1", "k1", "k1"]


def test_unlocking_begins_with_the_answer_in_force(rework: Assignment, job: Job) -> None:
    answer = answers.unlock_item(assignment_id=rework.pk, position=1, user=rework.holder)
    assert (answer["state"], answer["version"]) == ("answered", 1)
    assert loads(own(rework, 1).results) == [choice("k1")]
    save(rework, 1, "k2")
    save(rework, 2, "k2")
    submit(rework)
    assert final(job) == ["k2", "k2", "k1"]


def test_unlocking_twice_or_what_is_open_changes_nothing(rework: Assignment) -> None:
    first = answers.unlock_item(assignment_id=rework.pk, position=1, user=rework.holder)
    again = answers.unlock_item(assignment_id=rework.pk, position=1, user=rework.holder)
    assert again["version"] == first["version"]
    opened = answers.unlock_item(assignment_id=rework.pk, position=2, user=rework.holder)
    assert (opened["state"], opened["version"]) == ("open", 0)


def test_unlocking_what_has_gone_is_a_conflict(rework: Assignment, labeler2: User) -> None:
    manager_release(package=rework.package, user=labeler2, reason="x")
    with pytest.raises(Conflict) as conflict:
        answers.unlock_item(assignment_id=rework.pk, position=1, user=rework.holder)
    assert conflict.value.code == "ended"


def test_rework_taken_over_keeps_what_is_open(rework: Assignment, job: Job, labeler2: User) -> None:
    Job.objects.filter(pk=job.pk).update(limits={"continue_answers": False})
    job.refresh_from_db()
    answers.unlock_item(assignment_id=rework.pk, position=1, user=rework.holder)
    save(rework, 1, "k2")
    manager_release(package=rework.package, user=labeler2, reason="x")
    following = claim(job, labeler2)
    with pytest.raises(Conflict) as conflict:
        submit(following)
    # Both are open for whoever takes it, and begin clean: as the answers in force.
    assert [error["position"] for error in conflict.value.errors] == [1, 2]
    save(following, 1, ops=[])
    save(following, 2, ops=[])
    submit(following)
    assert final(job) == ["k1", "k1", "k1"]


# --- inspection ------------------------------------------------------------------------------------------------------


def test_a_modification_leaves_the_labelers_answer(job: Job, labeler: User, checker: User) -> None:
    done = label(job, labeler)
    inspecting = claim(job, checker, "check")
    answer = save(inspecting, 1, "k2", version=0)
    assert (answer["state"], answer["verdict"], answer["version"]) == ("modified", "modified", 1)
    changed = own(inspecting)
    assert (loads(changed.results), changed.author) == ([choice("k2")], checker)
    assert (changed.judged, changed.judged_version) == (own(done), 1)
    assert loads(own(done).results) == [choice("k1")]
    assert causes(annotation=changed) == [("modify", 1)]
    assert PackageEvent.objects.filter(verb="modify_item").count() == 1
    save(inspecting, 1, "k1")
    assert PackageEvent.objects.filter(verb="modify_item").count() == 1


def test_a_modification_after_a_rejection_clears_it(job: Job, labeler: User, checker: User) -> None:
    label(job, labeler)
    inspecting = claim(job, checker, "check")
    reject_item(inspecting, 1)
    save(inspecting, 1, "k2")
    changed = own(inspecting)
    assert (changed.verdict, changed.feedback) == ("modified", "")
    assert loads(changed.results) == [choice("k2")]


# --- cost ------------------------------------------------------------------------------------------------------------


def test_a_save_costs_few_statements(
    job: Job, held: Assignment, django_assert_num_queries: Any
) -> None:
    job_questions(template_key(job))
    save(held, 1, version=0)
    fields: dict[str, Any] = {"assignment_id": held.pk, "user": held.holder}
    # Beside the two savepoints: the assignment, the item with what stands there, the write.
    with django_assert_num_queries(2 + 3):
        answers.save_item(**fields, position=1, write=uuid4(), ops=[choice_op("k2")], version=1)
    with django_assert_num_queries(2 + 3):
        answers.save_item(**fields, position=2, write=uuid4(), ops=[choice_op("k2")], version=0)


def test_a_modification_costs_five(
    job: Job, labeler: User, checker: User, django_assert_num_queries: Any
) -> None:
    label(job, labeler)
    inspecting = claim(job, checker, "check")
    with django_assert_num_queries(2 + 5):
        answers.save_item(
            assignment_id=inspecting.pk, position=1, user=checker, write=uuid4(), ops=[choice_op("k2")], version=0
        )  # fmt: skip
