"""One labeling page for templates of any parts: several views and many questions, by mouse and by keys alone."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import expect

from datasets.models import Item
from templates_app.models import LabelTemplate
from templates_app.services import check_template
from tests.conftest import wait_for
from tests.e2e.label import (
    claim,
    draw_picture,
    open_item,
    results_of,
    saves,
    violations,
    wait_painted,
    wait_saved,
)
from tests.factories import make_dataset, make_job

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ANSWERS = [
    {
        "prompt": "How do I **boil** an egg?",
        "a": "# Eggs\n\n1. Boil water.\n2. Wait *seven* minutes.\n\n| Size | Minutes |\n|-|-|\n| M | 6 |\n| L | 7 |",
        "b": "Put it in hot water.\n\n```\nsleep 420\n```\n\nSee <https://example.com/eggs>.",
    },
    {"prompt": "And **two** eggs?", "a": "The same.", "b": "Twice as long."},
]


def option(key: str, label: str = "") -> dict[str, str]:
    return {"key": key, "label": label or key, "color": "#1f5fbf", "shortcut": ""}


PREFERENCE: dict[str, Any] = {
    "views": [
        {"type": "Markdown", "bindField": "prompt", "title": "Question"},
        {"type": "Markdown", "bindField": "a", "title": "Answer A"},
        {"type": "Markdown", "bindField": "b", "title": "Answer B"},
    ],
    "layout": [
        {"height": 3, "cells": [{"width": 12, "blocks": [{"view": "prompt"}]}]},
        {
            "height": 8,
            "cells": [
                {"width": 6, "blocks": [{"view": "a"}]},
                {"width": 6, "blocks": [{"view": "b"}, {"question": "5"}]},
            ],
        },
    ],
    "questions": [
        {
            "questionId": "1",
            "type": "RANKING",
            "markTitle": "Order",
            "mustFill": True,
            "options": [option("a", "Answer A"), option("b", "Answer B")],
            "contents": {"a": "a", "b": "b"},
        },
        {
            "questionId": "2",
            "type": "RATING",
            "markTitle": "Quality",
            "help": "Of the better one.",
            "mustFill": True,
            "lowLabel": "poor",
            "highLabel": "perfect",
        },
        {
            "questionId": "3",
            "type": "RADIO",
            "markTitle": "Harmful",
            "options": [option("no"), option("yes")],
            "default": "no",
        },
        {
            "questionId": "4",
            "type": "INPUT",
            "markTitle": "Paragraph",
            "mustFill": True,
            "showIf": {"questionId": "3", "is": ["yes"]},
            "rule": r"§\d+",
            "ruleHint": "§ and a number",
            "preOptions": ["§1", "§2"],
        },
        {"questionId": "5", "type": "TEXT_EDIT", "markTitle": "Better B", "view": "b"},
        {"questionId": "6", "type": "OPEN_ENDED", "markTitle": "Reason", "least": 5},
    ],
}


def template_of(workspace: Any, parts: dict[str, Any]) -> LabelTemplate:
    check_template(**parts)
    return LabelTemplate.objects.create(workspace=workspace, name="Mine", **parts)


def answers_of(assignment: Any, position: int = 1) -> dict[str, Any]:
    return {one["questionId"]: one["data"] for one in results_of(assignment, position)}


def test_two_answers_are_ranked_rated_and_explained(sign_in, workspace, labeler):
    dataset = make_dataset(ANSWERS, workspace=workspace)
    template = template_of(workspace, PREFERENCE)
    job = make_job(
        dataset=dataset,
        template=template,
        selected_questions=[],
        options={},
        size=2,
        labelers=[labeler],
    )
    assignment = claim(job, labeler)
    page = sign_in(labeler)
    with saves(page):
        open_item(page, assignment)
    # What questions begin with is answered by opening the item, as one step.
    assert answers_of(assignment) == {"3": "no", "5": ANSWERS[0]["b"]}
    expect(page.locator("[data-view=a] table td").first).to_have_text("M")
    link = page.locator("[data-view=b] a")
    expect(link).to_have_attribute("rel", "noopener noreferrer nofollow")
    expect(page.locator("[data-topic='4']")).to_have_count(0)
    assert violations(page) == []

    # By mouse: drag B above A, three stars, and the question that hangs on another one.
    order = page.locator("[data-topic='1'] [data-option]")
    with saves(page):
        page.locator(".rank-row:has([data-option=b])").drag_to(
            page.locator(".rank-row:has([data-option=a])"), target_position={"x": 40, "y": 3}
        )
    expect(order.first).to_have_attribute("data-option", "b")
    expect(page.locator("[data-view=b] .stage-rank .option-rank")).to_have_text("1")
    page.locator("[data-topic='2'] [data-value='3']").click()
    page.locator("[data-topic='3'] [data-option=yes]").click()
    typed = page.locator("[data-topic='4'] textarea")
    typed.fill("7")
    expect(page.locator("[data-topic='4'] [role=status]")).to_contain_text("§ and a number")
    page.locator("[data-topic='4'] [data-preset='1']").click()
    expect(typed).to_have_value("§2")
    expect(page.locator("[data-topic='4'] [role=status]")).to_have_count(0)
    with saves(page):
        page.locator("[data-topic='5'] textarea").fill("Put it in very hot water.")
    expect(page.locator("[data-topic='5'] ins").first).to_be_visible()
    wait_for(lambda: answers_of(assignment).get("5") == "Put it in very hot water.")
    assert answers_of(assignment) == {
        "1": ["b", "a"],
        "2": "3",
        "3": "yes",
        "4": "§2",
        "5": "Put it in very hot water.",
    }

    # By keys alone, on the next item: digits in the order in which the questions stand.
    page.locator("[data-view=a] [data-surface]").focus()
    page.keyboard.press("d")
    wait_painted(page, 2)
    wait_for(lambda: answers_of(assignment, 2).get("3") == "no")
    keys = page.locator("[data-topic='1'] .kbd").all_inner_texts()
    page.keyboard.press(keys[0])
    expect(page.locator("[data-topic='1'] .rank-place").first).to_have_text("1")
    # The rating has its digits with Shift, since the order has some of them.
    page.keyboard.press("Shift+4")
    page.keyboard.press(page.locator("[data-topic='3'] .kbd").all_inner_texts()[1])
    expect(page.locator("[data-topic='4']")).to_be_visible()
    page.keyboard.press("Alt+1")
    wait_for(lambda: answers_of(assignment, 2).get("4") == "§1")
    said = answers_of(assignment, 2)
    assert (said["1"], said["2"], said["3"]) == (["a", "b"], "4", "yes")
    # Undone step by step; a change of the condition takes the question away and leaves its draft.
    page.keyboard.press("z")
    page.keyboard.press("z")
    expect(page.locator("[data-topic='4']")).to_have_count(0)
    wait_for(lambda: answers_of(assignment, 2).get("3") == "no")
    # F6 goes from view to view, into the cell's question and on to the side.
    for place in ("prompt", "a", "b"):
        page.locator(f"[data-view={place}] [data-surface]").focus()
    page.keyboard.press("F6")
    expect(page.locator("[data-topic='5'] textarea")).to_be_focused()
    page.keyboard.press("F6")
    assert page.evaluate("document.activeElement.closest('.wb-side') !== null")
    page.keyboard.press("Shift+F6")
    expect(page.locator("[data-topic='5'] textarea")).to_be_focused()
    wait_saved(page)


MIXED: dict[str, Any] = {
    "views": [
        {"type": "Image", "bindField": "source"},
        {"type": "Text", "bindField": "text", "title": "Caption"},
        {"type": "Image", "bindField": "second"},
        {"type": "Link", "bindField": "page"},
    ],
    "layout": [
        {
            "cells": [
                {"width": 5, "blocks": [{"view": "source"}]},
                {"width": 4, "blocks": [{"view": "second"}]},
                {"width": 3, "blocks": [{"view": "text"}, {"question": "3"}]},
            ]
        },
        {"height": 2, "cells": [{"width": 12, "blocks": [{"view": "page"}]}]},
    ],
    "questions": [
        {
            "questionId": number,
            "type": "PICTURE",
            "markTitle": title,
            "view": view,
            "shapes": ["rectangle"],
            "children": [
                {
                    "questionId": f"{number}.1",
                    "type": "RADIO",
                    "markTitle": "Label",
                    "options": [option("car"), option("bus")],
                    "default": "bus",
                }
            ],
        }
        for number, title, view in (("1", "First", "source"), ("2", "Second", "second"))
    ]
    + [
        {
            "questionId": "3",
            "type": "RADIO",
            "markTitle": "Fits",
            "options": [option("yes"), option("no")],
        }
    ],
}


def test_views_side_by_side_have_keys_of_their_own(sign_in, workspace, labeler):
    rows = [
        {
            "source": "1.jpg",
            "second": "2.jpg",
            "text": "A road.\n" * 80,
            "page": "https://example.com/1",
        }
    ]
    dataset = make_dataset(rows, kind="image", workspace=workspace)
    assert dataset.storage is not None
    for number in (1, 2):
        draw_picture(Path(settings.FILES_ROOT) / dataset.storage.root / f"{number}.jpg", number)
    item = Item.objects.get(dataset=dataset)
    item.media = {**item.media, "second": {**item.media["source"], "path": "2.jpg"}}
    item.save(update_fields=["media"])
    template = template_of(workspace, MIXED)
    job = make_job(
        dataset=dataset,
        template=template,
        selected_questions=[],
        options={},
        size=1,
        labelers=[labeler],
    )
    assignment = claim(job, labeler)
    page = sign_in(labeler)
    open_item(page, assignment)
    first, second = (page.locator(f"[data-view={name}]") for name in ("source", "second"))
    for view in (first, second):
        expect(view.locator(".canvas-host")).to_have_attribute("data-painted", "1")

    # The pointer over a picture gives it the keys: each draws the regions of its own question.
    for view, number in ((first, "1"), (second, "2")):
        box = view.locator(".canvas-host").bounding_box()
        assert box is not None
        middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.mouse.move(*middle)
        expect(view).to_have_attribute("data-in-use", "true")
        with saves(page):
            page.mouse.down()
            page.mouse.move(middle[0] + 30, middle[1] + 20)
            page.mouse.move(middle[0] + 60, middle[1] + 40)
            page.mouse.up()
        wait_for(lambda number=number: len(answers_of(assignment).get(number, [])) == 1)
    assert answers_of(assignment)["2"][0]["labels"] == {"2.1": "bus"}

    # By keys alone: F6 to the first picture, a box by keys, its label; the text scrolls by the same arrows.
    page.mouse.move(2, 2)
    first.locator("[data-surface]").focus()
    expect(first).to_have_attribute("data-in-use", "true")
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    page.keyboard.press("Space")
    for _ in range(4):
        page.keyboard.press("Shift+ArrowRight")
        page.keyboard.press("Shift+ArrowDown")
    with saves(page):
        page.keyboard.press("Space")
    wait_for(lambda: len(answers_of(assignment)["1"]) == 2)
    keys = page.locator("[data-topic='1'] .option:has-text('car') .kbd").inner_text()
    with saves(page):
        page.keyboard.press(keys)
    wait_for(lambda: answers_of(assignment)["1"][1]["labels"] == {"1.1": "car"})
    text = page.locator("[data-view=text] [data-surface]")
    page.keyboard.press("F6")
    page.keyboard.press("F6")
    expect(text).to_be_focused()
    page.keyboard.press("ArrowDown")
    wait_for(lambda: text.evaluate("host => host.scrollTop") > 0)
    # What is chosen on the picture has not moved.
    assert len(answers_of(assignment)["1"]) == 2
    page.keyboard.press(page.locator("[data-topic='3'] .kbd").all_inner_texts()[0])
    wait_for(lambda: answers_of(assignment).get("3") == "yes")

    # A border is moved by keys and put back.
    border = page.locator(".stage-border[data-kind=cell]").first
    wide = first.bounding_box()
    border.focus()
    for _ in range(5):
        page.keyboard.press("ArrowLeft")
    wait_for(lambda: first.bounding_box()["width"] < wide["width"] - 20)
    page.keyboard.press("Enter")
    wait_for(lambda: abs(first.bounding_box()["width"] - wide["width"]) < 2)
    assert violations(page) == []
    # Regions of both are listed, each where its question stands.
    expect(page.locator("[data-regions='1'] [data-region]")).to_have_count(2)
    expect(page.locator("[data-regions='2'] [data-region]")).to_have_count(1)
