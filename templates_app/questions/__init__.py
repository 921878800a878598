"""Question types (topic components): one registry, one module each; nothing else knows a type by its name."""

from typing import Any

from templates_app.questions import (
    choice,
    pdf,
    picture,
    ranking,
    rating,
    segments,
    spans,
    table,
    text,
)
from templates_app.questions.base import Question, configure

#: Every question type by its name in iTAG.
TYPES: dict[str, type[Question]] = {
    cls.type: cls
    for cls in (
        choice.Radio,
        choice.Checkbox,
        text.Input,
        text.OpenEnded,
        text.TextEdit,
        rating.Rating,
        ranking.Ranking,
        picture.Picture,
        pdf.Pdf,
        table.Table,
        spans.Spans,
        segments.Segments,
    )
}
configure(TYPES)


def build(config: dict[str, Any]) -> Question:
    """The question that a resolved configuration describes."""
    return TYPES[config["type"]](config)


__all__ = ["TYPES", "Question", "build"]
