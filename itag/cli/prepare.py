"""`python -m itag.cli.prepare`: what `itag up` does with Django before it serves. Writes one JSON object for it.

Its own process, so that the supervisor stays small.
"""

import argparse
import hashlib
import io
import json
import os
import sys
from pathlib import Path

from itag.paths import add_apps

SETUP_PURPOSE = "setup"


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--address", required=True)
    parser.add_argument("--result", type=int, required=True)
    parser.add_argument("--open", action="store_true")
    parser.add_argument("--no-demo", dest="demo", action="store_false")
    options = parser.parse_args(argv)
    add_apps()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "itag.settings")

    import django

    django.setup()
    from django.core.management import call_command
    from django.core.management.base import CommandError

    from itag.cli.console import Stop, say

    try:
        call_command("check", fail_level="ERROR", stdout=io.StringIO())
        wait_for_database()
        call_command("migrate", interactive=False, verbosity=0)
        if not os.environ.get("DATABASE_URL"):
            forget_heartbeats()
        collect_static()
        result = first_start(address=options.address, demo=options.demo, is_open=options.open)
    except (Stop, CommandError) as exc:
        say(str(exc))
        return 1
    with os.fdopen(options.result, "w") as file:
        json.dump(result, file)
    return 0


def forget_heartbeats() -> None:
    """Signs of life of an earlier start say nothing about this one; a database of its own has no other writers."""
    from accounts.models import Heartbeat

    Heartbeat.objects.all().delete()


def wait_for_database(seconds: float = 30) -> None:
    """Wait for a database that is named by DATABASE_URL and may be starting."""
    import time

    import psycopg
    from django.db import connection

    from itag.cli.console import Stop

    params = connection.get_connection_params()
    params.pop("cursor_factory")
    deadline = time.monotonic() + seconds
    while True:
        try:
            psycopg.connect(**{"connect_timeout": 5, **params}).close()
            return
        except psycopg.OperationalError as exc:
            # A server that refuses us will do so the next time, unless it is only starting.
            refused = "FATAL" in str(exc) and "starting up" not in str(exc)
            if refused or time.monotonic() > deadline:
                raise Stop(f"No database: {str(exc).strip()}") from None
            time.sleep(0.5)


def collect_static() -> bool:
    """Collect the static files unless nothing changed since the last time; whether it did."""
    from django.conf import settings
    from django.contrib.staticfiles.finders import get_finders
    from django.core.management import call_command

    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            found = Path(storage.path(path)).stat()
            digest.update(f"{path}\0{found.st_size}\0{found.st_mtime_ns}\n".encode())
    stamp = Path(settings.STATIC_ROOT) / ".itag-stamp"
    if stamp.is_file() and stamp.read_text() == digest.hexdigest():
        return False
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.write_text(digest.hexdigest())
    return True


def first_start(*, address: str, demo: bool, is_open: bool) -> dict[str, str]:
    """Load the demo into an empty installation, or make the link for its first administrator.

    The answer's "accounts" is text for the person, "setup" an address. Refuses demo accounts on an open network.
    """
    from django.conf import settings
    from django.core.management import call_command

    from accounts.models import User
    from itag.cli.console import Stop, say

    unfinished = Path(settings.ITAG_HOME) / "run" / "demo-unfinished"
    is_empty = not User.objects.exists()
    wanted = demo and (is_empty or unfinished.exists())
    if is_open and (wanted or User.objects.filter(is_demo=True, is_active=True).exists()):
        raise Stop(
            "Demo accounts and a HOST other than loopback do not go together: "
            + (
                "start with DEMO=0 for an installation without them."
                if wanted
                else "deactivate the demo accounts first, or use another ITAG_HOME."
            )
        )
    if wanted:
        say("loading the demo workspace")
        unfinished.parent.mkdir(parents=True, exist_ok=True)
        unfinished.touch()
        # It prints the accounts; here they follow once the server answers.
        call_command("load_demo", stdout=io.StringIO())
        unfinished.unlink()
    result: dict[str, str] = {}
    if not User.objects.filter(is_active=True).exists():
        result["setup"] = setup_link(address)
    accounts = Path(settings.ITAG_HOME) / "demo-accounts.json"
    if accounts.is_file() and User.objects.filter(is_demo=True, is_active=True).exists():
        result["accounts"] = accounts_text(accounts)
    return result


def setup_link(address: str) -> str:
    """A fresh link, good once, that makes the first administrator."""
    from accounts.services.links import create_link

    return f"{address}/setup/{create_link(purpose=SETUP_PURPOSE)}/"


def accounts_text(path: Path) -> str:
    """The demo accounts as lines for the console."""
    accounts = json.loads(path.read_text(encoding="utf-8"))["accounts"]
    width = max(len(account["username"]) for account in accounts)
    lines = [
        f"    {account['username'].ljust(width)}  {account['password']}" for account in accounts
    ]
    return "\n".join([f"  Demo accounts (also in {path}):", *lines, ""])


if __name__ == "__main__":
    sys.exit(main())
