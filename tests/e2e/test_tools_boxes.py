"""Rectangles, turned ones and points, several at once: by mouse, by keys, by finger and pen, down to what is stored."""

import math
from collections.abc import Callable
from typing import Any

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

Points = list[list[float]]


class Actual(Canvas):
    """The picture at 100 %: a point of the screen is a pixel of the picture, and what is stored is exact."""

    def __init__(self, page: Any) -> None:
        super().__init__(page)
        page.keyboard.press("Shift+f")
        box = page.locator("[data-surface=image]").bounding_box()
        self.scale = 1
        self.left = box["x"] + (box["width"] - WIDTH) / 2
        self.top = box["y"] + (box["height"] - HEIGHT) / 2


def box(left: float, top: float, right: float, bottom: float) -> Points:
    return [[left, top], [right, top], [right, bottom], [left, bottom]]


def near(found: Points, wanted: Points, tolerance: float = 0.02) -> bool:
    """Equal but for the rounding to 1/100; a screen's pixel may lie at half a picture's."""
    return len(found) == len(wanted) and all(
        math.isclose(a, b, abs_tol=tolerance)
        for one, other in zip(found, wanted, strict=True)
        for a, b in zip(one, other, strict=True)
    )


@pytest.fixture
def drawing(sign_in, workspace, labeler):
    """(page, canvas, stored) of a package whose question takes boxes of all kinds and points, at its first item."""
    job = detection_job(
        labeler, workspace=workspace, shapes={"1": ["rectangle", "rotated", "point"]}
    )
    assignment = claim(job, labeler)
    page = sign_in(labeler)
    open_item(page, assignment)

    def stored() -> list[tuple[str, Points]]:
        return [
            (region["shape"], region["value"])
            for element in results_of(assignment)
            for region in element["data"]
        ]

    return page, Actual(page), stored


def test_by_mouse(drawing: tuple[Any, Actual, Callable[[], list[tuple[str, Points]]]]) -> None:
    page, canvas, stored = drawing
    mouse, keys = page.mouse, page.keyboard
    with saves(page):
        # Four points furthest out, in any order.
        keys.press("e")
        for place in [(150, 20), (300, 80), (160, 130), (90, 70)]:
            canvas.click(*place)
        # A side by drag, the depth by a click.
        keys.press("r")
        canvas.drag((400, 100), (500, 200))
        mouse.move(*canvas.at(440, 160))
        canvas.click(400, 200)
        keys.press("o")
        canvas.click(320, 400)
    assert stored() == [
        ("rectangle", box(90, 20, 300, 130)),
        ("rotated", [[400, 100], [500, 200], [450, 250], [350, 150]]),
        ("point", [[320, 400]]),
    ]

    with saves(page):
        # Two by the rubber band, moved together; the drag ends where the first one meets the edge.
        keys.press("Escape")
        keys.press("v")
        keys.down("Shift")
        canvas.drag((560, 300), (40, 10))
        keys.up("Shift")
        canvas.drag((200, 60), (100, 90))
        # Scaled by the handle of the box around both: [0, 50]–[410, 280] becomes [0, 50]–[205, 280].
        canvas.drag((410, 165), (205, 165))
    (_, first), (_, second), (_, dot) = stored()
    assert near(first, box(0, 50, 105, 160))
    assert dot == [[320, 400]]
    xs = [x for x, _ in second]
    ys = [y for _, y in second]
    assert math.isclose((min(xs) + max(xs)) / 2, 167.5, abs_tol=0.02)
    assert math.isclose((min(ys) + max(ys)) / 2, 205, abs_tol=0.02)

    with saves(page):
        for _ in range(2):
            keys.press("z")
        # One alone by a click, turned by a quarter with its handle and Shift, back inside the picture; then longer.
        canvas.click(195, 75)
        keys.down("Shift")
        canvas.drag((195, -6), (280, 75))
        keys.up("Shift")
        canvas.drag((195, 210), (195, 230))
    kind, turned = stored()[0]
    assert kind == "rotated"
    assert near(turned, [[250, 0], [250, 230], [140, 230], [140, 0]])
    assert stored()[1] == ("rotated", [[400, 100], [500, 200], [450, 250], [350, 150]])


def test_by_keys(drawing: tuple[Any, Actual, Callable[[], list[tuple[str, Points]]]]) -> None:
    page, _canvas, stored = drawing
    keys = page.keyboard

    def press(name: str, times: int = 1) -> None:
        for _ in range(times):
            keys.press(name)

    with saves(page):
        # The cursor begins in the middle, 320, 240, and goes 4 or with Shift 40 pixels.
        press("r")
        press("n")
        press("Space")
        press("Shift+ArrowRight", 2)
        press("Space")
        press("Shift+ArrowDown")
        press("Space")
        press("e")
        press("n")
        press("Shift+ArrowLeft", 3)
        press("Space")
        press("Shift+ArrowUp", 2)
        press("Enter")
        press("ArrowRight", 5)
        press("Space")
        press("Backspace")
        press("ArrowRight", 5)
        press("Space")
        press("Shift+ArrowRight")
        press("Space")
    assert stored() == [
        ("rotated", box(320, 240, 400, 280)),
        ("rectangle", box(200, 160, 280, 240)),
    ]
    with saves(page):
        # Both, a pixel and ten to the right, then turned by 90 degrees about the mean of their middles: 311, 230.
        press("Control+a")
        press("ArrowRight")
        press("Shift+ArrowRight")
        press("Control+Shift+ArrowRight", 6)
    (first_kind, first), (second_kind, second) = stored()
    assert (first_kind, second_kind) == ("rotated", "rotated")
    assert near(first, [[301, 250], [301, 330], [261, 330], [261, 250]], 0.1)
    assert near(second, [[381, 130], [381, 210], [301, 210], [301, 130]], 0.1)
    with saves(page):
        press("z")
        press("z")
    assert stored()[1] == ("rectangle", box(200, 160, 280, 240))
    # The tool stays for the next item.
    press("d")
    page.wait_for_selector("html[data-painted='2']")
    assert page.locator(".canvas-tools [aria-pressed=true][aria-keyshortcuts=e]").count() == 1


def test_by_finger_and_pen(
    drawing: tuple[Any, Actual, Callable[[], list[tuple[str, Points]]]],
) -> None:
    page, canvas, stored = drawing
    wire = page.context.new_cdp_session(page)

    def touch(kind: str, *places: tuple[float, float]) -> None:
        points = [
            {"x": x, "y": y, "id": number}
            for number, (x, y) in enumerate(canvas.at(*place) for place in places)
        ]
        wire.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def pen(kind: str, x: float, y: float) -> None:
        left, top = canvas.at(x, y)
        pressed = {"button": "left", "buttons": 1, "clickCount": 1}
        wire.send(
            "Input.dispatchMouseEvent",
            {"type": kind, "x": left, "y": top, "pointerType": "pen", **pressed},
        )

    with saves(page):
        page.keyboard.press("b")
        touch("touchStart", (100, 100))
        touch("touchMove", (150, 150))
        touch("touchMove", (200, 180))
        touch("touchEnd")
    assert stored() == [("rectangle", box(100, 100, 200, 180))]

    # Two fingers zoom and move the picture, and draw nothing.
    zoom = page.locator(".zoom-value")
    assert zoom.inner_text() == "100 %"
    touch("touchStart", (300, 300))
    touch("touchStart", (300, 300), (400, 300))
    touch("touchMove", (250, 300), (450, 300))
    touch("touchEnd")
    page.wait_for_function(
        "() => document.querySelector('.zoom-value').textContent.includes('200')"
    )
    page.keyboard.press("Shift+f")

    with saves(page):
        pen("mousePressed", 300, 300)
        pen("mouseMoved", 340, 320)
        # The hand beside the pen.
        touch("touchStart", (500, 400))
        touch("touchMove", (520, 420))
        touch("touchEnd")
        pen("mouseMoved", 380, 360)
        pen("mouseReleased", 380, 360)
    assert stored()[1:] == [("rectangle", box(300, 300, 380, 360))]
