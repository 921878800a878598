"""Accounts from a table: read, checked line by line, made all or none."""

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import pytest
from django.contrib.auth.hashers import check_password
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.test import APIClient

from accounts.grants import held
from accounts.models import Membership, User, Workspace
from accounts.services import imports
from accounts.services.imports import import_accounts, read_csv, read_rows
from itag.core.errors import Denied, Invalid
from tests.factories import PASSWORD, make_team, member

pytestmark = pytest.mark.django_db
Api = Callable[[User | None], APIClient]
V1 = "/api/v1"
HEAD = "username,name,email,role,team,password\n"


def errors_of(text: str, workspace: Workspace, actor: User) -> list[tuple[int, str, str]]:
    with pytest.raises(Invalid) as error:
        import_accounts(workspace=workspace, actor=actor, rows=read_csv(text))
    return [
        (one.get("line", 0), one.get("field", ""), one["message"]) for one in error.value.errors
    ]


def test_two_hundred_at_once(workspace: Workspace, admin_user: User) -> None:
    team = make_team(workspace, [], name="Night")
    lines = [f"w{n},Worker {n},w{n}@example.org,operator,night," for n in range(199)]
    text = HEAD + "\n".join([*lines, "own,,,leader,,correct horse battery"])
    made = import_accounts(workspace=workspace, actor=admin_user, rows=read_csv(text))
    assert len(made) == 200
    assert team.group.user_set.count() == 199
    assert Membership.objects.filter(workspace=workspace, role="operator").count() == 199
    first = User.objects.get(username="w0")
    assert (first.name, first.email, first.must_change_password) == (
        "Worker 0", "w0@example.org", True,
    )  # fmt: skip
    assert first.check_password(made[0].password)
    assert held(first, workspace) == {"view_workspace"}
    own = User.objects.get(username="own")
    assert own.check_password(PASSWORD)
    assert made[-1].password == ""
    assert held(own, workspace) == {"view_workspace", "lead_workspace"}
    assert len({one.password for one in made}) == 200
    dump = str(list(User.objects.values()))
    assert not any(one.password in dump for one in made if one.password)


def test_a_thousand_cost_as_many_queries_as_ten(workspace: Workspace, admin_user: User) -> None:
    team = make_team(workspace, [], name="Night")
    costs = []
    for start, count in ((0, 10), (10, 990)):
        rows = [
            {"username": f"p{n}", "email": f"p{n}@example.org", "team": team.name}
            for n in range(start, start + count)
        ]
        with CaptureQueriesContext(connection) as queries:
            import_accounts(workspace=workspace, actor=admin_user, rows=read_rows(rows))
        costs.append(len(queries))
    # bulk_create goes in runs; nothing is asked row by row.
    assert costs[1] <= costs[0] + 10, costs


def test_one_time_passwords_are_hashed_quickly_and_again_slowly(
    workspace: Workspace, admin_user: User, settings: Any
) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    rows = read_csv("username\nquick\n")
    (made,) = import_accounts(workspace=workspace, actor=admin_user, rows=rows)
    user = User.objects.get(username="quick")
    assert user.password.startswith("pbkdf2_sha256$1000$")
    assert check_password(made.password, user.password)
    assert user.check_password(made.password)
    user.refresh_from_db()
    assert not user.password.startswith("pbkdf2_sha256$1000$")


def test_every_mistake_is_named_with_its_line(workspace: Workspace, admin_user: User) -> None:
    member(workspace, username="taken", email="taken@example.org")
    text = (
        HEAD
        + "a b,,no address,,,\n"
        + "\n"
        + "TAKEN,,TAKEN@example.org,boss,Nowhere,\n"
        + "twin,,t@example.org,,,123\n"
        + "Twin,,T@example.org,Team leader,,\n"
        + ",,,,,\n"
        + '"two\nlines",,,,,\n'
        + "last,,,,,\n"
    )
    found = errors_of(text, workspace, admin_user)
    assert [(line, field) for line, field, _message in found] == [
        (2, "username"), (2, "email"),
        (4, "username"), (4, "email"), (4, "role"), (4, "team"),
        (5, "password"),
        (6, "username"), (6, "email"),
        (8, "username"),
    ]  # fmt: skip
    assert "The same as in line 5." in [message for _line, _field, message in found]
    assert not User.objects.filter(username="last").exists()


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("", None, "holds no accounts"),
        ("username\n\n", None, "holds no accounts"),
        ("name,email\nx,y", 1, "no heading “username”"),
        ("username,login\nx,y", 1, "“login” is no heading"),
        ("username,Username\nx,y", 1, "there twice"),
        ("username,name\nx,y,z", 2, "has 3 fields"),
        ('username\n"open', 2, "quotation mark"),
        ("username\na\nb\0", 3, "cannot be stored"),
        ("username\n" + "x\n" * 1001, None, "At most 1000 accounts"),
        ("username\n" + "x" * 2**20, None, "larger than one megabyte"),
    ],
)
def test_what_is_no_table_is_refused(text: str, line: int | None, said: str) -> None:
    with pytest.raises(Invalid, match=said) as error:
        read_csv(text)
    assert [one.get("line") for one in error.value.errors] == ([line] if line else [])


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_spreadsheets_separate_in_several_ways(mark: str) -> None:
    text = "\ufeff" + mark.join(["username", "NAME ", ""]) + "\r\n" + mark.join(["kim", " K ", ""])
    (row,) = read_csv(text)
    assert (row.line, row.values["username"], row.values["name"]) == (2, "kim", " K ")


@given(st.text(max_size=300))
def test_no_text_breaks_the_reader(text: str) -> None:
    try:
        rows = read_csv("username,name\n" + text)
    except Invalid:
        return
    assert all(row.line >= 2 for row in rows)


def test_leaders_make_workers_alone(workspace: Workspace, leader: User, labeler: User) -> None:
    (_line, field, message), *rest = errors_of("username,role\nx,admin\n", workspace, leader)
    assert (field, message, rest) == ("role", "Choose one of: operator.", [])
    with pytest.raises(Denied):
        import_accounts(workspace=workspace, actor=labeler, rows=read_csv("username\nx"))
    head = member(workspace, "leader", username="head")
    own = make_team(workspace, [], name="Own", leaders=[head], is_supplier=True)
    make_team(workspace, [], name="House")
    assert errors_of("username,team\nx,House\n", workspace, head)[0][1:] == (
        "team", "There is no such team.",
    )  # fmt: skip
    import_accounts(workspace=workspace, actor=head, rows=read_csv("username\nx\n"))
    assert User.objects.get(username="x").groups.get() == own.group


def test_few_passwords_of_ones_own(
    workspace: Workspace, admin_user: User, monkeypatch: Any
) -> None:
    monkeypatch.setattr(imports, "MAX_PASSWORDS", 1)
    text = "username,password\na,correct horse battery\nb,correct horse battery\n"
    assert errors_of(text, workspace, admin_user) == [
        (0, "password", "At most 1 passwords; leave the others empty.")
    ]


def test_a_name_taken_meanwhile_is_named(
    workspace: Workspace, admin_user: User, monkeypatch: Any
) -> None:
    monkeypatch.setattr(imports, "_taken", lambda rows: set())
    member(workspace, username="late")
    monkeypatch.setattr(imports, "problems", lambda user, taken=None: [])
    with pytest.raises(Invalid, match="made meanwhile"):
        import_accounts(
            workspace=workspace, actor=admin_user, rows=read_csv("username\nfine\nlate\n")
        )
    assert not User.objects.filter(username="fine").exists()


def test_on_the_page(workspace: Workspace, admin_user: User, labeler: User) -> None:
    client = Client()
    client.force_login(admin_user, backend="django.contrib.auth.backends.ModelBackend")
    path, text = "/members/import/", "username,name,role\r\nkim,Kim & Co,leader\r\nlee,,\r\n"
    got = client.post(path, {"table": text})
    assert got["Cache-Control"] == "no-store"
    page = got.content.decode()
    assert "2 accounts would be made" in page
    assert "Kim &amp; Co" in page
    assert not User.objects.filter(username="kim").exists()
    got = client.post(path, {"table": text + "lars,,\r\n", "make": "1"})
    assert got.status_code == 422
    assert "This user name is taken." in got.content.decode()
    page = client.post(path, {"table": text, "make": "1"}).content.decode()
    assert "2 accounts are made." in page
    file = unquote(page.split('href="data:text/csv;charset=utf-8,')[1].split('"')[0])
    lines = file.removeprefix("\ufeff").splitlines()
    assert lines[0] == "username,password"
    kim, password = lines[1].split(",")
    assert User.objects.get(username=kim).check_password(password)
    client.force_login(labeler, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(path).status_code == 403


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_by_the_api_as_csv(api: Api, workspace: Workspace, admin_user: User, encoding: str) -> None:
    path = f"{V1}/users/import?workspace={workspace.pk}"
    body = "username,name\nwang,王伟\n".encode(encoding)
    client = api(admin_user)
    got = client.post(f"{path}&dry_run=1", body, content_type="text/csv")
    assert (got.status_code, got.json()["accounts"][0]["name"]) == (200, "王伟")
    assert got.json()["accounts"][0]["password"] is None
    assert not User.objects.filter(username="wang").exists()
    got = client.post(path, body, content_type="text/csv")
    assert got.status_code == 201
    assert got["Cache-Control"] == "no-store"
    assert User.objects.get(username="wang").check_password(got.json()["accounts"][0]["password"])
    got = client.post(path, body, content_type="text/csv")
    assert got.status_code == 400
    assert got.json()["errors"] == [
        {"field": "username", "message": "This user name is taken.", "line": 2}
    ]
    assert client.post(f"{V1}/users/import", body, content_type="text/csv").status_code == 400


def test_by_the_api_as_rows(
    api: Api, workspace: Workspace, admin_user: User, labeler: User, stranger: User
) -> None:
    body: dict[str, Any] = {
        "workspace": workspace.pk,
        "rows": [{"username": "kim"}, {"username": "", "role": "king"}],
        "dry_run": True,
    }
    path = f"{V1}/users/import"
    got = api(admin_user).post(path, body, format="json")
    assert [(e["position"], e["field"]) for e in got.json()["errors"]] == [
        (2, "username"), (2, "role"),
    ]  # fmt: skip
    body["rows"] = [{"username": "kim"}]
    assert api(admin_user).post(path, body, format="json").json()["count"] == 1
    assert api(labeler).post(path, body, format="json").status_code == 403
    assert api(stranger).post(path, body, format="json").status_code == 404
