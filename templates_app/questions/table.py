"""TABLE: the grid of a table on a picture, its cells' spans, header flags, texts and places.

An operation's id is null for the whole table, or "<row>:<col>" for one cell, so that typing sends one cell.
"""

import math
from typing import Any

from django.utils.translation import gettext as _

from templates_app.questions.base import QUESTION_ID, Choosing, Json, Media, Question, config_record
from templates_app.questions.picture import FIELD
from templates_app.questions.shapes import outside
from templates_app.questions.text import TYPED
from templates_app.schema import (
    Errors,
    Flag,
    ListOf,
    Literal,
    Nullable,
    Number,
    Pair,
    Record,
    Schema,
    Whole,
    fail,
    join,
)

#: The most rows, and columns, of one table.
MAX_LINES = 1_000
#: The most places for cells: rows times columns.
MAX_PLACES = 20_000

COUNT = Whole(least=1, most=MAX_LINES)
INDEX = Whole(least=0, most=MAX_LINES - 1)
QUAD = ListOf(Pair(Number()), least=4, most=4)
CELL = Record(
    {
        "row": INDEX,
        "col": INDEX,
        "rowspan": COUNT,
        "colspan": COUNT,
        "header": Flag(),
        "text": TYPED,
        "value": Nullable(QUAD),
    },
    name="TableCell",
)
DATA = Record(
    {"rows": COUNT, "cols": COUNT, "cells": ListOf(CELL, most=MAX_PLACES)}, name="TableData"
)
ELEMENT = Record(
    {"questionId": QUESTION_ID, "type": Literal("table"), "data": DATA}, name="TableElement"
)
CONFIG = config_record("TABLE", "TableQuestion", {"view": FIELD, "field": FIELD})
#: What a cell of a manifest is where it does not say otherwise.
PLAIN_CELL = {"rowspan": 1, "colspan": 1, "header": False, "text": "", "value": None}


class Table(Question):
    """One table; its cells lie inside rows × cols and share no place. `value` is a cell's outline on the picture.

    The corners go clockwise from the top left; null where the cell's place on the picture is not marked. A place that
    no cell takes is an empty one.
    """

    type = "TABLE"
    element_type = "table"
    view_types = ("Image",)

    def __init__(self, config: Json) -> None:
        super().__init__(config)
        self.field: str = config["field"]

    @classmethod
    def config_schema(cls) -> Record:
        return CONFIG

    @classmethod
    def template_members(cls) -> dict[str, Schema]:
        return {"view": FIELD}

    @classmethod
    def element_schema(cls) -> Record:
        return ELEMENT

    # --- operations -----------------------------------------------------------------------------------------------

    def apply(
        self, element: Json | None, ops: list[Json], *, media: Media, path: str, errors: Errors
    ) -> Json | None:
        size = media.get(self.field, {})
        found = _Sheet(element["data"]) if element else None
        for op in ops:
            key, value = op["id"], op["value"]
            if key is None:
                found = None if value is None else self._whole(value, size, path, errors)
            elif found is None:
                fail(errors, path, _("There is no table yet."))
            else:
                found.put(key, value, size, f"{path}.data.cells", errors)
            if errors:
                return None
        if found is None:
            return None
        if found.rebuilt:
            check_table(found.data, f"{path}.data", errors)
        return self._element(found.data)

    def _element(self, data: Json) -> Json:
        return {"questionId": self.id, "type": self.element_type, "data": data}

    def _whole(self, value: Any, size: Any, path: str, errors: Errors) -> "_Sheet | None":
        ELEMENT.check(value, path, errors)
        if errors:
            return None
        if value["questionId"] != self.id:
            fail(errors, f"{path}.questionId", _("This is not the id of the operation."))
        at = f"{path}.data"
        check_table(value["data"], at, errors)
        for number, cell in enumerate(value["data"]["cells"]):
            check_place(cell, size, f"{at}.cells[{number}]", errors)
        return _Sheet(value["data"])

    def missing(self, element: Json | None, path: str, top: Choosing) -> Errors:
        return self._required(path) if self.must_fill and element is None else []

    # --- manifest -------------------------------------------------------------------------------------------------

    def export(self, element: Json, *, named: bool = False) -> Json:
        return {
            "questionId": self.id,
            "markTitle": self.title,
            "type": self.element_type,
            "data": element["data"],
        }

    def read(self, element: Json, path: str, errors: Errors) -> Json | None:
        """What a cell does not say is as in a plain cell; corners may lie outside the picture, as PICTURE's may."""
        before = len(errors)
        data, at = element.get("data"), f"{path}.data"
        if isinstance(data, dict) and isinstance(data.get("cells"), list):
            cells = [
                {**PLAIN_CELL, **cell} if isinstance(cell, dict) else cell for cell in data["cells"]
            ]
            data = {**data, "cells": cells}
        DATA.check(data, at, errors)
        if len(errors) > before or not isinstance(data, dict):
            return None
        check_table(data, at, errors)
        for number, cell in enumerate(data["cells"]):
            if cell["value"] is not None:
                cell["value"] = clockwise(cell["value"])
                check_corners(cell["value"], f"{at}.cells[{number}].value", errors)
        return self._element(in_order(data)) if len(errors) == before else None


class _Sheet:
    """A table's cells by their place while operations are carried out; what was given is not changed."""

    def __init__(self, data: Json) -> None:
        self.rows, self.cols = data["rows"], data["cols"]
        self.cells = {cell_id(cell): cell for cell in data["cells"]}
        #: Whether cells took other places, which is checked once all operations are carried out.
        self.rebuilt = False

    @property
    def data(self) -> Json:
        cells = list(self.cells.values())
        return in_order({"rows": self.rows, "cols": self.cols, "cells": cells})

    def put(self, key: str, value: Any, size: Any, path: str, errors: Errors) -> None:
        """Set one cell, or take it away (None)."""
        if value is None:
            self.cells.pop(key, None)
            return
        at = f"{path}[{key}]"
        CELL.check(value, at, errors)
        if errors:
            return
        if cell_id(value) != key:
            fail(errors, at, _("This is not the id of the operation."))
            return
        known = self.cells.get(key)
        self.cells[key] = value
        check_place(value, size, at, errors)
        spans = ("rowspan", "colspan")
        if known is None or any(known[name] != value[name] for name in spans):
            self.rebuilt = True


def cell_id(cell: Json) -> str:
    """How operations name a cell."""
    return f"{cell['row']:d}:{cell['col']:d}"


def in_order(data: Json) -> Json:
    """The table with its cells row by row, members in the order of the schema."""
    cells = sorted(data["cells"], key=lambda cell: (cell["row"], cell["col"]))
    return {
        "rows": data["rows"],
        "cols": data["cols"],
        "cells": [{name: cell[name] for name in CELL.required} for cell in cells],
    }


def check_table(data: Json, path: str, errors: Errors) -> None:
    """Note cells outside the table and cells that share a place; the data has DATA's form."""
    rows, cols = data["rows"], data["cols"]
    if rows * cols > MAX_PLACES:
        fail(errors, path, _("A table has at most %(most)d cells.") % {"most": MAX_PLACES})
        return
    taken: set[tuple[int, int]] = set()
    for number, cell in enumerate(data["cells"]):
        at = f"{path}.cells[{number}]"
        bottom, right = cell["row"] + cell["rowspan"], cell["col"] + cell["colspan"]
        if bottom > rows or right > cols:
            fail(errors, at, _("This cell lies outside the table."))
            continue
        places = {
            (row, col) for row in range(cell["row"], bottom) for col in range(cell["col"], right)
        }
        if not taken.isdisjoint(places):
            fail(errors, at, _("This cell overlaps another one."))
            return
        taken |= places


def check_place(cell: Json, size: Any, path: str, errors: Errors) -> None:
    """Note what is wrong with a cell's outline on a picture of this size."""
    points = cell["value"]
    if points is None:
        return
    at = join(path, "value")
    width, height = size.get("width"), size.get("height")
    if not width or not height:
        fail(errors, at, _("The size of the picture is not known, so nothing can be marked."))
        return
    check_corners(points, at, errors)
    for number, (x, y) in enumerate(points):
        if not 0 <= x <= width:
            outside(f"{at}[{number}][0]", x, width, errors)
        if not 0 <= y <= height:
            outside(f"{at}[{number}][1]", y, height, errors)


def check_corners(points: list[list[float]], path: str, errors: Errors) -> None:
    """Note corners that enclose nothing, or go the wrong way round."""
    if signed_area(points) <= 0:
        fail(errors, path, _("The corners go top left, top right, bottom right, bottom left."))


def clockwise(points: list[list[float]]) -> list[list[float]]:
    """The same corners clockwise as seen, from the same first one."""
    return points if signed_area(points) >= 0 else [points[0], *points[:0:-1]]


def signed_area(points: list[list[float]]) -> float:
    """Above 0 where the points go clockwise as seen."""
    turned = [*points[1:], points[0]]
    return math.fsum(a[0] * b[1] - b[0] * a[1] for a, b in zip(points, turned, strict=True)) / 2
