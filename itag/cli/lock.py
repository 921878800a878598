"""One `itag` a folder."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from itag.cli.console import Stop
from itag.home import make_home


class Busy(Stop):
    """Somebody else holds ITAG_HOME."""


@contextlib.contextmanager
def locked(home: Path) -> Iterator[None]:
    """Hold ITAG_HOME alone; the kernel lets go of the lock however this process ends."""
    make_home(home)
    (home / "run").mkdir(exist_ok=True)
    with (home / "run" / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise Busy(
                f"itag already runs in {home} ({lock.read().strip() or 'starting'})."
            ) from None
        lock.truncate(0)
        lock.write(f"process {os.getpid()}")
        lock.flush()
        yield
