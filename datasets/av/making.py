"""One thing made of one file: the request is a line on standard input, how far it is are lines on standard output."""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from datasets.av.__main__ import limit
from datasets.av.opening import BROKEN, Unreadable
from datasets.packs import Pack

#: Seconds between two words of how far it is.
EVERY = 0.5
#: What it takes from the processors: only what nobody else wants.
NICE = 10


class _Progress:
    """Tells from time to time; who listened and is gone ends the work, by the broken pipe."""

    def __init__(self) -> None:
        self._next = 0.0

    def __call__(self, done: float) -> None:
        moment = time.monotonic()
        if moment >= self._next:
            self._next = moment + EVERY
            _say({"done": round(min(0.999, max(0.0, done)), 3)})


def _say(what: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def make() -> None:
    """Do what is asked for."""
    request = json.loads(sys.stdin.readline())
    what = request["what"]
    # Coding pictures is the one thing that takes more than a thread.
    limit(file_bytes=request["most"], threads=what == "play")
    os.nice(NICE)
    try:
        os.lseek(request["file"], 0, os.SEEK_SET)
        with os.fdopen(request["file"], "rb") as file:
            found = _made(what, file, request)
        _say({"ready": found})
    except Unreadable as exc:
        _say({"error": exc.reason})
    except BROKEN as exc:
        if isinstance(exc, BrokenPipeError):
            raise
        _say({"error": "broken"})


def _made(what: str, file: Any, request: dict[str, Any]) -> dict[str, Any]:
    progress = _Progress()
    progress(0)
    if what == "play":
        from datasets.av.copying import make_copy

        return make_copy(file, request, request["out"], progress)
    if what == "peaks":
        from datasets.av.peaks import make_peaks as maker
    elif what == "spectrum":
        from datasets.av.spectrum import make_spectrum as maker
    else:
        from datasets.av.frames import make_frames as maker
    with Path(request["out"]).open("wb") as output:
        pack = Pack(output)
        pack.close(maker(file, request, pack, progress))
    return {}
