"""PDFs: how many pages a file has and of what size, and a picture of its first page.

PDFium opens files that strangers wrote, in a process of its own: a file that hangs it, crashes it or asks for all the
memory is refused, and nothing else happens.
"""

import atexit
import contextlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from datasets.services.helper import Helper
from datasets.services.images import MAX_FILE_BYTES, THUMBNAIL_PIXELS

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


_helper = Helper(
    Path(__file__).with_name("pdf_helper.py"),
    patience=PATIENCE,
    files=FILES,
    broken=lambda: NotAPdf(_broken()),
    slow=lambda: NotAPdf(_("Opening the PDF takes too long.")),
)


@atexit.register
def _end() -> None:
    with contextlib.suppress(OSError):
        _helper.close()
