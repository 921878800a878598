"""OCR on the labeling page: texts beside the cut picture, reading order, recognition, and the way to a manifest and back."""

import json
from uuid import uuid4

import pytest

from jobs.selectors.template import job_questions, template_key
from jobs.services.answers import save_item
from templates_app.answers import from_manifest, to_manifest
from tests.e2e.label import (
    LINES,
    Canvas,
    claim,
    ocr_job,
    open_item,
    results_of,
    saves,
    violations,
    wait_painted,
)
from tests.e2e.test_regions import rectangle

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def objects(assignment, position=1):
    return [one for element in results_of(assignment, position) for one in element["data"]]


def texts(assignment, position=1):
    return [one["labels"].get("1.3") for one in objects(assignment, position)]


def store(assignment, user, boxes, position=1):
    ops = [{"questionId": "1", "id": one["id"], "value": one} for one in boxes]
    save_item(
        assignment_id=assignment.pk, position=position, user=user, write=uuid4(), ops=ops, version=0
    )


@pytest.fixture
def work(sign_in, workspace, labeler):
    """(page, assignment): the lines of a page marked from the last to the first, and the one that runs upwards."""
    assignment = claim(ocr_job(labeler, workspace=workspace), labeler)
    boxes = [
        rectangle(f"l{number}", left, top, right, bottom, "car")
        for number, (_text, left, top, right, bottom) in reversed(list(enumerate(LINES)))
    ]
    upwards = {
        **rectangle("up", 0, 0, 1, 1, "bus"),
        "shape": "rotated",
        "value": [[570, 400], [570, 240], [614, 240], [614, 400]],
    }
    store(assignment, labeler, [*boxes, upwards])
    page = sign_in(labeler, viewport={"width": 1280, "height": 900})
    open_item(page, assignment)
    return page, assignment


def rows(page):
    return [one.get_attribute("data-region") for one in page.locator("[data-region]").all()]


def test_texts_are_typed_one_after_the_other(work):
    page, assignment = work
    assert rows(page) == ["l3", "l2", "l1", "l0", "up"]
    with saves(page):
        page.keyboard.press("Shift+O")
    assert [one["id"] for one in objects(assignment)] == ["l0", "l1", "l2", "l3", "up"]
    page.keyboard.press("Shift+E")
    with saves(page):
        for text, *_box in LINES:
            page.keyboard.insert_text(text)
            page.keyboard.press("Enter")
    assert texts(assignment) == [*(text for text, *_ in LINES), None]
    # The line that runs upwards stands upright in the cut: wider than high.
    cut = page.get_by_role("img", name="The chosen region, enlarged").bounding_box()
    assert cut["width"] > 2 * cut["height"]
    assert cut["width"] > 200
    field = page.get_by_role("textbox", name="OCR result")
    assert field.evaluate("one => one === document.activeElement")
    page.keyboard.type("IN")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("VOICE")
    page.keyboard.press("Shift+Tab")
    assert field.input_value() == "Thank you"
    page.keyboard.press("Tab")
    with saves(page):
        page.keyboard.press("End")
        page.keyboard.type("S")
    assert texts(assignment)[-1] == "IN\nVOICES"
    # At the end Tab leads out of the field; Escape gives the keys back to the picture.
    page.keyboard.press("Tab")
    assert not field.evaluate("one => one === document.activeElement")
    field.focus()
    page.keyboard.press("Escape")
    with saves(page):
        page.keyboard.press("Control+Shift+ArrowUp")
    assert [one["id"] for one in objects(assignment)] == ["up", "l0", "l1", "l2", "l3"]
    assert page.locator("[data-region=up] .num").first.inner_text() == "1"
    # A required text that is missing is said where the work is.
    page.locator("[data-region=l1]").dblclick()
    page.wait_for_selector("textarea.typed:focus")
    page.keyboard.press("Control+a")
    with saves(page):
        page.keyboard.press("Delete")
    page.locator("[data-region=l1] .region-lacking").wait_for()
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    page.get_by_text("“OCR result” is required.").first.wait_for()
    assert violations(page) == []


def test_texts_are_recognised_where_something_can(work, settings):
    page, assignment = work
    settings.ITAG_RECOGNISER = ""
    page.reload()
    wait_painted(page, 1)
    page.locator("[data-region=l0]").click()
    button = page.get_by_role("button", name="Recognize the text")
    assert button.get_attribute("aria-disabled") == "true"
    assert "not set up" in button.get_attribute("title")
    settings.ITAG_RECOGNISER = "tests.readers.Sizes"
    page.reload()
    wait_painted(page, 1)
    page.wait_for_selector("[data-save=saved]")
    page.locator("[data-region=l0]").click()
    page.locator("[data-region=up]").click(modifiers=["Control"])
    with page.expect_response(lambda answer: answer.request.method == "PATCH"):
        page.keyboard.press("Shift+T")
    page.get_by_text("The texts of 2 regions were recognized.").first.wait_for()
    found = {one["id"]: one["labels"].get("1.3") for one in objects(assignment)}
    assert found["l0"].startswith("260x36 ")
    assert found["up"].startswith("160x44 ")
    assert found["l1"] is None
    with saves(page):
        page.keyboard.press("Control+z")
    assert texts(assignment) == [None] * 5


@pytest.mark.parametrize("with_texts", [True, False])
def test_answers_go_to_a_manifest_and_come_back(sign_in, workspace, labeler, with_texts):
    job = ocr_job(labeler, workspace=workspace, texts=with_texts)
    assignment = claim(job, labeler)
    page = sign_in(labeler)
    open_item(page, assignment)
    canvas = Canvas(page)
    with saves(page):
        page.keyboard.press("2")
        canvas.drag((60, 40), (320, 76))
        if with_texts:
            page.keyboard.press("Shift+E")
            page.keyboard.type("Receipt 号码")
            page.keyboard.press("Escape")
    assert page.get_by_role("textbox", name="OCR result").count() == int(with_texts)
    results = results_of(assignment)
    questions = job_questions(template_key(job))
    line = json.loads(json.dumps(to_manifest(results, questions), ensure_ascii=False))
    expected = {"Single-choice": "bus"}
    if with_texts:
        expected = {"OCR result": "Receipt 号码", **expected}
    assert line[0]["data"][0]["labels"] == expected
    assert from_manifest(line, questions) == results
    # Shown again it is what was drawn.
    ops = [{"questionId": "1", "id": None, "value": from_manifest(line, questions)[0]}]
    save_item(
        assignment_id=assignment.pk, position=2, user=labeler, write=uuid4(), ops=ops, version=0
    )
    open_item(page, assignment, 2)
    shown = page.locator("[data-region]").inner_text().split()
    assert shown[:1] == ["1"]
    assert ("号码" in " ".join(shown)) is with_texts
    with saves(page):
        page.locator("[data-region]").click()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowLeft")
    assert [one["value"] for one in objects(assignment, 2)] == [
        one["value"] for one in objects(assignment)
    ]
