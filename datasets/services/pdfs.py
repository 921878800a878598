"""PDFs: how many pages a file has and of what size, and a picture of its first page.

PDFium opens files that strangers wrote, in a process of its own: a file that hangs it, crashes it or asks for all the
memory is refused, and nothing else happens.
"""

import atexit
import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from datasets.services.images import MAX_FILE_BYTES, THUMBNAIL_PIXELS, Busy

SUFFIX = ".pdf"
CONTENT_TYPE = "application/pdf"
#: Readers look for the mark of a PDF this far into the file.
HEAD = 1024
MAX_PAGES = 5_000
#: The longest and the shortest side of a page, in points.
MAX_SIDE, MIN_SIDE = 20_000, 1
#: Seconds for one file.
PATIENCE = 20.0
#: Files after which a fresh process takes over.
FILES = 500
#: What the process needs of the environment to begin.
_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "LANG", "TMPDIR")
_HELPER = Path(__file__).with_name("pdf_helper.py")


class NotAPdf(ValueError):
    """The file is no PDF that can be shown; the message says why."""


@dataclass(frozen=True)
class Document:
    """`sizes`: runs of pages of one size, [[width, height, how many], …], in points, upright."""

    pages: int
    sizes: list[list[float]]


def sniff(head: bytes) -> bool:
    """Whether a file that begins so, HEAD bytes of it, says that it is a PDF."""
    return b"%PDF-" in head[:HEAD]


def look_at(file: BinaryIO, size: int) -> Document:
    """The pages of the PDF in the file. Raises NotAPdf."""
    if size == 0:
        raise NotAPdf(_("The file is empty."))
    if size > MAX_FILE_BYTES:
        raise NotAPdf(_("The file is larger than %(n)d MB.") % {"n": MAX_FILE_BYTES >> 20})
    if not sniff(file.read(HEAD)):
        raise NotAPdf(_("Not a PDF."))
    found = json.loads(_helper.ask(file, {"what": "sizes", "most": MAX_PAGES}))
    _refuse(found)
    for width, height, _count in found["sizes"]:
        if not (min(width, height) >= MIN_SIDE and max(width, height) <= MAX_SIDE):
            raise NotAPdf(
                _("A page measures %(size)s points; at most %(most)s are shown.")
                % {"size": f"{width:g} × {height:g}", "most": MAX_SIDE}
            )
    return Document(found["pages"], found["sizes"])


def thumbnail(file: BinaryIO, size: int = THUMBNAIL_PIXELS) -> bytes:
    """The first page as a WebP of at most size × size pixels. Raises NotAPdf or Busy."""
    answer = _helper.ask(file, {"what": "thumbnail", "pixels": size}, patience=5)
    if answer.startswith(b"{"):
        _refuse(json.loads(answer))
    return answer


def _refuse(found: dict[str, Any]) -> None:
    problem = found.get("error")
    if problem == "password":
        raise NotAPdf(_("The PDF is locked by a password; save it without one."))
    if problem == "pages":
        raise NotAPdf(
            _("The PDF has %(n)d pages; at most %(most)d are read.")
            % {"n": found["pages"], "most": MAX_PAGES}
        )
    if problem:
        raise NotAPdf(_broken())


def _broken() -> str:
    return _("The PDF is broken and cannot be opened.")


class _Helper:
    """The process that opens PDFs, made at need and used for many files, one at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: socket.socket | None = None
        self._owner = 0
        self._left = 0

    def ask(self, file: BinaryIO, request: dict[str, Any], *, patience: float = -1) -> bytes:
        """The answer. Raises NotAPdf where there is none, Busy after `patience` seconds of waiting for others."""
        if not self._lock.acquire(timeout=patience):
            raise Busy
        try:
            file.seek(0)
            fresh = not self._awake()
            if fresh:
                self._start()
            answer = self._try(file, request)
            if answer is None and not fresh:
                # It may have gone to sleep just now: that is not the file's fault.
                self._start()
                answer = self._try(file, request)
            if answer is None:
                raise NotAPdf(_broken())
            return answer
        finally:
            self._lock.release()

    def close(self) -> None:
        """End the process."""
        if self._channel is not None:
            self._channel.close()
        if self._process is not None and self._owner == os.getpid():
            self._process.kill()
            self._process.wait()
        self._process = self._channel = None

    def _awake(self) -> bool:
        """Whether there is a process of our own that may go on."""
        mine = self._owner == os.getpid() and self._left > 0
        return mine and self._process is not None and self._process.poll() is None

    def _start(self) -> None:
        self.close()
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-I", str(_HELPER)],
                # Nothing of ours: keys and passwords of the application stand in its environment.
                env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        ours.settimeout(PATIENCE)
        self._channel, self._owner, self._left = ours, os.getpid(), FILES

    def _try(self, file: BinaryIO, request: dict[str, Any]) -> bytes | None:
        """The answer, or None where the process fell over the file or was ended for being slow."""
        channel = self._channel
        if channel is None:
            return None
        self._left -= 1
        try:
            socket.send_fds(channel, [json.dumps(request).encode()], [file.fileno()])
            length = int(_exactly(channel, 8))
            return _exactly(channel, length)
        except TimeoutError as exc:
            self.close()
            raise NotAPdf(_("Opening the PDF takes too long.")) from exc
        except (OSError, EOFError, ValueError):
            self.close()
            return None


def _exactly(channel: socket.socket, length: int) -> bytes:
    found = bytearray()
    while len(found) < length:
        part = channel.recv(min(length - len(found), 2**16))
        if not part:
            raise EOFError
        found += part
    return bytes(found)


_helper = _Helper()


@atexit.register
def _end() -> None:
    with contextlib.suppress(OSError):
        _helper.close()
