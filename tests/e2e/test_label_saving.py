"""Nothing that was done on the labeling page is lost: no connection, reload, two tabs, two answers, signed out."""

import uuid

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from accounts.grants import grant
from jobs.models import Assignment
from jobs.services.answers import save_item
from jobs.services.release import manager_release
from tests.conftest import PASSWORD, wait_for
from tests.e2e.label import (
    claim,
    classification_job,
    open_item,
    results_of,
    saves,
    wait_painted,
    wait_saved,
)
from tests.factories import choice_op

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def answer(key):
    return [{"questionId": "1", "type": "survey/value", "data": key}]


@pytest.fixture
def assignment(workspace, labeler):
    return claim(classification_job(labeler, workspace=workspace, items=4), labeler)


def cut(page):
    """Requests of the page no longer reach the server."""
    page.route("**/api/**", lambda route: route.abort())


def mend(page):
    page.unroute("**/api/**")


def save_state(page, state):
    page.wait_for_selector(f"[data-save={state}]")


def test_offline_then_online(sign_in, labeler, assignment):
    page = sign_in(labeler)
    open_item(page, assignment)
    page.keyboard.press("d")
    wait_painted(page, 2)
    page.keyboard.press("a")
    cut(page)
    page.keyboard.press("1")
    save_state(page, "offline")
    assert "1 unsent" in page.locator("[data-save]").inner_text()
    # Work goes on, on what is loaded.
    page.keyboard.press("Enter")
    wait_painted(page, 2)
    page.keyboard.press("2")
    page.wait_for_selector("text=2 unsent")
    assert results_of(assignment) == []
    mend(page)
    page.get_by_role("button", name="Retry").click()
    wait_saved(page)
    assert results_of(assignment, 1) == answer("car")
    assert results_of(assignment, 2) == answer("bus")


def test_a_reload_in_mid_work_keeps_what_was_not_sent(sign_in, labeler, assignment):
    page = sign_in(labeler)
    open_item(page, assignment)
    with saves(page):
        page.keyboard.press("1")
    cut(page)
    # Not even the request that is sent while the page goes arrives.
    page.evaluate("() => { window.fetch = () => Promise.reject(new TypeError('cut')); }")
    page.keyboard.press("3")
    save_state(page, "offline")
    page.reload()
    # The draft lies over the server's answer, before anything could be sent.
    page.wait_for_selector("[data-option=bike][aria-pressed=true]")
    assert results_of(assignment) == answer("car")
    save_state(page, "offline")
    mend(page)
    page.get_by_role("button", name="Retry").click()
    wait_saved(page)
    assert results_of(assignment) == answer("bike")
    page.reload()
    page.wait_for_selector("[data-option=bike][aria-pressed=true]")


def test_the_answer_to_a_save_is_lost_and_the_save_is_not_done_twice(sign_in, labeler, assignment):
    page = sign_in(labeler)
    open_item(page, assignment)
    lost = []

    def swallow(route):
        if route.request.method == "PATCH" and not lost:
            lost.append(route.fetch().json())
            route.abort()
        else:
            route.continue_()

    page.route("**/api/**", swallow)
    page.keyboard.press("2")
    save_state(page, "offline")
    assert results_of(assignment) == answer("bus")
    page.get_by_role("button", name="Retry").click()
    wait_saved(page)
    with saves(page):
        page.keyboard.press("1")
    assert results_of(assignment) == answer("car")
    assert lost[0]["version"] == 1


def test_drafts_are_never_another_persons(sign_in, labeler, labeler2, workspace, live_server):
    job = classification_job(labeler, workspace=workspace, items=2)
    grant("label_job", job, users=[labeler2])
    mine = claim(job, labeler)
    page = sign_in(labeler)
    open_item(page, mine)
    cut(page)
    page.keyboard.press("1")
    save_state(page, "offline")
    mend(page)
    # Somebody else signs in in the same browser.
    client = Client()
    client.force_login(labeler2, backend="django.contrib.auth.backends.ModelBackend")
    page.context.add_cookies(
        [
            {
                "name": "sessionid",
                "value": client.cookies["sessionid"].value,
                "url": live_server.url,
            }
        ]
    )
    page.get_by_role("button", name="Retry").click()
    dialog = page.get_by_role("dialog", name="Sign in again")
    dialog.wait_for()
    assert dialog.get_by_label("User name").input_value() == "lars"
    dialog.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    dialog.get_by_text("Somebody else is signed in now.").wait_for()
    assert results_of(mine) == []


def test_what_cannot_be_sent_is_saved_as_a_file_and_brought_back(
    sign_in, labeler, labeler2, workspace, tmp_path
):
    """The page says what is saved; a file takes the rest to another computer, and only to its own person."""
    job = classification_job(
        labeler, workspace=workspace, items=4, size=2, more_labelers=[labeler2]
    )
    mine, theirs = claim(job, labeler), claim(job, labeler2)
    page = sign_in(labeler)
    open_item(page, mine)
    with saves(page):
        page.keyboard.press("1")
    cut(page)
    page.keyboard.press("3")
    save_state(page, "offline")
    page.keyboard.press("Control+Shift+S")
    dialog = page.get_by_role("dialog", name="What is saved")
    assert "1 step is on this device only" in dialog.inner_text()
    with page.expect_download() as found:
        dialog.get_by_role("button", name="As a file").click()
    kept = tmp_path / found.value.suggested_filename
    found.value.save_as(kept)
    assert kept.name.startswith("itag-unsent-lars-")

    def bring_back(user, assignment):
        other = sign_in(user)
        open_item(other, assignment)
        other.keyboard.press("Control+Shift+S")
        other.get_by_label("Bring back from a file").set_input_files(kept)
        note = other.locator("[data-brought]")
        note.wait_for()
        return other, note.inner_text()

    _other, said = bring_back(labeler2, theirs)
    assert "only lars can bring it back" in said
    assert results_of(theirs) == []
    page.context.close()
    other, said = bring_back(labeler, mine)
    assert said == "1 step was brought back."
    assert results_of(mine) == answer("bike")
    other.wait_for_selector("[data-option=bike][aria-pressed=true]")

    # One's own day, at will.
    other.keyboard.press("Escape")
    other.keyboard.press("Control+i")
    other.wait_for_selector("[data-pace='1']")


def test_what_was_left_unsent_in_one_package_is_sent_from_the_next(
    sign_in, labeler, workspace, assignment
):
    page = sign_in(labeler)
    open_item(page, assignment)
    cut(page)
    page.evaluate("() => { window.fetch = () => Promise.reject(new TypeError('cut')); }")
    page.keyboard.press("3")
    save_state(page, "offline")
    other = claim(classification_job(labeler, workspace=workspace, items=2), labeler)
    mend(page)
    with page.expect_response(lambda r: f"/assignments/{assignment.pk}/items/1" in r.url):
        open_item(page, other)
    assert results_of(assignment) == answer("bike")
    assert results_of(other) == []


def test_second_tab_only_reads_until_it_takes_over(sign_in, labeler, assignment):
    first = sign_in(labeler)
    open_item(first, assignment)
    second = first.context.new_page()
    open_item(second, assignment)
    second.get_by_text("This package is open in another tab.").wait_for()
    second.keyboard.press("1")
    assert results_of(assignment) == []
    assert second.locator("[data-option=car][aria-pressed=true]").count() == 0

    with saves(first):
        first.keyboard.press("1")
    second.get_by_role("button", name="Work here").click()
    second.wait_for_selector("[data-option=car][aria-pressed=true]")
    first.get_by_text("This package is open in another tab.").wait_for()
    with saves(second):
        second.keyboard.press("2")
    assert results_of(assignment) == answer("bus")
    first.keyboard.press("3")
    first.close()
    assert results_of(assignment) == answer("bus")


def test_a_closed_tab_hands_over_to_the_one_that_waits(sign_in, labeler, assignment):
    first = sign_in(labeler)
    open_item(first, assignment)
    second = first.context.new_page()
    open_item(second, assignment)
    second.get_by_text("This package is open in another tab.").wait_for()
    with saves(first):
        first.keyboard.press("1")
    first.close()
    second.wait_for_selector("[data-option=car][aria-pressed=true]")
    with saves(second):
        second.keyboard.press("3")
    assert results_of(assignment) == answer("bike")


@pytest.mark.parametrize("side", ["Keep mine", "Take the saved one"])
def test_two_answers_to_one_item(sign_in, labeler, assignment, side):
    page = sign_in(labeler)
    open_item(page, assignment)
    save_item(
        assignment_id=assignment.pk,
        position=1,
        user=labeler,
        write=uuid.uuid4(),
        ops=[choice_op("bike")],
        version=0,
    )
    page.keyboard.press("1")
    dialog = page.get_by_role("dialog", name="Two answers to one item")
    dialog.wait_for()
    assert "car" in dialog.inner_text()
    assert "bike" in dialog.inner_text()
    dialog.get_by_role("button", name=side).click()
    wait_saved(page)
    kept = "car" if side == "Keep mine" else "bike"
    page.wait_for_selector(f"[data-option={kept}][aria-pressed=true]")
    assert results_of(assignment) == answer(kept)
    # Work goes on from the version that was settled on.
    with saves(page):
        page.keyboard.press("2")
    assert results_of(assignment) == answer("bus")


def test_signed_out_and_in_again_without_leaving_the_page(sign_in, labeler, assignment):
    page = sign_in(labeler)
    open_item(page, assignment)
    Session.objects.all().delete()
    page.keyboard.press("2")
    dialog = page.get_by_role("dialog", name="Sign in again")
    dialog.wait_for()
    dialog.get_by_label("Password").fill("wrong")
    page.keyboard.press("Enter")
    dialog.get_by_text("The password is not right.").wait_for()
    dialog.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    wait_saved(page)
    dialog.wait_for(state="detached")
    assert results_of(assignment) == answer("bus")
    with saves(page):
        page.keyboard.press("1")


def test_a_package_that_was_taken_away_says_so(sign_in, labeler, admin_user, assignment):
    page = sign_in(labeler)
    open_item(page, assignment)
    with saves(page):
        page.keyboard.press("1")
    manager_release(package=assignment.package, user=admin_user, reason="somebody else does it")
    page.keyboard.press("2")
    page.get_by_text("This package is not yours any more.").wait_for()
    assert results_of(assignment) == answer("car")
    assert page.get_by_role("button", name="Submit").is_disabled()


def test_leaving_the_page_sends_what_waits(sign_in, labeler, assignment):
    page = sign_in(labeler)
    open_item(page, assignment)
    page.keyboard.press("3")
    page.goto("about:blank")
    wait_for(lambda: results_of(assignment) == answer("bike"))
    assert Assignment.objects.get(pk=assignment.pk).state == Assignment.State.CLAIMED
