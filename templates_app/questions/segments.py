"""VIDEO: segments of time of a recording or a film, on tracks.

Seconds from the beginning, to the millionth; start = end is an instant.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from templates_app.questions.base import (
    CHILD,
    QUESTION_ID,
    TEMPLATE_CHILD,
    Json,
    Media,
    config_record,
)
from templates_app.questions.nested import Nested
from templates_app.questions.picture import FIELD, LABELS, MAX_OBJECTS, OBJECT_ID
from templates_app.questions.ranges import ENTRIES, Ranges
from templates_app.questions.spans import entry_id
from templates_app.schema import (
    Errors,
    ListOf,
    Literal,
    Number,
    Record,
    Schema,
    Text,
    Whole,
    fail,
    join,
)

#: The most tracks, which may overlap each other.
MAX_TRACKS = 16
#: Digits of a second that are kept: half a sample at 192 kHz is 2.6 millionths.
DIGITS = 6

SECONDS = Number(least=0, most=1e9)
TRACK = Whole(least=0, most=MAX_TRACKS - 1)
SEGMENT = Record(
    {
        "id": OBJECT_ID,
        "type": Literal("time/segment"),
        "start": SECONDS,
        "end": SECONDS,
        "labels": LABELS,
    },
    optional={"track": TRACK},
    name="TimeSegment",
)
KIND = Literal("audio", "video", name="TimeKind")
ELEMENT = Record(
    {
        "questionId": QUESTION_ID,
        "type": KIND,
        "duration": SECONDS,
        "data": ListOf(SEGMENT, most=MAX_OBJECTS),
    },
    name="SegmentsElement",
)
FRAME = Record({**ELEMENT.members, "data": ENTRIES})
#: Names of the tracks, from above; "" for one without a name.
TRACKS = ListOf(Text(most=100), least=1, most=MAX_TRACKS)
CONFIG = config_record(
    "VIDEO",
    "SegmentsQuestion",
    {
        "view": FIELD,
        "field": FIELD,
        "kind": KIND,
        "tracks": TRACKS,
        "children": ListOf(CHILD, most=50),
    },
)
#: By the type of the view that is marked.
KINDS = {"Audio": "audio", "Video": "video"}


class Segments(Ranges):
    """Segments of one recording; `kind` says whether it is heard or seen, and is its elements' `type`."""

    type = "VIDEO"
    view_types = tuple(KINDS)
    settings: ClassVar[Mapping[str, Any]] = {"tracks": [""]}

    def __init__(self, config: Json) -> None:
        super().__init__(config)
        self.element_type = config["kind"]
        self.unnamed = config["kind"] == "audio"
        self.tracks: list[str] = config["tracks"]

    @classmethod
    def config_schema(cls) -> Record:
        return CONFIG

    @classmethod
    def template_members(cls) -> dict[str, Schema]:
        return {"view": FIELD, "tracks": TRACKS, "children": ListOf(TEMPLATE_CHILD, most=50)}

    @classmethod
    def element_schema(cls) -> Record:
        return ELEMENT

    # --- operations -------------------------------------------------------------------------------------------------

    def _line(self, media: Media, path: str, errors: Errors) -> Any:
        duration = media.get(self.field, {}).get("duration")
        if not duration:
            fail(
                errors,
                path,
                _("How long the file lasts is not known, so nothing can be marked."),
            )
            return 0
        return round(duration, DIGITS)

    def _whole(self, value: Any, line: Any, path: str, errors: Errors) -> list[Any]:
        FRAME.check(value, path, errors)
        if errors:
            return []
        if value["type"] != self.element_type:
            Literal(self.element_type).check(value["type"], f"{path}.type", errors)
        if round(value["duration"], DIGITS) != line:
            fail(
                errors,
                f"{path}.duration",
                _("The file lasts %(expected)s seconds.") % {"expected": line},
            )
        return list(value["data"])

    def _element(self, line: Any, data: list[Json]) -> Json:
        return {
            "questionId": self.id,
            "type": self.element_type,
            "duration": line,
            "data": data,
        }

    def _parts(self, item: Json) -> Nested:
        return self.nested

    def _object(self, value: Any, line: Any, path: str, errors: Errors) -> Json | None:
        before = len(errors)
        SEGMENT.check(value, path, errors)
        if len(errors) > before:
            return None
        start, end = round(value["start"], DIGITS), round(value["end"], DIGITS)
        if end < start:
            fail(errors, join(path, "end"), _("The end lies before the start."))
        elif end > line:
            fail(
                errors,
                join(path, "end"),
                _("The file lasts %(expected)s seconds.") % {"expected": line},
            )
        track = value.get("track", 0)
        if track >= len(self.tracks):
            fail(errors, join(path, "track"), _("There is no such track."))
        labels = self.nested.check(value["labels"], join(path, "labels"), errors)
        if len(errors) > before:
            return None
        return _segment(value["id"], start, end, track, labels)

    # --- manifest ---------------------------------------------------------------------------------------------------

    def export(self, element: Json, *, named: bool = False) -> Json:
        found = {
            "duration": element["duration"],
            "objects": [
                {
                    "result": self.nested.export(item["labels"]),
                    "color": None,
                    "id": None,
                    "text": None,
                    "start": item["start"],
                    "end": item["end"],
                    **({"track": item["track"]} if "track" in item else {}),
                }
                for item in element["data"]
            ],
            "empty": not element["data"],
        }
        return self._named_element(found, named=named or not self.unnamed)

    def read(self, element: Json, path: str, errors: Errors) -> Json | None:
        """Segments without an id get their number; they may lie beyond the duration, which iTAG does not always know."""
        before = len(errors)
        ENTRIES.check(element.get("objects"), f"{path}.objects", errors)
        SECONDS.check(element.get("duration", 0), f"{path}.duration", errors)
        if len(errors) > before:
            return None
        data: list[Json] = []
        for number, entry in enumerate(element["objects"]):
            item = self._read_segment(entry, number, f"{path}.objects[{number}]", errors)
            if item is not None:
                data.append(item)
        if len({item["id"] for item in data}) < len(data):
            fail(errors, f"{path}.objects", _("Another object has this id."))
        if len(errors) > before:
            return None
        return self._element(element.get("duration", 0), data)

    def _read_segment(self, entry: Any, number: int, path: str, errors: Errors) -> Json | None:
        before = len(errors)
        if not isinstance(entry, dict):
            fail(errors, path, _("An object is expected."))
            return None
        for name in ("start", "end"):
            SECONDS.check(entry.get(name), f"{path}.{name}", errors)
        track = entry.get("track") or 0
        TRACK.check(track, f"{path}.track", errors)
        name = entry_id(entry, f"s{number + 1}", path, errors)
        labels = self.nested.read(entry.get("result", {}), f"{path}.result", errors)
        if len(errors) > before:
            return None
        start, end = round(entry["start"], DIGITS), round(entry["end"], DIGITS)
        if end < start:
            fail(errors, f"{path}.end", _("The end lies before the start."))
        return _segment(name, start, end, track, labels)


def _segment(name: str, start: float, end: float, track: int, labels: Json) -> Json:
    return {
        "id": name,
        "type": "time/segment",
        "start": start,
        "end": end,
        **({"track": track} if track else {}),
        "labels": labels,
    }
