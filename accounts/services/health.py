"""Signs of life: who writes them and what /healthz makes of them."""

from datetime import timedelta

import psycopg
import redis
from django.conf import settings
from django.db import DatabaseError, connection

from accounts.models import Heartbeat
from itag.core.clock import now

# A worker and beat write every 5 seconds; three missed ones mean that something is wrong.
FRESH = timedelta(seconds=20)
# A sign of execution may be late behind other work in the queue.
EXECUTED = timedelta(seconds=60)

_UPSERT = """
    INSERT INTO accounts_heartbeat (name, seen_at) SELECT name, clock_timestamp() FROM unnest(%s::text[]) AS name
    ON CONFLICT (name) DO UPDATE SET seen_at = excluded.seen_at
"""


def beat(name: str) -> None:
    """Note that the process of this name is alive now."""
    Heartbeat.objects.bulk_create(
        [Heartbeat(name=name, seen_at=now())],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["seen_at"],
    )


def beat_apart(*names: str) -> None:
    """The same over a connection that is closed at once, for processes that fork others."""
    params = connection.get_connection_params()
    params.pop("cursor_factory")
    params.pop("context", None)
    with psycopg.connect(**{"connect_timeout": 3, **params}, autocommit=True) as apart:
        apart.execute(_UPSERT, [list(names)])


def alive() -> dict[str, bool]:
    """Which of database, broker, worker and beat are alive.

    "worker" says that a worker process is up and that work is really executed: a sign from its pool within the last
    minute, or work in hand. "beat" says that the one process that holds the schedule is up.
    """
    result = dict.fromkeys(("database", "broker", "worker", "beat"), False)
    result["broker"] = _broker()
    try:
        seen = dict(Heartbeat.objects.values_list("name", "seen_at"))
    except DatabaseError:
        return result
    result["database"] = True
    present = now()

    def since(name: str, limit: timedelta) -> bool:
        return name in seen and present - seen[name] <= limit

    result["worker"] = since("worker", FRESH) and (since("task", EXECUTED) or since("busy", FRESH))
    result["beat"] = since("beat", FRESH)
    return result


def _broker() -> bool:
    client = redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2, retry=None
    )
    try:
        return bool(client.ping())
    except (redis.RedisError, OSError):
        return False
    finally:
        client.close()
