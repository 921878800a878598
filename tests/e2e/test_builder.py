"""The builder of label templates in a browser: by mouse, by keys alone, with its preview on real items."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from accounts.models import User, Workspace
from jobs.models import Annotation
from templates_app.models import LabelTemplate
from templates_app.services.library import create_template
from tests.e2e.label import builtin, draw_picture, violations
from tests.factories import make_dataset

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(180),
]
#: A folder for pictures of the pages, for whoever wants to look at them.
SHOTS = os.environ.get("ITAG_SHOTS", "")


def shoot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png")


def pictures(workspace: Workspace) -> None:
    dataset = make_dataset(
        [{"source": f"{n}.jpg", "answer": f"Answer **{n}**"} for n in range(1, 7)],
        kind="image",
        workspace=workspace,
        name="Street scenes",
    )
    assert dataset.storage is not None
    for number in range(1, 7):
        draw_picture(Path(settings.FILES_ROOT) / dataset.storage.root / f"{number}.jpg", number)


def open_builder(page: Page, address: str) -> list[str]:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(address)
    page.wait_for_selector("html[data-ready]")
    return errors


def test_a_template_is_built_by_mouse_and_tried_out(
    sign_in: Callable[..., Page], workspace: Workspace, admin_user: User
) -> None:
    pictures(workspace)
    page = sign_in(admin_user, reduced_motion="reduce")
    page.set_viewport_size({"width": 1280, "height": 800})
    errors = open_builder(page, "/label-templates/new/")
    stage, side = page.locator(".ds-stage"), page.locator(".ds-side")
    offer = lambda kind: page.locator(f'[data-offer="{kind}"]')  # noqa: E731
    offer("Image").drag_to(stage.locator('[data-drop="row"]').first)
    expect(stage.locator(".ds-card")).to_have_count(1)
    # A text beside it: into a cell of its own.
    offer("Text").drag_to(stage.locator('[data-drop="new-cell"]').last)
    expect(stage.locator(".ds-cell")).to_have_count(2)
    page.get_by_label("Field of the dataset").fill("answer")
    offer("PICTURE").drag_to(side.locator('[data-drop="side"]').first)
    # Marks come with a choice of labels: its options come from a list.
    side.get_by_role("button", name="Single choice").click()
    page.get_by_role("button", name="Paste a list").click()
    page.locator("[data-paste]").fill("Vehicle\n  car\n  bus\nBike")
    page.get_by_role("button", name="Add 4 options").click()
    expect(page.locator(".ds-option")).to_have_count(4)
    page.get_by_role("button", name="The whole template").click()
    offer("RADIO").click()
    title = page.get_by_label("Title", exact=True)
    title.fill("Fits?")
    for name in ("yes", "no"):
        page.locator("[data-add-option]").fill(name)
        page.locator("[data-add-option]").press("Enter")
    expect(page.locator(".ds-option")).to_have_count(2)
    page.get_by_role("button", name="The whole template").click()
    page.get_by_label("Name", exact=True).fill("Street and answer")
    offer("INPUT").click()
    title.fill("Why not")
    page.get_by_label("Shown", exact=True).select_option(label="while “Fits?”")
    page.get_by_label("yes", exact=True).uncheck()
    page.get_by_label("no", exact=True).check()
    # The server says what is wrong as one types, at the field.
    title.fill("Fits?")
    expect(page.locator(".ds-fault")).to_contain_text("title")
    expect(page.locator(".ds-state")).to_contain_text("1 thing to mend")
    shoot(page, "builder-fault")
    title.fill("Why not")
    expect(page.locator(".ds-state")).to_contain_text("Nothing to mend")
    # What is removed comes back.
    page.get_by_role("button", name="Remove", exact=True).click()
    expect(side.locator("[data-part]")).to_have_count(3)
    page.get_by_role("button", name="Undo").click()
    expect(side.locator("[data-part]")).to_have_count(4)
    assert violations(page) == []
    shoot(page, "builder-1280")
    # The preview is the labeling page on the dataset's items; what is answered there goes nowhere.
    page.get_by_role("button", name="Preview").click()
    frame = page.frame_locator("iframe")
    expect(frame.locator(".wb-side")).to_contain_text("Fits?")
    expect(frame.locator(".wb")).to_contain_text("Answer **1**")
    frame.get_by_role("button", name="no", exact=True).click()
    expect(frame.locator(".wb-side")).to_contain_text("Why not")
    shoot(page, "builder-preview")
    assert not Annotation.objects.exists()
    page.locator("[data-save]").click()
    expect(page.get_by_text("Version 1 is saved.")).to_be_visible()
    made = LabelTemplate.objects.get(workspace=workspace)
    assert [view["bindField"] for view in made.views] == ["source", "answer"]
    boxes, fits, why = made.questions
    assert [one["label"] for one in boxes["children"][0]["options"]] == ["Vehicle", "Bike"]
    assert boxes["children"][0]["options"][0]["children"][1]["label"] == "bus"
    assert why["showIf"] == {"questionId": fits["questionId"], "is": [fits["options"][1]["key"]]}
    assert [cell["width"] for cell in made.layout[0]["cells"]] == [6, 6]
    # The next version follows the page, which stays where it is.
    page.get_by_role("button", name="Build").click()
    side.get_by_role("button", name="Fits?").click()
    page.get_by_label("Required").check()
    page.locator("[data-save]").click()
    expect(page.get_by_text("Version 2 is saved.")).to_be_visible()
    second = LabelTemplate.objects.latest().get(workspace=workspace)
    assert page.url.endswith(f"/label-templates/{second.pk}/edit/")
    assert (second.version, second.questions[1]["mustFill"]) == (2, True)
    assert errors == []


def test_a_template_is_built_by_keys_alone(
    sign_in: Callable[..., Page], workspace: Workspace, admin_user: User
) -> None:
    page = sign_in(admin_user, reduced_motion="reduce")
    errors = open_builder(page, "/label-templates/new/")
    keys = page.keyboard
    side = page.locator(".ds-side [data-part]")

    def press(selector: str, key: str) -> None:
        """Where the focus goes by Tab, without the many presses."""
        page.locator(selector).first.focus()
        keys.press(key)

    press('[data-offer="Text"]', "Enter")
    for kind in ("RATING", "INPUT"):
        press(f'[data-offer="{kind}"]', "Enter")
    expect(side).to_have_count(2)
    press(".ds-side [data-part] >> nth=1", "Alt+ArrowUp")
    expect(side.first).to_contain_text("Fill-in")
    keys.press("Control+d")
    expect(side).to_have_count(3)
    keys.press("Delete")
    expect(side).to_have_count(2)
    keys.press("Control+z")
    expect(side).to_have_count(3)
    keys.press("Control+Shift+z")
    expect(side).to_have_count(2)
    press(".ds-side [data-part]", "Enter")
    # To a cell beside the text, by the list of places.
    page.get_by_label("Place").select_option(label="Row 1, a new cell")
    expect(page.locator(".ds-stage .ds-cell")).to_have_count(2)
    press(".ds-stage [data-part]", "Escape")
    page.get_by_role("button", name="The whole template").focus()
    keys.press("Enter")
    page.get_by_label("Name", exact=True).focus()
    keys.type("By keys")
    expect(page.locator(".ds-state")).to_contain_text("Nothing to mend")
    keys.press("Control+s")
    expect(page.get_by_text("Version 1 is saved.")).to_be_visible()
    made = LabelTemplate.objects.get(workspace=workspace)
    assert [one["type"] for one in made.questions] == ["INPUT", "RATING"]
    assert made.layout[0]["cells"][1]["blocks"] == [{"question": made.questions[0]["questionId"]}]
    assert errors == []


def test_the_list_copies_imports_shares_and_archives(
    sign_in: Callable[..., Page],
    live_server: Any,
    workspace: Workspace,
    admin_user: User,
    tmp_path: Path,
) -> None:
    general = builtin("object-detection")
    own = create_template(
        workspace=workspace,
        user=admin_user,
        name="Own one",
        views=[{"type": "Text", "bindField": "source"}],
        questions=[{"questionId": "1", "type": "INPUT", "markTitle": "What"}],
    )
    page = sign_in(admin_user, reduced_motion="reduce")
    page.goto("/label-templates/")
    expect(page.get_by_role("link", name="Own one", exact=True)).to_be_visible()
    shoot(page, "templates-list")
    with page.expect_download() as download:
        page.get_by_role("link", name="Export “Own one” as a file").click()
    file = tmp_path / "one.json"
    download.value.save_as(file)
    page.locator("[data-import]").set_input_files(file)
    page.wait_for_url("**/edit/")
    assert LabelTemplate.objects.filter(workspace=workspace, name="Own one").count() == 2
    # A general one can only be looked at, and copied.
    errors = open_builder(page, f"/label-templates/{general.pk}/edit/")
    expect(page.locator("[data-offer]").first).to_be_disabled()
    expect(page.locator("[data-save]")).to_have_count(0)
    page.locator(".ds-side [data-part]").first.click()
    shoot(page, "builder-general")
    page.get_by_role("button", name="Make a copy").last.click()
    page.wait_for_url(lambda url: not url.endswith(f"/{general.pk}/edit/"))
    copy = LabelTemplate.objects.get(workspace=workspace, name="Object Detection (copy)")
    # What sharing shows is said before it is done.
    page.goto(f"/label-templates/{own.pk}/edit/")
    page.wait_for_selector("html[data-ready]")
    page.get_by_text("More", exact=True).click()
    page.get_by_role("button", name="Share with everybody…").click()
    expect(page.get_by_text("Everybody who can sign in here will see")).to_be_visible()
    shoot(page, "builder-share")
    page.get_by_role("button", name="Share with everybody", exact=True).click()
    expect(page.locator(".ds-title")).to_contain_text("Shared with everybody")
    own.refresh_from_db()
    assert own.shared == "everybody"
    page.goto("/label-templates/")
    page.get_by_role("button", name="Archive “Object Detection (copy)”").click()
    expect(page.get_by_role("link", name="Object Detection (copy)", exact=True)).to_have_count(0)
    copy.refresh_from_db()
    assert copy.archived_at is not None
    assert errors == []
    if not SHOTS:
        return
    page.context.add_cookies(
        [{"name": "django_language", "value": "zh-hans", "url": live_server.url}]
    )
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 1920, "height": 1080})
    page.goto("/label-templates/")
    shoot(page, "templates-list-zh-dark")
    open_builder(page, f"/label-templates/{own.pk}/edit/")
    page.locator(".ds-side [data-part]").first.click()
    shoot(page, "builder-zh-dark-1920")
