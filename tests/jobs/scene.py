"""The job on which the engine's state machine plays, and how people try something with it."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django.apps import apps
from django.db import connection, transaction
from django.db.models import AutoField

from accounts.models import User
from itag.core.errors import ItagError
from jobs.models import Annotation, Assignment, Job, Lot, Package, SplitRun
from jobs.services import answers, lots, split
from tests.factories import WorkspaceFactory, choice_op, make_job, member
from tests.jobs.promises import Watch


def same_ids() -> None:
    """Let every history begin with the same ids, by which samples are drawn; what a rollback leaves counts on."""
    tables = [
        model._meta.db_table
        for label in ("accounts", "datasets", "jobs")
        for model in apps.get_app_config(label).get_models()
        if isinstance(model._meta.pk, AutoField)
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT setval(pg_get_serial_sequence(t, 'id'), 1000000) FROM unnest(%s::text[]) AS t",
            [tables],
        )


class Scene:
    """Two packages of three items and one of two; five people who work in every stage, the first manages as well.

    `changes` counts what was tried; a refusal in words (ItagError) is an answer and must leave nothing behind.
    """

    changes = 0

    def prepare(
        self, workflow: str, voters: int, ratios: tuple[int, int], limits: dict[str, Any]
    ) -> None:
        same_ids()
        self.workspace = WorkspaceFactory.create()
        self.people: list[User] = [member(self.workspace) for _ in range(5)]
        stages = workflow.split(",")
        self.job: Job = make_job(
            items=8,
            size=3,
            workspace=self.workspace,
            workflow=workflow,
            labelers=self.people,
            checkers=self.people if "check" in stages else [],
            accepters=self.people if "acceptance" in stages else [],
            managers=self.people[:1],
            check_ratio=ratios[0],
            acceptance_ratio=ratios[1],
            votes={"1": {"VoteNum": voters, "MinVote": 2}} if voters > 1 else {},
            limits=limits,
            seed=20_26,
        )
        self.boss = self.people[0]
        self.watch = Watch(self.job)
        self.changes = 1

    def attempt(self, service: Callable[..., Any], **fields: Any) -> Any:
        self.changes += 1
        self.job.refresh_from_db()
        try:
            with transaction.atomic():
                return service(**fields)
        except ItagError:
            return None

    def held(self, person: int, pick: int) -> Assignment | None:
        """Something that is held: of this person if they hold anything, else of somebody else."""
        return self.one_of("claimed", person=person, pick=pick)

    def one_of(self, *states: str, person: int, pick: int = 0) -> Assignment | None:
        rows = Assignment.objects.filter(job=self.job, state__in=states, holder__isnull=False)
        found = list(rows.select_related("holder").order_by("-claimed_at", "-pk"))
        own = [row for row in found if row.holder_id == self.people[person].pk] or found
        return own[pick % len(own)] if own else None

    def on(self, assignment: Assignment | None, service: Callable[..., Any], **fields: Any) -> Any:
        if assignment is None:
            return None
        return self.attempt(service, assignment_id=assignment.pk, user=assignment.holder, **fields)

    def package(self, number: int) -> Package:
        found = list(Package.objects.filter(job=self.job).order_by("number").select_related("job"))
        return found[number % len(found)]

    def manage(self, service: Callable[..., Any], number: int, **fields: Any) -> Any:
        return self.attempt(service, package=self.package(number), user=self.boss, **fields)

    def write(self, assignment: Assignment | None, position: int, key: str) -> None:
        if assignment is None:
            return
        own = Annotation.objects.filter(
            assignment=assignment, package_item__position=position
        ).first()
        late = own and own.versions.filter(cause="late").order_by("-version").first()
        saved = self.on(
            assignment,
            answers.save_item,
            position=position,
            write=uuid4(),
            ops=[choice_op(key)],
            version=late.version if late else own.version if own else 0,
        )
        self.watch.saved(assignment, position, saved)

    def settle(self) -> None:
        self.changes += 1
        for run in SplitRun.objects.filter(batch__job=self.job, state="queued"):
            split.split_batch(run_id=run.pk)
        for lot in Lot.objects.filter(job=self.job, state__in=("drawing", "closing")):
            lots.work_on_lot(lot_id=lot.pk)
