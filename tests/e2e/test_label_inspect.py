"""Check, rework and acceptance on the labeling page, and the same page for reading."""

import json

import pytest

from jobs.models import Annotation, Assignment, Package
from jobs.services.claim import claim_package
from tests.e2e.label import (
    Canvas,
    claim,
    classification_job,
    detection_job,
    open_item,
    results_of,
    saves,
    wait_painted,
    wait_saved,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def answer(key):
    return [{"questionId": "1", "type": "survey/value", "data": key}]


def verdicts(assignment):
    """Verdict and feedback of the inspector by position."""
    rows = Annotation.objects.filter(assignment=assignment).select_related("package_item")
    return {row.package_item.position: (row.verdict, row.feedback) for row in rows}


def label_all(page, assignment, count, key="1"):
    """Answer every item with one option and hand the package in."""
    open_item(page, assignment)
    for position in range(1, count + 1):
        with saves(page):
            page.keyboard.press(key)
        page.keyboard.press("Enter")
        if position < count:
            wait_painted(page, position + 1)
    hand_in(page)


def hand_in(page):
    dialog = page.get_by_role("dialog", name="Submit the package")
    if dialog.count() == 0:
        page.keyboard.press("Control+Enter")
    dialog.get_by_role("button", name="Submit").click()
    page.get_by_role("heading", name="Submitted").wait_for()


def test_the_whole_way_of_a_package(sign_in, workspace, labeler, checker, accepter, admin_user):
    """Labeled, one item passed, one modified, one rejected; reworked, checked again, accepted."""
    job = classification_job(
        labeler, workspace=workspace, items=3, checkers=[checker], accepters=[accepter]
    )
    first = claim(job, labeler)
    label_all(sign_in(labeler), first, 3)

    check = claim(job, checker, "check")
    page = sign_in(checker)
    open_item(page, check)
    assert page.locator("[data-option=car][aria-pressed=true]").count() == 1
    assert "lars" in page.locator(".verdict").inner_text()
    # Nothing changes before the inspector says so.
    page.keyboard.press("2")
    assert page.locator("[data-option=bus][aria-pressed=true]").count() == 0
    with saves(page):
        page.keyboard.press("p")
    wait_painted(page, 2)
    page.keyboard.press("m")
    with saves(page):
        page.keyboard.press("2")
    page.keyboard.press("p")
    wait_painted(page, 3)
    page.keyboard.press("r")
    page.get_by_label("What is wrong").fill("It is a bike.")
    page.get_by_label("Kind of error").select_option("wrong_label")
    with saves(page):
        page.keyboard.press("Control+Enter")
    assert verdicts(check) == {
        1: ("passed", ""),
        2: ("modified", ""),
        3: ("rejected", "It is a bike."),
    }
    assert results_of(check, 2) == answer("bus")
    assert results_of(first, 2) == answer("car")
    hand_in(page)
    assert "goes back" in page.get_by_role("dialog").inner_text()

    rework = claim(job, labeler)
    assert (rework.round, rework.is_return) == (2, True)
    page = sign_in(labeler)
    open_item(page, rework, 3)
    assert "It is a bike." in page.locator(".feedback").inner_text()
    assert "Wrong label" in page.locator(".feedback").inner_text()
    with saves(page):
        page.keyboard.press("3")
    # The others are locked as they are, and can be opened.
    page.keyboard.press("a")
    wait_painted(page, 2)
    page.get_by_text("This item was not rejected").wait_for()
    assert page.locator("[data-option=bus][aria-pressed=true]").count() == 1
    page.keyboard.press("1")
    assert page.locator("[data-option=car][aria-pressed=true]").count() == 0
    with saves(page):
        page.get_by_role("button", name="Unlock").click()
    with saves(page):
        page.keyboard.press("1")
    assert results_of(rework, 2) == answer("car")
    hand_in(page)

    again = claim(job, checker, "check")
    page = sign_in(checker)
    open_item(page, again, 2)
    page.keyboard.press("Shift+P")
    with page.expect_response(lambda response: response.url.endswith("/pass-rest")):
        page.keyboard.press("Enter")
    page.wait_for_selector(".strip-row[data-position='2'][data-state=passed]")
    page.wait_for_selector("dialog", state="detached")
    hand_in(page)

    accept = claim(job, accepter, "acceptance")
    page = sign_in(accepter)
    open_item(page, accept)
    for position in (1, 2, 3):
        with saves(page):
            page.keyboard.press("p")
        if position < 3:
            wait_painted(page, position + 1)
    hand_in(page)
    package = Package.objects.get(job=job)
    assert package.state == Package.State.FINISHED
    current = [
        json.loads(item.current_annotation.results)
        for item in package.items.order_by("position").select_related("current_annotation")
    ]
    assert current == [answer("car"), answer("car"), answer("bike")]

    page = sign_in(admin_user)
    page.goto(f"/jobs/{job.pk}/packages/1/3")
    wait_painted(page, 3)
    history = page.locator(".history-item")
    assert history.count() >= 4
    assert "It is a bike." in page.locator(".history").inner_text()
    page.keyboard.press("1")
    assert page.locator("[data-option=bike][aria-pressed=true]").count() == 1
    assert page.get_by_role("button", name="Submit").count() == 0


def test_feedback_pinned_to_a_region_and_a_modified_box(sign_in, workspace, labeler, checker):
    job = detection_job(labeler, workspace=workspace, items=2, checkers=[checker])
    first = claim(job, labeler)
    page = sign_in(labeler)
    open_item(page, first)
    canvas = Canvas(page)
    page.keyboard.press("1")
    canvas.drag((100, 100), (200, 180))
    with saves(page):
        canvas.drag((300, 100), (400, 180))
    page.keyboard.press("Enter")
    wait_painted(page, 2)
    with saves(page):
        page.keyboard.press("Enter")  # nothing to mark here
    hand_in(page)

    check = claim(job, checker, "check")
    page = sign_in(checker)
    open_item(page, check)
    canvas = Canvas(page)
    canvas.click(350, 140)
    page.keyboard.press("r")
    page.get_by_label("What is wrong").fill("too wide")
    assert page.get_by_label("Pin it to the chosen region: car").is_checked()
    with saves(page):
        page.keyboard.press("Control+Enter")
    rejected = Annotation.objects.get(assignment=check, package_item__position=1)
    (element,) = results_of(first)
    assert rejected.feedback_object == element["data"][1]["id"]

    # Second thoughts: what was rejected is modified instead; the labeler's answer stays what it was.
    page.keyboard.press("a")
    wait_painted(page, 1)
    page.keyboard.press("Escape")
    page.keyboard.press("m")
    page.keyboard.press("v")
    with saves(page):
        canvas.drag((350, 140), (380, 150))
    (changed,) = results_of(check)
    assert changed["data"][0] == element["data"][0]
    assert changed["data"][1]["id"] == element["data"][1]["id"]
    assert changed["data"][1]["value"][0][0] == pytest.approx(330, abs=1)
    assert results_of(first) == [element]
    assert verdicts(check)[1] == ("modified", "")

    # Compared with the original, and taken back.
    page.get_by_role("button", name="Compare with the original").click()
    with saves(page):
        page.get_by_role("button", name="Take my changes back, pass").click()
    assert verdicts(check)[1] == ("passed", "")
    page.locator(".region-row").nth(1).click()
    assert page.get_by_label("X", exact=True).input_value() == "300"


def test_reject_the_package(sign_in, workspace, labeler, checker):
    job = classification_job(labeler, workspace=workspace, items=2, checkers=[checker])
    label_all(sign_in(labeler), claim(job, labeler), 2)
    check = claim(job, checker, "check")
    page = sign_in(checker)
    open_item(page, check)
    page.get_by_role("button", name="Reject package").click()
    page.get_by_label("What is wrong").fill("Read the rules first.")
    page.get_by_role("dialog").get_by_role("button", name="Reject package").click()
    page.wait_for_url("**/")

    rework = claim(job, labeler)
    page = sign_in(labeler)
    open_item(page, rework)
    assert "Read the rules first." in page.locator(".feedback").inner_text()
    # Every item is open, its answer to be confirmed or changed.
    for position in (1, 2):
        with saves(page):
            page.keyboard.press("Enter")
        if position == 1:
            wait_painted(page, 2)
    hand_in(page)
    assert [results_of(rework, n) for n in (1, 2)] == [answer("car")] * 2


def test_items_that_were_not_drawn_are_marked_and_may_be_judged(
    sign_in, workspace, labeler, checker
):
    job = classification_job(
        labeler, workspace=workspace, items=4, checkers=[checker], check_ratio=50
    )
    label_all(sign_in(labeler), claim(job, labeler), 4)
    check = claim(job, checker, "check")
    page = sign_in(checker)
    open_item(page, check)
    rows = page.locator(".strip-row")
    states = [row.get_attribute("data-state") for row in rows.all()]
    assert sorted(states) == ["open", "open", "unsampled", "unsampled"]
    extra = states.index("unsampled")
    rows.nth(extra).click()
    wait_painted(page, extra + 1)
    page.get_by_text("Not drawn for inspection").wait_for()
    with saves(page):
        page.keyboard.press("p")
    assert len(verdicts(check)) == 1
    wait_saved(page)


def test_a_labeler_sees_nothing_of_the_sample(sign_in, workspace, labeler, checker):
    job = classification_job(
        labeler, workspace=workspace, items=4, checkers=[checker], check_ratio=50
    )
    assignment = claim(job, labeler)
    page = sign_in(labeler)
    label_all(page, assignment, 4)
    page.goto(f"/label/{assignment.pk}/1")
    wait_painted(page, 1)
    boot = page.locator("#bootstrap").inner_text()
    assert "unsampled" not in boot
    assert "sample" not in json.dumps(sorted(json.loads(boot)["item"]))
    assert page.locator(".badge.info", has_text="Read only").count() == 1


def test_nobody_else_sees_the_page(sign_in, client, workspace, labeler, labeler2, stranger):
    job = classification_job(labeler, workspace=workspace, items=2)
    assignment = claim_package(job=job, user=labeler, stage="labeling").assignment
    assert isinstance(assignment, Assignment)
    url = f"/label/{assignment.pk}/1"
    assert client.get(url).status_code == 302
    for user in (labeler2, stranger):
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        assert client.get(url).status_code == 404
        assert client.get(f"/media/{assignment.pk}/1/source").status_code == 404
        assert client.get(f"/jobs/{job.pk}/packages/1/1").status_code == 404
    client.force_login(labeler, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(url).status_code == 200
    assert client.get(f"/label/{assignment.pk}/3").status_code == 404
