"""People's own keys: changed by keyboard alone, warned of where they clash, the same after a reload, restored."""

import pytest
from playwright.sync_api import expect

from tests.e2e.label import claim, detection_job, open_item, violations, wait_painted

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def row(page, name):
    return page.locator(f'[data-binding="{name}"]')


def add(page, name, key):
    """Press a key for a binding."""
    row(page, name).get_by_role("button", name="add a key").press("Enter")
    expect(row(page, name).get_by_role("button", name="Press the key")).to_be_focused()
    page.keyboard.press(key)


def kept(page):
    return page.expect_response(
        lambda answer: answer.url.endswith("/api/v1/me") and answer.request.method == "PATCH"
    )


def test_keys_are_changed_warned_of_kept_and_restored(sign_in, workspace, labeler):
    assignment = claim(detection_job(labeler, workspace=workspace), labeler)
    page = sign_in(labeler, locale="en")
    open_item(page, assignment)
    page.keyboard.press("Control+,")
    page.get_by_role("button", name="Change shortcuts").press("Enter")
    dialog = page.get_by_role("dialog", name="Shortcuts")
    assert violations(page) == []

    # A free key, and one that the browser keeps.
    add(page, "item.next", "Control+w")
    expect(row(page, "item.next").get_by_role("alert")).to_contain_text("browser needs this key")
    with kept(page):
        page.keyboard.press("Shift+Y")
    expect(row(page, "item.next")).to_have_attribute("data-own", "true")
    # Escape takes no key and leaves the dialog open.
    add(page, "tool.fit", "Escape")
    expect(dialog).to_be_visible()

    # The key of another binding is taken from it once that is said, a label's is not.
    add(page, "item.next", "a")
    expect(page.locator("[data-clash]")).to_contain_text("“Previous” (Page)")
    with kept(page):
        page.keyboard.press("Enter")
    expect(page.locator("[data-clashes]")).to_have_count(0)
    add(page, "tool.fit", "1")
    expect(page.locator("[data-clash]")).to_contain_text("The label keeps the key")
    with kept(page):
        page.keyboard.press("Enter")
    expect(page.locator("[data-clashes]")).to_contain_text("car")
    labeler.refresh_from_db()
    assert labeler.shortcuts == {
        "item.next": ["d", "ArrowRight", "shift+y", "a"],
        "item.prev": ["ArrowLeft"],
        "tool.fit": ["f", "1"],
    }

    # They work, here and after a reload, and stand on the controls.
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    wait_painted(page, 2)
    page.reload()
    wait_painted(page, 2)
    page.keyboard.press("a")
    wait_painted(page, 3)
    page.keyboard.press("ArrowLeft")
    wait_painted(page, 2)
    previous = page.get_by_role("button", name="Previous", exact=True)
    expect(previous).to_have_attribute("aria-keyshortcuts", "ArrowLeft")

    page.keyboard.press("?")
    page.get_by_role("button", name="Change shortcuts").click()
    with kept(page):
        row(page, "item.prev").get_by_role("button", name="restore the usual keys").click()
    with kept(page):
        page.get_by_role("button", name="Restore all usual keys").click()
    expect(page.locator("[data-own]")).to_have_count(0)
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    wait_painted(page, 1)
    labeler.refresh_from_db()
    assert labeler.shortcuts == {}
