"""Answering with a file: parts of it (206), "you have it already" (304), or all of it, with headers that keep it tame."""

import re
from collections.abc import Callable
from typing import BinaryIO

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.http import content_disposition_header, parse_etags

#: The most that one answer to a Range request holds.
MAX_RANGE = 2 * 2**20
_RANGE = re.compile(r"^bytes=([0-9]{0,18})-([0-9]{0,18})$")
#: A file never runs as a page of ours, whatever is in it.
_SANDBOX = (
    "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox"
)


class Unsatisfiable(ValueError):
    """The range begins behind the end of the file."""


def parse_range(header: str, size: int, *, limit: int = MAX_RANGE) -> tuple[int, int] | None:
    """The first byte and the one behind the last, at most `limit` bytes apart; None for a header that is not one range.

    Raises Unsatisfiable.
    """
    match = _RANGE.match(header.replace(" ", ""))
    if match is None or (not match[1] and not match[2]):
        return None
    if not match[1]:  # the last n bytes
        start = max(0, size - int(match[2]))
        if int(match[2]) == 0:
            raise Unsatisfiable
        end = size
    else:
        start = int(match[1])
        end = min(size, int(match[2]) + 1) if match[2] else size
        if match[2] and int(match[2]) < start:
            return None
    if start >= size:
        raise Unsatisfiable
    return start, min(end, start + limit)


def serve_file(
    request: HttpRequest,
    file: BinaryIO,
    *,
    size: int,
    etag: str,
    content_type: str,
    cache: str,
    attachment: str | None = None,
    limit: int = MAX_RANGE,
) -> HttpResponseBase:
    """The file, or the part that the request asks for; the file is closed when the answer has been sent.

    `etag` without quotes; `cache` is the Cache-Control header; `attachment` a file name under which it is saved.
    """
    quoted = f'"{etag}"'
    response: HttpResponseBase
    asked = request.headers.get("Range", "")
    if_range = request.headers.get("If-Range")
    if any(one in ("*", quoted) for one in parse_etags(request.headers.get("If-None-Match", ""))):
        file.close()
        response = HttpResponse(status=304)
    elif asked and if_range in (None, quoted) and request.method in ("GET", "HEAD"):
        try:
            span = parse_range(asked, size, limit=limit)
        except Unsatisfiable:
            file.close()
            response = HttpResponse(status=416)
            response.headers["Content-Range"] = f"bytes */{size}"
            return tame(response, "application/octet-stream", "no-store")
        response = _part(file, span, size) if span else _whole(file, size, limit)
    else:
        response = _whole(file, size, limit)
    response.headers["ETag"] = quoted
    response.headers["Accept-Ranges"] = "bytes"
    return tame(response, content_type, cache, attachment)


def tame(
    response: HttpResponseBase, content_type: str, cache: str, attachment: str | None = None
) -> HttpResponseBase:
    """The headers under which a file of unknown content may leave our origin."""
    headers = response.headers
    headers["Content-Type"] = content_type
    headers["Cache-Control"] = cache
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Content-Security-Policy"] = _SANDBOX
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    if attachment is not None:
        if disposition := content_disposition_header(True, attachment):  # noqa: FBT003
            headers["Content-Disposition"] = disposition
    elif "Content-Disposition" in headers:
        del headers["Content-Disposition"]
    return response


def _whole(file: BinaryIO, size: int, limit: int) -> HttpResponseBase:
    """Small files leave in one piece, larger ones as the client takes them."""
    if size <= limit:
        with file:
            return HttpResponse(file.read(size))
    response = FileResponse(file)
    response.headers["Content-Length"] = str(size)
    return response


def _part(file: BinaryIO, span: tuple[int, int], size: int) -> HttpResponseBase:
    start, end = span
    with file:
        file.seek(start)
        response = HttpResponse(file.read(end - start), status=206)
    response.headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    return response


def on_close(response: HttpResponseBase, function: Callable[[], None]) -> None:
    """Call the function once when the server has sent the answer, or given it up."""
    close = response.close
    pending = [function]

    def closing() -> None:
        try:
            close()
        finally:
            if pending:
                pending.pop()()

    response.close = closing  # type: ignore[method-assign]
