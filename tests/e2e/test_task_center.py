"""Task Center where a browser is the point: verbs by keyboard, progress without reload, the clock of a claim."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User, Workspace
from jobs.models import Assignment, Job, Package
from tests.e2e.label import violations
from tests.jobs.flow import checked_job, label, take

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(120),
]


@pytest.fixture
def job(workspace: Workspace, labeler: User, checker: User, admin_user: User) -> Job:
    return checked_job(
        workspace, labeler=labeler, checker=checker, manager=admin_user, items=24, size=2
    )


def test_packages_are_chosen_and_discarded_by_keyboard(
    sign_in: Callable[..., Page], job: Job, admin_user: User
) -> None:
    page = sign_in(admin_user, locale="en")
    page.goto(f"/jobs/{job.pk}/packages/")
    discard = page.get_by_role("button", name="Discard")
    expect(discard).to_be_disabled()
    page.focus("#tick-3")
    page.keyboard.press("Space")
    for _step in range(3):
        page.keyboard.press("Shift+ArrowDown")
    expect(page.get_by_text("4 chosen")).to_be_visible()
    discard.focus()
    page.keyboard.press("Enter")
    dialog = page.locator("#package-dialog")
    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text("4 packages are taken out of the work")
    assert violations(page) == []
    expect(dialog.get_by_label("Reason")).to_be_focused()
    page.keyboard.type("Wrong language")
    page.keyboard.press("Tab")
    page.keyboard.type("4")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Discard: 4 packages.")).to_be_visible()
    gone = Package.objects.filter(job=job).exclude(discarded_at=None)
    assert sorted(gone.values_list("number", flat=True)) == [3, 4, 5, 6]
    expect(page.locator("#tick-3")).to_have_count(0)


def test_a_range_is_chosen_with_shift_and_escape_changes_nothing(
    sign_in: Callable[..., Page], job: Job, admin_user: User
) -> None:
    page = sign_in(admin_user, locale="en")
    page.goto(f"/jobs/{job.pk}/packages/")
    page.check("#tick-2")
    page.click("#tick-6", modifiers=["Shift"])
    expect(page.get_by_text("5 chosen")).to_be_visible()
    page.check("[data-tick-all]")
    expect(page.get_by_text("12 chosen")).to_be_visible()
    page.get_by_role("button", name="Transfer").click()
    expect(page.locator("#package-dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#package-dialog")).to_be_hidden()
    assert Assignment.objects.filter(job=job, reserved_user=None).count() == 12


def test_progress_comes_without_a_reload_and_not_while_the_tab_is_hidden(
    sign_in: Callable[..., Page], job: Job, admin_user: User, labeler: User
) -> None:
    page = sign_in(admin_user, locale="en")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/jobs/")
    page.evaluate("window.notReloaded = true")
    began = time.monotonic()
    row = page.locator(f"#job-{job.pk}")
    expect(row).to_contain_text("0 / 24")
    label(job, labeler)
    expect(row).to_contain_text("2 / 24")
    assert page.evaluate("window.notReloaded") is True
    # Every four seconds, however long it took.
    most = 2 + (time.monotonic() - began) / 4
    assert sum("/jobs/progress/" in url for url in asked) <= most
    page.evaluate(
        "Object.defineProperty(document, 'hidden', {configurable: true, get: () => true})"
    )
    page.wait_for_timeout(500)
    before = len(asked)
    page.wait_for_timeout(5000)
    assert len(asked) == before, "nobody looks"
    label(job, labeler)
    # Asked for at once, not only with the next tick.
    with page.expect_request("**/jobs/progress/**", timeout=3000):
        page.evaluate(
            "delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))"
        )
    expect(row).to_contain_text("4 / 24")


def test_the_rows_of_packages_move_under_ticked_boxes(
    sign_in: Callable[..., Page], job: Job, admin_user: User, labeler: User
) -> None:
    page = sign_in(admin_user, locale="en")
    page.goto(f"/jobs/{job.pk}/packages/")
    page.check("#tick-2")
    take(job, labeler, 2)
    expect(page.locator("#package-2")).to_contain_text("Claimed")
    expect(page.locator("#tick-2")).to_be_checked()
    expect(page.get_by_text("1 chosen")).to_be_visible()


def test_my_work_counts_down_and_one_key_takes_the_next_package(
    sign_in: Callable[..., Page], job: Job, labeler: User
) -> None:
    held = take(job, labeler)
    Assignment.objects.filter(pk=held.pk).update(
        last_input_at=timezone.now() - timedelta(hours=21, minutes=59, seconds=30)
    )
    page = sign_in(labeler, locale="en")
    page.goto("/")
    expect(page.locator("[data-countdown]")).to_have_text("2 hours")
    # The box sends its form, and the page comes anew.
    with page.expect_navigation():
        page.get_by_label("Take the next package by itself").check()
    expect(page.get_by_label("Take the next package by itself")).to_be_checked()
    labeler.refresh_from_db()
    assert labeler.claim_next
    page.keyboard.press("n")
    page.wait_for_url(f"**/label/{held.pk}/*")


def test_a_label_is_renamed_and_one_added(
    sign_in: Callable[..., Page], job: Job, admin_user: User
) -> None:
    page = sign_in(admin_user, locale="en")
    page.goto(f"/jobs/{job.pk}/edit/")
    names = page.get_by_label("Name of the label")
    expect(names).to_have_count(2)
    expect(page.locator("[data-remove]:visible")).to_have_count(0)
    names.first.fill("kitten")
    page.get_by_label("Add a label").fill("bird")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    job.refresh_from_db()
    shown: list[Any] = [(option["label"], option["key"]) for option in job.options["1"]]
    assert shown[:2] == [("kitten", "k1"), ("dog", "k2")]
    assert shown[2][0] == "bird"
