"""INPUT, OPEN_ENDED and TEXT_EDIT: a text that is typed."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from templates_app import rules
from templates_app.questions.base import QUESTION_ID, DataQuestion, Json, config_record
from templates_app.schema import Errors, ListOf, Literal, Record, Schema, Text, Whole, fail

#: The longest text of one answer, in characters.
MAX_TEXT = 20_000
#: The longest text where whole documents are edited.
MAX_LONG_TEXT = 1_000_000
TYPED = Text(most=MAX_TEXT, lines=True)
LONG = Text(most=MAX_LONG_TEXT, lines=True)
FIELD = Text(least=1, most=200)
#: Texts that are put in with a click or a key.
PRESETS = ListOf(Text(least=1, most=1000, lines=True), most=100)
#: A regular expression that the whole answer has to match.
RULE = Text(most=rules.MAX_RULE)
RULE_HINT = Text(most=200)
COUNT = Whole(least=0, most=MAX_LONG_TEXT)


class Typed(DataQuestion):
    """A text; the answer is the text as it was typed, several lines if need be."""

    element_type = "survey/value"
    typed = True
    text: ClassVar[Text] = TYPED
    settings: ClassVar[Mapping[str, Any]] = {"default": None}
    overridable: ClassVar[tuple[str, ...]] = ("default",)
    _config: ClassVar[Record]
    _element: ClassVar[Record]

    @classmethod
    def config_schema(cls) -> Record:
        return cls._config

    @classmethod
    def element_schema(cls) -> Record:
        return cls._element

    def check_data(self, data: Any, path: str, errors: Errors) -> None:
        self.text.check(data, path, errors)

    def is_blank(self, data: Any) -> bool:
        return not data.strip()

    def export_data(self, data: Any) -> Any:
        return data

    def read_data(self, data: Any, path: str, errors: Errors) -> Any:
        self.text.check(data, path, errors)
        return data


def _typed_element(name: str, text: Text) -> Record:
    return Record(
        {"questionId": QUESTION_ID, "type": Literal("survey/value"), "data": text}, name=name
    )


class Input(Typed):
    """A short text, of a form that a rule describes if need be."""

    type = "INPUT"
    settings: ClassVar[Mapping[str, Any]] = {
        "default": None,
        "rule": None,
        "ruleHint": None,
        "preOptions": None,
    }
    overridable = ("default", "rule", "ruleHint", "preOptions")
    _members: ClassVar[dict[str, Schema]] = {
        "rule": RULE,
        "ruleHint": RULE_HINT,
        "preOptions": PRESETS,
    }
    _config = config_record("INPUT", "InputQuestion", {}, {"default": TYPED, **_members})
    _element = _typed_element("InputElement", TYPED)

    def __init__(self, config: Json) -> None:
        super().__init__(config)
        self.rule: str = config.get("rule", "")
        self.rule_hint: str = config.get("ruleHint", "")

    @classmethod
    def check_settings(
        cls, question: Json, path: str, fields: Mapping[str, str], errors: Errors
    ) -> None:
        if message := rules.problem(question.get("rule") or ""):
            fail(errors, f"{path}.rule", message)

    @property
    def asks(self) -> bool:
        return self.must_fill or bool(self.rule)

    def unfit(self, data: Any) -> str:
        if not self.rule or rules.matches(self.rule, data):
            return ""
        return _("“%(title)s” is not as its rule asks: %(hint)s") % {
            "title": self.title,
            "hint": self.rule_hint or self.rule,
        }

    @classmethod
    def template_members(cls) -> dict[str, Schema]:
        return cls._members


class OpenEnded(Typed):
    """A long text, of a least and a greatest length if need be."""

    type = "OPEN_ENDED"
    text = LONG
    settings: ClassVar[Mapping[str, Any]] = {
        "default": None,
        "least": None,
        "most": None,
        "preOptions": None,
    }
    overridable = ("default", "preOptions")
    _members: ClassVar[dict[str, Schema]] = {
        "least": COUNT,
        "most": COUNT,
        "preOptions": PRESETS,
    }
    _config = config_record("OPEN_ENDED", "OpenEndedQuestion", {}, {"default": LONG, **_members})
    _element = _typed_element("OpenEndedElement", LONG)

    def __init__(self, config: Json) -> None:
        super().__init__(config)
        self.least: int = config.get("least", 0)
        self.most: int = config.get("most", MAX_LONG_TEXT)

    @classmethod
    def template_members(cls) -> dict[str, Schema]:
        return cls._members

    @classmethod
    def check_settings(
        cls, question: Json, path: str, fields: Mapping[str, str], errors: Errors
    ) -> None:
        if question.get("least", 0) > question.get("most", MAX_LONG_TEXT):
            fail(errors, f"{path}.most", _("The most must not be below the least."))

    @property
    def asks(self) -> bool:
        return self.must_fill or self.least > 0 or self.most < MAX_LONG_TEXT

    def unfit(self, data: Any) -> str:
        if self.least <= len(data) <= self.most:
            return ""
        return _("“%(title)s” takes %(least)d to %(most)d characters; there are %(count)d.") % {
            "title": self.title,
            "least": self.least,
            "most": self.most,
            "count": len(data),
        }


class TextEdit(Typed):
    """The text of a field, edited; the answer is the whole text as it became."""

    type = "TEXT_EDIT"
    text = LONG
    nests = False
    view_types = ("Text", "Markdown")
    settings: ClassVar[Mapping[str, Any]] = {}
    overridable = ()
    _config = config_record("TEXT_EDIT", "TextEditQuestion", {"view": FIELD, "field": FIELD})
    _element = _typed_element("TextEditElement", LONG)

    @classmethod
    def template_members(cls) -> dict[str, Schema]:
        return {"view": FIELD}
