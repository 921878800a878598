"""INPUT: a text that is typed."""

from typing import Any, ClassVar

from templates_app.questions.base import QUESTION_ID, TITLE, DataQuestion
from templates_app.schema import Errors, Flag, ListOf, Literal, Record, Schema, Text

#: The longest text of one answer, in characters.
MAX_TEXT = 20_000
TYPED = Text(most=MAX_TEXT, lines=True)


class Input(DataQuestion):
    """A text; the answer is the text as it was typed, several lines if need be."""

    type = "INPUT"
    element_type = "survey/value"
    typed = True
    _config: ClassVar[Record] = Record(
        {
            "questionId": QUESTION_ID,
            "type": Literal("INPUT"),
            "markTitle": TITLE,
            "mustFill": Flag(),
        },
        optional={"aliases": ListOf(TITLE, most=20)},
        name="InputQuestion",
    )
    _element: ClassVar[Record] = Record(
        {"questionId": QUESTION_ID, "type": Literal(element_type), "data": TYPED},
        name="InputElement",
    )

    @classmethod
    def config_schema(cls) -> Record:
        return cls._config

    @classmethod
    def template_members(cls) -> dict[str, Schema]:
        return {}

    @classmethod
    def element_schema(cls) -> Record:
        return cls._element

    def check_data(self, data: Any, path: str, errors: Errors) -> None:
        TYPED.check(data, path, errors)

    def is_blank(self, data: Any) -> bool:
        return not data.strip()

    def export_data(self, data: Any) -> Any:
        return data

    def read_data(self, data: Any, path: str, errors: Errors) -> Any:
        TYPED.check(data, path, errors)
        return data
