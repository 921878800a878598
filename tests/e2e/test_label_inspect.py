"""Check, rework and acceptance on the labeling page, and the same page for reading."""

import json
import uuid

import pytest

from jobs.models import Annotation, Assignment, Package
from jobs.services.answers import save_item
from jobs.services.claim import claim_package
from jobs.services.jobs import change_job
from jobs.services.submit import submit_assignment
from tests.e2e.label import (
    Canvas,
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


def box_op(id_, x, label):
    value = [[x, 100], [x + 100, 100], [x + 100, 180], [x, 180]]
    shown = {"id": id_, "type": "image/polygon", "shape": "rectangle", "value": value}
    return {"questionId": "1", "id": id_, "value": {**shown, "labels": {"1.1": label}}}


def draw(assignment, *ops, version=0):
    """Save these regions at the first item."""
    save_item(
        assignment_id=assignment.pk,
        position=1,
        user=assignment.holder,
        write=uuid.uuid4(),
        ops=list(ops),
        version=version,
    )


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
    page.locator(".history-item").nth(3).wait_for()
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
    row = page.locator(f"[data-region='{rejected.feedback_object}']")
    assert "too wide" in row.inner_text()
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
    assert page.locator("[data-changes='1'] [data-change=moved]").count() == 1

    # Compared with the original, and taken back.
    page.get_by_role("button", name="Compare with the original").click()
    with saves(page):
        page.get_by_role("button", name="Take my changes back, pass").click()
    assert verdicts(check)[1] == ("passed", "")
    page.locator(".region-row").nth(1).click()
    assert page.get_by_label("X", exact=True).input_value() == "300"


def test_what_changed_since_the_last_round(sign_in, workspace, labeler, checker, admin_user):
    """A remark is seen and worked off by keys, the next round shows what became of it: listed, walked through, drawn."""
    job = detection_job(labeler, workspace=workspace, items=1, checkers=[checker])
    change_job(
        job=job,
        user=admin_user,
        changes={"feedback_lists": {"error_types": ["Torn"], "severities": ["Grave"]}},
    )
    first = claim(job, labeler)
    ids = [str(uuid.uuid4()) for _number in range(4)]
    draw(first, *(box_op(ids[n], 40 + n * 150, "car") for n in range(3)))
    submit_assignment(assignment_id=first.pk, user=labeler)
    check = claim(job, checker, "check")
    page = sign_in(checker)
    open_item(page, check)
    assert page.locator("[data-changes]").count() == 0
    Canvas(page).click(90, 140)
    page.keyboard.press("r")
    page.get_by_label("What is wrong").fill("too wide")
    page.get_by_label("Kind of error").select_option("Torn")
    page.get_by_label("Severity").select_option("Grave")
    with saves(page):
        page.keyboard.press("Control+Enter")
    page.keyboard.press("Escape")
    submit_assignment(assignment_id=check.pk, user=checker)

    rework = claim(job, labeler)
    page = sign_in(labeler)
    open_item(page, rework)
    assert "Torn" in page.locator(".feedback").inner_text()
    assert "Grave" in page.locator(".feedback").inner_text()
    page.keyboard.press("'")
    page.wait_for_selector(f"[data-region='{ids[0]}'][aria-selected=true]")
    with saves(page):
        page.keyboard.press("Shift+ArrowRight")
    page.wait_for_selector("[data-changes='1'] [data-change=moved]")
    draw(
        rework,
        box_op(ids[1], 190, "bus"),
        {"questionId": "1", "id": ids[2], "value": None},
        box_op(ids[3], 490, "bike"),
        version=1,
    )
    submit_assignment(assignment_id=rework.pk, user=labeler)

    page = sign_in(checker)
    open_item(page, claim(job, checker, "check"))
    rows = page.locator("[data-change]")
    rows.nth(3).wait_for()
    assert [row.get_attribute("data-change") for row in rows.all()] == [
        "moved",
        "relabelled",
        "added",
        "removed",
    ]
    assert "car → bus" in rows.nth(1).inner_text()
    assert "Since round 1" in page.locator("[data-changes]").inner_text()
    for step in range(4):
        page.keyboard.press(".")
        page.wait_for_selector(f".change-list > li:nth-child({step + 1}) [aria-current=true]")
    # What is gone can be seen only where it lay.
    page.wait_for_selector("[data-changes] [aria-pressed=true]")
    assert page.locator("[data-region][aria-selected=true]").count() == 0
    assert violations(page) == []
    page.keyboard.press(",")
    page.wait_for_selector(f"[data-region='{ids[3]}'][aria-selected=true]")
    page.keyboard.press(";")
    page.wait_for_selector("[data-changes] [aria-pressed=false]")


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
