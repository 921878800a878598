"""Starting, watching and ending the processes of `itag up`."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

from itag.cli.runas import Account
from itag.core.deathsig import end_with_parent


def spawn(
    argv: Sequence[str | Path],
    *,
    account: Account | None = None,
    env: dict[str, str] | None = None,
    cwd: Path | None = None,
    output: IO[bytes] | int | None = None,
    pass_fds: Sequence[int] = (),
    orphan_signal: int = signal.SIGKILL,
) -> subprocess.Popen[bytes]:
    """Start a process in a session of its own, which ends by `orphan_signal` when this process dies."""
    parent = os.getpid()

    def prepare() -> None:
        # Runs after the change of user, which would have made the kernel forget the wish.
        end_with_parent(parent, orphan_signal)

    return subprocess.Popen(
        [str(part) for part in argv],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if output is not None else None,
        env=env,
        cwd=cwd,
        pass_fds=pass_fds,
        start_new_session=True,
        preexec_fn=prepare,
        **(account.arguments() if account else {}),  # type: ignore[call-overload]
    )


def end(process: subprocess.Popen[bytes], steps: Sequence[tuple[int, float]]) -> None:
    """Send each signal and wait its seconds until the process is gone; at last kill its group."""
    for how, seconds in steps:
        if process.poll() is not None:
            break
        process.send_signal(how)
        deadline = time.monotonic() + seconds
        while process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


class Watcher:
    """Ends all children when this process dies, where the kernel does not (macOS).

    A small process reads a pipe whose other end only this process holds: lines "+pid" and "-pid" keep its list, and
    the end of the pipe means that this process is gone.
    """

    def __init__(self, *, needed: bool = sys.platform != "linux") -> None:
        self.needed = needed
        self._pipe: int | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        if not self.needed:
            return
        reader, self._pipe = os.pipe()
        self._process = subprocess.Popen(
            [sys.executable, "-S", str(Path(__file__).with_name("watcher.py"))],
            stdin=reader,
            start_new_session=True,
        )
        os.close(reader)

    def add(self, pid: int) -> None:
        self._tell(f"+{pid}\n")

    def remove(self, pid: int) -> None:
        self._tell(f"-{pid}\n")

    def stop(self) -> None:
        if self._process is None or self._pipe is None:
            return
        os.close(self._pipe)
        self._pipe = None
        self._process.wait()

    def _tell(self, line: str) -> None:
        if self._pipe is not None:
            with contextlib.suppress(BrokenPipeError):
                os.write(self._pipe, line.encode())


def wait_until(
    ready: Callable[[], bool],
    *,
    process: subprocess.Popen[bytes],
    seconds: float,
    pause: float = 0.05,
) -> bool:
    """Poll until ready; False when the process ended or the time is over."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if ready():
            return True
        if process.poll() is not None:
            return False
        time.sleep(pause)
    return False
