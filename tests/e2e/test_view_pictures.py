"""How pictures are looked at: turned, brighter, in tiles, in greys of 16 bits; what is drawn stays where it belongs."""

import array
import io
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from PIL import Image

from datasets.models import Item
from datasets.services import images, tiles
from jobs.models import Job
from tests.browser import happens
from tests.e2e.label import (
    HEIGHT,
    WIDTH,
    Canvas,
    claim,
    detection_job,
    open_item,
    results_of,
    saves,
    violations,
    wait_painted,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def replace_picture(job: Job, ordinal: int, image: Image.Image, name: str, **saving: Any) -> None:
    """The job's picture of this number is another one, as an import would have found it."""
    assert job.dataset is not None
    assert job.dataset.storage is not None
    path = Path(settings.FILES_ROOT) / job.dataset.storage.root / name
    image.save(path, **saving)
    with path.open("rb") as file:
        found = images.look_at(file, path.stat().st_size)
    media = {"path": name, "type": "image", "format": found.format, "size": path.stat().st_size}
    media |= {"width": found.width, "height": found.height}
    if found.deep:
        media["bits"] = 16
    Item.objects.filter(dataset=job.dataset, ordinal=ordinal).update(media={"source": media})


def color_at(page: Any, x: float, y: float) -> tuple[int, int, int]:
    """What the screen shows at a point."""
    shot = page.screenshot(clip={"x": round(x), "y": round(y), "width": 1, "height": 1})
    return Image.open(io.BytesIO(shot)).convert("RGB").getpixel((0, 0))  # type: ignore[return-value]


def wait_color(page: Any, x: float, y: float, wanted: tuple[int, int, int]) -> None:
    """Wait until the screen shows this colour there, nearly."""
    found: list[tuple[int, int, int]] = []

    def there() -> bool:
        found[:] = [color_at(page, x, y)]
        return max(abs(a - b) for a, b in zip(found[0], wanted, strict=True)) <= 6

    try:
        happens(page, there)
    except AssertionError as error:
        raise AssertionError(f"{found} at {x}, {y} instead of {wanted}") from error


def wait_changed(page: Any, at: tuple[float, float], before: tuple[int, ...]) -> None:
    """Wait until the screen shows another colour there, clearly."""
    happens(
        page,
        lambda: max(abs(a - b) for a, b in zip(color_at(page, *at), before, strict=True)) > 6,
    )


class Turned(Canvas):
    """The canvas whose view is turned right once: the picture's top is at the right."""

    def __init__(self, page: Any) -> None:
        super().__init__(page, HEIGHT, WIDTH)

    def at(self, x: float, y: float) -> tuple[float, float]:
        return super().at(HEIGHT - y, x)


def test_a_turned_view_draws_and_moves_in_the_picture_s_coordinates(
    sign_in: Any, workspace: Any, labeler: Any
) -> None:
    job = detection_job(labeler, workspace=workspace, items=2)
    assignment = claim(job, labeler)
    page = sign_in(labeler)
    open_item(page, assignment)
    page.keyboard.press(">")
    page.keyboard.press("c")  # the cross would lie over what is looked at
    canvas = Turned(page)
    wait_color(page, *canvas.at(320, 400), (104, 118, 96))  # the ground, now at the left
    page.keyboard.press("1")
    with saves(page):
        canvas.drag((100, 120), (180, 300))
    box = results_of(assignment)[0]["data"][0]
    assert [[round(n) for n in point] for point in box["value"]] == [
        [100, 120], [180, 120], [180, 300], [100, 300],
    ]  # fmt: skip
    # An arrow moves it where the arrow points: right on the screen is up in the picture.
    before = box["value"][0]
    with saves(page):
        page.keyboard.press("Shift+ArrowRight")
    moved = results_of(assignment)[0]["data"][0]["value"][0]
    assert [round(moved[0] - before[0], 2), round(moved[1] - before[1], 2)] == [0, -10]
    # Its lower right corner is at the lower left of the screen.
    with saves(page):
        page.keyboard.press("v")
        canvas.drag((180, 290), (220, 330))
    corner = results_of(assignment)[0]["data"][0]["value"][2]
    assert [round(corner[0]), round(corner[1])] == [220, 330]
    # Each item is turned for itself, and stays so.
    page.keyboard.press("d")
    wait_painted(page, 2)
    wait_color(page, *Canvas(page).at(320, 400), (104, 118, 96))
    page.keyboard.press("a")
    wait_painted(page, 1)
    wait_color(page, *canvas.at(320, 400), (104, 118, 96))


def test_the_view_s_controls_by_keys_and_by_hand(
    sign_in: Any, workspace: Any, labeler: Any
) -> None:
    job = detection_job(labeler, workspace=workspace, items=2)
    page = sign_in(labeler)
    open_item(page, claim(job, labeler))
    canvas = Canvas(page)
    page.keyboard.press("c")
    page.keyboard.press("1")
    canvas.drag((300, 330), (420, 430))
    ground = canvas.at(600, 460)
    wait_color(page, *ground, (104, 118, 96))
    for _ in range(3):
        page.keyboard.press("}")
    bright = tuple(min(255, round(n * 1.12**3)) for n in (104, 118, 96))
    wait_color(page, *ground, bright)  # type: ignore[arg-type]
    # Contrast takes greys apart and back; the cross goes through the pointer, over the whole picture.
    for _ in range(3):
        page.keyboard.press("|")
    wait_changed(page, ground, bright)
    for _ in range(3):
        page.keyboard.press(":")
    wait_color(page, *ground, bright)  # type: ignore[arg-type]
    page.mouse.move(ground[0], canvas.at(0, 330)[1])
    page.keyboard.press("c")
    wait_changed(page, ground, bright)
    page.keyboard.press("c")
    wait_color(page, *ground, bright)  # type: ignore[arg-type]
    # The next picture is as bright, and the colour of regions is not touched.
    page.keyboard.press("d")
    wait_painted(page, 2)
    wait_color(page, *canvas.at(600, 460), bright)  # type: ignore[arg-type]
    page.keyboard.press("\\")
    wait_color(page, *canvas.at(600, 460), (104, 118, 96))
    page.keyboard.press("a")
    wait_painted(page, 1)

    page.keyboard.press("Alt+v")
    panel = page.get_by_role("group", name="View")
    fill = panel.get_by_role("slider", name="Fill of regions")
    fill.fill("0.6")
    # 60 % of the label's colour over the ground.
    page.locator("[data-surface=image]").press("Escape")
    wait_color(page, *canvas.at(320, 415), (171, 72, 54))
    assert panel.count() == 1
    assert [one for one in violations(page) if "view-" in one] == []
    panel.get_by_label("Colors").select_option("region")
    page.wait_for_function(
        "() => JSON.parse(localStorage.getItem('itag.workbench')).colorBy === 'region'"
    )
    wait_changed(page, canvas.at(320, 415), (171, 72, 54))
    panel.get_by_role("button", name="Turn the view left").press("Escape")
    assert panel.count() == 0

    # Zoomed in on the region, the map shows where that is; a press on it looks elsewhere.
    assert page.locator(".minimap").count() == 0
    page.keyboard.press("j")
    page.keyboard.press("Shift+V")
    page.wait_for_selector(".minimap")
    zoomed = page.locator(".zoom-value").inner_text()
    assert int(zoomed.split()[0]) > 250
    view = page.locator(".minimap-view")
    before = view.bounding_box()
    area = page.locator(".minimap canvas").bounding_box()
    page.mouse.click(area["x"] + 15, area["y"] + 15)
    page.wait_for_function(
        "x => document.querySelector('.minimap-view').getBoundingClientRect().x < x - 20",
        arg=before["x"],
    )
    assert page.locator(".zoom-value").inner_text() == zoomed
    page.keyboard.press("Shift+m")
    page.wait_for_selector(".minimap", state="detached")


def test_a_large_picture_is_sharp_in_tiles(
    sign_in: Any, workspace: Any, labeler: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tiles, "MANY_PIXELS", 1_000_000)
    monkeypatch.setattr(tiles, "FIRST_SIDE", 500)
    monkeypatch.setattr(tiles, "TILE", 256)
    job = detection_job(labeler, workspace=workspace, items=1)
    # Columns of one pixel: reduced they are grey, at their own size black and white.
    lines = Image.frombytes("L", (1600, 1200), bytes([0, 255] * 800) * 1200)
    lines.paste(200, (0, 0, 1600, 40))
    replace_picture(job, 1, lines.convert("RGB"), "lines.png")
    assignment = claim(job, labeler)
    page = sign_in(labeler)
    open_item(page, assignment)
    page.keyboard.press("c")
    host = page.locator("[data-surface=image]").bounding_box()
    middle = (host["x"] + host["width"] // 2, host["y"] + host["height"] // 2)
    grey = color_at(page, *middle)
    assert abs(grey[0] - 128) < 40
    page.keyboard.press("Shift+F")

    def extremes() -> tuple[int, int]:
        clip = {"x": round(middle[0]), "y": round(middle[1]), "width": 40, "height": 4}
        shot = Image.open(io.BytesIO(page.screenshot(clip=clip))).convert("L")
        return shot.getextrema()  # type: ignore[return-value]

    happens(page, lambda: extremes()[0] < 40 and extremes()[1] > 215)
    # What is drawn is in pixels of the original.
    page.keyboard.press("1")
    with saves(page):
        page.mouse.move(*middle)
        page.mouse.down()
        page.mouse.move(middle[0] + 100, middle[1] + 50)
        page.mouse.up()
    points = results_of(assignment)[0]["data"][0]["value"]
    assert points[2][0] - points[0][0] == 100
    assert points[2][1] - points[0][1] == 50
    assert results_of(assignment)[0]["width"] == 1600


def test_sixteen_bits_have_a_window_and_a_level(sign_in: Any, workspace: Any, labeler: Any) -> None:
    job = detection_job(labeler, workspace=workspace, items=2)
    # Two halves that differ by less than a grey of 8 bits (256 values).
    row = [30_000] * 320 + [30_100] * 320
    greys = [10_000] * 6400 + row * 460 + [50_000] * 6400
    deep = Image.frombytes("I;16", (640, 480), array.array("H", greys).tobytes())
    replace_picture(job, 1, deep, "deep.png")
    page = sign_in(labeler)
    open_item(page, claim(job, labeler))
    page.keyboard.press("c")
    canvas = Canvas(page)
    left, right = canvas.at(100, 240), canvas.at(540, 240)
    wait_color(page, *left, (128, 128, 128))
    assert abs(color_at(page, *left)[0] - color_at(page, *right)[0]) <= 1
    page.keyboard.press("Alt+v")
    panel = page.get_by_role("group", name="View")
    level = panel.get_by_role("spinbutton", name="Level")
    assert level.input_value() == "30000"
    assert panel.get_by_role("spinbutton", name="Window").input_value() == "40000"
    panel.get_by_role("spinbutton", name="Window").fill("100")
    level.fill("30050")
    level.press("Tab")
    wait_color(page, *left, (0, 0, 0))
    wait_color(page, *right, (255, 255, 255))
    level.press("Escape")
    page.locator("[data-surface=image]").focus()
    # Brighter: the window moves down by keys.
    for _ in range(16):
        page.keyboard.press("}")
    wait_color(page, *left, (255, 255, 255))
    page.keyboard.press("\\")
    wait_color(page, *left, (128, 128, 128))


def test_a_picture_that_its_camera_turned_is_upright(
    sign_in: Any, workspace: Any, labeler: Any
) -> None:
    """Exif says that the top of the file is the right side of the scene; what is drawn is in the upright picture."""
    job = detection_job(labeler, workspace=workspace, items=1)
    lying = Image.new("RGB", (640, 480), (20, 120, 200))
    lying.paste((200, 60, 40), (0, 0, 640, 100))
    exif = Image.Exif()
    exif[0x0112] = 6
    replace_picture(job, 1, lying, "turned.jpg", exif=exif, quality=95)
    assignment = claim(job, labeler)
    page = sign_in(labeler)
    open_item(page, assignment)
    page.keyboard.press("c")
    canvas = Canvas(page, 480, 640)
    wait_color(page, *canvas.at(440, 320), (200, 60, 40))
    wait_color(page, *canvas.at(100, 600), (20, 120, 200))
    page.keyboard.press("1")
    with saves(page):
        canvas.drag((380, 20), (470, 620))
    (element,) = results_of(assignment)
    assert [element[key] for key in ("rotation", "width", "height")] == [0, 480, 640]
    assert [[round(n) for n in point] for point in element["data"][0]["value"][::2]] == [
        [380, 20], [470, 620],
    ]  # fmt: skip
    # Names of labels are shown or not, by one key.
    name = canvas.at(386, 14)
    page.keyboard.press("Escape")
    clip = {"x": round(name[0]) - 10, "y": round(name[1]) - 14, "width": 60, "height": 24}
    named = page.screenshot(clip=clip)
    page.keyboard.press("t")
    happens(page, lambda: page.screenshot(clip=clip) != named)
    page.keyboard.press("t")
    happens(page, lambda: page.screenshot(clip=clip) == named)
