"""Charts as numbers for SVG attributes, drawn by templates; every chart stands beside a table with the same figures."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 960, 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 8, 10, 26
#: Texts under the columns, at most.
_TEXTS = 12


@dataclass(frozen=True)
class Series:
    """One kind of column; `number` from 1 is its colour."""

    number: int
    label: str
    values: Sequence[int]


@dataclass(frozen=True)
class Rect:
    x: float
    y: float
    width: float
    height: float
    series: int
    title: str


@dataclass(frozen=True)
class Text:
    x: float
    y: float
    text: str


@dataclass(frozen=True)
class Columns:
    """Columns side by side over a line of texts; `lines`: what the height means."""

    series: Sequence[Series]
    rects: list[Rect]
    lines: list[Text]
    texts: list[Text]
    left: int = _LEFT
    right: int = WIDTH - _RIGHT
    width: int = WIDTH
    height: int = HEIGHT


def columns(names: Sequence[str], series: Sequence[Series]) -> Columns:
    """The chart of these series, whose values stand in the order of `names`."""
    top = nice_top(max((value for one in series for value in one.values), default=0))
    scale = (HEIGHT - _TOP - _BOTTOM) / top
    ground = HEIGHT - _BOTTOM
    step = (WIDTH - _LEFT - _RIGHT) / max(len(names), 1)
    bar = min(step * 0.8 / max(len(series), 1), 28)
    rects = []
    for place, name in enumerate(names):
        middle = _LEFT + step * (place + 0.5)
        for number, one in enumerate(series):
            value = max(one.values[place], 0)
            if not value:
                continue
            rects.append(
                Rect(
                    x=round(middle + bar * (number - len(series) / 2), 2),
                    y=round(ground - value * scale, 2),
                    width=round(max(bar - 1, 1), 2),
                    height=round(value * scale, 2),
                    series=one.number,
                    title=f"{name} · {one.label}: {value}",
                )
            )
    every = -(-len(names) // _TEXTS) if names else 1
    texts = [
        Text(round(_LEFT + step * (place + 0.5), 2), HEIGHT - 8, name)
        for place, name in enumerate(names)
        if place % every == 0
    ]
    parts = 4 if top % 4 == 0 else 5 if top % 5 == 0 else 2 if top % 2 == 0 else 1
    lines = [
        Text(_LEFT - 8, round(ground - top * part / parts * scale, 2), str(top * part // parts))
        for part in range(parts + 1)
    ]
    return Columns(series, rects, lines, texts)


def nice_top(value: int) -> int:
    """The least of 1, 2, 4, 5, 8 times a power of ten that is not below the value; at least 4."""
    power = 1
    while True:
        for digit in (1, 2, 4, 5, 8):
            if digit * power >= max(value, 4):
                return digit * power
        power *= 10
