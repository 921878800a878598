"""Fixtures for all tests: people, API clients, threads, a real worker process, a real browser."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import pytest_timeout
from django.conf import settings
from django.core.cache import cache
from django.db import connection, connections, transaction
from rest_framework.test import APIClient

from accounts.models import Heartbeat, User, Workspace
from tests.browser import browser, sign_in
from tests.factories import PASSWORD, WorkspaceFactory, member
from tests.receiver import receiver

ROOT = Path(__file__).resolve().parent.parent
BROWSER_OFF = os.environ.get("BROWSER", "1") == "0"


#: What works beside other processes is tried once more when it fails, and listed as RERUN: docs/adr/0018.
BESIDE_OTHERS = ("browser", "worker", "race")
#: Seconds that only a test which takes long is allowed.
LONG = 240


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """`BROWSER=0` leaves the browser tests out, counted as skipped."""
    for item in items:
        if item.get_closest_marker("browser") and BROWSER_OFF:
            item.add_marker(pytest.mark.skip(reason="BROWSER=0"))
        if any(map(item.get_closest_marker, BESIDE_OTHERS)):
            item.add_marker(pytest.mark.flaky(reruns=1))
    # What takes a minute comes first, so that at the end no worker is alone with one. Those have more time than others.
    items.sort(key=_time_allowed, reverse=True)


def _time_allowed(item: pytest.Item) -> int:
    marker = item.get_closest_marker("timeout")
    seconds = int(marker.args[0]) if marker else 0
    return seconds if seconds > LONG else 0


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """A second try has the time of a first one: pytest-timeout stops its clock at a failure and starts no other."""
    if getattr(item, "execution_count", 1) > 1:
        settings = pytest_timeout._get_item_settings(item)
        item.config.hook.pytest_timeout_set_timer(item=item, settings=settings)


def pytest_configure(config: pytest.Config) -> None:
    # How long an example takes says something about the machine's other work, nothing about the code.
    hypothesis.settings.register_profile("itag", deadline=None)
    hypothesis.settings.load_profile("itag")
    # Playwright's synchronous API runs an event loop in this thread; Django's ORM is used beside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    _flush_survives_latecomers()


#: What `migrate` made and no test changes: emptied, it would be made anew after every test.
KEPT_TABLES = {"django_content_type", "auth_permission", "django_migrations"}
#: Above so many rows of a table, truncating is faster than deleting.
FEW_ROWS = 300


def _flush_survives_latecomers() -> None:
    """Emptying the database after a test that committed: fast where there is little in it, and once more if need be.

    A thread of the test that still asks the database may deadlock with the flush after it.
    """
    from django.core.management.base import CommandError
    from django.core.management.commands.flush import Command

    flush = Command.handle

    def handle(self: Command, **options: Any) -> None:
        if not options["reset_sequences"] and _delete_the_few():
            return None
        for _attempt in range(4):
            try:
                return flush(self, **options)
            except CommandError:
                time.sleep(0.5)
        return flush(self, **options)

    Command.handle = handle  # type: ignore[method-assign]


def _delete_the_few() -> bool:
    """Empty the tables by deleting, and leave what follows every migrate; False where there is too much in them.

    Truncating takes a new file for every table and index, a second after each test; foreign keys are deferrable, so
    the order of deletions does not matter.
    """
    from templates_app.services import install_builtin

    names = [
        name
        for name in connection.introspection.django_table_names(
            only_existing=True, include_views=False
        )
        if name not in KEPT_TABLES
    ]
    counts = " UNION ALL ".join(
        f"SELECT '{name}', (SELECT count(*) FROM (SELECT FROM \"{name}\" LIMIT {FEW_ROWS + 1}) few)"
        for name in names
    )
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(counts)
        filled = {name: count for name, count in cursor.fetchall() if count}
        if any(count > FEW_ROWS for count in filled.values()):
            return False
        for name in filled:
            cursor.execute(f'DELETE FROM "{name}"')
    install_builtin()
    return True


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, settings: Any) -> None:
    """Every test has folders of its own."""
    settings.FILES_ROOT = tmp_path / "files"
    settings.EXPORTS_ROOT = tmp_path / "exports"
    settings.ITAG_HOME = tmp_path


@pytest.fixture(autouse=True)
def _cache() -> Iterator[None]:
    yield
    cache.clear()


@pytest.fixture
def workspace(db: None) -> Workspace:
    return WorkspaceFactory()


@pytest.fixture
def admin_user(workspace: Workspace) -> User:
    """The workspace's administrator (not a superuser)."""
    return member(workspace, "admin", username="alice")


@pytest.fixture
def leader(workspace: Workspace) -> User:
    return member(workspace, "leader", username="lena")


@pytest.fixture
def labeler(workspace: Workspace) -> User:
    return member(workspace, username="lars")


@pytest.fixture
def labeler2(workspace: Workspace) -> User:
    return member(workspace, username="lotte")


@pytest.fixture
def checker(workspace: Workspace) -> User:
    return member(workspace, username="chen")


@pytest.fixture
def accepter(workspace: Workspace) -> User:
    return member(workspace, username="anna")


@pytest.fixture
def stranger(db: None) -> User:
    """Somebody of another workspace."""
    return member(WorkspaceFactory(), "admin", username="steve")


@pytest.fixture
def api() -> Callable[[User | None], APIClient]:
    """`api(user)` is a client signed in as the user; `api(None)` is nobody."""

    def build(user: User | None = None) -> APIClient:
        client = APIClient()
        if user is not None:
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return build


@pytest.fixture
def at_once() -> Callable[..., list[Any]]:
    """`at_once(f, g, …)` runs the functions in threads that start together; answers their results or exceptions."""

    def run(*functions: Callable[[], Any]) -> list[Any]:
        barrier = threading.Barrier(len(functions))

        def one(function: Callable[[], Any]) -> Any:
            try:
                barrier.wait(timeout=30)
                return function()
            except Exception as exc:  # noqa: BLE001  the exception is the result that the test looks at
                return exc
            finally:
                connections.close_all()

        with ThreadPoolExecutor(len(functions)) as pool:
            return list(pool.map(one, functions))

    return run


@pytest.fixture
def celery_worker_process(
    transactional_db: None, tmp_path: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """A real Celery worker on the test's database and broker; ready when it answers."""
    from itag.celery import app

    log = tmp_path / "worker.log"
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "ITAG_TEST_LIVE_DB": str(connection.settings_dict["NAME"]),
        "ITAG_HOME": str(settings.ITAG_HOME),
        "ITAG_TEST_FOLDERS": str(tmp_path),
    }
    with app.connection_for_write() as broker:
        broker.ensure_connection(max_retries=3)
        for queue in ("default", "import", "split", "export"):
            with broker.SimpleQueue(queue) as waiting:
                waiting.clear()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "celery",
                "-A",
                "itag.celery",
                "worker",
                "--pool",
                "solo",
                "-Q",
                "default,import,split,export",
                "--without-gossip",
                "--without-mingle",
                "-n",
                f"test-{os.getpid()}@%h",
                "-l",
                "INFO",
            ],
            cwd=ROOT,
            env=env,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            deadline = time.monotonic() + 60
            # The worker's first sign of life is written when it is ready.
            while not Heartbeat.objects.filter(name="worker").exists():
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(log.read_text(errors="replace"))
                time.sleep(0.1)
            yield process
        finally:
            process.terminate()
            process.wait(timeout=60)  # what it is at is brought to its end


def wait_for(condition: Callable[[], Any], timeout: float = 30) -> Any:
    """Poll until the condition is truthy and return it."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(0.05)
    raise AssertionError(f"not within {timeout} s")


__all__ = ["PASSWORD", "browser", "receiver", "sign_in", "wait_for"]
