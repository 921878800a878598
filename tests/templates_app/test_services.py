"""What a job makes of a template, and the built-in ones."""

from collections.abc import Iterator
from typing import Any

import pytest

from itag.core.errors import Invalid
from templates_app.answers import compiled
from templates_app.builtin import PRESETS
from templates_app.contents import SHOWS
from templates_app.models import LabelTemplate
from templates_app.options import PALETTE, SHORTCUTS, normalise
from templates_app.questions import TYPES
from templates_app.questions.base import QUESTION, inner
from templates_app.services import (
    check_template,
    install_builtin,
    resolve,
    validate_job_config,
)
from templates_app.typescript import schemas

pytestmark = pytest.mark.django_db

IMAGE_FIELDS = [{"name": "source", "type": "image"}, {"name": "note", "type": "text"}]


@pytest.fixture
def detection() -> LabelTemplate:
    return LabelTemplate.objects.latest().get(workspace=None, key="object-detection")


@pytest.fixture
def classification() -> LabelTemplate:
    return LabelTemplate.objects.latest().get(workspace=None, key="image-classification")


def _walk(questions: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for question in questions:
        yield question
        yield from _walk(inner(question))


def refused(template: LabelTemplate, **config: Any) -> dict[str, str]:
    """The fields at which a job's choice was refused."""
    full = {
        "options": {"1": [{"label": "cat"}]},
        "selected": ["1"],
        "bindings": {"source": "source"},
        "dataset_fields": IMAGE_FIELDS,
        **config,
    }
    with pytest.raises(Invalid) as caught:
        validate_job_config(template, **full)
    return {error["field"]: error["message"] for error in caught.value.errors}


class TestBuiltin:
    def test_they_are_there_after_migrate(self) -> None:
        found = LabelTemplate.objects.filter(workspace=None, key__in=[p["key"] for p in PRESETS])
        assert {template.key for template in found} == {
            "image-classification",
            "object-detection",
            "ocr",
            "pdf",
            "matting",
            "table",
            "text-classification",
            "entity-recognition",
            "entity-relationship",
            "video-classification",
            "audio-classification",
            "audio-segmentation",
            "audio-recognition",
        }

    def test_installing_again_changes_nothing(self) -> None:
        before = list(LabelTemplate.objects.order_by("pk").values())
        install_builtin()
        assert list(LabelTemplate.objects.order_by("pk").values()) == before

    def test_a_changed_preset_is_a_new_version(self, detection: LabelTemplate) -> None:
        """Jobs that use the old one keep it."""
        LabelTemplate.objects.filter(pk=detection.pk).update(category="other")
        install_builtin()
        old = LabelTemplate.objects.get(pk=detection.pk)
        new = LabelTemplate.objects.latest().get(workspace=None, key="object-detection")
        assert old.superseded_at is not None
        assert (new.version, new.category) == (old.version + 1, "image")

    @pytest.mark.parametrize("language", ["en", "zh-hans"])
    @pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset["key"])
    def test_every_choice_resolves_to_what_the_browser_expects(
        self, preset: dict[str, Any], language: str
    ) -> None:
        template = LabelTemplate.objects.latest().get(workspace=None, key=preset["key"])
        every = list(_walk(preset["questions"]))
        alternatives = [q["questionId"] for q in every if "selectGroup" in q]
        # What stands inside a question that may be left out is not asked without it.
        inside = {q["questionId"] for q in every if q.get("canSelect") for q in _walk(inner(q))}
        always = {
            q["questionId"] for q in every if not ("selectGroup" in q or "canSelect" in q)
        } - inside
        takers = {q["questionId"] for q in every if TYPES[q["type"]].takes_options}
        for chosen in [key for key in alternatives if key not in inside] or [None]:
            keys = takers & {*always, *([chosen] if chosen else [])}
            options, selected, bindings, *_ = validate_job_config(
                template,
                options={key: [{"label": "cat"}] for key in keys},
                selected=[chosen] if chosen else [],
                bindings={},
                dataset_fields=[{"name": "source", "type": SHOWS[preset["views"][0]["type"]][0]}],
                language=language,
            )
            resolved = resolve(
                template,
                options=options,
                selected=selected,
                language=language,
                bindings=bindings,
            )
            errors: list[Any] = []
            for question in resolved["questions"]:
                QUESTION.check(question, "", errors)
            assert not errors
            asked = {q["questionId"] for q in _walk(resolved["questions"])}
            assert asked == {*always, *([chosen] if chosen else [])}
            assert resolved["views"][0]["field"] == "source"
            assert compiled(resolved["questions"])

    def test_usual_labels_stand_where_a_job_names_none(self) -> None:
        matting = LabelTemplate.objects.latest().get(workspace=None, key="matting")
        for language, verdict, cut in (
            ("en", ["Pass", "Reject", "Unsure"], ["hair"]),
            ("zh-hans", ["通过", "不通过", "不确定"], ["hair"]),
        ):
            options, selected, _bound, shapes, _said = validate_job_config(
                matting,
                options={"3.1": [{"label": "hair"}]},
                selected=None,
                bindings=None,
                dataset_fields=IMAGE_FIELDS,
                language=language,
            )
            assert [option["label"] for option in options["1"]] == verdict
            assert [option["label"] for option in options["3.1"]] == cut
            assert len(options["2"]) == 5
            assert selected == ["3.1", "2", "4"]
            assert shapes == {"3": ["mask", "polygon"]}

    def test_titles_follow_the_language(self, detection: LabelTemplate) -> None:
        for language, title, nested, reason in (
            ("en", "Object detection label configuration", "Label", "Invalid"),
            ("zh-hans", "目标检测标签配置", "标签", "无效"),
        ):
            resolved = resolve(
                detection,
                options={"1.1": []},
                selected=["1.1"],
                language=language,
                bindings={"source": "photo"},
            )
            (question,) = resolved["questions"]
            (child,) = question["children"]
            assert (question["markTitle"], child["markTitle"]) == (title, nested)
            assert {"单选", "single-choice"} <= set(child["aliases"])
            assert question["field"] == "photo"
            assert resolved["abandon_reasons"][0] == reason


class TestCheckTemplate:
    VIEWS = [{"type": "Image", "bindField": "source"}]
    QUESTION = PRESETS[1]["questions"][0]

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"questionId": "x"}, "questions[0].questionId"),
            ({"type": "TABLET"}, "questions[0].type"),
            ({"markTitle": ""}, "questions[0].markTitle"),
            ({"view": "other"}, "questions[0].view"),
            ({"shapes": ["blob"]}, "questions[0].shapes[0]"),
            ({"evil": 1}, "questions[0].evil"),
        ],
    )
    def test_faults_are_named(self, change: dict[str, Any], field: str) -> None:
        with pytest.raises(Invalid) as caught:
            check_template(views=self.VIEWS, questions=[{**self.QUESTION, **change}])
        assert field in {error["field"] for error in caught.value.errors}

    def test_sibling_titles_differ_after_nfc(self) -> None:
        radio = {"type": "RADIO", "questionId": "1", "markTitle": "caf\u00e9"}
        twin = {"type": "RADIO", "questionId": "2", "markTitle": "cafe\u0301"}
        with pytest.raises(Invalid) as caught:
            check_template(views=self.VIEWS, questions=[radio, twin])
        assert caught.value.errors[0]["field"] == "questions[1].markTitle"
        alternatives = [{**question, "selectGroup": "x"} for question in (radio, twin)]
        check_template(views=self.VIEWS, questions=alternatives)

    def test_ids_begin_with_their_parents(self) -> None:
        child = {"type": "RADIO", "questionId": "2.1", "markTitle": "x"}
        with pytest.raises(Invalid) as caught:
            check_template(views=self.VIEWS, questions=[{**self.QUESTION, "children": [child]}])
        assert caught.value.errors[0]["field"] == "questions[0].children[0].questionId"

    def test_a_picture_is_not_nested(self) -> None:
        with pytest.raises(Invalid):
            check_template(
                views=self.VIEWS, questions=[{**self.QUESTION, "children": [self.QUESTION]}]
            )


class TestOptions:
    def test_labels_are_trimmed_and_completed(self, detection: LabelTemplate) -> None:
        options, selected, bindings, *_ = validate_job_config(
            detection,
            options={"1.1": [{"label": "  car\u3000"}, {"label": "人", "color": "#AABBCC"}]},
            selected=None,
            bindings=None,
            dataset_fields=IMAGE_FIELDS,
        )
        assert options == {
            "1.1": [
                {"key": "k1", "label": "car", "color": PALETTE[0], "shortcut": "1"},
                {"key": "k2", "label": "人", "color": "#aabbcc", "shortcut": "2"},
            ]
        }
        assert (selected, bindings) == (["1.1"], {"source": "source"})

    def test_keys_are_stable(self, detection: LabelTemplate) -> None:
        """What came out goes in again unchanged; a new label gets a key that was never used."""
        errors: list[Any] = []
        first = normalise([{"label": "a"}, {"label": "b"}, {"label": "c"}], "options.1", errors)
        assert normalise(first, "options.1", errors) == first
        renamed = [{**first[2], "label": "sea"}, {"label": "new"}]
        assert [o["key"] for o in normalise(renamed, "options.1", errors)] == ["k3", "k4"]
        assert not errors

    @pytest.mark.parametrize(
        ("options", "field"),
        [
            ([{"label": "cat"}, {"label": " cat "}], "options.1[1].label"),
            ([{"label": "caf\u00e9"}, {"label": "cafe\u0301"}], "options.1[1].label"),
            ([{"label": "a", "children": [{"label": "a"}]}], "options.1[0].children[0].label"),
            ([{"label": "   "}], "options.1[0].label"),
            ([{"label": "x" * 101}], "options.1[0].label"),
            ([{"label": "a\nb"}], "options.1[0].label"),
            ([{"label": "\ud800"}], "options.1[0].label"),
            ([{}], "options.1[0].label"),
            (["cat"], "options.1[0]"),
            ([{"label": "a", "color": "red"}], "options.1[0].color"),
            ([{"label": "a", "color": 7}], "options.1[0].color"),
            ([{"label": "a", "color": "#fff;}*{x:y"}], "options.1[0].color"),
            ([{"label": "a", "shortcut": "F1"}], "options.1[0].shortcut"),
            (
                [{"label": "a", "shortcut": "A"}, {"label": "b", "shortcut": "a"}],
                "options.1[1].shortcut",
            ),
            ([{"label": "a", "key": "k 1"}], "options.1[0].key"),
            ([{"label": "a", "key": "x"}, {"label": "b", "key": "x"}], "options.1[1].key"),
            ([{"label": "a", "onclick": "x"}], "options.1[0].onclick"),
            ([{"label": f"l{n}"} for n in range(1001)], "options.1"),
            ([], "options.1"),
            ("cat", "options.1"),
        ],
    )
    def test_what_is_wrong_is_named(
        self, classification: LabelTemplate, options: Any, field: str
    ) -> None:
        assert field in refused(classification, options={"1": options})

    def test_deep_nesting_ends(self, classification: LabelTemplate) -> None:
        option: dict[str, Any] = {"label": "l0"}
        for number in range(1, 60):
            option = {"label": f"l{number}", "children": [option]}
        assert refused(classification, options={"1": [option]})

    def test_a_thousand_labels(self, classification: LabelTemplate) -> None:
        options, *_ = validate_job_config(
            classification,
            options={"1": [{"label": f"l{n}"} for n in range(1000)]},
            selected=["1"],
            bindings={},
            dataset_fields=IMAGE_FIELDS,
        )
        shortcuts = [o["shortcut"] for o in options["1"] if o["shortcut"]]
        assert "".join(shortcuts) == SHORTCUTS
        assert len({o["key"] for o in options["1"]}) == 1000

    def test_named_shortcuts_are_left_to_their_labels(self) -> None:
        errors: list[Any] = []
        options = normalise(
            [{"label": "a"}, {"label": "b", "shortcut": "1"}, {"label": "c", "shortcut": ""}],
            "o",
            errors,
        )
        assert [o["shortcut"] for o in options] == ["2", "1", ""]

    def test_colours_can_be_read(self) -> None:
        """White text on each, and each on either page (WCAG 2.2: 4.5:1 and 3:1)."""

        def luminance(color: str) -> float:
            parts = [int(color[n : n + 2], 16) / 255 for n in (1, 3, 5)]
            linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
            return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

        assert len(set(PALETTE)) == len(PALETTE) == 24
        for color in PALETTE:
            assert 1.05 / (luminance(color) + 0.05) >= 4.5
            assert (luminance(color) + 0.05) / (luminance("#16181d") + 0.05) >= 3


class TestChoice:
    def test_exactly_the_selected_question_has_labels(self, classification: LabelTemplate) -> None:
        both = {"1": [{"label": "a"}], "2": [{"label": "b"}]}
        assert "options.2" in refused(classification, options=both)
        assert "options.1" in refused(classification, options=None)
        assert "options.9" in refused(
            classification, options={"1": [{"label": "a"}], "9": [{"label": "b"}]}
        )
        assert "options" in refused(classification, options=[])

    def test_one_of_the_alternatives(self, classification: LabelTemplate) -> None:
        assert "selected_questions" in refused(classification, selected=["1", "2"])
        assert "selected_questions" in refused(classification, selected=["7"])
        assert "selected_questions" in refused(classification, selected="1")

    @pytest.mark.parametrize(
        ("bindings", "field"),
        [
            ({"source": "nothing"}, "field_bindings.source"),
            ({"source": "note"}, "field_bindings.source"),
            ({"source": ["x"]}, "field_bindings.source"),
            ({"other": "source"}, "field_bindings.other"),
            (7, "field_bindings"),
        ],
    )
    def test_bindings(self, classification: LabelTemplate, bindings: Any, field: str) -> None:
        assert field in refused(classification, bindings=bindings)

    def test_a_field_of_another_name(self, classification: LabelTemplate) -> None:
        _, _, bindings, *_ = validate_job_config(
            classification,
            options={"1": [{"label": "a"}]},
            selected=["1"],
            bindings={"source": "photo"},
            dataset_fields=[{"name": "photo", "type": "image"}],
        )
        assert bindings == {"source": "photo"}


def test_the_front_ends_types_are_current(settings: Any) -> None:
    """`python manage.py schemas` after a change of a schema."""
    path = settings.BASE_DIR / "static/src/generated/schemas.ts"
    assert path.read_text(encoding="utf-8") == schemas()
