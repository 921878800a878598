"""Answers in words, and what differs between two of them."""

from difflib import SequenceMatcher
from typing import Any
from unittest import mock

import pytest

from jobs.selectors.differences import CHANGED, GONE, NEW, SAME, diff_results, word_diff

RADIO = {
    "questionId": "1",
    "type": "RADIO",
    "markTitle": "Mood",
    "options": [
        {"key": "k1", "label": "happy", "children": [{"key": "k3", "label": "very"}]},
        {"key": "k2", "label": "sad"},
    ],
}
CHECKBOX = {**RADIO, "questionId": "2", "type": "CHECKBOX", "markTitle": "Moods"}
BOXES = {
    "questionId": "3",
    "type": "PICTURE",
    "markTitle": "Cars",
    "children": [{**RADIO, "questionId": "3.1", "markTitle": "Kind"}],
}
INPUT = {"questionId": "4", "type": "INPUT", "markTitle": "Text"}
QUESTIONS: list[dict[str, Any]] = [RADIO, CHECKBOX, BOXES, INPUT]


def value(data: Any, question: str = "1") -> dict[str, Any]:
    kind = "survey/multivalue" if isinstance(data, list) else "survey/value"
    return {"questionId": question, "type": kind, "data": data}


def box(
    key: str, left: float, label: str = "k1", *, top: float = 10, shape: str = "rectangle"
) -> dict[str, Any]:
    corners = [[left, top], [left + 20, top], [left + 20, top + 10], [left, top + 10]]
    return {
        "id": key, "type": "image/polygon", "shape": shape, "value": corners, "labels": {"3.1": label},
    }  # fmt: skip


def picture(*boxes: dict[str, Any]) -> dict[str, Any]:
    return {"questionId": "3", "type": "image", "data": list(boxes)}


def marks(a: Any, b: Any) -> list[tuple[str, str]]:
    return [
        (line.text, line.mark) for answer in diff_results(a, b, QUESTIONS) for line in answer.lines
    ]


def test_a_first_answer_is_in_words_and_unmarked() -> None:
    assert marks(None, [value("k3"), value(["k2", "k1"], "2")]) == [
        ("very", SAME),
        ("sad", SAME),
        ("happy", SAME),
    ]


def test_another_choice_is_the_old_one_gone_and_a_new_one() -> None:
    (answer,) = diff_results([value("k1")], [value("k2")], QUESTIONS)
    (line,) = answer.lines
    assert (answer.title, line.mark) == ("Mood", CHANGED)
    assert [(piece.text, piece.mark) for piece in line.pieces] == [("happy", GONE), ("sad", NEW)]


def test_lists_of_choices_differ_by_what_is_new_and_gone() -> None:
    assert marks([value(["k1", "k2"], "2")], [value(["k2", "k3"], "2")]) == [
        ("sad", SAME),
        ("very", NEW),
        ("happy", GONE),
    ]


def test_an_answer_that_was_taken_away_is_gone() -> None:
    assert marks([value("k1")], []) == [("happy", GONE)]
    assert marks([], []) == []


def test_boxes_are_matched_by_id_and_say_how_far_they_moved() -> None:
    before = [picture(box("a", 10), box("b", 100), box("c", 200))]
    after = [picture(box("a", 13), box("b", 100, "k2"), box("d", 300))]
    (answer,) = diff_results(before, after, QUESTIONS)
    moved, relabelled, new, gone = answer.lines
    assert (moved.text, moved.mark) == ("happy · rectangle · 13, 10 · 20 × 10", CHANGED)
    assert moved.note == "moved by up to 3"
    assert relabelled.mark == CHANGED
    assert relabelled.note == "was: happy · rectangle"
    assert (new.mark, gone.mark) == (NEW, GONE)


def test_the_same_boxes_under_other_ids_are_the_same() -> None:
    before = [picture(box("a", 10), box("b", 100))]
    after = [picture(box("x", 100), box("y", 10))]
    assert {mark for _text, mark in marks(before, after)} == {SAME}


def test_boxes_that_another_person_drew_are_matched_where_they_lie() -> None:
    before = [picture(box("a", 10), box("b", 100))]
    after = [picture(box("x", 104), box("y", 300))]
    (answer,) = diff_results(before, after, QUESTIONS)
    assert [(line.mark, line.note) for line in answer.lines] == [
        (CHANGED, "moved by up to 4"), (NEW, ""), (GONE, ""),
    ]  # fmt: skip


def test_spans_segments_pages_and_tables_are_named_by_what_they_hold() -> None:
    spans = {
        "questionId": "9", "type": "text",
        "data": [
            {"id": "s", "start": 0, "end": 4, "text": "Paris", "result": {"Kind": "city"}},
            {"id": "t", "start": 9, "end": 14, "text": "France", "result": {"Kind": "country"}},
        ],
        "relations": [{"id": "r", "from": "s", "to": "t", "result": {"Kind": ["in"]}}],
    }  # fmt: skip
    sound = {
        "questionId": "8",
        "objects": [{"id": "o", "start": 0.5, "end": 2, "text": "hello", "result": {"Kind": "a"}}],
    }
    pages = {"questionId": "7", "type": "pdf", "pages": [{"page": 2, "data": [box("p", 5)]}]}
    cells = {
        "questionId": "6",
        "type": "table",
        "data": {"cells": [{"row": 0, "col": 1, "text": "12"}]},
    }
    assert [text for text, _mark in marks(None, [spans, sound, pages, cells])] == [
        "city: Paris",
        "country: France",
        "Paris → France · in",
        "0.50 – 2.00 s · a: hello",
        "k1 · rectangle · page 2 · 5, 10 · 20 × 10",
        "row 1, column 2: 12",
    ]


def test_texts_are_marked_word_by_word_and_chinese_by_character() -> None:
    assert [(p.text, p.mark) for p in word_diff("the red car", "the blue car")] == [
        ("the ", SAME), ("red", GONE), ("blue", NEW), (" car", SAME),
    ]  # fmt: skip
    assert [(p.text, p.mark) for p in word_diff("红色汽车", "蓝色汽车")] == [
        ("红", GONE), ("蓝", NEW), ("色汽车", SAME),
    ]  # fmt: skip


@pytest.mark.parametrize("data", [None, "", [], {}])
def test_what_says_nothing_has_no_line(data: Any) -> None:
    assert (
        diff_results(None, [{"questionId": "1", "type": "survey/value", "data": data}], [RADIO])
        == []
    )


def test_many_objects_are_counted_rather_than_listed() -> None:
    many = [picture(*(box(str(n), n) for n in range(500)))]
    (answer,) = diff_results([], many, QUESTIONS)
    assert (len(answer.lines), answer.more) == (200, 300)


@pytest.mark.parametrize(
    ("one", "other"),
    [("a," * 999, "a;" * 999), ("甲乙" * 999, "乙甲" * 999), ("a, b " * 400, "b; a " * 400)],
)
def test_monotonous_texts_are_compared_in_time(one: str, other: str) -> None:
    """These took minutes; the calls are counted, since a clock would depend on the machine."""
    calls = 0

    class Counted(SequenceMatcher[str]):
        def find_longest_match(self, *place: Any, **more: Any) -> Any:
            nonlocal calls
            calls += 1
            return super().find_longest_match(*place, **more)

    with mock.patch("difflib.SequenceMatcher", Counted):
        pieces = word_diff(one, other)
    assert "".join(piece.text for piece in pieces if piece.mark != "new") == one
    assert calls < 500


def test_thousands_of_regions_that_lie_nowhere_near_each_other() -> None:
    def boxes(offset: int) -> list[Any]:
        return [
            {
                "shape": "rectangle",
                "value": [[n * 9, offset], [n * 9 + 1, offset + 1]],
                "labels": {},
            }
            for n in range(3000)
        ]

    with mock.patch("jobs.selectors.differences._near", side_effect=AssertionError):
        found = diff_results(
            [{"questionId": "1", "type": "image", "data": boxes(0)}],
            [{"questionId": "1", "type": "image", "data": boxes(5000)}],
            [{"questionId": "1", "markTitle": "Boxes"}],
        )
    assert found[0].more == 5800


def test_masks_and_holes_and_spans_differ_by_what_nobody_reads() -> None:
    mask = {"type": "image/mask", "shape": "mask", "labels": {}}

    def masked(key: str, *masks: str) -> list[dict[str, Any]]:
        data = [
            {**mask, "id": f"{key}{counts}", "value": {"size": [9, 9], "counts": counts}}
            for counts in masks
        ]
        return [{"questionId": "1", "type": "image", "width": 9, "height": 9, "data": data}]

    def marks(a: Any, b: Any) -> list[tuple[str, str]]:
        (found,) = diff_results(a, b, [])
        return [(line.mark, line.note) for line in found.lines]

    assert marks(masked("a", "05"), masked("a", "05")) == [("same", "")]
    assert marks(masked("a", "05"), masked("a", "06")) == [("changed", "its shape changed")]
    assert marks(masked("a", "05"), masked("b", "05")) == [("same", "")]
    assert marks(masked("a", "05", "07"), masked("b", "06", "08")) == [
        *[("new", "")] * 2,
        *[("gone", "")] * 2,
    ]

    ring = [[0, 0], [8, 0], [8, 8], [0, 8]]
    plain = {**mask, "id": "a", "type": "image/polygon", "shape": "polygon", "value": ring}
    element = {"questionId": "1", "type": "image"}
    cut = {**plain, "holes": [[[1, 1], [2, 1], [2, 2]]]}
    assert marks([{**element, "data": [plain]}], [{**element, "data": [cut]}]) == [
        ("changed", "its shape changed")
    ]

    cell = {"row": 0, "col": 0, "rowspan": 1, "colspan": 1, "header": False, "text": "a"}
    tables = [
        [{"questionId": "1", "type": "table", "data": {"cells": [{**cell, "header": header}]}}]
        for header in (False, True)
    ]
    assert marks(*tables) == [("changed", "its shape changed")]
