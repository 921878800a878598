"""RANKING: options, or the contents that they stand for, in an order."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from templates_app.questions.base import QUESTION_ID, Json, config_record
from templates_app.questions.choice import MAX_OPTIONS, OPTIONS, Choice
from templates_app.schema import Errors, ListOf, Literal, MapOf, Record, Schema, Text, fail

FIELD = Text(least=1, most=200)
#: {option key: the field of the view that it ranks}.
CONTENTS = MapOf(FIELD, most=MAX_OPTIONS)
KEYS = ListOf(Text(most=64), most=MAX_OPTIONS)


class Ranking(Choice):
    """The answer is the keys of all options, the best first; or of none."""

    type = "RANKING"
    element_type = "survey/multivalue"
    nests = False
    settings: ClassVar[Mapping[str, Any]] = {"default": None, "contents": None}
    _config = config_record(
        "RANKING", "RankingQuestion", {"options": OPTIONS}, {"default": KEYS, "contents": CONTENTS}
    )
    _element = Record(
        {"questionId": QUESTION_ID, "type": Literal(element_type), "data": KEYS},
        name="RankingElement",
    )

    @classmethod
    def template_members(cls) -> dict[str, Schema]:
        return {**super().template_members(), "contents": CONTENTS}

    @classmethod
    def check_settings(
        cls, question: Json, path: str, fields: Mapping[str, str], errors: Errors
    ) -> None:
        options = question.get("options")
        for number, option in enumerate(options or ()):
            if option.get("children"):
                fail(
                    errors,
                    f"{path}.options[{number}].children",
                    _("What is ranked has no levels."),
                )
        keys = {option["key"] for option in options or ()}
        for key, field in question.get("contents", {}).items():
            if options is not None and key not in keys:
                fail(errors, f"{path}.contents.{key}", _("There is no such option."))
            elif field not in fields:
                fail(errors, f"{path}.contents.{key}", _("No view of the template has this field."))

    def check_data(self, data: Any, path: str, errors: Errors) -> None:
        if not isinstance(data, list):
            fail(errors, path, _("A list is expected."))
            return
        before = len(errors)
        for number, key in enumerate(data):
            self._check_key(key, f"{path}[{number}]", errors)
        if len(errors) == before and data and sorted(data) != sorted(self.labels):
            fail(errors, path, _("Every option has one place in the order."))

    def export_data(self, data: Any) -> Any:
        return [self.labels.get(key, key) for key in data]

    def read_data(self, data: Any, path: str, errors: Errors) -> Any:
        if not isinstance(data, list):
            fail(errors, path, _("A list is expected."))
            return []
        before = len(errors)
        keys = [
            self._read_label(label, f"{path}[{number}]", errors)
            for number, label in enumerate(data)
        ]
        if len(errors) == before:
            self.check_data(keys, path, errors)
        return keys
