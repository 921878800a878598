"""A manager corrects the answer in force from the page on which they read it, and abandons an item."""

import pytest
from playwright.sync_api import expect

from jobs.models import Annotation, PackageEvent, PackageItem
from jobs.services.manage import change_packages
from tests.e2e.label import Canvas, claim, classification_job, detection_job, wait_painted
from tests.factories import loads
from tests.jobs import flow

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

BOX = "00000000-0000-4000-8000-000000000001"


def in_force(job, position=1):
    """(the annotation in force, its results)"""
    item = PackageItem.objects.select_related("current_annotation").get(
        package__job=job, position=position
    )
    assert item.current_annotation is not None
    return item.current_annotation, loads(item.current_annotation.results)


def saved(page, verb):
    return page.expect_response(lambda answer: answer.url.endswith(f"/{verb}"))


def bar(page):
    return page.locator("[data-notice=correction]")


def test_a_choice_is_corrected_with_a_reason(sign_in, workspace, labeler, admin_user):
    job = classification_job(labeler, workspace=workspace, items=2, managers=[admin_user])
    assignment = flow.claim(job, labeler)
    for position in (1, 2):
        flow.save(assignment, position, "car")
    page = sign_in(admin_user)

    # Nothing is in force yet: the way is shown, and why it is closed.
    page.goto(f"/jobs/{job.pk}/packages/1/1")
    wait_painted(page, 1)
    button = page.get_by_role("button", name="Correct", exact=False).last
    expect(button).to_have_attribute("aria-disabled", "true")
    page.goto(f"/jobs/{job.pk}/packages/1/1/compare/")
    expect(page.get_by_role("button", name="Correct")).to_be_disabled()

    flow.submit(assignment)
    page.reload()
    page.get_by_role("link", name="Correct").click()
    wait_painted(page, 1)
    expect(bar(page)).to_contain_text("nothing changed yet")

    # By keys: changed, taken back, changed again.
    page.keyboard.press("2")
    expect(bar(page)).to_contain_text("Correction: not saved")
    page.keyboard.press("z")
    expect(bar(page)).to_contain_text("nothing changed yet")
    page.keyboard.press("2")

    # Neither the next item nor another page takes it away unasked.
    page.keyboard.press("d")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Keep correcting").click()
    expect(bar(page)).to_contain_text("Correction: not saved")
    kinds = []

    def stay(asked):
        kinds.append(asked.type)
        asked.dismiss()

    page.once("dialog", stay)
    page.get_by_role("link", name="Back").click()
    expect(bar(page)).to_contain_text("Correction: not saved")
    assert kinds == ["beforeunload"]
    assert in_force(job)[1][0]["data"] == "car"

    page.keyboard.press("Control+s")
    send = dialog.get_by_role("button", name="Save correction")
    expect(send).to_be_disabled()
    dialog.get_by_label("Why is it corrected?").fill("It is a bus")
    with saved(page, "correct"):
        page.keyboard.press("Control+Enter")
    expect(bar(page)).to_have_count(0)
    expect(page.locator("[data-option=bus]").first).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".history-item").first).to_contain_text("Corrected by a manager")
    annotation, results = in_force(job)
    assert annotation.source == Annotation.Source.MANAGER
    assert annotation.author == admin_user
    assert results[0]["data"] == "bus"
    event = PackageEvent.objects.get(verb=PackageEvent.Verb.CORRECT_ITEM)
    assert event.note == "It is a bus"

    # Dropped, it is as it was.
    page.keyboard.press("m")
    page.keyboard.press("3")
    page.get_by_role("button", name="Discard", exact=True).click()
    expect(page.locator("[data-option=bus]").first).to_have_attribute("aria-pressed", "true")
    expect(page.locator("[data-option=bike]").first).to_have_attribute("aria-pressed", "false")

    # One of the template's reasons to abandon.
    page.keyboard.press("d")
    wait_painted(page, 2)
    page.keyboard.press("x")
    with saved(page, "abandon"):
        page.keyboard.press("1")
    expect(page.locator(".history-item").first).to_contain_text("Abandoned")
    annotation, results = in_force(job, 2)
    assert annotation.abandoned
    assert results[0]["data"] == "car"

    # In a discarded package nothing moves.
    change_packages(job=job, numbers=[1], verb="discard", user=admin_user, reason="x", confirm=1)
    page.reload()
    wait_painted(page, 2)
    expect(button).to_have_attribute("aria-disabled", "true")


def test_a_box_is_moved(sign_in, workspace, labeler, admin_user):
    job = detection_job(labeler, workspace=workspace, items=1, managers=[admin_user])
    assignment = claim(job, labeler)
    corners = [[100, 100], [200, 100], [200, 180], [100, 180]]
    region = {
        "id": BOX,
        "type": "image/polygon",
        "shape": "rectangle",
        "value": corners,
        "labels": {"1.1": "car"},
    }
    flow.save(assignment, 1, "", ops=[{"questionId": "1", "id": BOX, "value": region}])
    flow.submit(assignment)
    page = sign_in(admin_user)
    page.goto(f"/jobs/{job.pk}/packages/1/1")
    wait_painted(page, 1)
    page.keyboard.press("m")
    expect(bar(page)).to_contain_text("nothing changed yet")
    canvas = Canvas(page)
    page.keyboard.press("v")
    canvas.click(150, 140)
    expect(page.locator(".region-row[aria-selected=true]")).to_have_count(1)
    canvas.drag((150, 140), (250, 240))
    expect(bar(page)).to_contain_text("Correction: not saved")
    bar(page).get_by_role("button", name="Save correction").click()
    page.get_by_label("Why is it corrected?").fill("It stood beside the car")
    with saved(page, "correct"):
        page.get_by_role("dialog").get_by_role("button", name="Save correction").click()
    expect(bar(page)).to_have_count(0)
    wait_painted(page, 1)
    annotation, results = in_force(job)
    assert annotation.source == Annotation.Source.MANAGER
    (moved,) = results[0]["data"]
    assert moved["id"] == BOX
    assert moved["labels"] == {"1.1": "car"}
    for found, wanted in zip(moved["value"], corners, strict=True):
        assert all(abs(a - b - 100) <= 2 for a, b in zip(found, wanted, strict=True))
