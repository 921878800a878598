"""`itag up` really started, looked at from outside, and killed."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
import redis

from tests.cli.running import NOBODY, Running, clean_environment, interpreter_for

pytestmark = [pytest.mark.enable_socket, pytest.mark.timeout(400)]
AS_ROOT = os.geteuid() == 0


@pytest.fixture
def start() -> Iterator[Callable[..., Running]]:
    """`start(home, **env)` starts itag; it and its folder are gone after the test."""
    running: list[Running] = []
    base = Path(tempfile.mkdtemp(prefix="itag-up-"))
    # Another user passes, as through the folder of an ordinary checkout.
    base.chmod(0o755)

    def begin(home: Path | None = None, **options: Any) -> Running:
        running.append(Running(home or base / "var", **options))
        return running[-1]

    yield begin
    for one in running:
        one.end()
    subprocess.run(["rm", "-rf", str(base)], check=True)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_serves_keeps_its_secrets_and_restarts_what_dies(start: Callable[..., Running]) -> None:
    with socket.socket() as taken:
        # The usual port is taken by somebody else, so the next free one is used and printed.
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind(("127.0.0.1", 8000))
            taken.listen()
        except OSError:
            pass  # somebody else has it already
        up = start()
        up.wait_healthy()
    assert up.url.startswith("http://127.0.0.1:80")
    assert not up.url.endswith(":8000")
    assert "/setup/" in up.text()
    assert up.health() == {
        "status": 200, "ok": True, "database": True, "broker": True, "worker": True, "beat": True,
    }  # fmt: skip

    home = up.home
    assert mode(home / "secrets") == 0o700
    for path in [*(home / "secrets").iterdir(), home / "run" / "servers.json"]:
        assert mode(path) == 0o600, path
    for name in ("postgres", "valkey", "run/sockets"):
        assert mode(home / name) == 0o700
        assert (home / name).stat().st_uid == (NOBODY.pw_uid if AS_ROOT else os.geteuid())
    # Under root others may pass through to the database, which is not root's; nothing more.
    assert mode(home) == (0o701 if AS_ROOT else 0o700)
    assert not any(
        connection.status == "LISTEN" for connection in _connections(up, "database", "broker")
    )
    addresses = json.loads((home / "run" / "servers.json").read_text())
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(addresses["database"].replace("itag:", "itag:wrong"))
    with pytest.raises(redis.AuthenticationError):
        redis.Redis(unix_socket_path=str(home / "run" / "sockets" / "valkey.sock")).ping()

    second = subprocess.run(
        [sys.executable, "-m", "itag.cli", "up"],
        env=clean_environment(ITAG_HOME=str(home), DEMO="0"),
        capture_output=True,
        text=True,
    )
    assert second.returncode == 1
    assert "already runs" in second.stderr
    port = up.url.rsplit(":", 1)[1]
    named = subprocess.run(
        [sys.executable, "-m", "itag.cli", "up"],
        env=clean_environment(ITAG_HOME=str(home.with_name("other")), PORT=port),
        capture_output=True,
        text=True,
    )
    assert named.returncode == 1
    assert f"Port {port}" in named.stderr

    before = up.children()
    assert set(before) == {"database", "broker", "web", "worker", "beat"}
    for name in ("worker", "beat", "web", "database"):
        os.kill(before[name], signal.SIGKILL)
        up.wait_for(lambda name=name: up.children().get(name) not in (None, before[name]))
        up.wait_healthy()
    assert up.process.poll() is None
    # The fifth death within a minute is no accident.
    rest = up.descendants()
    os.kill(up.children()["broker"], signal.SIGKILL)
    assert up.process.wait(timeout=150) == 1
    assert "5 deaths within a minute" in up.text()
    assert not _alive(rest)


def test_a_killed_supervisor_leaves_nothing_and_the_next_start_recovers(
    start: Callable[..., Running],
) -> None:
    up = start()
    up.wait_healthy()
    os.kill(up.children()["broker"], signal.SIGKILL)
    up.wait_for(lambda: "broker ended (SIGKILL)" in up.text())
    up.wait_healthy()
    family = up.descendants()
    assert len(family) > 5
    up.process.kill()
    up.process.wait()
    _, alive = psutil.wait_procs(family, timeout=15)
    assert not alive
    assert (up.home / "run" / "servers.json").is_file()
    assert (up.home / "postgres" / "postmaster.pid").parent.is_dir()

    # A pid file that names a living process of somebody else, as after a restart of a container.
    (up.home / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\n{up.home}/postgres\n")
    again = start(up.home)
    again.wait_healthy()
    with psycopg.connect(
        json.loads((up.home / "run" / "servers.json").read_text())["database"]
    ) as connection:
        connection.execute(
            "INSERT INTO accounts_user (username, password, email, name, language, is_staff, is_active, is_demo, "
            "is_superuser, date_joined) VALUES ('ada', '!', '', '', '', false, true, true, false, now())"
        )
    family = again.descendants()
    assert again.stop(signal.SIGINT) == 0
    assert not _alive(family)
    assert not (up.home / "run" / "servers.json").exists()
    assert not (up.home / "postgres" / "postmaster.pid").exists()

    # Demo accounts are nobody's on an open network.
    third = start(up.home, HOST="0.0.0.0")
    assert third.process.wait(timeout=150) == 1
    assert "Demo accounts and a HOST other than loopback" in third.text()


@pytest.mark.skipif(not AS_ROOT, reason="only root can become somebody else")
def test_an_ordinary_user_and_root_after_him(start: Callable[..., Running]) -> None:
    base = Path(tempfile.mkdtemp(prefix="itag-user-"))
    python, env = interpreter_for(NOBODY.pw_uid, base)
    os.chown(base, NOBODY.pw_uid, NOBODY.pw_gid)
    home = base / "var"
    up = start(home, python=python, uid=NOBODY.pw_uid, HOME=str(base), **env)
    up.wait_healthy()
    assert home.stat().st_uid == NOBODY.pw_uid
    assert mode(home) == 0o700
    assert up.stop() == 0

    # The folder keeps its first owner: root goes on as that user.
    again = start(home, python=python, **env)
    again.wait_for(lambda: again.children().get("web"))
    assert psutil.Process(again.process.pid).uids().effective == NOBODY.pw_uid
    assert all(child.uids().effective == NOBODY.pw_uid for child in again.descendants())
    assert again.stop() == 0
    assert not [path for path in home.rglob("*") if path.stat().st_uid != NOBODY.pw_uid]
    subprocess.run(["rm", "-rf", str(base)], check=True)


def test_named_servers_replace_the_embedded_ones(start: Callable[..., Running]) -> None:
    database, broker = os.environ["DATABASE_URL"], os.environ["REDIS_URL"]
    name = f"itag_up_{os.getpid()}"
    with psycopg.connect(database, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
        try:
            own = psycopg.conninfo.make_conninfo(database, dbname=name)
            up = start(
                DATABASE_URL=own,
                REDIS_URL=f"{broker.split('?')[0].removesuffix('/0')}{_database(broker, 14)}",
            )
            up.wait_healthy()
            assert set(up.children()) == {"web", "worker", "beat"}
            assert not (up.home / "postgres").exists()
            assert not (up.home / "valkey").exists()
            assert up.stop() == 0
        finally:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _database(broker: str, number: int) -> str:
    return f"?db={number}" if broker.startswith("unix:") else f"/{number}"


def _connections(up: Running, *names: str) -> list[Any]:
    children = up.children()
    return [
        connection
        for name in names
        for connection in psutil.Process(children[name]).net_connections(kind="inet")
    ]


def _alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    return psutil.wait_procs(processes, timeout=5)[1]
