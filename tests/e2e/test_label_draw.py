"""Drawing on the labeling page, by mouse and by keys, down to what is stored."""

import pytest

from tests.e2e.label import (
    HEIGHT,
    WIDTH,
    Canvas,
    claim,
    detection_job,
    open_item,
    results_of,
    saves,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def box(left: float, top: float, right: float, bottom: float) -> list[list[float]]:
    return [[left, top], [right, top], [right, bottom], [left, bottom]]


def near(found: list[list[float]], wanted: list[list[float]], tolerance: float = 1.0) -> bool:
    return all(
        abs(a - b) <= tolerance
        for one, other in zip(found, wanted, strict=True)
        for a, b in zip(one, other, strict=True)
    )


@pytest.fixture
def drawing(sign_in, workspace, labeler):
    """(page, canvas, assignment) of a package of pictures at its first item."""
    job = detection_job(labeler, workspace=workspace)
    assignment = claim(job, labeler)
    page = sign_in(labeler)
    open_item(page, assignment)
    return page, Canvas(page), assignment


def regions(assignment, position=1):
    """The stored regions in order."""
    return [
        region
        for element in results_of(assignment, position)
        if element["type"] == "image"
        for region in element["data"]
    ]


def test_draw_by_mouse(drawing):
    page, canvas, assignment = drawing
    with saves(page):
        page.keyboard.press("2")
        canvas.drag((100, 100), (200, 180))

    (element,) = results_of(assignment)
    assert {k: v for k, v in element.items() if k != "data"} == {
        "questionId": "1",
        "type": "image",
        "rotation": 0,
        "width": WIDTH,
        "height": HEIGHT,
    }
    (region,) = element["data"]
    assert set(region) == {"id", "type", "shape", "value", "labels"}
    assert region["type"] == "image/polygon"
    assert region["shape"] == "rectangle"
    assert region["labels"] == {"1.1": "bus"}
    assert near(region["value"], box(100, 100, 200, 180))
    assert all(round(n, 2) == n for point in region["value"] for n in point)


def test_two_clicks_a_new_box_inside_an_old_one_and_the_edge(drawing):
    page, canvas, assignment = drawing
    page.keyboard.press("1")
    with saves(page):
        canvas.click(300, 200)
        canvas.click(400, 320)
        canvas.drag((320, 230), (360, 270))
        canvas.drag((600, 440), (700, 520))
    first, inner, corner = regions(assignment)
    assert near(first["value"], box(300, 200, 400, 320))
    assert near(inner["value"], box(320, 230, 360, 270))
    assert near(corner["value"], box(600, 440, WIDTH, HEIGHT))
    assert corner["value"][2] == [WIDTH, HEIGHT]
    # The label stays for the next box.
    assert [region["labels"] for region in (first, inner, corner)] == [{"1.1": "car"}] * 3


def test_move_resize_relabel_delete_undo_redo(drawing):
    page, canvas, assignment = drawing
    page.keyboard.press("1")
    canvas.drag((100, 100), (200, 180))
    page.keyboard.press("v")
    canvas.drag((150, 140), (190, 170))  # move by 40, 30
    canvas.drag((240, 210), (280, 260))  # its lower right handle
    with saves(page):
        page.keyboard.press("3")
    (region,) = regions(assignment)
    assert near(region["value"], box(140, 130, 280, 260))
    assert region["labels"] == {"1.1": "bike"}

    with saves(page):
        page.keyboard.press("Delete")
    assert regions(assignment) == []

    with saves(page):
        page.keyboard.press("Control+z")
    assert regions(assignment) == [region]
    with saves(page):
        for _ in range(3):
            page.keyboard.press("z")
    (back,) = regions(assignment)
    assert near(back["value"], box(100, 100, 200, 180))
    assert back["labels"] == {"1.1": "car"}
    with saves(page):
        for _ in range(3):
            page.keyboard.press("Control+Shift+z")
    assert regions(assignment) == [region]
    with saves(page):
        page.keyboard.press("Control+y")
    assert regions(assignment) == []


def test_keyboard_alone(drawing):
    """Draw, move, resize, choose, delete without a pointer; the numbers are exact."""
    page, _canvas, assignment = drawing
    page.keyboard.press("2")
    page.keyboard.press("n")
    page.keyboard.press("Enter")
    for _ in range(3):
        page.keyboard.press("Shift+ArrowRight")
    for _ in range(2):
        page.keyboard.press("Shift+ArrowDown")
    with saves(page):
        page.keyboard.press("Enter")
    (region,) = regions(assignment)
    (left, top), _, (right, bottom), _ = region["value"]
    assert (left, top) == (WIDTH / 2, HEIGHT / 2)
    assert right > left
    assert bottom > top

    with saves(page):
        for _ in range(5):
            page.keyboard.press("ArrowLeft")
        page.keyboard.press("Shift+ArrowUp")
        page.keyboard.press("Alt+ArrowRight")
        page.keyboard.press("Shift+Alt+ArrowDown")
    (moved,) = regions(assignment)
    assert moved["value"] == box(left - 5, top - 10, right - 5 + 1, bottom - 10 + 10)
    assert moved["labels"] == {"1.1": "bus"}

    # Arrow keys in quick succession are one step of undo.
    with saves(page):
        for _ in range(2):
            page.keyboard.press("z")
    (undone,) = regions(assignment)
    assert undone["value"] == region["value"]

    page.get_by_label("X", exact=True).fill("10.5")
    page.get_by_label("W", exact=True).fill("33.25")
    with saves(page):
        page.keyboard.press("Tab")
    (placed,) = regions(assignment)
    assert placed["value"] == box(10.5, top, 43.75, bottom)

    page.locator("[data-surface=image]").focus()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    with saves(page):
        page.keyboard.press("Delete")
    assert regions(assignment) == []


def test_list_of_regions_is_another_way(drawing):
    page, canvas, assignment = drawing
    page.keyboard.press("1")
    canvas.drag((100, 100), (200, 180))
    page.keyboard.press("Escape")
    page.keyboard.press("2")
    with saves(page):
        canvas.drag((300, 100), (400, 180))
    rows = page.get_by_role("listbox", name="Regions of").get_by_role("option")
    assert [row.inner_text().split()[1] for row in rows.all()] == ["car", "bus"]
    rows.first.click()
    assert rows.first.get_attribute("aria-selected") == "true"
    page.get_by_role("listbox", name="Regions of").focus()
    page.keyboard.press("ArrowDown")
    assert rows.last.get_attribute("aria-selected") == "true"
    with saves(page):
        page.keyboard.press("Delete")
    (left,) = regions(assignment)
    assert left["labels"] == {"1.1": "car"}


def test_zoom_keeps_the_place_and_pan_moves_it(drawing):
    """What is drawn zoomed in and moved lands where it was drawn."""
    page, canvas, assignment = drawing
    zoom = page.get_by_label("Zoom", exact=True)
    fitted = zoom.inner_text()
    page.mouse.move(*canvas.at(320, 240))
    page.mouse.wheel(0, -600)
    assert zoom.inner_text() != fitted
    scale = int(zoom.inner_text().split()[0].replace(",", "")) / 100
    x, y = canvas.at(320, 240)
    page.keyboard.press("1")
    with saves(page):
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 100, y + 50)
        page.mouse.up()
    (region,) = regions(assignment)
    assert near(region["value"], box(320, 240, 320 + 100 / scale, 240 + 50 / scale), 1.5)

    page.keyboard.press("Escape")
    page.keyboard.down("Space")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y + 40)
    page.mouse.up()
    page.keyboard.up("Space")
    with saves(page):
        page.mouse.move(x + 60, y + 40)
        page.mouse.down()
        page.mouse.move(x + 160, y + 90)
        page.mouse.up()
    assert near(regions(assignment)[1]["value"], region["value"], 1.5)
    page.keyboard.press("f")
    assert zoom.inner_text() == fitted
    page.keyboard.press("Shift+F")
    assert zoom.inner_text() == "100 %"


def test_several_labels_of_one_region(sign_in, workspace, labeler):
    job = detection_job(labeler, workspace=workspace, many=True)
    assignment = claim(job, labeler)
    page = sign_in(labeler)
    open_item(page, assignment)
    canvas = Canvas(page)
    canvas.drag((100, 100), (200, 180))
    with saves(page):
        page.keyboard.press("3")
        page.keyboard.press("1")
    (region,) = regions(assignment)
    assert region["labels"] == {"1.2": ["bike", "car"]}


def test_hidden_regions_are_neither_seen_nor_met_and_the_pace_is_shown(drawing):
    page, canvas, assignment = drawing
    page.keyboard.press("1")
    with saves(page):
        canvas.drag((100, 100), (200, 180))
    page.keyboard.press("v")
    page.keyboard.press("Escape")
    page.keyboard.press("h")
    canvas.click(150, 140)
    assert page.locator(".region-row[aria-selected=true]").count() == 0
    page.keyboard.press("h")
    canvas.click(150, 140)
    assert page.locator(".region-row[aria-selected=true]").count() == 1
    assert len(regions(assignment)) == 1
    # One alone, and back.
    page.keyboard.press("Shift+H")
    page.keyboard.press("Escape")
    canvas.click(150, 140)
    assert page.locator(".region-row[aria-selected=true]").count() == 0
    page.locator(".region-row").first.click()
    page.keyboard.press("Shift+H")
    page.keyboard.press("Escape")
    canvas.click(150, 140)
    assert page.locator(".region-row[aria-selected=true]").count() == 1
    # The own pace of today is shown at will.
    page.keyboard.press("Control+i")
    pace = page.get_by_role("dialog", name="Your pace today")
    pace.get_by_text("Items an hour").wait_for()
    page.keyboard.press("Escape")
    pace.wait_for(state="detached")
