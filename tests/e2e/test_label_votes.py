"""Several people's answers to one item: what voters see, and how whoever checks decides between them."""

from uuid import uuid4

import pytest

from jobs.models import Annotation, PackageItem
from tests.browser import happens
from tests.e2e.label import (
    Canvas,
    claim,
    classification_job,
    detection_job,
    open_item,
    results_of,
    saves,
    violations,
    wait_painted,
    wait_saved,
)
from tests.e2e.test_table import table_job
from tests.factories import member
from tests.jobs.flow import save, submit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def answer(key):
    return [{"questionId": "1", "type": "survey/value", "data": key}]


def box_op(left, top, width, height):
    right, bottom = left + width, top + height
    box = {
        "id": str(uuid4()),
        "type": "image/polygon",
        "shape": "rectangle",
        "value": [[left, top], [right, top], [right, bottom], [left, bottom]],
        "labels": {"1.1": "car"},
    }
    return {"questionId": "1", "id": box["id"], "value": box}


@pytest.fixture
def voters(workspace, labeler, labeler2):
    return [labeler, labeler2, member(workspace, username="lisa")]


def vote(job, person, *keys):
    assignment = claim(job, person)
    for position, key in enumerate(keys, 1):
        save(assignment, position, key)
    submit(assignment)
    return assignment


@pytest.fixture
def job(workspace, voters, checker):
    """Three votes on three items, two of which must agree; all that is disputed goes to the checker."""
    return classification_job(
        voters[0],
        workspace=workspace,
        items=3,
        more_labelers=voters[1:],
        checkers=[checker],
        workflow="labeling,check",
        votes={"1": {"VoteNum": 3, "MinVote": 2}},
    )


def test_disputed_items_are_decided_by_adopting_a_vote(sign_in, job, voters, checker):
    vote(job, voters[0], "car", "car", "car")
    vote(job, voters[1], "car", "bus", "car")
    vote(job, voters[2], "bus", "bike", "car")
    assert [i.disputed for i in PackageItem.objects.order_by("position")] == [False, True, False]
    assignment = claim(job, checker, "check")
    page = sign_in(checker)
    open_item(page, assignment)
    # Agreed: the votes are shown, and it is passed like any other.
    votes = page.locator("[data-vote]")
    assert [card.inner_text().split("\n")[0] for card in votes.all()] == [
        "Voter 1", "Voter 2", "Voter 3",
    ]  # fmt: skip
    assert "adopted" in votes.nth(0).inner_text()
    with saves(page):
        page.keyboard.press("p")
    wait_painted(page, 2)
    page.wait_for_selector("[data-disputed]")
    page.wait_for_selector("[data-position='2'] .strip-disputed")
    assert violations(page) == []
    button = page.get_by_role("button", name="Pass, next")
    assert button.is_disabled()
    assert "adopt one" in button.get_attribute("title")
    page.keyboard.press("p")
    page.locator(".wb-toast").get_by_text("The votes do not agree").wait_for()
    with saves(page):
        page.keyboard.press("Alt+2")
    page.wait_for_selector("[data-option=bus][aria-pressed=true]")
    page.wait_for_selector("[data-vote='2'][data-adopted]")
    assert results_of(assignment, 2) == answer("bus")
    own = Annotation.objects.get(assignment=assignment, package_item__position=2)
    assert own.verdict == "modified"
    # Another one may be adopted instead, also by the mouse.
    with saves(page):
        votes.nth(2).get_by_role("button", name="Adopt").click()
    page.wait_for_selector("[data-option=bike][aria-pressed=true]")
    assert results_of(assignment, 2) == answer("bike")
    page.keyboard.press("p")
    wait_painted(page, 3)
    with saves(page):
        page.keyboard.press("p")
    page.get_by_role("dialog").get_by_role("button", name="Submit").click()
    page.get_by_role("heading", name="Submitted").wait_for()


def test_adopted_while_the_server_cannot_be_reached(sign_in, job, voters, checker):
    vote(job, voters[0], "car", "car", "car")
    vote(job, voters[1], "car", "bus", "car")
    vote(job, voters[2], "car", "bike", "car")
    assignment = claim(job, checker, "check")
    page = sign_in(checker)
    open_item(page, assignment, 2)
    page.route("**/api/**", lambda route: route.abort())
    page.evaluate("() => { window.fetch = () => Promise.reject(new TypeError('cut')); }")
    page.keyboard.press("Alt+3")
    page.wait_for_selector("[data-save=offline]")
    page.reload()
    page.wait_for_selector("[data-option=bike][aria-pressed=true]")
    page.unroute("**/api/**")
    page.get_by_role("button", name="Retry").click()
    wait_saved(page)
    assert results_of(assignment, 2) == answer("bike")


def test_a_voter_sees_no_other_vote(sign_in, job, voters):
    vote(job, voters[0], "car", "car", "car")
    assignment = claim(job, voters[1])
    page = sign_in(voters[1])
    open_item(page, assignment)
    assert page.locator("[data-vote]").count() == 0
    assert page.locator("[aria-pressed=true][data-option]").count() == 0


def outline(page, canvas, left):
    """What is seen of the picture around the left side of the box that begins there."""
    x, y = canvas.at(left, 105)
    return page.screenshot(clip={"x": round(x) - 6, "y": round(y) - 6, "width": 12, "height": 12})


def test_votes_are_laid_over_the_picture(sign_in, workspace, voters, checker):
    job = detection_job(
        voters[0],
        workspace=workspace,
        items=1,
        more_labelers=voters[1:2],
        checkers=[checker],
        workflow="labeling,check",
        votes={"1": {"VoteNum": 2, "MinVote": 2}},
    )
    for person, left in ((voters[0], 40), (voters[1], 300)):
        held = claim(job, person)
        save(held, 1, "", ops=[box_op(left, 60, 120, 90)])
        submit(held)
    assignment = claim(job, checker, "check")
    page = sign_in(checker)
    open_item(page, assignment)
    canvas = Canvas(page)
    page.mouse.move(5, 5)
    bare = {left: outline(page, canvas, left) for left in (40, 300)}
    for voter, left in ((1, 40), (2, 300)):
        page.keyboard.press(f"Shift+{voter}")
        page.wait_for_selector(f"[data-vote='{voter}'] [aria-pressed=true]")
        happens(page, lambda left=left: outline(page, canvas, left) != bare[left])
    assert violations(page) == []
    with saves(page):
        page.keyboard.press("Alt+2")
    page.get_by_text("1 region").wait_for()
    (element,) = results_of(assignment)
    assert len(element["data"]) == 1


def test_tables_are_compared_cell_by_cell(sign_in, workspace, voters, checker):
    """Two people read one cell differently: laid over each other that cell says so, and one table is adopted."""
    job = table_job(
        voters[0],
        workspace,
        items=1,
        more=voters[1:2],
        checkers=[checker],
        workflow="labeling,check",
        votes={"1": {"VoteNum": 2, "MinVote": 2}},
    )
    cell = {"row": 0, "rowspan": 1, "colspan": 1, "header": False}
    for person, second in ((voters[0], "7"), (voters[1], "1")):
        held = claim(job, person)
        cells = [
            {**cell, "col": 0, "text": "Sum", "value": None},
            {**cell, "col": 1, "text": second, "value": None},
        ]
        table = {
            "questionId": "1",
            "type": "table",
            "data": {"rows": 1, "cols": 2, "cells": cells},
        }
        save(held, 1, "", ops=[{"questionId": "1", "id": None, "value": table}])
        submit(held)
    assignment = claim(job, checker, "check")
    page = sign_in(checker)
    open_item(page, assignment)
    page.wait_for_selector("[data-disputed]")
    page.keyboard.press("Alt+1")
    page.wait_for_selector("[data-vote='1'][data-adopted]")
    assert page.locator("[data-cell='0:1']").inner_text() == "7"
    page.keyboard.press("Shift+2")
    page.wait_for_selector("[data-cell='0:1'][data-differs]")
    assert page.locator("[data-differs]").count() == 1
    assert violations(page) == []
    with saves(page):
        page.keyboard.press("Alt+2")
    (element,) = results_of(assignment)
    assert [one["text"] for one in element["data"]["cells"]] == ["Sum", "1"]
