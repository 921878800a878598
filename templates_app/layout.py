"""Where the parts of a template stand on the labeling page: rows of cells, in each views and questions."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from templates_app.contents import FIELD
from templates_app.questions.base import QUESTION_ID, Json
from templates_app.schema import Errors, ListOf, OneOf, Record, Whole, fail

#: The columns of the stage.
COLUMNS = 12

BLOCK = OneOf(
    Record({"view": FIELD}, name="ViewBlock"),
    Record({"question": QUESTION_ID}, name="QuestionBlock"),
)
CELL = Record(
    {
        "width": Whole(least=1, most=COLUMNS),
        "blocks": ListOf(BLOCK, least=1, most=100),
    },
    name="LayoutCell",
)
ROW = Record(
    {"cells": ListOf(CELL, least=1, most=COLUMNS)},
    optional={"height": Whole(least=1, most=12)},
    name="LayoutRow",
)
#: Questions that stand in no cell are asked in the panel at the side; views in none follow, each in its own row.
LAYOUT = ListOf(ROW, most=20)


def check_layout(
    layout: Any, *, views: Iterable[Json], questions: Iterable[Json], errors: Errors
) -> None:
    """Note what is wrong with a template's layout."""
    before = len(errors)
    LAYOUT.check(layout, "layout", errors)
    if len(errors) > before:
        return
    known = {("view", view["bindField"]) for view in views}
    known |= {("question", question["questionId"]) for question in questions}
    met = set()
    for number, row in enumerate(layout):
        at = f"layout[{number}]"
        if sum(cell["width"] for cell in row["cells"]) > COLUMNS:
            fail(
                errors,
                f"{at}.cells",
                _("The cells of a row are at most %(most)d columns wide.") % {"most": COLUMNS},
            )
        for place, cell in enumerate(row["cells"]):
            for index, block in enumerate(cell["blocks"]):
                ((kind, name),) = block.items()
                path = f"{at}.cells[{place}].blocks[{index}].{kind}"
                if (kind, name) not in known:
                    fail(errors, path, _("The template has no such part."))
                elif (kind, name) in met:
                    fail(errors, path, _("This part has a place already."))
                met.add((kind, name))


def resolved(layout: list[Json], questions: Iterable[Json]) -> list[Json]:
    """The layout with the questions that a job asks; empty cells and rows are left out."""
    asked = {question["questionId"] for question in questions}
    rows = []
    for row in layout:
        cells = []
        for cell in row["cells"]:
            blocks = [b for b in cell["blocks"] if "view" in b or b["question"] in asked]
            if blocks:
                cells.append({**cell, "blocks": blocks})
        if cells:
            rows.append({**row, "cells": cells})
    return rows
