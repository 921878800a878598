"""The figures that `make bench` prints: all are there, and each is one line of exactly these fields."""

import json

import pytest

from bench.__main__ import main
from bench.frame import FIGURES, Figure, percentile

NAMES = "claim create_1m list_pages save save_10k_boxes open_package next_item boxes_10k picture_100mp memory_1000 pdf_500 text_200k export_manifest import_manifest labelers_8 startup"


def test_every_figure_is_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONLY", "nothing")
    assert main() == 2  # an unknown name; all that there are have registered themselves
    assert {*NAMES.split()} <= {*FIGURES}


def test_a_line_has_exactly_the_fields_that_scripts_read() -> None:
    figure = Figure(
        name="save", value=1.23456, unit="ms", reach="≤ 10 ms", ok=True, detail={"median": 1 / 3}
    )
    assert list(json.loads(figure.line()).items()) == [
        ("name", "save"),
        ("value", 1.235),
        ("unit", "ms"),
        ("baseline", None),
        ("ratio", None),
        ("reach", "≤ 10 ms"),
        ("detail", {"median": 0.333}),
        ("ok", True),
    ]


def test_a_percentile_is_a_value_that_was_measured() -> None:
    assert percentile([5.0], 95) == 5
    assert percentile([float(n) for n in range(1, 101)], 95) == 95
    assert percentile([3.0, 1.0, 2.0], 50) == 2
