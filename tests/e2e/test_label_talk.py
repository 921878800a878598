"""The guide one key away, questions about items, and appeals, on the labeling page."""

import pytest

from jobs.models import Appeal, GuideConfirmation, Thread
from jobs.services.appeals import decide_appeal
from jobs.services.guide import confirm_guide, publish_guide
from jobs.services.talk import post_message
from tests.e2e.label import claim, classification_job, open_item, saves, violations, wait_painted
from tests.jobs.flow import inspect_all, label

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

GUIDE = "# What counts\n\n" + "\n\n".join(f"Paragraph {n} of the rules." for n in range(80))


@pytest.fixture
def job(workspace, labeler, checker, admin_user):
    """Two packages of two items, checked."""
    return classification_job(
        labeler,
        workspace=workspace,
        texts=["one", "two", "three", "four"],
        size=2,
        workflow="labeling,check",
        checkers=[checker],
        managers=[admin_user],
    )


def look(page):
    with page.expect_response(lambda answer: answer.url.endswith("/pulse")):
        page.evaluate("dispatchEvent(new Event('focus'))")


def publish(job, user, text=GUIDE, note=""):
    return publish_guide(job=job, user=user, markdown=text, note=note)


def test_the_guide_is_one_key_away_and_remembers_its_place(sign_in, job, labeler, admin_user):
    publish(job, admin_user)
    confirm_guide(job=job, user=labeler, version=1)
    assignment = claim(job, labeler)
    page = sign_in(labeler)
    open_item(page, assignment)
    page.keyboard.press("F1")
    guide = page.get_by_role("region", name="Guide")
    guide.get_by_role("heading", name="What counts").wait_for()
    assert guide.get_by_role("button", name="I have read it").count() == 0
    assert violations(page) == []
    scroll = page.locator(".guide-scroll")
    scroll.evaluate("e => { e.scrollTop = 900; }")
    page.wait_for_function("() => sessionStorage.length > 0")
    # Work goes on beside it.
    with saves(page):
        page.keyboard.press("1")
    page.keyboard.press("Escape")
    guide.wait_for(state="detached")
    page.keyboard.press("F1")
    page.wait_for_function("() => document.querySelector('.guide-scroll')?.scrollTop === 900")


def test_a_new_version_is_confirmed_before_the_next_claim(sign_in, job, labeler, admin_user):
    assignment = claim(job, labeler)
    page = sign_in(labeler)
    open_item(page, assignment)
    publish(job, admin_user, note="what is new")
    look(page)
    banner = page.locator("[data-notice=guide]")
    banner.get_by_text("Version 1 of the guide is new.").wait_for()
    # It keeps nobody from finishing.
    for position in (1, 2):
        with saves(page):
            page.keyboard.press("1")
        page.keyboard.press("Enter")
        if position == 1:
            wait_painted(page, 2)
    page.get_by_role("dialog").get_by_role("button", name="Submit").click()
    page.get_by_role("button", name="Next package").click()
    dialog = page.get_by_role("dialog", name="Guide")
    dialog.get_by_text("what is new").wait_for()
    dialog.get_by_role("heading", name="What counts").wait_for()
    assert violations(page) == []
    dialog.get_by_role("button", name="I have read it").click()
    page.wait_for_url(lambda url: f"/label/{assignment.pk}/" not in url)
    page.wait_for_selector("html[data-painted]")
    assert GuideConfirmation.objects.filter(user=labeler, guide__version=1).exists()
    assert page.locator("[data-notice=guide]").count() == 0


def test_an_item_is_flagged_with_a_question_and_answered(
    sign_in, job, labeler, admin_user, checker
):
    assignment = claim(job, labeler)
    page = sign_in(labeler)
    open_item(page, assignment)
    # Also without a connection: it waits with the rest of the work.
    page.route("**/api/**", lambda route: route.abort())
    page.keyboard.press("s")
    dialog = page.get_by_role("dialog", name="Question about this item")
    dialog.get_by_label("Your question").fill("Does a van count as a car?")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("[data-save=offline]")
    page.wait_for_selector("[data-position='1'] [data-flag=open]")
    assert Thread.objects.count() == 0
    page.unroute("**/api/**")
    page.get_by_role("button", name="Retry").click()
    panel = page.get_by_role("region", name="Question about this item")
    panel.get_by_text("Does a van count as a car?").wait_for()
    page.wait_for_selector("[data-save=saved]")
    thread = Thread.objects.get()
    assert (thread.author, thread.package_item.position) == (labeler, 1)
    # It blocks nothing, and the answer comes without a reload.
    with saves(page):
        page.keyboard.press("1")
    post_message(thread=thread, user=admin_user, text="Yes, it does.", publish=True)
    look(page)
    panel.get_by_text("Yes, it does.").wait_for()
    page.wait_for_selector("[data-position='1'] [data-flag=answered]")
    assert violations(page) == []
    panel.get_by_label("Go on writing").fill("And a bus?")
    page.keyboard.press("Control+Enter")
    panel.get_by_text("And a bus?").wait_for()
    page.wait_for_selector("[data-position='1'] [data-flag=open]")
    # Published answers stand in the guide.
    page.keyboard.press("Escape")
    page.keyboard.press("F1")
    page.get_by_role("region", name="Guide").get_by_text("Yes, it does.").wait_for()
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    wait_painted(page, 2)
    page.keyboard.press("Shift+S")
    wait_painted(page, 1)
    page.keyboard.press("d")
    wait_painted(page, 2)
    with saves(page):
        page.keyboard.press("2")
    page.keyboard.press("Control+Enter")
    page.get_by_role("dialog").get_by_role("button", name="Submit").click()
    page.get_by_role("heading", name="Submitted").wait_for()

    # Whoever checks sees it.
    theirs = sign_in(checker)
    open_item(theirs, claim(job, checker, "check"))
    theirs.wait_for_selector("[data-position='1'] [data-flag=open]")
    theirs.get_by_role("region", name="Question about this item").get_by_text(
        "Does a van count as a car?"
    ).wait_for()


def test_a_verdict_is_appealed_once_and_decided(sign_in, job, labeler, checker, admin_user):
    label(job, labeler, "car")
    inspect_all(job, checker, "check", 1)
    assignment = claim(job, labeler)
    assert assignment.round == 2
    page = sign_in(labeler)
    open_item(page, assignment)
    page.get_by_text("wrong", exact=True).wait_for()
    page.keyboard.press("Shift+R")
    dialog = page.get_by_role("dialog", name="Appeal against the verdict")
    dialog.get_by_label("Why your answer was right").fill("It is a car.")
    assert violations(page) == []
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("[data-appeal=open]")
    assert dialog.count() == 0
    appeal = Appeal.objects.get()
    assert (appeal.author, appeal.text) == (labeler, "It is a car.")
    decide_appeal(appeal=appeal, user=admin_user, uphold=False, note="It is a van.")
    page.reload()
    page.wait_for_selector("[data-appeal=dismissed]")
    page.get_by_text("It is a van.").wait_for()
