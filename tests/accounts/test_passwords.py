"""Passwords that somebody else chose, closed accounts, and names that look like others."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.api.throttles import TokenThrottle
from accounts.models import ApiToken, Membership, OneTimeLink, User, Workspace
from accounts.services import links
from accounts.services.tokens import create_token
from accounts.services.users import create_user, reset_password, set_user_active
from itag.core.errors import Conflict, Denied, Invalid, ItagError, NotFound
from itag.core.policy import can
from itag.core.text import looks_like_another
from tests.factories import PASSWORD, WorkspaceFactory, member

pytestmark = pytest.mark.django_db
Api = Callable[[User | None], APIClient]
V1 = "/api/v1"
NEW = "another long secret"


def browser(user: User | None = None) -> Client:
    client = Client()
    if user is not None:
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def bearer(secret: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client


def test_nobody_works_with_a_password_that_somebody_else_chose(
    api: Api, admin_user: User, labeler: User
) -> None:
    old = create_token(user=labeler)[1]
    there = browser(labeler)
    password = reset_password(user=labeler, actor=admin_user)
    assert bearer(old).get(f"{V1}/me").status_code == 401
    assert there.get("/account/").status_code == 302
    assert there.get("/account/")["Location"].startswith("/accounts/login/")

    labeler.refresh_from_db()
    client = browser()
    client.post("/accounts/login/", {"login": "lars", "password": password})
    for path in ("/", "/account/", "/members/", "/jobs/"):
        assert client.get(path)["Location"] == "/accounts/password/change/"
    got = client.post("/account/tokens/new/", {"name": "around", "hours": 12})
    assert got["Location"] == "/accounts/password/change/"
    got = client.get(f"{V1}/me")
    assert (got.status_code, got.json()["code"]) == (403, "password_change")
    got = api(None).post(f"{V1}/tokens", {"username": "lars", "password": password})
    assert (got.status_code, got.json()["code"]) == (403, "password_change")
    # A token made before the moment in which the flag was set leads nowhere either.
    secret = create_token(user=labeler)[1]
    got = bearer(secret).get(f"{V1}/me")
    assert (got.status_code, got.json()["code"]) == (403, "password_change")

    change = "/accounts/password/change/"
    assert "Somebody else chose your password" in client.get(change).content.decode()
    same = {"oldpassword": password, "password1": password, "password2": password}
    got = client.post(change, same)
    assert got.status_code == 200
    assert "another password than the present one" in got.content.decode()
    got = client.post(change, {**same, "password1": NEW, "password2": NEW})
    assert got["Location"] == "/"
    assert "Your password is changed." in client.get("/").content.decode()
    same = {"oldpassword": NEW, "password1": PASSWORD, "password2": PASSWORD}
    assert client.post(change, same)["Location"] == "/account/"
    assert client.post(
        change, {**same, "oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    )
    assert client.get("/account/").status_code == 200
    got = api(None).post(f"{V1}/tokens", {"username": "lars", "password": NEW})
    assert got.status_code == 201


def test_the_pages_that_stay_open_are_few(labeler: User) -> None:
    User.objects.filter(pk=labeler.pk).update(must_change_password=True)
    client = browser(labeler)
    assert client.post("/language", {"language": "en"}).status_code == 302
    assert client.get("/accounts/logout/").status_code == 200
    assert client.get("/healthz").status_code == 503
    assert client.get("/nowhere/").status_code == 404
    assert client.get("/admin/")["Location"] == "/accounts/password/change/"


def test_a_part_of_a_page_is_never_another_page(labeler: User) -> None:
    """A redirect would be followed, and the page it leads to be put into the place of the part."""
    bell, part = reverse("notices-bell"), {"HX-Request": "true"}
    out = Client().get(bell, headers=part)
    assert (out.status_code, out.json()["code"]) == (401, "not_authenticated")
    User.objects.filter(pk=labeler.pk).update(must_change_password=True)
    client = browser(labeler)
    refused = client.get(bell, headers=part)
    assert (refused.status_code, refused.json()["code"]) == (403, "password_change")
    assert bell not in client.get("/accounts/password/change/").content.decode()


def test_who_may_give_a_one_time_password(workspace: Workspace, admin_user: User) -> None:
    elsewhere = WorkspaceFactory()
    label_admin = member(workspace, "label_admin")
    leader, leader2 = (member(workspace, "leader") for _ in range(2))
    worker, both = member(workspace), member(workspace)
    Membership.objects.create(workspace=elsewhere, user=both, role="operator")
    root = User.objects.create_superuser("root", PASSWORD)
    Membership.objects.create(workspace=workspace, user=root, role="operator")
    stranger = member(elsewhere, "admin")
    wanted = {
        (admin_user, worker): "yes", (admin_user, leader): "yes", (admin_user, both): "reason",
        (admin_user, root): "reason", (admin_user, admin_user): "reason",
        (leader, worker): "yes", (leader, leader2): "reason", (leader, admin_user): "reason",
        (leader, both): "reason", (label_admin, worker): "reason", (worker, leader): "hidden",
        (stranger, worker): "hidden", (stranger, both): "reason", (root, both): "yes",
        (root, admin_user): "yes",
    }  # fmt: skip
    for (actor, person), answer in wanted.items():
        verdict = can(actor, "users.reset", person)
        said = "yes" if verdict else "hidden" if verdict.hidden else "reason"
        assert said == answer, (actor.username, person.username)
    with pytest.raises(Denied):
        reset_password(user=both, actor=leader)


def test_a_one_time_password_is_shown_once(api: Api, admin_user: User, labeler: User) -> None:
    client = browser(admin_user)
    got = client.post(f"/members/{labeler.pk}/password/")
    assert got["Cache-Control"] == "no-store"
    page = got.content.decode()
    labeler.refresh_from_db()
    shown = page.split('id="one-time-password">')[1].split("<")[0]
    assert labeler.check_password(shown)
    assert shown not in client.get(f"/members/{labeler.pk}/").content.decode()
    got = api(admin_user).post(f"{V1}/users/{labeler.pk}/password-reset")
    assert got["Cache-Control"] == "no-store"
    labeler.refresh_from_db()
    assert labeler.check_password(got.json()["password"])
    assert labeler.must_change_password
    page = client.get(f"/members/{admin_user.pk}/").content.decode()
    assert 'disabled aria-describedby="no-reset"' in page


def test_a_closed_account_comes_back_without_what_was_signed_in(
    admin_user: User, labeler: User
) -> None:
    root = User.objects.create_superuser("root", PASSWORD)
    secret = create_token(user=labeler)[1]
    client = browser(labeler)
    assert client.get("/account/").status_code == 200
    with pytest.raises(Denied):
        set_user_active(user=labeler, active=False, actor=admin_user)
    set_user_active(user=labeler, active=False, actor=root)
    assert client.get("/account/").status_code == 302
    assert bearer(secret).get(f"{V1}/me").status_code == 401
    set_user_active(user=labeler, active=True, actor=root)
    assert client.get("/account/").status_code == 302
    assert bearer(secret).get(f"{V1}/me").status_code == 401
    assert not ApiToken.objects.valid().exists()
    assert browser(User.objects.get(pk=labeler.pk)).get("/account/").status_code == 200


def test_without_mail_nobody_is_promised_a_link(settings: Any, labeler: User) -> None:
    User.objects.filter(pk=labeler.pk).update(email="lars@example.org")
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    client = browser()
    got = client.get("/accounts/password/reset/")
    assert "Ask your administrator" in got.content.decode()
    got = client.post("/accounts/password/reset/", {"email": "lars@example.org"})
    assert "Ask your administrator" in got.content.decode()
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("name", "alike"),
    [
        ("anna", False),
        ("анна", False),  # Cyrillic with letters of its own
        ("张伟", False),
        ("zhang.伟", False),
        ("pаypal", True),  # one Cyrillic а
        ("аосе", True),  # Cyrillic throughout, in Latin shapes
        ("οmega", True),  # a Greek ο
        ("a1-b_2", False),
    ],
)
def test_names_that_look_like_others(name: str, alike: bool, workspace: Workspace) -> None:
    assert looks_like_another(name) is alike
    if alike:
        with pytest.raises(Invalid, match="look alike") as error:
            create_user(username=name, password=PASSWORD)
        assert error.value.errors[0]["field"] == "username"


def test_a_name_has_one_spelling(api: Api, workspace: Workspace) -> None:
    made = create_user(username="ＬＡＲＳ１", password=PASSWORD)
    assert made.username == "LARS1"
    with pytest.raises(Invalid, match="taken"):
        create_user(username="lars①", password=PASSWORD)
    for typed in ("lars1", "ｌａｒｓ１", " LARS1 "):
        got = api(None).post(f"{V1}/tokens", {"username": typed, "password": PASSWORD})
        assert got.status_code == 201
    client = browser()
    got = client.post("/accounts/login/", {"login": "ｌａｒｓ１", "password": PASSWORD})
    assert got["Location"] == "/"
    assert User.objects.create_user("ｎｅｗ").username == "new"


@pytest.mark.django_db(transaction=True)
def test_tries_at_once_are_all_counted(
    at_once: Callable[..., list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TokenThrottle, "rate", "3/min", raising=False)
    cache.clear()

    def one() -> int:
        body = {"username": "lars", "password": "wrong"}
        return APIClient().post(f"{V1}/tokens", body).status_code

    assert sorted(at_once(*[one] * 8)) == [401] * 3 + [429] * 5


@pytest.mark.django_db(transaction=True)
def test_two_setup_links_at_once_make_one_administrator(
    at_once: Callable[..., list[Any]],
) -> None:
    made = at_once(*[lambda: links.create_link(purpose="setup")] * 4)
    assert OneTimeLink.objects.open().count() == 1
    # Had two stayed open, each used at once would have made an administrator.
    OneTimeLink.objects.update(expires_at=OneTimeLink.objects.open().get().expires_at)
    used = at_once(
        *[
            lambda secret=secret, n=n: links.use_setup_link(
                secret=secret, username=f"root{n}", password=PASSWORD
            )
            for n, secret in enumerate(made)
        ]
    )
    assert User.objects.filter(is_superuser=True).count() == 1
    assert sum(isinstance(one, NotFound | Conflict) for one in used) == 3


def test_revoking_a_grant_acts_at_the_next_request(
    api: Api, workspace: Workspace, admin_user: User, leader: User, labeler: User
) -> None:
    client, path = api(leader), f"{V1}/workspaces/{workspace.pk}/members"
    assert client.get(path).status_code == 200
    body = {"role": "operator", "active": True}
    assert api(admin_user).put(f"{path}/{leader.pk}", body, format="json").status_code == 200
    assert client.get(path).status_code == 403
    assert api(admin_user).delete(f"{path}/{leader.pk}").status_code == 204
    assert client.get(path).status_code == 404


def test_errors_of_people_hold_no_secret(workspace: Workspace, admin_user: User) -> None:
    with pytest.raises(ItagError) as error:
        create_user(username="x y", password="123", workspace=workspace, actor=admin_user)
    assert "123" not in str(error.value.errors)


def test_a_password_set_in_the_administration_is_a_first_one(labeler: User) -> None:
    root = User.objects.create_superuser("root", PASSWORD)
    client = browser(root)
    body = {"password1": NEW, "password2": NEW, "usable_password": "true"}
    path = f"/admin/accounts/user/{labeler.pk}/password/"
    assert client.post(path, {**body, "password2": "other"}).status_code == 200
    labeler.refresh_from_db()
    assert not labeler.must_change_password
    assert client.post(path, body).status_code == 302
    labeler.refresh_from_db()
    assert labeler.check_password(NEW)
    assert labeler.must_change_password
    client.post("/admin/accounts/user/add/", {"username": "made", **body})
    assert User.objects.get(username="made").must_change_password
