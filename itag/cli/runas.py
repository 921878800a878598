"""Who runs what. PostgreSQL refuses root, so under root its server and Valkey run as another user.

Nothing is opened beyond traverse (`o+x`), only on folders of root or of that user, and only where it is needed.
"""

import grp
import os
import pwd
import shutil
import stat
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from itag.cli.console import Stop, say


@dataclass(frozen=True)
class Account:
    """A user that processes are started as."""

    name: str
    uid: int
    gid: int

    def arguments(self) -> dict[str, object]:
        """Popen's arguments for this user, without any further group."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def account_of(name: str) -> Account:
    try:
        found = pwd.getpwnam(name)
    except KeyError:
        raise Stop(
            f"There is no user {name!r}: set ITAG_RUN_USER to one that is no root."
        ) from None
    if found.pw_uid == 0:
        raise Stop("PostgreSQL does not run as root: set ITAG_RUN_USER to another user.")
    return Account(found.pw_name, found.pw_uid, found.pw_gid)


def server_account() -> Account | None:
    """The user of the embedded servers: None for this process's own, ITAG_RUN_USER under root."""
    if os.geteuid() != 0:
        return None
    return account_of(os.environ.get("ITAG_RUN_USER") or "nobody")


def keep_owner(home: Path) -> None:
    """Go on as the owner of ITAG_HOME: root becomes that user, another user is told."""
    if not home.exists():
        return
    owner = home.stat().st_uid
    if owner == os.geteuid():
        return
    try:
        found = pwd.getpwuid(owner)
    except KeyError:
        raise Stop(
            f"{home} belongs to the unknown user {owner}: give it to one that exists."
        ) from None
    if os.geteuid() != 0:
        raise Stop(
            f"{home} belongs to {found.pw_name}: start itag as {found.pw_name}, or set ITAG_HOME."
        )
    account = Account(found.pw_name, owner, found.pw_gid)
    for path in (home, Path(sys.prefix), Path(sys.base_prefix), Path(__file__)):
        closed = closed_parent(path, account)
        if closed:
            raise Stop(
                f"{home} belongs to {account.name}, who cannot reach {path} through {closed}: start itag as "
                f"{account.name} from an environment that {account.name} can read, or set ITAG_HOME."
            )
    os.setgroups([group.gr_gid for group in grp.getgrall() if account.name in group.gr_mem])
    os.setgid(account.gid)
    os.setuid(account.uid)
    os.environ["HOME"] = found.pw_dir
    say(f"going on as {account.name}, who owns {home}")


def may_enter(folder: Path, account: Account) -> bool:
    """Whether the mode bits let the account pass through the folder."""
    found = folder.stat()
    if found.st_uid == account.uid:
        return bool(found.st_mode & stat.S_IXUSR)
    if found.st_gid == account.gid:
        return bool(found.st_mode & stat.S_IXGRP)
    return bool(found.st_mode & stat.S_IXOTH)


def closed_parent(path: Path, account: Account) -> Path | None:
    """The outermost folder above the path that the account cannot pass."""
    path = path.resolve()
    return next((p for p in reversed(path.parents) if not may_enter(p, account)), None)


def open_way(path: Path, account: Account, *, home: Path) -> None:
    """Let the account reach the path: o+x on closed folders of root or of the account, else say what to do.

    Folders that are opened outside ITAG_HOME are named in the log.
    """
    while closed := closed_parent(path, account):
        found = closed.stat()
        if found.st_uid not in (0, account.uid):
            raise Stop(
                f"{closed} is closed to {account.name}, who runs the database: set ITAG_HOME to a folder that "
                f"{account.name} can reach (say, /var/lib/itag), or ITAG_RUN_USER to the owner of {closed}."
            )
        if home != closed and home not in closed.parents:
            say(
                f"letting {account.name}, who runs the database, pass through {closed} (o+x, not readable)"
            )
        closed.chmod(stat.S_IMODE(found.st_mode) | stat.S_IXOTH)


def private_folder(path: Path, account: Account | None) -> Path:
    """A folder of mode 0700 that belongs to the account."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if account:
        os.chown(path, account.uid, account.gid)
    path.chmod(0o700)
    return path


def runnable(binary: Path, account: Account | None) -> bool:
    """Whether the account can really start the binary."""
    try:
        done = subprocess.run(
            [binary, "--version"],
            capture_output=True,
            cwd="/",
            timeout=30,
            **(account.arguments() if account else {}),  # type: ignore[call-overload]
        )
    except OSError:
        return False
    return done.returncode == 0


def readable_copy(
    source: Path, folder: Path, distribution: str, *, skip: tuple[str, ...] = ()
) -> Path:
    """A copy of a package's folder below `folder` that every user can read, made once a version."""
    target = folder / f"{distribution}-{version(distribution)}"
    if not target.is_dir():
        fresh = folder / f".{target.name}.{os.getpid()}"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        for part in (source, source.with_name(f"{source.name}.libs")):
            if part.is_dir():
                shutil.copytree(part, fresh / part.name, ignore=shutil.ignore_patterns(*skip))
        for path in (folder, fresh, *fresh.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
        fresh.rename(target)
    return target / source.name
