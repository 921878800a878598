"""What every question type does; a type is a class, a question of a template an instance made from its JSON."""

import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from templates_app.schema import (
    Errors,
    Flag,
    ListOf,
    Literal,
    MapOf,
    OneOf,
    Record,
    Schema,
    Text,
    Union,
    fail,
)

#: An element of `results`, an object inside it, or a configuration.
Json = dict[str, Any]
#: {dataset field: {"width", "height", …}} of the item, as Item.media; for questions that read texts also {"text"}.
Media = Mapping[str, Mapping[str, Any]]

#: {question id: what is chosen} of the questions outside all objects; hidden ones are not in it.
Choosing = Mapping[str, frozenset[str]]
NOTHING: Choosing = {}

QUESTION_ID = Text(least=1, most=40, pattern=r"\d+(\.\d+)*", hint="1, 1.2")
TITLE = Text(least=1, most=100)
#: One line under a question's title.
HELP = Text(most=500)
#: A question is shown while one of these is chosen in the other one: option keys, or values of a rating.
SHOW_IF = Record(
    {"questionId": QUESTION_ID, "is": ListOf(Text(least=1, most=64), least=1)}, name="ShowIf"
)
#: What every resolved question may have.
EXTRA: dict[str, Schema] = {"aliases": ListOf(TITLE, most=20), "help": HELP, "showIf": SHOW_IF}

_types: dict[str, type["Question"]] = {}


def configure(types: dict[str, type["Question"]]) -> None:
    """Make the registry known to types that nest others; the package does it once."""
    _types.update(types)


def normal(text: str) -> str:
    """Text as titles and labels are compared: NFC, without blanks at the ends."""
    return unicodedata.normalize("NFC", text).strip()


#: Where questions stand inside another one: asked of its objects, of their pages, of the relations between them.
NESTS = ("children", "pageChildren", "relationChildren")


def inner(question: Mapping[str, Any]) -> list[Json]:
    """The questions inside this one."""
    return [child for name in NESTS for child in question.get(name, ())]


def config_record(
    kind: str,
    name: str,
    members: dict[str, Schema] | None = None,
    optional: dict[str, Schema] | None = None,
) -> Record:
    """A resolved question of a type, with its members beside those that every question has."""
    return Record(
        {
            "questionId": QUESTION_ID,
            "type": Literal(kind),
            "markTitle": TITLE,
            "mustFill": Flag(),
            **(members or {}),
        },
        optional={**EXTRA, **(optional or {})},
        name=name,
    )


@dataclass(frozen=True, slots=True)
class ShowIf:
    """The condition under which a question is asked: one of the keys is chosen in the other question."""

    question: str
    keys: frozenset[str]


class Question(ABC):
    """A resolved question, ready to check, apply, export and import answers."""

    #: iTAG's name of the type.
    type: ClassVar[str]
    #: The `type` of its element in `results`.
    element_type: str
    #: Whether people pick from a list that the job gives.
    takes_options: ClassVar[bool] = False
    #: The types of view that it can mark on, if it needs one.
    view_types: ClassVar[tuple[str, ...]] = ()
    #: Members of its entry in a template that the browser gets as they are, with what stands for an absent one
    #: (None: it stays absent).
    settings: ClassVar[Mapping[str, Any]] = {}
    #: Those of them that a job may say otherwise.
    overridable: ClassVar[tuple[str, ...]] = ()
    #: Whether checking an answer needs the text that its view shows.
    reads_text: ClassVar[bool] = False
    #: Whether iTAG writes its element without saying whose it is.
    unnamed: bool = False
    #: Whether its objects lie along a line, a text or a time, and a manifest lists them as `objects`.
    ranges: ClassVar[bool] = False

    def __init__(self, config: Json) -> None:
        self.id: str = config["questionId"]
        self.title: str = config["markTitle"]
        self.must_fill: bool = config.get("mustFill", False)
        #: Every name under which a manifest may speak of it.
        self.titles = {normal(title) for title in (self.title, *config.get("aliases", ()))}
        rule = config.get("showIf")
        self.show_if = ShowIf(rule["questionId"], frozenset(rule["is"])) if rule else None

    def inside(self) -> "Iterator[Question]":
        """The questions inside this one, ready."""
        return iter(())

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

    @classmethod
    def config_defaults(cls) -> Json:
        """What an entry of a template lacks of what building it needs, where nothing is said."""
        return {name: usual for name, usual in cls.settings.items() if usual is not None}

    @classmethod
    def check_settings(
        cls, question: Json, path: str, fields: Mapping[str, str], errors: Errors
    ) -> None:
        """Note what does not fit in its own members; `fields`: {a view's field: the view's type}.

        `question` is its entry in a template, or resolved; options may be missing.
        """
        return

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
    def missing(self, element: Json | None, path: str, top: Choosing) -> Errors:
        """What is required and not there yet, or not as its rules ask; hidden questions miss nothing."""

    def shown(self, element: Json, top: Choosing) -> Json:
        """The element without the answers of hidden questions inside."""
        return element

    @abstractmethod
    def export(self, element: Json, *, named: bool = False) -> Json:
        """The element as iTAG writes it: titles and labels for keys, iTAG's order of members.

        `named`: it says whose it is even where its form would do.
        """

    @abstractmethod
    def read(self, element: Json, path: str, errors: Errors) -> Json | None:
        """The canonical element of one that iTAG or itag wrote; None where `errors` says what is wrong."""

    def _required(self, path: str) -> Errors:
        return [{"field": path, "message": _("“%(title)s” is required.") % {"title": self.title}}]

    @staticmethod
    def _needs(number: int, child: "Question") -> str:
        """What to say of an object, counted from 0, that lacks an answer."""
        return _("Object %(number)d needs “%(title)s”.") % {
            "number": number + 1,
            "title": child.title,
        }


class DataQuestion(Question):
    """A question whose answer is one value, `data`; it can stand alone or inside an object's `labels`."""

    #: Whether the value is a text that people type, or have recognised.
    typed: ClassVar[bool] = False
    #: Whether it may be asked of an object.
    nests: ClassVar[bool] = True

    @classmethod
    def data_schema(cls) -> Schema:
        """The form of an answer."""
        return cls.element_schema().members["data"]

    @abstractmethod
    def check_data(self, data: Any, path: str, errors: Errors) -> None:
        """Note what is wrong with an answer."""

    def is_blank(self, data: Any) -> bool:
        """Whether this is no answer where one is required."""
        return not data

    @property
    def asks(self) -> bool:
        """Whether `missing` can find anything at all."""
        return self.must_fill

    def unfit(self, data: Any) -> str:
        """What is wrong with an answer that is kept as a draft but cannot be submitted; "" where nothing is."""
        return ""

    def chosen(self, data: Any) -> frozenset[str]:
        """What conditions of other questions can ask for."""
        return frozenset()

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

    def missing(self, element: Json | None, path: str, top: Choosing) -> Errors:
        if element is None or self.is_blank(element["data"]):
            return self._required(path) if self.must_fill else []
        problem = self.unfit(element["data"])
        return [{"field": path, "message": problem}] if problem else []

    def export(self, element: Json, *, named: bool = False) -> Json:
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
    #: One text, or one for each language.
    "help": OneOf(HELP, MapOf(HELP, most=20)),
    "showIf": SHOW_IF,
}


def template_schema(cls: type[Question]) -> Record:
    """The entry of a question of this type in a template."""
    default = {"default": cls.data_schema()} if issubclass(cls, DataQuestion) else {}
    return Record(
        {"questionId": QUESTION_ID, "type": Literal(cls.type), "markTitle": TITLE},
        optional={**COMMON, **default, **cls.template_members()},
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
    return {
        name: cls for name, cls in _types.items() if issubclass(cls, DataQuestion) and cls.nests
    }


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
