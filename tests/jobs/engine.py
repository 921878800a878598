"""A job on which people do anything in any order: the state machine behind test_engine_properties.

Five people work in every stage and the first of them manages the job as well. Rules only ever say what somebody tries;
a refusal in words (ItagError) is an answer like any other and must leave nothing behind.
"""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from datasets.models import DatasetVersion, Item
from itag.core.fields import dump
from jobs.models import Assignment, Lot
from jobs.services import (
    answers,
    append,
    correct,
    inspect,
    lifecycle,
    lots,
    lots_close,
    manage,
    members,
    release,
    submit,
    transfer,
    votes,
)
from jobs.services.claim import claim_next, claim_package
from jobs.services.figures import settle_figures
from jobs.services.jobs import change_job
from jobs.services.unclaimable import block_unclaimable
from jobs.services.withdraw import withdraw_assignment
from tests.factories import choice_op
from tests.jobs.history import assert_sound
from tests.jobs.recount import assert_figures
from tests.jobs.scene import Scene

PEOPLE = st.integers(0, 4)
PICKS = st.integers(0, 3)
POSITIONS = st.integers(1, 3)
NUMBERS = st.integers(1, 5)
STAGES = st.sampled_from(["labeling", "check", "acceptance"])
KEYS = st.sampled_from(["k1", "k2"])
BACK_TO = st.sampled_from([None, "labeling", "check"])
WORKFLOWS = ["labeling,check,acceptance", "labeling,check", "labeling,acceptance", "labeling"]
DECISIONS = st.sampled_from(list(Lot.Decision.values))
#: After so many changes the figures are counted anew as well, which costs the most.
FIGURES_EVERY = 12


class Engine(Scene, RuleBasedStateMachine):
    """See Scene; up to six further items may be appended."""

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        self.changes = 0
        self.looked = 0
        self.held_up = False

    @initialize(
        workflow=st.sampled_from([WORKFLOWS[0], *WORKFLOWS]),
        voters=st.sampled_from([1, 1, 2, 3]),
        ratios=st.sampled_from([(60, 35), (100, 100), (10, 50)]),
        limits=st.fixed_dictionaries(
            {},
            optional={
                "package_limit": st.just(2),
                "continue_answers": st.just(False),
                "allow_own_check": st.just(True),
                "max_rounds": st.just(2),
            },
        ),
    )
    def begin(
        self, workflow: str, voters: int, ratios: tuple[int, int], limits: dict[str, Any]
    ) -> None:
        self.prepare(workflow, voters, ratios, limits)

    def teardown(self) -> None:
        try:
            if self.held_up:
                self.settle()
                assert_figures(self.job)
        finally:
            transaction.set_rollback(True)
            self.savepoint.__exit__(None, None, None)

    # --- workers -----------------------------------------------------------------------------------------------------

    @rule(person=PEOPLE, stage=STAGES)
    def claim(self, person: int, stage: str) -> None:
        self.attempt(claim_package, job=self.job, user=self.people[person], stage=stage)

    @rule(person=PEOPLE)
    def claim_anywhere(self, person: int) -> None:
        self.attempt(claim_next, user=self.people[person])

    @rule(person=PEOPLE, pick=PICKS, position=POSITIONS, key=KEYS)
    def save(self, person: int, pick: int, position: int, key: str) -> None:
        self.write(self.held(person, pick), position, key)

    @rule(
        person=PEOPLE,
        keys=st.lists(KEYS, min_size=3, max_size=3),
        rejected=st.sets(POSITIONS, max_size=1),
        back_to=BACK_TO,
    )
    def work_through(
        self, person: int, keys: list[str], rejected: set[int], back_to: str | None
    ) -> None:
        """Take a package if none is held, answer or judge everything and submit: else few would ever come far."""
        self.claim_anywhere(person)
        assignment = self.held(person, 0)
        if assignment is None:
            return
        if assignment.stage == "labeling":
            for position, key in enumerate(keys, 1):
                self.write(assignment, position, key)
        else:
            for position in rejected:
                self.reject(assignment, position)
            self.on(assignment, inspect.pass_rest)
        if self.on(assignment, submit.submit_assignment, return_to=back_to) is None and (
            assignment.stage != "labeling"
        ):
            # Votes that do not agree leave nothing to pass.
            for position in range(1, 4):
                self.take_vote(assignment, position, 1)
            self.on(assignment, submit.submit_assignment, return_to=back_to)

    work_through_again = work_through
    work_through_once_more = work_through
    work_through_at_last = work_through

    @rule(person=PEOPLE, pick=PICKS, position=POSITIONS)
    def abandon(self, person: int, pick: int, position: int) -> None:
        held = self.held(person, pick)
        saved = self.on(
            held, answers.abandon_item, position=position, write=uuid4(), reason="Invalid"
        )
        self.watch.saved(held, position, saved)

    @rule(person=PEOPLE, pick=PICKS, position=POSITIONS)
    def restore(self, person: int, pick: int, position: int) -> None:
        held = self.held(person, pick)
        saved = self.on(held, answers.restore_item, position=position, write=uuid4())
        self.watch.saved(held, position, saved)

    @rule(person=PEOPLE, pick=PICKS, position=POSITIONS)
    def unlock(self, person: int, pick: int, position: int) -> None:
        self.on(self.held(person, pick), answers.unlock_item, position=position)

    @rule(person=PEOPLE, position=POSITIONS, key=KEYS)
    def save_late(self, person: int, position: int, key: str) -> None:
        over = ("released", "expired", "skipped", "transferred")
        self.write(self.one_of(*over, person=person), position, key)

    @rule(person=PEOPLE, pick=PICKS, back_to=BACK_TO)
    def submit(self, person: int, pick: int, back_to: str | None) -> None:
        self.on(self.held(person, pick), submit.submit_assignment, return_to=back_to)

    @rule(person=PEOPLE, pick=PICKS)
    def release(self, person: int, pick: int) -> None:
        self.on(self.held(person, pick), release.release_assignment, reason="no_time")

    @rule(person=PEOPLE, pick=PICKS)
    def skip(self, person: int, pick: int) -> None:
        self.on(self.held(person, pick), release.skip_assignment, reason="too_hard")

    @rule(person=PEOPLE)
    def withdraw(self, person: int) -> None:
        self.on(self.one_of("submitted", person=person), withdraw_assignment)

    # --- inspectors --------------------------------------------------------------------------------------------------

    def reject(self, assignment: Assignment | None, position: int) -> None:
        saved = self.on(
            assignment, inspect.reject_item, position=position, write=uuid4(), feedback="no"
        )
        self.watch.judged(assignment, position, saved, "rejected")

    @rule(person=PEOPLE, pick=PICKS, position=POSITIONS)
    def pass_item(self, person: int, pick: int, position: int) -> None:
        held = self.held(person, pick)
        saved = self.on(held, inspect.pass_item, position=position, write=uuid4())
        self.watch.judged(held, position, saved, "passed")

    @rule(person=PEOPLE, pick=PICKS, position=POSITIONS)
    def reject_item(self, person: int, pick: int, position: int) -> None:
        self.reject(self.held(person, pick), position)

    @rule(person=PEOPLE, pick=PICKS, position=POSITIONS, vote=st.integers(1, 3))
    def adopt(self, person: int, pick: int, position: int, vote: int) -> None:
        self.take_vote(self.held(person, pick), position, vote)

    def take_vote(self, assignment: Assignment | None, position: int, vote: int) -> None:
        saved = self.on(assignment, votes.adopt_vote, position=position, write=uuid4(), vote=vote)
        self.watch.saved(assignment, position, saved)

    @rule(person=PEOPLE, pick=PICKS, back_to=BACK_TO)
    def reject_package(self, person: int, pick: int, back_to: str | None) -> None:
        self.on(self.held(person, pick), submit.reject_package, feedback="no", return_to=back_to)

    # --- lots --------------------------------------------------------------------------------------------------------

    @rule(
        person=PEOPLE,
        method=st.sampled_from(["rate", "count"]),
        amount=st.integers(1, 60),
        whole=st.booleans(),
    )
    def open_lot(self, person: int, method: str, amount: int, whole: bool) -> None:
        lot = self.attempt(
            lots.open_lot,
            job=self.job,
            user=self.people[person],
            method=method,
            amount=amount,
            target=80,
        )
        if lot is not None and whole:
            lots.work_on_lot(lot_id=lot.pk)

    @rule(decision=DECISIONS, back_to=BACK_TO, judge=st.booleans(), whole=st.booleans())
    def close_lot(self, decision: str, back_to: str | None, judge: bool, whole: bool) -> None:
        lot = Lot.objects.filter(job=self.job, state="open").order_by("pk").first()
        if lot is None:
            return
        rows = list(lot.assignments.filter(state="claimed").select_related("holder"))
        for row in rows if judge else ():
            self.on(row, inspect.pass_rest)
        closed = self.attempt(
            lots_close.close_lot,
            lot=lot,
            user=lot.accepter,
            decision=decision,
            confirm=len(rows),
            return_to=back_to or "",
            note="no",
        )
        if closed is not None and whole:
            lots.work_on_lot(lot_id=lot.pk)

    @rule()
    def workers_work(self) -> None:
        """What waits for a worker: batches to be cut, lots to be drawn or closed."""
        self.settle()

    # --- managers ----------------------------------------------------------------------------------------------------

    @rule(number=NUMBERS)
    def manager_release(self, number: int) -> None:
        self.manage(release.manager_release, number, reason="x")

    @rule(number=NUMBERS, to=PEOPLE, vote=st.sampled_from([None, 0, 1]))
    def transfer(self, number: int, to: int, vote: int | None) -> None:
        self.manage(transfer.transfer_package, number, to=self.people[to], reason="x", vote=vote)

    @rule(number=NUMBERS)
    def extend(self, number: int) -> None:
        self.manage(transfer.extend_claim, number, hours=30)

    @rule(number=NUMBERS, vote=st.sampled_from([None, 0, 1]))
    def submit_for(self, number: int, vote: int | None) -> None:
        self.manage(transfer.submit_for, number, reason="ill", vote=vote)

    @rule(number=NUMBERS)
    def discard(self, number: int) -> None:
        self.manage(manage.discard_package, number, reason="x")

    @rule(number=NUMBERS)
    def restore_package(self, number: int) -> None:
        self.manage(manage.restore_package, number, reason="x")

    @rule(number=NUMBERS, stage=STAGES)
    def reopen(self, number: int, stage: str) -> None:
        self.manage(manage.reopen_package, number, stage=stage, reason="x")

    @rule(number=NUMBERS)
    def offer_again(self, number: int) -> None:
        self.manage(manage.offer_package, number, reason="x")

    @rule(number=NUMBERS, position=POSITIONS, key=KEYS)
    def correct(self, number: int, position: int, key: str) -> None:
        row = self.manage(
            correct.correct_item, number, position=position, ops=[choice_op(key)], reason="x"
        )
        self.watch.corrected(row)

    @rule(number=NUMBERS, position=POSITIONS, vote=st.sampled_from([None, 1, 2]))
    def decide(self, number: int, position: int, vote: int | None) -> None:
        """Abandon the item, or adopt a vote of it."""
        if vote is None:
            row = self.manage(
                correct.abandon_item_by_manager, number, position=position, reason="x"
            )
        else:
            row = self.manage(
                correct.adopt_by_manager, number, position=position, vote=vote, reason="x"
            )
        self.watch.corrected(row)

    @rule(
        verb=st.sampled_from(
            [
                "pause_job",
                "resume_job",
                "take_offline",
                "bring_online",
                "archive_job",
                "unarchive_job",
            ]
        )
    )
    def job_verb(self, verb: str) -> None:
        self.attempt(getattr(lifecycle, verb), job=self.job, user=self.boss)

    @rule()
    def back_to_work(self) -> None:
        """Without it a job would stand still for most of a run."""
        for verb in ("unarchive_job", "bring_online", "resume_job"):
            self.attempt(getattr(lifecycle, verb), job=self.job, user=self.boss)

    back_to_work_again = back_to_work

    @rule(ratio=st.sampled_from([1, 60, 100]), stage=st.sampled_from(["check", "acceptance"]))
    def change_ratio(self, ratio: int, stage: str) -> None:
        changes = {f"{stage}_ratio": ratio}
        if self.attempt(change_job, job=self.job, user=self.boss, changes=changes):
            self.watch.ratio_changed = True

    @rule(items=st.integers(1, 3), whole=st.booleans())
    def append(self, items: int, whole: bool) -> None:
        dataset = self.job.dataset
        if dataset.item_count > 12:
            return
        first, last = dataset.item_count + 1, dataset.item_count + items
        Item.objects.bulk_create(
            Item(dataset=dataset, ordinal=n, data=dump({"source": f"more {n}"}), media={})
            for n in range(first, last + 1)
        )
        dataset.version, dataset.item_count = dataset.version + 1, last
        dataset.save(update_fields=["version", "item_count"])
        DatasetVersion.objects.create(dataset=dataset, version=dataset.version, last_ordinal=last)
        if self.attempt(append.append_data, job=self.job, user=self.boss) and whole:
            self.settle()

    @rule()
    def close_batch(self) -> None:
        batch = self.job.batches.order_by("-number").first()
        number = batch.number if batch else 0
        self.attempt(append.close_batch, job=self.job, number=number, user=self.boss)

    @rule(person=PEOPLE, stage=STAGES, held=st.sampled_from([None, "keep", "release"]))
    def leave_or_join(self, person: int, stage: str, held: str | None) -> None:
        if stage not in self.job.stages:
            return
        user = self.people[person]
        new = {
            role: {"users": [one.pk for one in row.users]}
            for role, row in members.job_members(self.job).items()
        }
        here = new[stage]["users"]
        new[stage] = {"users": [pk for pk in here if pk != user.pk]}
        if user.pk not in here:
            new[stage]["users"].append(user.pk)
        self.attempt(members.set_members, job=self.job, user=self.boss, members=new, held=held)

    # --- time --------------------------------------------------------------------------------------------------------

    @rule(person=PEOPLE)
    def expire(self, person: int) -> None:
        """What this person holds has been left alone for a day."""
        self.changes += 1
        Assignment.objects.filter(holder=self.people[person], state="claimed", lot=None).update(
            last_input_at=timezone.now() - timedelta(hours=25)
        )
        release.expire_assignments()

    @rule(overdue=st.booleans())
    def days_pass(self, overdue: bool) -> None:
        """Reservations end, or returned work becomes due before anything new."""
        self.changes += 1
        rows = Assignment.objects.filter(job=self.job, state="waiting")
        past = timezone.now() - timedelta(days=20)
        if overdue:
            rows.filter(is_return=True).update(created_at=past)
        else:
            rows.filter(reserved_until__isnull=False).update(reserved_until=past)

    @rule()
    def minutes_pass(self) -> None:
        """What ended the last stage cannot be withdrawn any more."""
        self.changes += 1
        Assignment.objects.filter(job=self.job, state="submitted").update(
            submitted_at=F("submitted_at") - timedelta(minutes=11)
        )

    @rule()
    def review(self) -> None:
        self.changes += 1
        block_unclaimable()

    @rule()
    def settle_figures(self) -> None:
        self.changes += 1
        settle_figures(self.job)

    # --- what must hold ----------------------------------------------------------------------------------------------

    @invariant()
    def promises(self) -> None:
        if self.changes == self.looked or not self.changes:
            return
        self.held_up = False
        assert_sound(self.job, same_ratios=not self.watch.ratio_changed)
        self.watch.assert_kept()
        if self.changes // FIGURES_EVERY != self.looked // FIGURES_EVERY:
            assert_figures(self.job)
        self.looked = self.changes
        self.held_up = True
