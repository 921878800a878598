"""Keeps the processes of `itag up` alive and ends them in order."""

import os
import signal
import subprocess
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import FrameType

from itag.cli.console import Stop, say
from itag.cli.processes import Watcher, end

DEATHS = 5
WINDOW = 60.0
LONGEST_PAUSE = 10.0


@dataclass
class Child:
    """A process to keep: how it is started, and the signals and seconds that end it."""

    name: str
    start: Callable[[], subprocess.Popen[bytes]]
    stop_steps: Sequence[tuple[int, float]]
    process: subprocess.Popen[bytes] | None = None
    due: float | None = None
    deaths: deque[float] = field(default_factory=deque)


class Supervisor:
    """Children in the order of their start; a dead one is started again, five deaths in a minute end everything."""

    def __init__(self, *, follow: int | None = None, watcher: Watcher | None = None) -> None:
        self.children: list[Child] = []
        self.stopping = False
        self._follow = follow
        self._watcher = watcher or Watcher()
        self._deaths: deque[float] = deque()

    def install(self) -> None:
        """Catch the signals that end everything, and start the watcher where one is needed."""
        for how in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(how, self._on_signal)
        self._watcher.start()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True

    def add(self, child: Child) -> None:
        """Start a child and keep it."""
        self.children.append(child)
        self._start(child)

    def _start(self, child: Child) -> None:
        child.due = None
        child.process = child.start()
        self._watcher.add(child.process.pid)

    def check(self) -> None:
        """Start again what died, after a pause that grows; too many deaths raise Stop."""
        if self._follow is not None and os.getppid() != self._follow:
            self.stopping = True  # `make` was killed, and whoever killed it meant us
        present = time.monotonic()
        for child in self.children:
            if child.process is not None and (status := child.process.poll()) is not None:
                self._buried(child, status, present)
            elif child.due is not None and present >= child.due:
                self._start(child)

    def _buried(self, child: Child, status: int, present: float) -> None:
        assert child.process is not None
        self._watcher.remove(child.process.pid)
        child.process = None
        for deaths in (self._deaths, child.deaths):
            deaths.append(present)
            while deaths[0] < present - WINDOW:
                deaths.popleft()
        how = signal.Signals(-status).name if status < 0 else f"status {status}"
        if len(self._deaths) >= DEATHS:
            raise Stop(
                f"{child.name} ended ({how}); {DEATHS} deaths within a minute, so everything stops."
            )
        pause = min(0.25 * 2 ** len(child.deaths), LONGEST_PAUSE)
        child.due = present + pause
        say(f"{child.name} ended ({how}); it starts again in {pause:.1f} s")

    def wait(self, seconds: float, until: Callable[[], bool] = lambda: False) -> bool:
        """Keep everything alive for so long, or until the condition holds; whether it did. Ends early on a signal."""
        deadline = time.monotonic() + seconds
        while not self.stopping and time.monotonic() < deadline:
            self.check()
            if until():
                return True
            time.sleep(0.1)
        return False

    def run(self, process: subprocess.Popen[bytes]) -> int | None:
        """Wait for a process that is meant to end; its status, or None when a signal came first."""
        self._watcher.add(process.pid)
        try:
            while process.poll() is None and not self.stopping:
                self.check()
                time.sleep(0.05)
            if process.poll() is None:
                end(process, ((signal.SIGTERM, 3.0),))
                return None
            return process.returncode
        finally:
            self._watcher.remove(process.pid)

    def stop(self) -> None:
        """End the children, last started first."""
        self.stopping = True
        while self.children:
            child = self.children.pop()
            if child.process is not None:
                end(child.process, child.stop_steps)
                self._watcher.remove(child.process.pid)
        self._watcher.stop()
