"""What an inspector is told of earlier rounds, and the job's own lists of what can be wrong."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from accounts.models import User, Workspace
from itag.core.errors import Invalid
from jobs.models import Assignment, Job
from jobs.selectors.work import assignment_payload, items_payload
from jobs.services.inspect import reject_item
from jobs.services.jobs import change_job
from tests.factories import choice, make_job
from tests.jobs.flow import claim, label, pass_item, save, submit
from tests.jobs.flow import reject_item as reject

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(workspace: Workspace, labeler: User, checker: User, accepter: User) -> Job:
    return make_job(
        items=3,
        size=3,
        workspace=workspace,
        labelers=[labeler],
        checkers=[checker],
        accepters=[accepter],
    )


def since(assignment: Assignment) -> list[Any]:
    assert assignment.holder is not None
    shown = items_payload(assignment, assignment.holder, first=1, limit=9)
    return [
        one["since"] and (one["since"]["results"].load(), one["since"]["round"]) for one in shown
    ]


def test_an_inspector_sees_what_was_judged_in_the_last_round(
    job: Job, labeler: User, checker: User, accepter: User
) -> None:
    label(job, labeler)
    check = claim(job, checker, "check")
    assert since(check) == [None] * 3
    reject(check, 1)
    save(check, 2, "k2")
    pass_item(check, 3)
    submit(check)
    rework = claim(job, labeler)
    assert since(rework) == [None] * 3
    save(rework, 1, "k2")
    submit(rework)
    again = claim(job, checker, "check")
    before = [loads(one) for one in ("k1", "k2", "k1")]
    assert since(again) == [(one, 1) for one in before]
    for position in (1, 2, 3):
        pass_item(again, position)
    submit(again)
    # Acceptance has judged nothing yet: it sees what the check did in an earlier round.
    assert since(claim(job, accepter, "acceptance")) == [(one, 1) for one in before]


def loads(key: str) -> list[dict[str, Any]]:
    return [choice(key)]


def test_own_lists_are_given_to_inspectors_and_hold(
    job: Job, labeler: User, checker: User, admin_user: User
) -> None:
    label(job, labeler)
    check = claim(job, checker, "check")
    usual = assignment_payload(check, checker)["feedback_lists"]
    assert usual["error_types"][0] == "wrong_label"
    lists = {"error_types": [" Torn ", "", "Torn", "Upside down"], "severities": []}
    change_job(job=job, user=admin_user, changes={"feedback_lists": lists})
    check.refresh_from_db()
    assert assignment_payload(check, checker)["feedback_lists"] == {
        "error_types": ["Torn", "Upside down"],
        "severities": usual["severities"],
    }

    def refuse(**words: str) -> None:
        reject_item(
            assignment_id=check.pk, position=1, user=checker, write=uuid4(), feedback="no", **words
        )

    with pytest.raises(Invalid) as caught:
        refuse(error_type="wrong_label")
    assert caught.value.errors[0]["field"] == "error_type"
    refuse(error_type="Torn", severity="major")


@pytest.mark.parametrize(
    ("lists", "field"),
    [
        ([], "feedback_lists"),
        ({"kinds": ["a"]}, "feedback_lists.kinds"),
        ({"error_types": "a"}, "feedback_lists.error_types"),
        ({"error_types": [1]}, "feedback_lists.error_types"),
        ({"error_types": ["a" * 65]}, "feedback_lists.error_types"),
        ({"error_types": ["a\x00b"]}, "feedback_lists.error_types"),
        ({"severities": ["a" * 17]}, "feedback_lists.severities"),
        ({"error_types": [f"{n}" for n in range(51)]}, "feedback_lists.error_types"),
    ],
)
def test_what_is_wrong_with_a_list_is_named(
    api: Callable[..., APIClient], job: Job, admin_user: User, lists: Any, field: str
) -> None:
    got = api(admin_user).patch(f"/api/v1/jobs/{job.pk}", {"feedback_lists": lists}, format="json")
    assert got.status_code == 400
    assert got.json()["errors"][0]["field"] == field
