"""The demo's data and its reader of manifests, without a server."""

import io
import json
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from PIL import Image

from itag.client.answers import Choice, same
from itag.client.catalogue import SCENARIOS
from itag.client.demo import main
from itag.client.drawn import Regions, mask, read_mask, rectangle
from itag.client.episodes import EPISODES
from itag.client.manifest import Expected, Off, check_lines, read_boxes, read_choices
from itag.client.pictures import THINGS, scene
from templates_app.questions.masks import read_runs
from templates_app.services import check_template

TASK = "1435504604476547072"
DETECTION = Regions("1", "目标检测标签配置", {"1.1": "标签"})


@pytest.mark.parametrize("number", range(1, 20))
def test_scene_is_a_picture_whose_boxes_lie_inside(number: int) -> None:
    drawn = scene(number)
    with Image.open(io.BytesIO(drawn.png)) as image:
        assert (image.width, image.height) == (drawn.width, drawn.height)
        image.load()
    assert len(drawn.objects) >= 2
    for thing, (x0, y0, x1, y1) in drawn.objects:
        assert thing in THINGS
        assert 0 <= x0 < x1 <= drawn.width
        assert 0 <= y0 < y1 <= drawn.height


def test_scene_of_a_number_never_changes() -> None:
    assert scene(7).png == scene(7).png
    assert scene(7).png != scene(8).png


@pytest.mark.parametrize("name", SCENARIOS)
def test_scenario_holds_together(name: str) -> None:
    """Sources are unique, answers use the scenario's labels, and there is something to correct and to return."""
    scenario = SCENARIOS[name]()
    assert scenario.name == name
    assert len({sample.source for sample in scenario.samples}) == len(scenario.samples)
    assert sum(s.first is not s.truth for s in scenario.samples) >= 2
    keys = {
        question: {
            label: f"key of {label}"
            for above in labels
            for label in (above, *scenario.under.get(above, ()))
        }
        for question, labels in scenario.labels.items()
    }
    keys |= dict(own_options((scenario.custom or {}).get("questions", ())))
    for sample in scenario.samples:
        for answer in filter(None, (sample.first, sample.truth, sample.final)):
            for question in scenario.questions:
                if answer[question.id] is None:
                    continue  # not asked of this one
                element = question.element(answer[question.id], keys, sample.size)
                assert element["questionId"] == question.id
        if sample.data is not None:
            assert json.loads(sample.line)["data"]["source"] == sample.source


def own_options(questions: Iterable[Any]) -> Iterator[tuple[str, dict[str, str]]]:
    """(question, {label: key}) of a template that brings its options."""
    for question in questions:
        yield (
            question["questionId"],
            {one["label"]: one["key"] for one in question.get("options", ())},
        )
        yield from own_options(question.get("children", ()))


@pytest.mark.parametrize("name", ["custom-mix", "llm-preference"])
def test_custom_template_of_a_scenario_is_one(name: str) -> None:
    custom = SCENARIOS[name]().custom
    assert custom is not None
    check_template(views=custom["views"], questions=custom["questions"], layout=custom["layout"])


def test_operations_touch_only_what_differs() -> None:
    keys = {"1.1": {"car": "k1", "tree": "k2"}}
    car, tree = rectangle((1, 2, 3, 4), {"1.1": "car"}), rectangle((5, 6, 7, 8), {"1.1": "tree"})
    now = DETECTION.element([car, tree], keys, (20, 10))
    moved = rectangle((5.5, 6, 7, 8), {"1.1": "tree"}, tree.id)
    ops = DETECTION.ops([moved], keys, (20, 10), now)
    assert [(op["id"], op["value"] is None) for op in ops] == [(car.id, True), (tree.id, False)]
    assert DETECTION.ops([car, tree], keys, (20, 10), now) == []


@pytest.mark.parametrize(
    ("left", "right", "equal"),
    [
        ({"a": 1, "b": 2.0}, {"b": 2, "a": 1.0}, True),
        ([1, 2], [2, 1], False),
        (True, 1, False),
        ({"a": None}, {}, False),
        ("é", "é", True),
    ],
)
def test_values_compare_by_meaning(left: Any, right: Any, *, equal: bool) -> None:
    assert same(left, right) is equal


def test_order_of_members_counts_where_asked() -> None:
    assert not same({"a": 1, "b": 2}, {"b": 2, "a": 1}, ordered=True)


def line(**results: Any) -> str:
    return json.dumps({"data": {"source": "a"}, **results}, ensure_ascii=False) + "\n"


def choice(label: str) -> dict[str, Any]:
    return {"results": [Choice("1", "单选").exported(label, (0, 0))]}


def test_line_that_fits_is_read() -> None:
    key = f"label-{TASK}"
    results = {key: choice("猫"), f"{key}-check": choice("狗"), f"{key}-verify": choice("鸟")}
    [row] = check_lines(line(**results), [Expected(None, "a", {}, results)])
    assert read_choices(row, TASK) == ["鸟"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"data":{"source":"a"}}', "line end"),
        ("", "line end"),
        ("[\n", "line 1: this is not JSON"),
        ('{"data":{"source":"b"}}\n', "source is 'b'"),
        ('{"data":{"source":"a"}}\n{"data":{"source":"b"}}\n', "2 lines, expected 1"),
        (line(**{f"label-{TASK}-check": choice("猫")}), "result keys"),
        (line(**{f"label-{TASK}": choice("狗")}), "狗"),
        (
            line(
                **{
                    f"label-{TASK}": {
                        "results": [
                            {
                                "type": "survey/value",
                                "questionId": "1",
                                "data": "猫",
                                "markTitle": "单选",
                            }
                        ]
                    }
                }
            ),
            "expected",
        ),
    ],
)
def test_difference_is_named_with_its_line(text: str, message: str) -> None:
    wanted = Expected(None, "a", {}, {f"label-{TASK}": choice("猫")})
    with pytest.raises(Off, match=message):
        check_lines(text, [wanted])


def test_bytes_that_came_must_leave() -> None:
    text = '{"data":{"source":"\\u00e9"},"label-1":{"n":1.50}}\n'
    came = Expected('{"source":"\\u00e9"}', "é", {"label-1": '{"n":1.50}'}, {})
    assert check_lines(text, [came])
    with pytest.raises(Off, match="`data`"):
        check_lines(text.replace("\\u00e9", "é"), [came])
    with pytest.raises(Off, match="label-1"):
        check_lines(text.replace("1.50", "1.5"), [came])


def test_box_is_spanned_by_its_corners_in_any_order() -> None:
    exported = DETECTION.exported([rectangle((10, 20, 30.5, 40), {"1.1": "车"})], (100, 100))
    exported["data"][0]["value"].reverse()
    row = {f"label-{TASK}": {"results": []}, f"label-{TASK}-check": {"results": [exported]}}
    assert read_boxes(row, TASK) == [("车", [10, 20, 30.5, 40])]


def test_detection_reader_refuses_results_of_two_jobs() -> None:
    with pytest.raises(Off, match="on one line"):
        read_boxes({f"label-{TASK}": {}, "label-7-check": {}}, TASK)


def test_box_with_two_labels_is_refused() -> None:
    exported = DETECTION.exported([rectangle((1, 2, 3, 4), {"1.1": "车"})], (9, 9))
    exported["data"][0]["labels"]["另一个"] = "x"
    with pytest.raises(Off, match="2 labels"):
        read_boxes({f"label-{TASK}": {"results": [exported]}}, TASK)


def test_masks_are_cocos() -> None:
    found = mask([(2, 1, 3), (3, 1, 3)], (5, 4))
    assert found == {"size": [4, 5], "counts": "92203"}
    assert read_mask(found) == 4
    whole = mask([(0, 0, 4), (1, 0, 4)], (2, 4))
    assert read_runs(whole["counts"]) == [0, 8, 0]
    assert read_mask(whole) == 8


def test_scenarios_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list"]) == 0
    assert capsys.readouterr().out.split() == [*SCENARIOS, *EPISODES]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["no-such"], "no scenario is named no-such"),
        (["--accounts", "/nowhere/accounts.json"], "is not there"),
        (["--url", "nonsense", "--accounts", "ACCOUNTS"], "not an address"),
    ],
)
def test_what_cannot_start_says_why(
    arguments: list[str], message: str, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    accounts = tmp_path / "accounts.json"
    accounts.write_text('{"accounts":[{"username":"a","password":"b","role":"admin"}]}')
    arguments = [str(accounts) if a == "ACCOUNTS" else a for a in arguments]
    assert main([*arguments, "--out", str(tmp_path / "out")]) == 1
    captured = capsys.readouterr()
    assert message in captured.err
    last = json.loads(captured.out.splitlines()[-1])
    assert last["ok"] is False
    assert message in last["error"]


def test_accounts_file_without_administrator_is_refused(
    tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    accounts = tmp_path / "accounts.json"
    accounts.write_text('{"accounts":[]}')
    assert main(["--accounts", str(accounts)]) == 1
    assert "names no administrator" in capsys.readouterr().err
