"""Several people do anything in any order; whatever they do, the engine's promises hold."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from accounts.grants import grant
from accounts.models import User
from itag.core.errors import ItagError
from jobs.models import Assignment, Package
from jobs.services import answers, inspect, release, submit
from jobs.services.claim import claim_next, claim_package
from tests.factories import WorkspaceFactory, choice_op, make_job, member
from tests.jobs.history import assert_sound

PEOPLE = st.integers(0, 3)
POSITIONS = st.integers(1, 3)
STAGES = st.sampled_from(["labeling", "check", "acceptance"])
KEYS = st.sampled_from(["k1", "k2"])
BACK_TO = st.sampled_from([None, "labeling", "check"])


class Engine(RuleBasedStateMachine):
    """Four people who may do everything, three packages of at most three items."""

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        workspace = WorkspaceFactory()
        self.people: list[User] = [member(workspace) for _ in range(4)]
        self.job = make_job(
            items=8,
            size=3,
            workspace=workspace,
            labelers=self.people,
            checkers=self.people,
            accepters=self.people,
            managers=self.people[:1],
            check_ratio=60,
            acceptance_ratio=35,
        )
        for codename in ("label_job", "check_job", "accept_job"):
            grant(codename, self.job, users=self.people)
        self.changed = True

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.savepoint.__exit__(None, None, None)

    def attempt(self, service: Any, **fields: Any) -> Any:
        """A refusal is an answer like any other; it must leave nothing behind."""
        self.changed = True
        try:
            with transaction.atomic():
                return service(**fields)
        except ItagError:
            return None

    def held(self, person: int) -> Assignment | None:
        rows = Assignment.objects.filter(holder=self.people[person], state="claimed")
        return rows.order_by("-claimed_at").first()

    def on_held(self, person: int, service: Any, **fields: Any) -> None:
        if assignment := self.held(person):
            self.attempt(service, assignment_id=assignment.pk, user=self.people[person], **fields)

    @rule(person=PEOPLE, stage=STAGES)
    def claim(self, person: int, stage: str) -> None:
        self.attempt(claim_package, job=self.job, user=self.people[person], stage=stage)

    @rule(person=PEOPLE)
    def claim_anywhere(self, person: int) -> None:
        self.attempt(claim_next, user=self.people[person])

    @rule(person=PEOPLE, position=POSITIONS, key=KEYS)
    def save(self, person: int, position: int, key: str) -> None:
        assignment = self.held(person)
        if assignment is None:
            return
        own = assignment.annotations.filter(package_item__position=position).first()
        self.on_held(
            person,
            answers.save_item,
            position=position,
            write=uuid4(),
            ops=[choice_op(key)],
            version=own.version if own else 0,
        )

    @rule(person=PEOPLE, key=KEYS, rejected=st.sets(POSITIONS, max_size=1), back_to=BACK_TO)
    def work_through(self, person: int, key: str, rejected: set[int], back_to: str | None) -> None:
        """Take a package if none is held, answer or judge everything and submit: else few would ever come far."""
        if self.held(person) is None:
            self.claim_anywhere(person)
        assignment = self.held(person)
        if assignment is None:
            return
        if assignment.stage == "labeling":
            for position in (1, 2, 3):
                self.save(person, position, key)
        else:
            for position in rejected:
                self.reject_item(person, position)
            self.on_held(person, inspect.pass_rest)
        self.on_held(person, submit.submit_assignment, return_to=back_to)

    work_through_again = work_through
    work_through_once_more = work_through

    @rule(person=PEOPLE, position=POSITIONS)
    def abandon(self, person: int, position: int) -> None:
        self.on_held(
            person, answers.abandon_item, position=position, write=uuid4(), reason="Invalid"
        )

    @rule(person=PEOPLE, position=POSITIONS)
    def restore(self, person: int, position: int) -> None:
        self.on_held(person, answers.restore_item, position=position, write=uuid4())

    @rule(person=PEOPLE, position=POSITIONS)
    def unlock(self, person: int, position: int) -> None:
        self.on_held(person, answers.unlock_item, position=position)

    @rule(person=PEOPLE, position=POSITIONS)
    def pass_item(self, person: int, position: int) -> None:
        self.on_held(person, inspect.pass_item, position=position, write=uuid4())

    @rule(person=PEOPLE, position=POSITIONS)
    def reject_item(self, person: int, position: int) -> None:
        self.on_held(person, inspect.reject_item, position=position, write=uuid4(), feedback="no")

    @rule(person=PEOPLE, back_to=BACK_TO)
    def submit(self, person: int, back_to: str | None) -> None:
        self.on_held(person, submit.submit_assignment, return_to=back_to)

    @rule(person=PEOPLE, back_to=BACK_TO)
    def reject_package(self, person: int, back_to: str | None) -> None:
        self.on_held(person, submit.reject_package, feedback="no", return_to=back_to)

    @rule(person=PEOPLE)
    def release(self, person: int) -> None:
        self.on_held(person, release.release_assignment, reason="no_time")

    @rule(number=st.integers(1, 3))
    def manager_release(self, number: int) -> None:
        package = Package.objects.get(job=self.job, number=number)
        self.attempt(release.manager_release, package=package, user=self.people[0], reason="x")

    @rule(person=PEOPLE)
    def expire(self, person: int) -> None:
        """What this person holds has been left alone for a day."""
        self.changed = True
        Assignment.objects.filter(holder=self.people[person], state="claimed").update(
            last_input_at=timezone.now() - timedelta(hours=25)
        )
        release.expire_assignments()

    @rule(person=PEOPLE, position=POSITIONS, key=KEYS)
    def save_late(self, person: int, position: int, key: str) -> None:
        ended = Assignment.objects.filter(
            holder=self.people[person], state__in=("released", "expired")
        ).first()
        if ended:
            self.attempt(
                answers.save_item,
                assignment_id=ended.pk,
                position=position,
                user=self.people[person],
                write=uuid4(),
                ops=[choice_op(key)],
                version=0,
            )

    @invariant()
    def sound(self) -> None:
        if self.changed:
            assert_sound(self.job)
            self.changed = False


@pytest.mark.django_db
def test_the_promises_hold_whatever_people_do() -> None:
    run_state_machine_as_test(
        Engine,
        settings=settings(
            max_examples=12,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
