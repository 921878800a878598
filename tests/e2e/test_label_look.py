"""The labeling page in both themes, languages and sizes: no axe violation, no sideways scrolling, no cut text."""

import uuid

import pytest

from jobs.models import Annotation, Assignment
from jobs.services.answers import save_item
from jobs.services.guide import confirm_guide, publish_guide
from jobs.services.inspect import pass_item, reject_item
from jobs.services.lifecycle import pause_job
from jobs.services.submit import submit_assignment
from jobs.services.talk import flag_item, post_message
from tests.e2e.label import (
    Canvas,
    claim,
    classification_job,
    detection_job,
    open_item,
    saves,
    violations,
    wait_painted,
)
from tests.jobs import flow

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(300),
]

CUT = """() => [...document.querySelectorAll('button, a, h1, h2, h3, p, label, dt, dd, summary, .badge')]
    .filter(e => e.offsetParent !== null && !e.closest('.truncate, .visually-hidden, .virtual, pre'))
    .filter(e => e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== 'inline')
    .filter(e => !e.querySelector('.truncate, .visually-hidden'))
    .map(e => e.outerHTML.slice(0, 120))"""


def look(page, name):
    """Check what is on the screen in both themes and sizes; axe, which is slow, in one theme for each language."""
    chinese = page.evaluate("document.documentElement.lang").startswith("zh")
    for theme in ("light", "dark"):
        page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
        for width, height in ((1280, 800), (1920, 1080)):
            page.set_viewport_size({"width": width, "height": height})
            where = f"{name} {theme} {width}"
            sideways = page.evaluate("document.documentElement.scrollWidth > innerWidth")
            assert not sideways, where
            assert page.evaluate(CUT) == [], where
        if (theme == "dark") == chinese:
            assert violations(page) == [], where
    page.set_viewport_size({"width": 1280, "height": 800})


def box(number):
    left, top = 60 + number * 120, 200
    right, bottom = left + 90, top + 70
    identity = str(uuid.UUID(int=number + 1, version=4))
    value = {
        "id": identity,
        "type": "image/polygon",
        "shape": "rectangle",
        "value": [[left, top], [right, top], [right, bottom], [left, bottom]],
        "labels": {"1.1": ["car", "bus", "bike"][number % 3]},
    }
    return {"questionId": "1", "id": identity, "value": value}


def save(assignment, user, position, ops):
    save_item(
        assignment_id=assignment.pk,
        position=position,
        user=user,
        write=uuid.uuid4(),
        ops=ops,
        version=0,
    )


@pytest.fixture(params=["en", "zh-hans"])
def language(request):
    return request.param


@pytest.fixture
def page_for(sign_in, live_server, language):
    """`page_for(user)` gives a page in the language of the test."""

    def build(user):
        page = sign_in(user)
        page.context.add_cookies(
            [{"name": "django_language", "value": language, "url": live_server.url}]
        )
        return page

    return build


def test_labeling_pictures(page_for, workspace, labeler, language):
    job = detection_job(
        labeler,
        workspace=workspace,
        items=30,
        language=language,
        name="Vehicles-on-the-street-of-the-northern-districts",
        description="Draw a box around every vehicle.\nAs tight as you can.",
    )
    assignment = claim(job, labeler)
    page = page_for(labeler)
    open_item(page, assignment)
    look(page, "nothing marked")
    canvas = Canvas(page)
    page.keyboard.press("1")
    canvas.drag((100, 100), (200, 180))
    with saves(page):
        canvas.drag((300, 100), (400, 180))
    look(page, "region chosen")
    for key, name in (("?", "help"), ("x", "abandon"), ("Control+Enter", "submit")):
        page.keyboard.press(key)
        page.wait_for_selector("dialog[open]")
        look(page, name)
        page.keyboard.press("Escape")
        page.wait_for_selector("dialog", state="detached")
    for icon in (4, 6):  # settings, skip or release
        page.locator(".wb-actions button").nth(icon).click()
        page.wait_for_selector("dialog[open]")
        look(page, f"button {icon}")
        page.keyboard.press("Escape")
        page.wait_for_selector("dialog", state="detached")


def test_labeling_texts(page_for, workspace, labeler, language):
    text = "The new bus line opens on Monday.\n\n自行车道将于下周开放。" * 40
    job = classification_job(labeler, workspace=workspace, texts=[text, "b"], language=language)
    page = page_for(labeler)
    open_item(page, claim(job, labeler))
    with saves(page):
        page.keyboard.press("2")
    look(page, "text")
    with saves(page):
        page.keyboard.press("x")
        page.keyboard.press("1")
    wait_painted(page, 2)
    page.keyboard.press("a")
    wait_painted(page, 1)
    look(page, "abandoned text")


def test_guide_question_verdict_and_votes(
    page_for, workspace, labeler, labeler2, checker, admin_user, language
):
    job = classification_job(
        labeler,
        workspace=workspace,
        items=2,
        more_labelers=[labeler2],
        checkers=[checker],
        workflow="labeling,check",
        votes={"1": {"VoteNum": 2, "MinVote": 2}},
        language=language,
    )
    for person, key in ((labeler, "car"), (labeler2, "bus")):
        held = claim(job, person)
        for position in (1, 2):
            flow.save(held, position, key)
        flow.submit(held)
    check = claim(job, checker, "check")
    page = page_for(checker)
    open_item(page, check)
    look(page, "votes")
    flow.reject_item(check, 1, "Look again at the lower edge of the picture.")
    flow.reject_item(check, 2)
    flow.submit(check)
    publish_guide(job=job, user=admin_user, markdown="# Rules\n\n- one\n- two", note="Two rules.")
    person = Assignment.objects.get(job=job, stage="labeling", round=2).reserved_user
    confirm_guide(job=job, user=person, version=1)
    held = claim(job, person)
    publish_guide(job=job, user=admin_user, markdown="# Rules\n\n- one\n- two\n- three")
    thread = flag_item(assignment_id=held.pk, position=1, user=person, text="Which of the two?")
    post_message(thread=thread, user=admin_user, text="The second one.", publish=True)
    pause_job(job=job, user=admin_user)
    page = page_for(person)
    open_item(page, held)
    page.wait_for_selector("[data-notice=guide]")
    page.wait_for_selector(".thread-answer")
    look(page, "rework with a question")
    page.keyboard.press("F1")
    page.wait_for_selector(".guide-read")
    look(page, "guide")


def test_inspecting_reworking_and_reading(
    page_for, workspace, labeler, checker, admin_user, language
):
    job = detection_job(
        labeler, workspace=workspace, items=3, checkers=[checker], language=language
    )
    first = claim(job, labeler)
    for position in (1, 2, 3):
        save(first, labeler, position, [box(n) for n in range(position)])
    submit_assignment(assignment_id=first.pk, user=labeler)
    check = claim(job, checker, "check")

    page = page_for(checker)
    open_item(page, check, 2)
    look(page, "to be judged")
    page.keyboard.press("j")
    page.keyboard.press("r")
    page.wait_for_selector("dialog[open]")
    look(page, "reject")
    page.keyboard.press("Escape")
    page.keyboard.press("m")
    with saves(page):
        page.keyboard.press("ArrowRight")
    look(page, "modified")
    page.keyboard.press("Shift+P")
    page.wait_for_selector("dialog[open]")
    look(page, "pass the rest")
    page.keyboard.press("Escape")

    identity = box(0)["id"]
    judged = {"assignment_id": check.pk, "user": checker}
    pass_item(position=3, write=uuid.uuid4(), **judged)
    reject_item(
        position=1,
        write=uuid.uuid4(),
        feedback="The box is far too wide; look at the wheels.",
        object_id=identity,
        error_type="imprecise",
        severity="major",
        **judged,
    )
    submit_assignment(**judged)
    rework = claim(job, labeler)
    page = page_for(labeler)
    open_item(page, rework, 1)
    look(page, "rework")
    page.keyboard.press("d")
    wait_painted(page, 2)
    look(page, "locked")

    page = page_for(admin_user)
    page.goto(f"/jobs/{job.pk}/packages/1/1")
    wait_painted(page, 1)
    page.locator(".history-item button").first.click()
    look(page, "read")
    assert Annotation.objects.filter(assignment=check).count() == 3
