"""A real `itag up` on a folder of its own, for tests that look at it from outside."""

import json
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parent.parent.parent
NOBODY = pwd.getpwnam("nobody")
MARKS = {
    "database": "bin/postgres",
    "broker": "valkey-server",
    "web": "gunicorn",
    "worker": "itag.celery",
    "beat": "itag.beat",
}


def clean_environment(**extra: str) -> dict[str, str]:
    """This process's environment without what the tests or the caller's shell say of itag."""
    names = {
        "DATABASE_URL",
        "REDIS_URL",
        "SECRET_KEY",
        "HOST",
        "PORT",
        "DEMO",
        "SITE_URL",
        "LOG_LEVEL",
    }
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in names and not name.startswith(("ITAG_", "DJANGO_", "PYTEST_"))
    }
    # Small enough for two of them beside the other tests.
    return {**kept, "ITAG_WEB_WORKERS": "1", "ITAG_WORKERS": "1", "PYTHONPATH": str(ROOT), **extra}


def interpreter_for(uid: int, folder: Path) -> tuple[str, dict[str, str]]:
    """A Python that the user can start, and its environment. Where ours lies behind a closed folder, a copy of it."""
    site = next(path for path in sys.path if path.endswith("site-packages"))
    env = {"PYTHONPATH": f"{ROOT}{os.pathsep}{site}"}
    python = Path(sys.executable)
    try:
        reachable = subprocess.run([python, "-c", ""], cwd="/", user=uid).returncode == 0
    except OSError:
        reachable = False
    if not reachable:
        version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
        base = Path(sys.base_prefix)
        shutil.copytree(
            base / "lib" / version,
            folder / "python" / "lib" / version,
            ignore=shutil.ignore_patterns(
                "site-packages", "test", "config-*", "ensurepip", "idlelib"
            ),
        )
        python = folder / "python" / "bin" / version
        python.parent.mkdir()
        shutil.copy(base / "bin" / version, python)
        for library in (base / "lib").glob("libpython*"):
            shutil.copy(library, folder / "python" / "lib")
        env["LD_LIBRARY_PATH"] = str(folder / "python" / "lib")
    return str(python), env


class Running:
    """One `itag up`; `stop()` or `kill()` ends it."""

    def __init__(
        self, home: Path, *, python: str = sys.executable, uid: int | None = None, **env: str
    ) -> None:
        self.home = home
        self.log = home.with_name(f"{home.name}.log")
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                [python, "-m", "itag.cli", "up"],
                env=clean_environment(ITAG_HOME=str(home), **{"DEMO": "0", **env}),
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",
                user=uid,
                group=NOBODY.pw_gid if uid else None,
                extra_groups=[] if uid else None,
            )

    def text(self) -> str:
        return self.log.read_text()

    def wait_for(self, condition: Any, seconds: float = 150) -> Any:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if found := condition():
                return found
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        raise AssertionError(f"status {self.process.poll()}, log:\n{self.text()[-6000:]}")

    @property
    def url(self) -> str:
        return self.wait_for(lambda: re.search(r"itag is at (\S+)", self.text())).group(1)

    def health(self) -> dict[str, Any]:
        """What /healthz says, with its status; {} while nobody answers."""
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=10) as answer:
                return {"status": answer.status, **json.loads(answer.read())}
        except urllib.error.HTTPError as exc:
            if exc.code != 503:
                raise AssertionError(
                    f"/healthz answered {exc.code}:\n{self.text()[-6000:]}"
                ) from None
            return {"status": exc.code, **json.loads(exc.read())}
        except (OSError, ValueError):
            return {}

    def wait_healthy(self) -> None:
        self.wait_for(lambda: self.health().get("status") == 200)

    def children(self) -> dict[str, int]:
        """The pids of the children by name."""
        found = {}
        for child in psutil.Process(self.process.pid).children():
            try:
                line = " ".join(child.cmdline())
            except psutil.Error:  # it has just died
                continue
            found.update({name: child.pid for name, mark in MARKS.items() if mark in line})
        return found

    def descendants(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def stop(self, how: int = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(timeout=60)

    def end(self) -> None:
        """Whatever state it is in, nothing of it remains."""
        if self.process.poll() is None:
            try:
                self.stop()
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.home, ignore_errors=True)
