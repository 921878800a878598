"""Packs: many small things in one file, then an index of them; made once, by whoever holds the lock.

Knows nothing of the application: the processes that make them do not either.
"""

import contextlib
import fcntl
import json
import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

_FOOT = struct.Struct("<Q")

Json = dict[str, Any]


class Pack:
    """A pack that is being written; `close` puts the index at its end."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._places: dict[str, tuple[int, int]] = {}
        self._at = 0

    def put(self, key: str, content: bytes) -> None:
        self._file.write(content)
        self._places[key] = (self._at, len(content))
        self._at += len(content)

    def close(self, info: Json) -> None:
        index = {"info": info, "tiles": self._places}
        self._file.write(json.dumps(index, separators=(",", ":")).encode())
        self._file.write(_FOOT.pack(self._at))


def read_index(path: Path) -> Json | None:
    """{"info", "tiles": {key: (start, length)}}; None where there is no pack or a broken one.

    Using a pack keeps it from being removed.
    """
    try:
        with path.open("rb") as pack:
            end = pack.seek(-_FOOT.size, os.SEEK_END)
            (start,) = _FOOT.unpack(pack.read())
            if start > end:
                return None
            pack.seek(start)
            found: Json = json.loads(pack.read(end - start))
        os.utime(path)
    except (OSError, ValueError, struct.error):
        return None
    return found


@contextlib.contextmanager
def claimed(part: Path) -> Iterator[BinaryIO]:
    """The empty file that becomes a whole one, locked: nobody else makes it. Raises BlockingIOError."""
    part.parent.mkdir(mode=0o700, exist_ok=True)
    with part.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        try:
            ours = os.path.samestat(part.stat(), os.fstat(file.fileno()))
        except FileNotFoundError:
            ours = False
        if not ours:  # it became the whole one between the two steps
            raise BlockingIOError
        file.truncate(0)
        yield file
