"""Answers of the demo: how a scenario says them, how the wire carries them, how the manifest must show them.

The manifest's shapes are written down here a second time, from iTAG's documentation and not from the server's code,
so that the demo notices when the export leaves them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

Json = dict[str, Any]
#: {question id: {label: option key}}, as the job answers them.
Keys = Mapping[str, Mapping[str, str]]


class Question(Protocol):
    """One question of a scenario; `answer` is a value in the scenario's own words."""

    @property
    def id(self) -> str: ...

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
