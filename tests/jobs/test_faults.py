"""Machines fail in the middle of the work: a worker, the broker, the database. Everything goes on by itself.

Where a sweeper has to come round, the test sends its task to the real worker, as beat does; that beat does so in time
is told by `test_what_was_lost_is_missed_within_a_minute`.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import DatabaseError, connection, connections, transaction
from django.utils import timezone

from accounts.models import User, Workspace
from itag.celery import app
from itag.cli import embedded
from itag.cli.processes import end
from itag.cli.runas import server_account
from itag.home import make_home
from jobs import tasks
from jobs.models import Assignment, Job, PackageEvent, SplitRun
from jobs.services import claim as claims
from jobs.services import lots, split
from jobs.services.claim import claim_package
from tests.cli.conftest import open_folder
from tests.conftest import ROOT, wait_for
from tests.factories import WorkspaceFactory, make_job, member
from tests.jobs.history import assert_sound
from tests.jobs.test_split import assert_cut, big_dataset, waiting_job

__all__ = ["open_folder"]

TRANSACTIONAL = pytest.mark.django_db(transaction=True)


def grow_old(run: SplitRun) -> None:
    """The sweeper's patience with this run passes."""
    past = timezone.now() - split.STUCK_AFTER - timedelta(seconds=1)
    runs = SplitRun.objects.filter(pk=run.pk)
    runs.update(created_at=past)
    runs.exclude(heartbeat_at=None).update(heartbeat_at=past)


def is_ended(pk: int) -> bool:
    return Job.objects.get(pk=pk).state != Job.State.INITIALISING


@pytest.mark.parametrize(
    ("entry", "patience"),
    [("splits-requeue", split.STUCK_AFTER), ("lots-requeue", lots.STUCK_AFTER)],
)
def test_what_was_lost_is_missed_within_a_minute(entry: str, patience: timedelta) -> None:
    every = timedelta(seconds=settings.CELERY_BEAT_SCHEDULE[entry]["schedule"])
    assert patience + every <= timedelta(minutes=1)


def test_what_needs_no_message_is_looked_for_every_minute() -> None:
    for entry in ("expire", "finish", "review", "figures"):
        assert settings.CELERY_BEAT_SCHEDULE[entry]["schedule"] <= 60


WORKER = """
import os, sys
sys.path.insert(0, {root!r})
import django
django.setup()
from jobs.services import split
from itag.celery import app
split.STEP_ITEMS = 50
cut = split._cut_sizes
def slowly(run):
    cut(run)
    if run.done >= 200:
        # Killed here it is in the middle of a step: what it has just written is not committed.
        open({mark!r}, "w").close()
        import time
        time.sleep(60)
split._cut_sizes = slowly
app.worker_main(["worker", "--pool", "solo", "-Q", "split", "--without-gossip", "--without-mingle", "-l", "ERROR"])
"""


@pytest.fixture
def broker() -> Iterator[None]:
    """The queues, empty before and after."""

    def clear() -> None:
        with app.connection_for_write() as link:
            for queue in ("default", "split"):
                with link.SimpleQueue(queue) as waiting:
                    waiting.clear()

    clear()
    yield
    clear()


@pytest.mark.worker
@TRANSACTIONAL
def test_a_killed_workers_successor_finishes_its_split(
    broker: None, tmp_path: Path, request: Any
) -> None:
    job, run = waiting_job(big_dataset(503), 10)
    mark = tmp_path / "in the middle"
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "ITAG_TEST_LIVE_DB": str(connection.settings_dict["NAME"]),
        "ITAG_TEST_FOLDERS": str(tmp_path),
    }
    code = WORKER.format(root=str(ROOT), mark=str(mark))
    first = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=env)
    try:
        tasks.split_batch.delay(run.pk)
        wait_for(mark.exists, timeout=60)
    finally:
        first.send_signal(signal.SIGKILL)
        first.wait(timeout=20)
    run.refresh_from_db()
    assert (run.state, run.done) == ("running", 150)
    assert job.packages.count() == 15
    # A new worker starts; nothing happens until the sweeper has missed the old one.
    request.getfixturevalue("celery_worker_process")
    grow_old(run)
    tasks.requeue_stuck_splits.delay()
    wait_for(lambda: is_ended(job.pk), timeout=60)
    assert_cut(job, 503, 10)


@pytest.mark.worker
@TRANSACTIONAL
def test_what_a_flushed_broker_forgot_is_sent_again(broker: None, request: Any) -> None:
    job, run = waiting_job(big_dataset(503), 10)
    tasks.split_batch.delay(run.pk)
    with app.connection_for_write() as link:
        # The broker's database number is this test run's own.
        link.default_channel.client.flushdb()
    request.getfixturevalue("celery_worker_process")
    assert not is_ended(job.pk)
    grow_old(run)
    tasks.requeue_stuck_splits.delay()
    wait_for(lambda: is_ended(job.pk), timeout=60)
    assert_cut(job, 503, 10)


@pytest.fixture
def people(transactional_db: None) -> list[User]:
    workspace = WorkspaceFactory.create()
    return [member(workspace) for _ in range(2)]


@pytest.fixture
def job(people: list[User]) -> Job:
    workspace = Workspace.objects.get(memberships__user=people[0])
    return make_job(
        items=6,
        size=3,
        workspace=workspace,
        workflow="labeling,check",
        labelers=people,
        checkers=people,
    )


def in_thread(function: Callable[[], Any]) -> tuple[threading.Thread, list[Any]]:
    """Started; the list holds the result or the exception in the end."""
    found: list[Any] = []

    def run() -> None:
        try:
            found.append(function())
        except DatabaseError as exc:
            found.append(exc)
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread, found


@pytest.mark.race
@TRANSACTIONAL
def test_a_claim_whose_connection_breaks_leaves_nothing_half(job: Job, people: list[User]) -> None:
    """The claiming backend is ended while it waits in the middle of the claim."""
    stage = claims._STAGE_NUMBER["labeling"]
    lock = (claims.LOCK | people[0].pk) << 2 | stage
    with psycopg.connect(**_address(), autocommit=True) as other:
        # The claim waits for this lock as it does for a second click of the same person.
        other.execute("SELECT pg_advisory_lock(%s)", [lock])
        thread, found = in_thread(lambda: claim_package(job=job, user=people[0], stage="labeling"))
        waiting = wait_for(lambda: _claiming(other))
        other.execute("SELECT pg_terminate_backend(%s)", [waiting])
        thread.join(timeout=30)
    assert isinstance(found[0], DatabaseError)
    assert not Assignment.objects.filter(job=job).exclude(state="waiting").exists()
    assert not PackageEvent.objects.filter(job=job).exists()
    again = claim_package(job=job, user=people[0], stage="labeling")
    assert again.assignment is not None
    assert not again.already_held
    assert_sound(job)


@pytest.mark.race
@TRANSACTIONAL
def test_a_claim_that_was_not_committed_is_given_to_the_next(job: Job, people: list[User]) -> None:
    """All is written, and the connection breaks before the commit."""
    wait, ready = threading.Event(), threading.Event()

    def claim_and_wait() -> Any:
        with transaction.atomic():
            claimed = claim_package(job=job, user=people[0], stage="labeling")
            pids.append(connection.connection.info.backend_pid)
            ready.set()
            wait.wait(timeout=30)
        return claimed

    pids: list[int] = []
    thread, found = in_thread(claim_and_wait)
    assert ready.wait(timeout=30)
    with psycopg.connect(**_address(), autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [pids[0]])
    wait.set()
    thread.join(timeout=30)
    assert isinstance(found[0], DatabaseError)
    taken = claim_package(job=job, user=people[1], stage="labeling").assignment
    assert taken is not None
    assert taken.package.number == 1
    assert claim_package(job=job, user=people[0], stage="labeling").assignment is not None
    assert PackageEvent.objects.filter(job=job, verb="claim").count() == 2
    assert_sound(job)


RESTARTED = """
import sys
sys.path.insert(0, {root!r})
import django
django.setup()
from django.db import DatabaseError, close_old_connections, transaction
from jobs.models import Assignment, PackageEvent
from jobs.services.claim import claim_package
from tests.factories import WorkspaceFactory, make_job, member
from tests.jobs.history import assert_sound

def tell(*words):
    print(*words, flush=True)
    return sys.stdin.readline()

workspace = WorkspaceFactory.create()
person = member(workspace)
job = make_job(items=4, size=2, workspace=workspace, workflow="labeling", labelers=[person])
try:
    with transaction.atomic():
        claim_package(job=job, user=person, stage="labeling")
        tell("claimed")
except DatabaseError:
    tell("lost")
# As at the beginning of every request and task.
close_old_connections()
assert not Assignment.objects.filter(state="claimed").exists() and not PackageEvent.objects.exists()
claimed = claim_package(job=job, user=person, stage="labeling").assignment
assert_sound(job)
tell("again", claimed.package.number, PackageEvent.objects.count())
"""


@pytest.mark.race
@TRANSACTIONAL
def test_a_database_that_is_killed_and_started_again_in_mid_claim(open_folder: Path) -> None:
    """A server of the test's own with a copy of the test database; it dies with the claim written, not committed."""
    home = open_folder / "home"
    make_home(home)
    server = embedded.Postgres(home, server_account())
    process = embedded.launch(server)
    try:
        server.create_database()
        _copy_database(server.url)
        person = _Claimer(server.url, home)
        assert person.says("claimed")
        end(process, ((signal.SIGQUIT, 10.0),))
        process = embedded.launch(server)
        person.goes_on()
        assert person.says("lost")
        person.goes_on()
        assert person.says("again 1 1")
        person.goes_on()
        assert person.process.wait(timeout=30) == 0
    finally:
        end(process, server.stop_steps)


class _Claimer:
    """A process that claims, and waits for a line after everything that it says."""

    def __init__(self, url: str, home: Path) -> None:
        env = {**os.environ, "DATABASE_URL": url, "ITAG_HOME": str(home)}
        env.pop("ITAG_TEST_LIVE_DB", None)
        self.process = subprocess.Popen(
            [sys.executable, "-c", RESTARTED.format(root=str(ROOT))],
            cwd=ROOT,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def says(self, words: str) -> bool:
        assert self.process.stdout is not None
        line = self.process.stdout.readline().strip()
        return line == words

    def goes_on(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()


def _copy_database(url: str) -> None:
    """Copy the test's database, empty but for what migrations wrote, to the one at the address."""
    values = connection.settings_dict
    source = [
        f"--{name}={values[key]}"
        for name, key in (
            ("host", "HOST"),
            ("port", "PORT"),
            ("username", "USER"),
            ("dbname", "NAME"),
        )
        if values[key]
    ]
    dump = subprocess.run(
        [embedded.client_binary("pg_dump"), "--no-owner", "--no-privileges", *source],
        env={**os.environ, "PGPASSWORD": values["PASSWORD"]},
        check=True,
        stdout=subprocess.PIPE,
    )
    subprocess.run(
        [embedded.client_binary("psql"), "--quiet", "--set=ON_ERROR_STOP=1", url],
        input=dump.stdout,
        stdout=subprocess.DEVNULL,
        check=True,
    )


def _address() -> dict[str, Any]:
    values = connection.settings_dict
    return {
        "host": values["HOST"],
        "port": values["PORT"] or None,
        "user": values["USER"],
        "password": values["PASSWORD"],
        "dbname": values["NAME"],
    }


def _claiming(other: psycopg.Connection[Any]) -> int | None:
    row = other.execute(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%jobs_claim%' "
        "AND wait_event_type = 'Lock'"
    ).fetchone()
    return row[0] if row else None
