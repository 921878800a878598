"""Every shape: what is refused, the way to the manifest and back, and masks as pycocotools sees them."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools import mask as coco

from itag.core.errors import Invalid
from templates_app.answers import apply_ops, from_manifest, missing, stands_alone, to_manifest
from templates_app.questions.masks import read_runs, write_runs
from templates_app.questions.shapes import SHAPES

WIDTH, HEIGHT = 64, 48
MEDIA = {"photo": {"width": WIDTH, "height": HEIGHT}}
TEXT = {"questionId": "1.3", "type": "INPUT", "markTitle": "OCR result", "mustFill": True}
LABEL = {
    "questionId": "1.1",
    "type": "RADIO",
    "markTitle": "Label",
    "mustFill": False,
    "options": [{"key": "k1", "label": "标签1", "color": "#d22a1e", "shortcut": "1"}],
}
PICTURE: dict[str, Any] = {
    "questionId": "1",
    "type": "PICTURE",
    "markTitle": "Shapes",
    "mustFill": False,
    "view": "source",
    "field": "photo",
    "shapes": list(SHAPES),
    "children": [TEXT, LABEL],
}


@st.composite
def points(draw: st.DrawFn, least: int, most: int) -> list[list[float]]:
    found = draw(
        st.lists(
            st.tuples(st.integers(0, WIDTH * 100), st.integers(0, HEIGHT * 100)),
            min_size=least,
            max_size=most,
        )
    )
    return [[x / 100, y / 100] for x, y in found]


@st.composite
def turned(draw: st.DrawFn) -> list[list[float]]:
    """Four corners of a rectangle at any angle but an upright one, rounded as the page does."""
    angle = math.radians(draw(st.integers(1, 359).filter(lambda n: n % 90)))
    width, height = draw(st.integers(3, 20)), draw(st.integers(3, 20))
    corners = []
    for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
        dx, dy = x * width / 2, y * height / 2
        corners.append(
            [
                round(WIDTH / 2 + dx * math.cos(angle) - dy * math.sin(angle), 2),
                round(HEIGHT / 2 + dx * math.sin(angle) + dy * math.cos(angle), 2),
            ]
        )
    return corners


@st.composite
def masks(draw: st.DrawFn) -> dict[str, Any]:
    bits = draw(st.binary(min_size=WIDTH * HEIGHT // 8, max_size=WIDTH * HEIGHT // 8))
    pixels = np.unpackbits(np.frombuffer(bits, np.uint8)).reshape(HEIGHT, WIDTH)
    pixels[0, 0] = 1
    found = coco.encode(np.asfortranarray(pixels))
    return {"size": found["size"], "counts": found["counts"].decode()}


@st.composite
def shapes(draw: st.DrawFn) -> dict[str, Any]:
    """A canonical object without its id; a polygon has five points, so that it is no rectangle by chance."""
    name = draw(st.sampled_from(list(SHAPES)))
    left, top = draw(st.integers(0, 30)), draw(st.integers(0, 20))
    right, bottom = left + draw(st.integers(1, 30)), top + draw(st.integers(1, 20))
    value: Any = {
        "rectangle": st.just([[left, top], [right, top], [right, bottom], [left, bottom]]),
        "rotated": turned(),
        "polygon": points(5, 9),
        "polyline": points(2, 9),
        "point": points(1, 1),
        "mask": masks(),
    }[name]
    more: dict[str, Any] = {}
    if name == "polygon" and draw(st.booleans()):
        more["holes"] = draw(st.lists(points(3, 5), min_size=1, max_size=2))
    if draw(st.booleans()):
        more["group"] = "g1"
    labels = {"1.3": draw(st.sampled_from(["A\nB", "车牌 1"]))}
    if draw(st.booleans()):
        labels["1.1"] = "k1"
    return {
        "type": SHAPES[name].element_type,
        "shape": name,
        "value": draw(value),
        **more,
        "labels": labels,
    }


def put(value: dict[str, Any]) -> dict[str, Any]:
    return {"questionId": "1", "id": value["id"], "value": value}


@given(st.lists(shapes(), min_size=1, max_size=4))
@settings(max_examples=80, deadline=None)
def test_there_and_back(found: list[dict[str, Any]]) -> None:
    objects = [{"id": f"o{number}", **one} for number, one in enumerate(found)]
    ops = [put(one) for one in objects]
    results = apply_ops([], ops, questions=[PICTURE], media=MEDIA)
    assert results[0]["data"] == objects
    assert not missing(results, [PICTURE])
    assert stands_alone(ops, questions=[PICTURE], media=MEDIA)
    lines = to_manifest(results, [PICTURE])
    assert all("shape" not in entry for entry in lines[0]["data"])
    assert from_manifest(lines, [PICTURE]) == results


@given(masks())
@settings(max_examples=60, deadline=None)
def test_masks_are_those_of_pycocotools(value: dict[str, Any]) -> None:
    runs = read_runs(value["counts"])
    assert runs is not None
    assert write_runs(runs) == value["counts"]
    assert sum(runs[1::2]) == coco.area({**value, "counts": value["counts"].encode()})


RECTANGLE = [[1, 1], [9, 1], [9, 5], [1, 5]]


@pytest.mark.parametrize(
    ("shape", "value", "more", "field"),
    [
        ("rotated", [[1, 1], [9, 2], [9, 5], [1, 5]], {}, "value"),
        ("rotated", [[1, 5], [9, 5], [9, 1], [1, 1]], {}, "value"),  # anticlockwise
        ("polygon", [[1, 1], [2, 2]], {}, "value"),
        ("polygon", [[1, 1], [2, 2], [65, 3]], {}, "value[2][0]"),
        ("polyline", [[1, 1]], {}, "value"),
        ("point", [[1, 1], [2, 2]], {}, "value"),
        ("rectangle", RECTANGLE, {"holes": [RECTANGLE]}, "holes"),
        ("polygon", RECTANGLE, {"holes": [[[1, 1]]]}, "holes[0]"),
        ("polygon", RECTANGLE, {"holes": [[[1, 1], [2, 2], [3, 99]]]}, "holes[0][2][1]"),
        ("rectangle", RECTANGLE, {"group": ""}, "group"),
        ("mask", RECTANGLE, {}, "value"),
        ("rectangle", {"size": [HEIGHT, WIDTH], "counts": "0"}, {}, "value"),
        ("mask", {"size": [WIDTH, HEIGHT], "counts": write_runs([0, WIDTH * HEIGHT])}, {}, "value.size"),
        ("mask", {"size": [HEIGHT, WIDTH], "counts": write_runs([0, 5])}, {}, "value.counts"),
        ("mask", {"size": [HEIGHT, WIDTH], "counts": write_runs([WIDTH * HEIGHT])}, {}, "value.counts"),
        ("mask", {"size": [HEIGHT, WIDTH], "counts": "\u00e9"}, {}, "value.counts"),
        ("mask", {"size": [HEIGHT, WIDTH], "counts": "oooo"}, {}, "value.counts"),
        ("mask", {"size": [0.5, WIDTH], "counts": "0"}, {}, "value.size"),
        ("mask", {"size": [float(HEIGHT), WIDTH], "counts": write_runs([0, WIDTH * HEIGHT])}, {}, "value.size"),
    ],
)  # fmt: skip
def test_what_is_no_such_shape(shape: str, value: Any, more: dict[str, Any], field: str) -> None:
    found = {
        "id": "a",
        "type": SHAPES[shape].element_type,
        "shape": shape,
        "value": value,
        **more,
        "labels": {"1.3": "x"},
    }
    with pytest.raises(Invalid) as caught:
        apply_ops([], [put(found)], questions=[PICTURE], media=MEDIA)
    assert caught.value.errors[0]["field"].startswith(f"results[0].data[0].{field}")


def test_a_shape_that_the_question_does_not_take() -> None:
    found = {
        "id": "a",
        "type": "image/point",
        "shape": "point",
        "value": [[1, 1]],
        "labels": {"1.3": "x"},
    }
    only = {**PICTURE, "shapes": ["rectangle"]}
    with pytest.raises(Invalid, match="does not take that shape"):
        apply_ops([], [put(found)], questions=[only], media=MEDIA)
    exported = to_manifest(apply_ops([], [put(found)], questions=[PICTURE], media=MEDIA), [PICTURE])
    with pytest.raises(Invalid, match="none of the shapes"):
        from_manifest(exported, [only])


def test_a_polygon_of_another_tool_is_recognised() -> None:
    """Axis-parallel sides: a rectangle where the question takes one; right angles: turned; else a polygon."""
    corners = {
        "rectangle": [[9, 5], [1, 5], [1, 1], [9, 1]],
        "rotated": [[10, 0], [20, 10], [10, 20], [0, 10]],
        "polygon": [[10, 0], [20, 10], [10, 20], [0, 11]],
    }
    for shape, value in corners.items():
        exported = [
            {
                "questionId": "1",
                "type": "image",
                "width": WIDTH,
                "height": HEIGHT,
                "data": [{"id": "a", "type": "image/polygon", "value": value, "labels": {}}],
            }
        ]
        (element,) = from_manifest(exported, [PICTURE])
        assert element["data"][0]["shape"] == shape


@pytest.mark.parametrize(
    ("size", "runs"),
    [
        ([HEIGHT, WIDTH], [0, 5]),
        ([HEIGHT, WIDTH], [HEIGHT * WIDTH]),
        ([1000, 1_000_000], [0, 1_000_000_000]),
    ],
)
def test_an_imported_mask_is_one_of_the_picture(size: list[int], runs: list[int]) -> None:
    mask = {"size": size, "counts": write_runs(runs)}
    found = {"id": "a", "type": "image/mask", "value": mask, "labels": {}}
    element = {"questionId": "1", "type": "image", "width": WIDTH, "height": HEIGHT}
    with pytest.raises(Invalid) as caught:
        from_manifest([{**element, "data": [found]}], [PICTURE])
    assert caught.value.errors[0]["field"].startswith("results[0].data[0].value")


def test_an_imported_hole_is_a_ring() -> None:
    found = {"id": "a", "type": "image/polygon", "value": [[0, 0], [9, 1], [5, 9]], "labels": {}}
    element = {"questionId": "1", "type": "image", "width": WIDTH, "height": HEIGHT}
    data = [{**found, "holes": [[[3, 3], [4, 3], [4, 4]], [[5, 5]]]}]
    with pytest.raises(Invalid) as caught:
        from_manifest([{**element, "data": data}], [PICTURE])
    assert caught.value.errors[0]["field"] == "results[0].data[0].holes[1]"


@pytest.mark.parametrize("text", ["", " \n"])
def test_a_required_text_of_blanks_is_missing(text: str) -> None:
    found = {
        "id": "a",
        "type": "image/point",
        "shape": "point",
        "value": [[1, 1]],
        "labels": {"1.3": text},
    }
    results = apply_ops([], [put(found)], questions=[PICTURE], media=MEDIA)
    assert missing(results, [PICTURE])[0]["field"] == "results[0].data[0].labels.1.3"
    assert not stands_alone([put(found)], questions=[PICTURE], media=MEDIA)
