"""Figures: what each counts, and that they are right to the item whatever people do."""

import os
from datetime import date, datetime, timedelta
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule, run_state_machine_as_test

from accounts.models import User, Workspace
from jobs.models import Assignment, Job, Package, StageTally, TallyDue
from jobs.services import manage, withdraw
from jobs.services.appeals import decide_appeal, open_appeal
from jobs.services.correct import correct_item
from jobs.services.desk import record_input
from jobs.services.figures import settle_all_figures, settle_figures
from jobs.services.figures_recount import recount_figures_of
from jobs.services.release import release_assignment
from jobs.services.submit import reject_package
from tests.factories import choice_op, make_job, make_team, member
from tests.jobs import flow
from tests.jobs.engine import BACK_TO, PEOPLE, POSITIONS, STAGES, Engine
from tests.jobs.recount import assert_figures

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(workspace: Workspace) -> dict[str, User]:
    return {name: member(workspace, username=name) for name in ("anna", "ben", "carl", "dora")}


@pytest.fixture
def job(workspace: Workspace, people: dict[str, User]) -> Job:
    return make_job(
        items=6,
        size=3,
        workspace=workspace,
        labelers=[people["anna"], people["ben"]],
        checkers=[people["carl"]],
        accepters=[people["dora"]],
    )


def row(
    job: Job, user: User | None, stage: str = "labeling", day: date | None = None
) -> StageTally:
    """The person's figures of the stage, settled; the only day there is, if none is named."""
    settle_figures(job)
    rows = StageTally.objects.filter(job=job, user=user, stage=stage)
    return rows.get(day=day) if day else rows.get()


def test_output_is_counted_at_submit_and_errors_at_the_first_inspection(
    job: Job, people: dict[str, User]
) -> None:
    anna, carl = people["anna"], people["carl"]
    held = flow.claim(job, anna)
    for position in (1, 2):
        flow.save(held, position)
    flow.abandon(held, 3)
    assert settle_figures(job) == 0, "what is saved counts when it is submitted"
    flow.submit(held)
    assert (row(job, anna).packages, row(job, anna).items, row(job, anna).abandoned) == (1, 3, 1)
    check = flow.claim(job, carl, "check")
    flow.reject_item(check, 1)
    flow.save(check, 2, "k2")
    flow.pass_rest(check)
    flow.submit(check)
    mine, theirs = row(job, anna), row(job, carl, "check")
    assert (mine.checked, mine.checked_rejected, mine.checked_modified) == (3, 1, 1)
    assert (mine.returned_packages, mine.returned_items) == (1, 1)
    assert (theirs.passed, theirs.rejected, theirs.modified, theirs.sent_back) == (1, 1, 1, 1)
    assert_figures(job)
    # Rework, and its inspection, stand in columns of their own.
    again = flow.claim(job, anna)
    flow.save(again, 1, "k2")
    flow.submit(again)
    flow.inspect_all(job, carl, "check", 1)
    mine, theirs = row(job, anna), row(job, carl, "check")
    assert (mine.items, mine.checked, mine.rework_items, mine.rework_packages) == (3, 3, 1, 1)
    assert (theirs.items, theirs.rework_errors) == (3, 1)
    assert theirs.rework_items >= 1
    assert_figures(job)


def test_accuracy_belongs_to_whose_answer_it_is_and_to_who_let_it_pass(
    job: Job, people: dict[str, User]
) -> None:
    anna, ben, carl, dora = people.values()
    first = flow.claim(job, anna)
    flow.save(first, 1)
    release_assignment(assignment_id=first.pk, user=anna, reason="no_time")
    second = flow.claim(job, ben)
    assert second.package_id == first.package_id
    flow.save(second, 2)
    flow.save(second, 3)
    flow.submit(second)
    check = flow.claim(job, carl, "check")
    flow.pass_item(check, 1)
    flow.save(check, 2, "k2")
    flow.pass_rest(check)
    flow.submit(check)
    accept = flow.claim(job, dora, "acceptance")
    flow.reject_item(accept, 1)
    flow.pass_rest(accept)
    flow.submit(accept, return_to="labeling")
    assert (row(job, anna).items, row(job, anna).checked, row(job, anna).sampled_rejected) == (
        1,
        1,
        1,
    )
    assert row(job, anna).released == 1
    assert (row(job, ben).items, row(job, ben).checked_modified, row(job, ben).sampled) == (2, 1, 1)
    # What Carl modified is his answer; what he passed wrongly is his error as well as Anna's.
    his = row(job, carl, "check")
    assert (his.sampled, his.sampled_rejected, his.examined, his.missed) == (1, 0, 3, 1)
    assert_figures(job)


def test_what_is_withdrawn_counts_no_more(job: Job, people: dict[str, User]) -> None:
    anna, carl = people["anna"], people["carl"]
    done = flow.label(job, anna)
    again = withdraw.withdraw_assignment(assignment_id=done.pk, user=anna)
    assert (row(job, anna).items, row(job, anna).packages, row(job, anna).withdrawn) == (0, 0, 1)
    assert_figures(job)
    flow.submit(again)
    assert (row(job, anna).items, row(job, anna).packages) == (3, 1)
    check = flow.inspect_all(job, carl, "check", 2)
    withdraw.withdraw_assignment(assignment_id=check.pk, user=carl)
    settle_figures(job)
    assert (row(job, anna).checked, row(job, anna).returned_items) == (0, 0)
    assert_figures(job)


def test_an_upheld_appeal_corrects_both_peoples_figures(
    job: Job, people: dict[str, User], admin_user: User
) -> None:
    anna, carl = people["anna"], people["carl"]
    done = flow.label(job, anna)
    flow.inspect_all(job, carl, "check", 1)
    assert row(job, anna).checked_rejected == 1
    appeal = open_appeal(assignment_id=done.pk, position=1, user=anna, text="It was right.")
    decide_appeal(appeal=appeal, user=admin_user, uphold=True, note="Yes.")
    mine, theirs = row(job, anna), row(job, carl, "check")
    assert (mine.checked, mine.checked_rejected) == (3, 0)
    assert (theirs.rejected, theirs.passed, theirs.examined, theirs.overturned) == (0, 3, 1, 1)
    assert_figures(job)


def test_days_are_those_of_the_workspace(job: Job, people: dict[str, User]) -> None:
    job.workspace.time_zone = "Asia/Shanghai"
    job.workspace.save()
    anna = people["anna"]
    with time_machine.travel(datetime(2030, 3, 1, 15, 59, tzinfo=ZoneInfo("UTC")), tick=False):
        flow.label(job, anna)
    with time_machine.travel(datetime(2030, 3, 1, 16, 1, tzinfo=ZoneInfo("UTC")), tick=False):
        flow.label(job, anna)
    assert row(job, anna, day=date(2030, 3, 1)).items == 3
    assert row(job, anna, day=date(2030, 3, 2)).items == 3
    assert_figures(job)


def test_work_time_is_gaps_of_at_most_a_minute_and_never_more_than_has_passed(
    job: Job, people: dict[str, User]
) -> None:
    anna = people["anna"]
    start = datetime(2030, 3, 1, 9, tzinfo=ZoneInfo("UTC"))
    with time_machine.travel(start, tick=False) as clock:
        held = flow.claim(job, anna)
        # Inputs in two tabs, closer together than half a second and a little more.
        for _ in range(100):
            clock.shift(timedelta(milliseconds=600))
            record_input(assignment_id=held.pk, user=anna)
            record_input(assignment_id=held.pk, user=anna)
        clock.shift(timedelta(hours=1))
        for position in (1, 2, 3):
            flow.save(held, position)
        clock.shift(timedelta(seconds=20))
        flow.submit(held)
    assert row(job, anna).work_seconds == 60 + 60 + 20
    assert_figures(job)


def test_teams_are_those_of_the_day_and_survive_a_recount(
    job: Job, people: dict[str, User], workspace: Workspace
) -> None:
    anna, ben = people["anna"], people["ben"]
    plain = make_team(workspace, [anna])
    supplier = make_team(workspace, [anna], is_supplier=True)
    flow.label(job, anna)
    assert row(job, anna).team_id == supplier.pk
    anna.groups.remove(supplier.group)
    flow.label(job, ben)
    assert row(job, ben).team_id is None
    call_command("recount", str(job.pk), stdout=StringIO())
    assert row(job, anna).team_id == supplier.pk
    assert plain.pk != supplier.pk


def test_a_rejected_and_a_discarded_package(
    job: Job, people: dict[str, User], admin_user: User
) -> None:
    anna, carl = people["anna"], people["carl"]
    done = flow.label(job, anna)
    check = flow.claim(job, carl, "check")
    flow.pass_item(check, 1)
    reject_package(assignment_id=check.pk, user=carl, feedback="all wrong")
    mine = row(job, anna)
    assert (mine.checked, mine.checked_rejected, mine.returned_items) == (1, 0, 3)
    assert_figures(job)
    package = Package.objects.get(pk=done.package_id)
    manage.discard_package(package=package, user=admin_user, reason="not ours")
    assert_figures(job)
    manage.restore_package(package=package, user=admin_user, reason="ours")
    assert_figures(job)


def test_a_managers_correction_is_a_column_of_its_own(
    job: Job, people: dict[str, User], admin_user: User
) -> None:
    anna = people["anna"]
    done = flow.label(job, anna)
    correct_item(
        package=done.package, position=1, user=admin_user, ops=[choice_op("k2")], reason="wrong"
    )
    mine = row(job, anna)
    assert (mine.items, mine.checked, mine.corrected) == (3, 0, 1)
    flow.inspect_all(job, people["carl"], "check", 1)
    assert (row(job, anna).checked, row(job, None).checked_rejected) == (2, 1)
    assert_figures(job)


def test_submitting_costs_one_statement_and_counting_the_same_for_few_and_many(
    job: Job, people: dict[str, User]
) -> None:
    anna = people["anna"]
    held = flow.claim(job, anna)
    for position in (1, 2, 3):
        flow.save(held, position)
    with CaptureQueriesContext(connection) as captured:
        flow.submit(held)
    noted = [query for query in captured if "tally" in query["sql"]]
    assert len(noted) == 1
    assert "jobs_tallydue" in noted[0]["sql"]

    def cost() -> int:
        with CaptureQueriesContext(connection) as counted:
            settle_all_figures()
        return len(counted)

    few = cost()
    done = flow.label(job, people["ben"])
    TallyDue.objects.bulk_create(
        TallyDue(job=job, package_id=done.package_id, kind="labels") for _ in range(50)
    )
    assert cost() <= few + 1


VERDICTS = st.lists(
    st.sampled_from(["", "modified", "modified", "abandoned", "rejected"]), min_size=3, max_size=3
)


class Figures(Engine):
    """The engine's machine with more verdicts and appeals than it has by itself; figures are compared at the end."""

    def teardown(self) -> None:
        try:
            if self.changes:
                assert_figures(self.job)
        finally:
            self.held_up = False
            super().teardown()

    @invariant()
    def promises(self) -> None:
        """Another test's."""

    @rule(person=PEOPLE, stage=STAGES, verdicts=VERDICTS, back_to=BACK_TO)
    def judge(self, person: int, stage: str, verdicts: list[str], back_to: str | None) -> None:
        """Work a package of the stage through with these verdicts, or answers: random ones seldom come so far."""
        if self.held(person, 0) is None:
            self.claim(person, stage)
        for position, verdict in enumerate(verdicts, 1):
            if verdict == "modified":
                self.save(person, 0, position, "k2")
            elif verdict == "abandoned":
                self.abandon(person, 0, position)
            elif verdict == "rejected":
                self.reject_item(person, 0, position)
        self.work_through(person, ["k1", "k1", "k1"], set(), back_to)

    judge_again = judge
    judge_once_more = judge

    @rule(person=PEOPLE, position=POSITIONS, uphold=st.booleans())
    def appeal(self, person: int, position: int, *, uphold: bool) -> None:
        done = Assignment.objects.filter(holder=self.people[person], state="submitted").last()
        appeal = self.on(done, open_appeal, position=position, text="no")
        if appeal is not None:
            self.attempt(
                decide_appeal, appeal=appeal, user=self.boss, uphold=uphold, note="because"
            )


def test_figures_are_right_to_the_item_whatever_people_do() -> None:
    run_state_machine_as_test(
        Figures,
        settings=settings(
            max_examples=int(os.environ.get("FIGURES_EXAMPLES", "12")),
            stateful_step_count=50,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        ),
    )


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_what_is_counted_by_many_at_once_is_counted_once(
    at_once: Any, job: Job, people: dict[str, User]
) -> None:
    held = []
    for name in ("anna", "ben"):
        held.append(flow.claim(job, people[name]))
        for position in (1, 2, 3):
            flow.save(held[-1], position)
    outcomes = at_once(
        lambda: flow.submit(held[0]),
        lambda: settle_figures(job),
        lambda: flow.submit(held[1]),
        lambda: settle_figures(job),
        lambda: recount_figures_of(job=job),
    )
    assert not [one for one in outcomes if isinstance(one, BaseException)], outcomes
    settle_figures(job)
    assert StageTally.objects.filter(job=job).aggregate(n=Sum("items"))["n"] == 6
    assert_figures(job)
