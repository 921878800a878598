"""The job form and Task Center in a browser: labels by keyboard, what follows the workflow, news without a reload."""

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Team, User, Workspace
from jobs.models import Assignment, Job, JobSummary
from templates_app.models import LabelTemplate
from templates_app.services import install_builtin
from tests.factories import make_dataset, make_job, make_team, member

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def form(
    sign_in: Any, admin_user: User, workspace: Workspace, labeler: User, checker: User
) -> Page:
    """The form of a new job with a template chosen."""
    install_builtin()
    make_dataset(23, kind="image", workspace=workspace, name="pictures")
    make_dataset(7, workspace=workspace, name="texts")
    make_team(workspace, [labeler], name="Night shift")
    page: Page = sign_in(admin_user, locale="en")
    page.goto("/jobs/new/")
    choose(page, "object-detection")
    return page


def choose(page: Page, key: str) -> None:
    template = LabelTemplate.objects.get(workspace=None, key=key, superseded_at=None)
    page.locator(f'input[name=template][value="{template.pk}"]').check(force=True)


def labels(page: Page) -> list[str]:
    return [row.input_value() for row in page.locator("[data-labels] [data-name]").all()]


def add(page: Page) -> Any:
    return page.locator("[data-add]")


def test_enter_adds_a_label_and_never_sends_the_form(form: Page) -> None:
    for name in ("cat", "  dog ", "鸟"):
        add(form).fill(name)
        add(form).press("Enter")
    assert labels(form) == ["cat", "dog", "鸟"]
    assert add(form).input_value() == ""
    add(form).press("Enter")
    assert labels(form) == ["cat", "dog", "鸟"]
    form.locator("[data-labels] [data-name]").nth(0).press("Enter")
    form.locator("[data-labels] [data-shortcut]").nth(1).press("Enter")
    assert form.url.endswith("/jobs/new/")
    assert Job.objects.count() == 0


def test_the_enter_that_ends_a_composition_neither_adds_nor_sends(form: Page) -> None:
    add(form).focus()
    cdp = form.context.new_cdp_session(form)
    cdp.send("Input.imeSetComposition", {"text": "mao", "selectionStart": 3, "selectionEnd": 3})
    # What a browser sends for the key that takes the word: while composing, and (Safari) just after, by its code.
    for init in ({"isComposing": True}, {"keyCode": 229}):
        add(form).evaluate(
            """(input, init) => input.dispatchEvent(new KeyboardEvent("keydown",
                {key: "Enter", bubbles: true, cancelable: true, ...init}))""",
            init,
        )
    assert labels(form) == []
    cdp.send("Input.insertText", {"text": "猫"})
    assert add(form).input_value() == "猫"
    add(form).press("Enter")
    assert labels(form) == ["猫"]
    assert form.url.endswith("/jobs/new/")


def test_pasted_lines_add_many_and_leave_out_what_is_there(form: Page) -> None:
    add(form).fill("dog")
    add(form).press("Enter")
    form.evaluate(
        """() => {
            const data = new DataTransfer();
            data.setData("text/plain", "cat\\n dog \\r\\n\\n鸟\\ncat");
            document.querySelector("[data-add]").dispatchEvent(
                new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
        }"""
    )
    assert labels(form) == ["dog", "cat", "鸟"]
    expect(form.locator("[data-add-error]")).to_contain_text("“dog” is there already.")


def test_labels_stand_below_labels(form: Page) -> None:
    form.evaluate(
        """() => {
            const data = new DataTransfer();
            data.setData("text/plain", "animal\\n\\tcat\\n\\t\\tpersian\\n\\tdog\\nthing");
            document.querySelector("[data-add]").dispatchEvent(
                new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
        }"""
    )
    assert tree(form) == {"animal": {"cat": {"persian": {}}, "dog": {}}, "thing": {}}
    names = form.locator("[data-labels] [data-name]")
    names.nth(1).press("Alt+ArrowLeft")
    assert tree(form) == {"animal": {}, "cat": {"persian": {}, "dog": {}}, "thing": {}}
    names.nth(4).press("Alt+ArrowRight")
    form.get_by_role("button", name="One level up (Alt+Left)").nth(3).click()
    assert tree(form) == {"animal": {}, "cat": {"persian": {}}, "dog": {"thing": {}}}
    form.locator("[data-remove]").nth(1).click()
    assert tree(form) == {"animal": {"persian": {}}, "dog": {"thing": {}}}


def tree(form: Page) -> dict[str, Any]:
    """The labels that the form would send, by name."""

    def nested(options: list[dict[str, Any]]) -> dict[str, Any]:
        return {option["label"]: nested(option.get("children", [])) for option in options}

    (options,) = json.loads(form.locator("[name=configuration]").input_value())["options"].values()
    return nested(options)


def test_a_duplicate_after_trimming_is_refused_where_it_was_typed(form: Page) -> None:
    for name in ("cat", " cat "):
        add(form).fill(name)
        add(form).press("Enter")
    assert labels(form) == ["cat"]
    expect(form.locator("[data-add-error]")).to_be_visible()
    add(form).press_sequentially("s")
    expect(form.locator("[data-add-error]")).to_be_hidden()
    add(form).fill("dog")
    add(form).press("Enter")
    form.locator("[data-labels] [data-name]").nth(1).fill("cat")
    expect(form.locator("[data-row-error]").nth(1)).to_have_text("“cat” is there already.")


def test_labels_are_edited_and_removed_by_keyboard(form: Page) -> None:
    for name in ("a", "b", "c"):
        add(form).fill(name)
        add(form).press("Enter")
    shortcuts = form.locator("[data-labels] [data-shortcut]")
    assert [row.input_value() for row in shortcuts.all()] == ["1", "2", "3"]
    shortcuts.nth(1).fill("1")
    expect(form.locator("[data-row-error]").nth(1)).to_contain_text("shortcut")
    shortcuts.nth(1).fill("q")
    expect(form.locator("[data-row-error]").nth(1)).to_be_hidden()
    form.locator("[data-labels] [data-color]").nth(0).evaluate(
        "(input) => { input.value = '#123456'; input.dispatchEvent(new Event('input', {bubbles: true})); }"
    )
    remove = form.locator("[data-labels] [data-remove]").nth(1)
    remove.focus()
    remove.press("Enter")
    assert labels(form) == ["a", "c"]
    focused = form.evaluate("document.activeElement.value")
    assert focused == "c"
    sent = form.locator("[data-configuration]").input_value()
    assert '"color":"#123456"' in sent
    assert form.url.endswith("/jobs/new/")


def test_labels_stay_when_the_template_changes(form: Page) -> None:
    add(form).fill("cat")
    add(form).press("Enter")
    form.get_by_role("radio", name="Multiple choice", exact=True).check()
    assert '"selected":["1.2"]' in form.locator("[data-configuration]").input_value()
    choose(form, "image-classification")
    assert labels(form) == ["cat"]
    sent = form.locator("[data-configuration]").input_value()
    assert '"selected":["2"]' in sent
    assert '"2":[{' in sent


def test_ratios_and_roles_are_those_of_the_workflow(form: Page) -> None:
    check, acceptance = form.locator("#id_check_ratio"), form.locator("#id_acceptance_ratio")
    heads = form.locator("[data-people] thead .role:visible")
    for workflow, shown in (
        ("labeling", (False, False, 2)),
        ("labeling,check", (True, False, 3)),
        ("labeling,acceptance", (False, True, 3)),
        ("labeling,check,acceptance", (True, True, 4)),
    ):
        form.locator(f'input[name=workflow][value="{workflow}"]').check()
        assert (check.is_visible(), acceptance.is_visible(), heads.count()) == shown


def test_the_preview_follows_dataset_and_size(form: Page) -> None:
    form.select_option("#id_dataset", label="pictures · Image · 23 items")
    expect(form.locator("#preview")).to_contain_text("2 packages")
    form.fill("#id_allocation", "5")
    expect(form.locator("#preview")).to_contain_text("5 packages")
    expect(form.locator("#preview")).to_contain_text("4 × 5, 1 × 3")
    form.fill("#id_allocation", "500")
    expect(form.locator("#preview .error")).to_contain_text("1 to 200")


def test_a_dataset_without_the_templates_media_is_said_at_once(form: Page) -> None:
    form.select_option("#id_dataset", label="texts · Text · 7 items")
    expect(form.locator("[data-bindings]")).to_contain_text("no field")


def test_a_job_is_made_by_the_form(form: Page) -> None:
    form.fill("#id_name", "Cars-1")
    form.select_option("#id_dataset", label="pictures · Image · 23 items")
    add(form).fill("car")
    add(form).press("Enter")
    add(form).fill("typed but not added")
    form.locator('input[name=workflow][value="labeling,check"]').check()
    form.fill("#id_check_ratio", "40")
    form.get_by_label("Night shift: Labelers").check()
    form.get_by_label("chen: Checkers").check()
    form.get_by_role("button", name="Create the job").click()
    form.wait_for_url(re.compile(r"/jobs/\d+/$"))
    expect(form.locator("h1")).to_have_text("Cars-1")
    expect(form.locator("#progress")).to_contain_text("Preparing packages")
    job = Job.objects.get()
    assert (job.check_ratio, job.allocation["size"]) == (40, 20)
    assert [option["label"] for option in job.options["1.1"]] == ["car", "typed but not added"]
    assert job.shapes == {"1": ["rectangle"]}


def test_tools_and_the_question_that_may_be_left_out(form: Page) -> None:
    """Tools by keyboard, at least one; the OCR text is asked unless the box is cleared, and a clone keeps both."""
    optional = form.locator("[data-optional]")
    expect(form.get_by_label("Rectangle", exact=True)).to_be_checked()
    expect(form.get_by_label("Polygon")).not_to_be_checked()
    expect(optional).to_be_hidden()
    form.fill("#id_name", "Letters")
    form.select_option("#id_dataset", label="pictures · Image · 23 items")
    form.get_by_label("Night shift: Labelers").check()
    choose(form, "ocr")
    text = form.get_by_label("OCR recognition results")
    expect(text).to_be_checked()
    add(form).fill("line")
    add(form).press("Enter")
    for tool in ("Rectangle", "Rotated rectangle", "Polygon"):
        form.get_by_label(tool, exact=True).press("Space")
    expect(form.locator("[data-tools-error]")).to_have_text("Choose at least one tool.")
    form.get_by_role("button", name="Create the job").click()
    expect(form.get_by_label("Rectangle", exact=True)).to_be_focused()
    form.get_by_label("Polygon").press("Space")
    text.press("Space")
    form.get_by_role("button", name="Create the job").click()
    form.wait_for_url(re.compile(r"/jobs/\d+/$"))
    job = Job.objects.get()
    assert (job.shapes, job.selected_questions) == ({"1": ["polygon"]}, ["1.1"])
    expect(form.locator("[aria-labelledby=settings-title]")).to_contain_text("Polygon")
    form.goto(f"/jobs/new/?from={job.pk}")
    expect(form.get_by_label("Polygon")).to_be_checked()
    expect(form.get_by_label("Rectangle", exact=True)).not_to_be_checked()
    expect(form.get_by_label("OCR recognition results")).not_to_be_checked()
    form.get_by_label("OCR recognition results").check()
    form.get_by_role("button", name="Create the job").click()
    form.wait_for_url(re.compile(rf"/jobs/(?!{job.pk}/)\d+/$"))
    assert Job.objects.latest("pk").selected_questions == ["1.1", "1.3"]
    expect(form.locator("[aria-labelledby=settings-title]")).to_contain_text(
        "OCR recognition results"
    )


def test_packages_are_shared_out_by_keyboard(form: Page) -> None:
    """Cut by number, reserved by share and then by numbers, answered by two: every step with keys alone."""
    form.fill("#id_name", "Shares")
    form.select_option("#id_dataset", label="pictures · Image · 23 items")
    add(form).fill("car")
    add(form).press("Enter")
    for label in ("lars: Labelers", "Night shift: Labelers"):
        form.get_by_label(label).press("Space")
    form.locator('input[name=allocation_type][value="fixed"]').focus()
    form.keyboard.press("ArrowRight")
    expect(form.locator("#id_allocation")).to_be_hidden()
    form.locator("#id_allocation_packages").press_sequentially("4")
    expect(form.locator("#preview")).to_contain_text("3 × 6, 1 × 5")

    form.locator('input[name=target_kind][value=""]').focus()
    form.keyboard.press("ArrowRight")
    team = form.get_by_label("Share of Night shift in percent")
    team.press_sequentially("70")
    expect(form.locator("[data-share-sum]")).to_have_text("70 % of 100 %")
    form.get_by_role("button", name="Split evenly").press("Enter")
    assert team.input_value() == "50"
    expect(form.locator("[data-share-sum]")).to_have_text("100 % of 100 %")
    expect(form.locator("#preview")).to_contain_text("Night shift")

    # Who is no labeler any more has no share; what was given to the others stays.
    form.get_by_label("lars: Labelers").press("Space")
    expect(form.locator("[data-share-sum]")).to_have_text("50 % of 100 %")
    form.get_by_label("lars: Labelers").press("Space")
    expect(form.locator("[data-share-sum]")).to_have_text("100 % of 100 %")

    form.locator('input[name=target_kind][value="shares"]').focus()
    form.keyboard.press("ArrowRight")
    first = form.locator("[data-range-list] > li").nth(0)
    first.locator("[data-first]").press_sequentially("1")
    first.locator("[data-last]").press_sequentially("2")
    first.locator("select").select_option(label="Night shift")
    form.get_by_role("button", name="Add packages").press("Enter")
    second = form.locator("[data-range-list] > li").nth(1)
    expect(second.locator("[data-first]")).to_be_focused()
    assert second.locator("[data-first]").input_value() == "3"
    second.locator("select").select_option(label="lars")

    people = form.get_by_label("Object detection label configuration: people who answer")
    people.fill("2")
    agree = form.get_by_label(
        "Object detection label configuration: of whom at least so many must agree"
    )
    assert agree.input_value() == "2"
    expect(form.locator("#preview")).to_contain_text("8 to be answered")

    # Lars alone is in the team: two votes need two people.
    form.get_by_role("button", name="Create the job").press("Enter")
    expect(form.locator("#id_votes_error")).to_contain_text("only 1 may label")
    assert people.input_value() == "2"
    assert form.locator("[data-range-list] > li").count() == 2
    form.get_by_label("chen: Labelers").press("Space")
    form.get_by_role("button", name="Create the job").press("Enter")
    form.wait_for_url(re.compile(r"/jobs/\d+/$"))
    job = Job.objects.get()
    lars, shift = User.objects.get(username="lars"), Team.objects.get()
    assert job.allocation == {
        "type": "average",
        "packages": 4,
        "targets": {
            "packages": [
                {"first": 1, "last": 2, "team": shift.pk},
                {"first": 3, "last": 3, "user": lars.pk},
            ]
        },
    }
    assert job.votes == {"1": {"VoteNum": 2, "MinVote": 2}}


def test_whoever_is_ticked_stays_while_others_are_searched_for(
    form: Page, workspace: Workspace
) -> None:
    for n in range(60):
        member(workspace, username=f"worker{n:02}")
    form.reload()
    choose(form, "object-detection")
    expect(form.locator("#people-found [data-note]")).to_contain_text("more")
    form.get_by_label("lars: Labelers").check()
    search = form.locator("#people-search")
    search.press_sequentially("worker5")
    expect(form.locator("#people-found tr[data-subject]")).to_have_count(10)
    search.press("Enter")
    search.press("ArrowDown")
    expect(form.get_by_label("worker50: Labelers")).to_be_focused()
    form.keyboard.press("Space")
    # The workflow has no check: the columns of a search's rows follow it.
    expect(form.get_by_label("worker51: Checkers")).to_be_hidden()
    search.fill("worker50")
    expect(form.locator("#people-found tr[data-subject]")).to_have_count(0)
    search.fill("")
    expect(form.locator("#people-found [data-note]")).to_contain_text("more")
    expect(form.locator("[data-count=labeling]")).to_have_text("2")
    for name in ("lars", "worker50"):
        expect(form.locator("[data-chosen]").get_by_label(f"{name}: Labelers")).to_be_checked()
    assert form.url.endswith("/jobs/new/")


def test_what_is_wrong_comes_back_with_what_was_filled_in(form: Page) -> None:
    form.fill("#id_name", "_x")
    add(form).fill("car")
    add(form).press("Enter")
    form.locator('input[name=workflow][value="labeling,acceptance"]').check()
    form.get_by_role("button", name="Create the job").click()
    expect(form.locator("#id_name_error")).to_be_visible()
    expect(form.locator("#id_dataset_error")).to_be_visible()
    assert labels(form) == ["car"]
    expect(form.locator('p.error[data-role="acceptance"]')).to_be_visible()
    expect(form.locator("#id_acceptance_ratio")).to_be_visible()
    expect(form.locator("#id_check_ratio")).to_be_hidden()
    assert Job.objects.count() == 0


def test_task_center_tells_news_within_five_seconds(
    sign_in: Any, workspace: Workspace, labeler: User
) -> None:
    job = make_job(items=4, size=2, workspace=workspace, labelers=[labeler], name="watched")
    page: Page = sign_in(labeler, locale="en")
    page.goto("/")
    expect(page.locator("#center")).to_contain_text("2 packages wait")
    page.evaluate("window.same = true")
    button = page.get_by_role("button", name="Claim watched")
    button.focus()
    JobSummary.objects.filter(job=job).update(labeling_packages=1, labeling_items=2)
    Assignment.objects.filter(job=job, number=2).update(state="blocked", reason="max_rounds")
    expect(page.locator("#center")).to_contain_text("1 package waits")
    expect(page.locator(f"#job-{job.pk}")).to_contain_text("2 / 4")
    assert page.evaluate("window.same") is True
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/label/\d+/1$"))
    assert Assignment.objects.filter(job=job, holder=labeler, state="claimed").count() == 1


def test_a_job_says_otherwise_than_its_template(form: Page, workspace: Workspace) -> None:
    """Pairs of a relation, a rule, preset texts, what items begin with; by keys, and a clone keeps them."""
    own = [{"key": "x", "label": "Good", "color": "#123456", "shortcut": "1"}]
    custom = LabelTemplate.objects.create(
        workspace=workspace,
        key="own",
        name="Own",
        category="text",
        views=[{"type": "Text", "bindField": "source"}],
        questions=[
            {"questionId": "1", "type": "CHECKBOX", "markTitle": "Sort", "options": own},
            {"questionId": "2", "type": "INPUT", "markTitle": "Number", "rule": "[0-9]+"},
        ],
    )
    form.reload()
    form.fill("#id_name", "Relations")
    form.select_option("#id_dataset", label="texts · Text · 7 items")
    form.get_by_label("Night shift: Labelers").check()
    choose(form, "entity-relationship")
    table = b"label,color,parent\nperson,#aa0000,\nplace,,\ncity,,place"
    form.locator("[data-add-file]").nth(0).set_input_files(
        {"name": "labels.csv", "mimeType": "text/csv", "buffer": table}
    )
    expect(form.locator("[data-labels] [data-name]")).to_have_count(3)
    add(form).nth(1).fill("lives in")
    add(form).nth(1).press("Enter")
    form.locator("summary", has_text="Preview on five items").press("Enter")
    shown = form.frame_locator("[data-trial] iframe")
    expect(shown.get_by_text("text number 1")).to_be_visible(timeout=30_000)
    expect(shown.get_by_text("city").first).to_be_visible()
    form.locator("[data-start] select").nth(0).select_option("place")
    form.locator("summary", has_text="Entity relationship").press("Enter")
    form.get_by_role("button", name="Add a pair").press("Enter")
    expect(form.get_by_label("From", exact=True)).to_be_focused()
    form.get_by_label("From", exact=True).select_option("person")
    form.get_by_label("To", exact=True).select_option("place")
    form.get_by_role("button", name="Create the job").click()
    form.wait_for_url(re.compile(r"/jobs/\d+/$"))
    job = Job.objects.get()
    assert [each["label"] for each in job.options["1.1"]] == ["person", "place"]
    assert job.options["1.1"][0]["color"] == "#aa0000"
    assert job.options["1.1"][1]["children"][0]["label"] == "city"
    assert job.overrides == {
        "1": {"pairs": [{"from": ["k1"], "to": ["k2"], "relation": []}]},
        "1.1": {"default": "k2"},
    }
    form.goto(f"/jobs/new/?from={job.pk}")
    expect(form.get_by_label("To", exact=True)).to_have_value("k2")
    expect(form.locator("[data-start] select").nth(0)).to_have_value("k2")

    form.locator(f'input[name=template][value="{custom.pk}"]').check(force=True)
    assert labels(form) == ["Good"]
    form.locator("[data-start-many]").get_by_label("Good").check()
    form.locator("summary", has_text="Number").press("Enter")
    form.get_by_label("Rule for the text").fill("[A-Z")
    form.get_by_role("button", name="Create the job").click()
    expect(form.get_by_label("Rule for the text")).to_be_focused()
    form.get_by_label("Rule for the text").fill("[A-Z]+")
    form.get_by_label("Preset texts").fill("AB\n\n CD ")
    form.get_by_label("What items begin with").fill("1")
    expect(form.locator('[data-member="default"] .error')).not_to_have_text("")
    form.get_by_label("What items begin with").fill("A")
    form.get_by_role("button", name="Create the job").click()
    form.wait_for_url(re.compile(r"/jobs/\d+/$"))
    assert Job.objects.order_by("-id")[0].overrides == {
        "1": {"default": ["x"]},
        "2": {"rule": "[A-Z]+", "preOptions": ["AB", "CD"], "default": "A"},
    }
