"""How much an answer is, and which labels it gives, in every canonical shape."""

from typing import Any

import pytest

from jobs.services.figures_units import UNITS, label_of, labels, units

CHOICES = frozenset({"1", "2", "1.1"})


def box(key: str, **labels: Any) -> dict[str, Any]:
    return {"id": key, "type": "image/polygon", "shape": "rectangle", "value": [[0, 0]] * 4,
            "labels": {name.replace("_", "."): value for name, value in labels.items()}}  # fmt: skip


def span(text: str, start: int, **fields: Any) -> dict[str, Any]:
    return {"id": "s", "text": text, "start": start, "end": start + len(text) - 1, "color": None,
            "result": {"1.1": ["person"]}, **fields}  # fmt: skip


RADIO = {"questionId": "1", "type": "survey/value", "data": "k1"}
CHECKBOX = {"questionId": "2", "type": "survey/multivalue", "data": ["k1", "k2"]}
TEXT = {"questionId": "3", "type": "survey/value", "data": "字数四个"}
PICTURE = {"questionId": "1", "type": "image", "rotation": 0, "width": 9, "height": 9,
           "data": [box("a", **{"1_1": "cat", "1_2": "typed"}), box("b", **{"1_1": "cat"})]}  # fmt: skip
SPANS = {"questionId": "1", "objects": [span("Vendio", 4), span("𝒳y", 20)], "empty": False,
         "relations": [{"id": "r", "from": "s", "to": "s", "result": {"1.1": ["owns"]}}]}  # fmt: skip
SEGMENTS = {"questionId": "1", "duration": 0, "objects": [
    {"id": "x", "text": None, "start": 0, "end": 1.5, "result": {"1.1": "dog", "1.2": "hello"}}]}  # fmt: skip
VIDEO = {**SEGMENTS, "type": "video", "duration": 2.5, "markTitle": "t"}
PDF = {"questionId": "1", "type": "pdf", "pages": [
    {"page": 1, "data": [box("a", **{"1_1": "k"})]}, {"page": 4, "data": []}]}  # fmt: skip
TABLE = {"questionId": "1", "type": "table", "data": {"rows": 1, "cols": 2, "cells": [
    {"row": 0, "col": 0, "text": "ab", "value": None}, {"row": 0, "col": 1, "text": "", "value": None}]}}  # fmt: skip


@pytest.mark.parametrize(
    ("results", "media", "expected"),
    [
        ([], {}, {}),
        ([RADIO, CHECKBOX], {}, {}),
        ([TEXT], {}, {"characters": 4}),
        ([PICTURE], {"source": {"type": "image", "width": 9}}, {"regions": 2, "characters": 5}),
        ([SPANS], {}, {"regions": 3, "characters": 8}),
        ([SEGMENTS], {"a": {"type": "audio", "duration": 12.3456}},
         {"regions": 1, "characters": 5, "audio_ms": 12346}),
        ([VIDEO], {}, {"regions": 1, "characters": 5, "video_ms": 2500}),
        ([RADIO], {"v": {"type": "video", "duration": 3}}, {"video_ms": 3000}),
        ([PDF], {}, {"regions": 1, "pages": 2}),
        ([PDF], {"p": {"type": "pdf", "pages": 17}}, {"regions": 1, "pages": 17}),
        ([TABLE], {}, {"regions": 2, "characters": 2}),
    ],
)  # fmt: skip
def test_units_of_every_shape(results: Any, media: Any, expected: dict[str, int]) -> None:
    assert units(results, media, CHOICES) == {**dict.fromkeys(UNITS, 0), **expected}


def test_labels_of_answers_and_of_what_is_marked() -> None:
    assert labels([RADIO, CHECKBOX, TEXT], CHOICES) == {"1:k1": 1, "2:k1": 1, "2:k2": 1}
    assert labels([PICTURE], CHOICES) == {"1.1:cat": 2}
    assert labels([SPANS], CHOICES) == {"1.1:person": 2, "1.1:owns": 1}
    assert labels([SEGMENTS], CHOICES) == {"1.1:dog": 1}
    assert labels([PDF], CHOICES) == {"1.1:k": 1}


def test_an_error_is_about_the_region_or_the_only_choice() -> None:
    assert label_of([PICTURE], "b", CHOICES) == ("1.1", "cat")
    assert label_of([PICTURE], "gone", CHOICES) == ("", "")
    assert label_of([PICTURE], "", CHOICES) == ("1.1", "cat")
    assert label_of([RADIO], "", CHOICES) == ("1", "k1")
    assert label_of([RADIO, CHECKBOX], "", CHOICES) == ("", "")
    assert label_of([], "", CHOICES) == ("", "")
