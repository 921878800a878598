"""What every question type does; a type is a class, a question of a template an instance made from its JSON."""

import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from templates_app.schema import (
    Errors,
    Flag,
    ListOf,
    Literal,
    MapOf,
    Record,
    Schema,
    Text,
    Union,
    fail,
)

#: An element of `results`, an object inside it, or a configuration.
Json = dict[str, Any]
#: {dataset field: {"width", "height", …}} of the item, as Item.media.
Media = Mapping[str, Mapping[str, Any]]

QUESTION_ID = Text(least=1, most=40, pattern=r"\d+(\.\d+)*", hint="1, 1.2")
TITLE = Text(least=1, most=100)

_types: dict[str, type["Question"]] = {}


def configure(types: dict[str, type["Question"]]) -> None:
    """Make the registry known to types that nest others; the package does it once."""
    _types.update(types)


def normal(text: str) -> str:
    """Text as titles and labels are compared: NFC, without blanks at the ends."""
    return unicodedata.normalize("NFC", text).strip()


def inner(question: Mapping[str, Any]) -> list[Json]:
    """The questions inside this one: asked of its objects, and of the pages that they lie on."""
    return [*question.get("children", ()), *question.get("pageChildren", ())]


class Question(ABC):
    """A resolved question, ready to check, apply, export and import answers."""

    #: iTAG's name of the type.
    type: ClassVar[str]
    #: The `type` of its element in `results`.
    element_type: ClassVar[str]
    #: Whether people pick from a list that the job gives.
    takes_options: ClassVar[bool] = False
    #: The type of a view that it marks on, if it needs one.
    view_type: ClassVar[str] = ""

    def __init__(self, config: Json) -> None:
        self.id: str = config["questionId"]
        self.title: str = config["markTitle"]
        self.must_fill: bool = config.get("mustFill", False)
        #: Every name under which a manifest may speak of it.
        self.titles = {normal(title) for title in (self.title, *config.get("aliases", ()))}

    # --- shapes ---------------------------------------------------------------------------------------------------

    @classmethod
    @abstractmethod
    def config_schema(cls) -> Record:
        """The resolved question as the browser gets it."""

    @classmethod
    @abstractmethod
    def template_members(cls) -> dict[str, Schema]:
        """What its entry in a template may say beyond the members of every type."""

    @classmethod
    @abstractmethod
    def element_schema(cls) -> Record:
        """Its element in canonical `results`."""

    # --- answers --------------------------------------------------------------------------------------------------

    @abstractmethod
    def apply(
        self, element: Json | None, ops: list[Json], *, media: Media, path: str, errors: Errors
    ) -> Json | None:
        """The element after these operations (all of this question), or None where nothing is left.

        The given element is not changed; parts that no operation touched are shared and not looked at.
        """

    def stands_alone(self, op: Json, *, media: Media, path: str, errors: Errors) -> Json | None:
        """The operation, its object in canonical form, if it can be checked without the element; else None.

        The element is there, and stays complete by it.
        """
        return None

    @abstractmethod
    def missing(self, element: Json | None, path: str) -> Errors:
        """What is required and not there yet."""

    @abstractmethod
    def export(self, element: Json) -> Json:
        """The element as iTAG writes it: titles and labels for keys, iTAG's order of members."""

    @abstractmethod
    def read(self, element: Json, path: str, errors: Errors) -> Json | None:
        """The canonical element of one that iTAG or itag wrote; None where `errors` says what is wrong."""

    def _required(self, path: str) -> Errors:
        return [{"field": path, "message": _("“%(title)s” is required.") % {"title": self.title}}]


class DataQuestion(Question):
    """A question whose answer is one value, `data`; it can stand alone or inside an object's `labels`."""

    #: Whether the value is a text that people type, or have recognised.
    typed: ClassVar[bool] = False

    @abstractmethod
    def check_data(self, data: Any, path: str, errors: Errors) -> None:
        """Note what is wrong with an answer."""

    def is_blank(self, data: Any) -> bool:
        """Whether this is no answer where one is required."""
        return not data

    @abstractmethod
    def export_data(self, data: Any) -> Any:
        """The answer with labels for keys."""

    @abstractmethod
    def read_data(self, data: Any, path: str, errors: Errors) -> Any:
        """The answer with keys for labels."""

    def apply(
        self, element: Json | None, ops: list[Json], *, media: Media, path: str, errors: Errors
    ) -> Json | None:
        for op in ops:
            value = op["value"]
            if op["id"] is not None:
                fail(errors, path, _("This question has no objects; the id must be null."))
            elif value is None:
                element = None
            else:
                before = len(errors)
                self.element_schema().check(value, path, errors)
                if len(errors) == before:
                    self.check_data(value["data"], f"{path}.data", errors)
                element = value
        if element is None or errors:
            return None
        return {"questionId": self.id, "type": self.element_type, "data": element["data"]}

    def missing(self, element: Json | None, path: str) -> Errors:
        if self.must_fill and (element is None or self.is_blank(element["data"])):
            return self._required(path)
        return []

    def export(self, element: Json) -> Json:
        return {
            "questionId": self.id,
            "data": self.export_data(element["data"]),
            "markTitle": self.title,
            "type": self.element_type,
        }

    def read(self, element: Json, path: str, errors: Errors) -> Json | None:
        if "data" not in element:
            fail(errors, f"{path}.data", _("This is missing."))
            return None
        data = self.read_data(element["data"], f"{path}.data", errors)
        return {"questionId": self.id, "type": self.element_type, "data": data}


# --- what a template says of a question, before a job and a language fill it in --------------------------------------

LANGUAGES = MapOf(TITLE, most=20)
COMMON: dict[str, Schema] = {
    "titles": LANGUAGES,
    "aliases": ListOf(TITLE, most=20),
    "mustFill": Flag(),
    "selectGroup": Text(least=1, most=40),
    "selected": Flag(),
    #: The job may leave it out; `selected` says whether it is asked unless the job says otherwise.
    "canSelect": Flag(),
    #: How the job's form calls asking it, where that is not its title.
    "selectTitles": LANGUAGES,
}


def template_schema(cls: type[Question]) -> Record:
    """The entry of a question of this type in a template."""
    return Record(
        {"questionId": QUESTION_ID, "type": Literal(cls.type), "markTitle": TITLE},
        optional={**COMMON, **cls.template_members()},
    )


#: Any question in a template.
TEMPLATE_QUESTION = Union(
    "TemplateQuestion", "type", lambda: {name: template_schema(cls) for name, cls in _types.items()}
)
#: Any resolved question.
QUESTION = Union(
    "Question", "type", lambda: {name: cls.config_schema() for name, cls in _types.items()}
)


def nested() -> dict[str, type[Question]]:
    """The types that may stand inside an object."""
    return {name: cls for name, cls in _types.items() if issubclass(cls, DataQuestion)}


def children(configs: list[Json]) -> Iterator[DataQuestion]:
    """The nested questions of a configuration."""
    for config in configs:
        question = _types[config["type"]](config)
        if not isinstance(question, DataQuestion):
            raise TypeError(f"{question.type} cannot be nested")
        yield question


#: A question inside an object.
CHILD = Union(
    "ChildQuestion", "type", lambda: {name: cls.config_schema() for name, cls in nested().items()}
)
TEMPLATE_CHILD = Union(
    "TemplateChild", "type", lambda: {name: template_schema(cls) for name, cls in nested().items()}
)
