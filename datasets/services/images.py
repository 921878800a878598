"""Pictures: what a file really is, its upright size, and small or displayable copies of it."""

import io
import struct
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from django.conf import settings
from django.utils.translation import gettext as _
from PIL import ExifTags, Image, ImageOps

#: Pillow's name → ours. Only these decoders are ever tried on a file.
FORMATS = {
    "JPEG": "jpeg",
    "MPO": "jpeg",
    "PNG": "png",
    "GIF": "gif",
    "WEBP": "webp",
    "BMP": "bmp",
    "TIFF": "tiff",
}
CONTENT_TYPES = {
    "jpeg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "webp": "image/webp",
    "bmp": "image/bmp",
    "tiff": "image/tiff",
}
SUFFIXES = (".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".gif", ".webp", ".bmp", ".tif", ".tiff")
_MAGIC = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"BM", "bmp"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
    (b"II+\0", "tiff"),
    (b"MM\0+", "tiff"),
)
MAX_FILE_BYTES = 512 * 2**20
THUMBNAIL_PIXELS = 320
#: A copy needs the whole picture in memory (four bytes a pixel), except the small one of a JPEG, which is read at a
#: fraction of its size.
MAX_COPY_PIXELS = 160_000_000
#: What Pillow's decoders raise on files made to hurt or cut short.
BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    EOFError,
    OverflowError,
    ZeroDivisionError,
    MemoryError,
    RuntimeError,
    struct.error,
)
# Pillow raises by itself only at twice this number; look_at compares. Set once: it is Pillow's, for
# the whole process.
Image.MAX_IMAGE_PIXELS = settings.MAX_IMAGE_PIXELS
# look_at refuses at the same limit; a warning beside it would say nothing more.
warnings.simplefilter("ignore", Image.DecompressionBombWarning)
#: Decoding takes memory: one picture at a time in a process. Who holds it may hand it to another thread.
decoding = threading.Lock()


class NotAnImage(ValueError):
    """The file is no picture that can be shown; the message says why."""


class Busy(Exception):
    """Another picture is being decoded; ask again."""


@dataclass(frozen=True)
class Picture:
    """`width` and `height` in pixels, upright. `upright`: browsers show the file itself this way.

    `deep`: greys of more than 8 bits, of which a browser would show only the upper ones.
    """

    format: str
    width: int
    height: int
    upright: bool
    deep: bool = False


def sniff(head: bytes) -> str:
    """The format that the first bytes of a file are the mark of, or an empty string."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    return next((name for mark, name in _MAGIC if head.startswith(mark)), "")


def look_at(file: BinaryIO, size: int) -> Picture:
    """What the picture in the file is, from its header and Exif data alone. Raises NotAnImage."""
    if size == 0:
        raise NotAnImage(_("The file is empty."))
    if size > MAX_FILE_BYTES:
        raise NotAnImage(_("The file is larger than %(n)d MB.") % {"n": MAX_FILE_BYTES >> 20})
    kind = sniff(file.read(16))
    if not kind:
        raise NotAnImage(_("Not a picture: JPEG, PNG, GIF, WebP, BMP and TIFF are read."))
    file.seek(0)
    try:
        with _open(file) as image:
            width, height = image.size
            turn = _orientation(image)
            deep = is_deep(image)
    except Image.DecompressionBombError as exc:
        raise NotAnImage(_too_large()) from exc
    except BROKEN as exc:
        raise NotAnImage(_("The picture is broken and cannot be opened.")) from exc
    if width * height > settings.MAX_IMAGE_PIXELS:
        raise NotAnImage(_too_large())
    if width < 1 or height < 1:
        raise NotAnImage(_("The picture is broken and cannot be opened."))
    if turn >= 5 and kind != "tiff":  # of a TIFF Pillow says the upright size
        width, height = height, width
    # Browsers turn a JPEG by its Exif data; for the other formats they differ. None shows TIFF.
    upright = kind != "tiff" and (turn == 1 or kind == "jpeg")
    return Picture(kind, width, height, upright, deep)


def is_deep(image: Image.Image) -> bool:
    """Whether its pixels are greys of 16 bits or more."""
    return image.mode in ("I", "F") or image.mode.startswith("I;16")


def _open(file: BinaryIO) -> Image.Image:
    # MPO has no reader of its own: the JPEG one makes an MPO of what it finds to be one.
    return Image.open(file, formats=[name for name in FORMATS if name != "MPO"])


def _too_large() -> str:
    return _("The picture has more than %(n)s million pixels.") % {
        "n": settings.MAX_IMAGE_PIXELS // 1_000_000
    }


def _orientation(image: Image.Image) -> int:
    """1 to 8, 1 where nothing is said."""
    # A PNG without Exif data before its pixels would be decoded whole to look for some behind them.
    if image.format == "PNG" and "exif" not in image.info:
        return 1
    turn = image.getexif().get(ExifTags.Base.Orientation, 1)
    return turn if isinstance(turn, int) and 1 <= turn <= 8 else 1


def thumbnail(file: BinaryIO, size: int = THUMBNAIL_PIXELS) -> bytes:
    """A WebP of at most size × size pixels, upright. Raises NotAnImage or Busy."""
    with decoded(file, draft=size) as image:
        image.thumbnail((size, size), Image.Resampling.LANCZOS, reducing_gap=2.0)
        return _encoded(eight_bit(image), "WEBP", quality=80, method=2)


def displayable(file: BinaryIO) -> tuple[bytes, str]:
    """An upright copy in full size that every browser shows, and its format. Raises NotAnImage or Busy."""
    with decoded(file) as image:
        picture = eight_bit(image)
        if picture.mode == "RGB":
            return _encoded(picture, "JPEG", quality=95, subsampling=0), "jpeg"
        return _encoded(picture, "PNG", compress_level=3), "png"


@contextmanager
def decoded(file: BinaryIO, *, draft: int = 0) -> Iterator[Image.Image]:
    """The file's first picture, turned upright, while no other is being decoded."""
    if not decoding.acquire(timeout=5):
        raise Busy
    try:
        yield load(file, draft=draft)
    finally:
        decoding.release()


def load(file: BinaryIO, *, draft: int = 0, shrink: int = 1) -> Image.Image:
    """The file's first picture, upright. For who holds `decoding` only. Raises NotAnImage.

    A JPEG may come smaller: to no less than draft × draft pixels, or by a power of two up to `shrink`.
    """
    try:
        image = _open(file)
        width, height = image.size
        if image.format in ("JPEG", "MPO"):
            if draft:
                image.draft("RGB", (draft, draft))
            elif shrink > 1:
                image.draft("RGB", (max(1, width // shrink), max(1, height // shrink)))
        now_width, now_height = image.size
        if image.info.get("progressive"):  # its decoder keeps the coefficients of the full size
            now_width, now_height = width, height
        if width * height > settings.MAX_IMAGE_PIXELS or now_width * now_height > MAX_COPY_PIXELS:
            raise NotAnImage(_("The picture is too large for a copy of it."))
        image.load()
        return ImageOps.exif_transpose(image)
    except NotAnImage:
        raise
    except (*BROKEN, Image.DecompressionBombError) as exc:
        raise NotAnImage(_("The picture is broken and cannot be opened.")) from exc


def eight_bit(image: Image.Image) -> Image.Image:
    """In a mode that WebP, JPEG and PNG write: L, RGB or RGBA."""
    if image.mode in ("L", "RGB", "RGBA"):
        return image
    if image.mode.startswith("I;16"):
        return image.point(lambda value: value / 256).convert("L")
    if image.mode in ("I", "F"):
        low, high = image.getextrema()  # type: ignore[misc]
        scale = 255 / (high - low) if high > low else 1  # type: ignore[operator]
        return image.point(lambda value: value * scale - low * scale).convert("L")  # type: ignore[operator]
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _encoded(image: Image.Image, form: str, **options: int) -> bytes:
    output = io.BytesIO()
    try:
        image.save(output, form, **options)
    except BROKEN as exc:
        raise NotAnImage(_("The picture is broken and cannot be opened.")) from exc
    return output.getvalue()
