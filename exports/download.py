"""Sending a finished file: whole or from a place on, never shown in the browser."""

import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from itag.core.errors import ItagError

CHUNK = 256 * 1024
_range = re.compile(r"bytes=(\d{0,18})-(\d{0,18})").fullmatch
#: Downloads hold a thread each for as long as they last; the other half of the threads stays for pages.
_seats = threading.BoundedSemaphore(max(1, settings.ITAG_WEB_THREADS // 2))


class Busy(ItagError):
    """Too many downloads at once."""

    code = "busy"
    status = 503


def send_file(request: HttpRequest, path: Path, *, name: str, etag: str) -> HttpResponseBase:
    """The file as an attachment; answers one `Range` with 206, a range outside the file with 416.

    Raises Busy while half of the threads are sending files.
    """
    size = path.stat().st_size
    start, stop, status = _wanted(request, size, f'"{etag}"')
    headers = {
        "Content-Type": "application/octet-stream",
        "Content-Disposition": content_disposition_header(as_attachment=True, filename=name) or "",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, no-cache",
        "Accept-Ranges": "bytes",
        "ETag": f'"{etag}"',
    }
    if status == 416:
        return HttpResponse(status=416, headers={**headers, "Content-Range": f"bytes */{size}"})
    if status == 206:
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    headers["Content-Length"] = str(stop - start)
    if request.method == "HEAD":
        return HttpResponse(status=status, headers=headers)
    # The response closes the sender also when the reader goes away before the first byte.
    return StreamingHttpResponse(Sender(path, start, stop), status=status, headers=headers)


def _wanted(request: HttpRequest, size: int, etag: str) -> tuple[int, int, int]:
    """(first byte, byte after the last, status) of what is asked for."""
    found = _range(request.headers.get("Range", ""))
    stale = request.headers.get("If-Range", etag) != etag
    if found is None or stale or found.groups() == ("", ""):
        return 0, size, 200
    first, last = found.groups()
    if not first:
        start, stop = max(0, size - int(last)), size
    else:
        start, stop = int(first), min(size, int(last) + 1) if last else size
    return (start, stop, 206) if start < stop else (0, 0, 416)


class Sender:
    """Iterates over a part of a file; takes a seat, and gives it back once, when it is closed. Raises Busy."""

    def __init__(self, path: Path, start: int, stop: int) -> None:
        self._file: BinaryIO = path.open("rb")
        self._file.seek(start)
        if not _seats.acquire(blocking=False):
            self._file.close()
            raise Busy(_("Several downloads are under way; try again in a moment."))
        self._left = stop - start

    def __iter__(self) -> Iterator[bytes]:
        while self._left and (block := self._file.read(min(CHUNK, self._left))):
            self._left -= len(block)
            yield block

    def close(self) -> None:
        """End it; called by the server in every case."""
        if not self._file.closed:
            self._file.close()
            _seats.release()
