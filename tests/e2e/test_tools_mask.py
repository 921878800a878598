"""Masks on the labeling page: brush, eraser, fill, wand, areas to masks and back, by mouse and by keys."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from PIL import Image

from templates_app.answers import from_manifest, to_manifest
from templates_app.questions.masks import read_runs
from templates_app.services import resolve, validate_job_config
from tests.e2e.label import (
    HEIGHT,
    WIDTH,
    Canvas,
    builtin,
    claim,
    detection_job,
    draw_picture,
    open_item,
    results_of,
    saves,
    violations,
)
from tests.factories import make_dataset, make_job

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Pixels = set[tuple[int, int]]


def objects(assignment: Any) -> list[dict[str, Any]]:
    """The stored regions in order."""
    return [
        region
        for element in results_of(assignment)
        if element["type"] == "image"
        for region in element["data"]
    ]


def pixels(region: dict[str, Any]) -> Pixels:
    """The pixels (x, y) of a stored mask."""
    assert (region["type"], region["shape"]) == ("image/mask", "mask")
    assert region["value"]["size"] == [HEIGHT, WIDTH]
    runs = read_runs(region["value"]["counts"])
    assert runs is not None
    assert sum(runs) == HEIGHT * WIDTH
    found: Pixels = set()
    at = 0
    for number, run in enumerate(runs):
        if number % 2:
            found.update(divmod(place, HEIGHT) for place in range(at, at + run))
        at += run
    return found


def disc(x: float, y: float, radius: float) -> Pixels:
    return {
        (column, row)
        for column in range(int(x - radius) - 1, int(x + radius) + 2)
        for row in range(int(y - radius) - 1, int(y + radius) + 2)
        if (column + 0.5 - x) ** 2 + (row + 0.5 - y) ** 2 <= radius**2
    }


def near(found: Pixels, wanted: Pixels, radius: float = 1.5) -> bool:
    """Whether every pixel that differs lies within a screen pixel or so of one of the other set's."""
    reach = range(-2, 3)

    def touches(pixel: Pixels, other: Pixels) -> bool:
        return all(
            any(
                (x + dx, y + dy) in other
                for dx in reach
                for dy in reach
                if dx * dx + dy * dy <= radius**2
            )
            for x, y in pixel
        )

    return touches(found - wanted, wanted) and touches(wanted - found, found)


@pytest.fixture
def masks(sign_in, workspace, labeler):
    """(page, canvas, assignment) of a job that takes masks and polygons."""
    job = detection_job(labeler, workspace=workspace, shapes={"1": ["polygon", "mask"]})
    assignment = claim(job, labeler)
    page = sign_in(labeler)
    open_item(page, assignment)
    return page, Canvas(page), assignment


def test_brush_eraser_and_fill(masks):
    """One stroke is one stored change; sizes by keys; a gap is filled, a hole is cut; undo takes strokes back."""
    page, canvas, assignment = masks
    page.keyboard.press("2")
    page.keyboard.press("m")
    size = page.get_by_label("Size", exact=True)
    size.fill("60")
    page.keyboard.press("Tab")
    page.locator("[data-surface=image]").focus()
    page.keyboard.press("]")
    assert size.input_value() == "67"
    page.keyboard.press("[")
    assert size.input_value() == "60"
    with saves(page):
        canvas.drag((150, 120), (150, 120))
    (dot,) = objects(assignment)
    assert dot["labels"] == {"1.1": "bus"}
    assert near(pixels(dot), disc(150, 120, 30))

    # The chosen mask is painted on; what a stroke adds is one step of undo.
    with saves(page):
        canvas.drag((150, 120), (300, 120))
    (line,) = objects(assignment)
    wanted = {(x, y) for x in range(150, 300) for y in range(90, 150)}
    wanted |= disc(150, 120, 30) | disc(300, 120, 30)
    assert line["id"] == dot["id"]
    assert near(pixels(line), wanted)

    page.keyboard.press("Alt+x")
    for _ in range(4):
        page.keyboard.press("[")
    across = int(size.input_value())
    with saves(page):
        canvas.drag((220, 120), (220, 120))
    (holed,) = objects(assignment)
    assert near(pixels(holed), wanted - disc(220, 120, across / 2), 2)
    page.keyboard.press("Shift+W")
    with saves(page):
        canvas.click(220, 120)
    (filled,) = objects(assignment)
    assert near(pixels(filled), wanted, 2)

    with saves(page):
        page.keyboard.press("z")
        page.keyboard.press("z")
    assert objects(assignment) == [line]
    with saves(page):
        page.keyboard.press("z")
        page.keyboard.press("z")
    assert objects(assignment) == []
    with saves(page):
        for _ in range(4):
            page.keyboard.press("Shift+Z")
    assert objects(assignment) == [filled]

    # Met where its pixels are, not in the box around them.
    page.keyboard.press("v")
    page.keyboard.press("Escape")
    canvas.click(123, 93)
    assert page.locator(".region-row[aria-selected=true]").count() == 0
    canvas.click(150, 120)
    assert page.locator(".region-row[aria-selected=true]").count() == 1
    with saves(page):
        page.keyboard.press("Delete")
    assert objects(assignment) == []


def test_by_keys_alone_and_to_polygon_and_back(masks):
    """Stamps at the keyboard's cursor; the mask becomes a polygon within a pixel of it, and a mask again."""
    page, _canvas, assignment = masks
    page.keyboard.press("3")
    page.keyboard.press("m")
    page.keyboard.press("n")
    with saves(page):
        page.keyboard.press("Space")
    (dot,) = objects(assignment)
    assert pixels(dot) == disc(WIDTH / 2, HEIGHT / 2, 20)
    for _ in range(2):
        page.keyboard.press("Shift+ArrowRight")
    with saves(page):
        page.keyboard.press("Enter")
    (two,) = objects(assignment)
    assert pixels(dot) < pixels(two)
    assert len(pixels(two)) > 1.8 * len(pixels(dot))
    page.keyboard.press("Escape")

    with saves(page):
        page.keyboard.press("Shift+Y")
    shapes = objects(assignment)
    assert {(one["type"], one["shape"]) for one in shapes} == {("image/polygon", "polygon")}
    assert all(one["labels"] == {"1.1": "bike"} for one in shapes)
    assert len(shapes) == 2
    assert all(len(one["value"]) < 60 for one in shapes)
    page.keyboard.press("Control+a")
    with saves(page):
        page.keyboard.press("Alt+q")
    again = objects(assignment)
    assert near(set().union(*map(pixels, again)), pixels(two))
    with saves(page):
        page.keyboard.press("z")
        page.keyboard.press("z")
    assert objects(assignment) == [two]


def test_wand_soft_edge_and_the_cut_out_file(sign_in, workspace, labeler):
    """The Moderation and Matting template: verdict, a colour picked, its edge softened, the PNG in full resolution."""
    dataset = make_dataset(1, kind="image", workspace=workspace)
    assert dataset.storage is not None
    draw_picture(Path(settings.FILES_ROOT) / dataset.storage.root / "1.jpg", 1)
    template = builtin("matting")
    options, selected, _bound, shapes, _said = validate_job_config(
        template, options=None, selected=None, bindings=None, dataset_fields=dataset.fields
    )
    job = make_job(
        dataset=dataset,
        template=template,
        selected_questions=selected,
        options=options,
        shapes=shapes,
        size=1,
        labelers=[labeler],
    )
    assignment = claim(job, labeler)
    page = sign_in(labeler)
    open_item(page, assignment)
    canvas = Canvas(page)
    page.keyboard.press("2")
    page.locator("[data-topic='2']").get_by_text("Low quality").click()
    page.get_by_label("Remark").fill("sky only")
    page.locator("[data-surface=image]").focus()
    page.keyboard.press("w")
    with saves(page):
        canvas.click(320, 60)
    (sky,) = objects(assignment)
    found = pixels(sky)
    assert {(5, 5), (320, 200), (630, 290)} <= found
    assert not {(320, 320), (100, 250)} & found

    with saves(page):
        for _ in range(4):
            page.keyboard.press("Alt+u")
    (soft,) = objects(assignment)
    assert soft == {**sky, "feather": 4}
    assert page.get_by_label("Soft edge").input_value() == "4"
    for name in ("On chequers", "On black", "On white", "On a color"):
        page.keyboard.press("Alt+c")
        assert page.get_by_label(name).get_attribute("aria-pressed") == "true"
    page.get_by_label("The picture", exact=True).click()

    assert violations(page) == []
    with page.expect_download() as download:
        page.keyboard.press("Alt+s")
    with Image.open(download.value.path()) as png:
        assert (png.format, png.mode, png.size) == ("PNG", "RGBA", (WIDTH, HEIGHT))
        alpha = png.getchannel("A")
        assert (alpha.getpixel((5, 5)), alpha.getpixel((320, 400))) == (255, 0)
        edge = [alpha.getpixel((10, y)) for y in range(280, 320)]
        assert edge == sorted(edge, reverse=True)
        assert 0 < len([value for value in edge if 0 < value < 255]) <= 9
        red, _green, blue, _alpha = png.getpixel((320, 60))
        assert blue > red

    assert [element["type"] for element in results_of(assignment)] == [
        "survey/value", "survey/multivalue", "image", "survey/value",
    ]  # fmt: skip
    # What was labeled leaves and comes back unchanged.
    questions = resolve(
        template,
        options=options,
        selected=selected,
        language="en",
        bindings={"source": "source"},
        shapes=shapes,
    )["questions"]
    stored = results_of(assignment)
    assert (
        from_manifest(json.loads(json.dumps(to_manifest(stored, questions))), questions) == stored
    )
