"""Run as a script by `processes.Watcher`: ends the processes it was told of when its standard input closes.

A supervisor that stops in order has taken every pid back before it closes the pipe, so nothing is left to end.
"""

import contextlib
import os
import signal
import sys


def main() -> None:
    for how in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(how, signal.SIG_IGN)
    alive: set[int] = set()
    for line in sys.stdin:
        (alive.add if line[0] == "+" else alive.discard)(int(line[1:]))
    for pid in alive:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGTERM if os.getpgid(pid) == pid else signal.SIGKILL)
    # PostgreSQL and Valkey end well on SIGTERM once their clients are gone; what is left after that is killed.
    _wait_then_kill(alive)


def _wait_then_kill(alive: set[int]) -> None:
    import time

    deadline = time.monotonic() + 8
    while alive and time.monotonic() < deadline:
        for pid in list(alive):
            try:
                os.killpg(pid, 0)
            except ProcessLookupError:
                alive.discard(pid)
        time.sleep(0.1)
    for pid in alive:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)


if __name__ == "__main__":
    main()
