"""Exports after real work: through the services of claiming, answering, inspecting and submitting."""

import json
import uuid
from typing import Any

import pytest

from accounts.models import User, Workspace
from exports import services as exports
from jobs.models import Job, PackageItem
from jobs.services.answers import abandon_item, save_item
from jobs.services.claim import claim_package
from jobs.services.inspect import pass_item, pass_rest, reject_item
from jobs.services.submit import submit_assignment
from tests.factories import choice_op, make_dataset, make_job

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(workspace: Workspace, labeler: User, checker: User, accepter: User) -> Job:
    return make_job(
        dataset=make_dataset(4, workspace=workspace),
        size=4,
        labelers=[labeler],
        checkers=[checker],
        accepters=[accepter],
    )


def claim(job: Job, user: User, stage: str) -> int:
    claimed = claim_package(job=job, user=user, stage=stage)
    assert claimed.assignment is not None, claimed.reason
    return claimed.assignment.pk


def save(assignment: int, position: int, user: User, key: str, version: int = 0) -> None:
    save_item(
        assignment_id=assignment,
        position=position,
        user=user,
        write=uuid.uuid4(),
        ops=[choice_op(key)],
        version=version,
    )


def act(function: Any, assignment: int, position: int, user: User, **more: Any) -> None:
    function(assignment_id=assignment, position=position, user=user, write=uuid.uuid4(), **more)


def exported(job: Job) -> list[dict[str, str]]:
    """Per item: suffix of the key → label, or the reason to abandon."""
    export = exports.request_export(job=job, user=job.created_by)
    exports.build_export(export_id=export.pk)
    export.refresh_from_db()
    found = []
    for line in exports.locate(export).read_bytes().splitlines():
        row = json.loads(line)
        found.append(
            {
                key.removeprefix(f"label-{job.task_id}"): (
                    value["abandonRemark"]
                    if value.get("abandonFlag")
                    else value["results"][0]["data"]
                )
                for key, value in row.items()
                if key != "data"
            }
        )
    return found


def in_force(job: Job) -> list[str | None]:
    """What the engine holds in force, as the export words it."""
    labels = {option["key"]: option["label"] for option in job.options["1"]}
    found: list[str | None] = []
    for item in PackageItem.objects.filter(job=job).order_by("ordinal"):
        current = item.current_annotation
        if current is None:
            found.append(None)
        elif current.abandoned:
            found.append(current.reason)
        else:
            found.append(labels[current.results.load()[0]["data"]])
    return found


def last_keys(rows: list[dict[str, str]]) -> list[str | None]:
    return [row.get("-verify") or row.get("-check") or row.get("") for row in rows]


def test_the_whole_road(job: Job, labeler: User, checker: User, accepter: User) -> None:
    def look(expected: list[dict[str, str]]) -> None:
        rows = exported(job)
        assert rows == expected
        assert last_keys(rows) == in_force(job)

    look([{}, {}, {}, {}])
    first = claim(job, labeler, "labeling")
    for position in (1, 2, 3):
        save(first, position, labeler, "k1")
    act(abandon_item, first, 4, labeler, reason="Unclear")
    look([{}, {}, {}, {}])
    submit_assignment(assignment_id=first, user=labeler)
    look([{"": "cat"}, {"": "cat"}, {"": "cat"}, {"": "Unclear"}])

    check = claim(job, checker, "check")
    act(pass_item, check, 1, checker)
    save(check, 2, checker, "k2")
    act(reject_item, check, 3, checker, feedback="a dog")
    act(pass_item, check, 4, checker)
    submit_assignment(assignment_id=check, user=checker)
    look(
        [
            {"": "cat", "-check": "cat"},
            {"": "cat", "-check": "dog"},
            {"": "cat", "-check": "cat"},
            {"": "Unclear", "-check": "Unclear"},
        ]
    )

    rework = claim(job, labeler, "labeling")
    save(rework, 3, labeler, "k2")
    submit_assignment(assignment_id=rework, user=labeler)
    look(
        [
            {"": "cat", "-check": "cat"},
            {"": "cat", "-check": "dog"},
            {"": "dog"},
            {"": "Unclear", "-check": "Unclear"},
        ]
    )

    again = claim(job, checker, "check")
    pass_rest(assignment_id=again, user=checker)
    submit_assignment(assignment_id=again, user=checker)
    acceptance = claim(job, accepter, "acceptance")
    save(acceptance, 1, accepter, "k2")
    pass_rest(assignment_id=acceptance, user=accepter)
    submit_assignment(assignment_id=acceptance, user=accepter)
    job.refresh_from_db()
    assert job.state == "finished"
    look(
        [
            {"": "cat", "-check": "cat", "-verify": "dog"},
            {"": "cat", "-check": "dog", "-verify": "dog"},
            {"": "dog", "-check": "dog", "-verify": "dog"},
            {"": "Unclear", "-check": "Unclear", "-verify": "Unclear"},
        ]
    )
