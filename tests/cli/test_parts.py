"""The parts of the command line, each alone."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import tarfile
import time
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from itag import addresses
from itag.celery import app
from itag.cli import console, embedded, main, runas
from itag.cli.console import Stop
from itag.cli.lock import Busy, locked
from itag.cli.processes import Watcher, end, spawn
from itag.cli.runas import Account
from itag.cli.supervisor import Child, Supervisor
from itag.cli.up import QUEUES, is_loopback, listen
from itag.home import read_named_files, secret
from tests.cli.running import NOBODY, ROOT, clean_environment

pytestmark = pytest.mark.enable_socket
OTHER = Account("somebody", 54321, 54321)
AS_ROOT = os.geteuid() == 0


@pytest.mark.parametrize(
    ("url", "redis", "broker"),
    [
        ("redis://h:6379/2", "redis://h:6379/3", "redis://h:6379/3"),
        ("redis://h", "redis://h/1", "redis://h/1"),
        ("redis://h?db=4", "redis://h/5", "redis://h/5"),
        ("rediss://:p%2F@h/0?ssl_cert_reqs=none",) + ("rediss://:p%2F@h/1?ssl_cert_reqs=none",) * 2,
        ("unix:///a/s?db=3", "unix:///a/s?db=4", "redis+socket:///a/s?virtual_host=4"),
        ("unix://:pw@/a/s", "unix://:pw@/a/s?db=1", "redis+socket://:pw@/a/s?virtual_host=1"),
    ],
)
def test_addresses_of_the_broker(url: str, redis: str, broker: str) -> None:
    assert addresses.redis_url(url, 1) == redis
    assert addresses.broker_url(url, 1) == broker


def test_addresses_of_the_database_keep_what_libpq_understands() -> None:
    found = addresses.django_database("postgresql://u:p%40@h:5433/n?sslmode=require")
    assert (found["NAME"], found["USER"], found["PASSWORD"]) == ("n", "u", "p@")
    assert (found["HOST"], found["PORT"], found["OPTIONS"]) == ("h", "5433", {"sslmode": "require"})
    made = addresses.database_address(sockets="/a b/s", user="itag", password="x/y", name="itag")
    found = addresses.django_database(made)
    assert (found["HOST"], found["PASSWORD"], found["PORT"]) == ("/a b/s", "x/y", "")


def test_a_secret_is_made_once_and_private(tmp_path: Path) -> None:
    first = secret("key", base=tmp_path)
    assert len(first) > 40
    assert secret("key", base=tmp_path) == first
    assert stat.S_IMODE((tmp_path / "secrets" / "key").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "secrets").iterdir()] == ["key"]


def test_a_variable_may_come_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "url").write_text("redis://h\n")
    monkeypatch.delenv("REDIS_URL", raising=False)
    monkeypatch.setenv("REDIS_URL_FILE", str(tmp_path / "url"))
    read_named_files("REDIS_URL")
    assert os.environ["REDIS_URL"] == "redis://h"


def test_the_worker_takes_every_queue_that_tasks_are_sent_to(settings: Any) -> None:
    routed = {route["queue"] for route in settings.CELERY_TASK_ROUTES.values()}
    assert set(QUEUES.split(",")) == routed | {settings.CELERY_TASK_DEFAULT_QUEUE}


def test_beat_sends_only_tasks_that_exist(settings: Any) -> None:
    app.loader.import_default_modules()
    sent = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert sent <= set(app.tasks)


def test_loopback() -> None:
    assert all(map(is_loopback, ("127.0.0.1", "127.1.2.3", "::1", "localhost")))
    assert not any(map(is_loopback, ("0.0.0.0", "::", "192.0.2.1", "itag.example", "")))


def test_a_named_port_must_be_free() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(Stop, match="is taken"):
            listen("127.0.0.1", taken.getsockname()[1])
    with pytest.raises(Stop, match="Cannot listen"):
        listen("192.0.2.1", 8123)


@pytest.mark.parametrize("port", ["http", "-1", "70000"])
def test_a_port_is_a_number(port: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["up", "--port", port]) == 1
    assert "is no port" in capsys.readouterr().err


def test_one_itag_a_folder(tmp_path: Path) -> None:
    with locked(tmp_path / "var"):
        assert stat.S_IMODE((tmp_path / "var").stat().st_mode) == 0o700
        with pytest.raises(Busy, match=f"process {os.getpid()}"), locked(tmp_path / "var"):
            pass
    with locked(tmp_path / "var"):
        pass


def test_a_way_is_opened_only_where_it_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """o+x on the closed folder alone, said aloud outside ITAG_HOME; nothing becomes readable."""
    closed = tmp_path / "root-home"
    home = closed / "open" / "var"
    home.mkdir(parents=True)
    closed.chmod(0o700)
    home.parent.chmod(0o755)
    home.chmod(0o700)
    # The folders above the test's own are somebody else's business.
    real = Path.resolve
    outside = set(tmp_path.parents) | {tmp_path}
    monkeypatch.setattr(runas, "may_enter", lambda p, a, f=runas.may_enter: p in outside or f(p, a))
    assert runas.closed_parent(home / "postgres", OTHER) == closed
    if AS_ROOT:
        runas.open_way(home / "postgres", OTHER, home=home)
        assert stat.S_IMODE(closed.stat().st_mode) == 0o701
        assert stat.S_IMODE(home.parent.stat().st_mode) == 0o755
        assert stat.S_IMODE(home.stat().st_mode) == 0o701
        said = capsys.readouterr().out
        assert str(closed) in said
        assert said.count("pass through") == 1
        os.chown(closed, NOBODY.pw_uid, NOBODY.pw_gid)
        closed.chmod(0o700)
    with pytest.raises(Stop, match="set ITAG_HOME"):
        # Somebody else's folder is never opened.
        runas.open_way(real(home) / "postgres", Account("x", 54321, 54321), home=home)
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


def test_sockets_of_a_long_path_lie_elsewhere(tmp_path: Path) -> None:
    home = tmp_path / ("long" * 20) / "var"
    home.mkdir(parents=True)
    folder = embedded.socket_folder(home, None)
    try:
        assert home not in folder.parents
        assert len(str(folder / ".s.PGSQL.5432.lock")) <= 103
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert embedded.socket_folder(home, None) == folder
    finally:
        folder.rmdir()
    short = embedded.socket_folder(Path("/tmp") / f"it-{os.getpid()}", None)
    assert short == Path("/tmp") / f"it-{os.getpid()}" / "run" / "sockets"
    short.rmdir()
    short.parent.rmdir()
    short.parent.parent.rmdir()


@pytest.mark.skipif(not AS_ROOT, reason="only root starts the servers as somebody else")
def test_binaries_in_a_closed_place_are_copied(tmp_path: Path) -> None:
    source = tmp_path / "closed" / "package"
    (source / "bin").mkdir(parents=True)
    (source / "bin" / "tool").write_text("#!/bin/sh\necho fine\n")
    (source / "bin" / "tool").chmod(0o700)
    (source / "big.a").write_text("")
    (source.with_name("package.libs")).mkdir()
    copy = runas.readable_copy(source, tmp_path / "run" / "bin", "pytest", skip=("*.a",))
    assert copy.with_name("package.libs").is_dir()
    assert not (copy / "big.a").exists()
    assert stat.S_IMODE((copy / "bin" / "tool").stat().st_mode) == 0o755
    assert runas.readable_copy(source, tmp_path / "run" / "bin", "pytest") == copy


def test_a_folder_of_another_major_version_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("17\n")
    server = embedded.Postgres(tmp_path, runas.server_account())
    with pytest.raises(Stop, match=r"itag backup(.|\n)*itag restore"):
        server.prepare()


def test_a_dead_child_starts_again_and_five_deaths_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("itag.cli.supervisor.LONGEST_PAUSE", 0.3)
    supervisor = Supervisor()
    pids = []

    def start() -> subprocess.Popen[bytes]:
        process = spawn(["sleep", "60"])
        pids.append(process.pid)
        return process

    supervisor.add(Child("sleeper", start, ((signal.SIGTERM, 5.0),)))
    os.kill(pids[0], signal.SIGKILL)
    assert supervisor.wait(5, lambda: len(pids) == 2)
    supervisor.stop()
    assert not any(map(psutil.pid_exists, pids))

    supervisor = Supervisor()
    supervisor.add(Child("short-lived", lambda: spawn(["false"]), ()))
    with pytest.raises(Stop, match="5 deaths within a minute"):
        supervisor.wait(30)
    supervisor.stop()


def test_a_supervisor_follows_the_process_that_started_it() -> None:
    supervisor = Supervisor(follow=1 if os.getppid() != 1 else 2)
    supervisor.check()
    assert supervisor.stopping


FAMILY = """
import os, sys, time
from itag.cli.processes import Watcher, spawn
from itag.cli import processes
watched = sys.argv[1] == "watched"
if watched:
    processes.end_with_parent = lambda *args: None  # as where the kernel does nothing
watcher = Watcher(needed=watched)
watcher.start()
child = spawn(["sleep", "60"])
watcher.add(child.pid)
print(child.pid, flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("how", ["by the kernel", "watched"])
def test_children_end_with_a_killed_parent(how: str) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", FAMILY, how],
        env=clean_environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout is not None
    child = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.wait()
    parent.stdout.close()
    gone, alive = psutil.wait_procs([child], timeout=60)
    for one in alive:
        one.kill()
    assert gone


def test_a_watcher_leaves_alone_what_was_taken_back() -> None:
    watcher = Watcher(needed=True)
    watcher.start()
    process = spawn(["sleep", "60"])
    watcher.add(process.pid)
    watcher.remove(process.pid)
    watcher.stop()
    time.sleep(0.2)
    assert process.poll() is None
    end(process, ((signal.SIGTERM, 5.0),))


def test_backup_and_restore(open_folder: Path) -> None:
    """Rows, files and secret keys come back in another folder; passwords of the servers are made anew."""
    old, new, file = open_folder / "old", open_folder / "new", open_folder / "it.tar"
    with embedded.servers(old) as (database, _), psycopg.connect(database) as connection:
        connection.execute("CREATE TABLE noted AS SELECT '标注' AS word")
    key = secret("secret-key", base=old)
    (old / "files").mkdir()
    (old / "files" / "a.txt").write_text("a")

    def itag(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "itag.cli", *arguments],
            env=clean_environment(ITAG_HOME=str(home)),
            cwd=ROOT,
            capture_output=True,
            text=True,
        )

    made = itag(old, "backup", str(file))
    assert made.returncode == 0, made.stderr
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with tarfile.open(file) as tar:
        names = tar.getnames()
        assert json.loads(tar.extractfile("itag.json").read())["format"] == 1  # type: ignore[union-attr]
    assert "secrets/secret-key" in names
    assert not [name for name in names if "postgres" in name or "valkey" in name]
    assert itag(old, "backup", str(file)).returncode == 1  # never over another one

    restored = itag(new, "restore", str(file))
    assert restored.returncode == 0, restored.stderr
    assert secret("secret-key", base=new) == key
    assert secret("postgres", base=new) != secret("postgres", base=old)
    assert (new / "files" / "a.txt").read_text() == "a"
    with embedded.servers(new) as (database, _), psycopg.connect(database) as connection:
        assert connection.execute("SELECT word FROM noted").fetchone() == ("标注",)

    again = itag(new, "restore", str(file))
    assert again.returncode == 1
    assert "has data already" in again.stderr


def test_a_closed_pipe_does_not_end_the_supervisor(monkeypatch: pytest.MonkeyPatch) -> None:
    class Closed:
        def write(self, text: str) -> None:
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stdout", Closed())
    console.say("into the void")
    console.say("again")
    sys.stdout.close()
