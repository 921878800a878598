"""Masks as COCO's run lengths: pixels column by column, runs of 0 and 1 in turn, the first of 0; pure."""

from array import array
from collections.abc import Sequence
from typing import NamedTuple

from templates_app.questions.masks import read_runs


class Mask(NamedTuple):
    """Where the runs of ones begin and end, in order; `pixels`: how many they hold.

    `box`: the first and the last column and row that they touch.
    """

    starts: "array[int]"
    ends: "array[int]"
    pixels: int
    box: tuple[int, int, int, int]


def read_mask(counts: str | Sequence[int], height: int) -> Mask:
    """The mask of these run lengths, as COCO's text or as numbers; an empty one for a text that is none."""
    starts, ends = array("q"), array("q")
    at, top, bottom = 0, height - 1, 0
    for number, length in enumerate(_lengths(counts)):
        if number % 2 and length:
            starts.append(at)
            ends.append(at + length)
            first, last = at % height, (at + length - 1) % height
            if at // height != (at + length - 1) // height:  # it goes on in the next column
                first, last = 0, height - 1
            top, bottom = min(top, first), max(bottom, last)
        at += length
    if not starts:
        return Mask(starts, ends, 0, (0, -1, 0, -1))
    columns = starts[0] // height, (ends[-1] - 1) // height
    return Mask(starts, ends, sum(ends) - sum(starts), (*columns, top, bottom))


def mask_iou(a: Mask, b: Mask) -> float:
    """Intersection over union of two masks of one size; two empty ones are the same."""
    common = _common(a, b)
    union = a.pixels + b.pixels - common
    return common / union if union else 1.0


def _lengths(counts: str | Sequence[int]) -> Sequence[int]:
    return (read_runs(counts) or []) if isinstance(counts, str) else counts


def _common(a: Mask, b: Mask) -> int:
    left, right, top, bottom = a.box
    other_left, other_right, other_top, other_bottom = b.box
    if left > other_right or other_left > right or top > other_bottom or other_top > bottom:
        return 0
    total = i = j = 0
    while i < len(a.starts) and j < len(b.starts):
        total += max(0, min(a.ends[i], b.ends[j]) - max(a.starts[i], b.starts[j]))
        if a.ends[i] < b.ends[j]:
            i += 1
        else:
            j += 1
    return total
