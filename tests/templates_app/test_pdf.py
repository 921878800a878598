"""The question PDF: operations on pages, what is missing, the manifest and back, comparing, figures and words."""

from typing import Any

import pytest

from itag.core.errors import Invalid
from jobs.selectors.differences import diff_results
from jobs.services.comparators import agreement, equal
from jobs.services.figures_units import choice_ids, labels, units
from templates_app.answers import apply_ops, compiled, from_manifest, missing, to_manifest
from templates_app.models import LabelTemplate
from templates_app.services import install_builtin, resolve, validate_job_config

pytestmark = pytest.mark.django_db

MEDIA: dict[str, Any] = {
    "source": {"type": "pdf", "pages": 12, "sizes": [[600.0, 800.5, 10], [300.0, 200.0, 2]]}
}
FIELDS = [{"name": "source", "type": "pdf"}]


def resolved(*selected: str, language: str = "en") -> list[dict[str, Any]]:
    install_builtin()
    template = LabelTemplate.objects.latest().get(workspace=None, key="pdf")
    options, chosen, bindings, shapes, _said = validate_job_config(
        template,
        options={key: [{"label": "title"}, {"label": "table"}] for key in selected if key != "1.3"},
        selected=list(selected),
        bindings={},
        dataset_fields=FIELDS,
    )
    return resolve(
        template,
        options=options,
        selected=chosen,
        language=language,
        bindings=bindings,
        shapes=shapes,
    )["questions"]  # type: ignore[no-any-return]


@pytest.fixture
def questions() -> list[dict[str, Any]]:
    return resolved("1.1", "1.3", "1.4", "2")


def box(key: str, page: int, *, left: float = 10, **members: Any) -> dict[str, Any]:
    value = [[left, 10], [left + 90, 10], [left + 90, 50.25], [left, 50.25]]
    shape = {"id": key, "type": "image/polygon", "shape": "rectangle", "value": value}
    return {**shape, "labels": {"1.1": "k1"}, "page": page, **members}


def op(key: str | None, value: Any, **members: Any) -> dict[str, Any]:
    return {"questionId": "1", "id": key, "value": value, **members}


def page_op(page: int, labels: dict[str, Any]) -> dict[str, Any]:
    key = f"page:{page}"
    return op(key, {"id": key, "type": "page", "labels": labels})


def done(questions: Any, *ops: dict[str, Any], results: Any = ()) -> list[dict[str, Any]]:
    return apply_ops(list(results), list(ops), questions=questions, media=MEDIA)


def stored(value: dict[str, Any]) -> dict[str, Any]:
    return {name: member for name, member in value.items() if name != "page"}


def refused(questions: Any, *ops: dict[str, Any], results: Any = ()) -> str:
    with pytest.raises(Invalid) as caught:
        done(questions, *ops, results=results)
    return str(caught.value.errors[0]["field"])


def test_the_resolved_question(questions: list[dict[str, Any]]) -> None:
    pdf, document = questions
    assert (pdf["type"], pdf["field"], pdf["shapes"]) == ("PDF", "source", ["rectangle"])
    assert [child["questionId"] for child in pdf["children"]] == ["1.3", "1.1"]
    assert [child["questionId"] for child in pdf["pageChildren"]] == ["1.4"]
    assert document["markTitle"] == "Document class"
    (alone,) = resolved("1.2", language="zh-hans")
    assert alone["markTitle"] == "PDF标签配置"
    assert alone["pageChildren"] == []


def test_objects_lie_on_pages_in_their_order(questions: Any) -> None:
    (element,) = done(
        questions,
        op("b", box("b", 11)),
        op("a", box("a", 2)),
        op("c", box("c", 2), before="a"),
        page_op(5, {"1.4": "k2"}),
    )
    assert element == {
        "questionId": "1",
        "type": "pdf",
        "pages": [
            {"page": 2, "width": 600.0, "height": 800.5, "rotation": 0,
             "data": [stored(box("c", 2)), stored(box("a", 2))]},
            {"page": 5, "width": 600.0, "height": 800.5, "rotation": 0, "labels": {"1.4": "k2"}, "data": []},
            {"page": 11, "width": 300.0, "height": 200.0, "rotation": 0, "data": [stored(box("b", 11))]},
        ],
    }  # fmt: skip


def test_changes_touch_their_page_alone(questions: Any) -> None:
    first = done(questions, op("a", box("a", 1)), op("b", box("b", 2)), page_op(2, {"1.4": "k1"}))
    moved = done(questions, op("a", box("a", 2, left=100)), results=first)
    assert [page["page"] for page in moved[0]["pages"]] == [2]
    assert [item["id"] for item in moved[0]["pages"][0]["data"]] == ["b", "a"]
    assert [page["page"] for page in first[0]["pages"]] == [1, 2]
    gone = done(questions, op("a", None), op("b", None), results=moved)
    assert gone[0]["pages"][0]["labels"] == {"1.4": "k1"}
    empty = done(questions, op("page:2", None), results=gone)
    assert empty[0]["pages"] == []  # looked at: there is nothing on it
    assert done(questions, op(None, None), results=moved) == []
    again = done(questions, op("b", {**box("b", 2), "labels": {}}), results=first)
    assert again[0]["pages"][0] is first[0]["pages"][0]


def test_a_whole_answer(questions: Any) -> None:
    (element,) = done(questions, op("a", box("a", 1)), page_op(12, {"1.4": "k1"}))
    assert done(questions, op(None, element)) == [element]
    assert done(questions, op(None, {**element, "pages": []})) == [{**element, "pages": []}]
    page = element["pages"][0]
    for wrong, field in (
        ({**page, "page": 13}, "results[0].pages[0].page"),
        ({**page, "width": 601}, "results[0].pages[0].width"),
        ({**page, "labels": {"9": "x"}}, "results[0].pages[0].labels.9"),
        ({**page, "data": [page["data"][0]] * 2}, "results[0].pages[0].data[1].id"),
        ({**page, "data": [{**page["data"][0], "id": "page:1"}]}, "results[0].pages[0].data[0].id"),
    ):
        assert refused(questions, op(None, {**element, "pages": [wrong]})) == field
    assert refused(questions, op(None, {**element, "pages": [page, page]})).endswith("[1].page")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (op("a", box("a", 13)), "results[0].a.page"),
        (op("a", box("a", 0)), "results[0].a.page"),
        (op("a", {**box("a", 1), "page": True}), "results[0].a.page"),
        (op("a", stored(box("a", 1))), "results[0].a.page"),
        (op("a", box("b", 1)), "results[0].a.id"),
        (op("a", box("a", 12, left=250)), "results[0].a.value[1][0]"),
        (op("a", box("a", 1, labels={"1.4": "k1"})), "results[0].a.labels.1.4"),
        (op("a", box("a", 1, shape="mask", type="image/mask")), "results[0].a.shape"),
        (op("a", box("a", 1, extra=1)), "results[0].a.extra"),
        (page_op(13, {"1.4": "k1"}), "results[0].page:13"),
        (page_op(1, {"1.1": "k1"}), "results[0].page:1.labels.1.1"),
        (page_op(1, {"1.4": "k9"}), "results[0].page:1.labels.1.4"),
        (op("page:1", {"labels": {}}), "results[0].page:1.id"),
    ],
)  # fmt: skip
def test_what_is_refused(questions: Any, wrong: dict[str, Any], field: str) -> None:
    assert refused(questions, wrong) == field


def test_nothing_is_marked_where_the_pages_are_not_known(questions: Any) -> None:
    with pytest.raises(Invalid):
        apply_ops([], [op("a", box("a", 1))], questions=questions, media={})


def test_what_is_missing(questions: Any) -> None:
    results = done(questions, op("a", box("a", 3, labels={})), page_op(1, {"1.4": "k1"}))
    fields = [error["field"] for error in missing(results, questions)]
    assert fields == ["results[0].pages[1].data[0].labels.1.1", "questions.2"]
    questions[0]["pageChildren"][0]["mustFill"] = True
    fields = [error["field"] for error in missing(results, questions)]
    assert "results[0].pages[1].labels.1.4" in fields
    questions[0]["mustFill"] = True
    assert missing([], questions)[0]["field"] == "questions.1"


def test_the_manifest_and_back(questions: Any) -> None:
    written = {"1.1": "k1", "1.3": "as it stands\nthere"}
    results = done(
        questions,
        op("a", box("a", 2, labels=written, group="g")),
        page_op(2, {"1.4": "k2"}),
        page_op(7, {"1.4": "k1"}),
        {"questionId": "2", "id": None, "value": {"questionId": "2", "type": "survey/value", "data": "k1"}},
    )  # fmt: skip
    exported = to_manifest(results, questions)
    assert exported[0] == {
        "questionId": "1",
        "markTitle": "PDF label configuration",
        "type": "pdf",
        "pages": [
            {
                "page": 2,
                "width": 600.0,
                "height": 800.5,
                "rotation": 0,
                "labels": {"Page class": "table"},
                "data": [
                    {
                        "id": "a",
                        "type": "image/polygon",
                        "value": box("a", 2)["value"],
                        "group": "g",
                        "labels": {"Text": "as it stands\nthere", "Label": "title"},
                    }
                ],
            },
            {"page": 7, "width": 600.0, "height": 800.5, "rotation": 0,
             "labels": {"Page class": "title"}, "data": []},
        ],
    }  # fmt: skip
    assert from_manifest(exported, questions) == [
        {**results[0], "pages": [
            {**results[0]["pages"][0], "data": [
                {**results[0]["pages"][0]["data"][0], "labels": {"1.3": written["1.3"], "1.1": "k1"}}]},
            results[0]["pages"][1]]},
        results[1],
    ]  # fmt: skip
    backwards = [{**exported[0], "pages": exported[0]["pages"][::-1]}]
    assert from_manifest(backwards, questions)[0] == from_manifest(exported, questions)[0]


@pytest.mark.parametrize(
    ("member", "value"),
    [("pages", 3), ("pages", [3]), ("pages", [{"page": "x"}]), ("pages", [{"page": 1}] * 2)],
)
def test_a_manifest_that_does_not_fit(questions: Any, member: str, value: Any) -> None:
    element = {"questionId": "1", "type": "pdf", member: value}
    with pytest.raises(Invalid):
        from_manifest([element], questions)


def test_votes_are_compared_page_by_page(questions: Any) -> None:
    question = compiled(questions)["1"]

    def same(a: Any, b: Any) -> bool:
        return equal(question, a, b, iou_percent=80, gap_ms=200)

    one = done(questions, op("a", box("a", 1)), page_op(2, {"1.4": "k1"}))[0]
    close = done(questions, op("z", box("z", 1, left=11)), page_op(2, {"1.4": "k1"}))[0]
    assert same(one, close)
    assert 0.9 < agreement(question, one, close) < 1
    other_page = done(questions, op("a", box("a", 2)), page_op(2, {"1.4": "k1"}))[0]
    other_class = done(questions, op("a", box("a", 1)), page_op(2, {"1.4": "k2"}))[0]
    assert not same(one, other_page)
    assert not same(one, other_class)
    assert agreement(question, one, other_class) == 0.5
    assert same(None, {**one, "pages": []})


def test_figures_count_pages_regions_and_labels(questions: Any) -> None:
    choices = choice_ids(compiled(questions))
    assert choices == {"1.1", "1.4", "2"}
    results = done(
        questions,
        op("a", box("a", 1, labels={"1.1": "k1", "1.3": "four"})),
        op("b", box("b", 2)),
        page_op(2, {"1.4": "k2"}),
    )
    found = units(results, MEDIA, choices)
    assert (found["regions"], found["pages"], found["characters"]) == (2, 12, 4)
    assert labels(results, choices) == {"1.1:k1": 2, "1.4:k2": 1}


def test_rounds_are_compared_in_words(questions: Any) -> None:
    before = done(questions, op("a", box("a", 1)), page_op(2, {"1.4": "k1"}))
    after = done(questions, op("a", box("a", 1)), page_op(2, {"1.4": "k2"}))
    (question,) = diff_results(before, after, questions)
    assert [(line.text, line.mark) for line in question.lines] == [
        ("title · rectangle · page 1 · 10, 10 · 90 × 40", "same"),
        ("page 2: table", "changed"),
    ]
