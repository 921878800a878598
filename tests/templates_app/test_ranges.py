"""Spans with relations, and segments of time: what is taken, what is refused, and the manifest."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itag.core.errors import Invalid
from templates_app.answers import (
    apply_ops,
    from_manifest,
    missing,
    stands_alone,
    to_manifest,
)
from templates_app.questions.spans import Spans

TEXT = "阿里巴巴🦊收购 Vendio\r\nو Auctiva"


def choice(
    number: str, kind: str = "RADIO", title: str = "Label", *labels: str, **more: Any
) -> Any:
    options = [
        {"key": f"k{n}", "label": label, "color": "#d22a1e", "shortcut": ""}
        for n, label in enumerate(labels or ("标签1", "标签2", "标签3"), start=1)
    ]
    return {
        "questionId": number, "type": kind, "markTitle": title, "mustFill": True, "options": options, **more,
    }  # fmt: skip


SLOT = {
    "questionId": "1", "type": "SLOT", "markTitle": "Entities", "mustFill": False, "view": "source", "field": "source",
    "unit": "word", "children": [choice("1.1", "CHECKBOX", "文本内容")],
}  # fmt: skip
JOINED = {**SLOT, "relationChildren": [choice("1.3", "RADIO", "Relation", "owns", "hires")]}
AUDIO = {
    "questionId": "1", "type": "VIDEO", "markTitle": "Segments", "mustFill": False, "view": "source", "field": "source",
    "kind": "audio", "tracks": ["A", "B"],
    "children": [
        choice("1.1", "RADIO", "single-choice", "Label 1", "Label 2"),
        {"questionId": "1.3", "type": "INPUT", "markTitle": "Audio recognition result", "mustFill": False},
    ],
}  # fmt: skip
VIDEO = {**AUDIO, "kind": "video"}
MEDIA: dict[str, Any] = {"source": {"text": TEXT, "duration": 61.5}}


def span(key: str, start: int, end: int, *labels: str) -> dict[str, Any]:
    place = {"start": start, "end": end, "text": TEXT[start : end + 1]}
    return {"id": key, "type": "text/span", **place, "labels": {"1.1": list(labels or ("k1",))}}


def relation(key: str, start: str, end: str, label: str | None = "k1") -> dict[str, Any]:
    labels = {"1.3": label} if label else {}
    return {"id": key, "type": "text/relation", "from": start, "to": end, "labels": labels}


def segment(key: str, start: float, end: float, **more: Any) -> dict[str, Any]:
    labels = more.pop("labels", {"1.1": "k1"})
    return {
        "id": key, "type": "time/segment", "start": start, "end": end, **more, "labels": labels,
    }  # fmt: skip


def op(value: Any, key: str | None = None, **more: Any) -> dict[str, Any]:
    key = key or (value["id"] if value and "id" in value else None)
    return {"questionId": "1", "id": key, "value": value, **more}


def spans(*data: Any) -> dict[str, Any]:
    return {"questionId": "1", "type": "text", "data": list(data)}


def audio(*data: Any, kind: str = "audio") -> dict[str, Any]:
    return {"questionId": "1", "type": kind, "duration": 61.5, "data": list(data)}


def put(question: Any, *ops: Any, results: Any = (), media: Any = None) -> list[dict[str, Any]]:
    return apply_ops(
        list(results), list(ops), questions=[question], media=MEDIA if media is None else media
    )


def refused(question: Any, *ops: Any, **more: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as caught:
        put(question, *ops, **more)
    return {error["field"]: error["message"] for error in caught.value.errors}


class TestSpans:
    def test_offsets_are_code_points_with_the_end_inside(self) -> None:
        """An emoji counts once, a carriage return counts, letters from right to left count as they are written."""
        assert TEXT[4] == "🦊"
        name = TEXT.index("Auctiva")
        (element,) = put(SLOT, op(span("a", 4, 4)), op(span("b", name, name + 6, "k2", "k3")))
        assert [item["text"] for item in element["data"]] == ["🦊", "Auctiva"]
        assert element == spans(span("a", 4, 4), span("b", name, name + 6, "k2", "k3"))

    @pytest.mark.parametrize(
        ("changed", "field"),
        [
            ({"text": "阿"}, "results[0].data[a].text"),
            ({"end": len(TEXT)}, "results[0].data[a].end"),
            ({"start": 3, "end": 2}, "results[0].data[a].end"),
            ({"start": -1}, "results[0].data[a].start"),
            ({"start": 1.0}, "results[0].data[a].start"),
            ({"start": True}, "results[0].data[a].start"),
            ({"labels": {"1.9": "k1"}}, "results[0].data[a].labels.1.9"),
            ({"labels": {"1.1": ["k9"]}}, "results[0].data[a].labels.1.1[0]"),
            ({"type": "text/word"}, "results[0].data[a].type"),
            ({"more": 1}, "results[0].data[a].more"),
            ({"id": "b"}, "results[0].data[a].id"),
        ],
    )
    def test_what_is_refused(self, changed: dict[str, Any], field: str) -> None:
        assert field in refused(SLOT, op({**span("a", 0, 1), **changed}, "a"))

    def test_without_a_text_nothing_can_be_marked(self) -> None:
        for media in ({}, {"source": {"text": 7}}, {"source": {"text": None}}):
            assert "results[0]" in refused(SLOT, op(span("a", 0, 1)), media=media)

    def test_objects_are_moved_taken_out_and_put_back(self) -> None:
        both = put(SLOT, op(span("a", 0, 1)), op(span("b", 0, 1)))
        moved = put(SLOT, op(span("a", 2, 3)), results=both)
        assert moved == [spans(span("a", 2, 3), span("b", 0, 1))]
        gone = put(SLOT, op(None, "a"), results=moved)
        back = put(SLOT, op(span("a", 2, 3), before="b"), results=gone)
        assert back == moved
        nothing = put(SLOT, op(None, "a"), op(None, "b"), results=both)
        assert nothing == [spans()], "looked at, and nothing is there"
        assert put(SLOT, {"questionId": "1", "id": None, "value": None}, results=both) == []

    def test_a_whole_element(self) -> None:
        whole = spans(span("a", 0, 1), span("b", 1, 2))
        assert put(SLOT, {"questionId": "1", "id": None, "value": whole}) == [whole]
        twice = spans(span("a", 0, 1), span("a", 1, 2))
        assert "results[0].data[1].id" in refused(
            SLOT, {"questionId": "1", "id": None, "value": twice}
        )

    def test_required_labels_and_answers(self) -> None:
        bare = {**span("a", 0, 1), "labels": {}}
        assert [e["field"] for e in missing([spans(bare)], [SLOT])] == [
            "results[0].data[0].labels.1.1"
        ]
        assert missing([spans()], [{**SLOT, "mustFill": True}])
        assert not missing([spans(span("a", 0, 1))], [{**SLOT, "mustFill": True}])

    def test_what_may_join_a_large_answer_unseen(self) -> None:
        def alone(question: Any, *ops: Any) -> bool:
            return stands_alone(list(ops), questions=[question], media=MEDIA) is not None

        assert alone(SLOT, op(span("a", 0, 1)), op(None, "b"))
        assert not alone(SLOT, op({**span("a", 0, 1), "labels": {}})), "a label is missing"
        assert not alone({**SLOT, "mustFill": True}, op(None, "a"))
        assert alone(JOINED, op(span("a", 0, 1)))
        assert not alone(JOINED, op(None, "a")), "a relation may hang on it"
        assert not alone(JOINED, op(relation("r", "a", "b")))


class TestRelations:
    TWO = (span("a", 0, 1), span("b", 2, 3, "k2"))

    def test_they_join_spans(self) -> None:
        found = put(JOINED, *map(op, self.TWO), op(relation("r", "a", "b")))
        assert found == [spans(*self.TWO, relation("r", "a", "b"))]
        assert not missing(found, [JOINED])
        bare = put(JOINED, *map(op, self.TWO), op(relation("r", "a", "b", None)))
        assert missing(bare, [JOINED])[0]["field"] == "results[0].data[2].labels.1.3"

    def test_both_ends_must_be_there(self) -> None:
        assert "results[0].data[1].to" in refused(
            JOINED, op(self.TWO[0]), op(relation("r", "a", "b"))
        )
        results = put(JOINED, *map(op, self.TWO), op(relation("r", "a", "b")))
        assert "results[0].data[1].to" in refused(JOINED, op(None, "b"), results=results)
        assert put(JOINED, op(None, "b"), op(None, "r"), results=results) == [spans(self.TWO[0])]
        loop = op(relation("s", "a", "r"))
        assert "results[0].data[3].to" in refused(JOINED, loop, results=results)

    def test_without_questions_of_relations_there_are_none(self) -> None:
        assert "results[0].data[r]" in refused(
            SLOT, *map(op, self.TWO), op(relation("r", "a", "b"))
        )

    @pytest.mark.parametrize(
        ("pairs", "fits"),
        [
            ([], True),
            ([{"from": ["k1"], "to": ["k2"], "relation": ["k1"]}], True),
            ([{"from": [], "to": [], "relation": ["k1"]}], True),
            ([{"from": ["k2"], "to": [], "relation": []}], False),
            ([{"from": [], "to": ["k1"], "relation": []}], False),
            ([{"from": [], "to": [], "relation": ["k2"]}], False),
            (
                [
                    {"from": ["k3"], "to": [], "relation": []},
                    {"from": ["k1"], "to": [], "relation": []},
                ],
                True,
            ),
        ],
    )
    def test_allowed_pairs(self, pairs: Any, fits: bool) -> None:
        question = {**JOINED, "pairs": pairs}
        ops = [*map(op, self.TWO), op(relation("r", "a", "b"))]
        if fits:
            assert put(question, *ops)
        else:
            assert "results[0].data[2]" in refused(question, *ops)

    def test_a_label_that_would_forbid_a_relation_is_refused(self) -> None:
        question = {**JOINED, "pairs": [{"from": ["k1"], "to": [], "relation": []}]}
        results = put(question, *map(op, self.TWO), op(relation("r", "a", "b")))
        assert refused(question, op(span("a", 0, 1, "k3")), results=results)
        assert put(question, op({**span("a", 0, 1), "labels": {}}), results=results)


class TestSegments:
    def test_times_are_kept_to_the_millionth(self) -> None:
        (element,) = put(AUDIO, op(segment("a", 0.12345678, 1 / 3)), op(segment("b", 61.5, 61.5)))
        assert element == audio(segment("a", 0.123457, 0.333333), segment("b", 61.5, 61.5))
        assert put(VIDEO, op(segment("a", 0, 1)))[0]["type"] == "video"

    @pytest.mark.parametrize("rate", [44_100, 192_000])
    def test_boundaries_are_kept_within_half_a_sample(self, rate: int) -> None:
        """Stored, exported as JSON, and read again."""
        for sample in (1, 3, 44_101, rate * 59 + 7, rate * 61 + 1):
            wanted = sample / rate
            results = put(AUDIO, op(segment("a", wanted, wanted)))
            line = json.loads(json.dumps(to_manifest(results, [AUDIO])))
            (again,) = from_manifest(line, [AUDIO])
            for one in (results[0]["data"][0], line[0]["objects"][0], again["data"][0]):
                assert abs(one["start"] - wanted) < 0.5 / rate
                assert round(one["end"] * rate) == sample

    def test_tracks(self) -> None:
        (element,) = put(AUDIO, op(segment("a", 0, 1, track=1)), op(segment("b", 0, 1, track=0)))
        assert element["data"] == [segment("a", 0, 1, track=1), segment("b", 0, 1)]

    @pytest.mark.parametrize(
        ("changed", "field"),
        [
            ({"end": 61.500002}, "end"),
            ({"start": 2, "end": 1}, "end"),
            ({"start": -0.1}, "start"),
            ({"start": float("nan")}, "start"),
            ({"track": 2}, "track"),
            ({"track": -1}, "track"),
            ({"labels": {"1.3": 7}}, "labels.1.3"),
        ],
    )
    def test_what_is_refused(self, changed: dict[str, Any], field: str) -> None:
        given = {**segment("a", 0, 1), **changed}
        assert f"results[0].data[a].{field}" in refused(AUDIO, op(given, "a"))

    def test_the_length_must_be_known_and_agree(self) -> None:
        assert "results[0]" in refused(AUDIO, op(segment("a", 0, 1)), media={"source": {}})
        whole = {"questionId": "1", "id": None, "value": {**audio(), "duration": 60}}
        assert "results[0].duration" in refused(AUDIO, whole)
        other = {"questionId": "1", "id": None, "value": audio(kind="video")}
        assert "results[0].type" in refused(AUDIO, other)
        assert put(AUDIO, {**other, "value": audio()}) == [audio()]

    def test_they_join_a_large_answer_unseen(self) -> None:
        ops = [op(segment("a", 0, 1 / 3)), op(None, "b")]
        found = stands_alone(ops, questions=[AUDIO], media=MEDIA)
        assert found is not None
        assert found[0]["value"]["end"] == 0.333333


class TestManifest:
    def test_sample_entity_recognition(self) -> None:
        """itag-facts 5.5."""
        sample = json.loads("""[{"objects":[
            {"result":{"文本内容":["标签1"]},"color":null,"id":null,"text":"客户端","start":49,"end":51},
            {"result":{"文本内容":["标签2","标签3"]},"color":null,"id":null,"text":"Auctiva","start":34,"end":40}],
            "empty":false}]""")
        (element,) = results = from_manifest(sample, [SLOT])
        assert [item["labels"] for item in element["data"]] == [
            {"1.1": ["k1"]},
            {"1.1": ["k2", "k3"]},
        ]
        assert to_manifest(results, [SLOT]) == sample
        assert list(to_manifest(results, [SLOT])[0]["objects"][0]) == [
            "result", "color", "id", "text", "start", "end",
        ]  # fmt: skip
        single = {**SLOT, "children": [choice("1.1", "RADIO", "文本内容")]}
        one = from_manifest([{**sample[0], "objects": sample[0]["objects"][:1]}], [single])
        assert one[0]["data"][0]["labels"] == {"1.1": "k1"}
        assert to_manifest(one, [single])[0]["objects"] == sample[0]["objects"][:1]

    def test_sample_audio_segmentation(self) -> None:
        """itag-facts 5.10."""
        sample = json.loads("""[{"duration":0,"objects":[{"result":{"Audio recognition result":
            "transcript of segment 1","single-choice":"Label 1"},"color":null,"id":null,"text":null,
            "start":0.0,"end":1.5}],"empty":false}]""")
        results = from_manifest(sample, [AUDIO])
        assert results[0]["data"][0]["labels"] == {"1.1": "k1", "1.3": "transcript of segment 1"}
        assert to_manifest(results, [AUDIO]) == sample

    def test_sample_of_a_custom_template(self) -> None:
        """itag-facts 5.12, complete."""
        sample = json.loads("""[{"questionId":"1","data":[{"id":"e0755602-b90f-4d15-a11d-8951e001****",
            "type":"image/polygon","value":[[281.0181818181821,451.49090909090916],[281.0181818181821,1116.7636363636366],
            [829.927272727273,1116.7636363636366],[829.927272727273,451.49090909090916]],"labels":{"boundingbox":"标签2"}}],
            "rotation":0,"markTitle":"框选题-IMG-3","width":960,"type":"image","height":960},
            {"objects":[{"result":{"NER":["标签7"]},"color":null,"id":null,"text":"集团庆祝","start":4,"end":7}],
            "empty":false},
            {"questionId":"3","data":"这里是填空题的答案","markTitle":"文本内容","type":"survey/value"},
            {"questionId":"4","data":"标签222","markTitle":"单选题","type":"survey/value"}]""")
        questions = [
            {
                "questionId": "1", "type": "PICTURE", "markTitle": "框选题-IMG-3", "mustFill": False,
                "view": "picture_url", "field": "picture_url", "shapes": ["polygon"],
                "children": [choice("1.1", "RADIO", "boundingbox")],
            },
            {**SLOT, "questionId": "2", "children": [choice("2.1", "RADIO", "NER", "标签7")]},
            {"questionId": "3", "type": "INPUT", "markTitle": "文本内容", "mustFill": True},
            choice("4", "RADIO", "单选题", "标签222"),
        ]  # fmt: skip
        results = from_manifest(sample, questions)
        assert [element["questionId"] for element in results] == ["1", "2", "3", "4"]
        assert to_manifest(results, questions) == sample

    def test_two_questions_of_a_kind_say_their_names(self) -> None:
        other = {**SLOT, "questionId": "2", "markTitle": "More", "children": []}
        results = [spans(span("s1", 0, 1)), {**spans(), "questionId": "2"}]
        written = to_manifest(results, [SLOT, other])
        assert [each["markTitle"] for each in written] == ["Entities", "More"]
        assert from_manifest(written[::-1], [SLOT, other]) == results
        # Without names they stand in the order of the questions.
        bare = [{name: each[name] for name in ("objects", "empty")} for each in written]
        assert from_manifest(bare, [SLOT, other]) == results
        assert to_manifest([audio(kind="video")], [VIDEO])[0]["type"] == "video"

    def test_relations_and_tracks_come_back(self) -> None:
        joined = [spans(*TestRelations.TWO, relation("r", "b", "a", "k2"))]
        written = json.loads(json.dumps(to_manifest(joined, [JOINED])))
        assert written[0]["relations"] == [
            {"id": "r", "from": "b", "to": "a", "result": {"Relation": ["hires"]}}
        ]
        assert from_manifest(written, [JOINED]) == joined
        timed = [audio(segment("s1", 0, 1.5, track=1), segment("s2", 0.5, 2))]
        assert from_manifest(to_manifest(timed, [AUDIO]), [AUDIO]) == timed

    @pytest.mark.parametrize(
        ("change", "question"),
        [
            ({"objects": 7}, SLOT),
            ({"objects": [7]}, SLOT),
            ({"objects": [{"start": 0, "end": 1}]}, SLOT),
            ({"objects": [{"start": 2, "end": 1, "text": ""}]}, SLOT),
            ({"objects": [{"start": 0, "end": 1, "text": "", "result": {"x": "y"}}]}, SLOT),
            ({"objects": [], "relations": [{"from": 1, "to": 2}]}, SLOT),
            ({"objects": [], "relations": [{"from": 1, "to": 2}]}, JOINED),
            ({"objects": [], "relations": [7]}, JOINED),
            ({"objects": [], "type": "audio"}, SLOT),
            ({"objects": [], "duration": "x"}, AUDIO),
            ({"objects": [{"start": 1, "end": 0}], "duration": 2}, AUDIO),
            ({"objects": [{"start": 0, "end": 1, "track": 99}], "duration": 2}, AUDIO),
            ({"objects": []}, AUDIO),
            ({"objects": [{"start": 0, "end": 1, "id": "a"}] * 2, "duration": 2}, AUDIO),
        ],
    )
    def test_what_does_not_fit_is_refused(self, change: Any, question: Any) -> None:
        with pytest.raises(Invalid):
            from_manifest([change], [question])


places = st.integers(0, len(TEXT) - 1)


@given(
    st.lists(st.tuples(places, places, st.lists(st.sampled_from(["k1", "k2", "k3"]), unique=True))),
    st.lists(
        st.tuples(
            st.floats(0, 61.5),
            st.floats(0, 61.5),
            st.integers(0, 1),
            st.text("ab 中\n", max_size=5),
        )
    ),
)
def test_there_and_back(marked: Any, timed: Any) -> None:
    """Everything that is taken comes back from a manifest; ids of ours are the numbers that reading gives."""
    two = [{**SLOT, "children": SLOT["children"]}, {**AUDIO, "questionId": "2", "children": []}]
    two[1]["children"] = [
        {**child, "questionId": f"2{child['questionId'][1:]}"} for child in AUDIO["children"]
    ]  # type: ignore[index]
    ops = [
        {"questionId": "1", "id": f"s{n}", "value": span(f"s{n}", min(a, b), max(a, b), *labels)}
        for n, (a, b, labels) in enumerate(marked, start=1)
    ] + [
        {
            "questionId": "2",
            "id": f"s{n}",
            "value": segment(
                f"s{n}", min(a, b), max(a, b), track=track, labels={"2.1": "k2", "2.3": text}
            ),
        }
        for n, (a, b, track, text) in enumerate(timed, start=1)
    ]
    if not ops:
        return
    results = apply_ops([], ops, questions=two, media=MEDIA)
    before = copy.deepcopy(results)
    line = json.dumps(to_manifest(results, two))
    assert from_manifest(json.loads(line), two) == results == before


@pytest.mark.parametrize("value", ["x", 5, ["a"], True])
def test_an_object_that_is_none_is_refused_where_there_are_relations(value: Any) -> None:
    op = {"questionId": "1", "id": "a", "value": value}
    assert stands_alone([op], questions=[JOINED], media=MEDIA) is None
    with pytest.raises(Invalid):
        apply_ops([], [op], questions=[JOINED], media=MEDIA)


def test_many_relations_of_one_kind_are_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    usual = Spans._is_allowed

    def noted(self: Spans, *kinds: Any) -> bool:
        asked.append(kinds)
        return usual(self, *kinds)

    monkeypatch.setattr(Spans, "_is_allowed", noted)
    pairs = [{"from": ["k1"], "to": ["k2"], "relation": ["k1"]}]
    spans = [span("a", 0, 3, "k1"), span("b", 4, 4, "k2")]
    data = [*spans, *(relation(f"r{number}", "a", "b") for number in range(50))]
    value = {"questionId": "1", "type": "text", "data": data}
    op = {"questionId": "1", "id": None, "value": value}
    apply_ops([], [op], questions=[{**JOINED, "pairs": pairs}], media=MEDIA)
    assert len(asked) == 1
