"""The Celery application; every task is an address: an id in, one service call, safe to deliver twice."""

import gc
import os
import warnings
from typing import Any

from celery import Celery, bootsteps
from celery.exceptions import SecurityWarning
from celery.signals import (
    setup_logging,
    worker_before_create_process,
    worker_process_init,
    worker_ready,
)

from itag.paths import add_apps

add_apps()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "itag.settings")

# Under root the worker runs as root like the rest of itag; messages are JSON and cannot carry code.
warnings.filterwarnings("ignore", category=SecurityWarning)

app = Celery("itag")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

PULSE_SECONDS = 5.0


class Pulse(bootsteps.StartStopStep):
    """Writes the worker's sign of life from its event loop, and whether it has work in hand."""

    requires = {"celery.worker.components:Timer", "celery.worker.components:Pool"}

    def __init__(self, parent: Any, **kwargs: Any) -> None:
        super().__init__(parent, **kwargs)
        self.entry: Any = None

    def start(self, parent: Any) -> None:
        self.entry = parent.timer.call_repeatedly(PULSE_SECONDS, self.beat)

    def stop(self, parent: Any) -> None:
        if self.entry is not None:
            self.entry.cancel()
            self.entry = None

    @staticmethod
    def beat() -> None:
        import structlog
        from celery.worker import state
        from psycopg import Error

        from accounts.services.health import beat_apart

        try:
            beat_apart("worker", *(["busy"] if state.active_requests else []))
        except Error as exc:
            structlog.get_logger("itag.worker").warning("no heartbeat", reason=str(exc).strip())


app.steps["worker"].add(Pulse)


@setup_logging.connect
def keep_logging(**kwargs: Any) -> None:
    """The settings have configured the log; a receiver here keeps Celery from doing it again."""


@worker_ready.connect
def prove_at_once(**kwargs: Any) -> None:
    """A worker that has just started is known to work without waiting for beat."""
    from accounts.tasks import beat_heartbeat

    Pulse.beat()
    beat_heartbeat.apply_async(expires=30)


@worker_before_create_process.connect
def share_memory(**kwargs: Any) -> None:
    """What is loaded now is never collected, so that its pages stay shared with the pool's processes."""
    gc.collect()
    gc.freeze()


@worker_process_init.connect
def end_with_worker(**kwargs: Any) -> None:
    """A pool process does not outlive its worker, however that ends."""
    from itag.core.deathsig import end_with_parent

    end_with_parent(os.getppid())
