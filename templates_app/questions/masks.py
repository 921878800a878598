"""Masks: COCO's run lengths as text (pycocotools, maskApi.c), checked without making a single pixel of them.

Runs go down the columns from the left, of 0 and 1 in turns beginning with 0; from the fourth on a run is written as
the difference to the one before the last.
"""

from typing import Any

from django.utils.translation import gettext as _

from templates_app.schema import Errors, ListOf, Record, Text, Whole, fail

#: A mask of 100 million pixels with a ragged outline has some hundred thousand runs; each takes up to six letters.
MAX_COUNTS = 4_000_000

MASK = Record(
    {
        "size": ListOf(Whole(least=1, most=1_000_000), least=2, most=2),
        "counts": Text(least=1, most=MAX_COUNTS),
    },
    name="Rle",
)


def read_runs(text: str) -> list[int] | None:
    """The lengths of the runs, or None for a text that is none."""
    runs: list[int] = []
    value = shift = 0
    for letter in text.encode("ascii", "replace"):
        code = letter - 48
        if not 0 <= code < 64 or shift > 60:
            return None
        value |= (code & 31) << shift
        shift += 5
        if code & 32:
            continue
        if code & 16:
            value -= 1 << shift
        if len(runs) > 2:
            value += runs[-2]
        if value < 0:
            return None
        runs.append(value)
        value = shift = 0
    return None if shift else runs


def write_runs(runs: list[int]) -> str:
    """The text of these run lengths."""
    letters = bytearray()
    for number, run in enumerate(runs):
        value = run - (runs[number - 2] if number > 2 else 0)
        while True:
            code = value & 31
            value >>= 5
            more = value != -1 if code & 16 else value != 0
            letters.append(code + (32 if more else 0) + 48)
            if not more:
                break
    return letters.decode("ascii")


def check_mask(value: dict[str, Any], path: str, errors: Errors) -> None:
    """Note what keeps this value, of MASK's form, from being a mask with at least one pixel."""
    height, width = value["size"]
    runs = read_runs(value["counts"])
    if runs is None:
        fail(errors, f"{path}.counts", _("These are not COCO's run lengths."))
    elif sum(runs) != height * width:
        fail(
            errors,
            f"{path}.counts",
            _("The runs hold %(found)s pixels, the mask has %(expected)s.")
            % {"found": sum(runs), "expected": height * width},
        )
    elif not sum(runs[1::2]):
        fail(errors, f"{path}.counts", _("The mask has no pixel."))
