"""When two answers are equal, and how far they agree."""

import itertools
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.services.comparators import agreement, equal, nominal
from jobs.services.masks import mask_iou, read_mask
from jobs.services.matching import best_weight, has_perfect
from templates_app.questions import build

RADIO = build(
    {"questionId": "1", "type": "RADIO", "markTitle": "r", "mustFill": True, "options": []}
)
CHECKBOX = build(
    {"questionId": "2", "type": "CHECKBOX", "markTitle": "c", "mustFill": True, "options": []}
)


def question(kind: str, **children: str) -> Any:
    """A question of a type that only later templates have; keys of children with `_` for the dot."""
    nested = {
        key.strip("q").replace("_", "."): SimpleNamespace(type=t) for key, t in children.items()
    }
    joins = {"1.9": SimpleNamespace(type="RADIO")}
    return SimpleNamespace(type=kind, id="1", children=nested, relation_children=joins)


PICTURE = question("PICTURE", q1_1="RADIO", q1_2="CHECKBOX", q1_3="INPUT")
SLOT = question("SLOT", q1_1="CHECKBOX")


def eq(asked: Any, a: Any, b: Any, *, iou: int = 80, gap: int = 200) -> bool:
    found = equal(asked, a, b, iou_percent=iou, gap_ms=gap)
    assert equal(asked, b, a, iou_percent=iou, gap_ms=gap) == found
    return found


def value(data: Any, kind: str = "survey/value") -> dict[str, Any]:
    return {"questionId": "1", "type": kind, "data": data}


def image(*objects: dict[str, Any]) -> dict[str, Any]:
    return {
        "questionId": "1",
        "type": "image",
        "rotation": 0,
        "width": 1000,
        "height": 800,
        "data": list(objects),
    }


def box(x: float, y: float, w: float, h: float, label: str = "k1", **more: Any) -> dict[str, Any]:
    points = [[x, y], [x + w, y], [x + w, y + h], [x, y + h]]
    return shape("rectangle", points, **{"1.1": label}, **more)


def shape(name: str, points: Any, kind: str = "image/polygon", **labels: Any) -> dict[str, Any]:
    return {"id": str(points), "type": kind, "shape": name, "value": points, "labels": labels}


def span(start: int, end: int, *labels: str, key: str | None = None) -> dict[str, Any]:
    place = {"start": start, "end": end, "text": ""}
    key = key or f"{start}-{end}-{labels}"
    return {"id": key, "type": "text/span", **place, "labels": {"1.1": list(labels)}}


def relation(start: str, end: str) -> dict[str, Any]:
    ends = {"from": start, "to": end}
    return {"id": f"{start}-{end}", "type": "text/relation", **ends, "labels": {"1.9": "of"}}


def spans(*objects: dict[str, Any]) -> dict[str, Any]:
    return {"questionId": "1", "type": "text", "data": list(objects)}


def segments(*objects: tuple[float, float, str], **more: Any) -> dict[str, Any]:
    data = [
        {"id": f"{s}-{e}-{key}", "type": "time/segment", "start": s, "end": e, **more, "labels": {"1.1": key}}
        for s, e, key in objects
    ]  # fmt: skip
    return {"questionId": "1", "type": "audio", "duration": 9, "data": data}


# --- single values ---------------------------------------------------------------------------------------------------


def test_choices_and_texts() -> None:
    assert eq(RADIO, value("k1"), value("k1"))
    assert not eq(RADIO, value("k1"), value("k2"))
    assert not eq(RADIO, value("k1"), None)
    many = [value(list(order), "survey/multivalue") for order in ("ab", "ba", "a")]
    assert eq(CHECKBOX, many[0], many[1])
    assert not eq(CHECKBOX, many[0], many[2])
    assert agreement(CHECKBOX, many[0], many[2]) == 0.5
    assert eq(CHECKBOX, value([], "survey/multivalue"), None)
    text = question("INPUT")
    assert eq(text, value(" cafe\u0301\n"), value("caf\u00e9"))
    assert not eq(text, value("Cafe"), value("cafe"))
    assert eq(text, value("  "), None)
    assert eq(question("RATING"), value("4"), value("4.0"))
    ranking = question("RANKING")
    assert not eq(
        ranking, value(["a", "b"], "survey/multivalue"), value(["b", "a"], "survey/multivalue")
    )
    three = [value(list(order), "survey/multivalue") for order in ("abc", "acb")]
    assert agreement(ranking, *three) == 0.5
    assert nominal(CHECKBOX, many[0]) == nominal(CHECKBOX, many[1])


# --- objects ---------------------------------------------------------------------------------------------------------


def test_boxes_are_matched_one_to_one() -> None:
    a = image(box(0, 0, 100, 100), box(500, 500, 100, 100))
    assert eq(PICTURE, a, image(box(500, 500, 100, 100), box(0, 0, 100, 100)))
    assert eq(PICTURE, a, image(box(500, 500, 90, 100), box(0, 0, 100, 80)))
    assert not eq(PICTURE, a, image(box(0, 0, 100, 79), box(500, 500, 100, 100)))
    assert eq(PICTURE, a, image(box(0, 0, 100, 79), box(500, 500, 100, 100)), iou=79)
    assert not eq(PICTURE, a, image(box(0, 0, 100, 100)))
    assert not eq(PICTURE, a, image(box(0, 0, 100, 100, "k2"), box(500, 500, 100, 100)))
    assert eq(PICTURE, image(), None)
    # One box does not stand for two.
    assert not eq(PICTURE, image(box(0, 0, 10, 10), box(0, 0, 10, 10)), a)
    assert agreement(PICTURE, a, image(box(0, 0, 100, 50))) == 0.25
    assert agreement(PICTURE, a, None) == 0


def test_the_best_pairs_count_not_the_first() -> None:
    """A box in the middle suits both; the matching gives it to the one that needs it."""
    left = image(box(0, 0, 100, 10), box(8, 0, 100, 10))
    right = image(box(8, 0, 100, 10), box(16, 0, 100, 10))
    assert eq(PICTURE, left, right, iou=85)
    assert not eq(PICTURE, left, right, iou=86)


def test_labels_of_objects() -> None:
    plain = box(0, 0, 10, 10)
    assert eq(PICTURE, image({**plain, "labels": {"1.2": ["a", "b"]}}),
              image({**plain, "labels": {"1.2": ["b", "a"]}}))  # fmt: skip
    assert eq(PICTURE, image({**plain, "labels": {"1.3": " x"}}),
              image({**plain, "labels": {"1.3": "x", "1.1": ""}}))  # fmt: skip
    assert not eq(PICTURE, image({**plain, "labels": {"1.3": "x"}}),
                  image({**plain, "labels": {"1.3": "y"}}))  # fmt: skip


def test_other_shapes() -> None:
    square = [[0, 0], [100, 0], [100, 100], [0, 100]]
    # A rectangle drawn as a polygon is the same area; rotated by 45 degrees it is not.
    assert eq(PICTURE, image(shape("polygon", [*square, [0, 50]])), image(shape("rectangle", square)))  # fmt: skip
    turned = [[50, -20.7], [120.7, 50], [50, 120.7], [-20.7, 50]]
    assert not eq(PICTURE, image(shape("rotated", turned)), image(shape("rectangle", square)))
    # Crossing itself it covers its two triangles.
    bow = [[0, 0], [100, 100], [100, 0], [0, 100]]
    assert eq(PICTURE, image(shape("polygon", bow)), image(shape("polygon", bow[1:] + bow[:1])))
    assert not eq(PICTURE, image(shape("polygon", bow)), image(shape("polygon", square)))
    point = [image(shape("point", [[x, 400]], "image/point")) for x in (500, 508, 520)]
    assert eq(PICTURE, point[0], point[1])
    assert not eq(PICTURE, point[0], point[2])
    line = [image(shape("polyline", [[0, y], [900, y]], "image/polyline")) for y in (100, 110, 120)]
    assert eq(PICTURE, line[0], line[1])
    assert not eq(PICTURE, line[0], line[2])
    assert not eq(PICTURE, line[0], point[0])


def test_holes_are_no_part_of_the_area() -> None:
    whole = shape("polygon", [[0, 0], [50, 0], [50, 50], [0, 50]])
    ring = {**whole, "holes": [[[5, 5], [45, 5], [45, 45], [5, 45]]]}
    assert eq(PICTURE, image(ring), image({**ring, "holes": [ring["holes"][0][::-1]]}))
    assert not eq(PICTURE, image(whole), image(ring))
    assert agreement(PICTURE, image(whole), image(ring)) == pytest.approx(0.36)


def test_masks() -> None:
    # The 4 × 4 picture's columns 1 and 2, and the same text as pycocotools writes it.
    def iou(a: str | list[int], b: str | list[int]) -> float:
        return mask_iou(read_mask(a, 4), read_mask(b, 4))

    assert read_mask("484", 4) == read_mask([4, 8, 4], 4)
    assert read_mask("484", 4).box == (1, 2, 0, 3)
    assert iou("484", [4, 8, 4]) == 1
    assert iou([4, 8, 4], [8, 8]) == pytest.approx(1 / 3)
    assert iou([16], [16]) == 1
    # A run longer than one character holds, and differences from the fourth on.
    assert read_mask("P22R21N", 9) == read_mask([64, 2, 66, 3, 64], 9)

    def mask(counts: str, label: str = "k1") -> dict[str, Any]:
        return {
            "id": counts,
            "type": "image/mask",
            "value": {"size": [4, 4], "counts": counts},
            "labels": {"1.1": label},
        }

    assert eq(PICTURE, image(mask("484")), image(mask("484")))
    assert not eq(PICTURE, image(mask("484")), image(mask("448")))
    assert not eq(PICTURE, image(mask("484")), image(mask("484", "k2")))
    # How soft the edge is drawn is a matter of taste.
    assert eq(PICTURE, image({**mask("484"), "feather": 3}), image(mask("484")))


def test_spans_need_the_same_offsets() -> None:
    assert eq(SLOT, spans(span(0, 3, "a", "b")), spans(span(0, 3, "b", "a", key="x")))
    assert not eq(SLOT, spans(span(0, 3, "a")), spans(span(0, 4, "a")))
    assert not eq(SLOT, spans(span(0, 3, "a")), spans(span(0, 3, "b")))
    assert eq(SLOT, spans(), None)
    assert agreement(SLOT, spans(span(0, 3, "a")), spans(span(2, 5, "a"))) == pytest.approx(1 / 3)
    both = (span(0, 3, "a", key="x"), span(5, 6, "b", key="y"))
    there, back = relation("x", "y"), relation("y", "x")
    assert eq(SLOT, spans(*both, there), spans(there, *both[::-1]))
    assert not eq(SLOT, spans(*both, there), spans(*both, back))
    assert not eq(SLOT, spans(*both, there), spans(*both))


def test_segments_may_be_off_by_the_gap() -> None:
    asked = question("VIDEO", q1_1="RADIO")
    assert eq(asked, segments((1.0, 2.0, "a")), segments((1.2, 1.8, "a")))
    assert not eq(asked, segments((1.0, 2.0, "a")), segments((1.201, 2.0, "a")))
    assert not eq(asked, segments((1.0, 2.0, "a")), segments((1.0, 2.0, "b")))
    assert eq(asked, segments((0, 1, "a"), (2, 3, "a")), segments((2.1, 3, "a"), (0.1, 1, "a")))
    assert agreement(asked, segments((0, 2, "a")), segments((1, 3, "a"))) == pytest.approx(1 / 3)
    assert not eq(asked, segments((0, 2, "a")), segments((0, 2, "a"), track=1))


def test_pages_and_tables() -> None:
    def pdf(page: int) -> dict[str, Any]:
        frame = {"page": page, "width": 595, "height": 842, "rotation": 0}
        return {"questionId": "1", "type": "pdf", "pages": [{**frame, "data": [box(0, 0, 9, 9)]}]}

    assert eq(PICTURE, pdf(1), pdf(1))
    assert not eq(PICTURE, pdf(1), pdf(2))

    def table(text: str, x: float = 0) -> dict[str, Any]:
        quad = [[x, 0], [x + 50, 0], [x + 50, 10], [x, 10]]
        cells = [
            {"row": 0, "col": 0, "rowspan": 1, "colspan": 1, "header": True, "text": text, "value": quad},
            {"row": 0, "col": 1, "rowspan": 1, "colspan": 1, "header": True, "text": "b", "value": None},
        ]  # fmt: skip
        return {"questionId": "1", "type": "table", "data": {"rows": 1, "cols": 2, "cells": cells}}

    asked = question("TABLE")
    assert eq(asked, table("a"), table(" a"))
    assert eq(asked, table("a"), table("a", 2))
    assert not eq(asked, table("a"), table("a", 20))
    assert not eq(asked, table("a"), table("c"))
    assert agreement(asked, table("a"), table("c")) == pytest.approx(2 / 3)


def test_very_many_overlapping_objects_end() -> None:
    """More pairs than are compared: they are paired in the order of their places."""
    many = image(*(box(n / 100, 0, 400, 400) for n in range(600)))
    other = image(*(box(n / 100, 0.01, 400, 400) for n in reversed(range(600))))
    assert eq(PICTURE, many, other)
    assert agreement(PICTURE, many, other) > 0.99


# --- properties ------------------------------------------------------------------------------------------------------

coordinate = st.integers(0, 60)
boxes = st.builds(
    box, coordinate, coordinate, st.integers(1, 30), st.integers(1, 30), st.sampled_from(["a", "b"])
)
polygons = st.lists(st.tuples(coordinate, coordinate).map(list), min_size=1, max_size=6).map(
    lambda points: shape("polygon", points)
)
pictures = st.lists(st.one_of(boxes, polygons), max_size=5).map(lambda objects: image(*objects))
texts = st.one_of(st.none(), st.text(max_size=5).map(value))
lists = st.lists(st.sampled_from("abcd"), unique=True).map(
    lambda data: value(data, "survey/multivalue")
)
marked = st.lists(
    st.tuples(coordinate, st.integers(0, 9), st.sampled_from("ab")).map(
        lambda t: span(t[0], t[0] + t[1], t[2])
    ),
    max_size=5,
).map(lambda objects: spans(*objects))
timed = st.lists(
    st.tuples(st.floats(0, 9), st.floats(0, 3), st.sampled_from("ab")).map(
        lambda t: (t[0], t[0] + t[1], t[2])
    ),
    max_size=5,
).map(lambda objects: segments(*objects))
KINDS = [
    (PICTURE, pictures),
    (question("INPUT"), texts),
    (CHECKBOX, lists),
    (question("RANKING"), lists),
    (SLOT, marked),
    (question("VIDEO", q1_1="RADIO"), timed),
]
pairs = st.one_of(
    *(st.tuples(st.just(asked), answers, answers) for asked, answers in KINDS),
)


@settings(max_examples=150, deadline=None)
@given(pairs, st.integers(50, 100), st.integers(0, 500), st.randoms())
def test_equality_and_agreement(drawn: Any, iou: int, gap: int, order: Any) -> None:
    """Both are symmetric, an answer equals itself in any order of its objects, and equal choices agree wholly."""
    asked, a, b = drawn
    alike = eq(asked, a, b, iou=iou, gap=gap)
    share = agreement(asked, a, b)
    assert 0 <= share <= 1
    assert agreement(asked, b, a) == share
    for answer in (a, b):
        mixed = answer
        if answer and answer["type"] in ("image", "text", "audio"):
            mixed = {**answer, "data": order.sample(answer["data"], len(answer["data"]))}
        assert eq(asked, answer, mixed, iou=iou, gap=gap)
        assert agreement(asked, answer, mixed) == pytest.approx(1)
    if alike and asked.type in ("INPUT", "CHECKBOX", "RANKING", "SLOT"):
        assert share == 1
    if alike and asked is PICTURE:
        assert share >= iou / 100 - 1e-6


@settings(max_examples=200, deadline=None)
@given(
    st.integers(0, 5).flatmap(
        lambda n: st.lists(
            st.lists(st.sampled_from([0, 0, 0.25, 0.5, 1]), min_size=n, max_size=n), max_size=5
        )
    )
)
def test_matchings_are_the_best_there_are(weights: list[list[float]]) -> None:
    rows, columns = len(weights), len(weights[0]) if weights else 0
    graph = {i: {j: w for j, w in enumerate(row) if w} for i, row in enumerate(weights) if any(row)}
    best, perfect = 0.0, rows == 0
    for chosen in itertools.permutations([*range(columns), *[None] * rows], rows):
        picked = [weights[i][j] if j is not None else 0 for i, j in enumerate(chosen)]
        best = max(best, sum(picked))
        perfect = perfect or all(picked)
    assert best_weight(graph) == pytest.approx(best)
    assert has_perfect(graph, rows) == perfect


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=40), st.integers(1, 9))
def test_masks_count_pixels(pixels: list[tuple[bool, bool]], height: int) -> None:
    def runs(place: int) -> list[int]:
        found, last = [0], False
        for pixel in pixels:
            if pixel[place] != last:
                found.append(0)
                last = pixel[place]
            found[-1] += 1
        return found

    common, union = sum(a and b for a, b in pixels), sum(a or b for a, b in pixels)
    masks = read_mask(runs(0), height), read_mask(runs(1), height)
    assert mask_iou(*masks) == (common / union if union else 1)
