"""Answers of the demo: how a scenario says them, how the wire carries them, how the manifest must show them.

The manifest's shapes are written down here a second time, from iTAG's documentation and not from the server's code,
so that the demo notices when the export leaves them.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

Json = dict[str, Any]
#: {question id: {label: option key}}, as the job answers them.
Keys = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Box:
    """A rectangle that somebody drew: its label and (left, top, right, bottom) in pixels of the picture."""

    label: str
    box: tuple[float, float, float, float]
    id: str = field(default_factory=lambda: str(uuid.uuid4()))

    def corners(self) -> list[list[float]]:
        """Top left, top right, bottom right, bottom left."""
        x0, y0, x1, y1 = self.box
        return [[x0, y0], [x1, y0], [x1, y1], [x0, y1]]


class Question(Protocol):
    """One question of a scenario; `answer` is a value in the scenario's own words."""

    @property
    def id(self) -> str: ...

    @property
    def labeled(self) -> str:
        """The id of the question that carries the labels (itself, or a child)."""
        ...

    def element(self, answer: Any, keys: Keys, size: tuple[int, int]) -> Json:
        """The canonical element, as the API keeps it."""
        ...

    def ops(self, answer: Any, keys: Keys, size: tuple[int, int], now: Json | None) -> list[Json]:
        """The save operations that turn the element `now` into this answer."""
        ...

    def exported(self, answer: Any, size: tuple[int, int]) -> Json:
        """The element that the manifest must show, keys in iTAG's order."""
        ...


@dataclass(frozen=True)
class Choice:
    """A choice for the whole item: one label (a string), or several in the order chosen (a list)."""

    id: str
    title: str
    multiple: bool = False

    @property
    def labeled(self) -> str:
        return self.id

    def element(self, answer: Any, keys: Keys, size: tuple[int, int]) -> Json:
        own = keys[self.id]
        if self.multiple:
            data: Any = [own[label] for label in answer]
        else:
            data = own[answer]
        return {"questionId": self.id, "type": self._type, "data": data}

    def ops(self, answer: Any, keys: Keys, size: tuple[int, int], now: Json | None) -> list[Json]:
        return [{"questionId": self.id, "id": None, "value": self.element(answer, keys, size)}]

    def exported(self, answer: Any, size: tuple[int, int]) -> Json:
        return {
            "questionId": self.id,
            "data": answer,
            "markTitle": self.title,
            "type": self._type,
        }

    @property
    def _type(self) -> str:
        return "survey/multivalue" if self.multiple else "survey/value"


@dataclass(frozen=True)
class Boxes:
    """Rectangles on a picture (a list of Box), each with one label of the inner question."""

    id: str
    title: str
    child: str
    child_title: str

    @property
    def labeled(self) -> str:
        return self.child

    def element(self, answer: Sequence[Box], keys: Keys, size: tuple[int, int]) -> Json:
        return {
            "questionId": self.id,
            "type": "image",
            "rotation": 0,
            "width": size[0],
            "height": size[1],
            "data": [self._object(box, keys) for box in answer],
        }

    def _object(self, box: Box, keys: Keys) -> Json:
        return {
            "id": box.id,
            "type": "image/polygon",
            "shape": "rectangle",
            "value": box.corners(),
            "labels": {self.child: keys[self.child][box.label]},
        }

    def ops(
        self, answer: Sequence[Box], keys: Keys, size: tuple[int, int], now: Json | None
    ) -> list[Json]:
        before = {entry["id"]: entry for entry in (now or {}).get("data", [])}
        wanted = {box.id: self._object(box, keys) for box in answer}
        return [
            {"questionId": self.id, "id": gone, "value": None} for gone in before.keys() - wanted
        ] + [
            {"questionId": self.id, "id": key, "value": value}
            for key, value in wanted.items()
            if not same(before.get(key), value)
        ]

    def exported(self, answer: Sequence[Box], size: tuple[int, int]) -> Json:
        return {
            "questionId": self.id,
            "data": [
                {
                    "id": box.id,
                    "type": "image/polygon",
                    "value": box.corners(),
                    "labels": {self.child_title: box.label},
                }
                for box in answer
            ],
            "rotation": 0,
            "markTitle": self.title,
            "width": size[0],
            "type": "image",
            "height": size[1],
        }


def same(left: Any, right: Any, *, ordered: bool = False) -> bool:
    """Whether two JSON values are equal; numbers by value, members in order too where `ordered`."""
    if isinstance(left, dict) and isinstance(right, dict):
        if left.keys() != right.keys() or (ordered and list(left) != list(right)):
            return False
        return all(same(left[key], right[key], ordered=ordered) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(
            same(a, b, ordered=ordered) for a, b in zip(left, right, strict=True)
        )
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    return bool(left == right)
