"""The frame in a real browser: menus by keyboard, theme, confirmation, copying, and WCAG AA in both themes."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import expect

from accounts.models import Membership, User
from accounts.services import links
from accounts.services.workspaces import create_workspace, set_membership
from tests.factories import make_team, member

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

AXE = settings.BASE_DIR / "static" / "node_modules" / "axe-core" / "axe.min.js"
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

SignIn = Callable[..., Any]


@pytest.fixture
def ada() -> User:
    workspace = create_workspace(name="Street scenes")
    user = member(workspace, "admin", username="ada", name="Ada Lovelace")
    set_membership(workspace=create_workspace(name="Zoo"), user=user, role="leader", actor=None)
    return user


def test_the_account_menu_works_by_keyboard(sign_in: SignIn, ada: User) -> None:
    page = sign_in(ada)
    page.goto("/account/")
    summary = page.locator("summary", has_text="Ada Lovelace")
    summary.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.textContent") == "My account"
    page.keyboard.press("End")
    assert page.evaluate("document.activeElement.textContent") == "Sign out"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    assert not page.get_by_role("button", name="Sign out").is_visible()
    page.keyboard.press("Enter")
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    page.wait_for_url("**/accounts/login/")


def test_a_menu_closes_when_one_looks_elsewhere(sign_in: SignIn, ada: User) -> None:
    page = sign_in(ada)
    page.goto("/account/")
    page.locator("summary", has_text="Street scenes").click()
    assert page.get_by_role("button", name="Zoo").is_visible()
    page.locator("h1").click()
    assert not page.get_by_role("button", name="Zoo").is_visible()
    page.locator("summary", has_text="Street scenes").click()
    page.get_by_role("button", name="Zoo").click()
    page.wait_for_url(re.compile(r"//[^/]+/$"))
    page.goto("/account/")
    assert page.locator("summary", has_text="Zoo").is_visible()


def test_the_theme_changes_at_once_and_stays(sign_in: SignIn, ada: User) -> None:
    page = sign_in(ada, color_scheme="dark")
    page.goto("/account/")
    background = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(background)
    with page.expect_response("**/theme"):
        page.get_by_role("button", name="Light theme").click()
    page.wait_for_function(f"dark => {background} !== dark", arg=dark)
    light = page.evaluate(background)
    page.reload()
    assert page.evaluate(background) == light
    assert page.get_by_role("button", name="Light theme").get_attribute("aria-pressed") == "true"
    with page.expect_response("**/theme"):
        page.get_by_role("button", name="The system's theme").click()
    page.wait_for_function(f"dark => {background} === dark", arg=dark)


def test_the_first_tab_skips_to_the_content(sign_in: SignIn, ada: User) -> None:
    page = sign_in(ada)
    page.goto("/account/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_removing_somebody_asks_first(sign_in: SignIn, ada: User) -> None:
    workspace = Membership.objects.get(user=ada, role="admin").workspace
    lars = member(workspace, username="lars")
    page = sign_in(ada)
    page.goto(f"/members/{lars.pk}/")
    page.get_by_role("link", name="Deactivate or remove…").click()
    page.get_by_label("Remove from this workspace").check()
    page.get_by_role("button", name="Let the person go").click()
    dialog = page.get_by_role("dialog")
    assert "Let lars go?" in dialog.inner_text()
    dialog.get_by_role("button", name="Cancel").click()
    assert Membership.objects.filter(user=lars).exists()
    page.get_by_role("button", name="Let the person go").click()
    dialog.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/members/")
    assert not Membership.objects.filter(user=lars).exists()


def test_times_are_shown_in_the_readers_zone(sign_in: SignIn, ada: User) -> None:
    page = sign_in(ada, timezone_id="Asia/Shanghai", locale="en-US")
    Membership.objects.filter(user=ada).update(created_at="2026-01-01T20:00:00Z")
    page.goto("/members/")
    expect(page.locator("tbody time").first).to_have_text("Jan 2, 2026")


#: Each language and each theme once; tests/e2e/test_pages.py has the other pairs of most of these pages.
@pytest.mark.parametrize(("theme", "language"), [("light", "zh-hans"), ("dark", "en")])
def test_pages_meet_wcag_aa_and_never_scroll_sideways(
    sign_in: SignIn, ada: User, live_server: Any, theme: str, language: str
) -> None:
    workspace = Membership.objects.get(user=ada, role="admin").workspace
    other = member(workspace, username="x" * 64, name="Maria de los Ángeles Fernández " * 3)
    invite = links.create_link(purpose="invite", workspace=workspace, actor=ada)
    setup = links.create_link(purpose="setup")
    team = make_team(workspace, [other], is_supplier=True)
    faults = []
    for user, paths in (
        (
            ada,
            [
                "/members/",
                f"/members/{other.pk}/",
                "/members/new/",
                f"/members/{other.pk}/leave/",
                "/members/import/",
                "/members/teams/new/",
                f"/members/teams/{team.pk}/?find=a",
                "/members/invitations/",
                "/members/workspace/",
                "/workspaces/",
                "/jobs/held/",
                "/account/",
                "/accounts/password/change/",
                "/nowhere",
            ],
        ),
        (
            None,
            [
                "/accounts/login/",
                "/accounts/password/reset/",
                f"/invite/{invite}/",
                f"/setup/{setup}/",
            ],
        ),
    ):
        page = sign_in(user, viewport={"width": 1280, "height": 800})
        page.context.add_cookies(
            [
                {"name": name, "value": value, "url": live_server.url}
                for name, value in (("theme", theme), ("django_language", language))
            ]
        )
        broken: list[str] = []
        page.on("pageerror", lambda error, broken=broken: broken.append(str(error)))
        for path in paths:
            page.goto(path)
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                faults.append(f"{path} scrolls sideways")
            page.evaluate(Path(AXE).read_text(encoding="utf-8") + ";0")
            found = page.evaluate(
                "levels => axe.run({runOnly: levels}).then(r => r.violations.map(v =>"
                " v.id + ' ' + v.nodes.map(n => n.html).join(' ')))",
                LEVELS,
            )
            faults += [f"{path} {violation}" for violation in found]
        faults += broken
    assert faults == []
