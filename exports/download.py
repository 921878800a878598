"""Sending a finished file: whole or from a place on, never shown in the browser.

With ITAG_ACCEL=nginx the bytes leave through nginx, beside the locations that datasets.views.media names:

    location /_itag/exports/ { internal; alias ITAG_HOME/exports/; disable_symlinks on from=$document_root; }
"""

import threading
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.translation import gettext as _

from exports.models import Export
from exports.services import locate
from itag.core.errors import ItagError
from itag.web.files import Unsatisfiable, parse_range, tame

CHUNK = 256 * 1024
#: What the file is to a browser: something to save.
CONTENT_TYPE = "application/octet-stream"


class Busy(ItagError):
    """Too many downloads at once."""

    code = "busy"
    status = 503


@cache
def _seats() -> threading.BoundedSemaphore:
    """A download holds a thread as long as it lasts; half of the threads stay for everything else."""
    return threading.BoundedSemaphore(max(1, settings.ITAG_WEB_THREADS // 2))


def send_export(request: HttpRequest, export: Export) -> HttpResponseBase:
    """The file as an attachment; one `Range` is answered with 206 to its very end, so that a download resumes.

    Raises NotFound where the file is gone, Busy while half of the threads are sending files.
    """
    path = locate(export)
    name, etag = export.file_name, f'"{export.digest}"'
    size = path.stat().st_size
    if settings.ITAG_ACCEL == "nginx":
        response: HttpResponseBase = HttpResponse()
        response.headers["X-Accel-Redirect"] = f"/_itag/exports/{quote(export.file)}"
        return tame(response, CONTENT_TYPE, "private, no-cache", name)
    asked = request.headers.get("Range", "")
    if request.headers.get("If-Range", etag) != etag:
        asked = ""
    try:
        span = parse_range(asked, size, limit=max(size, 1))
    except Unsatisfiable:
        response = HttpResponse(status=416)
        response.headers["Content-Range"] = f"bytes */{size}"
        return tame(response, CONTENT_TYPE, "no-store")
    start, end = span or (0, size)
    # Django closes the sender with the response, also when the reader goes away before the first byte.
    response = StreamingHttpResponse(Sender(path, start, end), status=206 if span else 200)
    if span:
        response.headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    response.headers["Content-Length"] = str(end - start)
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["ETag"] = etag
    return tame(response, CONTENT_TYPE, "private, no-cache", name)


class Sender:
    """The bytes of a part of a file; takes a seat, and gives it back once, when it is closed. Raises Busy."""

    def __init__(self, path: Path, start: int, end: int) -> None:
        self._file: BinaryIO = path.open("rb")
        self._file.seek(start)
        self._left = end - start
        if not _seats().acquire(blocking=False):
            self._file.close()
            raise Busy(_("Several downloads are under way; try again in a moment."))

    def __iter__(self) -> Iterator[bytes]:
        while self._left and (block := self._file.read(min(CHUNK, self._left))):
            self._left -= len(block)
            yield block

    def close(self) -> None:
        """End it; called by the server in every case."""
        if not self._file.closed:
            self._file.close()
            _seats().release()

    # A response that nobody closed gives its seat back with its memory.
    __del__ = close
