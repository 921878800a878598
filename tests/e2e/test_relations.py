"""Relations between spans on the labeling page: with the mouse and with keys alone, checked where they are stored."""

from uuid import uuid4

import pytest

from jobs.services.answers import save_item
from tests.e2e.label import builtin, claim, open_item, results_of, saves, violations
from tests.factories import make_dataset, make_job

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

KINDS = [
    {"key": "per", "label": "person", "color": "#d5281b", "shortcut": "1"},
    {"key": "org", "label": "organisation", "color": "#1f5fbf", "shortcut": "2"},
    {"key": "loc", "label": "place", "color": "#2c7a3f", "shortcut": "3"},
]
HOW = [
    {"key": "works", "label": "works for", "color": "#8a3ffc", "shortcut": "1"},
    {"key": "in", "label": "based in", "color": "#b8860b", "shortcut": "2"},
    {"key": "knows", "label": "knows", "color": "#1f5fbf", "shortcut": "3"},
]
PAIRS = [
    {"from": ["per"], "to": ["org"], "relation": ["works"]},
    {"from": ["per", "org"], "to": ["loc"], "relation": ["in"]},
    {"from": ["per"], "to": ["per"], "relation": []},
]
TEXT = "Ann leads Acme in Oslo.\nShe met Bo there, who grew up in Bergen.\n"
SPANS = {"Ann": "per", "Acme": "org", "Oslo": "loc", "Bo": "per"}


@pytest.fixture
def page_of(sign_in, workspace, labeler):
    """A page with the spans marked."""
    job = make_job(
        dataset=make_dataset([{"source": TEXT}], workspace=workspace),
        template=builtin("entity-relationship"),
        selected_questions=["1.1"],
        options={"1.1": KINDS, "1.3": HOW},
        overrides={"1": {"pairs": PAIRS}},
        size=1,
        labelers=[labeler],
    )
    assignment = claim(job, labeler)
    data = [
        {
            "id": words,
            "type": "text/span",
            "start": TEXT.index(words),
            "end": TEXT.index(words) + len(words) - 1,
            "text": words,
            "labels": {"1.1": kind},
        }
        for words, kind in SPANS.items()
    ]
    save_item(
        assignment_id=assignment.pk,
        position=1,
        user=labeler,
        write=uuid4(),
        version=0,
        ops=[
            {
                "questionId": "1",
                "id": None,
                "value": {"questionId": "1", "type": "text", "data": data},
            }
        ],
    )
    page = sign_in(labeler, viewport={"width": 1280, "height": 900})
    open_item(page, assignment)
    page.wait_for_selector(".span-label[data-span=Bo]")
    return page, assignment


def relations_of(assignment):
    """(from, label, to) of each stored relation, in order."""
    (element,) = results_of(assignment)
    return [
        (one["from"], one["labels"].get("1.3"), one["to"])
        for one in element["data"]
        if one["type"] == "text/relation"
    ]


def drag(page, start, end):
    """Drag from a span's label to another one's."""
    places = [
        page.locator(f".span-label[data-span={name}]").bounding_box() for name in (start, end)
    ]
    (x1, y1), (x2, y2) = [(one["x"] + one["width"] / 2, one["y"] + 6) for one in places]
    page.mouse.move(x1, y1)
    page.mouse.down()
    page.mouse.move((x1 + x2) / 2, (y1 + y2) / 2)
    page.mouse.move(x2, y2)
    page.mouse.up()


def test_relations_are_drawn_and_made_with_keys_alone(page_of):
    page, assignment = page_of
    press = page.keyboard.press
    # An arrow is dragged from label to label; then it is said what it means.
    with saves(page):
        drag(page, "Ann", "Acme")
    with saves(page):
        press("1")
    works = ("Ann", "works", "Acme")
    assert relations_of(assignment) == [works]
    label = page.get_by_role("button", name="Ann → works for → Acme")
    label.wait_for()
    # What no pair allows is refused, with the reason.
    drag(page, "Oslo", "Ann")
    page.wait_for_selector("text=No relation may go from place to person.")
    # The label used last stays where it is allowed, else the only one that is takes its place.
    with saves(page):
        drag(page, "Acme", "Oslo")
    based = ("Acme", "in", "Oslo")
    assert relations_of(assignment) == [works, based]
    # One that is clicked makes the others stand back, and cannot mean what the pairs do not allow.
    label.click()
    page.wait_for_selector(".arrows[data-dim] .arrow[data-chosen]")
    page.wait_for_selector(".region-row[aria-selected=true] >> text=works for")
    press("3")
    page.wait_for_selector("text=knows may not go from person to organisation.")
    # A span takes its relations with it, and brings them back.
    page.locator(".span-label[data-span=Acme]").click()
    page.wait_for_selector(".region-row[data-region=Acme][aria-selected=true]")
    with saves(page):
        press("Delete")
    assert relations_of(assignment) == []
    with saves(page):
        press("z")
    assert relations_of(assignment) == [works, based]

    # By keys: from the chosen span to one that is walked to.
    press("Escape")
    press("j")
    page.wait_for_selector(".region-row[data-region=Ann][aria-selected=true]")
    press("e")
    page.wait_for_selector("text=From “Ann” to …")
    press("k")
    page.wait_for_selector("text=From “Ann” to “Bo”")
    with saves(page):
        press("Enter")
    with saves(page):
        press("3")
    knows = ("Ann", "knows", "Bo")
    assert relations_of(assignment) == [works, based, knows]
    with saves(page):
        press("v")
    assert relations_of(assignment)[2] == ("Bo", "knows", "Ann")
    # By the letters that stand at the spans: of those to which one may go.
    press("Escape")
    press("k")
    press("l")
    page.wait_for_selector(".region-row[aria-selected=true] >> text=works for")
    page.locator(".region-row[data-region=Bo]").click()
    press("e")
    page.wait_for_selector(".arrow-signs kbd")
    press("d")
    page.wait_for_selector("text=From “Bo” to “Oslo”")
    with saves(page):
        press("Enter")
    assert relations_of(assignment)[3] == ("Bo", "in", "Oslo")
    with saves(page):
        press("Delete")
    assert len(relations_of(assignment)) == 3
    assert violations(page) == []
