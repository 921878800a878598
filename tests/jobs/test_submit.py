"""Submitting: what must be finished, where the package goes, what is counted, when the job ends."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from accounts.grants import grant, revoke
from accounts.models import User, Workspace
from itag.core.errors import Conflict, Invalid, NotFound
from jobs.models import Assignment, Job, JobSummary, Package, PackageEvent, Sample
from jobs.services.claim import claim_next, claim_package
from jobs.services.release import manager_release
from jobs.services.submit import finish_if_done, submit_assignment
from jobs.services.summary import recount_figures
from tests.factories import make_job, member
from tests.jobs.flow import (
    abandon,
    claim,
    final,
    inspect_all,
    label,
    pass_rest,
    reject_item,
    save,
    submit,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(workspace: Workspace, labeler: User, labeler2: User, checker: User, accepter: User) -> Job:
    """Two packages of two items in the longest workflow."""
    return make_job(
        items=4,
        size=2,
        workspace=workspace,
        labelers=[labeler, labeler2],
        checkers=[checker],
        accepters=[accepter],
    )


def verbs(**filters: object) -> list[str]:
    return list(
        PackageEvent.objects.filter(**filters).order_by("id").values_list("verb", flat=True)
    )


def figures(job: Job) -> dict[str, int]:
    row = JobSummary.objects.filter(job=job).values().get()
    return {name: value for name, value in row.items() if name.endswith(("_packages", "_items"))}


def counted(job: Job) -> dict[str, int]:
    """What a recount finds, nothing being written."""
    before = figures(job)
    recount_figures(job=job)
    found = figures(job)
    JobSummary.objects.filter(job=job).update(**before)
    return found


def test_every_item_must_be_answered_or_abandoned(job: Job, labeler: User) -> None:
    held = claim(job, labeler)
    save(held, 1)
    save(held, 2)
    save(held, 2, ops=[{"questionId": "1", "id": None, "value": None}])
    with pytest.raises(Conflict) as conflict:
        submit(held)
    assert conflict.value.code == "incomplete"
    (error,) = conflict.value.errors
    assert (error["field"], error["position"]) == ("items[2]", 2)
    held.refresh_from_db()
    assert held.state == "claimed"
    assert verbs() == ["claim"]
    abandon(held, 2)
    assert submit(held) == {"state": "submitted", "next": None}


def test_the_next_stage_opens_for_others(job: Job, labeler: User) -> None:
    done = label(job, labeler)
    slot = Assignment.objects.get(stage="check")
    assert (slot.state, slot.round, slot.participants, slot.number) == (
        "waiting", 1, [labeler.pk], 1,
    )  # fmt: skip
    assert slot.reserved_user is None
    package = Package.objects.get(number=1)
    assert (package.stage, package.state) == ("check", "open")
    assert done.state == "claimed"  # the row in hand is older than the one in the database
    done.refresh_from_db()
    assert done.submitted_at is not None


def test_submitting_twice_answers_the_same(job: Job, labeler: User) -> None:
    held = label(job, labeler)
    assert submit(held) == {"state": "submitted", "next": None}
    assert verbs() == ["claim", "submit"]
    assert Assignment.objects.filter(stage="check").count() == 1


def test_a_strangers_or_ended_assignment_is_not_submitted(
    job: Job, labeler: User, labeler2: User
) -> None:
    held = claim(job, labeler)
    with pytest.raises(NotFound):
        submit_assignment(assignment_id=held.pk, user=labeler2)
    manager_release(package=held.package, user=labeler2, reason="x")
    with pytest.raises(Conflict) as conflict:
        submit(held)
    assert conflict.value.code == "ended"


def test_an_offline_job_takes_saves_and_no_submission(job: Job, labeler: User) -> None:
    held = claim(job, labeler)
    Job.objects.filter(pk=job.pk).update(state="offline")
    save(held, 1)
    save(held, 2)
    with pytest.raises(Conflict):
        submit(held)
    Job.objects.filter(pk=job.pk).update(state="paused")
    assert submit(held)["state"] == "submitted"


def test_inspection_needs_a_verdict_on_everything_drawn(
    job: Job, labeler: User, checker: User
) -> None:
    label(job, labeler)
    checking = claim(job, checker, "check")
    save(checking, 2, "k2")
    with pytest.raises(Conflict) as conflict:
        submit(checking)
    assert [error["position"] for error in conflict.value.errors] == [1]
    pass_rest(checking)
    assert submit(checking)["next"] == "passed"
    assert final(job) == ["k1", "k2"]


def test_all_stages_then_the_package_and_the_job_are_finished(
    job: Job, labeler: User, checker: User, accepter: User
) -> None:
    for _ in range(2):
        label(job, labeler)
        inspect_all(job, checker, "check")
        inspect_all(job, accepter, "acceptance")
        job.refresh_from_db()
    assert job.state == "finished"
    assert job.finished_at is not None
    package = Package.objects.get(number=2)
    assert (package.state, package.stage) == ("finished", "acceptance")
    assert package.finished_at is not None
    assert verbs(package=package)[-1] == "finish"
    reason = claim_package(job=job, user=labeler, stage="labeling").reason
    assert "finished" in reason


def test_labeling_alone_ends_with_the_submission(workspace: Workspace, labeler: User) -> None:
    job = make_job(items=2, size=2, workspace=workspace, workflow="labeling", labelers=[labeler])
    label(job, labeler)
    job.refresh_from_db()
    assert (job.state, verbs()) == ("finished", ["claim", "submit", "finish"])
    assert not finish_if_done(job_id=job.pk)


def test_a_package_with_nothing_drawn_passes_with_an_event(
    workspace: Workspace, labeler: User, checker: User, accepter: User
) -> None:
    job = make_job(
        items=1,
        size=1,
        workspace=workspace,
        labelers=[labeler],
        checkers=[checker],
        accepters=[accepter],
        check_ratio=1,
        acceptance_ratio=1,
    )
    label(job, labeler)
    assert verbs() == ["claim", "submit", "pass_stage", "pass_stage", "finish"]
    stages = PackageEvent.objects.filter(verb="pass_stage").order_by("id")
    assert [event.stage for event in stages] == ["check", "acceptance"]
    assert not Assignment.objects.exclude(stage="labeling").exists()
    job.refresh_from_db()
    assert (job.state, final(job)) == ("finished", ["k1"])


# --- rejection -------------------------------------------------------------------------------------------------------


def test_a_rejected_item_returns_the_package_to_its_labeler(
    job: Job, labeler: User, labeler2: User, checker: User
) -> None:
    monday = datetime(2026, 3, 2, 9, tzinfo=UTC)
    with time_machine.travel(monday, tick=False):
        label(job, labeler)
        checking = claim(job, checker, "check")
        reject_item(checking, 2)
        pass_rest(checking)
        assert submit(checking)["next"] == "returned"
    slot = Assignment.objects.get(round=2)
    assert (slot.stage, slot.state, slot.is_return) == ("labeling", "waiting", True)
    assert (slot.reserved_user, slot.reserved_until) == (
        labeler,
        monday + timedelta(days=2, hours=8),
    )
    package = Package.objects.get(number=1)
    assert (package.stage, package.round) == ("labeling", 2)
    assert verbs()[-2:] == ["submit", "return"]
    with time_machine.travel(monday + timedelta(days=1), tick=False):
        assert claim(job, labeler2).number == 2
    with time_machine.travel(monday + timedelta(days=2, hours=8), tick=False):
        # The author had until now; from now on it is anybody's, with answers and feedback.
        later = member(job.workspace)
        grant("label_job", job, users=[later])
        grant("view_job", job, users=[later])
        assert claim(job, later).number == 1


def test_rework_passes_every_later_stage_again_the_same_people_first(
    job: Job, labeler: User, checker: User, accepter: User
) -> None:
    label(job, labeler)
    inspect_all(job, checker, "check")
    accepting = claim(job, accepter, "acceptance")
    reject_item(accepting, 1)
    pass_rest(accepting)
    submit(accepting, return_to="labeling")
    back = claim(job, labeler)
    save(back, 1, "k2")
    submit(back)
    slot = Assignment.objects.get(round=2, stage="check")
    assert (slot.reserved_user, slot.is_return) == (checker, False)
    assert slot.participants == [labeler.pk]
    inspect_all(job, checker, "check")
    slot = Assignment.objects.get(round=2, stage="acceptance")
    assert (slot.reserved_user, slot.participants) == (accepter, sorted([labeler.pk, checker.pk]))
    inspect_all(job, accepter, "acceptance")
    assert Package.objects.get(number=1).state == "finished"
    assert final(job) == ["k2", "k1"]


def test_nobody_is_waited_for_who_has_left_the_stage(
    job: Job, labeler: User, checker: User
) -> None:
    label(job, labeler)
    revoke("label_job", job, users=[labeler])
    inspect_all(job, checker, "check", 1)
    assert Assignment.objects.get(round=2).reserved_user is None


def test_a_checker_who_took_the_rework_does_not_check_it(
    job: Job, labeler: User, checker: User
) -> None:
    grant("label_job", job, users=[checker])
    label(job, labeler)
    inspect_all(job, checker, "check", 1)
    Assignment.objects.filter(round=2).update(reserved_user=None, reserved_until=None)
    back = claim(job, checker)
    save(back, 1)
    submit(back)
    slot = Assignment.objects.get(round=2, stage="check")
    assert (slot.reserved_user, slot.participants) == (None, sorted([labeler.pk, checker.pk]))
    assert claim_package(job=job, user=checker, stage="check").assignment is None


def test_from_acceptance_the_default_is_the_stage_before(
    job: Job, labeler: User, checker: User, accepter: User
) -> None:
    label(job, labeler)
    inspect_all(job, checker, "check")
    inspect_all(job, accepter, "acceptance", 2)
    back = claim_next(user=checker).assignment
    assert back is not None
    assert (back.stage, back.round, back.is_return) == ("check", 2, True)
    # Only what was rejected is open.
    drawn = Sample.objects.filter(assignment=back)
    assert [(s.package_item.position, s.reason) for s in drawn] == [(2, "rejected")]
    save(back, 2, "k2")
    submit(back)
    again = claim(job, accepter, "acceptance")
    inspect = {s.package_item.position for s in again.samples.all()}
    assert inspect == {1, 2}
    pass_rest(again)
    submit(again)
    assert final(job) == ["k1", "k2"]


def test_check_returns_to_labeling_only(job: Job, labeler: User, checker: User) -> None:
    label(job, labeler)
    checking = claim(job, checker, "check")
    reject_item(checking, 1)
    pass_rest(checking)
    for target in ("check", "acceptance", "nowhere"):
        with pytest.raises(Invalid):
            submit(checking, return_to=target)
    assert submit(checking, return_to="labeling")["next"] == "returned"


def test_after_as_many_rounds_as_allowed_it_waits_for_a_manager(
    job: Job, labeler: User, checker: User, accepter: User
) -> None:
    Job.objects.filter(pk=job.pk).update(limits={"max_rounds": 2})
    job.refresh_from_db()
    for _ in range(2):
        held = claim(job, labeler)
        save(held, 1)
        if held.round == 1:
            save(held, 2)
        submit(held)
        inspect_all(job, checker, "check", 1)
    slot = Assignment.objects.get(round=3)
    assert (slot.state, slot.reason) == ("blocked", "max_rounds")
    assert verbs(package__number=1)[-2:] == ["return", "block"]
    assert claim(job, labeler).number == 2
    manager_release(package=Package.objects.get(number=1), user=accepter, reason="once more")
    slot.refresh_from_db()
    assert (slot.state, slot.reason, slot.reserved_user) == ("waiting", "", labeler)
    assert claim(job, labeler).round == 3


def test_unlocked_and_changed_items_join_the_next_sample(
    job: Job, labeler: User, checker: User
) -> None:
    from jobs.services.answers import unlock_item

    label(job, labeler)
    inspect_all(job, checker, "check", 1)
    Job.objects.filter(pk=job.pk).update(check_ratio=1)
    back = claim(job, labeler)
    save(back, 1, ops=[])
    unlock_item(assignment_id=back.pk, position=2, user=labeler)
    save(back, 2, "k2")
    submit(back)
    drawn = Sample.objects.filter(assignment__round=2).order_by("package_item__position")
    assert [(s.package_item.position, s.reason) for s in drawn] == [
        (1, "rejected"), (2, "unlocked"),
    ]  # fmt: skip


def test_unlocked_and_unchanged_items_do_not(job: Job, labeler: User, checker: User) -> None:
    from jobs.services.answers import unlock_item

    label(job, labeler)
    inspect_all(job, checker, "check", 1)
    Job.objects.filter(pk=job.pk).update(check_ratio=1)
    back = claim(job, labeler)
    save(back, 1, ops=[])
    unlock_item(assignment_id=back.pk, position=2, user=labeler)
    submit(back)
    assert [s.package_item.position for s in Sample.objects.filter(assignment__round=2)] == [1]


def test_work_of_a_former_holder_keeps_them_from_inspecting(
    job: Job, labeler: User, labeler2: User, checker: User
) -> None:
    grant("check_job", job, users=[labeler])
    held = claim(job, labeler)
    save(held, 1)
    manager_release(package=held.package, user=checker, reason="x")
    label(job, labeler2)
    assert Assignment.objects.get(stage="check").participants == sorted([labeler.pk, labeler2.pk])


def test_a_holder_who_did_nothing_may_inspect(
    job: Job, labeler: User, labeler2: User, checker: User
) -> None:
    held = claim(job, labeler)
    manager_release(package=held.package, user=checker, reason="x")
    label(job, labeler2)
    assert Assignment.objects.get(stage="check").participants == [labeler2.pk]


# --- figures ---------------------------------------------------------------------------------------------------------


def test_figures_follow_the_packages(
    job: Job, labeler: User, checker: User, accepter: User
) -> None:
    assert set(figures(job).values()) == {0}
    label(job, labeler)
    assert figures(job)["labeling_packages"] == 1
    assert figures(job)["labeling_items"] == 2
    inspect_all(job, checker, "check", 1)
    assert set(figures(job).values()) == {0}
    back = claim(job, labeler)
    save(back, 1)
    submit(back)
    inspect_all(job, checker, "check")
    found = figures(job)
    assert (found["labeling_packages"], found["check_items"], found["finished_items"]) == (1, 2, 0)
    assert found == counted(job)
    inspect_all(job, accepter, "acceptance")
    found = figures(job)
    assert (found["acceptance_packages"], found["finished_packages"]) == (1, 1)
    assert found == counted(job)


def test_figures_that_are_missing_are_counted_anew(job: Job, labeler: User) -> None:
    JobSummary.objects.all().delete()
    label(job, labeler)
    assert figures(job)["labeling_packages"] == 1
