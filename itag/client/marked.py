"""Spans of texts with relations, segments of recordings, rankings: how scenarios say them (see answers.py)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from itag.client.answers import Json, Keys, same

#: What is said of an object: {id of a nested question: a label, several labels, or a text}.
Said = Mapping[str, Any]


def keyed(said: Said, keys: Keys) -> Json:
    """The same with option keys for labels."""
    found: Json = {}
    for child, value in said.items():
        own = keys.get(child)
        if own is None:
            found[child] = value
        else:
            found[child] = own[value] if isinstance(value, str) else [own[label] for label in value]
    return found


def titled(said: Said, titles: Mapping[str, str], *, lists: bool = False) -> Json:
    """The same under the titles of the manifest; `lists`: one label, too, is a list."""
    return {
        title: [said[child]] if lists and isinstance(said[child], str) else said[child]
        for child, title in titles.items()
        if child in said
    }


def changes(question: str, before: Sequence[Json], wanted: Sequence[Json]) -> list[Json]:
    """The operations that turn these objects into those."""
    old = {entry["id"]: entry for entry in before}
    new = {entry["id"]: entry for entry in wanted}
    # What hangs on others goes before them.
    gone = [entry["id"] for entry in reversed(before) if entry["id"] not in new]
    ops = [{"questionId": question, "id": key, "value": None} for key in gone]
    return ops + [
        {"questionId": question, "id": key, "value": value}
        for key, value in new.items()
        if not same(old.get(key), value)
    ]


# --- texts -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Span:
    """Characters of a text, from the first to the last."""

    start: int
    end: int
    text: str
    said: Said
    id: str


@dataclass(frozen=True)
class Link:
    """How one span stands to another."""

    source: str
    target: str
    said: Said
    id: str


def find(text: str, words: str, said: Said, key: str) -> Span:
    """The span of the first of these words in the text."""
    start = text.index(words)
    return Span(start, start + len(words) - 1, words, said, key)


@dataclass(frozen=True)
class Spans:
    """Marked words and what holds between them: an answer is a list of Span and Link.

    `titles`, `link_titles`: {nested question: its title in the manifest}.
    """

    id: str
    titles: Mapping[str, str]
    link_titles: Mapping[str, str]

    def element(self, answer: Sequence[Span | Link], keys: Keys, size: tuple[int, int]) -> Json:
        return {
            "questionId": self.id,
            "type": "text",
            "data": [self._object(entry, keys) for entry in answer],
        }

    @staticmethod
    def _object(entry: Span | Link, keys: Keys) -> Json:
        labels = keyed(entry.said, keys)
        if isinstance(entry, Link):
            return {
                "id": entry.id,
                "type": "text/relation",
                "from": entry.source,
                "to": entry.target,
                "labels": labels,
            }
        return {
            "id": entry.id,
            "type": "text/span",
            "start": entry.start,
            "end": entry.end,
            "text": entry.text,
            "labels": labels,
        }

    def ops(
        self, answer: Sequence[Span | Link], keys: Keys, size: tuple[int, int], now: Json | None
    ) -> list[Json]:
        wanted = [self._object(entry, keys) for entry in answer]
        return changes(self.id, (now or {}).get("data", []), wanted)

    def exported(self, answer: Sequence[Span | Link], size: tuple[int, int]) -> Json:
        links = [entry for entry in answer if isinstance(entry, Link)]
        found: Json = {
            "objects": [
                {
                    "result": titled(entry.said, self.titles, lists=True),
                    "color": None,
                    "id": entry.id if links else None,
                    "text": entry.text,
                    "start": entry.start,
                    "end": entry.end,
                }
                for entry in answer
                if isinstance(entry, Span)
            ],
            "empty": False,
        }
        if links:
            found["relations"] = [
                {
                    "id": link.id,
                    "from": link.source,
                    "to": link.target,
                    "result": titled(link.said, self.link_titles, lists=True),
                }
                for link in links
            ]
        return found


# --- recordings ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Segment:
    """Seconds of a recording."""

    start: float
    end: float
    said: Said
    id: str


@dataclass(frozen=True)
class Segments:
    """Segments of a sound; `seconds`: how long every sample's sound is. An answer is a list of Segment."""

    id: str
    titles: Mapping[str, str]
    seconds: float

    def element(self, answer: Sequence[Segment], keys: Keys, size: tuple[int, int]) -> Json:
        return {
            "questionId": self.id,
            "type": "audio",
            "duration": self.seconds,
            "data": [self._object(entry, keys) for entry in answer],
        }

    @staticmethod
    def _object(entry: Segment, keys: Keys) -> Json:
        return {
            "id": entry.id,
            "type": "time/segment",
            "start": entry.start,
            "end": entry.end,
            "labels": keyed(entry.said, keys),
        }

    def ops(
        self, answer: Sequence[Segment], keys: Keys, size: tuple[int, int], now: Json | None
    ) -> list[Json]:
        wanted = [self._object(entry, keys) for entry in answer]
        return changes(self.id, (now or {}).get("data", []), wanted)

    def exported(self, answer: Sequence[Segment], size: tuple[int, int]) -> Json:
        return {
            "duration": self.seconds,
            "objects": [
                {
                    "result": titled(entry.said, self.titles),
                    "color": None,
                    "id": None,
                    "text": None,
                    "start": entry.start,
                    "end": entry.end,
                }
                for entry in answer
            ],
            "empty": False,
        }
