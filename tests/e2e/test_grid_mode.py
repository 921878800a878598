"""Many images at once: chosen by mouse and keys, answered by one key, undone, passed; options as a tree."""

from pathlib import Path

import pytest
from django.conf import settings

from jobs.models import Annotation
from tests.conftest import wait_for
from tests.e2e.label import (
    COLORS,
    builtin,
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

ITEMS = 30
TREE = [
    {
        "key": "animal",
        "label": "animal",
        "color": "#d5281b",
        "shortcut": "1",
        "children": [
            {"key": "cat", "label": "cat", "color": "#1f5fbf", "shortcut": "2"},
            {"key": "dog", "label": "dog", "color": "#e6a817", "shortcut": "3"},
        ],
    },
    *(
        {"key": f"n{n}", "label": f"thing {n}", "color": "#5a5ab4", "shortcut": ""}
        for n in range(1, 61)
    ),
]


def pictures_job(labeler, workspace, *, question="1", options=COLORS, items=ITEMS, **fields):
    dataset = make_dataset(items, kind="image", workspace=workspace)
    assert dataset.storage is not None
    for number in range(1, items + 1):
        draw_picture(Path(settings.FILES_ROOT) / dataset.storage.root / f"{number}.jpg", number)
    return make_job(
        dataset=dataset,
        template=builtin("image-classification"),
        selected_questions=[question],
        options={question: options},
        size=items,
        labelers=[labeler],
        **fields,
    )


def stored(assignment):
    """{position: answer} of everything that is stored."""
    return {
        position: (results_of(assignment, position) or [{"data": None}])[0]["data"]
        for position in Annotation.objects.filter(assignment=assignment).values_list(
            "package_item__position", flat=True
        )
    }


def test_many_pictures_are_answered_at_once(sign_in, workspace, labeler):
    assignment = claim(pictures_job(labeler, workspace), labeler)
    page = sign_in(labeler, viewport={"width": 1280, "height": 900})
    open_item(page, assignment, 2)
    page.keyboard.press("Shift+V")
    tiles = page.locator(".grid-tile")
    assert tiles.count() == 24
    page.wait_for_function(
        "() => [...document.querySelectorAll('.grid-tile img')].every(i => i.complete && i.naturalWidth)"
    )
    assert page.locator(".grid-tile[data-focus]").get_attribute("data-position") == "2"
    # Clicks choose, Shift chooses all between; one key answers them.
    tiles.nth(0).click()
    tiles.nth(3).click()
    tiles.nth(6).click(modifiers=["Shift"])
    assert "5 chosen" in page.get_by_test_id("grid-counts").inner_text()
    page.keyboard.press("2")
    wait_saved(page)
    bus = dict.fromkeys((1, 4, 5, 6, 7), "bus")
    assert stored(assignment) == bus
    assert "0 chosen" in page.get_by_test_id("grid-counts").inner_text()
    # One at a time: the focus goes on.
    page.keyboard.press("ArrowRight")
    page.keyboard.press("1")
    page.keyboard.press("3")
    wait_saved(page)
    assert stored(assignment) == bus | {8: "car", 9: "bike"}
    assert violations(page) == []
    # Undo and redo, step by step over many items.
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+Shift+z")
    wait_saved(page)
    assert {key: value for key, value in stored(assignment).items() if value} == bus
    # The rest of this page by keys, then the next one.
    page.keyboard.press("o")
    page.keyboard.press("1")
    page.keyboard.press("d")
    page.wait_for_function("() => document.querySelectorAll('.grid-tile').length === 6")
    page.keyboard.press("Space")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("3")
    page.keyboard.press("u")
    page.keyboard.press("Control+a")
    page.get_by_role("button", name="bike").click()
    wait_saved(page)
    answers = stored(assignment)
    assert [answers[n] for n in (2, 3, 8, 24)] == ["car"] * 4
    assert [answers[n] for n in range(25, 31)] == ["bike"] * 6
    assert "30 of 30" in page.locator(".wb-progress").inner_text()
    # Enter opens the item; the address and its answer are there.
    page.keyboard.press("Enter")
    wait_painted(page, 27)
    assert page.url.endswith("/27")
    assert page.get_by_role("button", name="bike").get_attribute("aria-pressed") == "true"


def test_several_labels_keep_what_each_item_had(sign_in, workspace, labeler):
    assignment = claim(pictures_job(labeler, workspace, question="2", items=4), labeler)
    page = sign_in(labeler)
    open_item(page, assignment)
    page.keyboard.press("1")
    page.keyboard.press("Shift+V")
    page.locator(".grid-tile").first.wait_for()
    page.keyboard.press("Control+a")
    page.keyboard.press("2")
    wait_saved(page)
    wait_for(lambda: stored(assignment) == {1: ["car", "bus"], 2: ["bus"], 3: ["bus"], 4: ["bus"]})
    page.keyboard.press("2")
    wait_saved(page)
    assert stored(assignment)[1] == ["car"]
    assert stored(assignment)[2] is None


def test_options_are_a_tree_that_folds_and_is_searched(sign_in, workspace, labeler):
    job = pictures_job(labeler, workspace, options=TREE, items=3)
    assignment = claim(job, labeler)
    page = sign_in(labeler)
    open_item(page, assignment)
    group = page.get_by_role("group", name="single-choice")
    assert group.get_by_role("button", name="cat").count() == 0
    group.get_by_role("button", name="Unfold animal").click()
    with saves(page):
        group.get_by_role("button", name="cat").click()
    wait_for(lambda: stored(assignment) == {1: "cat"})
    # By keys: search, the first match with Enter, then its number as ever.
    page.keyboard.press("d")
    wait_painted(page, 2)
    page.keyboard.press("/")
    page.keyboard.type("ANIM dog")
    assert group.get_by_role("button").count() == 1
    assert violations(page) == []
    with saves(page):
        page.keyboard.press("Enter")
    assert stored(assignment)[2] == "dog"
    page.keyboard.press("d")
    wait_painted(page, 3)
    with saves(page):
        page.keyboard.press("2")
    assert stored(assignment)[3] == "cat"
    # Arrows fold and go through the branch without turning to another item.
    page.keyboard.press("/")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowLeft")
    group.get_by_role("button", name="Unfold animal").wait_for()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    with saves(page):
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
    assert stored(assignment)[3] == "dog"
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("document.activeElement.dataset.option") == "animal"
    assert page.url.endswith("/3")
