"""What happens around a package while it is open: paused, offline, the claim's end, skipped, taken back, the next one."""

from datetime import timedelta

import pytest
from django.utils import timezone

from jobs.models import Assignment, Job, SkipRecord
from jobs.services.lifecycle import bring_online, pause_job, resume_job, take_offline
from jobs.services.release import expire_assignments
from tests.e2e.label import (
    claim,
    classification_job,
    detection_job,
    open_item,
    results_of,
    saves,
    violations,
    wait_painted,
    wait_saved,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def answer(key):
    return [{"questionId": "1", "type": "survey/value", "data": key}]


@pytest.fixture
def job(workspace, labeler):
    """Two packages of two items."""
    return classification_job(
        labeler, workspace=workspace, texts=["one", "two", "three", "four"], size=2
    )


@pytest.fixture
def assignment(job, labeler):
    return claim(job, labeler)


def look(page):
    """What the page does when somebody comes back to it."""
    with page.expect_response(lambda answer: answer.url.endswith("/pulse")):
        page.evaluate("dispatchEvent(new Event('focus'))")


def notice(page, name):
    return page.locator(f"[data-notice={name}]")


def hand_in(page):
    page.keyboard.press("Control+Enter")
    page.get_by_role("dialog", name="Submit the package").get_by_role(
        "button", name="Submit"
    ).click()


def answer_both(page):
    for position, key in ((1, "1"), (2, "2")):
        with saves(page):
            page.keyboard.press(key)
        if position == 1:
            page.keyboard.press("d")
            wait_painted(page, 2)


def test_offline_with_three_unsent_answers_and_back(sign_in, workspace, labeler, admin_user):
    job = classification_job(labeler, workspace=workspace, items=4)
    assignment = claim(job, labeler)
    page = sign_in(labeler)
    open_item(page, assignment)
    page.route("**/api/**", lambda route: route.abort())
    for position in (1, 2, 3):
        page.keyboard.press("1")
        page.keyboard.press("d")
        wait_painted(page, position + 1)
    page.get_by_text("3 unsent").first.wait_for()
    take_offline(job=job, user=admin_user)
    # Not even what is sent while the page goes arrives.
    page.evaluate("() => { window.fetch = () => Promise.reject(new TypeError('cut')); }")
    page.reload()
    page.wait_for_selector("[data-save=offline]")
    # The page knows from the start that the job is offline; the answers are still here.
    notice(page, "offline").wait_for()
    assert results_of(assignment, 1) == []
    page.unroute("**/api/**")
    page.get_by_role("button", name="Retry").click()
    wait_saved(page)
    for position in (1, 2, 3):
        assert results_of(assignment, position) == answer("car")
    # Saving goes on while nothing can be handed in, and the reason is said.
    with saves(page):
        page.keyboard.press("2")
    submit = page.get_by_role("button", name="Submit")
    assert submit.is_disabled()
    assert "offline" in submit.get_attribute("title")
    page.keyboard.press("Control+Enter")
    page.locator(".wb-toast").get_by_text("The job is offline").wait_for()
    assert page.locator("[data-claim]").count() == 0

    bring_online(job=Job.objects.get(pk=job.pk), user=admin_user)
    look(page)
    notice(page, "offline").wait_for(state="detached")
    assert not submit.is_disabled()
    assert page.locator("[data-claim=fresh]").count() == 1
    assert assignment.annotations.count() == 4


def test_paused_says_that_work_goes_on(sign_in, job, labeler, admin_user, assignment):
    page = sign_in(labeler)
    open_item(page, assignment)
    pause_job(job=job, user=admin_user)
    look(page)
    notice(page, "paused").wait_for()
    answer_both(page)
    assert violations(page) == []
    hand_in(page)
    page.get_by_role("heading", name="Submitted").wait_for()
    page.get_by_role("button", name="Next package").click()
    page.get_by_role("dialog").get_by_text("The job is paused").wait_for()
    resume_job(job=Job.objects.get(pk=job.pk), user=admin_user)
    page.get_by_role("button", name="From any of my jobs").click()
    page.wait_for_url(lambda url: f"/label/{assignment.pk}/" not in url)


def idle(assignment, hours):
    """As if nothing had been done for so long."""
    Assignment.objects.filter(pk=assignment.pk).update(
        last_input_at=timezone.now() - timedelta(hours=hours)
    )


def test_the_claim_time_is_counted_down_and_begins_anew_with_work(
    sign_in, job, labeler, assignment
):
    idle(assignment, 13)
    page = sign_in(labeler)
    open_item(page, assignment)
    shown = page.locator("[data-claim]")
    assert shown.get_attribute("data-claim") == "half"
    assert "10 h" in shown.inner_text()
    assert "badge" not in shown.get_attribute("class")
    notice(page, "claim").wait_for()
    # Any stroke is work, also one that changes nothing.
    page.keyboard.press("d")
    page.wait_for_selector("[data-claim=fresh]")
    notice(page, "claim").wait_for(state="detached")
    page.keyboard.press("a")
    wait_painted(page, 1)
    idle(assignment, 23)
    look(page)
    page.wait_for_selector("[data-claim=last].badge")
    notice(page, "claim").get_by_text("goes back to the others").wait_for()
    # Any answer starts it anew.
    with saves(page):
        page.keyboard.press("1")
    page.wait_for_selector("[data-claim=fresh]")
    notice(page, "claim").wait_for(state="detached")


def test_what_happens_at_the_end_of_the_claim(sign_in, job, labeler, assignment):
    page = sign_in(labeler)
    open_item(page, assignment)
    with saves(page):
        page.keyboard.press("1")
    page.route("**/api/**", lambda route: route.abort())
    page.keyboard.press("d")
    wait_painted(page, 2)
    page.keyboard.press("2")
    page.wait_for_selector("[data-save=offline]")
    idle(assignment, 25)
    expire_assignments()
    page.unroute("**/api/**")
    page.get_by_role("button", name="Retry").click()
    notice(page, "ended").get_by_text("This package is not yours any more.").wait_for()
    wait_saved(page)
    notice(page, "ended").get_by_text("The claim time ran out.").wait_for()
    assert page.get_by_role("button", name="Submit").is_disabled()
    # The same person goes on from what they saved.
    notice(page, "ended").get_by_role("button", name="Take a package").click()
    page.wait_for_url(lambda url: f"/label/{assignment.pk}/" not in url)
    page.wait_for_selector("html[data-painted]")
    page.wait_for_selector("[data-position='1'][data-state=answered]")


def test_skipping_takes_the_next_package(sign_in, job, labeler, assignment):
    page = sign_in(labeler)
    open_item(page, assignment)
    page.keyboard.press("Shift+X")
    dialog = page.get_by_role("dialog", name="Skip or release")
    dialog.get_by_text("3 more packages").wait_for()
    assert violations(page) == []
    page.keyboard.press("2")
    page.wait_for_url(lambda url: f"/label/{assignment.pk}/" not in url)
    page.wait_for_selector("html[data-painted]")
    assignment.refresh_from_db()
    assert assignment.state == Assignment.State.SKIPPED
    assert page.get_by_text("Package 2", exact=False).count() > 0


def test_an_allowance_that_is_used_up_is_said(sign_in, job, labeler, assignment):
    for _ in range(3):
        SkipRecord.objects.create(job=job, person=labeler, package=assignment.package)
    page = sign_in(labeler)
    open_item(page, assignment)
    button = page.get_by_role("button", name="Skip or release")
    assert button.is_disabled()
    assert "today" in button.get_attribute("title")
    page.keyboard.press("Shift+X")
    page.locator(".wb-toast").get_by_text("today").wait_for()
    assert page.get_by_role("dialog").count() == 0


def test_taking_a_submission_back(sign_in, job, labeler, assignment):
    page = sign_in(labeler)
    open_item(page, assignment)
    answer_both(page)
    hand_in(page)
    page.get_by_role("heading", name="Submitted").wait_for()
    page.keyboard.press("z")
    page.wait_for_url(lambda url: f"/label/{assignment.pk}/" not in url)
    page.wait_for_selector("html[data-painted]")
    assignment.refresh_from_db()
    assert assignment.state == Assignment.State.WITHDRAWN
    page.wait_for_selector("[data-position='2'][data-state=answered]")
    assert page.locator("[data-notice=handed]").count() == 0
    hand_in(page)
    page.get_by_role("heading", name="Submitted").wait_for()


def test_the_next_package_by_itself_and_the_last_one_taken_back(sign_in, job, labeler, assignment):
    page = sign_in(labeler)
    open_item(page, assignment)
    page.keyboard.press("Control+,")
    with page.expect_response("**/api/v1/me"):
        page.get_by_label("Take the next package by itself").check()
    page.keyboard.press("Escape")
    labeler.refresh_from_db()
    assert labeler.claim_next
    answer_both(page)
    hand_in(page)
    page.wait_for_url(lambda url: f"/label/{assignment.pk}/" not in url)
    page.wait_for_selector("html[data-painted]")
    notice(page, "handed").get_by_text("Package 1").wait_for()
    notice(page, "handed").get_by_role("button", name="Take it back").click()
    page.get_by_role("dialog").get_by_role("button", name="Take it back").click()
    page.wait_for_selector("[data-position='2'][data-state=answered]")
    assignment.refresh_from_db()
    assert assignment.state == Assignment.State.WITHDRAWN


def test_jumps_and_the_filter_of_the_list(sign_in, job, labeler, assignment):
    page = sign_in(labeler)
    open_item(page, assignment)
    with saves(page):
        page.keyboard.press("1")
    page.keyboard.press("u")
    wait_painted(page, 2)
    page.keyboard.press("u")
    page.locator(".wb-toast").get_by_text("no other unfinished item").wait_for()
    page.keyboard.press("Shift+S")
    page.locator(".wb-toast").get_by_text("no other item with a question").wait_for()
    rows = page.locator(".strip-row")
    assert rows.count() == 2
    page.keyboard.press("Shift+L")
    page.wait_for_function("() => document.querySelectorAll('.strip-row').length === 1")
    assert rows.get_attribute("data-position") == "2"
    page.get_by_label("Which items are listed").select_option("flagged")
    page.get_by_text("No item is like that.").wait_for()


def test_place_and_size_stay_in_view_with_many_labels(sign_in, workspace, labeler):
    options = {
        "1.1": [
            {"key": f"k{n}", "label": f"kind {n}", "color": "#1f5fbf", "shortcut": ""}
            for n in range(40)
        ]
    }
    job = detection_job(labeler, workspace=workspace, items=1, options=options)
    assignment = claim(job, labeler)
    page = sign_in(labeler, viewport={"width": 1280, "height": 800})
    open_item(page, assignment)
    with saves(page):
        page.keyboard.press("n")
        for _ in range(4):
            page.keyboard.press("Shift+ArrowRight")
        page.keyboard.press("Enter")
        for _ in range(4):
            page.keyboard.press("Shift+ArrowDown")
            page.keyboard.press("Shift+ArrowLeft")
        page.keyboard.press("Enter")
    for name in ("X", "Y", "W", "H"):
        box = page.get_by_label(name, exact=True).bounding_box()
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= 800
    with saves(page):
        page.get_by_label("W", exact=True).fill("50")
        page.keyboard.press("Tab")


def test_labels_added_to_the_job_come_without_a_reload(sign_in, job, labeler, assignment):
    page = sign_in(labeler)
    open_item(page, assignment)
    with saves(page):
        page.keyboard.press("1")
    options = {**job.options}
    options["1"] = [*options["1"], {"key": "van", "label": "van", "color": "#2d6a4f"}]
    Job.objects.filter(pk=job.pk).update(options=options)
    look(page)
    page.locator(".wb-toast").get_by_text("other labels").wait_for()
    page.keyboard.press("d")
    page.wait_for_selector("[data-option=van]")
    with saves(page):
        page.keyboard.press("4")
    assert results_of(assignment, 2) == answer("van")
    # What was answered before is as it was.
    page.keyboard.press("a")
    page.wait_for_selector("[data-option=car][aria-pressed=true]")
