"""The process that opens PDFs for `datasets.services.pdfs`: PDFium parses what strangers wrote, so it does it here.

Run as a script, with a socket as its standard input: each message is a request of one line of JSON with the file's
descriptor beside it, each answer a length of 8 digits and as many bytes. It knows nothing of the application, may
use little memory, and its parent ends it when an answer takes too long.
"""

import contextlib
import io
import json
import os
import resource
import socket
from typing import Any

#: Address space, bytes: PDFium's own, and room for a page's pictures.
MEMORY = 1536 * 2**20
#: Ends by itself when nobody asks for this long, seconds.
IDLE = 30.0
_PASSWORD = 4


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    with socket.socket(fileno=os.dup(0)) as channel:
        channel.settimeout(IDLE)
        with contextlib.suppress(TimeoutError, OSError):
            while True:
                message, handles, _flags, _address = socket.recv_fds(channel, 4096, 1)
                if not message or not handles:
                    return
                with os.fdopen(handles[0], "rb") as file:
                    answer = _answer(file, json.loads(message))
                channel.settimeout(None)
                channel.sendall(f"{len(answer):08d}".encode() + answer)
                channel.settimeout(IDLE)


def _answer(file: Any, request: dict[str, Any]) -> bytes:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(file)
    except pypdfium2.PdfiumError as exc:
        code = getattr(exc, "err_code", None)
        return json.dumps({"error": "password" if code == _PASSWORD else "broken"}).encode()
    try:
        if request["what"] == "thumbnail":
            return _thumbnail(document, request["pixels"])
        return _sizes(document, request["most"])
    except (pypdfium2.PdfiumError, MemoryError, OverflowError, ValueError):
        return json.dumps({"error": "broken"}).encode()
    finally:
        document.close()


def _sizes(document: Any, most: int) -> bytes:
    count = len(document)
    if count > most:
        return json.dumps({"error": "pages", "pages": count}).encode()
    runs: list[list[float]] = []
    for number in range(count):
        width, height = (round(side, 2) for side in document.get_page_size(number))
        if runs and runs[-1][:2] == [width, height]:
            runs[-1][2] += 1
        else:
            runs.append([width, height, 1])
    return json.dumps({"pages": count, "sizes": runs}).encode()


def _thumbnail(document: Any, pixels: int) -> bytes:
    page = document[0]
    width, height = page.get_size()
    bitmap = page.render(scale=pixels / max(width, height, 1), may_draw_forms=False)
    output = io.BytesIO()
    bitmap.to_pil().save(output, "WEBP", quality=80, method=2)
    return output.getvalue()


if __name__ == "__main__":
    main()
