"""Regions of every shape with any nested answers, and typed texts: how scenarios say them (see answers.py)."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from itag.client.answers import Json, Keys, same

#: What the manifest calls each shape; ours where iTAG publishes none.
TYPES = {"polyline": "image/polyline", "point": "image/point", "mask": "image/mask"}


@dataclass(frozen=True)
class Region:
    """Something marked on a picture; `said`: {id of a nested question: a label, or a text}."""

    shape: str
    value: Any
    said: Mapping[str, str]
    id: str = field(default_factory=lambda: str(uuid.uuid4()))


def rectangle(
    box: tuple[float, float, float, float], said: Mapping[str, str], key: str = ""
) -> Region:
    """A region by (left, top, right, bottom)."""
    x0, y0, x1, y1 = box
    corners = [[x0, y0], [x1, y0], [x1, y1], [x0, y1]]
    return Region("rectangle", corners, said, key or str(uuid.uuid4()))


def leaning(
    box: tuple[float, float, float, float], said: Mapping[str, str], key: str = ""
) -> Region:
    """A rectangle turned by 30 degrees inside the box, corners clockwise from its top left."""
    x0, y0, x1, y1 = box
    middle_x, middle_y, reach = (x0 + x1) / 2, (y0 + y1) / 2, min(x1 - x0, y1 - y0) / 3
    across, down = (reach * 0.8660254, reach * 0.5), (-reach * 0.25, reach * 0.4330127)
    corners = [
        [
            round(middle_x + side * across[0] + level * down[0], 2),
            round(middle_y + side * across[1] + level * down[1], 2),
        ]
        for side, level in ((-1, -1), (1, -1), (1, 1), (-1, 1))
    ]
    return Region("rotated", corners, said, key or str(uuid.uuid4()))


def hexagon(
    box: tuple[float, float, float, float], said: Mapping[str, str], key: str = ""
) -> Region:
    """A polygon that touches all sides of the box."""
    x0, y0, x1, y1 = box
    left, right = round(x0 + (x1 - x0) / 4, 2), round(x1 - (x1 - x0) / 4, 2)
    middle = round((y0 + y1) / 2, 2)
    points = [[left, y0], [right, y0], [x1, middle], [right, y1], [left, y1], [x0, middle]]
    return Region("polygon", points, said, key or str(uuid.uuid4()))


@dataclass(frozen=True)
class Regions:
    """Regions on a picture. `titles`: {nested question: its title in the manifest}, in the template's order."""

    id: str
    title: str
    titles: Mapping[str, str]

    def element(self, answer: Sequence[Region], keys: Keys, size: tuple[int, int]) -> Json:
        return {
            "questionId": self.id,
            "type": "image",
            "rotation": 0,
            "width": size[0],
            "height": size[1],
            "data": [self._object(region, keys) for region in answer],
        }

    def _object(self, region: Region, keys: Keys) -> Json:
        return {
            "id": region.id,
            "type": TYPES.get(region.shape, "image/polygon"),
            "shape": region.shape,
            "value": region.value,
            "labels": {
                child: keys[child][said] if child in keys else said
                for child, said in region.said.items()
            },
        }

    def ops(
        self, answer: Sequence[Region], keys: Keys, size: tuple[int, int], now: Json | None
    ) -> list[Json]:
        before = {entry["id"]: entry for entry in (now or {}).get("data", [])}
        wanted = {region.id: self._object(region, keys) for region in answer}
        gone = [{"questionId": self.id, "id": key, "value": None} for key in before.keys() - wanted]
        return gone + [
            {"questionId": self.id, "id": key, "value": value}
            for key, value in wanted.items()
            if not same(before.get(key), value)
        ]

    def exported(self, answer: Sequence[Region], size: tuple[int, int]) -> Json:
        return {
            "questionId": self.id,
            "data": [
                {
                    "id": region.id,
                    "type": TYPES.get(region.shape, "image/polygon"),
                    "value": region.value,
                    "labels": {
                        title: region.said[child]
                        for child, title in self.titles.items()
                        if child in region.said
                    },
                }
                for region in answer
            ],
            "rotation": 0,
            "markTitle": self.title,
            "width": size[0],
            "type": "image",
            "height": size[1],
        }


@dataclass(frozen=True)
class Fill:
    """A text typed for the whole item."""

    id: str
    title: str

    def element(self, answer: str, keys: Keys, size: tuple[int, int]) -> Json:
        return {"questionId": self.id, "type": "survey/value", "data": answer}

    def ops(self, answer: str, keys: Keys, size: tuple[int, int], now: Json | None) -> list[Json]:
        return [{"questionId": self.id, "id": None, "value": self.element(answer, keys, size)}]

    def exported(self, answer: str, size: tuple[int, int]) -> Json:
        return {
            "questionId": self.id,
            "data": answer,
            "markTitle": self.title,
            "type": "survey/value",
        }


# --- masks -----------------------------------------------------------------------------------------------------------


def mask(spans: Iterable[tuple[int, int, int]], size: tuple[int, int]) -> Json:
    """COCO's run lengths of these (column, first row, row after the last), ordered; `size` is (width, height).

    Written from pycocotools' maskApi.c: runs of 0 and 1 in turns down the columns, from the fourth on as differences
    to the run before the last, five bits a letter from "0" on, the sixth bit: more follow.
    """
    width, height = size
    runs: list[int] = []
    at = 0
    for column, first, last in spans:
        start = column * height + first
        if runs and start == at:
            runs[-1] += last - first
        else:
            runs += [start - at, last - first]
        at = column * height + last
    runs.append(width * height - at)
    letters = []
    for number, run in enumerate(runs):
        value = run - (runs[number - 2] if number > 2 else 0)
        more = True
        while more:
            bits = value & 31
            value >>= 5
            more = value != (-1 if bits & 16 else 0)
            letters.append(chr(bits + (32 if more else 0) + 48))
    return {"size": [height, width], "counts": "".join(letters)}


def read_mask(value: Mapping[str, Any]) -> int:
    """How many pixels a mask has, as pycocotools' area() counts them."""
    runs: list[int] = []
    number = shift = 0
    for letter in value["counts"]:
        code = ord(letter) - 48
        number |= (code & 31) << shift
        shift += 5
        if code & 32:
            continue
        if code & 16:
            number -= 1 << shift
        runs.append(number + (runs[-2] if len(runs) > 2 else 0))
        number = shift = 0
    return sum(runs[1::2])
