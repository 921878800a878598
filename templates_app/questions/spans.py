"""SLOT: spans of a text, and relations between them.

Offsets count code points of the field's string as it is given, from 0, `end` is the last one inside. A relation goes
from one span to another; it stands in the same list, after both or before.
"""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from templates_app.questions.base import (
    CHILD,
    QUESTION_ID,
    TEMPLATE_CHILD,
    DataQuestion,
    Json,
    Media,
    Question,
    config_record,
)
from templates_app.questions.choice import KEY, MAX_OPTIONS, Checkbox, Radio, flatten
from templates_app.questions.nested import Nested
from templates_app.questions.picture import FIELD, LABELS, MAX_OBJECTS, OBJECT_ID
from templates_app.questions.ranges import ENTRIES, Ranges
from templates_app.schema import (
    Anything,
    Errors,
    ListOf,
    Literal,
    OneOf,
    Record,
    Schema,
    Union,
    Whole,
    fail,
    join,
)

#: The longest text that can be marked, in code points.
MAX_OFFSET = 100_000_000
OFFSET = Whole(least=0, most=MAX_OFFSET)
SPAN = Record(
    {
        "id": OBJECT_ID,
        "type": Literal("text/span"),
        "start": OFFSET,
        "end": OFFSET,
        "text": Anything("string"),
        "labels": LABELS,
    },
    name="TextSpan",
)
RELATION = Record(
    {
        "id": OBJECT_ID,
        "type": Literal("text/relation"),
        "from": OBJECT_ID,
        "to": OBJECT_ID,
        "labels": LABELS,
    },
    name="TextRelation",
)
OBJECT = Union("TextObject", "type", lambda: {"text/span": SPAN, "text/relation": RELATION})
ELEMENT = Record(
    {
        "questionId": QUESTION_ID,
        "type": Literal("text"),
        "data": ListOf(OBJECT, most=MAX_OBJECTS),
    },
    name="SlotElement",
)
FRAME = Record({**ELEMENT.members, "data": ENTRIES})
_KEYS = ListOf(KEY, most=MAX_OPTIONS)
#: Which spans a relation may join, by what is chosen of them; an empty list stands for any.
PAIR = Record({"from": _KEYS, "to": _KEYS, "relation": _KEYS}, name="RelationPair")
PAIRS = ListOf(PAIR, most=1000)
#: What the mouse snaps to.
UNIT = Literal("word", "character", name="SpanUnit")
CONFIG = config_record(
    "SLOT",
    "SlotQuestion",
    {"view": FIELD, "field": FIELD, "children": ListOf(CHILD, most=50), "unit": UNIT},
    {"relationChildren": ListOf(CHILD, most=50), "pairs": PAIRS},
)
NAME = OneOf(OBJECT_ID, Whole())
#: What is chosen of a span, of another one, and of the relation from it to that.
Kinds = tuple[frozenset[str], frozenset[str], frozenset[str]]


class Spans(Ranges):
    """Spans of one text, with relations between them where the template asks questions of relations."""

    type = "SLOT"
    element_type = "text"
    view_types = ("Text",)
    reads_text = True
    unnamed = True
    settings: ClassVar[Mapping[str, Any]] = {"unit": "word", "pairs": None}
    overridable = ("pairs",)

    def __init__(self, config: Json) -> None:
        super().__init__(config)
        self.relations = Nested(config.get("relationChildren", []))
        self.relation_children = self.relations.by_id
        #: What a pair's lists are compared with: the first choice asked of spans, and of relations.
        self._kind = _choice(self.children)
        self._relation_kind = _choice(self.relation_children)
        self.pairs: list[Json] = config.get("pairs", [])
        self._may_join = [
            (set(pair["from"]), set(pair["to"]), set(pair["relation"])) for pair in self.pairs
        ]

    def inside(self) -> Iterator[Question]:
        yield from self.children.values()
        yield from self.relation_children.values()

    @classmethod
    def config_schema(cls) -> Record:
        return CONFIG

    @classmethod
    def template_members(cls) -> dict[str, Schema]:
        return {
            "view": FIELD,
            "children": ListOf(TEMPLATE_CHILD, most=50),
            #: Asked of a relation between two spans; without any there are no relations.
            "relationChildren": ListOf(TEMPLATE_CHILD, most=50),
            "pairs": PAIRS,
            "unit": UNIT,
        }

    @classmethod
    def element_schema(cls) -> Record:
        return ELEMENT

    @classmethod
    def check_settings(
        cls, question: Json, path: str, fields: Mapping[str, str], errors: Errors
    ) -> None:
        nests = {"from": "children", "to": "children", "relation": "relationChildren"}
        known = {name: _option_keys(question.get(nest, [])) for name, nest in nests.items()}
        for number, pair in enumerate(question.get("pairs") or ()):
            for name, keys in known.items():
                if keys is None:
                    continue
                for place, key in enumerate(pair[name]):
                    if key not in keys:
                        fail(
                            errors,
                            f"{path}.pairs[{number}].{name}[{place}]",
                            _("There is no such option."),
                        )

    # --- operations -------------------------------------------------------------------------------------------------

    def _line(self, media: Media, path: str, errors: Errors) -> Any:
        text = media.get(self.field, {}).get("text")
        if not isinstance(text, str):
            fail(errors, path, _("The field holds no text, so nothing can be marked."))
        return text

    def _whole(self, value: Any, line: Any, path: str, errors: Errors) -> list[Any]:
        FRAME.check(value, path, errors)
        return [] if errors else value["data"]

    def _element(self, line: Any, data: list[Json]) -> Json:
        return {"questionId": self.id, "type": self.element_type, "data": data}

    def _parts(self, item: Json) -> Nested:
        return self.relations if item["type"] == "text/relation" else self.nested

    def _is_free(self, item: Json | None) -> bool:
        if not self.relation_children:
            return True
        # Relations may hang on what is taken out, or changed in its labels.
        is_span = isinstance(item, dict) and item.get("type") == "text/span"
        return is_span and not self.pairs

    def _object(self, value: Any, line: Any, path: str, errors: Errors) -> Json | None:
        before = len(errors)
        OBJECT.check(value, path, errors)
        if len(errors) > before:
            return None
        labels = self._parts(value).check(value["labels"], join(path, "labels"), errors)
        if value["type"] == "text/relation":
            if not self.relation_children:
                fail(errors, path, _("This question has no relations."))
            names = RELATION.required
        else:
            self._check_place(value, line, path, errors)
            names = SPAN.required
        if len(errors) > before:
            return None
        return {name: labels if name == "labels" else value[name] for name in names}

    @staticmethod
    def _check_place(value: Json, text: str, path: str, errors: Errors) -> None:
        start, end = value["start"], value["end"]
        if not start <= end < len(text):
            fail(
                errors,
                join(path, "end"),
                _("The text has %(count)d characters; a span lies inside it, its end included.")
                % {"count": len(text)},
            )
        elif value["text"] != text[start : end + 1]:
            fail(errors, join(path, "text"), _("This is not what stands there in the text."))

    def _check_links(self, data: list[Json], path: str, errors: Errors) -> None:
        if not self.relation_children:
            return
        spans = {item["id"]: item for item in data if item["type"] == "text/span"}
        allowed: dict[Kinds, bool] = {}
        for number, item in enumerate(data):
            if item["type"] != "text/relation":
                continue
            at = f"{path}[{number}]"
            for end in ("from", "to"):
                if item[end] not in spans:
                    fail(errors, f"{at}.{end}", _("There is no such span."))
            if errors:
                return
            kinds = self._kinds(spans[item["from"]], spans[item["to"]], item)
            # Of thousands of relations most are of the same few kinds.
            if kinds not in allowed:
                allowed[kinds] = self._is_allowed(kinds)
            if not allowed[kinds]:
                fail(errors, at, _("These two may not be joined by this relation."))

    def _kinds(self, start: Json, end: Json, relation: Json) -> Kinds:
        """What the pairs say of: what is chosen of both ends and of the relation."""
        return (
            _keys(self._kind, start),
            _keys(self._kind, end),
            _keys(self._relation_kind, relation),
        )

    def _is_allowed(self, kinds: Kinds) -> bool:
        """Whether some pair lets such a relation join such spans; what has not been chosen yet fits any."""
        return not self.pairs or any(
            all(
                not wanted or not keys or keys & wanted
                for wanted, keys in zip(pair, kinds, strict=True)
            )
            for pair in self._may_join
        )

    # --- manifest ---------------------------------------------------------------------------------------------------

    def export(self, element: Json, *, named: bool = False) -> Json:
        """Choices are lists, as iTAG writes them here; ids are only written where relations need them."""
        relations = [item for item in element["data"] if item["type"] == "text/relation"]
        spans = [item for item in element["data"] if item["type"] == "text/span"]
        found: Json = {
            "objects": [
                {
                    "result": _listed(self.children, item["labels"]),
                    "color": None,
                    "id": item["id"] if relations else None,
                    "text": item["text"],
                    "start": item["start"],
                    "end": item["end"],
                }
                for item in spans
            ],
            "empty": not spans,
        }
        if relations:
            found["relations"] = [
                {
                    "id": item["id"],
                    "from": item["from"],
                    "to": item["to"],
                    "result": _listed(self.relation_children, item["labels"]),
                }
                for item in relations
            ]
        return self._named_element(found, named=named)

    def read(self, element: Json, path: str, errors: Errors) -> Json | None:
        """Spans without an id get their number; whether texts stand where they say is not asked of what others wrote."""
        before = len(errors)
        ENTRIES.check(element.get("objects"), f"{path}.objects", errors)
        ENTRIES.check(element.get("relations", []), f"{path}.relations", errors)
        if len(errors) > before:
            return None
        found = [
            self._read_span(entry, number, f"{path}.objects[{number}]", errors)
            for number, entry in enumerate(element["objects"])
        ] + [
            self._read_relation(entry, number, f"{path}.relations[{number}]", errors)
            for number, entry in enumerate(element.get("relations", []))
        ]
        data = [item for item in found if item is not None]
        if len({item["id"] for item in data}) < len(data):
            fail(errors, f"{path}.objects", _("Another object has this id."))
        if len(errors) == before:
            self._check_links(data, f"{path}.data", errors)
        return self._element(None, data) if len(errors) == before else None

    def _read_span(self, entry: Any, number: int, path: str, errors: Errors) -> Json | None:
        before = len(errors)
        if not isinstance(entry, dict):
            fail(errors, path, _("An object is expected."))
            return None
        start, end, text = entry.get("start"), entry.get("end"), entry.get("text")
        OFFSET.check(start, f"{path}.start", errors)
        OFFSET.check(end, f"{path}.end", errors)
        if not isinstance(text, str):
            fail(errors, f"{path}.text", _("A text is expected."))
        name = entry_id(entry, f"s{number + 1}", path, errors)
        labels = self.nested.read(entry.get("result", {}), f"{path}.result", errors)
        if len(errors) > before:
            return None
        if start > end:  # type: ignore[operator]
            fail(errors, f"{path}.end", _("The end lies before the start."))
        return {
            "id": name,
            "type": "text/span",
            "start": start,
            "end": end,
            "text": text,
            "labels": labels,
        }

    def _read_relation(self, entry: Any, number: int, path: str, errors: Errors) -> Json | None:
        if not isinstance(entry, dict):
            fail(errors, path, _("An object is expected."))
            return None
        if not self.relation_children:
            fail(errors, path, _("This question has no relations."))
            return None
        for end in ("from", "to"):
            NAME.check(entry.get(end), f"{path}.{end}", errors)
        return {
            "id": entry_id(entry, f"r{number + 1}", path, errors),
            "type": "text/relation",
            "from": str(entry.get("from")),
            "to": str(entry.get("to")),
            "labels": self.relations.read(entry.get("result", {}), f"{path}.result", errors),
        }


def entry_id(entry: Json, otherwise: str, path: str, errors: Errors) -> str:
    """The id of an entry in a manifest, which may be null, or a number."""
    name = entry.get("id")
    if name is None:
        return otherwise
    NAME.check(name, f"{path}.id", errors)
    return str(name)


def _option_keys(questions: list[Json]) -> set[str] | None:
    """The keys of the choices among these questions; None where a job gives them."""
    choices = [each for each in questions if each["type"] in (Radio.type, Checkbox.type)]
    if any("options" not in each for each in choices):
        return None
    return {option["key"] for each in choices for option in flatten(each["options"])}


def _choice(children: Mapping[str, Any]) -> Radio | Checkbox | None:
    return next((child for child in children.values() if isinstance(child, Radio | Checkbox)), None)


def _keys(choice: Radio | Checkbox | None, item: Json) -> frozenset[str]:
    """What is chosen of an object."""
    if choice is None:
        return frozenset()
    return choice.chosen(item["labels"].get(choice.id))


def _listed(children: Mapping[str, DataQuestion], labels: Json) -> Json:
    """The answers under their titles; one choice, too, is a list."""
    return {
        child.title: [value] if isinstance(child, Radio) else value
        for key, child in children.items()
        if key in labels
        for value in [child.export_data(labels[key])]
    }
