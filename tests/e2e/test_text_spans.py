"""Spans on the labeling page: marked with the mouse and with keys alone, overlapping, found, stored as iTAG counts."""

import pytest
from playwright.sync_api import expect

from jobs.services.submit import submit_assignment
from tests.e2e.label import builtin, claim, open_item, results_of, saves, violations
from tests.factories import make_dataset, make_job

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OPTIONS = [
    {"key": "org", "label": "organisation", "color": "#1f5fbf", "shortcut": "1"},
    {"key": "per", "label": "person", "color": "#d5281b", "shortcut": "2"},
    {"key": "loc", "label": "place", "color": "#2c7a3f", "shortcut": "3"},
]
TEXT = (
    "Ann Lee leads Acme Corp 😀 in Oslo. Acme Corp bought Vendio.\n"
    "阿里巴巴集团庆祝创立十周年,同时成立阿里云计算。\n"
    "Nordic Acme Corp Holding of Oslo, Norway, is larger than acme corp.\n"
)
HEBREW = "הנשיא ביקר אתמול בירושלים עם Ann Lee."


def span_job(labeler, workspace, *, texts=(TEXT, HEBREW), many=False, more=(), **fields):
    question = "1.2" if many else "1.1"
    return make_job(
        dataset=make_dataset([{"source": text} for text in texts], workspace=workspace),
        template=builtin("entity-recognition"),
        selected_questions=[question],
        options={question: OPTIONS},
        size=len(texts),
        labelers=[labeler, *more],
        **fields,
    )


def spans_of(assignment, position=1, question="1.1"):
    """(text, first and last character, label) of each stored span, in order."""
    results = results_of(assignment, position)
    if not results:
        return []
    (element,) = results
    assert (element["questionId"], element["type"]) == ("1", "text")
    return [
        (one["text"], one["start"], one["end"], one["labels"].get(question))
        for one in element["data"]
    ]


def place(text, words, nth=0):
    """First and last character of the words, as iTAG counts."""
    start = -1
    for _ in range(nth + 1):
        start = text.index(words, start + 1)
    return start, start + len(words) - 1


#: Whether the labels of all spans stand within their block.
INSIDE = """() => [...document.querySelectorAll('.span-label')].every(label => {
    const [a, b] = [label.getBoundingClientRect(), label.closest('[data-start]').getBoundingClientRect()];
    return a.width > 0 && a.left >= b.left && a.right <= b.right;
})"""

#: The middle of a stretch of the text on the screen, by UTF-16 units: [[x, y] of its beginning, [x, y] of its end].
ENDS = """([words, nth]) => {
    const body = document.querySelector('.text-body');
    const walker = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
    const nodes = [];
    while (walker.nextNode()) nodes.push(walker.currentNode);
    const all = nodes.map(n => n.data).join('');
    let at = -1;
    for (let i = 0; i <= nth; i++) at = all.indexOf(words, at + 1);
    const point = (unit, last) => {
        for (const node of nodes) {
            if (unit < node.length || (last && unit === node.length)) return [node, unit];
            unit -= node.length;
        }
    };
    const range = document.createRange();
    range.setStart(...point(at, false));
    range.setEnd(...point(at + words.length, true));
    const rects = [...range.getClientRects()].filter(r => r.width > 0);
    const [a, b] = [rects[0], rects.at(-1)];
    return [[a.left + 1, (a.top + a.bottom) / 2], [b.right - 1, (b.top + b.bottom) / 2]];
}"""


def drag(page, words, nth=0, *, exact=False, inside=0):
    """Drag over words; `inside`: begin and end so many pixels within them."""
    (x1, y1), (x2, y2) = page.evaluate(ENDS, [words, nth])
    if exact:
        page.keyboard.down("Alt")
    page.mouse.move(x1 + inside, y1)
    page.mouse.down()
    page.mouse.move((x1 + x2) / 2, (y1 + y2) / 2)
    page.mouse.move(x2 - inside, y2)
    page.mouse.up()
    if exact:
        page.keyboard.up("Alt")


def click(page, words, nth=0, count=1):
    (x1, y1), (x2, _y2) = page.evaluate(ENDS, [words, nth])
    page.mouse.click(min(x1 + 15, (x1 + x2) / 2), y1, click_count=count)


@pytest.fixture
def page_of(sign_in, workspace, labeler):
    def build(**fields):
        assignment = claim(span_job(labeler, workspace, **fields), labeler)
        page = sign_in(labeler, viewport={"width": 1280, "height": 900})
        open_item(page, assignment)
        return page, assignment

    return build


def test_spans_are_marked_with_the_mouse(page_of):
    page, assignment = page_of()
    # What is dragged over grows to whole words; its label is said afterwards.
    with saves(page):
        drag(page, "Acme Corp", inside=8)
    with saves(page):
        page.keyboard.press("1")
    acme = ("Acme Corp", *place(TEXT, "Acme Corp"), "org")
    assert spans_of(assignment) == [acme]
    # Two clicks mark a word, which has the label used last; another key changes it.
    with saves(page):
        click(page, "Oslo", count=2)
    with saves(page):
        page.keyboard.press("3")
    oslo = ("Oslo", *place(TEXT, "Oslo"), "loc")
    assert spans_of(assignment) == [acme, oslo]
    # Chinese words come from a dictionary; with Alt exactly what was passed is marked.
    with saves(page):
        click(page, "庆祝", count=2)
    with saves(page):
        drag(page, "巴巴集", exact=True)
    assert [one[0] for one in spans_of(assignment)[2:]] == ["庆祝", "巴巴集"]
    # Spans lie over each other: the inner one is chosen, once more with the emoji's place counted once.
    with saves(page):
        drag(page, "Lee leads Acme Corp 😀 in Oslo", inside=2)
    page.keyboard.press("Escape")
    click(page, "Acme")
    page.wait_for_selector(".region-row[aria-selected=true] >> text=Acme Corp")
    # The end of the chosen one is dragged on to the next word.
    grip = page.locator("[data-grip=end]").bounding_box()
    (_, _), (x, y) = page.evaluate(ENDS, [" in", 0])
    page.mouse.move(grip["x"] + 7, grip["y"] + 5)
    page.mouse.down()
    page.mouse.move(x - 2, y)
    with saves(page):
        page.mouse.up()
    assert spans_of(assignment)[0] == ("Acme Corp 😀 in", *place(TEXT, "Acme Corp 😀 in"), "org")
    with saves(page):
        page.keyboard.press("z")
    assert spans_of(assignment)[0] == acme
    # All places of its words get its label as one step, which is taken back as one.
    click(page, "Acme")
    page.keyboard.press("o")
    page.wait_for_selector(".text-find")
    with saves(page):
        page.keyboard.press("Alt+Enter")
    assert [one[1] for one in spans_of(assignment) if one[0] == "Acme Corp"] == [
        place(TEXT, "Acme Corp", nth)[0] for nth in range(3)
    ]
    with saves(page):
        page.keyboard.press("z")
    assert len(spans_of(assignment)) == 5
    click(page, "Oslo")
    with saves(page):
        page.keyboard.press("Delete")
    assert len(spans_of(assignment)) == 4
    assert violations(page) == []


def test_spans_are_made_with_keys_alone(page_of):
    page, assignment = page_of(many=True)
    press = page.keyboard.press
    # The caret goes on by words and marks with Shift; a label makes a span of what is marked.
    press("n")
    for _ in range(2):
        press("Control+Shift+ArrowRight")
    with saves(page):
        press("2")
    (ann,) = spans_of(assignment, question="1.2")
    assert ann == ("Ann Lee", 0, 6, ["per"])
    # Another label joins the first one.
    with saves(page):
        press("3")
    assert spans_of(assignment, question="1.2")[0][3] == ["per", "loc"]
    # By sentence; the emoji counts as one character.
    press("Control+Home")
    press("Control+Shift+ArrowDown")
    with saves(page):
        press("1")
    first = TEXT[: TEXT.index(". ") + 1]
    assert spans_of(assignment, question="1.2")[1] == (first, 0, len(first) - 1, ["org"])
    # The caret chooses what lies around it, the innermost first; the ends of what is chosen move.
    press("Control+Home")
    press("Space")
    page.wait_for_selector(".region-row[aria-selected=true] >> text=Ann Lee")
    with saves(page):
        press("]")
    assert spans_of(assignment, question="1.2")[0][0] == "Ann Lee leads"
    with saves(page):
        press("{")
    assert spans_of(assignment, question="1.2")[0][:3] == ("Lee leads", 4, 12)
    with saves(page):
        press("Alt+}")
    assert spans_of(assignment, question="1.2")[0][0] == "Lee lead"
    with saves(page):
        press("Alt+ArrowLeft")
    assert spans_of(assignment, question="1.2")[0][:3] == (" Lee lea", 3, 10)
    with saves(page):
        press("Delete")
    assert [one[0] for one in spans_of(assignment, question="1.2")] == [first]
    # Search: what is found is labeled at once.
    press("Escape")
    press("Escape")
    press("f")
    page.get_by_label("Words to look for").fill("acme corp")
    page.wait_for_selector(".text-find output >> text=4")
    with saves(page):
        press("Alt+Enter")
    found = spans_of(assignment, question="1.2")[1:]
    assert [one[0] for one in found] == ["Acme Corp"] * 3 + ["acme corp"]
    # Text that runs to the left: the left arrow goes on.
    press("d")
    page.wait_for_selector("html[data-painted='2']")
    press("n")
    press("Control+Shift+ArrowLeft")
    with saves(page):
        press("2")
    word = HEBREW.split()[0]
    assert spans_of(assignment, 2, "1.2") == [(word, 0, len(word) - 1, ["per"])]
    assert violations(page) == []


def test_spans_are_judged_changed_and_compared(page_of, sign_in, labeler, checker):
    """In check the same text is shown, and nothing of it changes before the checker takes it up."""
    page, first = page_of(checkers=[checker])
    drag(page, "Acme Corp")
    with saves(page):
        page.keyboard.press("1")
    click(page, "Vendio", count=2)
    with saves(page):
        page.keyboard.press("3")
    page.keyboard.press("d")
    page.wait_for_selector("html[data-painted='2']")
    with saves(page):
        page.keyboard.press("Enter")
    given = spans_of(first)
    submit_assignment(assignment_id=first.pk, user=labeler)

    check = claim(first.job, checker, "check")
    page = sign_in(checker, viewport={"width": 1280, "height": 900})
    open_item(page, check)
    page.wait_for_selector("mark")
    # What is dragged over is the browser's own selection, to be copied; a click chooses a span.
    drag(page, "Ann Lee")
    assert page.evaluate("getSelection().toString()") == "Ann Lee"
    click(page, "Vendio")
    page.wait_for_selector(".region-row[aria-selected=true] >> text=Vendio")
    assert page.locator(".region-row").count() == 2
    assert page.locator(".text-grip:visible").count() == 0
    # Taken up: another label, and a span that goes; what was there before can be laid over the text.
    page.keyboard.press("m")
    with saves(page):
        page.keyboard.press("1")
    click(page, "Acme")
    with saves(page):
        page.keyboard.press("Delete")
    assert spans_of(check) == [(*given[1][:3], "org")]
    assert spans_of(first) == given
    page.wait_for_selector("[data-changes='2']")
    # Where it is narrow, labels are moved back from the edge and none is cut off.
    page.set_viewport_size({"width": 900, "height": 900})
    page.keyboard.press(";")
    page.wait_for_selector(".span-label[data-ghost][data-label*='place']")
    page.wait_for_function(INSIDE)
    assert page.locator(".span-label[data-ghost]").count() == 2
    page.keyboard.press(";")
    expect(page.locator(".span-label[data-ghost]")).to_have_count(0)
