"""gunicorn's configuration; `itag up` hands it the listening socket as ITAG_WEB_FD."""

import gc
import os
from typing import Any

from itag.core.deathsig import end_with_parent

wsgi_app = "itag.wsgi:application"
bind = [f"fd://{os.environ['ITAG_WEB_FD']}"]
worker_class = "gthread"
workers = int(os.environ.get("ITAG_WEB_WORKERS") or 2)
threads = int(os.environ.get("ITAG_WEB_THREADS") or 8)
# The application is loaded once and its pages of memory are shared; it opens no connection while it loads.
preload_app = True
timeout = 120
graceful_timeout = 10
keepalive = 5
loglevel = "warning"
# Heartbeats of the workers are file times; a disk may stall.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108
control_socket_disable = True


def when_ready(server: Any) -> None:
    """What is loaded now is never collected, so that its pages stay shared with the workers."""
    gc.collect()
    gc.freeze()


def post_fork(server: Any, worker: Any) -> None:
    """A web worker ends with gunicorn, however that ends."""
    end_with_parent(os.getppid())
