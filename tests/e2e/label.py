"""What the tests of the labeling page share: real pictures, jobs of the built-in templates, a page that is ready."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from PIL import Image, ImageDraw, ImageFont

from accounts.models import User
from jobs.models import Annotation, Assignment, Job
from jobs.services.claim import claim_package
from templates_app.models import LabelTemplate
from templates_app.services import install_builtin
from tests.conftest import ROOT
from tests.factories import make_dataset, make_job

WIDTH, HEIGHT = 640, 480
COLORS = [
    {"key": "car", "label": "car", "color": "#d5281b", "shortcut": "1"},
    {"key": "bus", "label": "bus", "color": "#1f5fbf", "shortcut": "2"},
    {"key": "bike", "label": "bike", "color": "#e6a817", "shortcut": "3"},
]


def draw_picture(path: Path, number: int) -> None:
    """A scene of its own for every number: sky, ground and a few blocks."""
    image = Image.new("RGB", (WIDTH, HEIGHT), (188 - number * 7 % 60, 209, 222))
    canvas = ImageDraw.Draw(image)
    canvas.rectangle((0, 300, WIDTH, HEIGHT), fill=(104, 118, 96))
    for place in range(4):
        x = 40 + place * 150 + number * 13 % 50
        y = 230 + (place * 37 + number * 11) % 60
        canvas.rectangle((x, y, x + 90, y + 60), fill=(90 + place * 40, 60, 150 - place * 30))
        canvas.ellipse((x + 8, y + 45, x + 32, y + 69), fill=(30, 30, 34))
        canvas.ellipse((x + 58, y + 45, x + 82, y + 69), fill=(30, 30, 34))
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, quality=88)


def builtin(key: str) -> LabelTemplate:
    install_builtin()
    return LabelTemplate.objects.filter(workspace=None, key=key).order_by("version").last()


def detection_job(labeler: User, *, items: int = 4, many: bool = False, **fields: Any) -> Job:
    """A running object detection job on pictures that exist, one package."""
    dataset = make_dataset(items, kind="image", workspace=fields.pop("workspace"))
    assert dataset.storage is not None
    for number in range(1, items + 1):
        draw_picture(Path(settings.FILES_ROOT) / dataset.storage.root / f"{number}.jpg", number)
    question = "1.2" if many else "1.1"
    return make_job(
        dataset=dataset,
        template=builtin("object-detection"),
        selected_questions=[question],
        options=fields.pop("options", {question: COLORS}),
        size=items,
        labelers=[labeler, *fields.pop("more_labelers", ())],
        **fields,
    )


def classification_job(
    labeler: User, *, items: int = 4, many: bool = False, texts: Iterable[str] = (), **fields: Any
) -> Job:
    """A running text classification job, one package unless `size` is given."""
    rows = [{"source": text} for text in texts] or items
    question = "2" if many else "1"
    dataset = make_dataset(rows, workspace=fields.pop("workspace"))
    return make_job(
        dataset=dataset,
        template=builtin("text-classification"),
        selected_questions=[question],
        options={question: COLORS},
        size=fields.pop("size", dataset.item_count),
        labelers=[labeler, *fields.pop("more_labelers", ())],
        **fields,
    )


#: Lines of the page that `ocr_job` shows: (text, left, top, right, bottom) in pixels of the picture.
LINES = [
    ("Receipt No. 1042", 60, 40, 320, 76),
    ("Coffee", 60, 110, 180, 146),
    ("3.50", 420, 112, 500, 148),
    ("Thank you", 60, 190, 230, 226),
]


def draw_page(path: Path) -> None:
    """A page with lines of text, and one that runs upwards at its right."""
    image = Image.new("RGB", (WIDTH, HEIGHT), (250, 249, 244))
    canvas = ImageDraw.Draw(image)
    for text, left, top, _right, _bottom in LINES:
        canvas.text((left + 4, top + 2), text, fill=(28, 28, 34), font=ImageFont.load_default(30))
    upright = Image.new("RGB", (160, 44), (250, 249, 244))
    ImageDraw.Draw(upright).text(
        (4, 2), "INVOICE", fill=(150, 30, 30), font=ImageFont.load_default(34)
    )
    image.paste(upright.rotate(90, expand=True), (570, 240))
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, quality=92)


def ocr_job(labeler: User, *, items: int = 2, texts: bool = True, **fields: Any) -> Job:
    """A running OCR job on pages that exist, one package, single choice; `texts`: with recognition results."""
    dataset = make_dataset(items, kind="image", workspace=fields.pop("workspace"))
    assert dataset.storage is not None
    for number in range(1, items + 1):
        draw_page(Path(settings.FILES_ROOT) / dataset.storage.root / f"{number}.jpg")
    return make_job(
        dataset=dataset,
        template=builtin("ocr"),
        selected_questions=["1.1", "1.3"] if texts else ["1.1"],
        options={"1.1": COLORS},
        size=items,
        labelers=[labeler],
        **fields,
    )


def claim(job: Job, user: User, stage: str = "labeling") -> Assignment:
    found = claim_package(job=job, user=user, stage=stage).assignment
    assert found is not None
    return found


def open_item(page: Any, assignment: Assignment, position: int = 1) -> None:
    """Go to the labeling page and wait until the item is shown and the tab may work."""
    page.goto(f"/label/{assignment.pk}/{position}")
    wait_painted(page, position)
    page.wait_for_selector("[data-save=saved], .badge.info, .wb-main > .notice.warn")


def wait_painted(page: Any, position: int) -> None:
    page.wait_for_selector(f"html[data-painted='{position}']")


def wait_saved(page: Any) -> None:
    page.wait_for_selector("[data-save=saved]")


@contextmanager
def saves(page: Any) -> Iterator[None]:
    """What is done inside is stored on the server when this ends."""
    with page.expect_response(
        lambda answer: "/items/" in answer.url and answer.request.method != "GET"
    ):
        yield
    wait_saved(page)


def results_of(assignment: Assignment, position: int = 1) -> list[dict[str, Any]]:
    """What is stored for an item by this assignment's holder."""
    annotation = Annotation.objects.filter(
        assignment=assignment, package_item__position=position
    ).first()
    if annotation is None or annotation.results is None:
        return []
    return json.loads(annotation.results)


class Canvas:
    """Points of the picture on the screen. The picture is fitted with the margin that the page keeps."""

    def __init__(
        self, page: Any, width: float = WIDTH, height: float = HEIGHT, *, surface: str = "image"
    ) -> None:
        self.page = page
        box = page.locator(f"[data-surface={surface}]").bounding_box()
        self.scale = min((box["width"] - 48) / width, (box["height"] - 48) / height)
        self.left = box["x"] + (box["width"] - width * self.scale) / 2
        self.top = box["y"] + (box["height"] - height * self.scale) / 2

    def at(self, x: float, y: float) -> tuple[float, float]:
        return self.left + x * self.scale, self.top + y * self.scale

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        mouse = self.page.mouse
        mouse.move(*self.at(*start))
        mouse.down()
        middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
        mouse.move(*self.at(*middle))
        mouse.move(*self.at(*end))
        mouse.up()

    def click(self, x: float, y: float) -> None:
        self.page.mouse.click(*self.at(x, y))


AXE = ROOT / "static" / "node_modules" / "axe-core" / "axe.min.js"


def violations(page: Any) -> list[str]:
    """What axe-core finds against WCAG 2.2 A and AA, one line each."""
    if page.evaluate("!window.axe"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        # Not before colours that are fading have arrived.
        """Promise.allSettled(document.getAnimations().map(a => a.finished)).then(() =>
        axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']}))
        .then(r => r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.html + ' ' +
            n.failureSummary).join(' | ')))"""
    )
    return list(found)
