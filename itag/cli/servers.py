"""Servers for one command: those that run, those that are named, else our own for the command's time."""

import contextlib
import os
from collections.abc import Iterator

from itag.cli.embedded import servers
from itag.cli.lock import Busy, locked
from itag.cli.runas import keep_owner
from itag.home import home, running

NAMES = ("database", "redis")


@contextlib.contextmanager
def ensured() -> Iterator[None]:
    """Within the block DATABASE_URL and REDIS_URL are known to Django's settings."""
    folder = home()
    named = [bool(os.environ.get(name)) for name in ("DATABASE_URL", "REDIS_URL")]
    if all(named):
        yield
        return
    keep_owner(folder)
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(locked(folder))
        except Busy:
            if not all(value or running(name) for value, name in zip(named, NAMES, strict=True)):
                raise
            yield  # the settings find the running ones
            return
        # A file that a killed supervisor left names servers that no longer run.
        (folder / "run" / "servers.json").unlink(missing_ok=True)
        found = stack.enter_context(servers(folder, durable=True))
        for variable, address in zip(("DATABASE_URL", "REDIS_URL"), found, strict=True):
            os.environ[variable] = os.environ.get(variable) or address
        yield
