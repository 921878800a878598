"""The pages: signing in, members, teams, invitations, one's account, theme and language."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import ApiToken, Membership, OneTimeLink, Team, User, Workspace
from accounts.services import links, tokens
from accounts.services.workspaces import set_membership
from tests.factories import PASSWORD, WorkspaceFactory, make_team, member

pytestmark = pytest.mark.django_db

PERSON = {"username": "kim", "password": PASSWORD, "password2": PASSWORD}


@pytest.fixture
def as_user() -> Callable[[User | None], Client]:
    """`as_user(person)` is a browser in which the person is signed in."""

    def build(user: User | None = None) -> Client:
        client = Client()
        if user is not None:
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return build


As = Callable[..., Client]


# --- signing in and out -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("login", ["lars", "LARS", "lars@example.org"])
def test_signing_in_by_user_name_or_address(as_user: As, labeler: User, login: str) -> None:
    User.objects.filter(pk=labeler.pk).update(email="lars@example.org", language="zh-hans")
    client = as_user()
    got = client.post("/accounts/login/?next=/account/", {"login": login, "password": PASSWORD})
    assert (got.status_code, got["Location"]) == (302, "/account/")
    assert client.cookies["django_language"].value == "zh-hans"
    assert client.get("/account/").status_code == 200


def test_a_wrong_password_says_nothing_about_the_person(as_user: As, labeler: User) -> None:
    pages = [
        as_user().post("/accounts/login/", {"login": name, "password": "wrong"}).content.decode()
        for name in ("lars", "nobody")
    ]
    errors = [re.findall(r'role="alert".*?<p>(.*?)</p>', page) for page in pages]
    assert errors[0]
    assert errors[0] == errors[1]


def test_trying_passwords_is_slowed_down(as_user: As, labeler: User, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login": "2/m/ip"}
    body = {"login": "lars", "password": "wrong"}
    for n in range(3):
        # What anybody can write into a header makes no new address.
        headers = {"X-Forwarded-For": f"10.0.0.{n}"}
        got = as_user().post("/accounts/login/", body, headers=headers)
    assert got.status_code == 429
    assert "Too many tries" in got.content.decode()


def test_next_never_leads_to_another_site(as_user: As, labeler: User) -> None:
    got = as_user().post(
        "/accounts/login/?next=//evil.example/", {"login": "lars", "password": PASSWORD}
    )
    assert got["Location"] == "/"
    for path, field in (("/theme", "theme"), ("/language", "language")):
        got = as_user().post(path, {field: "dark", "next": "https://evil.example/"})
        assert got["Location"] == "/"


def test_sign_up_does_not_exist(as_user: As) -> None:
    assert as_user().get("/accounts/signup/").status_code == 404


def test_signing_out_takes_a_post(as_user: As, labeler: User) -> None:
    client = as_user(labeler)
    assert client.get("/accounts/logout/").status_code == 200
    assert client.get("/account/").status_code == 200
    assert client.post("/accounts/logout/").status_code == 302
    assert client.get("/account/").status_code == 302


def test_a_closed_account_is_told_so(as_user: As, workspace: Workspace) -> None:
    member(workspace, username="closed", is_active=False)
    client = as_user()
    got = client.post("/accounts/login/", {"login": "closed", "password": PASSWORD})
    assert got["Location"] == "/accounts/inactive/"
    assert client.get("/accounts/inactive/").status_code == 200
    assert not Session.objects.filter(session_data__contains="_auth_user_id").exists()


def test_a_forgotten_password_is_replaced_by_mail(as_user: As, labeler: User) -> None:
    User.objects.filter(pk=labeler.pk).update(email="lars@example.org")
    for address in ("lars@example.org", "nobody@example.org"):
        got = as_user().post("/accounts/password/reset/", {"email": address})
        assert got["Location"] == "/accounts/password/reset/done/"
    assert [m.to for m in mail.outbox] == [["lars@example.org"]]
    path = re.search(r"/accounts/password/reset/key/\S+", str(mail.outbox[0].body))
    assert path
    client = as_user()
    got = client.get(path.group(), follow=True)
    new = "another long secret"
    got = client.post(got.redirect_chain[-1][0], {"password1": new, "password2": new})
    assert got["Location"] == "/accounts/password/reset/key/done/"
    labeler.refresh_from_db()
    assert labeler.check_password(new)
    assert "used already" in client.get(path.group(), follow=True).content.decode()


def test_a_new_password_signs_out_other_browsers(as_user: As, labeler: User) -> None:
    here, there = as_user(labeler), as_user(labeler)
    new = "another long secret"
    body = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert here.post("/accounts/password/change/", body).status_code == 302
    assert here.get("/account/").status_code == 200
    assert there.get("/account/").status_code == 302


# --- frame --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "wanted"),
    [
        ("admin", {"/members/", "/datasets/", "/exports/"}),
        ("label_admin", {"/members/", "/datasets/", "/exports/"}),
        ("leader", {"/members/"}),
        ("operator", set()),
    ],
)
def test_the_navigation_holds_what_one_may_open(
    as_user: As, workspace: Workspace, role: str, wanted: set[str]
) -> None:
    page = as_user(member(workspace, role)).get("/account/").content.decode()
    nav = set(re.findall(r'href="(/\w*/?)"', page.split('<nav class="nav"')[1].split("</nav>")[0]))
    assert nav & {"/members/", "/datasets/", "/exports/"} == wanted


@pytest.mark.parametrize(("language", "lang"), [("en", "en"), ("zh-hans", "zh-hans")])
@pytest.mark.parametrize("theme", ["", "light", "dark", "purple"])
def test_language_and_theme_come_from_the_cookies(
    as_user: As, language: str, lang: str, theme: str
) -> None:
    client = as_user()
    client.post("/language", {"language": language})
    client.post("/theme", {"theme": theme})
    page = client.get("/accounts/login/").content.decode()
    assert f'<html lang="{lang}"' in page
    assert ('data-theme="' in page.split(">")[1]) == (theme in ("light", "dark"))


def test_pages_hold_no_inline_code(as_user: As, workspace: Workspace, admin_user: User) -> None:
    """The content policy would block it."""
    client = as_user(admin_user)
    team = make_team(workspace, [admin_user])
    for path in (
        "/members/",
        "/members/new/",
        f"/members/{admin_user.pk}/",
        "/members/teams/",
        f"/members/teams/{team.pk}/",
        "/members/invitations/",
        "/members/workspace/",
        "/account/",
        "/accounts/password/change/",
        "/nowhere",
    ):
        got = client.get(path)
        page = got.content.decode()
        assert not re.search(
            r"<script(?![^>]*\b(src|type=\"application/json\"))|\sstyle=|\son\w+=", page
        )
        assert "unsafe-inline" not in got["Content-Security-Policy"]


def test_a_workspace_is_chosen_among_ones_own(as_user: As, labeler: User) -> None:
    second, foreign = WorkspaceFactory(name="Second"), WorkspaceFactory(name="Foreign")
    set_membership(workspace=second, user=labeler, role="leader", actor=None)
    client = as_user(labeler)
    assert client.post("/workspace", {"workspace": second.pk}).status_code == 302
    assert "Second" in client.get("/members/").content.decode()
    for wrong in (foreign.pk, "x", "", 10**30):
        assert client.post("/workspace", {"workspace": wrong}).status_code == 404
    assert client.get("/workspace").status_code == 405


def test_error_pages_tell_the_reason(as_user: As, labeler: User) -> None:
    got = as_user(labeler).get("/members/")
    assert got.status_code == 403
    assert "Only administrators and team leaders see the members." in got.content.decode()
    assert as_user(labeler).get("/nowhere").status_code == 404
    assert as_user().get("/members/")["Location"] == "/accounts/login/?next=/members/"
    client = Client(enforce_csrf_checks=True)
    got = client.post("/theme", {"theme": "dark"})
    assert got.status_code == 403
    assert "open for too long" in got.content.decode()


# --- members ------------------------------------------------------------------------------------------------------


def test_members_are_listed_searched_and_paged(
    as_user: As, workspace: Workspace, admin_user: User
) -> None:
    for n in range(60):
        member(workspace, username=f"m{n:02}")
    client = as_user(admin_user)
    page = client.get("/members/").content.decode()
    assert "m00" in page
    assert "m59" not in page
    following = re.search(r'rel="next" href="(\?[^"]+)"', page)
    assert following
    page = client.get("/members/" + following.group(1)).content.decode()
    assert "m59" in page
    assert "m00" not in page
    page = client.get("/members/", {"q": "M59", "role": "operator"}).content.decode()
    assert "m59" in page
    assert "m58" not in page
    assert "Nobody matches" in client.get("/members/", {"q": "\0zzz"}).content.decode()


def test_the_members_page_costs_the_same_for_one_and_for_thirty(
    as_user: As, workspace: Workspace, admin_user: User, django_assert_num_queries: Any
) -> None:
    client = as_user(admin_user)
    make_team(workspace, [member(workspace)])
    for path in ("/members/", "/members/teams/"):
        client.get(path)
        with CaptureQueriesContext(connection) as one:
            client.get(path)
        for _ in range(30):
            make_team(workspace, [member(workspace)])
        with django_assert_num_queries(len(one)):
            client.get(path)


def test_an_account_is_added_on_the_page(
    as_user: As, workspace: Workspace, admin_user: User
) -> None:
    client = as_user(admin_user)
    got = client.post("/members/new/", {**PERSON, "role": "leader", "password2": "other"})
    assert got.status_code == 422
    assert "The two passwords differ." in got.content.decode()
    got = client.post("/members/new/", {**PERSON, "username": "ALICE", "role": "leader"})
    assert "This user name is taken." in got.content.decode()
    assert client.post("/members/new/", {**PERSON, "role": "leader"}).status_code == 302
    assert Membership.objects.get(user__username="kim", workspace=workspace).role == "leader"


def test_a_leader_is_offered_and_given_workers_only(as_user: As, leader: User) -> None:
    client = as_user(leader)
    page = client.get("/members/new/").content.decode()
    assert re.findall(r'name="role" value="(\w+)"', page) == ["operator"]
    assert client.post("/members/new/", {**PERSON, "role": "admin"}).status_code == 422
    assert not User.objects.filter(username="kim").exists()


def test_a_member_is_changed_and_removed(
    as_user: As, workspace: Workspace, admin_user: User, labeler: User, stranger: User
) -> None:
    client = as_user(admin_user)
    path = f"/members/{labeler.pk}/"
    assert client.get(path).status_code == 200
    client.post(path, {"role": "leader"})
    assert Membership.objects.get(user=labeler).role == "leader"
    assert client.get(f"{path}leave/").status_code == 200
    client.post(f"{path}leave/", {"way": "inactive", "default": "release"})
    assert not Membership.objects.get(user=labeler).active
    client.post(path, {"activate": "1"})
    assert Membership.objects.get(user=labeler).active
    client.post(f"{path}leave/", {"way": "remove", "default": "release"})
    assert not Membership.objects.filter(user=labeler).exists()
    assert client.get(f"/members/{stranger.pk}/").status_code == 404
    assert client.get(f"/members/{stranger.pk}/leave/").status_code == 404
    got = client.post(f"/members/{admin_user.pk}/leave/", {"way": "remove", "default": "release"})
    assert got.status_code == 422
    assert "no administrator left" in got.content.decode()
    assert Membership.objects.filter(user=admin_user).exists()


def test_a_leader_cannot_change_an_administrator_by_hand(
    as_user: As, admin_user: User, leader: User
) -> None:
    client = as_user(leader)
    path = f"/members/{admin_user.pk}/"
    assert "Team leaders may change labeling workers only." in client.get(path).content.decode()
    assert client.post(f"{path}leave/", {"way": "remove"}).status_code == 403
    assert client.post(path, {"role": "operator"}).status_code == 403
    assert Membership.objects.get(user=admin_user).role == "admin"


def test_an_invitation_is_shown_once_and_used_once(
    as_user: As, workspace: Workspace, admin_user: User
) -> None:
    client = as_user(admin_user)
    got = client.post("/members/invitations/", {"role": "leader", "days": 3})
    assert got["Cache-Control"] == "no-store"
    found = re.search(r"http://testserver(/invite/[\w-]+/)", got.content.decode())
    assert found
    path = found.group(1)
    assert path not in client.get("/members/invitations/").content.decode()
    guest = as_user()
    page = guest.get(path)
    assert page["Referrer-Policy"] == "same-origin"
    assert "Team leader" in page.content.decode()
    got = guest.post(path, {**PERSON, "password": "123", "password2": "123"})
    assert got.status_code == 422
    assert guest.post(path, PERSON)["Location"] == "/"
    assert guest.get("/account/").status_code == 200
    assert Membership.objects.get(user__username="kim").role == "leader"
    assert as_user().get(path).status_code == 404
    assert as_user().post(path, {**PERSON, "username": "kim2"}).status_code == 404


def test_an_invited_person_joins_with_their_account(
    as_user: As, workspace: Workspace, admin_user: User, stranger: User
) -> None:
    secret = links.create_link(purpose="invite", workspace=workspace, actor=admin_user)
    client = as_user(stranger)
    assert "You are signed in as" in client.get(f"/invite/{secret}/").content.decode()
    assert not Membership.objects.filter(workspace=workspace, user=stranger).exists()
    client.post(f"/invite/{secret}/")
    assert Membership.objects.get(workspace=workspace, user=stranger).role == "operator"
    secret = links.create_link(purpose="invite", workspace=workspace, actor=admin_user)
    client.post(f"/invite/{secret}/")
    assert OneTimeLink.objects.open().count() == 1


def test_an_invitation_is_withdrawn(
    as_user: As, workspace: Workspace, admin_user: User, stranger: User
) -> None:
    secret = links.create_link(purpose="invite", workspace=workspace, actor=admin_user)
    path = f"/members/invitations/{OneTimeLink.objects.get().pk}/revoke/"
    assert as_user(stranger).post(path).status_code == 404
    assert as_user(admin_user).get(path).status_code == 405
    assert as_user().get(f"/invite/{secret}/").status_code == 200
    assert as_user(admin_user).post(path).status_code == 302
    assert as_user().get(f"/invite/{secret}/").status_code == 404


def test_the_first_administrator_is_made_by_the_link(as_user: As) -> None:
    secret = links.create_link(purpose="setup")
    client = as_user()
    assert client.get(f"/setup/{secret}/").status_code == 200
    assert client.post(f"/setup/{secret}/", PERSON)["Location"] == "/"
    assert User.objects.get().is_superuser
    assert client.get("/members/").status_code == 200
    assert as_user().get(f"/setup/{secret}/").status_code == 404
    assert as_user().get("/setup/guess/").status_code == 404


def test_teams_are_made_and_changed_on_the_page(
    as_user: As, workspace: Workspace, leader: User, labeler: User, stranger: User
) -> None:
    client = as_user(leader)
    client.post("/members/teams/new/", {"name": "Night"})
    team = Team.objects.get()
    path = f"/members/teams/{team.pk}/"
    assert f'value="{labeler.pk}"' in client.get(path, {"find": "LAR"}).content.decode()
    assert f'value="{stranger.pk}"' not in client.get(path, {"find": "st"}).content.decode()
    client.post(path, {"add": [labeler.pk, stranger.pk], "lead": [leader.pk]})
    assert [user.username for user in team.group.user_set.all()] == ["lars"]
    assert [user.username for user in team.leaders.all()] == ["lena"]
    client.post(path, {"name": "Day"})
    team.refresh_from_db()
    assert team.name == "Day"
    assert team.group.user_set.count() == 1
    client.post(path, {"remove": labeler.pk})
    assert not team.group.user_set.exists()
    got = client.post("/members/teams/new/", {"name": "DAY"})
    assert "Another team has this name." in got.content.decode()
    assert as_user(stranger).get(path).status_code == 404


def test_the_workspace_is_renamed_by_its_administrators(
    as_user: As, workspace: Workspace, admin_user: User, leader: User
) -> None:
    body = {
        "name": "Cars", "time_zone": "Asia/Shanghai", "days": [1, 2, 6], "opens": "08:00",
        "closes": "24:00",
    }  # fmt: skip
    assert as_user(leader).post("/members/workspace/", body).status_code == 403
    assert as_user(admin_user).post("/members/workspace/", body).status_code == 302
    workspace.refresh_from_db()
    assert (workspace.name, workspace.time_zone) == ("Cars", "Asia/Shanghai")
    assert workspace.calendar == {"days": [1, 2, 6], "opens": "08:00", "closes": "24:00"}
    got = as_user(admin_user).post("/members/workspace/", {**body, "closes": "07:00"})
    assert got.status_code == 422
    assert "an hour of closing after that of opening" in got.content.decode()


# --- one's account ------------------------------------------------------------------------------------------------


def test_a_profile_is_changed(as_user: As, labeler: User, admin_user: User) -> None:
    User.objects.filter(pk=admin_user.pk).update(email="taken@example.org")
    client = as_user(labeler)
    got = client.post("/account/", {"name": "L", "email": "taken@example.org"})
    assert got.status_code == 422
    got = client.post("/account/", {"name": "L", "email": "l@example.org", "language": "zh-hans"})
    assert got.cookies["django_language"].value == "zh-hans"
    labeler.refresh_from_db()
    assert (labeler.name, labeler.email, labeler.language) == ("L", "l@example.org", "zh-hans")
    client.post("/language", {"language": "en"})
    labeler.refresh_from_db()
    assert labeler.language == "en"


def test_a_token_is_shown_once_on_the_page(as_user: As, labeler: User, labeler2: User) -> None:
    client = as_user(labeler)
    body = {"name": "nightly", "hours": 168, "read_only": "on"}
    got = client.post("/account/tokens/new/", body)
    assert got["Cache-Control"] == "no-store"
    secret = re.search(r"itag_[\w-]{30,}", got.content.decode())
    assert secret
    user, token = tokens.authenticate(secret.group())
    assert (user, token.scopes) == (labeler, ["read"])
    page = client.get("/account/").content.decode()
    assert "nightly" in page
    assert secret.group() not in page
    path = f"/account/tokens/{token.pk}/revoke/"
    assert as_user(labeler2).post(path).status_code == 404
    assert client.get(path).status_code == 405
    assert not ApiToken.objects.get().revoked_at
    assert client.post(path).status_code == 302
    assert ApiToken.objects.get().revoked_at
    assert client.post("/account/tokens/new/", {"hours": 5}).status_code == 422
