"""Tokens, oneself, workspaces, members, people, teams over HTTP: who gets what, and that a refusal changes nothing."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.api.throttles import TokenAddressThrottle, TokenThrottle
from accounts.models import ApiToken, Membership, Team, User, Workspace
from accounts.services import tokens
from accounts.services.teams import create_team
from tests.factories import PASSWORD, make_team, member

pytestmark = pytest.mark.django_db

Api = Callable[..., APIClient]
V1 = "/api/v1"


def bearer(secret: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client


# --- tokens and oneself -------------------------------------------------------------------------------------------


def test_a_password_buys_a_token_that_says_who_one_is(api: Api, labeler: User) -> None:
    got = api().post(f"{V1}/tokens", {"username": "lars", "password": PASSWORD, "name": "t"})
    assert got.status_code == 201
    body = got.json()
    assert set(body) == {"id", "token", "expires_at"}
    me = bearer(body["token"]).get(f"{V1}/me").json()
    workspace = Membership.objects.get(user=labeler).workspace
    assert me == {
        "id": labeler.pk,
        "username": "lars",
        "name": "",
        "email": "",
        "language": "",
        "is_superuser": False,
        "claim_next": False,
        "shortcuts": {},
        "workspaces": [{"id": workspace.pk, "name": workspace.name, "role": "operator"}],
    }


@pytest.mark.parametrize("username", ["lars", "nobody"])
def test_a_wrong_password_is_401_with_one_text(api: Api, labeler: User, username: str) -> None:
    got = api().post(f"{V1}/tokens", {"username": username, "password": "wrong"})
    assert got.status_code == 401
    assert got.json() == {
        "code": "authentication_failed",
        "detail": "User name or password is wrong.",
        "errors": [],
    }
    assert not ApiToken.objects.exists()


def test_missing_fields_are_named(api: Api) -> None:
    got = api().post(f"{V1}/tokens", {"username": ""})
    assert got.status_code == 400
    assert {e["field"] for e in got.json()["errors"]} == {"username", "password"}


def test_a_stale_token_or_session_does_not_hinder_signing_in(api: Api, labeler: User) -> None:
    body = {"username": "lars", "password": PASSWORD}
    assert bearer("itag_stale").post(f"{V1}/tokens", body).status_code == 201
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(labeler, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(f"{V1}/tokens", body).status_code == 201


def test_trying_often_is_slowed_down_per_person_and_address(
    api: Api, labeler: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TokenThrottle, "rate", "3/min", raising=False)
    monkeypatch.setattr(TokenAddressThrottle, "rate", "5/min", raising=False)
    cache.clear()

    def tries(name: str, **headers: str) -> int:
        return (
            api()
            .post(f"{V1}/tokens", {"username": name, "password": "wrong"}, headers=headers)
            .status_code
        )

    # A header that anybody may write does not make a new address.
    assert [tries("lars", **{"X-Forwarded-For": f"10.0.0.{n}"}) for n in range(4)] == [
        401,
        401,
        401,
        429,
    ]
    assert tries("LARS ") == 429
    assert tries("other") == 429  # the address has used up its five


def test_a_throttled_answer_says_when_to_come_back(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TokenThrottle, "rate", "1/min", raising=False)
    for _ in range(2):
        got = api().post(f"{V1}/tokens", {"username": "x", "password": "y"})
    assert got.status_code == 429
    assert 1 <= int(got["Retry-After"]) <= 61


@pytest.mark.parametrize("body", [[], "text", 7, None])
def test_a_body_that_is_no_object_is_refused(api: Api, body: Any) -> None:
    assert api().post(f"{V1}/tokens", body).status_code == 400


def test_one_sees_and_revokes_only_ones_own_tokens(
    api: Api, labeler: User, labeler2: User, admin_user: User
) -> None:
    token, secret = tokens.create_token(user=labeler, name="mine")
    rows = api(labeler).get(f"{V1}/tokens").json()["results"]
    assert [r["id"] for r in rows] == [token.pk]
    assert secret not in str(rows)
    assert token.digest not in str(rows)
    root = User.objects.create_superuser("root", PASSWORD)
    for other in (labeler2, admin_user, root):
        assert api(other).delete(f"{V1}/tokens/{token.pk}").status_code == 404
    assert bearer(secret).get(f"{V1}/me").status_code == 200
    assert bearer(secret).delete(f"{V1}/tokens/{token.pk}").status_code == 204
    assert bearer(secret).get(f"{V1}/me").status_code == 401


def test_a_token_that_only_reads_changes_nothing(api: Api, admin_user: User) -> None:
    workspace = Membership.objects.get(user=admin_user).workspace
    _token, secret = tokens.create_token(user=admin_user, scopes=["read"])
    client = bearer(secret)
    assert client.get(f"{V1}/workspaces/{workspace.pk}").status_code == 200
    got = client.patch(f"{V1}/workspaces/{workspace.pk}", {"name": "New"})
    assert (got.status_code, got.json()["detail"]) == (403, "This token may only read.")
    workspace.refresh_from_db()
    assert workspace.name != "New"


def test_a_session_needs_the_csrf_token_and_a_bearer_does_not(admin_user: User) -> None:
    workspace = Membership.objects.get(user=admin_user).workspace
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(admin_user, backend="django.contrib.auth.backends.ModelBackend")
    path = f"{V1}/workspaces/{workspace.pk}"
    assert client.patch(path, {"name": "New"}).status_code == 403
    _token, secret = tokens.create_token(user=admin_user)
    client = APIClient(enforce_csrf_checks=True)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    assert client.patch(path, {"name": "New"}).status_code == 200


# --- who gets what ------------------------------------------------------------------------------------------------

WHO = ("anonymous", "stranger", "operator", "leader", "label_admin", "admin", "superuser")
ROUTES: list[tuple[str, str, dict[str, Any] | None, tuple[int, ...]]] = [
    ("get", "me", None, (401, 200, 200, 200, 200, 200, 200)),
    ("get", "tokens", None, (401, 200, 200, 200, 200, 200, 200)),
    ("get", "workspaces", None, (401, 200, 200, 200, 200, 200, 200)),
    ("get", "workspaces/{w}", None, (401, 404, 200, 200, 200, 200, 200)),
    ("patch", "workspaces/{w}", {"name": "New"}, (401, 404, 403, 403, 403, 200, 200)),
    ("get", "workspaces/{w}/members", None, (401, 404, 403, 200, 200, 200, 200)),
    (
        "put",
        "workspaces/{w}/members/{u}",
        {"role": "operator", "active": False},
        (401, 404, 403, 200, 403, 200, 200),
    ),
    (
        "put",
        "workspaces/{w}/members/{u}",
        {"role": "leader"},
        (401, 404, 403, 403, 403, 200, 200),
    ),
    ("delete", "workspaces/{w}/members/{u}", None, (401, 404, 403, 204, 403, 204, 204)),
    ("get", "users?workspace={w}", None, (401, 404, 403, 200, 200, 200, 200)),
    ("get", "users", None, (401, 200, 200, 200, 200, 200, 200)),
    (
        "post",
        "users",
        {"workspace": "{w}", "username": "kim", "password": PASSWORD},
        (401, 404, 403, 201, 403, 201, 201),
    ),
    (
        "post",
        "users",
        {"workspace": "{w}", "username": "kim", "password": PASSWORD, "role": "leader"},
        (401, 404, 403, 403, 403, 201, 201),
    ),
    ("get", "teams?workspace={w}", None, (401, 404, 200, 200, 200, 200, 200)),
    (
        "post",
        "teams",
        {"workspace": "{w}", "name": "Day", "members": ["{u}"]},
        (401, 404, 403, 201, 201, 201, 201),
    ),
    ("get", "teams/{t}", None, (401, 404, 404, 200, 200, 200, 200)),
    ("patch", "teams/{t}", {"name": "Dusk"}, (401, 404, 404, 200, 200, 200, 200)),
]


def _people(workspace: Workspace, stranger: User) -> dict[str, User | None]:
    people: dict[str, User | None] = {"anonymous": None, "stranger": stranger}
    for role in ("operator", "leader", "label_admin", "admin"):
        people[role] = member(workspace, role, username=f"the-{role}")
    people["superuser"] = User.objects.create_superuser("root", PASSWORD)
    return people


def _fill(value: Any, names: dict[str, int]) -> Any:
    if isinstance(value, dict):
        return {k: _fill(v, names) for k, v in value.items()}
    if isinstance(value, list):
        return [_fill(v, names) for v in value]
    if isinstance(value, str) and value.startswith("{"):
        return names[value[1]]
    return value


def _rows() -> Any:
    return (
        list(Membership.objects.order_by("pk").values()),
        list(User.objects.order_by("pk").values("username", "is_active", "password")),
        list(Team.objects.order_by("pk").values()),
        list(Workspace.objects.order_by("pk").values()),
    )


@pytest.mark.parametrize(
    ("method", "path", "body", "wanted"), ROUTES, ids=[f"{r[0]} {r[1]}" for r in ROUTES]
)
@pytest.mark.parametrize("who", WHO)
def test_who_gets_what(
    api: Api,
    workspace: Workspace,
    stranger: User,
    labeler: User,
    who: str,
    method: str,
    path: str,
    body: dict[str, Any] | None,
    wanted: tuple[int, ...],
) -> None:
    people = _people(workspace, stranger)
    team = make_team(workspace, [labeler])
    names = {"w": workspace.pk, "u": labeler.pk, "t": team.pk}
    before = _rows()
    got = getattr(api(people[who]), method)(
        f"{V1}/{path.format(**names)}", _fill(body, names) if body else None
    )
    assert got.status_code == wanted[WHO.index(who)], got.content
    if got.status_code >= 400:
        assert set(got.json()) >= {"code", "detail", "errors"}
        assert _rows() == before


def test_a_route_without_a_rule_is_refused(api: Api, admin_user: User) -> None:
    assert api(admin_user).put(f"{V1}/teams/1", {}).status_code in (403, 405)
    assert api(admin_user).delete(f"{V1}/me").status_code in (403, 405)


# --- members, people and teams ------------------------------------------------------------------------------------


def test_a_made_account_can_sign_in(api: Api, workspace: Workspace, admin_user: User) -> None:
    body = {
        "workspace": workspace.pk,
        "username": "kim",
        "password": PASSWORD,
        "name": "Kim",
        "email": "kim@example.org",
        "role": "leader",
    }
    got = api(admin_user).post(f"{V1}/users", body)
    assert got.status_code == 201
    made = got.json()
    assert {k: made[k] for k in ("username", "name", "email", "is_active")} == {
        "username": "kim",
        "name": "Kim",
        "email": "kim@example.org",
        "is_active": True,
    }
    assert "password" not in made
    assert api().post(f"{V1}/tokens", {"username": "kim", "password": PASSWORD}).status_code == 201
    got = api(admin_user).post(f"{V1}/users", body)
    assert got.status_code == 400
    assert {e["field"] for e in got.json()["errors"]} == {"username", "email"}


def test_nobody_outside_can_be_pulled_in_by_number(
    api: Api, workspace: Workspace, admin_user: User, stranger: User
) -> None:
    """A number of somebody one does not know is answered like a number of nobody."""
    for pk in (stranger.pk, 999_999):
        path = f"{V1}/workspaces/{workspace.pk}/members/{pk}"
        assert api(admin_user).put(path, {"role": "operator"}).status_code == 404
        body = {"workspace": workspace.pk, "name": "T", "members": [pk]}
        got = api(admin_user).post(f"{V1}/teams", body)
        assert got.status_code == 400
        assert got.json()["errors"] == [
            {"field": "members", "message": f"There is no person {pk}."}
        ]
    assert not Membership.objects.filter(workspace=workspace, user=stranger).exists()


def test_the_last_administrator_is_a_conflict(
    api: Api, workspace: Workspace, admin_user: User
) -> None:
    path = f"{V1}/workspaces/{workspace.pk}/members/{admin_user.pk}"
    for got in (
        api(admin_user).delete(path),
        api(admin_user).put(path, {"role": "operator"}),
        api(admin_user).put(path, {"role": "admin", "active": False}),
    ):
        assert (got.status_code, got.json()["code"]) == (409, "last_administrator")


def test_people_are_found_by_part_of_name_or_address(
    api: Api, workspace: Workspace, admin_user: User, labeler: User
) -> None:
    User.objects.filter(pk=labeler.pk).update(name="Lars Olsen", email="lo@example.org")

    def found(text: str) -> list[str]:
        rows = (
            api(admin_user)
            .get(f"{V1}/users", {"workspace": workspace.pk, "search": text})
            .json()["results"]
        )
        return [row["username"] for row in rows]

    for text in ("LAR", "olsen", "lo@ex"):
        assert found(text) == ["lars"]
    assert found("\0lars") == ["lars"]
    assert found("%") == []


@pytest.mark.parametrize("text", ["x", "-1", "1e3", "9" * 30, "１"])
def test_a_workspace_that_is_no_number_is_refused(api: Api, admin_user: User, text: str) -> None:
    got = api(admin_user).get(f"{V1}/users", {"workspace": text})
    assert got.status_code == 400
    assert got.json()["errors"][0]["field"] == "workspace"


def test_a_team_shows_its_people(
    api: Api, workspace: Workspace, leader: User, labeler: User, labeler2: User
) -> None:
    body = {
        "workspace": workspace.pk,
        "name": "Night",
        "members": [labeler.pk, labeler.pk, labeler2.pk],
        "leaders": [leader.pk],
    }
    made = api(leader).post(f"{V1}/teams", body).json()
    assert [m["username"] for m in made["members"]] == ["lars", "lotte"]
    assert [m["username"] for m in made["leaders"]] == ["lena"]
    got = api(leader).patch(f"{V1}/teams/{made['id']}", {"members": [labeler2.pk]})
    assert [m["username"] for m in got.json()["members"]] == ["lotte"]
    assert [m["username"] for m in got.json()["leaders"]] == ["lena"]
    assert api(labeler2).get(f"{V1}/teams/{made['id']}").status_code == 200
    assert api(labeler).get(f"{V1}/teams/{made['id']}").status_code == 404
    assert api(labeler2).patch(f"{V1}/teams/{made['id']}", {"name": "x"}).status_code == 403


@pytest.mark.parametrize("path", ["workspaces/{w}/members", "users?workspace={w}", "teams"])
def test_a_list_costs_the_same_for_one_and_for_thirty(
    api: Api, workspace: Workspace, admin_user: User, path: str, django_assert_num_queries: Any
) -> None:
    def more(count: int) -> None:
        for _ in range(count):
            create_team(
                workspace=workspace,
                name=f"Team {User.objects.count()}",
                members=[member(workspace)],
                leaders=[admin_user],
                actor=None,
            )

    more(1)
    client = api(admin_user)
    url = f"{V1}/{path.format(w=workspace.pk)}"
    client.get(url)
    with CaptureQueriesContext(
        connection,
    ) as one:
        client.get(url)
    more(29)
    with django_assert_num_queries(len(one)):
        rows = client.get(url).json()["results"]
    assert len(rows) >= 30


def test_a_list_goes_on_at_next(api: Api, workspace: Workspace, admin_user: User) -> None:
    people = [member(workspace) for _ in range(5)]
    client = api(admin_user)
    url = f"{V1}/workspaces/{workspace.pk}/members?limit=4"
    seen: list[int] = []
    while url:
        body = client.get(url).json()
        seen += [row["user"]["id"] for row in body["results"]]
        url = body["next"]
    assert sorted(seen) == sorted(p.pk for p in [*people, admin_user])
