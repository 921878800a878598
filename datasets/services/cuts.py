"""A part of a picture, upright: what something that reads pictures is given of a region."""

import math
from collections.abc import Sequence
from typing import BinaryIO

from django.utils.translation import gettext as _
from PIL import Image, ImageDraw

from datasets.models import Item
from datasets.services import images
from datasets.services.paths import UnsafePath, open_file
from datasets.services.storages import storage_root
from itag.core.errors import NotFound

#: The longest side of a part; a larger one is made smaller.
MAX_SIDE = 4096
_WHITE = (255, 255, 255)


def open_picture(item: Item, field: str) -> BinaryIO:
    """The file of an item's field; its dataset and storage come with the item. Raises NotFound."""
    media = item.media.get(field)
    if media is None or item.dataset.storage is None or item.dataset.deleted_at is not None:
        raise NotFound(_("The item has no media of this name."))
    try:
        return open_file(storage_root(item.dataset.storage), media["path"])
    except (UnsafePath, OSError) as exc:
        raise NotFound(_("The file is not there any more.")) from exc


def cut(file: BinaryIO, corners: Sequence[Sequence[float]], *, turned: bool = False) -> Image.Image:
    """The picture inside the corners, in RGB; beyond them it is white.

    `turned`: four corners of a rectangle, the first side of which is the top of the part. Raises images.NotAnImage or
    images.Busy.
    """
    with images.decoded(file) as whole:
        if turned:
            return _upright(whole, corners)
        return _outlined(whole, corners)


def _upright(whole: Image.Image, corners: Sequence[Sequence[float]]) -> Image.Image:
    (ax, ay), (bx, by), _, (dx, dy) = corners
    across, down = math.hypot(bx - ax, by - ay), math.hypot(dx - ax, dy - ay)
    width, height = max(1, round(across)), max(1, round(down))
    shrink = max(1.0, max(width, height) / MAX_SIDE)
    size = max(1, round(width / shrink)), max(1, round(height / shrink))
    u, v = ((bx - ax) / size[0], (by - ay) / size[0]), ((dx - ax) / size[1], (dy - ay) / size[1])
    box = _around(corners, whole.size)
    part = _color(whole.crop(box))
    return part.transform(
        size,
        Image.Transform.AFFINE,
        (u[0], v[0], ax - box[0], u[1], v[1], ay - box[1]),
        resample=Image.Resampling.BICUBIC,
        fillcolor=_WHITE,
    )


def _outlined(whole: Image.Image, corners: Sequence[Sequence[float]]) -> Image.Image:
    box = _around(corners, whole.size)
    part = _color(whole.crop(box))
    inside = Image.new("L", part.size, 0)
    ImageDraw.Draw(inside).polygon(
        [(x - box[0], y - box[1]) for x, y in corners], fill=255, outline=255
    )
    part = Image.composite(part, Image.new("RGB", part.size, _WHITE), inside)
    part.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
    return part


def _around(corners: Sequence[Sequence[float]], size: tuple[int, int]) -> tuple[int, int, int, int]:
    """The whole pixels that the corners touch, inside the picture, at least one."""
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    left = min(max(0, math.floor(min(xs))), size[0] - 1)
    top = min(max(0, math.floor(min(ys))), size[1] - 1)
    right = min(size[0], max(left + 1, math.ceil(max(xs))))
    bottom = min(size[1], max(top + 1, math.ceil(max(ys))))
    return left, top, right, bottom


def _color(part: Image.Image) -> Image.Image:
    shown = images.eight_bit(part)
    if shown.mode != "RGBA":
        return shown.convert("RGB")
    ground = Image.new("RGBA", shown.size, (*_WHITE, 255))
    return Image.alpha_composite(ground, shown).convert("RGB")
