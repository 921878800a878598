"""Answers: operations, what is missing, and the way to iTAG's manifest and back."""

import copy
import json
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from itag.core.errors import Invalid
from templates_app.answers import (
    apply_ops,
    compiled,
    from_manifest,
    manifest_key,
    missing,
    to_manifest,
)
from templates_app.questions.masks import write_runs
from templates_app.questions.picture import Objects

OPTIONS = [
    {"key": "k1", "label": "标签1", "color": "#d22a1e", "shortcut": "1"},
    {"key": "k2", "label": "Label 2", "color": "#0054fc", "shortcut": "2"},
    {"key": "k3", "label": "ok", "color": "#008a00", "shortcut": "3"},
]
RADIO = {
    "questionId": "1",
    "type": "RADIO",
    "markTitle": "单选",
    "mustFill": True,
    "options": OPTIONS,
    "aliases": ["single-choice"],
}
CHECKBOX = {**RADIO, "questionId": "2", "type": "CHECKBOX", "markTitle": "multiple-choice"}
CHILD = {
    "questionId": "1.1",
    "type": "RADIO",
    "markTitle": "Label",
    "mustFill": True,
    "options": OPTIONS,
    "aliases": ["标签", "单选", "boundingbox"],
}
PICTURE = {
    "questionId": "1",
    "type": "PICTURE",
    "markTitle": "Object detection label configuration",
    "mustFill": False,
    "view": "source",
    "field": "photo",
    "shapes": ["rectangle"],
    "children": [CHILD],
}
MANY = {**CHILD, "type": "CHECKBOX", "questionId": "1.2"}
MEDIA = {"photo": {"width": 640, "height": 480}}


def box(key: str, x: float = 10, y: float = 20, **more: Any) -> dict[str, Any]:
    return {
        "id": key,
        "type": "image/polygon",
        "shape": "rectangle",
        "value": [[x, y], [x + 30, y], [x + 30, y + 40], [x, y + 40]],
        "labels": {"1.1": "k1"},
        **more,
    }


def picture(*objects: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "questionId": "1",
        "type": "image",
        "rotation": 0,
        "width": 640,
        "height": 480,
        "data": list(objects),
        **more,
    }


def op(value: Any, key: str | None = None, question: str = "1", **more: Any) -> dict[str, Any]:
    return {"questionId": question, "id": key, "value": value, **more}


def boxes(results: list[dict[str, Any]]) -> list[str]:
    return [item["id"] for item in results[0]["data"]]


def refused(results: Any, ops: Any, questions: Any = (PICTURE,)) -> dict[str, str]:
    """The fields that the operations were refused at."""
    with pytest.raises(Invalid) as caught:
        apply_ops(results, ops, questions=list(questions), media=MEDIA)
    return {error["field"]: error["message"] for error in caught.value.errors}


class TestChoices:
    def test_an_answer_replaces_the_one_before_and_null_takes_it_away(self) -> None:
        first = {"questionId": "1", "type": "survey/value", "data": "k1"}
        second = {**first, "data": "k2"}
        results = apply_ops([], [op(first)], questions=[RADIO], media={})
        assert results == [first]
        assert apply_ops(results, [op(second)], questions=[RADIO], media={}) == [second]
        assert apply_ops(results, [op(None)], questions=[RADIO], media={}) == []

    def test_several_keep_the_order_of_the_clicks(self) -> None:
        answer = {"questionId": "2", "type": "survey/multivalue", "data": ["k2", "k1"]}
        assert apply_ops([], [op(answer, question="2")], questions=[CHECKBOX], media={}) == [answer]

    @pytest.mark.parametrize(
        ("value", "field"),
        [
            ({"questionId": "1", "type": "survey/value", "data": "nope"}, "results[0].data"),
            ({"questionId": "1", "type": "survey/value", "data": ["k1"]}, "results[0].data"),
            ({"questionId": "1", "type": "survey/value", "data": None}, "results[0].data"),
            ({"questionId": "1", "type": "survey/multivalue", "data": "k1"}, "results[0].type"),
            ({"questionId": "1", "type": "survey/value"}, "results[0].data"),
            ({"questionId": "1", "type": "survey/value", "data": "k1", "x": 1}, "results[0].x"),
            ("k1", "results[0]"),
        ],
    )
    def test_what_is_no_answer_is_refused_with_its_path(self, value: Any, field: str) -> None:
        assert field in refused([], [op(value)], [RADIO])

    def test_an_option_counts_once(self) -> None:
        answer = {"questionId": "2", "type": "survey/multivalue", "data": ["k1", "k2", "k1"]}
        assert "results[0].data[2]" in refused([], [op(answer, question="2")], [CHECKBOX])

    def test_elements_stand_in_the_order_of_the_questions(self) -> None:
        one = {"questionId": "1", "type": "survey/value", "data": "k1"}
        two = {"questionId": "2", "type": "survey/multivalue", "data": ["k1"]}
        results = apply_ops(
            [], [op(two, question="2"), op(one)], questions=[RADIO, CHECKBOX], media={}
        )
        assert [element["questionId"] for element in results] == ["1", "2"]

    def test_a_nested_option_is_an_answer_as_well(self) -> None:
        question = {**RADIO, "options": [{**OPTIONS[0], "children": [OPTIONS[1]]}]}
        answer = {"questionId": "1", "type": "survey/value", "data": "k2"}
        assert apply_ops([], [op(answer)], questions=[question], media={}) == [answer]
        assert to_manifest([answer], [question])[0]["data"] == "Label 2"


def fastest(call: Callable[[], Any]) -> float:
    """The least of three times, which other work on the machine disturbs least."""
    times = []
    for _ in range(3):
        started = time.process_time()
        call()
        times.append(time.process_time() - started)
    return min(times)


class TestObjects:
    def test_draw_move_delete(self) -> None:
        one = apply_ops([], [op(box("a"), "a")], questions=[PICTURE], media=MEDIA)
        assert one == [picture(box("a"))]
        moved = apply_ops(one, [op(box("a", 50), "a")], questions=[PICTURE], media=MEDIA)
        assert moved == [picture(box("a", 50))]
        assert one == [picture(box("a"))], "the given results stay as they were"
        gone = apply_ops(moved, [op(None, "a")], questions=[PICTURE], media=MEDIA)
        assert gone == [picture()], "nothing to see here is an answer too"
        assert apply_ops(gone, [op(None)], questions=[PICTURE], media=MEDIA) == []

    def test_an_undone_delete_comes_back_where_it_was(self) -> None:
        results = [picture(box("a"), box("b"), box("c"))]
        gone = apply_ops(results, [op(None, "a")], questions=[PICTURE], media=MEDIA)
        back = apply_ops(gone, [op(box("a"), "a", before="b")], questions=[PICTURE], media=MEDIA)
        assert back == results

    def test_before_moves_within_the_order(self) -> None:
        results = [picture(box("a"), box("b"), box("c"))]
        ops = [op(box("c"), "c", before="a"), op(box("x"), "x", before="a")]
        assert boxes(apply_ops(results, ops, questions=[PICTURE], media=MEDIA)) == list("cxab")

    def test_deleting_twice_is_no_error(self) -> None:
        assert apply_ops([], [op(None, "a")], questions=[PICTURE], media=MEDIA) == []

    def test_only_what_is_touched_is_checked(self) -> None:
        """An imported object outside the picture does not stop work on another one."""
        imported = box("far", 5000)
        results = apply_ops(
            [picture(imported)], [op(box("a"), "a")], questions=[PICTURE], media=MEDIA
        )
        assert results[0]["data"][0] is imported

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"value": [[10, 20], [40, 20], [40, 481], [10, 481]]}, "value[2][1]"),
            ({"value": [[-1, 20], [40, 20], [40, 60], [-1, 60]]}, "value[0][0]"),
            ({"value": [[10, 20], [40, 20], [40, 60]]}, "value"),
            ({"value": [[40, 20], [10, 20], [10, 60], [40, 60]]}, "value"),
            ({"value": [[10, 20], [40, 21], [40, 60], [10, 60]]}, "value"),
            ({"value": [[10, 20], [10, 20], [10, 20], [10, 20]]}, "value"),
            ({"value": [[10, "20"], [40, 20], [40, 60], [10, 60]]}, "value[0][1]"),
            ({"value": [[10, True], [40, 20], [40, 60], [10, 60]]}, "value[0][1]"),
            ({"value": [[float("nan"), 20], [40, 20], [40, 60], [10, 60]]}, "value[0][0]"),
            ({"value": [[10**400, 20], [40, 20], [40, 60], [10, 60]]}, "value[0][0]"),
            ({"value": "box"}, "value"),
            ({"shape": "polygon"}, "shape"),
            ({"type": "image/mask"}, "type"),
            ({"labels": {"1.9": "k1"}}, "labels.1.9"),
            ({"labels": {"1.1": "nope"}}, "labels.1.1"),
            ({"labels": []}, "labels"),
            ({"id": ""}, "id"),
            ({"id": "\x00"}, "id"),
            ({"id": "\ud800"}, "id"),
            ({"svg": "<svg onload=alert(1)>"}, "svg"),
        ],
    )
    def test_what_is_wrong_is_named_exactly(self, change: dict[str, Any], field: str) -> None:
        wrong = {**box("b"), **change}
        found = refused([picture(box("a"))], [op(wrong, wrong["id"] or "b")])
        assert any(path.endswith(f"data[1].{field}") or path.startswith("ops") for path in found)

    def test_a_changed_object_is_named_by_its_place(self) -> None:
        results = [picture(box("a"), box("b"), box("c"))]
        wrong = box("c", value=[[0, 0], [1, 0], [1, 1], [0, 999]])
        assert "results[0].data[2].value[3][1]" in refused(results, [op(wrong, "c")])

    def test_a_mask_keeps_its_soft_edge(self) -> None:
        """`feather` is a member of masks alone, from 0 (none) to 50 pixels; exports carry it."""
        question = {**PICTURE, "shapes": ["mask", "rectangle"]}
        mask = {
            "id": "m",
            "type": "image/mask",
            "shape": "mask",
            "value": {"size": [480, 640], "counts": write_runs([480, 480, 480 * 638])},
            "labels": {"1.1": "k1"},
        }

        def saved(**more: Any) -> list[dict[str, Any]]:
            found: list[dict[str, Any]] = apply_ops(
                [], [op({**mask, **more}, "m")], questions=[question], media=MEDIA
            )
            return found

        soft = saved(feather=2.5)
        assert soft[0]["data"][0]["feather"] == 2.5
        assert from_manifest(to_manifest(soft, [question]), [question]) == soft
        assert "feather" not in saved(feather=0)[0]["data"][0]
        for value in (-1, 51, "1", None):
            assert "results[0].data[0].feather" in refused(
                [], [op({**mask, "feather": value}, "m")], [question]
            )
        assert "results[0].data[0].feather" in refused(
            [], [op(box("a", feather=3), "a")], [question]
        )

    def test_the_object_bears_the_id_of_the_operation(self) -> None:
        assert refused([], [op(box("a"), "b")])

    def test_the_picture_bears_its_size(self) -> None:
        assert "results[0].width" in refused([], [op(picture(box("a"), width=641))])
        assert "results[0].data[1].id" in refused([], [op(picture(box("a"), box("a")))])
        with pytest.raises(Invalid):
            apply_ops([], [op(box("a"), "a")], questions=[PICTURE], media={})

    def test_operations_themselves(self) -> None:
        assert "ops" in refused([], [])
        assert "ops" in refused([], "x")
        assert "ops[0].questionId" in refused([], [op(None, question="7")])
        assert "ops[0].id" in refused([], [{"questionId": "1", "value": None}])
        assert "ops[0].evil" in refused([], [op(None, evil=1)])

    def test_one_moved_box_of_ten_thousand_is_cheap(self) -> None:
        """The work grows with what is touched, not with what is there (lookup by id aside)."""
        ready = compiled([PICTURE])
        objects = [box(f"b{n}") for n in range(10_000)]
        whole = fastest(
            lambda: apply_ops(
                [], [op(item, item["id"]) for item in objects], questions=ready, media=MEDIA
            )
        )
        one = fastest(
            lambda: apply_ops(
                [picture(*objects)], [op(box("b5000", 99), "b5000")], questions=ready, media=MEDIA
            )
        )
        assert one * 10 < whole

    def test_ten_thousand_deleted_and_brought_back(self) -> None:
        objects = [box(f"b{n}") for n in range(10_000)]
        gone = [op(None, item["id"]) for item in objects[:-1]]
        back = [
            op(item, item["id"], before=after["id"])
            for item, after in zip(objects[-2::-1], objects[:0:-1], strict=True)
        ]
        started = time.process_time()
        results = apply_ops([picture(*objects)], gone + back, questions=[PICTURE], media=MEDIA)
        assert results == [picture(*objects)]
        assert time.process_time() - started < 5


@given(st.data())
def test_objects_keep_order_like_a_list(data: st.DataObject) -> None:
    """Any run of changes gives what the same changes on a plain list give."""
    ids = st.sampled_from("abcdefgh")
    start = data.draw(st.lists(ids, unique=True))
    plain = list(start)
    objects = Objects([{"id": key} for key in start])
    for _ in range(data.draw(st.integers(0, 12))):
        key, before = data.draw(ids), data.draw(st.none() | ids)
        if data.draw(st.booleans()):
            objects.remove(key)
            if key in plain:
                plain.remove(key)
            continue
        objects.put({"id": key}, before)
        if before in plain and before != key:
            if key in plain:
                plain.remove(key)
            plain.insert(plain.index(before), key)
        elif key not in plain:
            plain.append(key)
    assert [item["id"] for item in objects.list()] == plain
    assert len(objects) == len(plain)


class TestMissing:
    def test_a_required_question(self) -> None:
        assert missing([], [RADIO])[0]["field"] == "questions.1"
        assert missing(None, [RADIO])
        assert not missing([{"questionId": "1", "type": "survey/value", "data": "k1"}], [RADIO])
        empty = {"questionId": "2", "type": "survey/multivalue", "data": []}
        assert missing([empty], [CHECKBOX])[0]["field"] == "results[0]"

    def test_every_box_needs_its_label(self) -> None:
        results = [picture(box("a"), box("b", labels={}))]
        assert [error["field"] for error in missing(results, [PICTURE])] == [
            "results[0].data[1].labels.1.1"
        ]
        assert not missing([], [PICTURE]), "a picture may hold nothing"
        assert missing([], [{**PICTURE, "mustFill": True}])


coordinate = st.floats(0, 600, allow_nan=False).map(lambda value: round(value, 2))


@st.composite
def canonical_boxes(draw: Any) -> dict[str, Any]:
    x, y = draw(coordinate), draw(st.floats(0, 400).map(lambda value: round(value, 2)))
    width, height = draw(st.integers(1, 40)), draw(st.integers(1, 80))
    label = draw(st.none() | st.sampled_from(["k1", "k2", "k3"]))
    return {
        "id": draw(st.uuids().map(str)),
        "type": "image/polygon",
        "shape": "rectangle",
        "value": [[x, y], [x + width, y], [x + width, y + height], [x, y + height]],
        "labels": {"1.1": label} if label else {},
    }


class TestManifest:
    @given(
        st.lists(canonical_boxes(), max_size=8, unique_by=lambda item: item["id"]),
        st.lists(st.sampled_from(["k1", "k2", "k3"]), unique=True),
    )
    @settings(max_examples=60)
    def test_there_and_back(self, objects: list[dict[str, Any]], keys: list[str]) -> None:
        questions = [PICTURE, CHECKBOX, {**RADIO, "questionId": "3"}]
        results = [
            picture(*objects),
            {"questionId": "2", "type": "survey/multivalue", "data": keys},
            {"questionId": "3", "type": "survey/value", "data": "k3"},
        ]
        before = copy.deepcopy(results)
        line = json.dumps(to_manifest(results, questions))
        assert from_manifest(json.loads(line), questions) == results == before

    def test_itags_order_of_members(self) -> None:
        written = to_manifest(
            [picture(box("a"))], [{**PICTURE, "children": [CHILD]}]
        ) + to_manifest([{"questionId": "1", "type": "survey/value", "data": "k3"}], [RADIO])
        assert list(written[0]) == [
            "questionId", "data", "rotation", "markTitle", "width", "type", "height",
        ]  # fmt: skip
        assert list(written[0]["data"][0]) == ["id", "type", "value", "labels"]
        assert written[0]["data"][0]["labels"] == {"Label": "标签1"}
        assert list(written[1]) == ["questionId", "data", "markTitle", "type"]
        assert json.dumps(written[1], ensure_ascii=False) == (
            '{"questionId": "1", "data": "ok", "markTitle": "单选", "type": "survey/value"}'
        )

    def test_several_labels_a_box(self) -> None:
        question = {**PICTURE, "children": [MANY]}
        results = [picture(box("a", labels={"1.2": ["k2", "k1"]}))]
        written = to_manifest(results, [question])
        assert written[0]["data"][0]["labels"] == {"Label": ["Label 2", "标签1"]}
        assert from_manifest(written, [question]) == results

    def test_sample_object_detection(self) -> None:
        """itag-facts 5.2, its elided points filled in."""
        sample = json.loads("""[{"questionId":"1","data":[{"id":"e02a574b-9fd9-45e9-8c8a-9682567b****",
            "type":"image/polygon","value":[[499.93454545454546,255.098181818],[600.5,255.098181818],
            [600.5,300.25],[499.93454545454546,300.25]],"labels":{"单选":"标签1"}}],"rotation":0,
            "markTitle":"目标检测标签配置","width":1024,"type":"image","height":768}]""")
        results = from_manifest(sample, [PICTURE])
        assert results[0]["data"][0]["shape"] == "rectangle"
        assert results[0]["data"][0]["labels"] == {"1.1": "k1"}
        assert results[0]["data"][0]["value"] == sample[0]["data"][0]["value"]
        chinese = {
            **PICTURE,
            "markTitle": "目标检测标签配置",
            "children": [{**CHILD, "markTitle": "单选"}],
        }
        assert to_manifest(results, [chinese]) == sample

    def test_sample_image_classification(self) -> None:
        """itag-facts 5.3."""
        sample = [{"questionId": "1", "data": "ok", "markTitle": "单选", "type": "survey/value"}]
        results = from_manifest(sample, [RADIO])
        assert results == [{"questionId": "1", "type": "survey/value", "data": "k3"}]
        assert to_manifest(results, [RADIO]) == sample

    def test_sample_audio_classification(self) -> None:
        """itag-facts 5.9 and 5.8: an English job's lines are understood by a Chinese one."""
        options = [{**OPTIONS[0], "label": "Label 1"}, OPTIONS[1]]
        single = [
            {
                "questionId": "1",
                "data": "Label 1",
                "markTitle": "single-choice",
                "type": "survey/value",
            }
        ]
        assert from_manifest(single, [{**RADIO, "options": options}])[0]["data"] == "k1"
        several = [
            {
                "questionId": "2",
                "data": ["Label 2", "Label 1"],
                "markTitle": "multiple-choice",
                "type": "survey/multivalue",
            }
        ]
        assert from_manifest(several, [{**CHECKBOX, "options": options}])[0]["data"] == ["k2", "k1"]

    def test_sample_custom_template(self) -> None:
        """itag-facts 5.12, the image question: corners go another way round, and outside the picture."""
        sample = json.loads("""[{"questionId":"1","data":[{"id":"e0755602-b90f-4d15-a11d-8951e001****",
            "type":"image/polygon","value":[[281.0181818181821,451.49090909090916],
            [281.0181818181821,1116.7636363636366],[829.927272727273,1116.7636363636366],
            [829.927272727273,451.49090909090916]],"labels":{"boundingbox":"Label 2"}}],"rotation":0,
            "markTitle":"框选题-IMG-3","width":960,"type":"image","height":960}]""")
        (element,) = from_manifest(sample, [PICTURE])
        assert element["data"][0]["value"] == [
            [281.0181818181821, 451.49090909090916],
            [829.927272727273, 451.49090909090916],
            [829.927272727273, 1116.7636363636366],
            [281.0181818181821, 1116.7636363636366],
        ]
        assert element["data"][0]["labels"] == {"1.1": "k2"}

    @pytest.mark.parametrize(
        ("elements", "field"),
        [
            ("x", "results"),
            ([1], "results[0]"),
            ([{"questionId": "9", "type": "survey/value", "data": "ok"}], "results[0].questionId"),
            ([{"questionId": "1", "type": "image", "data": []}], "results[0].type"),
            ([{"questionId": "1", "type": "survey/value", "data": "no"}], "results[0].data"),
            ([{"questionId": "1", "type": "survey/value", "data": {}}], "results[0].data"),
            ([{"questionId": "1", "type": "survey/value"}], "results[0].data"),
            (
                [{"questionId": "1", "type": "survey/value", "data": "ok"}] * 2,
                "results[1].questionId",
            ),
        ],
    )
    def test_what_does_not_fit_is_named(self, elements: Any, field: str) -> None:
        with pytest.raises(Invalid) as caught:
            from_manifest(elements, [RADIO])
        assert field in {error["field"] for error in caught.value.errors}

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"value": [[0, 0], [5, 1], [9, 9], [2, 7]]}, "results[0].data[0].value"),
            ({"labels": {"colour": "red"}}, "results[0].data[0].labels.colour"),
            ({"labels": {"单选": "no"}}, "results[0].data[0].labels.单选"),
            ({"id": None}, "results[0].data[0].id"),
        ],
    )
    def test_objects_that_do_not_fit_are_named(self, change: Any, field: str) -> None:
        (element,) = to_manifest([picture(box("a"))], [PICTURE])
        element["data"][0].update(change)
        with pytest.raises(Invalid) as caught:
            from_manifest([element], [PICTURE])
        assert field in {error["field"] for error in caught.value.errors}

    def test_titles_compare_after_nfc(self) -> None:
        question = {**RADIO, "options": [{**OPTIONS[0], "label": "caf\u00e9"}]}
        element = {
            "questionId": "1",
            "type": "survey/value",
            "data": "cafe\u0301",
            "markTitle": "x",
        }
        assert from_manifest([element], [question])[0]["data"] == "k1"

    def test_keys_of_the_stages(self) -> None:
        assert manifest_key(1435504604476547072) == "label-1435504604476547072"
        assert manifest_key("1", "check") == "label-1-check"
        assert manifest_key("1", "acceptance") == "label-1-verify"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(json_values)
def test_any_json_is_answered_or_refused_never_a_crash(value: Any) -> None:
    for ops in (value, [op(value)], [op(value, "a")], [op({**box("a"), "value": value}, "a")]):
        for questions in ([RADIO], [PICTURE]):
            with suppress(Invalid):
                apply_ops([], ops, questions=questions, media=MEDIA)
    for elements in (value, [value], [{"questionId": "1", "type": "image", "data": [value]}]):
        with suppress(Invalid):
            from_manifest(elements, [PICTURE])
