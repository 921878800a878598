"""Documents page by page on the labeling page, by mouse and by keys, down to what is stored."""

import io
from typing import Any
from uuid import uuid4

import pytest

from accounts.models import User
from datasets.services.storages import storage_root
from itag.client.pdfs import A4, PdfPage, TextLine, write_pdf
from jobs.models import Assignment, Job
from jobs.selectors.template import resolved_template
from jobs.services.answers import save_item
from jobs.services.submit import submit_assignment
from templates_app.answers import from_manifest, to_manifest
from tests.browser import happens
from tests.datasets.helpers import make
from tests.e2e.label import (
    COLORS,
    Canvas,
    builtin,
    claim,
    open_item,
    results_of,
    saves,
    violations,
)
from tests.factories import make_job

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDTH, HEIGHT = A4
CLASSES = [
    {"key": "cover", "label": "cover", "color": "#1f5fbf", "shortcut": "1"},
    {"key": "body", "label": "body", "color": "#008a00", "shortcut": "2"},
]

#: A page of Latin text, a landscape one in Chinese that the viewer turns, and 30 numbered ones.
PAGES = [
    PdfPage(
        [
            TextLine(72, 100, "Invoice 2026-117", 18),
            TextLine(72, 200, "Total amount: 1,250.00"),
            TextLine(72, 216, "Due within thirty days"),
        ]
    ),
    PdfPage([TextLine(100, 120, "数据标注平台", 20)], size=(842, 595), rotate=90),
    *(PdfPage([TextLine(72, 100, f"Page number {n}", 24)]) for n in range(3, 33)),
]


def pdf_job(labeler: User, admin: User, *pages: PdfPage, items: int = 2, **fields: Any) -> Job:
    content = write_pdf(pages or PAGES)
    files = [(f"{n}.pdf", io.BytesIO(content)) for n in range(1, items + 1)]
    dataset = make(fields["workspace"], admin, kind="pdf", files=files)
    selected = fields.pop("selected", ["1.1", "1.3", "1.4", "2"])
    # Keys of the document's classes are none of the regions'.
    documents = [{**one, "shortcut": key} for one, key in zip(CLASSES, "89", strict=True)]
    options = {"1.1": COLORS, "1.4": CLASSES, "2": documents}
    return make_job(
        dataset=dataset,
        template=builtin("pdf"),
        selected_questions=selected,
        options={key: value for key, value in options.items() if key in selected},
        size=items,
        labelers=[labeler],
        workflow=fields.pop("workflow", "labeling,check,acceptance"),
        shapes=fields.pop("shapes", {}),
        **{name: value for name, value in fields.items() if name != "workspace"},
    )


def at_page(page: Any, number: int) -> None:
    page.wait_for_selector(f"[data-surface=pdf][data-page='{number}']")


def box(left: float, top: float, right: float, bottom: float) -> list[list[float]]:
    return [[left, top], [right, top], [right, bottom], [left, bottom]]


def near(found: Any, wanted: Any, tolerance: float = 1.0) -> bool:
    return all(
        abs(a - b) <= tolerance
        for one, other in zip(found, wanted, strict=True)
        for a, b in zip(one, other, strict=True)
    )


def pages_of(assignment: Assignment, position: int = 1) -> list[dict[str, Any]]:
    return [
        page
        for element in results_of(assignment, position)
        if element["type"] == "pdf"
        for page in element["pages"]
    ]


def text_ready(page: Any) -> None:
    """The page's text is known: what is drawn from now on takes it."""
    page.wait_for_selector("[data-surface=pdf][data-text]")


def test_boxes_take_the_text_beneath_them_and_pages_have_a_class(
    sign_in: Any, workspace: Any, labeler: Any, admin_user: Any
) -> None:
    job = pdf_job(labeler, admin_user, workspace=workspace)
    assignment = claim(job, labeler)
    page = sign_in(labeler)
    failures: list[str] = []
    page.on("response", lambda answer: answer.status >= 400 and failures.append(answer.url))
    page.on("console", lambda said: said.type == "error" and failures.append(said.text))
    open_item(page, assignment)
    at_page(page, 1)
    text_ready(page)
    canvas = Canvas(page, WIDTH, HEIGHT, surface="pdf")
    page.keyboard.press("2")
    with saves(page):
        canvas.drag((70, 185), (300, 222))
    (stored,) = pages_of(assignment)
    assert {k: v for k, v in stored.items() if k != "data"} == {
        "page": 1, "width": WIDTH, "height": HEIGHT, "rotation": 0,
    }  # fmt: skip
    (region,) = stored["data"]
    assert set(region) == {"id", "type", "shape", "value", "labels"}
    assert near(region["value"], box(70, 185, 300, 222))
    assert region["labels"] == {
        "1.3": "Total amount: 1,250.00\nDue within thirty days",
        "1.1": "bus",
    }
    # What is moved takes the text of its new place; one step of undo brings both back.
    with saves(page):
        for _ in range(10):
            page.keyboard.press("Shift+ArrowUp")
    (moved,) = pages_of(assignment)[0]["data"]
    assert moved["labels"]["1.3"] == "Invoice 2026-117"
    with saves(page):
        page.keyboard.press("z")
    assert pages_of(assignment)[0]["data"] == [region]

    # A page that the viewer turns is upright here, and Chinese without a font of its own is read.
    page.keyboard.press("PageDown")
    at_page(page, 2)
    text_ready(page)
    page.keyboard.press("Alt+1")
    canvas = Canvas(page, 595, 842, surface="pdf")
    with saves(page):
        canvas.drag((440, 90), (500, 240))
    (_one, turned) = pages_of(assignment)
    assert (turned["page"], turned["width"], turned["height"]) == (2, 595, 842)
    assert turned["labels"] == {"1.4": "cover"}
    assert turned["data"][0]["labels"]["1.3"] == "数据标注平台"

    # The document's own class.
    with saves(page):
        page.locator("[data-topic='2'] [data-option=body]").click()
    results = results_of(assignment)
    assert results[1] == {"questionId": "2", "type": "survey/value", "data": "body"}
    questions = resolved_template(job)["questions"]
    assert from_manifest(to_manifest(results, questions), questions) == results
    assert failures == []
    # What is stored is what is seen again.
    page.reload()
    at_page(page, 1)
    rows = page.locator("[data-region]")
    rows.nth(1).click()
    assert rows.count() == 2
    at_page(page, 2)
    assert violations(page) == []


def test_pages_are_reached_by_keys_numbers_and_small_pictures(
    sign_in: Any, workspace: Any, labeler: Any, admin_user: Any
) -> None:
    job = pdf_job(labeler, admin_user, workspace=workspace, selected=["1.1", "1.3"])
    assignment = claim(job, labeler)
    page = sign_in(labeler)
    open_item(page, assignment)
    at_page(page, 1)
    page.keyboard.press("Control+g")
    page.keyboard.type("17")
    page.keyboard.press("Enter")
    at_page(page, 17)
    page.keyboard.press("PageUp")
    at_page(page, 16)
    page.keyboard.press("End")
    at_page(page, 32)
    page.keyboard.press("Home")
    at_page(page, 1)
    page.locator("[data-thumb='3']").click()
    at_page(page, 3)
    page.get_by_role("listbox", name="Pages").focus()
    page.keyboard.press("ArrowDown")
    at_page(page, 4)
    page.wait_for_selector("[data-thumb='4'][aria-selected=true]")

    # By keys alone: draw, and the text of the page is there to be selected, copied and drawn around.
    page.locator("[data-surface=pdf]").focus()
    page.keyboard.press("n")
    page.keyboard.press("Space")
    for _ in range(2):
        page.keyboard.press("Shift+ArrowRight")
        page.keyboard.press("Shift+ArrowDown")
    with saves(page):
        page.keyboard.press("Enter")
    (only,) = pages_of(assignment)
    assert only["page"] == 4
    page.keyboard.press("Alt+t")
    line = page.locator(".textLayer span", has_text="Page number 4")
    line.wait_for()
    line.select_text()
    assert page.evaluate("getSelection().toString()") == "Page number 4"
    with saves(page):
        page.keyboard.press("Alt+w")
    _drawn, around = pages_of(assignment)[0]["data"]
    assert around["labels"]["1.3"] == "Page number 4"
    left, top = around["value"][0]
    assert (abs(left - 72) < 2, 70 < top < 100) == (True, True)

    # The other item has its own pages; this one is where it was left.
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.keyboard.press("d")
    page.wait_for_selector("html[data-painted='2']")
    at_page(page, 1)
    page.keyboard.press("a")
    at_page(page, 4)


def test_its_files_are_served_as_what_they_are(
    sign_in: Any, workspace: Any, labeler: Any, admin_user: Any
) -> None:
    """The worker and what it loads: an old server that calls .mjs text/plain would break it."""
    job = pdf_job(labeler, admin_user, workspace=workspace, selected=["1.1"])
    assignment = claim(job, labeler)
    page = sign_in(labeler)
    seen: dict[str, str] = {}
    page.on(
        "response",
        lambda answer: seen.update({answer.url: answer.headers.get("content-type", "")}),
    )
    open_item(page, assignment)
    page.keyboard.press("PageDown")
    at_page(page, 2)
    happens(page, lambda: any("/cmaps/" in url for url in seen))
    kinds = {
        url.rsplit("/", 1)[-1]: kind
        for url, kind in seen.items()
        if "pdf" in url.rsplit("/", 1)[-1]
    }
    (worker,) = [kind for name, kind in kinds.items() if name.endswith(".mjs")]
    assert worker.startswith("text/javascript")
    files = [kind for url, kind in seen.items() if "/media/file/" in url]
    assert files
    assert set(files) <= {"application/pdf", "image/webp"}


def answer_all(assignment: Assignment, user: User) -> None:
    """A box on the first page of every item."""
    for position in range(1, assignment.package.item_count + 1):
        value = {
            "id": f"box{position}",
            "type": "image/polygon",
            "shape": "rectangle",
            "value": box(10, 10, 60, 40),
            "labels": {"1.1": "car"},
            "page": 1,
        }
        ops = [{"questionId": "1", "id": value["id"], "value": value}]
        save_item(
            assignment_id=assignment.pk,
            position=position,
            user=user,
            write=uuid4(),
            ops=ops,
            version=0,
            seconds=1,
        )


def test_whoever_may_not_change_it_reads_it_and_a_broken_file_says_so(
    sign_in: Any, workspace: Any, labeler: Any, admin_user: Any
) -> None:
    job = pdf_job(
        labeler, admin_user, workspace=workspace, selected=["1.1", "1.3"], workflow="labeling,check"
    )
    assignment = claim(job, labeler)
    answer_all(assignment, labeler)
    submit_assignment(assignment_id=assignment.pk, user=labeler)
    storage = job.dataset.storage
    assert storage is not None
    broken = job.dataset.items.get(ordinal=2).media["source"]["path"]
    (storage_root(storage) / broken).write_bytes(b"%PDF-1.7 and nothing else")

    page = sign_in(labeler)
    open_item(page, assignment)
    at_page(page, 1)
    assert page.locator("[data-region]").count() == 1
    page.keyboard.press("PageDown")
    at_page(page, 2)
    canvas = Canvas(page, 595, 842, surface="pdf")
    canvas.drag((100, 100), (300, 300))
    page.keyboard.press("j")
    at_page(page, 1)
    page.keyboard.press("Delete")
    assert page.locator("[data-region]").count() == 1
    # The text may be selected by whoever reads.
    page.keyboard.press("Alt+t")
    page.locator(".textLayer span", has_text="Invoice").wait_for()
    page.goto(f"/label/{assignment.pk}/2")
    page.get_by_text("This PDF cannot be shown").wait_for()
