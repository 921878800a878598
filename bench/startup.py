"""`startup`: `make run` in a fresh checkout with warm package caches to the first page; the second start; idle memory."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from bench.frame import ROOT, Figure, figure, say

FIRST, SECOND, MEMORY = 60.0, 15.0, 650.0


@dataclass
class Start:
    """Seconds from the command to the first page and to /healthz 200, and MB of all processes when idle."""

    page: float
    healthy: float
    memory: float


@figure("startup")
def measure() -> Figure:
    with tempfile.TemporaryDirectory(prefix="itag-startup-") as work:
        folder = Path(work) / "checkout"
        _checkout(folder)
        say("first start")
        first = _start(folder)
        say("second start")
        second = _start(folder)
    return Figure(
        name="startup",
        value=first.page,
        unit="s",
        reach="≤ 60 s to the first page with warm package caches; second start ≤ 15 s; idle ≤ 650 MB PSS",
        ok=first.page <= FIRST and second.page <= SECOND and second.memory <= MEMORY,
        detail={
            "healthy_s": first.healthy,
            "second_s": second.page,
            "second_healthy_s": second.healthy,
            "idle_pss_mb": second.memory,
        },
    )


def _checkout(folder: Path) -> None:
    """What git would give to somebody who clones, with the changes that are not committed yet."""
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split("\0")
    for name in filter(None, names):
        if (ROOT / name).is_file():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target)


def _start(folder: Path) -> Start:
    env = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("ITAG_", "DJANGO_"))
        and name
        not in {
            "DATABASE_URL",
            "REDIS_URL",
            "SECRET_KEY",
            "SITE_URL",
            "ALLOWED_HOSTS",
            "MAKEFLAGS",
            "MAKELEVEL",
        }
        and name not in {"HOST", "DEMO", "LOG_LEVEL", "ONLY"}
    }
    log = folder.with_name("log")
    began = time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["make", "run", "PORT=0"],
            cwd=folder,
            env=env,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        url = _until(process, log, lambda: re.search(r"itag is at (\S+)", log.read_text()))
        _until(process, log, lambda: _answers(f"{url}/"))
        page = time.monotonic() - began
        _until(process, log, lambda: _answers(f"{url}/healthz"))
        healthy = time.monotonic() - began
        # One page per thread of the web, so that every process has loaded what it loads; then quiet.
        for _ in range(20):
            _answers(f"{url}/")
        time.sleep(15)
        return Start(page, healthy, _memory(process.pid))
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=60)


def _until(process, log, condition):  # type: ignore[no-untyped-def]
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline and process.poll() is None:
        if found := condition():
            return found.group(1) if isinstance(found, re.Match) else found
        time.sleep(0.05)
    raise RuntimeError(f"make run did not come up:\n{log.read_text()}")


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status == 200
    except OSError:
        return False


def _memory(pid: int) -> float:
    """MB of the process and all below it, shared pages divided among those that share them."""
    import psutil

    root = psutil.Process(pid)
    processes = [root, *root.children(recursive=True)]
    return sum(one.memory_full_info().pss for one in processes) / 2**20
