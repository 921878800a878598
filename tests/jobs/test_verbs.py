"""What holders and managers do with single packages beside claiming and submitting."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from accounts.models import User, Workspace
from itag.core.errors import Conflict, Invalid, NotFound
from jobs.models import Assignment, Job, JobSummary, Package, PackageEvent, Sample, SkipRecord
from jobs.selectors.people import held_by
from jobs.selectors.verbs import assignment_verbs
from jobs.services.claim import claim_next, claim_package
from jobs.services.correct import abandon_item_by_manager, correct_item
from jobs.services.lifecycle import take_offline
from jobs.services.manage import (
    change_packages,
    discard_package,
    offer_package,
    reopen_package,
    restore_package,
)
from jobs.services.release import (
    expire_assignments,
    manager_release,
    skip_assignment,
    warn_claims,
)
from jobs.services.transfer import extend_claim, submit_for, transfer_package
from jobs.services.withdraw import withdraw_assignment
from tests.factories import choice_op, make_job, member
from tests.jobs.flow import (
    claim,
    final,
    inspect_all,
    label,
    pass_rest,
    reject_item,
    save,
    submit,
)
from tests.jobs.history import assert_sound

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(workspace: Workspace) -> User:
    return member(workspace, username="mona")


@pytest.fixture
def job(
    workspace: Workspace,
    labeler: User,
    labeler2: User,
    checker: User,
    accepter: User,
    manager: User,
) -> Job:
    """Four packages of two items."""
    return make_job(
        items=8,
        size=2,
        workspace=workspace,
        labelers=[labeler, labeler2],
        checkers=[checker],
        accepters=[accepter],
        managers=[manager],
    )


def package(job: Job, number: int = 1) -> Package:
    return Package.objects.select_related("job").get(job=job, number=number)


def withdraw(assignment: Assignment) -> Assignment:
    assert assignment.holder is not None
    return withdraw_assignment(assignment_id=assignment.pk, user=assignment.holder)


def last_event(job: Job) -> PackageEvent:
    event = PackageEvent.objects.filter(job=job).order_by("-id").first()
    assert event is not None
    return event


def figures(job: Job) -> tuple[int, int, int]:
    row = JobSummary.objects.get(job=job)
    return row.labeling_packages, row.finished_packages, row.discarded_packages


# --- skip ------------------------------------------------------------------------------------------------------------


def test_skipping_draws_on_the_allowance_of_giving_back(job: Job, labeler: User) -> None:
    for number in (1, 2, 3):
        held = claim(job, labeler)
        assert held.number == number
        following = skip_assignment(assignment_id=held.pk, user=labeler, reason="too_hard")
        held.refresh_from_db()
        assert (held.state, following.state) == ("skipped", "waiting")
    assert last_event(job).verb == "skip"
    held = claim(job, labeler)
    assert assignment_verbs(labeler, [held])[held.pk].skips_left == 0
    with pytest.raises(Conflict) as refused:
        skip_assignment(assignment_id=held.pk, user=labeler, reason="too_hard")
    assert refused.value.code == "allowance"
    assert SkipRecord.objects.filter(person=labeler).count() == 3
    assert_sound(job)


def test_what_the_summary_says_of_ones_packages(
    job: Job, labeler: User, labeler2: User, django_assert_num_queries: Any
) -> None:
    held, done = claim(job, labeler), label(job, labeler2)
    verbs = assignment_verbs(labeler, [held])[held.pk]
    assert verbs.can == {
        "submit": True, "release": True, "skip": True, "reject": False, "withdraw": False,
    }  # fmt: skip
    assert set(verbs.why) == {"reject", "withdraw"}
    assert verbs.skips_left == 3
    done.refresh_from_db()
    mine = assignment_verbs(labeler2, [done])[done.pk]
    assert [name for name, allowed in mine.can.items() if allowed] == ["withdraw"]
    assert not any(assignment_verbs(labeler2, [held])[held.pk].can.values())
    label(job, labeler2)
    rows = list(
        Assignment.objects.filter(holder=labeler2, state="submitted").select_related(
            "job", "package"
        )
    )
    with django_assert_num_queries(2):
        assert len(assignment_verbs(labeler2, rows)) == 2


# --- withdraw --------------------------------------------------------------------------------------------------------


def test_a_submission_is_taken_back_until_somebody_goes_on(job: Job, labeler: User) -> None:
    done = label(job, labeler, "k1")
    drawn = set(Sample.objects.values_list("package_item", flat=True))
    assert final(job) == ["k1", "k1"]
    again = withdraw(done)
    assert (again.state, again.holder, again.previous_id) == ("claimed", labeler, done.pk)
    assert final(job) == [None, None]
    assert figures(job) == (0, 0, 0)
    assert last_event(job).verb == "withdraw"
    assert withdraw(done).pk == again.pk, "the second of two clicks"
    assert Assignment.objects.get(stage="check").state == "void"
    # What was answered is there, and goes again without another look.
    save(again, 2, "k2")
    submit(again)
    assert final(job) == ["k1", "k2"]
    check = Assignment.objects.get(stage="check", state="waiting")
    assert set(check.samples.values_list("package_item", flat=True)) == drawn
    assert_sound(job)


def test_what_was_drawn_stays_drawn(job: Job, labeler: User, checker: User) -> None:
    Job.objects.filter(pk=job.pk).update(check_ratio=50)
    job.refresh_from_db()
    done = label(job, labeler)
    drawn = list(Sample.objects.values_list("package_item", flat=True))
    assert len(drawn) == 1
    for _ in range(3):
        done = withdraw(done)
        submit(done)
        live = Assignment.objects.get(stage="check", state="waiting")
        assert list(live.samples.values_list("package_item", flat=True)) == drawn
    inspect_all(job, checker, "check")
    assert_sound(job)


def test_no_longer_once_the_next_stage_has_claimed(job: Job, labeler: User, checker: User) -> None:
    done = label(job, labeler)
    held = claim(job, checker, "check")
    with pytest.raises(Conflict, match="gone on"):
        withdraw(done)
    skip_assignment(assignment_id=held.pk, user=checker, reason="unclear")
    with pytest.raises(Conflict):
        withdraw(done)
    with pytest.raises(NotFound):
        withdraw_assignment(assignment_id=done.pk, user=checker)


def test_a_rejection_is_taken_back(job: Job, labeler: User, checker: User) -> None:
    label(job, labeler, "k1")
    rejected = inspect_all(job, checker, "check", 1)
    assert package(job).round == 2
    again = withdraw(rejected)
    found = package(job)
    assert (found.stage, found.round) == ("check", 1)
    assert not Assignment.objects.get(stage="labeling", round=2).annotations.exists()
    assert again.annotations.count() == 0
    # The verdicts are as they were; now the other item is rejected as well.
    reject_item(again, 2)
    submit(again)
    back = claim(job, labeler)
    assert (back.round, back.annotations.count()) == (2, 2)
    assert_sound(job)


def test_the_last_stage_for_some_minutes(
    job: Job, labeler: User, checker: User, accepter: User
) -> None:
    Job.objects.filter(pk=job.pk).update(package_count=1)
    Package.objects.filter(job=job, number__gt=1).update(discarded_at=timezone.now())
    label(job, labeler, "k1")
    inspect_all(job, checker, "check")
    accepted = claim(job, accepter, "acceptance")
    save(accepted, 1, "k2", version=0)
    pass_rest(accepted)
    submit(accepted)
    assert final(job) == ["k2", "k1"]
    job.refresh_from_db()
    assert job.state == "finished"
    late = timezone.now() + timedelta(minutes=11)
    with time_machine.travel(late, tick=False), pytest.raises(Conflict, match="10 minutes"):
        withdraw(accepted)
    again = withdraw(accepted)
    job.refresh_from_db()
    assert (job.state, job.finished_at, package(job).state) == ("running", None, "open")
    assert final(job) == ["k1", "k1"]
    submit(again)
    assert final(job) == ["k2", "k1"]


# --- transfer, extend, submit for ------------------------------------------------------------------------------------


def test_transfer_of_a_held_package(job: Job, labeler: User, labeler2: User, manager: User) -> None:
    held, other = claim(job, labeler), claim(job, labeler2)
    save(held, 1, "k2")
    following = transfer_package(package=package(job), user=manager, to=labeler2, reason="ill")
    held.refresh_from_db()
    assert (held.state, held.reason) == ("transferred", "ill")
    assert (following.state, following.reserved_user, following.reserved_until) == (
        "waiting", labeler2, None,
    )  # fmt: skip
    assert last_event(job).data == {"to": labeler2.pk}
    # Beyond their limit, before anything else; what was answered is there.
    taken = claim(job, labeler2)
    assert (taken.pk, taken.number) == (following.pk, 1)
    assert claim(job, labeler2).pk in (other.pk, taken.pk)
    save(taken, 2, "k1")
    submit(taken)
    assert final(job) == ["k2", "k1"]
    assert save(held, 1, "k1", version=1)["late"]
    assert_sound(job)


def test_whom_a_package_may_go_to(
    job: Job, labeler: User, checker: User, accepter: User, manager: User
) -> None:
    held = claim(job, labeler)
    for person, words in ((labeler, "already"), (checker, "does not work"), (manager, "not work")):
        with pytest.raises(Invalid, match=words):
            transfer_package(package=package(job), user=manager, to=person, reason="x")
    save(held, 1)
    save(held, 2)
    submit(held)
    from accounts.grants import grant

    grant("check_job", job, users=[labeler])
    with pytest.raises(Invalid, match="earlier stage"):
        transfer_package(package=package(job), user=manager, to=labeler, reason="x")
    waiting = transfer_package(package=package(job), user=manager, to=checker, reason="x")
    assert (waiting.state, waiting.beyond_limit, last_event(job).verb) == (
        "waiting", True, "transfer",
    )  # fmt: skip
    inspect_all(job, checker, "check")
    inspect_all(job, accepter, "acceptance")
    with pytest.raises(Conflict):
        transfer_package(package=package(job), user=manager, to=labeler, reason="x")


def test_a_transfer_lifts_what_the_person_gave_back(job: Job, labeler: User, manager: User) -> None:
    held = claim(job, labeler)
    skip_assignment(assignment_id=held.pk, user=labeler, reason="no_time")
    transfer_package(package=package(job), user=manager, to=labeler, reason="please")
    assert claim(job, labeler).number == 1
    # Given back again, a manager must decide.
    again = Assignment.objects.get(holder=labeler, state="claimed")
    following = skip_assignment(assignment_id=again.pk, user=labeler, reason="no_time")
    assert (following.state, following.reason) == ("blocked", "given_back")


def test_an_extended_claim_outlives_its_time(job: Job, labeler: User, manager: User) -> None:
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        held = claim(job, labeler)
        extend_claim(package=package(job), user=manager, hours=10)
    held.refresh_from_db()
    assert held.extended_until == start + timedelta(hours=34)
    assert last_event(job).data["hours"] == 10
    assert expire_assignments(start + timedelta(hours=33)) == 0
    assert expire_assignments(start + timedelta(hours=35)) == 1
    with pytest.raises(Conflict):
        extend_claim(package=package(job), user=manager, hours=1)
    for hours in (0, 3000, True, "5"):
        with pytest.raises(Invalid):
            extend_claim(package=package(job), user=manager, hours=hours)  # type: ignore[arg-type]


def test_warnings_at_half_and_nine_tenths(job: Job, labeler: User, manager: User) -> None:
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        held = claim(job, labeler)

    def warned(hours: float) -> list[int]:
        return [row.warned for row in warn_claims(start + timedelta(hours=hours))]

    assert warned(11.9) == []
    assert warned(12.1) == [50]
    assert warned(13) == []
    assert warned(22) == [90]
    assert warned(23) == []
    with time_machine.travel(start + timedelta(hours=23), tick=False):
        save(held, 1)
    held.refresh_from_db()
    assert held.warned == 0
    assert warned(23 + 12.1) == [50]
    with time_machine.travel(start + timedelta(hours=36), tick=False):
        extend_claim(package=package(job), user=manager, hours=24)
    # 48 hours from the input on now.
    assert warned(23 + 23) == []
    assert warned(23 + 25) == [50]


def test_submitting_for_an_absent_holder(job: Job, labeler: User, manager: User) -> None:
    held = claim(job, labeler)
    save(held, 1)
    with pytest.raises(Conflict) as refused:
        submit_for(package=package(job), user=manager, reason="ill")
    assert refused.value.code == "incomplete"
    save(held, 2)
    submit_for(package=package(job), user=manager, reason="ill")
    event = PackageEvent.objects.get(verb="submit_for")
    assert (event.actor, event.assignment, event.note) == (manager, held, "ill")
    held.refresh_from_db()
    assert (held.state, held.holder, package(job).stage) == ("submitted", labeler, "check")
    assert not PackageEvent.objects.filter(verb="submit").exists()
    with pytest.raises(Conflict):
        submit_for(package=package(job), user=manager, reason="ill")


# --- discard, restore, reopen ----------------------------------------------------------------------------------------


def test_a_discarded_package_is_nobodys_and_comes_back(
    job: Job, labeler: User, manager: User
) -> None:
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        held = claim(job, labeler)
        save(held, 1)
    with time_machine.travel(start + timedelta(hours=1), tick=False):
        discard_package(package=package(job), user=manager, reason="broken")
        discard_package(package=package(job), user=manager, reason="broken")
    assert PackageEvent.objects.filter(verb="discard").count() == 1
    assert figures(job) == (0, 0, 1)
    assert save(held, 2)["late"] is False
    with pytest.raises(Conflict) as refused:
        submit(held)
    assert refused.value.code == "discarded"
    # It takes no part in their limit, and does not expire.
    assert claim(job, labeler).number == 2
    assert claim_next(user=labeler).assignment.number == 2  # type: ignore[union-attr]
    assert expire_assignments(start + timedelta(hours=25)) == 1  # the other one
    with time_machine.travel(start + timedelta(hours=50), tick=False):
        restore_package(package=package(job), user=manager, reason="mended")
    held.refresh_from_db()
    assert (held.state, figures(job)) == ("claimed", (0, 0, 0))
    assert expire_assignments(start + timedelta(hours=70)) == 0
    with pytest.raises(Conflict):
        restore_package(package=package(job), user=manager, reason="mended")
    assert_sound(job)


def test_discarding_the_last_open_package_ends_the_job_and_restoring_opens_it(
    job: Job, manager: User
) -> None:
    for number in (1, 2, 3, 4):
        discard_package(package=package(job, number), user=manager, reason="x")
    job.refresh_from_db()
    assert (job.state, figures(job)) == ("finished", (0, 0, 4))
    restore_package(package=package(job, 3), user=manager, reason="x")
    job.refresh_from_db()
    assert (job.state, job.finished_at) == ("running", None)
    assert_sound(job)


@pytest.mark.parametrize("stage", ["labeling", "check", "acceptance"])
def test_a_finished_package_opens_again_at_any_stage(
    job: Job, labeler: User, checker: User, accepter: User, manager: User, stage: str
) -> None:
    people = {"labeling": labeler, "check": checker, "acceptance": accepter}
    with pytest.raises(Conflict):
        reopen_package(package=package(job), user=manager, stage=stage, reason="again")
    label(job, labeler)
    inspect_all(job, checker, "check")
    inspect_all(job, accepter, "acceptance")
    reopen_package(package=package(job), user=manager, stage=stage, reason="again")
    found = package(job)
    assert (found.state, found.stage, found.round) == ("open", stage, 2)
    assert (last_event(job).verb, last_event(job).note) == ("reopen", "again")
    slot = Assignment.objects.get(state="waiting", round=2)
    assert (slot.reserved_user, slot.is_return) == (people[stage], True)
    if stage == "labeling":
        again = claim(job, labeler)
        save(again, 1, "k2")
        save(again, 2, "")
        submit(again)
        inspect_all(job, checker, "check")
    elif stage == "check":
        inspect_all(job, checker, "check")
    inspect_all(job, accepter, "acceptance")
    assert package(job).state == "finished"
    assert final(job) == (["k2", "k1"] if stage == "labeling" else ["k1", "k1"])
    assert not Assignment.objects.filter(round=2, annotations__verdict="rejected").exists()


# --- corrections -----------------------------------------------------------------------------------------------------


def test_a_managers_correction_is_in_force_whatever_the_inspector_passes(
    job: Job, labeler: User, checker: User, accepter: User, manager: User
) -> None:
    with pytest.raises(Conflict) as refused:
        correct_item(
            package=package(job), position=1, user=manager, ops=[choice_op("k2")], reason="x"
        )
    assert refused.value.code == "unanswered"
    label(job, labeler, "k1")
    held = claim(job, checker, "check")
    row = correct_item(
        package=package(job), position=1, user=manager, ops=[choice_op("k2")], reason="plainly"
    )
    assert (row.source, row.author, row.assignment_id) == ("manager", manager, None)
    pass_rest(held)
    submit(held)
    assert final(job) == ["k2", "k1"]
    inspect_all(job, accepter, "acceptance")
    abandon_item_by_manager(package=package(job), position=2, user=manager, reason="blank")
    assert final(job) == ["k2", "-"]
    assert [e.data["position"] for e in PackageEvent.objects.filter(verb="correct_item")] == [1, 2]
    with pytest.raises(NotFound):
        abandon_item_by_manager(package=package(job), position=3, user=manager, reason="blank")
    with pytest.raises(Conflict) as refused:
        correct_item(
            package=package(job), position=1, user=manager, reason="x",
            ops=[{"questionId": "1", "id": None, "value": None}],
        )  # fmt: skip
    assert refused.value.code == "incomplete"
    discard_package(package=package(job), user=manager, reason="x")
    with pytest.raises(Conflict):
        abandon_item_by_manager(package=package(job), position=1, user=manager, reason="x")


def test_a_later_labeling_supersedes_the_correction(
    job: Job, labeler: User, checker: User, manager: User
) -> None:
    label(job, labeler, "k1")
    correct_item(package=package(job), position=1, user=manager, ops=[choice_op("k2")], reason="x")
    inspect_all(job, checker, "check", 1)
    back = claim(job, labeler)
    save(back, 1, "k1")
    done = back
    submit(done)
    assert final(job) == ["k1", "k1"]
    withdraw(done)
    assert final(job) == ["k2", "k1"]


# --- many at once, and what a person has in hand ---------------------------------------------------------------------


def test_many_at_once_each_by_itself(job: Job, labeler: User, manager: User) -> None:
    claim(job, labeler)
    with pytest.raises(Invalid, match="Type the number"):
        change_packages(
            job=job, numbers=[1, 2], verb="release", user=manager, reason="x", confirm=3
        )
    changed = change_packages(
        job=job, numbers=[1, 2, 2, 99], verb="release", user=manager, reason="x", confirm=3
    )
    assert changed["done"] == [1]
    assert [row["number"] for row in changed["failed"]] == [2, 99]
    changed = change_packages(
        job=job, numbers=[1, 2, 3, 4], verb="discard", user=manager, reason="x", confirm=4
    )
    assert changed == {"done": [1, 2, 3, 4], "failed": []}
    for verb, problem in (("transfer", "to"), ("reopen", "stage"), ("shout", "verb")):
        with pytest.raises(Invalid) as invalid:
            change_packages(job=job, numbers=[1], verb=verb, user=manager, reason="x", confirm=1)
        assert invalid.value.errors[0]["field"] == problem


def test_offering_again(job: Job, labeler: User, manager: User) -> None:
    with pytest.raises(Conflict):
        offer_package(package=package(job), user=manager, reason="x")
    Assignment.objects.filter(job=job, number=1).update(reserved_user=labeler)
    held = claim(job, labeler)
    skip_assignment(assignment_id=held.pk, user=labeler, reason="no_time")
    offer_package(package=package(job), user=manager, reason="again")
    assert claim(job, labeler).number == 1


def test_what_a_person_has_in_hand(job: Job, labeler: User, labeler2: User, manager: User) -> None:
    held = claim(job, labeler)
    transfer_package(package=package(job, 3), user=manager, to=labeler, reason="x")
    discard_package(package=package(job, 3), user=manager, reason="x")
    waiting = transfer_package(package=package(job, 4), user=manager, to=labeler, reason="x")
    assert [row.pk for row in held_by(labeler)] == [held.pk, waiting.pk]
    manager_release(package=package(job), user=manager, reason="x")
    transfer_package(package=package(job, 4), user=manager, to=labeler2, reason="x")
    assert not held_by(labeler).exists()


def test_offline_nothing_moves(job: Job, labeler: User, labeler2: User, manager: User) -> None:
    done, held = label(job, labeler), claim(job, labeler2)
    save(held, 1)
    save(held, 2)
    take_offline(job=job, user=manager)
    for refused in (
        lambda: submit(held),
        lambda: withdraw(done),
        lambda: transfer_package(package=package(job, 2), user=manager, to=labeler, reason="x"),
        lambda: extend_claim(package=package(job, 2), user=manager, hours=1),
        lambda: submit_for(package=package(job, 2), user=manager, reason="x"),
    ):
        with pytest.raises(Conflict, match="offline"):
            refused()  # type: ignore[no-untyped-call]
    job.refresh_from_db()
    assert claim_package(job=job, user=labeler, stage="labeling").reason == "The job is offline."
    assert save(held, 1, "k2")["late"] is False
