"""Verdicts: passed, modified, rejected, the rest, and a package as a whole."""

from uuid import uuid4

import pytest

from accounts.models import User, Workspace
from itag.core.errors import Conflict, Invalid, NotFound
from jobs.models import Annotation, Assignment, Job, Package, PackageEvent, Sample
from jobs.services.inspect import pass_rest, reject_item
from jobs.services.release import manager_release
from jobs.services.submit import reject_package
from tests.factories import choice, loads, make_job
from tests.jobs.flow import (
    abandon,
    claim,
    final,
    inspect_all,
    label,
    pass_item,
    save,
    submit,
)
from tests.jobs.flow import reject_item as reject

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(workspace: Workspace, labeler: User, labeler2: User, checker: User, accepter: User) -> Job:
    """One package of four items in the longest workflow."""
    return make_job(
        items=4,
        size=4,
        workspace=workspace,
        labelers=[labeler, labeler2],
        checkers=[checker],
        accepters=[accepter],
    )


@pytest.fixture
def checking(job: Job, labeler: User, checker: User) -> Assignment:
    label(job, labeler)
    return claim(job, checker, "check")


def own(assignment: Assignment, position: int) -> Annotation:
    return assignment.annotations.get(package_item__position=position)


def test_passing_points_at_what_was_shown(job: Job, checking: Assignment) -> None:
    answer = pass_item(checking, 1)
    assert (answer["state"], answer["verdict"], answer["version"]) == ("passed", "passed", 1)
    verdict = own(checking, 1)
    judged = verdict.judged
    assert verdict.results is None
    assert judged is not None
    assert (judged.assignment.stage, verdict.judged_version) == ("labeling", judged.version)
    event = PackageEvent.objects.get(verb="pass_item")
    assert (event.actor, event.data) == (checking.holder, {"position": 1})


def test_rejecting_says_what_where_and_how_badly(checking: Assignment) -> None:
    reject_item(
        assignment_id=checking.pk,
        position=2,
        user=checking.holder,
        write=uuid4(),
        feedback=" The box is too wide. ",
        error_type="geometry",
        severity="minor",
        object_id="b1",
    )
    verdict = own(checking, 2)
    assert (verdict.verdict, verdict.feedback, verdict.feedback_object) == (
        "rejected", "The box is too wide.", "b1",
    )  # fmt: skip
    assert (verdict.error_type, verdict.severity, verdict.results) == ("geometry", "minor", None)
    assert PackageEvent.objects.get(verb="reject_item").note == "The box is too wide."


def test_rejecting_needs_feedback(checking: Assignment) -> None:
    with pytest.raises(Invalid) as invalid:
        reject(checking, 1, "  ")
    assert invalid.value.errors[0]["field"] == "feedback"
    assert not checking.annotations.exists()


def test_the_last_verdict_counts(checking: Assignment) -> None:
    save(checking, 1, "k2")
    reject(checking, 1)
    pass_item(checking, 1)
    verdict = own(checking, 1)
    assert (verdict.verdict, verdict.feedback, verdict.results, verdict.version) == (
        "passed", "", None, 3,
    )  # fmt: skip
    # The modification that was taken back is left behind as a version.
    versions = [(v.cause, v.version) for v in verdict.versions.order_by("id")]
    assert versions == [("modify", 1), ("modify", 1), ("reject", 2)]


def test_the_same_verdict_twice_is_one(checking: Assignment) -> None:
    write = uuid4()
    for _ in range(2):
        answer = reject_item(
            assignment_id=checking.pk, position=1, user=checking.holder, write=write, feedback="no"
        )
        assert answer["version"] == 1
    assert PackageEvent.objects.filter(verb="reject_item").count() == 1


def test_the_rest_is_passed_and_recorded_as_such(checking: Assignment) -> None:
    save(checking, 2, "k2")
    assert pass_rest(assignment_id=checking.pk, user=checking.holder) == 3
    assert {own(checking, n).verdict for n in (1, 3, 4)} == {"passed"}
    assert own(checking, 2).verdict == "modified"
    assert PackageEvent.objects.get(verb="pass_rest").data == {"positions": [1, 3, 4]}
    assert pass_rest(assignment_id=checking.pk, user=checking.holder) == 0
    assert PackageEvent.objects.filter(verb="pass_rest").count() == 1


def test_what_was_not_drawn_may_be_judged_as_well(job: Job, labeler: User, checker: User) -> None:
    Job.objects.filter(pk=job.pk).update(check_ratio=50)
    job.refresh_from_db()
    label(job, labeler)
    checking = claim(job, checker, "check")
    drawn = set(checking.samples.values_list("package_item__position", flat=True))
    assert len(drawn) == 2
    other = min({1, 2, 3, 4} - drawn)
    reject(checking, other)
    assert pass_rest(assignment_id=checking.pk, user=checker) == 2
    assert submit(checking)["next"] == "returned"


def test_labelers_give_no_verdicts(job: Job, labeler: User) -> None:
    held = claim(job, labeler)
    for attempt in (pass_item, reject):
        with pytest.raises(Conflict):
            attempt(held, 1)
    with pytest.raises(Conflict):
        pass_rest(assignment_id=held.pk, user=labeler)
    with pytest.raises(Conflict):
        reject_package(assignment_id=held.pk, user=labeler, feedback="no")
    assert not held.annotations.exists()


def test_verdicts_end_with_the_tenure(checking: Assignment, accepter: User, labeler: User) -> None:
    with pytest.raises(NotFound):
        pass_rest(assignment_id=checking.pk, user=accepter)
    manager_release(package=checking.package, user=labeler, reason="x")
    for attempt in (pass_item, reject):
        with pytest.raises(Conflict) as conflict:
            attempt(checking, 1)
        assert conflict.value.code == "ended"
    with pytest.raises(Conflict):
        pass_rest(assignment_id=checking.pk, user=checking.holder)


def test_the_next_checker_goes_on_from_the_verdicts(
    job: Job, checking: Assignment, labeler: User
) -> None:
    from accounts.grants import grant
    from tests.factories import member

    second = member(job.workspace)
    grant("check_job", job, users=[second])
    grant("view_job", job, users=[second])
    pass_item(checking, 1)
    save(checking, 2, "k2")
    manager_release(package=checking.package, user=labeler, reason="x")
    following = claim(job, second, "check")
    assert pass_rest(assignment_id=following.pk, user=second) == 2
    submit(following)
    assert final(job) == ["k1", "k2", "k1", "k1"]
    authors = {a.package_item.position: a.author for a in following.annotations.all()}
    assert authors == {1: checking.holder, 2: checking.holder, 3: second, 4: second}


def test_an_abandoned_answer_can_be_restored_by_the_checker(
    job: Job, labeler: User, checker: User
) -> None:
    from jobs.services.answers import restore_item

    held = claim(job, labeler)
    abandon(held, 1)
    for position in (2, 3, 4):
        save(held, position)
    submit(held)
    checking = claim(job, checker, "check")
    restore_item(assignment_id=checking.pk, position=1, user=checker, write=uuid4())
    save(checking, 1, "k2")
    pass_rest(assignment_id=checking.pk, user=checker)
    submit(checking)
    assert final(job) == ["k2", "k1", "k1", "k1"]


# --- the package as a whole ------------------------------------------------------------------------------------------


def test_rejecting_a_package_ends_the_inspection_at_once(
    job: Job, checking: Assignment, labeler: User
) -> None:
    save(checking, 2, "k2")
    answer = reject_package(
        assignment_id=checking.pk, user=checking.holder, feedback="All of it is wrong."
    )
    assert answer == {"state": "submitted", "next": "returned"}
    package = Package.objects.get()
    assert (package.stage, package.round, package.state) == ("labeling", 2, "open")
    # What was modified counts; every item is open with the answer in force, to be confirmed or changed.
    assert final(job) == ["k1", "k2", "k1", "k1"]
    back = claim(job, labeler)
    assert (back.round, back.is_return, back.annotations.count()) == (2, True, 4)
    assert loads(own(back, 2).results) == [choice("k2")]
    with pytest.raises(Conflict) as conflict:
        submit(back)
    assert len(conflict.value.errors) == 4
    event = PackageEvent.objects.get(verb="reject_package")
    assert (event.note, event.stage, event.round) == ("All of it is wrong.", "check", 1)


def test_every_item_of_a_rejected_package_is_inspected_again(
    job: Job, checking: Assignment, labeler: User, checker: User
) -> None:
    Job.objects.filter(pk=job.pk).update(check_ratio=1)
    job.refresh_from_db()
    reject_package(assignment_id=checking.pk, user=checker, feedback="no")
    back = claim(job, labeler)
    for position in (1, 2, 3, 4):
        save(back, position, ops=[])
    submit(back)
    reasons = Sample.objects.filter(assignment__round=2).values_list("reason", flat=True)
    assert list(reasons) == ["rejected"] * 4


def test_rejecting_a_package_twice_is_one(job: Job, checking: Assignment) -> None:
    for _ in range(2):
        answer = reject_package(assignment_id=checking.pk, user=checking.holder, feedback="no")
        assert answer["next"] == "returned"
    assert PackageEvent.objects.filter(verb="reject_package").count() == 1
    assert Assignment.objects.filter(round=2).count() == 1


def test_a_package_is_not_rejected_without_feedback(checking: Assignment) -> None:
    with pytest.raises(Invalid):
        reject_package(assignment_id=checking.pk, user=checking.holder, feedback=" ")
    checking.refresh_from_db()
    assert checking.state == "claimed"


def test_from_acceptance_a_package_returns_to_check_or_to_labeling(
    job: Job, checking: Assignment, checker: User, accepter: User, labeler: User
) -> None:
    pass_rest(assignment_id=checking.pk, user=checker)
    submit(checking)
    accepting = claim(job, accepter, "acceptance")
    with pytest.raises(Invalid):
        reject_package(
            assignment_id=accepting.pk, user=accepter, feedback="no", return_to="acceptance"
        )
    reject_package(assignment_id=accepting.pk, user=accepter, feedback="no")
    back = claim(job, checker, "check")
    assert (back.round, back.is_return, back.samples.count()) == (2, True, 4)
    inspect = inspect_all  # the checker looks at all of it once more
    manager_release(package=back.package, user=accepter, reason="x")
    inspect(job, checker, "check")
    accepting = claim(job, accepter, "acceptance")
    reject_package(assignment_id=accepting.pk, user=accepter, feedback="no", return_to="labeling")
    assert claim(job, labeler).round == 3
