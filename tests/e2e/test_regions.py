"""The list of regions and what is done with many of them at once, by mouse and by keys, down to what is stored."""

from uuid import uuid4

import pytest

from jobs.services.answers import save_item
from tests.e2e.label import claim, detection_job, open_item, results_of, saves, wait_painted

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def rectangle(key, left, top, right, bottom, label="", **more):
    return {
        "id": key,
        "type": "image/polygon",
        "shape": "rectangle",
        "value": [[left, top], [right, top], [right, bottom], [left, bottom]],
        **more,
        "labels": {"1.1": label} if label else {},
    }


def store(assignment, user, objects, position=1):
    """An answer that is there before the page is opened."""
    ops = [{"questionId": "1", "id": one["id"], "value": one} for one in objects]
    save_item(
        assignment_id=assignment.pk, position=position, user=user, write=uuid4(), ops=ops, version=0
    )


@pytest.fixture
def work(sign_in, workspace, labeler):
    """(page, assignment): three boxes on the first of three pictures."""
    job = detection_job(labeler, items=3, workspace=workspace)
    assignment = claim(job, labeler)
    store(
        assignment,
        labeler,
        [
            rectangle("a", 10, 10, 110, 60, "car"),
            rectangle("b", 200, 100, 300, 160, "bus"),
            rectangle("c", 400, 200, 460, 300, "car"),
        ],
    )
    page = sign_in(labeler, viewport={"width": 1280, "height": 900})
    open_item(page, assignment)
    return page, assignment


def stored(assignment, position=1):
    return {
        one["id"]: one for element in results_of(assignment, position) for one in element["data"]
    }


def labels(assignment):
    return {key: one["labels"].get("1.1") for key, one in stored(assignment).items()}


def row(page, key):
    return page.locator(f"[data-region={key}]")


def chosen(page):
    return [
        one.get_attribute("data-region")
        for one in page.locator("[data-region][aria-selected=true]").all()
    ]


def test_many_at_once_from_the_list(work):
    page, assignment = work
    row(page, "a").click()
    row(page, "c").click(modifiers=["Shift"])
    assert chosen(page) == ["a", "b", "c"]
    row(page, "b").click(modifiers=["Control"])
    assert chosen(page) == ["a", "c"]
    # One key for all, one step back.
    with saves(page):
        page.keyboard.press("3")
    assert labels(assignment) == {"a": "bike", "b": "bus", "c": "bike"}
    with saves(page):
        page.keyboard.press("Control+z")
    assert labels(assignment) == {"a": "car", "b": "bus", "c": "car"}
    # Groups are chosen together on the picture, and stand below their heading in the list.
    row(page, "a").click()
    row(page, "c").click(modifiers=["Control"])
    with saves(page):
        page.keyboard.press("Control+g")
    group = stored(assignment)["a"]["group"]
    assert [one.get("group") for one in stored(assignment).values()] == [group, None, group]
    rows = page.locator(".region-list [class*=region-row]")
    assert [one.get_attribute("data-region") for one in rows.all()] == [None, "a", "c", "b"]
    page.keyboard.press("Escape")
    page.get_by_text("Group 1").first.click()
    assert chosen(page) == ["a", "c"]
    # What is locked stays, whatever is pressed; what is not goes.
    row(page, "a").click()
    page.keyboard.press("Shift+K")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Delete")
    page.get_by_text("What is chosen is locked.").first.wait_for()
    page.keyboard.press("Control+a")
    assert chosen(page) == ["c", "b"]
    with saves(page):
        page.keyboard.press("Delete")
    assert list(stored(assignment)) == ["a"]
    assert stored(assignment)["a"]["value"][0] == [10, 10]
    with saves(page):
        page.keyboard.press("Control+z")
    assert list(stored(assignment)) == ["a", "b", "c"]
    row(page, "a").click()
    page.keyboard.press("Shift+K")
    with saves(page):
        page.keyboard.press("Control+Shift+g")
    assert "group" not in stored(assignment)["a"]


def test_order_is_what_lies_on_top(work):
    page, assignment = work
    row(page, "a").click()
    with saves(page):
        page.keyboard.press("Control+ArrowDown")
    assert list(stored(assignment)) == ["b", "a", "c"]
    with saves(page):
        page.keyboard.press("Control+Shift+ArrowDown")
    assert list(stored(assignment)) == ["b", "c", "a"]
    with saves(page):
        page.keyboard.press("Control+z")
    assert list(stored(assignment)) == ["b", "a", "c"]
    with saves(page):
        page.get_by_role("button", name="One place back").click()
    assert list(stored(assignment)) == ["a", "b", "c"]
    # By dragging: the first goes behind the last, then two go to the front.
    with saves(page):
        row(page, "a").drag_to(row(page, "c"), target_position={"x": 60, "y": 30})
    assert list(stored(assignment)) == ["b", "c", "a"]
    row(page, "c").click()
    page.get_by_role("listbox", name="Regions of").focus()
    page.keyboard.press("Shift+ArrowDown")
    assert chosen(page) == ["c", "a"]
    with saves(page):
        row(page, "a").drag_to(row(page, "b"), target_position={"x": 60, "y": 4})
    assert list(stored(assignment)) == ["c", "a", "b"]


def test_copies_go_to_other_items_and_outlast_a_reload(work):
    page, assignment = work
    row(page, "a").click()
    row(page, "b").click(modifiers=["Control"])
    with saves(page):
        page.keyboard.press("Control+d")
    made = list(stored(assignment).values())[3:]
    assert [one["value"][0] for one in made] == [[20, 20], [210, 110]]
    assert [one["labels"] for one in made] == [{"1.1": "car"}, {"1.1": "bus"}]
    with saves(page):
        page.keyboard.press("Control+z")
    row(page, "b").click()
    page.keyboard.press("Control+c")
    with saves(page):
        page.keyboard.press("Control+v")
    assert list(stored(assignment).values())[3]["value"][0] == [210, 110]
    page.keyboard.press("d")
    wait_painted(page, 2)
    with saves(page):
        page.keyboard.press("Control+v")
    (copy,) = stored(assignment, 2).values()
    assert (copy["value"], copy["labels"]) == (stored(assignment)["b"]["value"], {"1.1": "bus"})
    page.reload()
    wait_painted(page, 2)
    page.wait_for_selector("[data-save=saved]")
    with saves(page):
        page.keyboard.press("Control+v")
    assert len(stored(assignment, 2)) == 2
    # All of the item before, in one key.
    page.keyboard.press("d")
    wait_painted(page, 3)
    with saves(page):
        page.keyboard.press("Shift+B")
    former, here = stored(assignment, 2), stored(assignment, 3)
    assert [one["value"] for one in here.values()] == [one["value"] for one in former.values()]
    assert not set(here) & set(former)


def test_a_long_list_is_found_in(sign_in, workspace, labeler):
    job = detection_job(labeler, items=1, workspace=workspace)
    assignment = claim(job, labeler)
    boxes = [
        rectangle(
            f"r{n}",
            n % 100 * 6,
            n // 100 * 4,
            n % 100 * 6 + 5,
            n // 100 * 4 + 3,
            "bus" if n == 7_777 else "car",
        )
        for n in range(10_000)
    ]
    element = {"questionId": "1", "type": "image", "rotation": 0, "width": 640, "height": 480}
    save_item(
        assignment_id=assignment.pk,
        position=1,
        user=labeler,
        write=uuid4(),
        ops=[{"questionId": "1", "id": None, "value": {**element, "data": boxes}}],
        version=0,
    )
    page = sign_in(labeler)
    open_item(page, assignment)
    page.get_by_text("10,000 regions").first.wait_for()
    assert 0 < page.locator("[data-region]").count() < 60
    page.keyboard.press("/")
    page.keyboard.type("bus")
    page.get_by_text("1 of 10,000 regions").wait_for()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    assert chosen(page) == ["r7777"]
    page.locator("[data-region-words]").fill("")
    page.get_by_label("Sort of regions").select_option(label="car")
    page.get_by_text("9,999 of 10,000 regions").wait_for()
    page.get_by_role("listbox", name="Regions of").focus()
    page.keyboard.press("End")
    page.wait_for_selector("[data-region=r9999][aria-selected=true]")
    page.keyboard.press("Shift+Home")
    page.get_by_text("Labels of 9,999 chosen regions").wait_for()
