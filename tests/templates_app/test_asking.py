"""Long texts, ratings, rankings; conditions, rules, defaults and layouts of templates; what a job says otherwise."""

import copy
from types import SimpleNamespace
from typing import Any

import pytest

from itag.core.errors import Invalid
from templates_app.answers import apply_ops, compiled, from_manifest, missing, to_manifest
from templates_app.conditions import shown
from templates_app.questions.base import QUESTION
from templates_app.schema import Errors
from templates_app.services import check_template, resolve, validate_job_config
from tests.templates_app.test_ranges import AUDIO, JOINED, SLOT, choice, op, spans

RATING = {
    "questionId": "1", "type": "RATING", "markTitle": "Quality", "mustFill": True, "least": 0, "most": 5, "step": 0.5,
    "style": "stars",
}  # fmt: skip
RANKING = choice("1", "RANKING", "Order", "A", "B", "C", contents={"k1": "one"})
OPEN = {
    "questionId": "1", "type": "OPEN_ENDED", "markTitle": "Reason", "mustFill": False, "least": 3, "most": 5,
}  # fmt: skip
RULED = {
    "questionId": "1", "type": "INPUT", "markTitle": "Plate", "mustFill": False, "rule": r"[A-Z]{2}\d+",
    "ruleHint": "AB12",
}  # fmt: skip


def put(question: Any, data: Any) -> Any:
    kind = "survey/multivalue" if question["type"] == "RANKING" else "survey/value"
    element = {"questionId": "1", "type": kind, "data": data}
    return apply_ops([], [op(element)], questions=[question], media={})


def is_refused(question: Any, data: Any) -> bool:
    with pytest.raises(Invalid):
        put(question, data)
    return True


class TestTypes:
    def test_a_rating_is_a_plain_number_on_its_scale(self) -> None:
        for data in ("0", "0.5", "5"):
            assert put(RATING, data)[0]["data"] == data
        for data in ("5.5", "-1", "0.3", "4.0", "04", "1e0", "", "x", 4, "٣", None):
            assert data is None or is_refused(RATING, data)
        (element,) = to_manifest(put(RATING, "4.5"), [RATING])
        assert element["data"] == "4.5"
        for given, read in ((4.5, "4.5"), ("4.50", "4.5"), (4, "4")):
            assert from_manifest([{**element, "data": given}], [RATING])[0]["data"] == read
        with pytest.raises(Invalid):
            from_manifest([{**element, "data": True}], [RATING])

    def test_a_ranking_has_all_options_or_none(self) -> None:
        assert put(RANKING, ["k2", "k1", "k3"])
        assert missing(put(RANKING, []), [RANKING])
        for data in (["k1"], ["k1", "k1", "k2"], ["k1", "k2", "k9"], "k1"):
            assert is_refused(RANKING, data)
        results = put(RANKING, ["k2", "k1", "k3"])
        assert to_manifest(results, [RANKING])[0]["data"] == ["B", "A", "C"]
        assert from_manifest(to_manifest(results, [RANKING]), [RANKING]) == results

    @pytest.mark.parametrize(
        ("question", "fits", "fails"),
        [(OPEN, ["", "abc", "中文字"], ["ab", "abcdef"]), (RULED, ["", "AB1"], ["ab1", "AB"])],
    )
    def test_what_does_not_fit_is_kept_but_not_submitted(
        self, question: Any, fits: list[str], fails: list[str]
    ) -> None:
        for text in fits:
            assert not missing(put(question, text), [question])
        for text in fails:
            assert [e["field"] for e in missing(put(question, text), [question])] == ["results[0]"]

    def test_rules_hold_inside_objects(self) -> None:
        slot = {**SLOT, "children": [{**RULED, "questionId": "1.1"}]}
        item = {"id": "a", "type": "text/span", "start": 0, "end": 0, "text": "x"}
        results = [spans({**item, "labels": {"1.1": "no"}}, {**item, "labels": {}})]
        assert [e["field"] for e in missing(results, [slot])] == ["results[0].data[0].labels.1.1"]


def shows(question: str, *keys: str) -> dict[str, Any]:
    return {"showIf": {"questionId": question, "is": list(keys)}}


class TestConditions:
    ASKED = [
        choice("1", "RADIO", "A"),
        choice("2", "CHECKBOX", "B", **shows("1", "k1")),
        {**OPEN, "questionId": "3", "markTitle": "C", "mustFill": True, **shows("2", "k2", "k3")},
        {
            **SLOT,
            "questionId": "4",
            "children": [
                choice("4.1", "RADIO", "D"),
                choice("4.2", "RADIO", "E", **shows("4.1", "k2")),
                choice("4.3", "RADIO", "F", **shows("1", "k1")),
                choice("4.4", "RADIO", "G", **shows("4.2", "k1")),
            ],
        },
    ]

    def results(self, a: str, b: list[str], **labels: str) -> Any:
        item = {"id": "x", "type": "text/span", "start": 0, "end": 0, "text": "x"}
        named = {f"4.{name[1]}": value for name, value in labels.items()}
        return [
            {"questionId": "1", "type": "survey/value", "data": a},
            {"questionId": "2", "type": "survey/multivalue", "data": b},
            {"questionId": "3", "type": "survey/value", "data": "text"},
            {"questionId": "4", "type": "text", "data": [{**item, "labels": named}]},
        ]

    def test_hidden_questions_miss_nothing(self) -> None:
        def lacks(results: Any) -> list[str]:
            return [error["field"] for error in missing(results, self.ASKED)]

        assert lacks([]) == ["questions.1"]
        assert lacks(self.results("k2", [], _1="k1")) == []
        assert lacks(self.results("k1", ["k1"], _1="k1")) == ["results[3].data[0].labels.4.3"]
        assert lacks(self.results("k2", [], _1="k2")) == ["results[3].data[0].labels.4.2"]
        first = self.results("k1", ["k2"], _1="k1", _3="k1")[:2]
        assert lacks(first) == ["questions.3"]

    def test_what_hidden_ones_were_answered_is_not_handed_over(self) -> None:
        ready = compiled(self.ASKED)
        full = self.results("k1", ["k3"], _1="k2", _2="k1", _3="k1", _4="k1")
        before = copy.deepcopy(full)
        assert shown(full, ready) == full
        other = self.results("k2", ["k3"], _1="k1", _2="k1", _3="k1", _4="k1")
        kept = shown(other, ready)
        assert [element["questionId"] for element in kept] == ["1", "4"]
        assert kept[1]["data"][0]["labels"] == {"4.1": "k1"}
        assert [each.get("questionId") for each in to_manifest(other, ready)] == ["1", None]
        assert full == before

    def test_pages_and_relations(self) -> None:
        pdf = {
            "questionId": "2", "type": "PDF", "markTitle": "P", "mustFill": False, "view": "p", "field": "p",
            "shapes": ["rectangle"], "children": [],
            "pageChildren": [choice("2.1", "RADIO", "Page", **shows("1", "k1"))],
        }  # fmt: skip
        page = {
            "page": 1,
            "width": 9,
            "height": 9,
            "rotation": 0,
            "labels": {"2.1": "k1"},
            "data": [],
        }
        answers = [
            {"questionId": "1", "type": "survey/value", "data": "k2"},
            {"questionId": "2", "type": "pdf", "pages": [page]},
        ]
        asked = [choice("1", "RADIO", "A"), pdf]
        assert shown(answers, compiled(asked))[1]["pages"] == [
            {name: page[name] for name in ("page", "width", "height", "rotation", "data")}
        ]
        joined = {
            **JOINED,
            "relationChildren": [
                choice("1.3", "RADIO", "R"),
                choice("1.4", "RADIO", "S", **shows("1.3", "k1")),
            ],
        }
        link = {"id": "r", "type": "text/relation", "from": "a", "to": "a"}
        answer = [spans({**link, "labels": {"1.3": "k2", "1.4": "k1"}})]
        assert shown(answer, compiled([joined]))[0]["data"][0]["labels"] == {"1.3": "k2"}


VIEWS = [{"type": "Text", "bindField": "text"}, {"type": "Audio", "bindField": "sound"}]


def faults(questions: Any, views: Any = None, layout: Any = ()) -> list[str]:
    try:
        check_template(views=views or VIEWS, questions=questions, layout=layout)
    except Invalid as error:
        return [each["field"] for each in error.errors]
    return []


def asked(number: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"questionId": number, "type": kind, "markTitle": f"Q{number}", **more}


def picked(number: str, *keys: str, kind: str = "RADIO", **more: Any) -> dict[str, Any]:
    options = [
        {"key": key, "label": key.upper(), "color": "#d22a1e", "shortcut": ""} for key in keys
    ]
    return asked(number, kind, options=options, **more)


class TestTemplates:
    def test_a_template_of_everything_is_right(self) -> None:
        questions = [
            picked("1", "a", "b", default="b", help="Look closely."),
            asked("2", "SLOT", view="text", unit="character", children=[picked("2.1", "x", "y")],
                  relationChildren=[picked("2.2", "of")], pairs=[{"from": ["x"], "to": ["y"], "relation": ["of"]}],
                  **shows("1", "a")),
            asked("3", "VIDEO", view="sound", tracks=["Left", "Right"],
                  children=[asked("3.1", "INPUT", rule=r"\w+", preOptions=["um"])]),
            asked("4", "RATING", most=7, style="numbers", default="3", lowLabel="bad"),
            picked("5", "p", "q", kind="RANKING", contents={"p": "text"}, **shows("4", "3")),
            asked("6", "OPEN_ENDED", least=2, most=9, default="abc"),
            asked("7", "TEXT_EDIT", view="text", help={"en": "Mend it.", "zh-hans": "修正"}),
        ]  # fmt: skip
        layout = [
            {"cells": [
                {"width": 8, "blocks": [{"view": "text"}]},
                {"width": 4, "blocks": [{"view": "sound"}, {"question": "5"}]},
            ], "height": 6},
        ]  # fmt: skip
        assert faults(questions, layout=layout) == []
        template: Any = SimpleNamespace(
            views=VIEWS, questions=questions, layout=layout, abandon_reasons=[]
        )
        fields = [{"name": "text", "type": "text"}, {"name": "sound", "type": "audio"}]
        config = validate_job_config(
            template, options=None, selected=None, bindings=None, dataset_fields=fields
        )
        resolved = resolve(template, **config._asdict(), language="zh-hans")
        errors: Errors = []
        for question in resolved["questions"]:
            QUESTION.check(question, "", errors)
        assert not errors
        by_id = {each["questionId"]: each for each in resolved["questions"]}
        assert by_id["3"]["kind"] == "audio"
        assert by_id["4"]["least"] == 1
        assert by_id["7"]["help"] == "修正"
        assert resolved["layout"] == layout

    @pytest.mark.parametrize(
        ("question", "field"),
        [
            (picked("1", "a", default="b"), "default"),
            (picked("1", "a", kind="CHECKBOX", default=["a", "a"]), "default[1]"),
            (picked("1", "a", "b", kind="RANKING", default=["a"]), "default"),
            (picked("1", "a", kind="RANKING", contents={"b": "text"}), "contents.b"),
            (picked("1", "a", kind="RANKING", contents={"a": "none"}), "contents.a"),
            (asked("1", "RATING", least=5), "most"),
            (asked("1", "RATING", step=3), "step"),
            (asked("1", "RATING", most=1e5, step=0.1), "step"),
            (asked("1", "RATING", default="9"), "default"),
            (asked("1", "INPUT", rule="("), "rule"),
            (asked("1", "INPUT", rule=r"\d+", default="x"), "default"),
            (asked("1", "OPEN_ENDED", least=5, most=2), "most"),
            (asked("1", "OPEN_ENDED", least=5, default="x"), "default"),
            (asked("1", "SLOT", view="sound"), "view"),
            (asked("1", "VIDEO", view="text"), "view"),
            (asked("1", "TEXT_EDIT", view="sound"), "view"),
            (asked("1", "TEXT_EDIT"), "view"),
            (asked("1", "SLOT", view="text", default=[]), "default"),
            (asked("1", "SLOT", view="text", unit="line"), "unit"),
            (asked("1", "SLOT", view="text", children=[asked("2.1", "INPUT")]), "children[0].questionId"),
            (asked("1", "SLOT", view="text", children=[asked("1.1", "TEXT_EDIT")]), "children[0].type"),
            (
                asked("1", "SLOT", view="text", children=[asked("1.1", "INPUT")],
                      relationChildren=[asked("1.1", "RATING")]),
                "relationChildren[0].questionId",
            ),
            (
                asked("1", "SLOT", view="text", children=[picked("1.1", "x")],
                      pairs=[{"from": ["z"], "to": [], "relation": []}]),
                "pairs[0].from[0]",
            ),
            (asked("1", "INPUT", **shows("1", "a")), "showIf.questionId"),
            (asked("1", "INPUT", **shows("9", "a")), "showIf.questionId"),
        ],
    )  # fmt: skip
    def test_what_is_refused_and_where(self, question: Any, field: str) -> None:
        assert faults([question]) == [f"questions[0].{field}"]

    def test_conditions(self) -> None:
        one = picked("1", "a", **shows("2", "b"))
        two = picked("2", "b", **shows("1", "a"))
        assert faults([one, two]) == ["questions[0].showIf", "questions[1].showIf"]
        assert faults([picked("1", "a"), picked("2", "b", **shows("1", "z"))]) == [
            "questions[1].showIf.is[0]"
        ]
        assert faults([asked("1", "INPUT"), picked("2", "b", **shows("1", "z"))]) == [
            "questions[1].showIf.questionId"
        ]
        slot = asked(
            "2", "SLOT", view="text",
            children=[picked("2.1", "x"), asked("2.2", "INPUT", **shows("2.1", "x")), asked("2.3", "INPUT", **shows("1", "a"))],
            relationChildren=[asked("2.4", "INPUT", **shows("2.1", "x"))],
        )  # fmt: skip
        assert faults([picked("1", "a"), slot]) == [
            "questions[1].relationChildren[0].showIf.questionId"
        ]

    @pytest.mark.parametrize(
        ("layout", "field"),
        [
            ([{"cells": []}], "layout[0].cells"),
            ([{"cells": [{"width": 13, "blocks": [{"view": "text"}]}]}], "layout[0].cells[0].width"),
            (
                [{"cells": [{"width": 7, "blocks": [{"view": "text"}]}, {"width": 6, "blocks": [{"view": "sound"}]}]}],
                "layout[0].cells",
            ),
            ([{"cells": [{"width": 7, "blocks": [{"view": "x"}]}]}], "layout[0].cells[0].blocks[0].view"),
            ([{"cells": [{"width": 7, "blocks": [{"question": "9"}]}]}], "layout[0].cells[0].blocks[0].question"),
            (
                [{"cells": [{"width": 7, "blocks": [{"view": "text"}, {"view": "text"}]}]}],
                "layout[0].cells[0].blocks[1].view",
            ),
        ],
    )  # fmt: skip
    def test_layouts(self, layout: Any, field: str) -> None:
        assert faults([asked("1", "INPUT")], layout=layout) == [field]


class TestJobs:
    TEMPLATE: Any = SimpleNamespace(
        views=VIEWS,
        layout=[
            {"cells": [{"width": 4, "blocks": [{"question": "2"}]}]},
            {"cells": [{"width": 4, "blocks": [{"question": "3"}, {"view": "text"}]}]},
        ],
        abandon_reasons=[],
        questions=[
            asked("1", "RADIO", default="k1"),
            asked("2", "INPUT", rule=r"\d+", ruleHint="digits", canSelect=True, selected=True,
                  preOptions=["7"]),
            asked("3", "SLOT", view="text", children=[asked("3.1", "RADIO")], relationChildren=[asked("3.2", "RADIO")]),
            asked("4", "OPEN_ENDED", **shows("1", "k2")),
        ],
    )  # fmt: skip
    OPTIONS = {
        "1": [{"label": "A"}, {"label": "B"}],
        "3.1": [{"label": "X"}, {"label": "Y"}],
        "3.2": [{"label": "of"}],
    }

    def config(self, overrides: Any, options: Any = None, selected: Any = None) -> Any:
        return validate_job_config(
            self.TEMPLATE,
            options=options or self.OPTIONS,
            selected=selected,
            bindings={},
            dataset_fields=[{"name": "text", "type": "text"}, {"name": "sound", "type": "audio"}],
            overrides=overrides,
        )

    def refused(self, overrides: Any, **more: Any) -> list[str]:
        with pytest.raises(Invalid) as caught:
            self.config(overrides, **more)
        return [error["field"] for error in caught.value.errors]

    def test_a_job_says_otherwise(self) -> None:
        said = {
            "1": {"default": None},
            "2": {"rule": "[a-z]*", "ruleHint": None, "default": "x", "preOptions": []},
            "3": {"pairs": [{"from": ["k1"], "to": ["k2"], "relation": []}]},
            "4": {},
        }
        config = self.config(said)
        assert "4" not in config.overrides
        resolved = resolve(self.TEMPLATE, **config._asdict(), language="en")
        by_id = {each["questionId"]: each for each in resolved["questions"]}
        assert "default" not in by_id["1"]
        assert {
            k: v
            for k, v in by_id["2"].items()
            if k in ("rule", "ruleHint", "default", "preOptions")
        } == {
            "rule": "[a-z]*",
            "default": "x",
        }
        assert by_id["3"]["pairs"] == said["3"]["pairs"]  # type: ignore[index]

    @pytest.mark.parametrize(
        ("overrides", "field"),
        [
            ([], None),
            (7, "overrides"),
            ({"9": {}}, "overrides.9"),
            ({"1": 7}, "overrides.1"),
            ({"1": {"rule": "x"}}, "overrides.1.rule"),
            ({"1": {"default": "k9"}}, "overrides.1.default"),
            ({"2": {"rule": "("}}, "overrides.2.rule"),
            ({"2": {"default": "x"}}, "overrides.2.default"),
            ({"2": {"preOptions": "x"}}, "overrides.2.preOptions"),
            ({"3": {"pairs": [{"from": ["k1"], "to": ["k9"], "relation": []}]}}, "overrides.3.pairs[0].to[0]"),
        ],
    )  # fmt: skip
    def test_what_is_refused(self, overrides: Any, field: str | None) -> None:
        if field is None:
            assert self.refused(7) == ["overrides"]
        else:
            assert self.refused(overrides) == [field]

    def test_labels_that_conditions_and_defaults_need(self) -> None:
        """Only the first label is left: what shows question 4 is not there."""
        options = {**self.OPTIONS, "1": [{"label": "A"}]}
        assert self.refused({}, options=options) == ["options.1"]
        named = {**self.OPTIONS, "1": [{"label": "B", "key": "k2"}]}
        assert self.refused({}, options=named) == ["overrides.1.default"]
        assert self.config({"1": {"default": "k2"}}, options=named)

    def test_a_layout_loses_what_is_not_asked(self) -> None:
        config = self.config({}, selected=[])
        resolved = resolve(self.TEMPLATE, **config._asdict(), language="en")
        assert resolved["layout"] == self.TEMPLATE.layout[1:]
        assert AUDIO["kind"] == "audio"
