"""An invitation in a browser, which sends what the test client does not: the origin of a form."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from accounts.models import Membership, User, Workspace
from accounts.services.links import create_link

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_guest_joins_by_the_link(
    sign_in: Callable[..., Page], live_server: Any, workspace: Workspace, admin_user: User
) -> None:
    secret = create_link(purpose="invite", workspace=workspace, role="leader", actor=admin_user)
    page = sign_in(None)
    page.goto(f"{live_server.url}/invite/{secret}/")
    page.get_by_label("User name").fill("kim")
    for field in ("password", "password2"):
        page.locator(f"[name={field}]").fill("correct horse battery")
    page.get_by_role("button", name="Make the account and join").click()
    page.wait_for_url(f"{live_server.url}/")
    assert Membership.objects.get(workspace=workspace, user__username="kim").role == "leader"
