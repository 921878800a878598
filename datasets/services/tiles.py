"""Pictures that a browser cannot show as they are: very large ones, and greys of more than 8 bits.

They are handed out as a pyramid: the picture in halves of halves, the smallest level in one piece, the others cut into
tiles. A pyramid is made at first use and kept in one file, a pack: its tiles, then an index of them. The smallest level
is in a pack of its own, which is there sooner; the rest is made in the background. The process that makes a pyramid
holds a lock on the file that it writes, so that it is made once.
"""

import contextlib
import io
import logging
import math
import os
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from django.utils.translation import gettext as _
from PIL import Image

from datasets.packs import Pack, claimed, read_index
from datasets.services import images
from itag.core.errors import NotFound

#: A picture of more pixels is handed out in tiles.
MANY_PIXELS = 32_000_000
#: The longest side that the smallest level may have.
FIRST_SIDE = 3072
#: Sides of tiles; those of samples are sent nearly as they are.
TILE, DEEP_TILE = 1024, 512
JPEG, PNG, SAMPLES = "image/jpeg", "image/png", "application/octet-stream"
_MOST_PROFILE = 64 * 1024
_log = logging.getLogger(__name__)

Json = dict[str, Any]
Size = tuple[int, int]


def is_tiled(media: Json) -> bool:
    """Whether the picture of Item.media is shown in tiles."""
    pixels = media.get("width", 0) * media.get("height", 0)
    return 0 < pixels <= images.MAX_COPY_PIXELS and (
        pixels > MANY_PIXELS or media.get("bits", 8) > 8
    )


def level_sizes(width: int, height: int) -> list[Size]:
    """The sizes of the levels, the smallest first; each side is half of the next level's, rounded up."""
    sizes = [(width, height)]
    while max(width, height) > FIRST_SIDE:
        width, height = (width + 1) // 2, (height + 1) // 2
        sizes.append((width, height))
    return sizes[::-1]


def manifest(*, file: BinaryIO, base: Path, made: Callable[[], object]) -> Json:
    """What there is of the picture: kind, tile, levels, and of samples low and high: the values of 0 and 65535.

    Makes the smallest level if need be, and begins with the others; the file is closed when it is not needed any more.
    `base`: the packs' path without its end; `made` is called when a pack has come. Raises NotAnImage, or Busy while somebody else makes it.
    """
    found = _wanted(file, base, made, None)
    if found is None:
        raise images.Busy
    return dict(found[1]["info"])


def tile(
    *,
    file: BinaryIO,
    base: Path,
    made: Callable[[], object],
    level: int,
    column: int,
    row: int,
) -> tuple[bytes, str]:
    """A tile and its content type; the rest as in `manifest`. Raises NotAnImage, NotFound, or Busy while it is made."""
    key = f"{level}/{column}/{row}"
    found = _wanted(file, base, made, key)
    if found is None:
        raise images.Busy
    path, index = found
    if key not in index["tiles"]:
        raise NotFound(_("Not found."))
    start, size = index["tiles"][key]
    with path.open("rb") as pack:
        pack.seek(start)
        return pack.read(size), str(index["info"]["kind"])


def _wanted(
    file: BinaryIO, base: Path, made: Callable[[], object], key: str | None
) -> tuple[Path, Json] | None:
    """The pack that has the tile (None: any), with its index, begun with where it is not there."""
    if index := read_index(_whole(base)):
        file.close()
        return _whole(base), index
    # Where somebody is at it already, the smallest level may be there.
    with contextlib.suppress(images.Busy):
        _begin(file, base, made)
    # The smallest level goes when the whole has come: what was missed of both is there at the second look.
    for path in (_whole(base), _first(base), _whole(base)):
        index = read_index(path)
        if index is not None and (path == _whole(base) or key is None or key in index["tiles"]):
            return path, index
    return None


# --- packs ----------------------------------------------------------------------------------------------------------


def _whole(base: Path) -> Path:
    return base.with_name(f"{base.name}.tiles")


def _part(base: Path) -> Path:
    return base.with_name(f"{base.name}.part")


def _first(base: Path) -> Path:
    return base.with_name(f"{base.name}.first")


def _fill(pack: BinaryIO, info: Json, tiles: Iterable[tuple[str, bytes]]) -> None:
    packed = Pack(pack)
    for key, content in tiles:
        packed.put(key, content)
    packed.close(info)


# --- making ---------------------------------------------------------------------------------------------------------


def _begin(file: BinaryIO, base: Path, made: Callable[[], object]) -> None:
    """Make the smallest level here and the others in a thread. Raises Busy where another process or thread is at it."""
    with contextlib.ExitStack() as stack:
        stack.callback(file.close)
        part = stack.enter_context(_claimed(base))
        if not images.decoding.acquire(timeout=5):
            raise images.Busy
        stack.callback(images.decoding.release)
        picture = images.look_at(file, os.fstat(file.fileno()).st_size)
        sizes = level_sizes(picture.width, picture.height)
        ready: tuple[Image.Image, Json] | None = None
        if not _first(base).exists():
            file.seek(0)
            loaded = images.load(file, shrink=2 ** (len(sizes) - 1))
            ready = image, info = _cuttable(loaded, sizes)
            path = _whole(base) if len(sizes) == 1 else _first(base)
            new = base.with_name(f"{path.name}.{threading.get_ident()}.part")
            try:
                with new.open("wb") as pack:
                    _fill(pack, info, [("0/0/0", _encoded(_reduced(image, sizes[0]), info))])
                new.replace(path)
            finally:
                new.unlink(missing_ok=True)  # what has no room on the disk leaves none of it taken
            if len(sizes) == 1:
                _part(base).unlink()
                made()
                return
        # What is held here is let go when the thread has ended.
        kept = stack.pop_all()
        arguments = (kept, file, ready, sizes, part, base, made)
        threading.Thread(target=_finish, args=arguments, daemon=True).start()


@contextlib.contextmanager
def _claimed(base: Path) -> Iterator[BinaryIO]:
    """The file that becomes the whole pack, locked: nobody else makes it. Raises Busy."""
    with contextlib.ExitStack() as stack:
        try:
            pack = stack.enter_context(claimed(_part(base)))
        except BlockingIOError as exc:
            raise images.Busy from exc
        yield pack


def _finish(
    kept: contextlib.ExitStack,
    file: BinaryIO,
    ready: tuple[Image.Image, Json] | None,
    sizes: list[Size],
    pack: BinaryIO,
    base: Path,
    made: Callable[[], object],
) -> None:
    with kept:
        try:
            if (
                ready is None or ready[0].size != sizes[-1]
            ):  # of a JPEG there is only a small one yet
                file.seek(0)
                ready = _cuttable(images.load(file), sizes)
            image, info = ready
            _fill(pack, info, _cut(image, info, sizes))
            pack.flush()
            _part(base).replace(_whole(base))
            _first(base).unlink(missing_ok=True)
            made()
        except (images.NotAnImage, OSError, MemoryError) as exc:
            # The next request for a tile tries again; the smallest level is there meanwhile.
            _log.warning("No tiles of %s: %s", base.name, exc)
            _part(base).unlink(missing_ok=True)


def _cuttable(image: Image.Image, sizes: list[Size]) -> tuple[Image.Image, Json]:
    """The picture as it is cut, greys of 16 bits, L, RGB or RGBA, and what the manifest says of it."""
    width, height = sizes[-1]
    info: Json = {"width": width, "height": height, "levels": sizes}
    if images.is_deep(image):
        image, low, high = _samples(image)
        return image, {**info, "kind": SAMPLES, "tile": DEEP_TILE, "low": low, "high": high}
    plain = images.eight_bit(image)
    if plain.mode != image.mode or len(plain.info.get("icc_profile") or b"") > _MOST_PROFILE:
        plain.info.pop("icc_profile", None)
    return plain, {**info, "kind": PNG if plain.mode == "RGBA" else JPEG, "tile": TILE}


def _samples(image: Image.Image) -> tuple[Image.Image, float, float]:
    """The greys as numbers from 0 to 65535, and the values that the two stand for."""
    if image.mode.startswith("I;16"):
        return (image if image.mode == "I;16" else image.convert("I").convert("I;16")), 0, 65535
    low, high = image.getextrema()  # type: ignore[misc]
    if not math.isfinite(low) or not math.isfinite(high):  # type: ignore[arg-type]
        raise images.NotAnImage(_("The picture is broken and cannot be opened."))
    if image.mode == "I" and high - low <= 65535:  # type: ignore[operator]
        high = low + 65535  # type: ignore[operator]
    scale = 65535 / (high - low) if high > low else 1  # type: ignore[operator]
    shifted = image.point(lambda value: value * scale - low * scale)  # type: ignore[operator]
    return shifted.convert("I").convert("I;16"), float(low), float(high)  # type: ignore[arg-type]


def _cut(image: Image.Image, info: Json, sizes: list[Size]) -> Iterator[tuple[str, bytes]]:
    """Every tile of every level, from the largest level down."""
    side = info["tile"]
    for level in range(len(sizes) - 1, 0, -1):
        width, height = sizes[level]
        image = _reduced(image, (width, height))
        for y in range(0, height, side):
            for x in range(0, width, side):
                box = (x, y, min(x + side, width), min(y + side, height))
                yield f"{level}/{x // side}/{y // side}", _encoded(image.crop(box), info)
    yield "0/0/0", _encoded(_reduced(image, sizes[0]), info)


def _reduced(image: Image.Image, size: Size) -> Image.Image:
    """The picture in halves of halves, down to the size of one of its levels. Raises NotAnImage if it has none such."""
    factor = 1
    while (-(-image.width // factor), -(-image.height // factor)) != size:
        factor *= 2
        if factor > image.width and factor > image.height:
            raise images.NotAnImage(_("The picture is broken and cannot be opened."))
    if factor == 1:
        return image
    if image.mode == "I;16":
        return image.convert("I").reduce(factor).convert("I;16")
    return image.reduce(factor)


def _encoded(image: Image.Image, info: Json) -> bytes:
    if info["kind"] == SAMPLES:
        # First every lower byte, then every upper one: neighbours are alike, so they take half of the room.
        raw = image.tobytes()
        return zlib.compress(raw[0::2] + raw[1::2], 1)
    output = io.BytesIO()
    if info["kind"] == PNG:
        image.save(output, "PNG", compress_level=1)
    else:
        profile = image.info.get("icc_profile")
        image.save(output, "JPEG", quality=92, subsampling=0, icc_profile=profile)
    return output.getvalue()
