"""TABLE: operations on cells and on the whole, what is refused, and the way to the manifest and back."""

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from itag.core.errors import Invalid
from templates_app.answers import apply_ops, from_manifest, missing, to_manifest
from templates_app.questions.table import MAX_PLACES

TABLE = {
    "questionId": "1",
    "type": "TABLE",
    "markTitle": "Table recognition label configuration",
    "mustFill": True,
    "view": "source",
    "field": "photo",
}
MEDIA = {"photo": {"width": 640, "height": 480}}


def cell(row: int, col: int, text: str = "", **more: Any) -> dict[str, Any]:
    found = {"row": row, "col": col, "rowspan": 1, "colspan": 1, "header": False, "text": text}
    return {**found, "value": None, **more}


def quad(x: float, y: float, width: float = 50, height: float = 20) -> list[list[float]]:
    return [[x, y], [x + width, y], [x + width, y + height], [x, y + height]]


def table(*cells: dict[str, Any], rows: int = 2, cols: int = 2) -> dict[str, Any]:
    data = {"rows": rows, "cols": cols, "cells": list(cells)}
    return {"questionId": "1", "type": "table", "data": data}


def op(key: str | None, value: Any) -> dict[str, Any]:
    return {"questionId": "1", "id": key, "value": value}


def apply(results: list[Any], *ops: dict[str, Any]) -> list[Any]:
    return apply_ops(results, list(ops), questions=[TABLE], media=MEDIA)


def refused(results: list[Any], *ops: dict[str, Any]) -> str:
    """The place of the first fault."""
    before = copy.deepcopy(results)
    with pytest.raises(Invalid) as caught:
        apply(results, *ops)
    assert results == before
    return caught.value.errors[0]["field"]


FULL = table(
    cell(0, 0, "Year", header=True, colspan=2, value=quad(10, 10, 100)),
    cell(1, 0, "2024", value=quad(10, 30)),
    cell(1, 1, "12\n13", value=quad(60, 30)),
)


def test_a_table_is_set_typed_in_and_taken_away() -> None:
    results = apply([], op(None, FULL))
    assert results == [FULL]
    typed = {**FULL["data"]["cells"][1], "text": "2025"}
    after = apply(results, op("1:0", typed))
    assert after[0]["data"]["cells"][1] == typed
    assert results == [FULL]
    assert apply(after, op("1:1", None))[0]["data"]["cells"] == [FULL["data"]["cells"][0], typed]
    assert apply(results, op(None, None)) == []


def test_cells_are_kept_row_by_row() -> None:
    given_ = table(cell(1, 1), cell(0, 1), cell(1, 0))
    found = apply([], op(None, given_), op("0:0", cell(0, 0)))[0]["data"]["cells"]
    assert [(one["row"], one["col"]) for one in found] == [(0, 0), (0, 1), (1, 0), (1, 1)]


def test_spans_may_change_in_one_save_as_long_as_it_ends_well() -> None:
    results = apply([], op(None, table(cell(0, 0), cell(0, 1), cell(1, 0))))
    wide = cell(0, 0, colspan=2)
    assert refused(results, op("0:0", wide)) == "results[0].data.cells[1]"
    after = apply(results, op("0:0", wide), op("0:1", None))
    assert [one["colspan"] for one in after[0]["data"]["cells"]] == [2, 1]


@pytest.mark.parametrize(
    ("value", "place"),
    [
        (table(cell(0, 0), rows=0), ".data.rows"),
        (table(cell(0, 0), rows=2.0), ".data.rows"),  # type: ignore[arg-type]
        (table(cell(0, 0), rows=True), ".data.rows"),
        (table(cell(0, 2)), ".data.cells[0]"),
        (table(cell(1, 0, rowspan=2)), ".data.cells[0]"),
        (table(cell(0, 0, rowspan=0)), ".data.cells[0].rowspan"),
        (table(cell(0, 0, rowspan=2), cell(1, 0)), ".data.cells[1]"),
        (table(cell(0, 0), cell(0, 0)), ".data.cells[1]"),
        (table(cell(0, 0, value=quad(0, 0)[:3])), ".data.cells[0].value"),
        (table(cell(0, 0, value=quad(600, 0))), ".data.cells[0].value[1][0]"),
        (table(cell(0, 0, value=quad(0, 470))), ".data.cells[0].value[2][1]"),
        (table(cell(0, 0, value=quad(0, 0)[::-1])), ".data.cells[0].value"),
        (table(cell(0, 0, value=[[5, 5]] * 4)), ".data.cells[0].value"),
        (table(cell(0, 0, text="a\x00")), ".data.cells[0].text"),
        (table(cell(0, 0, colour="red")), ".data.cells[0].colour"),
        (table(cell(0, 0), rows=1000, cols=1000), ".data"),
        ({**table(cell(0, 0)), "questionId": "2"}, ".questionId"),
    ],
)
def test_what_is_refused(value: Any, place: str) -> None:
    assert refused([], op(None, value)) == f"results[0]{place}"


def test_what_is_refused_of_one_cell() -> None:
    assert refused([], op("0:0", cell(0, 0))) == "results[0]"
    results = apply([], op(None, FULL))
    assert refused(results, op("0:1", cell(0, 0))) == "results[0].data.cells[0:1]"
    assert refused(results, op("9:9", cell(9, 9))).startswith("results[0].data.cells[")
    outside = cell(1, 0, value=quad(600, 0))
    assert refused(results, op("1:0", outside)) == "results[0].data.cells[1:0].value[1][0]"
    no_size: dict[str, Any] = {"questions": [TABLE], "media": {}}
    with pytest.raises(Invalid):
        apply_ops(results, [op("1:0", FULL["data"]["cells"][1])], **no_size)
    assert apply_ops(results, [op("1:0", cell(1, 0, "x"))], **no_size)


def test_many_cells_at_once_are_quick() -> None:
    results = apply([], op(None, table(rows=100, cols=MAX_PLACES // 100)))
    ops = [op(f"{r}:{c}", cell(r, c)) for r in range(100) for c in range(MAX_PLACES // 100)]
    assert len(apply(results, *ops)[0]["data"]["cells"]) == MAX_PLACES


def test_it_is_required() -> None:
    assert [error["field"] for error in missing([], [TABLE])] == ["questions.1"]
    assert missing([FULL], [TABLE]) == []
    assert missing([], [{**TABLE, "mustFill": False}]) == []


def test_the_manifest_has_the_title_and_comes_back() -> None:
    written = to_manifest([FULL], [TABLE])
    assert written == [
        {
            "questionId": "1",
            "data": FULL["data"],
            "markTitle": "Table recognition label configuration",
            "type": "table",
        }
    ]
    assert from_manifest(written, [TABLE]) == [FULL]


def test_other_peoples_tables_say_less() -> None:
    found = from_manifest(
        [
            {
                "markTitle": TABLE["markTitle"],
                "type": "table",
                "data": {
                    "rows": 1,
                    "cols": 2,
                    "cells": [
                        {"row": 0, "col": 1, "text": "b", "value": quad(700, 5)},
                        {"row": 0, "col": 0, "value": quad(0, 0)[::-1]},
                    ],
                },
            }
        ],
        [TABLE],
    )
    turned = [[0, 20], [0, 0], [50, 0], [50, 20]]
    assert found == [table(cell(0, 0, value=turned), cell(0, 1, "b", value=quad(700, 5)), rows=1)]
    bad: Any
    for bad in ([], None, {"rows": 1, "cols": 1, "cells": [7]}, {"rows": 1, "cells": []}):
        with pytest.raises(Invalid):
            from_manifest([{"questionId": "1", "type": "table", "data": bad}], [TABLE])
    twice = {"rows": 1, "cols": 1, "cells": [{"row": 0, "col": 0}, {"row": 0, "col": 0}]}
    with pytest.raises(Invalid):
        from_manifest([{"questionId": "1", "type": "table", "data": twice}], [TABLE])


@st.composite
def tables(draw: Any) -> dict[str, Any]:
    """A table whose places are cut into cells, some left out."""
    rows, cols = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    free = {(row, col) for row in range(rows) for col in range(cols)}
    cells = []
    for row, col in sorted(free):
        if (row, col) not in free or draw(st.integers(0, 9)) == 0:
            continue
        height, width = draw(st.integers(1, 3)), draw(st.integers(1, 3))
        taken = {(r, c) for r in range(row, row + height) for c in range(col, col + width)}
        if not taken <= free:
            height = width = 1
            taken = {(row, col)}
        free -= taken
        place = draw(st.none() | st.just(quad(col * 60, row * 30)))
        text = draw(st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=5))
        more = {"rowspan": height, "colspan": width, "header": draw(st.booleans())}
        cells.append(cell(row, col, text, value=place, **more))
    return table(*cells, rows=rows, cols=cols)


@given(tables())
@settings(max_examples=60, deadline=None)
def test_every_table_survives(value: dict[str, Any]) -> None:
    results = apply([], op(None, value))
    assert results == [value]
    assert from_manifest(to_manifest(results, [TABLE]), [TABLE]) == results
    for one in value["data"]["cells"]:
        results = apply(results, op(f"{one['row']}:{one['col']}", {**one, "text": "x"}))
    assert {one["text"] for one in results[0]["data"]["cells"]} <= {"x"}
