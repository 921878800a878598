"""Tables on the labeling page: drawn on the picture, filled like a spreadsheet, read back unchanged."""

from pathlib import Path

import pytest
from django.conf import settings

from jobs.selectors.template import job_questions, template_key
from templates_app.answers import from_manifest, to_manifest
from tests.e2e.label import (
    Canvas,
    builtin,
    claim,
    draw_picture,
    open_item,
    results_of,
    saves,
    violations,
    wait_painted,
)
from tests.factories import make_dataset, make_job

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def table_job(labeler, workspace, *, items=2, more=(), **fields):
    dataset = make_dataset(items, kind="image", workspace=workspace)
    assert dataset.storage is not None
    for number in range(1, items + 1):
        draw_picture(Path(settings.FILES_ROOT) / dataset.storage.root / f"{number}.jpg", number)
    return make_job(
        dataset=dataset,
        template=builtin("table"),
        selected_questions=[],
        options={},
        size=items,
        labelers=[labeler, *more],
        **fields,
    )


def table_of(assignment, position=1):
    (element,) = results_of(assignment, position)
    assert (element["questionId"], element["type"]) == ("1", "table")
    return element["data"]


def texts(assignment, position=1):
    """The texts by place; "-" where a place belongs to another cell."""
    data = table_of(assignment, position)
    found = [["-"] * data["cols"] for _ in range(data["rows"])]
    for cell in data["cells"]:
        found[cell["row"]][cell["col"]] = cell["text"]
    return found


def corners(cell):
    return [pytest.approx(point, abs=1) for point in cell["value"]]


def quad(left, top, right, bottom):
    return [[left, top], [right, top], [right, bottom], [left, bottom]]


@pytest.fixture
def page_of(sign_in, workspace, labeler):
    def build(**fields):
        assignment = claim(table_job(labeler, workspace, **fields), labeler)
        page = sign_in(labeler, viewport={"width": 1280, "height": 900})
        open_item(page, assignment)
        return page, assignment

    return build


def test_a_table_is_drawn_and_its_lines_are_moved(page_of):
    page, assignment = page_of()
    canvas = Canvas(page)
    page.get_by_label("Rows", exact=True).fill("2")
    page.get_by_label("Columns", exact=True).fill("2")
    with saves(page):
        canvas.drag((100, 100), (400, 300))
    cells = table_of(assignment)["cells"]
    assert corners(cells[3]) == quad(250, 200, 400, 300)
    with saves(page):
        canvas.drag((175, 200), (175, 160))
    with saves(page):
        canvas.drag((250, 120), (280, 120))
    cells = table_of(assignment)["cells"]
    assert corners(cells[0]) == quad(100, 100, 280, 160)
    assert corners(cells[3]) == quad(280, 160, 400, 300)
    # A line across the lower row, by a click; then it is clicked away, with its key.
    page.keyboard.press("Alt+r")
    with saves(page):
        canvas.click(330, 230)
    page.keyboard.press("Escape")
    assert table_of(assignment)["rows"] == 3
    canvas.click(150, 230)
    with saves(page):
        page.keyboard.press("Shift+ArrowDown")
    assert corners(table_of(assignment)["cells"][5]) == quad(280, 240, 400, 300)
    with saves(page):
        page.keyboard.press("Delete")
    assert table_of(assignment)["rows"] == 2
    # Everything at once, and everything back.
    with saves(page):
        canvas.drag((400, 300), (500, 400))
    moved = table_of(assignment)["cells"][3]["value"]
    assert moved[2] == pytest.approx([500, 400], abs=1)
    with saves(page):
        for _ in range(6):
            page.keyboard.press("Control+z")
    assert corners(table_of(assignment)["cells"][0]) == quad(100, 100, 250, 200)
    with saves(page):
        page.keyboard.press("Control+z")
    assert results_of(assignment) == []


def test_cells_are_filled_by_keys_alone(page_of, workspace):
    page, assignment = page_of()
    with saves(page):
        page.keyboard.press("Alt+w")
    grid = page.get_by_role("grid")
    page.keyboard.press("F2")
    sent = []
    page.on("request", lambda request: sent.append(request.post_data or ""))
    with saves(page):
        page.keyboard.type("Year")
        page.keyboard.press("Tab")
        page.keyboard.type("Rain")
        page.keyboard.press("Enter")
        page.keyboard.type("2024")
        page.keyboard.press("ArrowRight")
        page.keyboard.type("<b>12</b>")
        page.keyboard.press("Enter")
    typed = [text for text in sent if '"ops"' in text]
    assert typed
    assert all(len(text) < 2000 and '"cells"' not in text for text in typed)
    assert texts(assignment) == [
        ["Year", "Rain", ""],
        ["2024", "<b>12</b>", ""],
        ["", "", ""],
        ["", "", ""],
    ]
    # F2 goes on in the text, Alt+Enter breaks the line, Escape leaves it as it was.
    page.keyboard.press("ArrowUp")
    page.keyboard.press("F2")
    page.keyboard.press("Alt+Enter")
    page.keyboard.type("mm")
    with saves(page):
        page.keyboard.press("Enter")
    page.keyboard.type("lost")
    page.keyboard.press("Escape")
    assert texts(assignment)[1:3] == [["2024", "<b>12</b>\nmm", ""], ["", "", ""]]
    # Merge, header, split, rows and columns.
    page.keyboard.press("Control+Home")
    page.keyboard.press("Shift+ArrowRight")
    with saves(page):
        page.keyboard.press("Alt+m")
        page.keyboard.press("Alt+h")
    first = table_of(assignment)["cells"][0]
    assert (first["colspan"], first["header"], first["text"]) == (2, True, "Year\nRain")
    assert first["value"] == [[0, 0], [426.67, 0], [426.67, 120], [0, 120]]
    with saves(page):
        page.keyboard.press("Shift+Alt+s")
        page.keyboard.press("Alt+ArrowDown")
        page.keyboard.press("Control+ArrowDown")
        page.keyboard.press("Alt+ArrowLeft")
        page.keyboard.press("Shift+Alt+Delete")
    data = table_of(assignment)
    assert (data["rows"], data["cols"]) == (5, 3)
    with saves(page):
        page.keyboard.press("Control+z")
        page.keyboard.press("Control+z")
        page.keyboard.press("Control+Shift+z")
        page.keyboard.press("Control+z")
    assert table_of(assignment)["rows"] == 5
    # The preview shows texts as texts.
    page.keyboard.press("Alt+p")
    preview = page.get_by_role("region", name="Preview")
    assert "<b>12</b>" in preview.inner_text()
    assert preview.locator("b").count() == 0
    assert violations(page) == []
    page.keyboard.press("Alt+p")
    grid.wait_for()
    assert violations(page) == []
    # From the manifest comes what went in.
    stored = results_of(assignment)
    questions = job_questions(template_key(assignment.job))
    assert from_manifest(to_manifest(stored, questions), questions) == stored


def test_a_spreadsheet_is_pasted_and_copied(page_of, labeler, workspace):
    page, assignment = page_of()
    page.evaluate(
        """() => {
        const data = new DataTransfer();
        data.setData('text/html', '<table><tr><th colspan=2>Sum</th></tr>' +
            '<tr><td>1<br>one</td><td><img src=x onerror="window.hacked=1">2</td></tr></table>');
        data.setData('text/plain', 'Sum');
        document.body.dispatchEvent(new ClipboardEvent('paste',
            {clipboardData: data, bubbles: true, cancelable: true}));
    }"""
    )
    page.get_by_role("grid").wait_for()
    page.keyboard.press("F2")
    page.keyboard.press("ArrowDown")
    with saves(page):
        page.evaluate(
            """() => {
            const data = new DataTransfer();
            data.setData('text/plain', 'a\\tb\\r\\n"c\\nd"\\te\\r\\n');
            document.activeElement.dispatchEvent(new ClipboardEvent('paste',
                {clipboardData: data, bubbles: true, cancelable: true}));
        }"""
        )
    assert texts(assignment) == [["Sum", "-"], ["a", "b"], ["c\nd", "e"]]
    assert {cell["value"] for cell in table_of(assignment)["cells"]} == {None}
    page.keyboard.press("Control+a")
    copied = page.evaluate(
        """() => {
        const data = new DataTransfer();
        document.activeElement.dispatchEvent(new ClipboardEvent('copy',
            {clipboardData: data, bubbles: true, cancelable: true}));
        return [data.getData('text/plain'), data.getData('text/html'), window.hacked];
    }"""
    )
    assert copied == [
        'Sum\t\na\tb\n"c\nd"\te',
        '<table><tr><td colspan="2">Sum</td></tr><tr><td>a</td><td>b</td></tr>'
        "<tr><td>c<br>d</td><td>e</td></tr></table>",
        None,
    ]
    # A table from elsewhere gets its place afterwards.
    page.keyboard.press("Escape")
    with saves(page):
        Canvas(page).drag((100, 100), (300, 400))
    assert corners(table_of(assignment)["cells"][1]) == quad(100, 200, 200, 300)
    # What is typed now goes into the table; Escape leaves it.
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    wait_painted(page, 2)
    page.get_by_text("Draw the table's outline").wait_for()
    page.keyboard.press("a")
    wait_painted(page, 1)
    assert page.locator("[data-cell='2:0']").inner_text() == "c\nd"
