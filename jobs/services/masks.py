"""Masks as COCO's run lengths: pixels column by column, runs of 0 and 1 in turn, the first of 0; pure."""

from collections.abc import Sequence
from functools import lru_cache

from templates_app.questions.masks import read_runs

#: Where the ones begin and end, in order.
Runs = list[tuple[int, int]]


def mask_iou(a: str | Sequence[int], b: str | Sequence[int]) -> float:
    """Intersection over union of two masks of one size; two empty ones are the same."""
    left, right = _runs(a), _runs(b)
    common = _common(left, right)
    union = _pixels(left) + _pixels(right) - common
    return common / union if union else 1.0


def decode_counts(counts: str) -> list[int]:
    """The run lengths that COCO's text holds; none for a text that is no mask."""
    return read_runs(counts) or []


def _runs(counts: str | Sequence[int]) -> Runs:
    return _text_runs(counts) if isinstance(counts, str) else _length_runs(counts)


@lru_cache(maxsize=64)
def _text_runs(counts: str) -> Runs:
    return _length_runs(decode_counts(counts))


def _length_runs(lengths: Sequence[int]) -> Runs:
    found: Runs = []
    at = 0
    for number, length in enumerate(lengths):
        if number % 2 and length:
            found.append((at, at + length))
        at += length
    return found


def _pixels(runs: Runs) -> int:
    return sum(end - start for start, end in runs)


def _common(left: Runs, right: Runs) -> int:
    total = i = j = 0
    while i < len(left) and j < len(right):
        total += max(0, min(left[i][1], right[j][1]) - max(left[i][0], right[j][0]))
        if left[i][1] < right[j][1]:
            i += 1
        else:
            j += 1
    return total
