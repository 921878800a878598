"""Polygons and lines on the labeling page, by mouse and by keys, down to what is stored."""

import pytest

from tests.e2e.label import Canvas, claim, detection_job, open_item, results_of, saves

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SQUARE = [[100, 100], [200, 100], [200, 200], [100, 200]]


def near(found: list[list[float]], wanted: list[list[float]], tolerance: float = 1.0) -> bool:
    """The same points in the same order, to a pixel, each on the grid of 1/100."""
    return len(found) == len(wanted) and all(
        abs(a - b) <= tolerance and round(a, 2) == a
        for one, other in zip(found, wanted, strict=True)
        for a, b in zip(one, other, strict=True)
    )


@pytest.fixture
def drawing(sign_in, workspace, labeler):
    """(page, canvas, assignment) of a package whose question takes polygons and lines only."""
    job = detection_job(labeler, workspace=workspace, shapes={"1": ["polygon", "polyline"]})
    assignment = claim(job, labeler)
    page = sign_in(labeler)
    open_item(page, assignment)
    page.keyboard.press("1")
    return page, Canvas(page), assignment


def regions(assignment, position=1):
    return [region for element in results_of(assignment, position) for region in element["data"]]


def said(page, text: str) -> None:
    page.get_by_role("status").filter(has_text=text).wait_for(state="attached")


def click(canvas, *points):
    for x, y in points:
        canvas.click(x, y)


def test_draw_and_edit_by_mouse(drawing):
    page, canvas, assignment = drawing
    page.keyboard.press("p")
    with saves(page):
        click(canvas, *SQUARE, (150, 300))
        page.keyboard.press("Backspace")
        canvas.click(102, 101)  # the first point closes it
    (first,) = regions(assignment)
    assert (first["type"], first["shape"]) == ("image/polygon", "polygon")
    assert near(first["value"], SQUARE)
    assert first["labels"] == {"1.1": "car"}

    # The neighbour shares the corners that it is drawn near to, exactly; a double click ends it. The picture is
    # moved meanwhile.
    with saves(page):
        click(canvas, (202, 102), (300, 120))
        page.keyboard.down("Space")
        canvas.drag((400, 300), (400, 340))
        page.keyboard.up("Space")
        canvas.top += 40 * canvas.scale
        canvas.click(300, 180)
        page.mouse.dblclick(*canvas.at(198, 203))
    (_, second) = regions(assignment)
    assert [second["value"][0], second["value"][3]] == first["value"][1:3]
    assert near(second["value"], [[200, 100], [300, 120], [300, 180], [200, 200]])

    page.keyboard.press("f")
    canvas = Canvas(page)

    # Escape gives up; a line is open and ends by Enter.
    click(canvas, (400, 300), (420, 300))
    page.keyboard.press("Escape")
    page.keyboard.press("l")
    with saves(page):
        click(canvas, (400, 300), (450, 350), (500, 300))
        page.keyboard.press("Enter")
    line = regions(assignment)[2]
    assert (line["type"], line["shape"]) == ("image/polyline", "polyline")
    assert near(line["value"], [[400, 300], [450, 350], [500, 300]])

    # Of the chosen line: a vertex dragged, one put on an edge and one taken away. Each is one step of undo.
    page.keyboard.press("v")
    canvas.drag((450, 350), (460, 400))
    canvas.drag((480, 350), (520, 360))
    page.keyboard.down("Alt")
    canvas.click(400, 300)
    page.keyboard.up("Alt")
    with saves(page):
        page.keyboard.press("2")
    line = regions(assignment)[2]
    assert near(line["value"], [[460, 400], [520, 360], [500, 300]])
    with saves(page):
        for _ in range(3):
            page.keyboard.press("z")
    assert near(regions(assignment)[2]["value"], [[400, 300], [460, 400], [500, 300]])


def test_draw_and_edit_by_keys(drawing):
    """No pointer is used; the numbers are exact."""
    page, _canvas, assignment = drawing

    def place(*keys: str) -> None:
        for key in keys:
            page.keyboard.press(key)

    page.keyboard.press("p")
    place("n", "Enter", *["Shift+ArrowRight"] * 3, "Enter", *["Shift+ArrowDown"] * 2, "Enter")
    with saves(page):
        page.keyboard.press("Enter")
    (region,) = regions(assignment)
    (a, b, c) = region["value"]
    assert a == [320, 240]
    assert b[0] > a[0]
    assert b[1] == a[1]
    assert c[0] == b[0]
    assert c[1] > b[1]

    # The second vertex is moved, the third one gets a neighbour, which is moved, and the first one goes.
    page.keyboard.press("F4")
    with saves(page):
        place("n", "Tab", *["ArrowUp"] * 2, "Tab", "Insert", "ArrowLeft", "Tab", "Delete", "Enter")
    (region,) = regions(assignment)
    (moved, third, new) = region["value"]
    step = (240 - moved[1]) / 2
    assert step >= 1
    assert moved == [b[0], b[1] - 2 * step]
    assert third == c
    assert new == [round((a[0] + c[0]) / 2 - step, 2), round((a[1] + c[1]) / 2, 2)]

    page.keyboard.press("n")
    page.keyboard.press("Delete")
    said(page, "A polygon keeps at least three points")
    page.keyboard.press("Escape")
    with saves(page):
        for _ in range(4):
            page.keyboard.press("z")
    (region,) = regions(assignment)
    assert region["value"] == [a, b, c]


def test_holes_pieces_and_unions(drawing):
    page, canvas, assignment = drawing
    join = page.get_by_role("button", name="Join regions")
    assert join.get_attribute("aria-disabled") == "true"
    page.keyboard.press("p")
    click(canvas, *SQUARE, (100, 100))
    page.keyboard.press("2")

    # A hole in the chosen region: one step of undo.
    page.keyboard.press("Shift+C")
    with saves(page):
        click(canvas, (120, 120), (180, 120), (180, 180), (120, 180))
        page.keyboard.press("Enter")
    (region,) = regions(assignment)
    assert near(region["value"], SQUARE)
    (hole,) = region["holes"]
    assert near(hole, [[120, 120], [180, 120], [180, 180], [120, 180]])

    # A line through the hole makes two of it, with the same labels; one that ends inside is refused.
    page.keyboard.press("Shift+D")
    click(canvas, (150, 50), (150, 150))
    page.keyboard.press("Enter")
    said(page, "The line has to go through the region")
    with saves(page):
        click(canvas, (150, 50), (150, 250))
        page.keyboard.press("Enter")
    pieces = regions(assignment)
    assert len(pieces) == 2
    assert region["id"] in {piece["id"] for piece in pieces}
    assert [piece["labels"] for piece in pieces] == [{"1.1": "bus"}] * 2
    assert all("holes" not in piece and len(piece["value"]) == 8 for piece in pieces)
    cuts = [{tuple(p) for p in piece["value"] if abs(p[0] - 150) <= 1} for piece in pieces]
    assert cuts[0] == cuts[1]
    assert len(cuts[0]) == 4

    # Joined again they are as before.
    page.keyboard.press("v")
    canvas.click(110, 150)
    page.keyboard.down("Shift")
    canvas.click(190, 150)
    page.keyboard.up("Shift")
    assert join.get_attribute("aria-disabled") is None
    with saves(page):
        page.keyboard.press("Shift+J")
    (joined,) = regions(assignment)
    assert sorted(joined["value"]) == sorted(region["value"])
    assert sorted(joined["holes"][0]) == sorted(hole)
    with saves(page):
        for _ in range(3):
            page.keyboard.press("z")
    (plain,) = regions(assignment)
    assert near(plain["value"], SQUARE)
    assert "holes" not in plain
