"""`python -m itag.beat`: Celery's schedule, sent only while the database's advisory lock is held.

Many may run, one sends. Not `celery beat`: that loads every app to send a handful of names, at 70 MB more.
"""

import os
import signal
import time
from typing import Any

import psycopg
import structlog
from celery import Celery
from celery.beat import Scheduler
from django.conf import settings
from psycopg.conninfo import make_conninfo

LOCK = 0x17A6_0001  # any number, as long as nothing else of itag takes it
RETRY_SECONDS = 3.0

log = structlog.get_logger("itag.beat")


def conninfo() -> str:
    """The database of the settings as libpq takes it, without loading any app."""
    database = settings.DATABASES["default"]
    names = {
        "dbname": "NAME",
        "user": "USER",
        "password": "PASSWORD",
        "host": "HOST",
        "port": "PORT",
    }
    parts = {name: database[key] for name, key in names.items() if database.get(key)}
    options = {name: value for name, value in database["OPTIONS"].items() if name != "pool"}
    return make_conninfo(**parts, **options)


class LockedScheduler(Scheduler):
    """The schedule of the settings, kept in memory. The lock lives as long as its connection.

    Every tick writes the sign of life of beat over that connection, so a lost connection is noticed within seconds.
    """

    max_interval = 5.0

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._held: psycopg.Connection[Any] | None = None
        super().__init__(*args, **kwargs)

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Seconds until the next call."""
        try:
            if not self._is_leader():
                return RETRY_SECONDS
        except psycopg.Error as exc:
            log.warning("no database", reason=str(exc).strip().split("\n")[0])
            self._let_go()
            return RETRY_SECONDS
        return min(super().tick(*args, **kwargs), self.max_interval)

    def close(self) -> None:
        self._let_go()
        super().close()

    def _is_leader(self) -> bool:
        if self._held is None:
            fresh = psycopg.connect(conninfo(), connect_timeout=3, autocommit=True)
            row = fresh.execute("SELECT pg_try_advisory_lock(%s)", [LOCK]).fetchone()
            if not row or not row[0]:
                fresh.close()
                return False
            self._held = fresh
        self._held.execute(
            "INSERT INTO accounts_heartbeat (name, seen_at) VALUES ('beat', clock_timestamp()) "
            "ON CONFLICT (name) DO UPDATE SET seen_at = excluded.seen_at"
        )
        return True

    def _let_go(self) -> None:
        if self._held is not None:
            self._held.close()
            self._held = None


def main() -> None:
    """Send what is due until SIGTERM or SIGINT."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "itag.settings")
    app = Celery("itag", fixups=[])
    app.config_from_object("django.conf:settings", namespace="CELERY")
    stop = False

    def on_signal(*args: Any) -> None:
        nonlocal stop
        stop = True

    for how in (signal.SIGTERM, signal.SIGINT):
        signal.signal(how, on_signal)
    scheduler = LockedScheduler(app)
    while not stop:
        until = time.monotonic() + scheduler.tick()
        while not stop and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, 0.5))
    scheduler.close()


if __name__ == "__main__":
    main()
