"""RATING: a number on a scale, by stars, numbers or a slider."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from templates_app.questions.base import QUESTION_ID, DataQuestion, Json, config_record
from templates_app.schema import Errors, Literal, Number, Record, Schema, Text, fail

#: The most values of a scale.
MAX_STEPS = 1_000

VALUE = Text(least=1, most=20)
BOUND = Number(least=-1e6, most=1e6)
STEP = Number(least=1e-3, most=1e6)
LABEL = Text(most=100)
STYLE = Literal("stars", "numbers", "slider", name="RatingStyle")
_NUMBER = re.compile(r"-?\d{1,7}(\.\d{1,6})?", re.ASCII)


def plain(number: float | str | Decimal) -> str:
    """The number as ratings are written: 4, not 4.0 or 4E0."""
    return f"{Decimal(str(number)).normalize() + 0:f}"


class Rating(DataQuestion):
    """The answer is the number as text, so that it is written and compared exactly."""

    type = "RATING"
    element_type = "survey/value"
    settings: ClassVar[Mapping[str, Any]] = {
        "default": None,
        "least": 1,
        "most": 5,
        "step": 1,
        "style": "stars",
        "lowLabel": None,
        "highLabel": None,
    }
    overridable: ClassVar[tuple[str, ...]] = ("default",)
    _scale: ClassVar[dict[str, Schema]] = {
        "least": BOUND,
        "most": BOUND,
        "step": STEP,
        "style": STYLE,
    }
    _words: ClassVar[dict[str, Schema]] = {"lowLabel": LABEL, "highLabel": LABEL}
    _config = config_record("RATING", "RatingQuestion", _scale, {"default": VALUE, **_words})
    _element = Record(
        {"questionId": QUESTION_ID, "type": Literal(element_type), "data": VALUE},
        name="RatingElement",
    )

    def __init__(self, config: Json) -> None:
        super().__init__(config)
        least, most, step = (Decimal(str(config[name])) for name in ("least", "most", "step"))
        self.least, self.most, self.step = least, most, step

    @classmethod
    def config_schema(cls) -> Record:
        return cls._config

    @classmethod
    def template_members(cls) -> dict[str, Schema]:
        return {**cls._scale, **cls._words}

    @classmethod
    def element_schema(cls) -> Record:
        return cls._element

    @classmethod
    def check_settings(
        cls, question: Json, path: str, fields: Mapping[str, str], errors: Errors
    ) -> None:
        said = {**cls.config_defaults(), **question}
        least, most, step = (Decimal(str(said[name])) for name in ("least", "most", "step"))
        if least >= most:
            fail(errors, f"{path}.most", _("The most must be above the least."))
        elif (most - least) / step > MAX_STEPS:
            fail(
                errors,
                f"{path}.step",
                _("A scale has at most %(most)d steps.") % {"most": MAX_STEPS},
            )
        elif (most - least) % step:
            fail(errors, f"{path}.step", _("The steps do not end at the most."))

    def check_data(self, data: Any, path: str, errors: Errors) -> None:
        if not isinstance(data, str) or not _NUMBER.fullmatch(data) or plain(data) != data:
            fail(errors, path, _("A number is expected."))
            return
        value = Decimal(data)
        if not self.least <= value <= self.most or (value - self.least) % self.step:
            fail(
                errors,
                path,
                _("A number from %(least)s to %(most)s in steps of %(step)s is expected.")
                % {
                    "least": plain(self.least),
                    "most": plain(self.most),
                    "step": plain(self.step),
                },
            )

    def chosen(self, data: Any) -> frozenset[str]:
        return frozenset((data,)) if isinstance(data, str) else frozenset()

    def export_data(self, data: Any) -> Any:
        return data

    def read_data(self, data: Any, path: str, errors: Errors) -> Any:
        if isinstance(data, int | float) and not isinstance(data, bool):
            data = str(data)
        if isinstance(data, str) and _NUMBER.fullmatch(data):
            data = plain(data)
        self.check_data(data, path, errors)
        return data
