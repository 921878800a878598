"""Signs of life and /healthz."""

from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.test import Client

from accounts.models import Heartbeat
from accounts.services import health
from accounts.tasks import beat_heartbeat, clear_sessions
from itag.core.clock import now

pytestmark = [pytest.mark.django_db, pytest.mark.enable_socket]


def seen(**ages: float) -> None:
    """Heartbeats that are so many seconds old."""
    Heartbeat.objects.all().delete()
    Heartbeat.objects.bulk_create(
        Heartbeat(name=name, seen_at=now() - timedelta(seconds=age)) for name, age in ages.items()
    )


@pytest.mark.parametrize(
    ("ages", "worker", "beat"),
    [
        ({}, False, False),
        ({"worker": 5, "task": 5, "beat": 5}, True, True),
        # The process is there, but nothing is executed.
        ({"worker": 5, "beat": 5}, False, True),
        ({"worker": 5, "task": 90, "beat": 5}, False, True),
        # A long piece of work in hand explains why beat's task waits.
        ({"worker": 5, "task": 90, "busy": 5, "beat": 5}, True, True),
        ({"worker": 60, "task": 50, "beat": 60}, False, False),
    ],
)
def test_who_is_alive(ages: dict[str, float], worker: bool, beat: bool) -> None:
    seen(**ages)
    assert health.alive() == {"database": True, "broker": True, "worker": worker, "beat": beat}


def test_the_page_says_which_is_not(settings: Any) -> None:
    seen(worker=1, task=1, beat=1)
    answer = Client().get("/healthz")
    assert (answer.status_code, answer.json()["ok"]) == (200, True)
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    answer = Client().get("/healthz")
    assert answer.status_code == 503
    assert answer.json() == {
        "ok": False, "database": True, "broker": False, "worker": True, "beat": True,
    }  # fmt: skip


def test_without_a_database_nothing_else_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import OperationalError

    def fail(*args: Any) -> None:
        raise OperationalError("no connection")

    monkeypatch.setattr(type(Heartbeat.objects.all()), "values_list", fail)
    assert health.alive() == {"database": False, "broker": True, "worker": False, "beat": False}


def test_a_heartbeat_is_one_row() -> None:
    for _ in range(2):
        beat_heartbeat()
    assert list(Heartbeat.objects.values_list("name", flat=True)) == ["task"]


@pytest.mark.django_db(transaction=True)
def test_a_heartbeat_apart_uses_a_connection_of_its_own() -> None:
    health.beat_apart("worker", "busy")
    health.beat_apart("worker")
    assert set(Heartbeat.objects.values_list("name", flat=True)) == {"worker", "busy"}


def test_old_sessions_are_cleared() -> None:
    from django.contrib.sessions.models import Session

    Session.objects.create(
        session_key="old", session_data="", expire_date=now() - timedelta(days=1)
    )
    Session.objects.create(
        session_key="new", session_data="", expire_date=now() + timedelta(days=1)
    )
    clear_sessions()
    assert [session.session_key for session in Session.objects.all()] == ["new"]


@pytest.mark.django_db(transaction=True)
def test_only_one_beat_sends() -> None:
    from celery import Celery

    from itag.beat import RETRY_SECONDS, LockedScheduler

    def scheduler() -> LockedScheduler:
        app = Celery("test", fixups=[], broker="memory://", set_as_current=False)
        app.conf.beat_schedule = {"x": {"task": "x", "schedule": 60}}
        return LockedScheduler(app)

    first, second = scheduler(), scheduler()
    try:
        assert first.tick() >= 0
        assert Heartbeat.objects.filter(name="beat").exists()
        assert second.tick() == RETRY_SECONDS
        assert second._heap is None  # it has not even looked at the schedule
        # The first one's connection breaks: its lock is free at once, and it asks anew.
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid()"
                " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            )
        assert first.tick() == RETRY_SECONDS
        assert second.tick() >= 0
        assert first.tick() == RETRY_SECONDS
    finally:
        first.close()
        second.close()


def test_beat_survives_a_missing_database(monkeypatch: pytest.MonkeyPatch) -> None:
    from celery import Celery

    from itag import beat

    def refuse(*args: Any, **kwargs: Any) -> None:
        raise psycopg.OperationalError("connection refused")

    monkeypatch.setattr(beat.psycopg, "connect", refuse)
    scheduler = beat.LockedScheduler(
        Celery("test", fixups=[], broker="memory://", set_as_current=False)
    )
    assert scheduler.tick() == beat.RETRY_SECONDS
