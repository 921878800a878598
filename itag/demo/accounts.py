"""The demo workspace's people and the file that keeps their passwords."""

import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from accounts.models import User, Workspace
from accounts.services.users import create_user
from itag.core.errors import Conflict

FILE_NAME = "demo-accounts.json"


@dataclass(frozen=True)
class Account:
    """A demo account as the file keeps it."""

    username: str
    password: str
    role: str
    name: str


#: (user name, role in the workspace, name)
PEOPLE = (
    ("admin", "admin", "Ada Admin"),
    ("leader", "leader", "Leo Leader"),
    ("labeler", "operator", "Lin Labeler"),
    ("checker", "operator", "Chen Checker"),
    ("accepter", "operator", "Anna Accepter"),
)


def load_people(*, workspace: Workspace, folder: Path) -> dict[str, User]:
    """Make the demo accounts that are not there yet; answers them all by user name.

    Passwords are written to `folder`/demo-accounts.json (0600) before the accounts are made, so that a start that was
    killed in between continues with the same ones. Raises Conflict where people of flesh and blood are at home.
    """
    if User.objects.filter(is_demo=False).exists():
        raise Conflict(
            "There are accounts already; the demo workspace goes into an empty itag only."
        )
    known = {account.username: account for account in read_accounts(folder / FILE_NAME)}
    accounts = [
        known.get(username) or Account(username, secrets.token_urlsafe(12), role, name)
        for username, role, name in PEOPLE
    ]
    _write(folder / FILE_NAME, accounts)
    people = {user.username: user for user in User.objects.filter(is_demo=True)}
    for account in accounts:
        user = people.get(account.username)
        if user is None:
            people[account.username] = create_user(
                username=account.username,
                password=account.password,
                name=account.name,
                workspace=workspace,
                role=account.role,
                is_demo=True,
                is_superuser=account.role == "admin",
            )
        elif account.username not in known:
            # The file was lost and the old password with it.
            user.set_password(account.password)
            user.save(update_fields=["password"])
    return people


def read_accounts(path: Path) -> list[Account]:
    """The accounts of the file; none where there is no such file."""
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))["accounts"]
    except FileNotFoundError:
        return []
    return [Account(row["username"], row["password"], row["role"], row["name"]) for row in rows]


def _write(path: Path, accounts: list[Account]) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump({"accounts": [asdict(account) for account in accounts]}, file, indent=2)
        file.write("\n")
    part.replace(path)
