"""Acceptance lots: taken together, drawn once over all, judged, decided on once; nothing else moves their packages."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User, Workspace
from itag.core.errors import Conflict, Invalid
from jobs.models import (
    Annotation,
    Assignment,
    Job,
    Lot,
    Package,
    PackageEvent,
    PackageItem,
    Sample,
    SkipRecord,
)
from jobs.selectors.lots import lot_items, lot_people, lot_total, next_unjudged, unjudged, wilson
from jobs.services import lots, lots_close
from jobs.services.claim import claim_package
from jobs.services.lot_filters import check_filters, parse_numbers
from jobs.services.lots import open_lot, preview_lot, work_on_lot
from jobs.services.lots_close import close_lot, lot_effect
from jobs.services.release import expire_assignments, manager_release, release_assignment
from jobs.services.submit import reject_package
from tests.factories import make_job
from tests.jobs.flow import claim, label, pass_item, reject_item, save, submit
from tests.jobs.history import assert_sound

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(
    workspace: Workspace, labeler: User, labeler2: User, accepter: User, admin_user: User
) -> Job:
    """Six packages of two items in acceptance: four of Lars, two of Lotte; half of every package was drawn."""
    job = make_job(
        items=12,
        size=2,
        workflow="labeling,acceptance",
        workspace=workspace,
        labelers=[labeler, labeler2],
        accepters=[accepter, labeler],
        managers=[admin_user],
    )
    Job.objects.filter(pk=job.pk).update(acceptance_ratio=50)
    job.refresh_from_db()
    for person in (labeler, labeler, labeler2, labeler, labeler2, labeler):
        label(job, person)
    return job


def drawn(job: Job, user: User, **fields: Any) -> Lot:
    """A lot whose sample is drawn."""
    lot = open_lot(job=job, user=user, **fields)
    work_on_lot(lot_id=lot.pk)
    lot.refresh_from_db()
    return lot


def judge(lot: Lot, *rejected: int, modified: tuple[int, ...] = ()) -> None:
    """Give every drawn item its verdict; `rejected` and `modified` are places in the lot's order."""
    for place, row in enumerate(lot_items(lot)):
        assignment = Assignment.objects.get(pk=row["assignment"])
        if place in rejected:
            reject_item(assignment, row["position"])
        elif place in modified:
            save(assignment, row["position"], "k2")
        else:
            pass_item(assignment, row["position"])


def close(lot: Lot, user: User, decision: str, **fields: Any) -> Lot:
    fields.setdefault("confirm", lot.package_count)
    close_lot(lot=lot, user=user, decision=decision, **fields)
    work_on_lot(lot_id=lot.pk)
    lot.refresh_from_db()
    return lot


# --- taking and drawing ----------------------------------------------------------------------------------------------


def test_a_preview_says_what_a_lot_would_take(job: Job, accepter: User) -> None:
    assert preview_lot(job=job, user=accepter, method="rate", amount=25) == {
        "packages": 6,
        "items": 12,
        "drawn": 3,
        "own": 0,
    }
    assert preview_lot(job=job, user=accepter, method="count", amount=50)["drawn"] == 12
    assert not Lot.objects.exists()


def test_one_sample_over_all_packages(job: Job, accepter: User) -> None:
    lot = drawn(job, accepter, method="count", amount=5)
    assert (lot.state, lot.package_count, lot.item_count, lot.drawn_count) == ("open", 6, 12, 5)
    assert Sample.objects.filter(reason="lot").count() == 5
    assert not Sample.objects.filter(reason="drawn").exists()
    held = Assignment.objects.filter(lot=lot)
    assert {(row.state, row.holder, row.last_input_at) for row in held} == {
        ("claimed", accepter, None)
    }
    assert PackageEvent.objects.filter(verb="lot_open").count() == 6
    assert unjudged(lot) == 5
    # Drawn again it is the same, since only the seed, the lot and the items decide.
    first = set(Sample.objects.values_list("package_item", flat=True))
    Sample.objects.all().delete()
    lots._run(lots._DRAW, {"lot": lot.pk, "salt": f"{job.seed}:lot:{lot.pk}", "count": 5})
    assert set(Sample.objects.values_list("package_item", flat=True)) == first


def test_abandoned_items_are_inspected_besides(job: Job, accepter: User, labeler: User) -> None:
    item = PackageItem.objects.filter(job=job)[0]
    slot = Assignment.objects.get(package=item.package, stage="acceptance")
    Sample.objects.update_or_create(
        assignment=slot, package_item=item, defaults={"reason": "abandoned"}
    )
    lot = drawn(job, accepter, method="count", amount=1)
    reasons = {row["item"]: row["reason"] for row in lot_items(lot)}
    assert item.pk in reasons
    assert list(reasons.values()).count("lot") == 1


def test_filters(job: Job, accepter: User, labeler: User, labeler2: User) -> None:
    def packages(**filters: Any) -> int:
        return preview_lot(job=job, user=accepter, filters=filters)["packages"]

    assert packages(labelers=[labeler2.pk]) == 2
    assert packages(labelers=[labeler.pk, labeler2.pk]) == 6
    assert packages(checkers=[labeler.pk]) == 0
    assert packages(numbers="1-2, 5") == 3
    assert packages(answer={"question": "1", "option": "k1"}) == 6
    assert packages(answer={"question": "1", "option": "k2"}) == 0
    today = timezone.now().date()
    assert (
        packages(**{"from": str(today - timedelta(days=1)), "to": str(today + timedelta(days=1))})
        == 6
    )
    assert packages(to=str(today - timedelta(days=2))) == 0
    assert packages(**{"from": "0001-01-01", "to": "9999-12-31"}) == 6


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"filters": {"labelers": "all"}}, "filters.labelers"),
        ({"filters": {"job__workspace": 1}}, "filters.job__workspace"),
        ({"filters": {"from": "yesterday"}}, "filters.from"),
        ({"filters": {"numbers": "1;drop"}}, "filters.numbers"),
        ({"filters": {"answer": {"question": "1", "option": "none"}}}, "filters.answer"),
        ({"method": "all"}, "method"),
        ({"method": "rate", "amount": 101}, "amount"),
        ({"method": "count", "amount": 0}, "amount"),
        ({"amount": True}, "amount"),
        ({"target": 0}, "target"),
    ],
)
def test_what_is_wrong_is_named(job: Job, accepter: User, fields: Any, field: str) -> None:
    with pytest.raises(Invalid) as error:
        open_lot(job=job, user=accepter, **fields)
    assert [entry["field"] for entry in error.value.errors] == [field]


@given(st.text("0123456789-, ", max_size=20))
def test_numbers_are_ranges_or_refused(text: str) -> None:
    for first, last in parse_numbers(text) or []:
        assert 1 <= first <= last <= 20_000


def test_own_work_is_left_out(job: Job, labeler: User, accepter: User) -> None:
    assert preview_lot(job=job, user=labeler) == {"packages": 2, "items": 4, "drawn": 1, "own": 4}
    lot = drawn(job, labeler, method="count", amount=1)
    assert lot.package_count == 2
    job.limits = {"allow_own_check": True}
    job.save()
    assert preview_lot(job=job, user=labeler)["packages"] == 4


def test_nothing_fits_and_nothing_runs(job: Job, accepter: User) -> None:
    with pytest.raises(Conflict, match="No waiting package"):
        open_lot(job=job, user=accepter, filters={"numbers": "300"})
    for state in ("paused", "offline"):
        Job.objects.filter(pk=job.pk).update(state=state)
        with pytest.raises(Conflict):
            open_lot(job=job, user=accepter)


def test_others_were_quicker(job: Job, accepter: User) -> None:
    lot = open_lot(job=job, user=accepter)
    Assignment.objects.filter(stage="acceptance").update(
        state="claimed", holder=accepter, claimed_at=timezone.now()
    )
    work_on_lot(lot_id=lot.pk)
    lot.refresh_from_db()
    assert (lot.state, bool(lot.error)) == ("cancelled", True)


def test_a_killed_worker_is_followed(
    job: Job, accepter: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lots, "STEP", 2)
    lot = open_lot(job=job, user=accepter, method="count", amount=4)
    assert lots.take_step(lot.pk)
    work_on_lot(lot_id=lot.pk)
    work_on_lot(lot_id=lot.pk)
    lot.refresh_from_db()
    assert (lot.state, lot.package_count, lot.drawn_count) == ("open", 6, 4)
    assert PackageEvent.objects.filter(verb="lot_open").count() == 6


# --- what a lot does not do ------------------------------------------------------------------------------------------


def test_a_lot_takes_no_part_in_limits_and_expiry(
    job: Job, accepter: User, labeler: User, labeler2: User
) -> None:
    lot = drawn(job, accepter, filters={"labelers": [labeler.pk]}, method="count", amount=2)
    judge(lot)
    Assignment.objects.filter(lot=lot).update(last_input_at=timezone.now() - timedelta(days=9))
    assert expire_assignments() == 0
    other = claim_package(job=job, user=accepter, stage="acceptance")
    assert other.assignment is not None
    assert (other.already_held, other.assignment.lot) == (False, None)


def test_its_packages_move_with_the_lot_only(job: Job, accepter: User) -> None:
    lot = drawn(job, accepter, method="count", amount=2)
    judge(lot)
    row = lot.assignments.all()[0]
    for verb in (
        lambda: submit(row),
        lambda: reject_package(assignment_id=row.pk, user=accepter, feedback="x"),
        lambda: release_assignment(assignment_id=row.pk, user=accepter, reason="x"),
    ):
        with pytest.raises(Conflict) as error:
            verb()
        assert error.value.code == "lot"
    assert not SkipRecord.objects.exists()


def test_a_manager_takes_a_package_out(job: Job, accepter: User, admin_user: User) -> None:
    before = set(Sample.objects.values_list("package_item", "reason"))
    lot = drawn(job, accepter, method="count", amount=12)
    row = lot.assignments.all()[0]
    waiting = manager_release(package=row.package, user=admin_user, reason="x")
    assert (waiting.state, waiting.lot) == ("waiting", None)
    here = PackageItem.objects.filter(package=row.package)
    assert set(
        Sample.objects.filter(package_item__in=here).values_list("package_item", "reason")
    ) == {entry for entry in before if entry[0] in {item.pk for item in here}}
    judge(lot)
    with pytest.raises(Conflict) as error:
        close_lot(lot=lot, user=accepter, decision="accept", confirm=6)
    assert error.value.extra["count"] == 5
    close(lot, accepter, "accept", confirm=5)
    assert Package.objects.filter(state="finished").count() == 5
    assert_sound(job)


# --- deciding --------------------------------------------------------------------------------------------------------


def test_accuracy_of_each_person(job: Job, accepter: User, labeler: User, labeler2: User) -> None:
    lot = drawn(job, accepter, method="count", amount=12)
    mine = [place for place, row in enumerate(lot_items(lot)) if row["person"] == labeler.pk]
    judge(lot, mine[0], modified=(mine[1],))
    people = {row["person"]: row for row in lot_people(lot)}
    assert (people[labeler.pk]["judged"], people[labeler.pk]["errors"]) == (8, 2)
    assert people[labeler.pk]["accuracy"] == 0.75
    assert (people[labeler2.pk]["errors"], people[labeler2.pk]["accuracy"]) == (0, 1)
    total = lot_total(lot_people(lot))
    assert (total["drawn"], total["judged"], total["errors"]) == (12, 12, 2)
    assert total["low"] < total["accuracy"] < total["high"]  # type: ignore[operator]


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_holds_the_accuracy(figures: tuple[int, int]) -> None:
    low, high = wilson(*figures)
    assert 0 <= low <= 1 - figures[0] / figures[1] <= high <= 1 or figures[0] in (0, figures[1])
    assert 0 <= low < high <= 1


def test_accept(job: Job, accepter: User) -> None:
    lot = drawn(job, accepter, method="count", amount=3)
    with pytest.raises(Conflict) as error:
        close_lot(lot=lot, user=accepter, decision="accept", confirm=6)
    assert (error.value.code, error.value.extra["count"]) == ("incomplete", 3)
    judge(lot, 0, modified=(1,))
    close(lot, accepter, "accept", note="good")
    assert lot.state == "closed"
    assert set(Package.objects.values_list("state", flat=True)) == {"finished"}
    modified = Annotation.objects.get(verdict="modified")
    assert modified.package_item.current_annotation == modified
    job.refresh_from_db()
    assert job.state == "finished"
    assert_sound(job)


def test_reject_needs_no_verdicts_but_a_reason(job: Job, accepter: User, labeler: User) -> None:
    lot = drawn(job, accepter, method="count", amount=3)
    with pytest.raises(Invalid):
        close_lot(lot=lot, user=accepter, decision="reject", confirm=6)
    close(lot, accepter, "reject", note="all wrong")
    assert set(Package.objects.values_list("stage", "round", "state")) == {("labeling", 2, "open")}
    back = claim(job, labeler)
    assert back.is_return
    assert back.annotations.count() == 2
    assert_sound(job)


def test_return_the_failed_items(job: Job, accepter: User) -> None:
    lot = drawn(job, accepter, method="count", amount=12)
    judge(lot, 0, 3)
    effect = lot_effect(lot=lot, decision="return_items")
    assert (effect["returned_packages"], effect["returned_items"]) == (2, 2)
    assert (effect["accepted_packages"], effect["accepted_items"]) == (4, 8)
    close(lot, accepter, "return_items")
    assert Package.objects.filter(state="finished").count() == 4
    returned = Assignment.objects.filter(round=2, state="waiting")
    assert [row.annotations.count() for row in returned] == [1, 1]
    assert_sound(job)


def test_return_the_people_under_target(
    job: Job, accepter: User, labeler: User, labeler2: User
) -> None:
    lot = drawn(job, accepter, method="count", amount=12, target=90)
    theirs = [place for place, row in enumerate(lot_items(lot)) if row["person"] == labeler2.pk]
    judge(lot, theirs[0])
    effect = lot_effect(lot=lot, decision="return_people")
    assert (effect["people"], effect["returned_packages"]) == ([labeler2.pk], 2)
    close(lot, accepter, "return_people")
    back = Assignment.objects.filter(round=2)
    assert {row.reserved_user for row in back} == {labeler2}
    assert Package.objects.filter(state="finished").count() == 4
    assert_sound(job)


def test_dissolving_leaves_everything_as_it_was(job: Job, accepter: User) -> None:
    before = set(Sample.objects.values_list("package_item", "reason"))
    lot = drawn(job, accepter, method="count", amount=7)
    judge(lot, 1)
    verdicts = Annotation.objects.exclude(verdict="").count()
    close(lot, accepter, "dissolve")
    assert lot.state == "cancelled"
    assert set(Sample.objects.values_list("package_item", "reason")) == before
    assert Assignment.objects.filter(stage="acceptance", state="waiting", lot=None).count() == 6
    assert Annotation.objects.exclude(verdict="").count() == verdicts
    again = claim(job, accepter, "acceptance")
    assert again.previous.lot == lot  # type: ignore[union-attr]
    assert_sound(job)


def test_discarded_meanwhile_is_judged_by_nobody(job: Job, accepter: User) -> None:
    lot = drawn(job, accepter, method="count", amount=1)
    Package.objects.filter(number=1).update(discarded_at=timezone.now())
    close(lot, accepter, "reject", note="x")
    assert Package.objects.get(number=1).round == 1
    assert Assignment.objects.filter(package__number=1, state="waiting").exists()


def test_offline_closes_nothing_until_it_is_online(job: Job, accepter: User) -> None:
    lot = drawn(job, accepter, method="count", amount=1)
    judge(lot)
    Job.objects.filter(pk=job.pk).update(state="offline")
    with pytest.raises(Conflict):
        close_lot(lot=lot, user=accepter, decision="accept", confirm=6)
    Job.objects.filter(pk=job.pk).update(state="running")
    close_lot(lot=lot, user=accepter, decision="accept", confirm=6)
    Job.objects.filter(pk=job.pk).update(state="offline")
    work_on_lot(lot_id=lot.pk)
    assert not Package.objects.filter(state="finished").exists()
    Job.objects.filter(pk=job.pk).update(state="running")
    work_on_lot(lot_id=lot.pk)
    assert not Package.objects.exclude(state="finished").exists()


def test_a_killed_closing_is_followed(
    job: Job, accepter: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lots_close, "STEP", 2)
    lot = drawn(job, accepter, method="count", amount=12)
    judge(lot, 0)
    close_lot(lot=lot, user=accepter, decision="return_items", confirm=6)
    assert lots_close.close_step(lot.pk)
    work_on_lot(lot_id=lot.pk)
    work_on_lot(lot_id=lot.pk)
    lot.refresh_from_db()
    assert (lot.state, lot.done) == ("closed", 6)
    assert PackageEvent.objects.filter(verb="lot_close").count() == 5
    assert_sound(job)


def test_accepting_many_costs_what_accepting_few_costs(job: Job, accepter: User) -> None:
    def cost(**filters: Any) -> int:
        lot = drawn(job, accepter, filters=filters, method="count", amount=1)
        judge(lot)
        close_lot(lot=lot, user=accepter, decision="accept", confirm=lot.package_count)
        with CaptureQueriesContext(connection) as captured:
            lots_close.close_step(lot.pk)
        return len(captured)

    assert cost(numbers="1") == cost(numbers="2-6")


@pytest.mark.django_db(transaction=True)
def test_it_closes_exactly_once(job: Job, accepter: User, at_once: Any) -> None:
    lot = drawn(job, accepter, method="count", amount=2)
    judge(lot)

    def decide(decision: str) -> Any:
        return lambda: close_lot(lot=lot, user=accepter, decision=decision, confirm=6, note="x")

    results = at_once(decide("accept"), decide("reject"), decide("accept"))
    assert sum(isinstance(result, Lot) for result in results) == 1
    assert sum(isinstance(result, Conflict) for result in results) == 2
    at_once(*[lambda: work_on_lot(lot_id=lot.pk)] * 3)
    work_on_lot(lot_id=lot.pk)
    assert PackageEvent.objects.filter(verb__in=("finish", "reject_package")).count() == 6
    assert_sound(job)


@pytest.mark.django_db(transaction=True)
def test_two_accepters_never_take_the_same(
    job: Job, accepter: User, checker: User, at_once: Any
) -> None:
    made = [open_lot(job=job, user=user) for user in (accepter, checker)]
    at_once(*(lambda lot=lot: work_on_lot(lot_id=lot.pk) for lot in made))
    assert Assignment.objects.filter(lot__isnull=False, state="claimed").count() == 6


def test_the_next_to_judge(job: Job, accepter: User) -> None:
    lot = drawn(job, accepter, method="count", amount=2)
    place = next_unjudged(lot)
    assert place is not None
    pass_item(Assignment.objects.get(pk=place[0]), place[1])
    assert next_unjudged(lot) not in (None, place)
    judge(lot)
    assert next_unjudged(lot) is None


def test_filters_are_an_object(job: Job, accepter: User) -> None:
    assert check_filters(job, None, viewer=accepter) == {}
    with pytest.raises(Invalid):
        check_filters(job, [1], viewer=accepter)
