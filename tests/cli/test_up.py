"""`itag up` really started, looked at from outside, and killed."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
import redis

from itag.cli import embedded
from itag.cli.processes import end
from itag.cli.runas import server_account
from itag.home import make_home
from tests.cli.running import NOBODY, Running, clean_environment, interpreter_for

pytestmark = [pytest.mark.enable_socket, pytest.mark.timeout(400)]
AS_ROOT = os.geteuid() == 0


@pytest.fixture
def start(open_folder: Path) -> Iterator[Callable[..., Running]]:
    """`start(home, **env)` starts itag; it and its folder are gone after the test."""
    running: list[Running] = []

    def begin(home: Path | None = None, **options: Any) -> Running:
        running.append(Running(home or open_folder / "var", **options))
        return running[-1]

    yield begin
    for one in running:
        one.end()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_serves_keeps_its_secrets_restarts_what_dies_and_recovers(
    start: Callable[..., Running],
) -> None:
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
    for pair in (("worker", "beat"), ("web", "database")):
        for name in pair:
            os.kill(before[name], signal.SIGKILL)
        for name in pair:
            up.wait_for(lambda name=name: up.children().get(name) not in (None, before[name]))
        up.wait_healthy()
    assert up.process.poll() is None

    # A killed supervisor leaves no process, and the next start recovers.
    family = up.descendants()
    assert len(family) > 5
    up.process.kill()
    up.process.wait()
    _, alive = psutil.wait_procs(family, timeout=60)
    assert not alive
    assert (home / "run" / "servers.json").is_file()
    # A pid file that names a living process of somebody else, as after a restart of a container.
    (home / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\n{home}/postgres\n")
    again = start(home)
    again.wait_healthy()
    with psycopg.connect(
        json.loads((home / "run" / "servers.json").read_text())["database"]
    ) as connection:
        connection.execute(
            "INSERT INTO accounts_user (username, password, email, name, language, is_staff, is_active, is_demo, "
            "is_superuser, date_joined, claim_next, must_change_password, notices, shortcuts, "
            "session_number) "
            "VALUES ('ada', '!', '', '', '', false, true, true, false, now(), false, false, '{}', '{}', 0)"
        )
    os.kill(again.children()["broker"], signal.SIGKILL)
    again.wait_for(lambda: "broker ended (SIGKILL)" in again.text())
    again.wait_for(lambda: again.children().get("broker"))
    again.wait_healthy()

    # The fifth death within a minute is no accident.
    family = again.descendants()
    for pid in again.children().values():
        os.kill(pid, signal.SIGKILL)
    assert again.process.wait(timeout=150) == 1
    assert "5 deaths within a minute" in again.text()
    assert not _alive(family)
    assert not (home / "run" / "servers.json").exists()

    # Demo accounts are nobody's on an open network.
    third = start(home, HOST="0.0.0.0")
    assert third.process.wait(timeout=150) == 1
    assert "Demo accounts and a HOST other than loopback" in third.text()


def test_an_ordinary_user_then_root_with_servers_of_their_own(
    start: Callable[..., Running], open_folder: Path
) -> None:
    """Stopping leaves nothing; the folder keeps its first owner; named servers replace the embedded ones.

    Where the tests are not root's, both starts are the same user's.
    """
    owner, options = os.geteuid(), {}
    base = open_folder / "user"
    base.mkdir()
    if AS_ROOT:
        owner = NOBODY.pw_uid
        python, env = interpreter_for(owner, base)
        os.chown(base, owner, NOBODY.pw_gid)
        options = {"python": python, "HOME": str(base), **env}
    home = base / "var"
    up = start(home, **options, **({"uid": owner} if AS_ROOT else {}))
    up.wait_healthy()
    assert home.stat().st_uid == owner
    assert mode(home) == 0o700
    family = up.descendants()
    assert up.stop(signal.SIGINT) == 0
    assert not _alive(family)
    assert not (home / "run" / "servers.json").exists()
    assert not (home / "postgres" / "postmaster.pid").exists()

    name = f"itag_up_{os.getpid()}"
    database = os.environ["DATABASE_URL"]
    broker = embedded.Valkey(open_folder / "named", server_account(), durable=False)
    make_home(broker.home)
    process = embedded.launch(broker)
    try:
        with psycopg.connect(database, autocommit=True) as admin:
            admin.execute(f"CREATE DATABASE {name}")
        own = psycopg.conninfo.make_conninfo(database, dbname=name)
        again = start(home, DATABASE_URL=own, REDIS_URL=broker.url, **options)
        again.wait_healthy()
        assert set(again.children()) == {"web", "worker", "beat"}
        assert not (home / "postgres" / "postmaster.pid").exists()
        assert not (home / "run" / "sockets" / "valkey.sock").exists()
        assert psutil.Process(again.process.pid).uids().effective == owner
        assert all(child.uids().effective == owner for child in again.descendants())
        assert again.stop() == 0
        assert not [path for path in home.rglob("*") if path.stat().st_uid != owner]
    finally:
        end(process, broker.stop_steps)
        with psycopg.connect(database, autocommit=True) as admin:
            admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _connections(up: Running, *names: str) -> list[Any]:
    children = up.children()
    return [
        connection
        for name in names
        for connection in psutil.Process(children[name]).net_connections(kind="inet")
    ]


def _alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    return psutil.wait_procs(processes, timeout=30)[1]
