"""RADIO and CHECKBOX: one label, or several in the order of the clicks."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from templates_app.questions.base import QUESTION_ID, DataQuestion, Json, config_record, normal
from templates_app.schema import (
    Errors,
    Later,
    ListOf,
    Literal,
    MapOf,
    Record,
    Schema,
    Text,
    fail,
)

#: The most options of one question, all levels together.
MAX_OPTIONS = 1000

KEY = Text(least=1, most=64, pattern=r"[\w.:-]+", hint=_("letters, digits and . : _ -"))
LABEL = Text(least=1, most=100)
COLOR = Text(least=7, most=7, pattern=r"#[0-9a-f]{6}", hint="#rrggbb")
SHORTCUT = Text(most=1, pattern=r"[0-9a-z]?", hint="0-9, a-z")

OPTION: Record = Record(
    {"key": KEY, "label": LABEL, "color": COLOR, "shortcut": SHORTCUT},
    optional={
        "remark": Text(most=500),
        "children": Later(lambda: ListOf(OPTION, most=MAX_OPTIONS)),
    },
    name="Option",
)
OPTIONS = ListOf(OPTION, most=MAX_OPTIONS)
#: By language, the labels that a job begins with, and keeps if it names none.
USUAL = MapOf(ListOf(LABEL, most=MAX_OPTIONS), most=20)


def flatten(options: list[Json]) -> list[Json]:
    """All options of a tree, parents before their children."""
    found = []
    for option in options:
        found.append(option)
        found.extend(flatten(option.get("children", [])))
    return found


class Choice(DataQuestion):
    """Answers are option keys; labels are display names, unique in the question, so that either names one option."""

    takes_options = True
    settings: ClassVar[Mapping[str, Any]] = {"default": None}
    overridable: ClassVar[tuple[str, ...]] = ("default",)

    def __init__(self, config: Json) -> None:
        super().__init__(config)
        options = flatten(config["options"])
        self.labels: dict[str, str] = {option["key"]: option["label"] for option in options}
        self.keys: dict[str, str] = {normal(option["label"]): option["key"] for option in options}

    @classmethod
    def config_schema(cls) -> Record:
        return cls._config

    @classmethod
    def template_members(cls) -> dict[str, Schema]:
        return {"options": OPTIONS, "usualLabels": USUAL}

    @classmethod
    def element_schema(cls) -> Record:
        return cls._element

    _config: ClassVar[Record]
    _element: ClassVar[Record]

    def _check_key(self, key: Any, path: str, errors: Errors) -> None:
        if not isinstance(key, str) or key not in self.labels:
            fail(errors, path, _("“%(title)s” has no such option.") % {"title": self.title})

    def _read_label(self, label: Any, path: str, errors: Errors) -> str:
        key = self.keys.get(normal(label)) if isinstance(label, str) else None
        if key is None:
            fail(
                errors,
                path,
                _("“%(title)s” has no option “%(label)s”.")
                % {"title": self.title, "label": str(label)[:100]},
            )
        return key or ""


def _config(kind: str, name: str, data: Schema) -> Record:
    return config_record(kind, name, {"options": OPTIONS}, {"default": data})


class Radio(Choice):
    """One option; the answer is its key."""

    type = "RADIO"
    element_type = "survey/value"
    _data = Text(most=64)
    _config = _config("RADIO", "RadioQuestion", _data)
    _element = Record(
        {"questionId": QUESTION_ID, "type": Literal(element_type), "data": _data},
        name="RadioElement",
    )

    def check_data(self, data: Any, path: str, errors: Errors) -> None:
        self._check_key(data, path, errors)

    def chosen(self, data: Any) -> frozenset[str]:
        return frozenset((data,)) if isinstance(data, str) else frozenset()

    def export_data(self, data: Any) -> Any:
        return self.labels.get(data, data)

    def read_data(self, data: Any, path: str, errors: Errors) -> Any:
        """A list of one label is that label: iTAG writes so of spans."""
        if isinstance(data, list) and len(data) == 1:
            data = data[0]
        return self._read_label(data, path, errors)


class Checkbox(Choice):
    """Several options; the answer is the list of their keys in the order in which they were chosen."""

    type = "CHECKBOX"
    element_type = "survey/multivalue"
    _data = ListOf(Text(most=64), most=MAX_OPTIONS)
    _config = _config("CHECKBOX", "CheckboxQuestion", _data)
    _element = Record(
        {"questionId": QUESTION_ID, "type": Literal(element_type), "data": _data},
        name="CheckboxElement",
    )

    def check_data(self, data: Any, path: str, errors: Errors) -> None:
        if not isinstance(data, list):
            fail(errors, path, _("A list is expected."))
            return
        seen = set()
        for number, key in enumerate(data):
            self._check_key(key, f"{path}[{number}]", errors)
            if isinstance(key, str):
                if key in seen:
                    fail(errors, f"{path}[{number}]", _("This option is chosen already."))
                seen.add(key)

    def chosen(self, data: Any) -> frozenset[str]:
        return frozenset(data or ())

    def export_data(self, data: Any) -> Any:
        labels = self.labels
        return [labels.get(key, key) for key in data]

    def read_data(self, data: Any, path: str, errors: Errors) -> Any:
        """One label alone is a list of it: iTAG writes so of segments."""
        if isinstance(data, str):
            data = [data]
        if not isinstance(data, list):
            fail(errors, path, _("A list is expected."))
            return []
        keys = [
            self._read_label(label, f"{path}[{number}]", errors)
            for number, label in enumerate(data)
        ]
        return list(dict.fromkeys(keys))
