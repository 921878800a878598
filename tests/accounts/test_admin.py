"""Django's administration of accounts: a window for staff, privileges for superusers only."""

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import ApiToken, Membership, User, Workspace
from accounts.services import links, tokens
from tests.factories import PASSWORD, make_team, member

pytestmark = pytest.mark.django_db

MODELS = ["user", "workspace", "membership", "team", "apitoken", "onetimelink", "heartbeat"]


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def root() -> User:
    return User.objects.create_superuser("root", PASSWORD)


@pytest.fixture
def staff(workspace: Workspace) -> User:
    return member(workspace, "admin", username="staff", is_staff=True)


def test_every_model_of_the_app_is_there() -> None:
    ours = {m._meta.model_name for m in admin.site._registry if m._meta.app_label == "accounts"}
    assert ours == set(MODELS)


@pytest.mark.parametrize("model", MODELS)
def test_lists_cost_the_same_for_few_and_many(
    model: str, root: User, workspace: Workspace, django_assert_num_queries
) -> None:  # type: ignore[no-untyped-def]
    def more(count: int) -> None:
        for _ in range(count):
            user = member(workspace)
            tokens.create_token(user=user)
            make_team(workspace, [user])
            links.create_link(purpose="invite", workspace=workspace, actor=None)

    client = client_of(root)
    path = f"/admin/accounts/{model}/"
    more(1)
    assert client.get(path).status_code == 200
    with CaptureQueriesContext(connection) as one:
        client.get(path)
    more(20)
    with django_assert_num_queries(len(one)):
        client.get(path)


def test_signing_in_goes_through_the_sites_own_page() -> None:
    got = Client().get("/admin/login/")
    assert got.status_code == 302
    assert got["Location"].startswith("/accounts/login/")


def test_staff_see_their_workspaces_and_no_privileges(
    staff: User, workspace: Workspace, stranger: User, root: User, labeler: User
) -> None:
    client = client_of(staff)
    page = client.get("/admin/accounts/user/").content.decode()
    assert "lars" in page
    assert "steve" not in page
    assert client.get(f"/admin/accounts/user/{stranger.pk}/change/").status_code == 302
    assert client.get("/admin/accounts/apitoken/").status_code == 403
    assert client.get("/admin/accounts/user/add/").status_code == 403
    got = client.post(
        f"/admin/accounts/user/{labeler.pk}/change/",
        {"username": "lars", "is_superuser": "on", "is_staff": "on"},
    )
    assert got.status_code == 403
    labeler.refresh_from_db()
    assert not labeler.is_superuser
    assert client.get(f"/admin/accounts/user/{labeler.pk}/password/").status_code == 403
    assert client.get("/admin/accounts/user/?password__startswith=md5").status_code in (302, 400)


def test_superusers_give_privileges_and_close_accounts(
    root: User, workspace: Workspace, admin_user: User, labeler: User
) -> None:
    client = client_of(root)
    path = f"/admin/accounts/user/{labeler.pk}/change/"
    got = client.post(path, {"username": "lars", "is_staff": "on", "language": "en"})
    assert got.status_code == 302
    labeler.refresh_from_db()
    assert labeler.is_staff
    assert labeler.is_active
    body = {"action": "close_accounts", "_selected_action": [labeler.pk, admin_user.pk, root.pk]}
    client.post("/admin/accounts/user/", body)
    active = dict(User.objects.values_list("username", "is_active"))
    assert (active["lars"], active["alice"], active["root"]) == (False, True, True)


def test_memberships_are_removed_through_the_service(
    root: User, workspace: Workspace, admin_user: User, labeler: User
) -> None:
    rows = Membership.objects.filter(workspace=workspace)
    body = {"action": "remove", "_selected_action": list(rows.values_list("pk", flat=True))}
    got = client_of(root).post("/admin/accounts/membership/", body, follow=True)
    assert "no administrator left" in got.content.decode()
    assert [m.user for m in rows] == [admin_user]


def test_tokens_are_revoked_and_show_no_digest(root: User, labeler: User) -> None:
    token, _secret = tokens.create_token(user=labeler)
    client = client_of(root)
    page = client.get(f"/admin/accounts/apitoken/{token.pk}/change/").content.decode()
    assert token.digest not in page
    client.post("/admin/accounts/apitoken/", {"action": "revoke", "_selected_action": [token.pk]})
    assert ApiToken.objects.get().revoked_at


def test_a_workspace_takes_no_zone_that_does_not_exist(root: User, workspace: Workspace) -> None:
    client = client_of(root)
    path = f"/admin/accounts/workspace/{workspace.pk}/change/"
    got = client.post(path, {"name": workspace.name, "time_zone": "Mars/Olympus"})
    assert "There is no such time zone." in got.content.decode()
    assert client.post("/admin/accounts/workspace/add/", {"name": "N", "time_zone": "UTC"}).url
    assert Workspace.objects.filter(name="N").exists()
