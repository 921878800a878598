"""Spans are checked against the item's own text, and what hidden questions were answered is not handed over."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User, Workspace
from itag.core.errors import Conflict, Invalid
from itag.core.fields import dump
from jobs.models import Assignment, Job, PackageItem
from jobs.services.correct import correct_item
from jobs.services.submit import reject_package
from jobs.services.votes import check_votes
from templates_app.models import LabelTemplate
from tests.factories import loads, make_dataset, make_job
from tests.jobs.flow import claim, pass_rest, save, submit

pytestmark = pytest.mark.django_db

TEXT = "Ada met 🦊 Bob"
QUESTIONS: list[dict[str, Any]] = [
    {
        "questionId": "1", "type": "SLOT", "markTitle": "Names", "view": "source",
        "children": [{"questionId": "1.1", "type": "RADIO", "markTitle": "Kind", "mustFill": True}],
    },
    {"questionId": "2", "type": "RADIO", "markTitle": "Sort", "mustFill": True},
    {
        "questionId": "3", "type": "INPUT", "markTitle": "Why", "mustFill": True, "rule": "[a-z]+",
        "showIf": {"questionId": "2", "is": ["k2"]},
    },
]  # fmt: skip
COLORS = [{"key": key, "label": key, "color": "#123456", "shortcut": ""} for key in ("k1", "k2")]


@pytest.fixture
def job(workspace: Workspace, labeler: User, checker: User) -> Job:
    template = LabelTemplate.objects.create(
        key="mix",
        name="Mix",
        category="text",
        views=[{"type": "Text", "bindField": "source"}],
        questions=QUESTIONS,
    )
    return make_job(
        dataset=make_dataset([{"source": TEXT}], workspace=workspace),
        template=template,
        selected_questions=[],
        options={"1.1": COLORS, "2": COLORS},
        workflow="labeling,check",
        labelers=[labeler],
        checkers=[checker],
    )


@pytest.fixture
def held(job: Job, labeler: User) -> Assignment:
    return claim(job, labeler)


def span(start: int, end: int, text: str, key: str = "a") -> dict[str, Any]:
    value = {
        "id": key, "type": "text/span", "start": start, "end": end, "text": text, "labels": {"1.1": "k1"},
    }  # fmt: skip
    return {"questionId": "1", "id": key, "value": value}


def answer(question: str, data: str) -> dict[str, Any]:
    value = {"questionId": question, "type": "survey/value", "data": data}
    return {"questionId": question, "id": None, "value": value}


def stored(assignment: Assignment) -> Any:
    return loads(assignment.annotations.get().results)


def test_a_span_holds_what_stands_in_the_text(
    held: Assignment, django_assert_num_queries: Any
) -> None:
    save(held, 1, ops=[span(8, 8, "🦊")])
    with CaptureQueriesContext(connection) as other:
        save(held, 1, ops=[answer("2", "k1")])
    with django_assert_num_queries(len(other) + 1):
        save(held, 1, ops=[span(8, 8, "🦊")])
    with pytest.raises(Invalid) as caught:
        save(held, 1, ops=[span(8, 8, "x")])
    assert caught.value.errors[0]["field"] == "results[0].data[a].text"
    assert [element["questionId"] for element in stored(held)] == ["1", "2"]


def test_hidden_answers_stay_in_the_draft_and_are_not_submitted(
    job: Job, held: Assignment, checker: User
) -> None:
    save(held, 1, ops=[answer("2", "k2"), answer("3", "123")])
    with pytest.raises(Conflict) as caught:
        submit(held)
    assert "Why" in caught.value.errors[0]["message"]
    save(held, 1, ops=[answer("2", "k1")])
    assert [element["questionId"] for element in stored(held)] == ["2", "3"]
    submit(held)
    assert [element["questionId"] for element in stored(held)] == ["2"]
    version = held.annotations.get().versions.order_by("-id")[0]
    assert [element["questionId"] for element in loads(version.results)] == ["2"]
    check = claim(job, checker, "check")
    pass_rest(check)
    submit(check)


def test_what_waits_beside_a_large_answer_does_not_bring_them_back(
    workspace: Workspace, labeler: User, checker: User
) -> None:
    more: dict[str, Any] = {"questionId": "1.2", "type": "INPUT", "markTitle": "Why"}
    more["showIf"] = {"questionId": "1.1", "is": ["k2"]}
    questions = [{**QUESTIONS[0], "children": [*QUESTIONS[0]["children"], more]}]
    template = LabelTemplate.objects.create(
        key="why",
        name="Why",
        category="text",
        views=[{"type": "Text", "bindField": "source"}],
        questions=questions,
    )
    job = make_job(
        dataset=make_dataset([{"source": TEXT}], workspace=workspace),
        template=template,
        selected_questions=[],
        options={"1.1": COLORS},
        workflow="labeling,check",
        labelers=[labeler],
        checkers=[checker],
    )
    held = claim(job, labeler)
    save(held, 1, ops=[span(0, 2, "Ada")])
    submit(held)
    check = claim(job, checker, "check")
    op = span(0, 2, "Ada")
    op["value"]["labels"]["1.2"] = "hidden"
    save(check, 1, ops=[op])
    check.annotations.update(tail=dump([op]))
    reject_package(assignment_id=check.pk, user=checker, feedback="All anew")
    (element,) = stored(check)
    assert list(element["data"][0]["labels"]) == ["1.1"]


def test_a_correction_drops_them_too(job: Job, held: Assignment) -> None:
    save(held, 1, ops=[answer("2", "k2"), answer("3", "abc")])
    submit(held)
    item = PackageItem.objects.select_related("package").get()
    row = correct_item(
        package=item.package,
        position=1,
        user=job.created_by,
        ops=[answer("2", "k1"), span(0, 2, "Ada")],
        reason="wrong",
    )
    assert [element["questionId"] for element in loads(row.results)] == ["1", "2"]
    with pytest.raises(Invalid):
        correct_item(
            package=item.package,
            position=1,
            user=job.created_by,
            ops=[span(0, 2, "Bob")],
            reason="wrong",
        )


def test_fewer_may_not_say_what_shows_a_question() -> None:
    questions = {question["questionId"]: question for question in QUESTIONS}
    both = {"VoteNum": 3, "MinVote": 2}
    assert check_votes({"2": both, "3": both}, questions)
    assert check_votes({"2": both}, questions)
    with pytest.raises(Invalid) as caught:
        check_votes({"3": both}, questions)
    assert caught.value.errors[0]["field"] == "votes.3.VoteNum"
