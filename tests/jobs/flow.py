"""Short words for what people do with packages, for the engine's tests."""

from typing import Any
from uuid import uuid4

from django.test import Client
from django.utils import timezone

from accounts.models import User, Workspace
from jobs.models import Assignment, Job, PackageItem
from jobs.services import answers, inspect
from jobs.services.claim import claim_package
from jobs.services.desk import Saved
from jobs.services.submit import Submitted, submit_assignment
from tests.factories import choice_op, loads, make_job


def claim(job: Job, user: User, stage: str = "labeling") -> Assignment:
    """The package that the person gets; fails with the reason where they get none."""
    claimed = claim_package(job=job, user=user, stage=stage)
    assert claimed.assignment is not None, claimed.reason
    return claimed.assignment


def save(assignment: Assignment, position: int, key: str = "k1", **fields: Any) -> Saved:
    """Answer one item with this choice; `version` defaults to the stored one."""
    fields.setdefault("user", assignment.holder)
    fields.setdefault("write", uuid4())
    fields.setdefault("ops", [choice_op(key)] if key else [])
    fields.setdefault("version", version_of(assignment, position))
    return answers.save_item(assignment_id=assignment.pk, position=position, **fields)


def version_of(assignment: Assignment, position: int) -> int:
    own = assignment.annotations.filter(package_item__position=position).first()
    return own.version if own else 0


def abandon(assignment: Assignment, position: int, reason: str = "Invalid") -> Saved:
    return answers.abandon_item(
        assignment_id=assignment.pk, position=position, user=assignment.holder, write=uuid4(), reason=reason
    )  # fmt: skip


def pass_item(assignment: Assignment, position: int) -> Saved:
    return inspect.pass_item(
        assignment_id=assignment.pk, position=position, user=assignment.holder, write=uuid4()
    )


def reject_item(assignment: Assignment, position: int, feedback: str = "wrong") -> Saved:
    return inspect.reject_item(
        assignment_id=assignment.pk, position=position, user=assignment.holder, write=uuid4(), feedback=feedback
    )  # fmt: skip


def pass_rest(assignment: Assignment) -> int:
    return inspect.pass_rest(assignment_id=assignment.pk, user=assignment.holder)


def submit(assignment: Assignment, **fields: Any) -> Submitted:
    return submit_assignment(assignment_id=assignment.pk, user=assignment.holder, **fields)


def label(job: Job, user: User, key: str = "k1") -> Assignment:
    """Claim a package, answer every open item the same and submit it."""
    assignment = claim(job, user)
    for position in open_positions(assignment):
        save(assignment, position, key)
    submit(assignment)
    return assignment


def open_positions(assignment: Assignment) -> list[int]:
    if assignment.round == 1:
        return list(range(1, assignment.package.item_count + 1))
    return sorted(
        assignment.annotations.values_list("package_item__position", flat=True).distinct()
    )


def inspect_all(job: Job, user: User, stage: str, *rejected: int) -> Assignment:
    """Claim a package of the stage, reject these positions, pass the rest and submit it."""
    assignment = claim(job, user, stage)
    for position in rejected:
        reject_item(assignment, position)
    pass_rest(assignment)
    submit(assignment)
    return assignment


def final(job: Job, number: int = 1) -> list[str | None]:
    """The choice in force of every item of the package, `-` where it is abandoned."""
    found: list[str | None] = []
    for item in (
        PackageItem.objects.filter(package__job=job, package__number=number)
        .select_related("current_annotation")
        .order_by("position")
    ):
        current = item.current_annotation
        if current is None:
            found.append(None)
        elif current.abandoned:
            found.append("-")
        else:
            results = loads(current.results)
            found.append(results[0]["data"] if results else "")
    return found


def web(user: User) -> Client:
    """A browser without scripts in which the person is signed in."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def checked_job(
    workspace: Workspace, *, labeler: User, checker: User, manager: User, **more: Any
) -> Job:
    """Seven items in packages of two, labeled and checked."""
    fields: dict[str, Any] = {"items": 7, "size": 2, "workflow": "labeling,check"}
    return make_job(
        workspace=workspace, labelers=[labeler], checkers=[checker], managers=[manager], **fields | more
    )  # fmt: skip


def take(job: Job, user: User, number: int = 1) -> Assignment:
    """Put this very package into the person's hands, past the order in which it would be claimed."""
    row = Assignment.objects.get(job=job, number=number, state="waiting")
    now = timezone.now()
    Assignment.objects.filter(pk=row.pk).update(
        state="claimed", holder=user, claimed_at=now, last_input_at=now
    )
    row.refresh_from_db()
    return row
