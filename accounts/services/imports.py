"""Accounts from a table: up to a thousand at once, all of them or none."""

import csv
import io
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.hashers import PBKDF2PasswordHasher, get_hasher
from django.db import IntegrityError, transaction
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from accounts.grants import grant
from accounts.models import Membership, Team, User, Workspace, led_suppliers
from accounts.services.teams import add_to_team
from accounts.services.users import (
    new_user,
    one_time_password,
    password_problems,
    problems,
    team_to_fill,
)
from accounts.services.workspaces import (
    ROLE_GRANTS,
    Role,
    lock_workspace,
    require_open,
)
from itag.core.errors import FieldError, Invalid, ItagError
from itag.core.policy import can, require
from itag.core.text import UNSTORABLE

COLUMNS = ("username", "name", "email", "role", "team", "password")
MAX_CHARACTERS = 2**20
MAX_ROWS = 1_000
#: Passwords that people chose are hashed as slowly as any, so a file holds fewer of them.
MAX_PASSWORDS = 200
#: Messages of one answer; a file in which everything is wrong needs no more.
MAX_ERRORS = 200


@dataclass
class Row:
    """One line of the table: `line` is where it stood, `key` how errors call that (line or position)."""

    line: int
    values: dict[str, str]
    key: str = "line"


@dataclass
class Account:
    """An account to be made; `password` is the one to be shown, "" where the table brought its own."""

    line: int
    user: User
    role: str
    team: Team | None
    given: str = ""
    password: str = ""


@dataclass
class Plan:
    """What an import would do, or did."""

    accounts: list[Account] = field(default_factory=list)
    errors: list[FieldError] = field(default_factory=list)


class OneTimeHasher(PBKDF2PasswordHasher):
    """For passwords of 99 random bits, which no number of rounds makes harder to guess: a thousand in a second.

    The stored form is PBKDF2's own; Django hashes again, slowly, the first time that somebody signs in with it.
    """

    iterations = 1_000


def read_csv(text: str) -> list[Row]:
    """The rows of a table with a line of headings; fields are separated by commas, semicolons or tabs.

    Raises Invalid, with the line, where it is no such table or larger than MAX_ROWS or MAX_CHARACTERS.
    """
    if len(text) > MAX_CHARACTERS:
        raise Invalid(_("The table is larger than one megabyte."), code="too_large")
    if found := UNSTORABLE.search(text):
        raise _wrong(
            text.count("\n", 0, found.start()) + 1,
            _("The text holds a character that cannot be stored."),
        )
    text = text.removeprefix("\ufeff")
    head = text.partition("\n")[0]
    reader = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=max(",;\t", key=head.count),
        strict=True,
    )
    rows: list[Row] = []
    columns: list[str] = []
    start = 1
    try:
        for cells in reader:
            line, start = start, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if not columns:
                columns = _columns(cells, line)
                continue
            if len(cells) > len(columns) and any(cell.strip() for cell in cells[len(columns) :]):
                raise _wrong(
                    line,
                    _("The line has %(count)d fields, the headings are %(most)d.")
                    % {"count": len(cells), "most": len(columns)},
                )
            rows.append(Row(line, dict(zip(columns, cells, strict=False))))
            if len(rows) > MAX_ROWS:
                raise _too_many()
    except csv.Error as exc:
        raise _wrong(start, _("The line cannot be read: a quotation mark is not closed.")) from exc
    if not rows:
        raise Invalid(_("The table holds no accounts."), code="empty")
    return rows


def read_rows(rows: Iterable[Mapping[str, Any]]) -> list[Row]:
    """The same from objects; errors name the position, from 1."""
    found = [
        Row(number, {key: str(value or "") for key, value in row.items()}, key="position")
        for number, row in enumerate(rows, 1)
    ]
    if len(found) > MAX_ROWS:
        raise _too_many()
    if not found:
        raise Invalid(_("The table holds no accounts."), code="empty")
    return found


def import_accounts(
    *, workspace: Workspace, actor: User, rows: list[Row], dry_run: bool = False
) -> list[Account]:
    """Make the accounts of all rows with their memberships and teams, or none: Invalid names every row and field.

    Whoever has no password in the table gets a one-time one, which the answer holds this once; everybody chooses a
    password of their own at the first sign-in. `dry_run` makes nothing and answers what would be made.
    """
    require(actor, "members.invite", workspace)
    require_open(workspace)
    plan = _plan(workspace, actor, rows)
    if plan.errors:
        raise Invalid(
            _("%(count)d mistakes; no account was made.") % {"count": len(plan.errors)},
            errors=plan.errors[:MAX_ERRORS],
        )
    if not dry_run:
        _hash(plan.accounts)
        _write(workspace, plan.accounts)
    return plan.accounts


# --- reading ---------------------------------------------------------------------------------------------------------


def _columns(cells: list[str], line: int) -> list[str]:
    columns = [cell.strip().casefold() for cell in cells]
    while columns and not columns[-1]:
        columns.pop()
    for number, column in enumerate(columns):
        if column not in COLUMNS:
            raise _wrong(
                line,
                _("“%(column)s” is no heading; these are: %(known)s.")
                % {"column": cells[number].strip()[:40], "known": ", ".join(COLUMNS)},
            )
        if column in columns[:number]:
            raise _wrong(line, _("The heading “%(column)s” is there twice.") % {"column": column})
    if "username" not in columns:
        raise _wrong(line, _("There is no heading “username”."))
    return columns


def _wrong(line: int, message: str) -> Invalid:
    return Invalid(message, errors=[{"line": line, "message": message}])


def _too_many() -> Invalid:
    return Invalid(_("At most %(most)d accounts at once.") % {"most": MAX_ROWS}, code="too_large")


# --- checking --------------------------------------------------------------------------------------------------------


def _plan(workspace: Workspace, actor: User, rows: list[Row]) -> Plan:
    plan = Plan()
    roles = _roles(workspace, actor)
    teams = {
        team.name.casefold(): team
        for team in Team.objects.visible_to(actor).filter(workspace=workspace).order_by("pk")
    }
    confined = not can(actor, "workspaces.lead", workspace)
    own = list(led_suppliers(actor).filter(workspace=workspace)) if confined else []
    seen: dict[tuple[str, str], int] = {}
    taken = _taken(rows)
    may_fill: dict[int, str] = {}
    given = 0
    for row in rows:
        wrong: list[FieldError] = [
            {"field": key, "message": _("There is no such column.")}
            for key in row.values
            if key not in COLUMNS
        ]
        value = {column: row.values.get(column, "").strip() for column in COLUMNS}
        user = new_user(
            username=value["username"],
            email=value["email"],
            name=value["name"],
            must_change_password=True,
        )
        wrong += problems(user, taken=taken)
        for name in ("username", "email"):
            text = getattr(user, name).lower()
            if text and (first := seen.setdefault((name, text), row.line)) != row.line:
                wrong.append(
                    {
                        "field": name,
                        "message": _("The same as in line %(line)d.") % {"line": first},
                    }
                )
        role = _role(value["role"], roles)
        if role is None:
            wrong.append(
                {
                    "field": "role",
                    "message": _("Choose one of: %(roles)s.") % {"roles": ", ".join(roles)},
                }
            )
        team, problem = _team(value["team"], teams, own, confined=confined)
        if team is not None and not problem:
            if team.pk not in may_fill:
                may_fill[team.pk] = _refusal(actor, workspace, team)
            problem = may_fill[team.pk]
        if problem:
            wrong.append({"field": "team", "message": problem})
        password = row.values.get("password", "")
        if password:
            given += 1
            wrong += password_problems(password, user)
        wrong.sort(
            key=lambda error: COLUMNS.index(error["field"]) if error["field"] in COLUMNS else 9
        )
        for error in wrong:
            plan.errors.append({**error, row.key: row.line})  # type: ignore[misc]
        plan.accounts.append(
            Account(
                line=row.line,
                user=user,
                role=role or Role.OPERATOR,
                team=team,
                given=password,
            )
        )
    if given > MAX_PASSWORDS:
        plan.errors.append(
            {
                "field": "password",
                "message": _("At most %(most)d passwords; leave the others empty.")
                % {"most": MAX_PASSWORDS},
            }
        )
    return plan


def _roles(workspace: Workspace, actor: User) -> list[str]:
    """The roles that the actor may give here."""
    return [
        role
        for role in Role.values
        if can(actor, "members.give", Membership(workspace=workspace, role=role))
    ]


def _role(text: str, roles: list[str]) -> str | None:
    """The role of this name or title; a labeling worker where none is named; None where it is none of these."""
    if not text:
        return str(Role.OPERATOR)
    wanted = text.casefold()
    for role in roles:
        if wanted in (role, str(Role(role).label).casefold()):
            return role
    return None


def _team(
    name: str, teams: dict[str, Team], own: list[Team], *, confined: bool
) -> tuple[Team | None, str]:
    """The team of this name, and what is wrong with it."""
    if not name:
        if not confined:
            return None, ""
        return (own[0], "") if len(own) == 1 else (None, _("Choose one of your teams."))
    team = teams.get(name.casefold())
    return team, "" if team else _("There is no such team.")


def _refusal(actor: User, workspace: Workspace, team: Team) -> str:
    try:
        team_to_fill(actor, workspace, team)
    except ItagError as exc:
        return exc.detail
    return ""


def _taken(rows: list[Row]) -> set[tuple[str, str]]:
    """Which names and addresses of the rows other accounts have; two queries for any number."""
    names = {new_user(username=row.values.get("username", "")).username.lower() for row in rows}
    emails = {row.values.get("email", "").strip().lower() for row in rows} - {""}
    people = User.objects.annotate(low_name=Lower("username"), low_email=Lower("email"))
    by_name = people.filter(low_name__in=names).values_list("low_name", flat=True)
    by_email = people.filter(low_email__in=emails).values_list("low_email", flat=True)
    return {("username", name) for name in by_name} | {("email", email) for email in by_email}


# --- writing ---------------------------------------------------------------------------------------------------------


def _hash(accounts: list[Account]) -> None:
    """Every account's password, outside of the transaction: the slow ones are hashed side by side."""
    slow = get_hasher()
    # Where another algorithm was configured, the quick one's form could not be read.
    quick = OneTimeHasher() if slow.algorithm == OneTimeHasher.algorithm else slow

    def encode(account: Account) -> str:
        if account.given:
            return slow.encode(account.given, slow.salt())
        account.password = one_time_password()
        return quick.encode(account.password, quick.salt())

    with ThreadPoolExecutor(4) as pool:
        for account, encoded in zip(accounts, pool.map(encode, accounts), strict=True):
            account.user.password = encoded


@transaction.atomic
def _write(workspace: Workspace, accounts: list[Account]) -> None:
    workspace = lock_workspace(workspace)
    require_open(workspace)
    try:
        with transaction.atomic():
            people = User.objects.bulk_create([account.user for account in accounts])
    except IntegrityError as exc:  # somebody took one of the names meanwhile
        if "unique" not in str(exc):
            raise
        taken = _taken(
            [Row(a.line, {"username": a.user.username, "email": a.user.email}) for a in accounts]
        )
        errors: list[FieldError] = [
            {**error, "line": account.line}
            for account in accounts
            for error in problems(account.user, taken=taken)
        ]
        raise Invalid(_("Some accounts were made meanwhile."), errors=errors) from exc
    Membership.objects.bulk_create(
        Membership(workspace=workspace, user=account.user, role=account.role)
        for account in accounts
    )
    for role in Role.values:
        members = [account.user for account in accounts if account.role == role]
        for codename in sorted(ROLE_GRANTS[role]) if members else ():
            grant(codename, workspace, users=members)
    teams: dict[int, tuple[Team, list[User]]] = {}
    for account, user in zip(accounts, people, strict=True):
        if account.team is not None:
            teams.setdefault(account.team.pk, (account.team, []))[1].append(user)
    for team, members in teams.values():
        add_to_team(team=team, users=members)
