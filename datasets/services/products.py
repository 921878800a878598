"""What is made of sounds and videos in the background: peaks, spectrogram, time stamps of frames, a copy to play.

Each is a file in the cache, made at its first use and made again where it is gone: no row promises it. A process of its
own makes it (`datasets.av`), a thread of this one waits for that; the file that it writes is locked, so that of several
web processes one makes it. Short work does not wait for long: coding a video anew has a lane of its own.
"""

import atexit
import json
import logging
import os
import queue
import selectors
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.core.cache import cache

from datasets.av import formats
from datasets.packs import Json, claimed, read_index
from datasets.services import recordings
from datasets.services.helper import command, environment
from datasets.services.paths import UnsafePath, open_file

PEAKS, SPECTRUM, FRAMES, PLAY = "peaks", "spectrum", "frames", "play"
PACKED = (PEAKS, SPECTRUM, FRAMES)
MADE = (*PACKED, PLAY)
#: The ends that a copy's name may have, and what it is sent as.
COPIES = {"mp4": "video/mp4", "m4a": "audio/mp4", "webm": "video/webm"}
#: What failed is tried again after so many seconds.
FAILED_SECONDS = 3600
#: A process that says nothing for so long hangs.
STALL_SECONDS = 300.0
#: Orders that wait in one process; more are asked for again by who wants them.
MOST_WAITING = 100
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Order:
    """One thing to be made of one file: `media` as in Item.media, the file below a root, `base` the result's path without its end."""

    what: str
    media: Json
    root: Path
    path: str
    base: Path
    made: Callable[[], object]

    def done(self) -> Path | None:
        """The result's path, where it is there; using it keeps it from being removed."""
        ends = tuple(COPIES) if self.what == PLAY else (self.what,)
        for end in ends:
            path = self.base.with_name(f"{self.base.name}.{end}")
            try:
                os.utime(path)
            except FileNotFoundError:  # not made yet, or removed just now
                continue
            return path
        return None

    @property
    def failed(self) -> Path:
        return self.base.with_name(f"{self.base.name}.failed")

    @property
    def key(self) -> str:
        """Where in the cache stands how far it is."""
        return f"media-made:{self.base.name}"

    @property
    def is_long(self) -> bool:
        return self.what == PLAY and self.media["type"] == "video" and not self.media.get("wrap")


def state_of(order: Order) -> Json:
    """{"state": "ready", …}, {"state": "making", "done"} or {"state": "failed", "message"}; asking begins the work."""
    if (path := order.done()) is not None:
        if order.what == PLAY:
            return {"state": "ready"}
        if (index := read_index(path)) is not None:
            return {"state": "ready", **index["info"]}
        path.unlink(missing_ok=True)
    try:
        age = time.time() - order.failed.stat().st_mtime
        if age < FAILED_SECONDS:
            return {"state": "failed", "message": recordings.problem_text(order.failed.read_text())}
    except OSError:  # it did not fail
        pass
    (_long if order.is_long else _short).put(order)
    return {"state": "making", "done": cache.get(order.key) or 0}


def chunk_of(order: Order, key: str) -> bytes | None:
    """A chunk of what is ready, None where there is none of this key."""
    path = order.done()
    index = read_index(path) if path is not None else None
    if path is None or index is None or key not in index["tiles"]:
        return None
    start, size = index["tiles"][key]
    try:
        with path.open("rb") as pack:
            pack.seek(start)
            return pack.read(size)
    except FileNotFoundError:  # removed since its index was read
        return None


# --- making ---------------------------------------------------------------------------------------------------------


class _Lane:
    """Orders one after the other, in a thread of this process that is begun at need."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._begin()

    def _begin(self) -> None:
        self._owner = os.getpid()
        self._orders: queue.SimpleQueue[Order] = queue.SimpleQueue()
        self._known: set[Path] = set()
        self._thread: threading.Thread | None = None

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being made and nothing waits."""
        return not self._known

    def put(self, order: Order) -> None:
        with self._lock:
            if self._owner != os.getpid():  # forked: the thread is not here
                self._begin()
            if self._thread is None or not self._thread.is_alive():
                # What one that ended by an error had before it is asked for again.
                self._orders, self._known = queue.SimpleQueue(), set()
                self._thread = threading.Thread(target=self._work, daemon=True)
                self._thread.start()
            if order.base not in self._known and len(self._known) < MOST_WAITING:
                self._known.add(order.base)
                self._orders.put(order)

    def _work(self) -> None:
        while True:
            order = self._orders.get()
            try:
                _make(order)
            except OSError as exc:
                _log.warning("No %s of %s: %s", order.what, order.base.name, exc)
            finally:
                with self._lock:
                    self._known.discard(order.base)


_short, _long = _Lane(), _Lane()


def _make(order: Order) -> None:
    part = order.base.with_name(f"{order.base.name}.part")
    try:
        with claimed(part):
            if order.done() is not None:
                part.unlink()
                return
            try:
                found = _helped(order, part)
                if "error" in found:
                    order.failed.write_text(found["error"])
                    return
                end = found["form"] if order.what == PLAY else order.what
                part.replace(order.base.with_name(f"{order.base.name}.{end}"))
            finally:
                part.unlink(missing_ok=True)
                cache.delete(order.key)
    except BlockingIOError:  # another process makes it
        return
    order.made()


def _helped(order: Order, part: Path) -> Json:
    """What the process answers: {"error": reason}, or of a copy {"form"}."""
    try:
        file = open_file(order.root, order.path)
    except UnsafePath as exc:
        raise OSError(str(exc)) from exc
    with file:
        if formats.sniff(file) != order.media["format"]:
            return {"error": "broken"}
        request = {
            "file": file.fileno(),
            "what": order.what,
            "form": order.media["format"],
            "kind": order.media["type"],
            "start": order.media.get("start", 0.0),
            "duration": order.media["duration"],
            "width": order.media.get("width"),
            "height": order.media.get("height"),
            "most": settings.MEDIA_CACHE_BYTES // 2,
            "out": str(part),
        }
        return _followed(file, request, order.key)


def _followed(file: BinaryIO, request: Json, key: str) -> Json:
    with tempfile.TemporaryFile() as complaints:
        found = _worked(file, request, key, complaints)
        if found is None:
            # It fell over without a word of its own: what Python or the system said last tells why.
            complaints.seek(max(0, complaints.seek(0, os.SEEK_END) - 1000))
            last = complaints.read().decode(errors="replace")
            _log.warning("Making %s fell over: %s", request["what"], last or "no message")
            return {"error": "broken"}
        return found


def _worked(file: BinaryIO, request: Json, key: str, complaints: BinaryIO) -> Json | None:
    """The last word of the process, None where it had none."""
    process = subprocess.Popen(
        command(recordings.SCRIPT, "make"),
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=complaints,
        pass_fds=[file.fileno()],
    )
    _running.add(process)
    try:
        with process:
            if process.stdin is None or process.stdout is None:
                raise ValueError("pipes were asked for")
            process.stdin.write(json.dumps(request).encode() + b"\n")
            process.stdin.close()
            try:
                for said in _said(process.stdout.fileno()):
                    if "done" in said:
                        cache.set(key, said["done"], 60)
                    else:
                        return dict(said["ready"]) if "ready" in said else {"error": said["error"]}
            except TimeoutError:
                return {"error": "slow"}
            finally:
                process.kill()
    except BrokenPipeError:  # it ended before it had read what to do
        pass
    finally:
        _running.discard(process)
    return None


def _said(handle: int) -> Any:
    """The lines that come from the process, decoded. Raises TimeoutError when it is silent for too long."""
    rest = b""
    # Not select.select: it knows no handle above 1,023.
    with selectors.DefaultSelector() as selector:
        selector.register(handle, selectors.EVENT_READ)
        while True:
            if not selector.select(STALL_SECONDS):
                raise TimeoutError
            read = os.read(handle, 65_536)
            if not read:
                return
            *lines, rest = (rest + read).split(b"\n")
            for line in lines:
                yield json.loads(line)


_running: set[subprocess.Popen[bytes]] = set()


@atexit.register
def _end() -> None:
    """What is being made ends with this process, and is begun again by the next one that is asked."""
    for process in list(_running):
        process.kill()
