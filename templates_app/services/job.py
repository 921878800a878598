"""What a job makes of a template: labels, chosen questions, fields, shapes, and what it says otherwise."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from templates_app.contents import SHOWS
from templates_app.models import LabelTemplate
from templates_app.options import normalise
from templates_app.questions import TYPES
from templates_app.questions.base import Json, inner, template_schema
from templates_app.questions.choice import flatten
from templates_app.schema import Errors, Nullable, Record, fail
from templates_app.services.check import all_questions, check_own, refuse
from templates_app.services.resolve import resolve


class JobConfig(NamedTuple):
    """A job's choice, complete and checked."""

    options: dict[str, list[Json]]
    selected: list[str]
    bindings: dict[str, str]
    shapes: dict[str, list[str]]
    overrides: dict[str, Json]


def validate_job_config(
    template: LabelTemplate,
    *,
    options: Any,
    selected: Any,
    bindings: Any,
    dataset_fields: Iterable[Json],
    shapes: Any = None,
    overrides: Any = None,
    language: str = "en",
) -> JobConfig:
    """What a job makes of a template, complete and checked.

    `options`: {question id: [{"label", "color"?, "shortcut"?, "key"?, "remark"?, "children"?}]} for exactly the
    selected questions that take options (where the job gives none, the template's own stand, or its usual labels in
    this language); `selected`: one
    question id per group of alternatives, none given: the template's default, and those of the questions that may be
    left out which are asked, None: the template's default; `shapes`: {question id: what may be drawn, of the shapes
    that the template has}, the template's default where none are given; `bindings`: {a view's field: the
    dataset's field}, the field of the same name where none is given; `dataset_fields`: Dataset.fields; `overrides`:
    {question id: {"default", "rule", "ruleHint", "preOptions", "pairs"}}, of these what its type lets a job say
    otherwise; null takes away what the template says.

    Raises Invalid naming every field: `options.<id>[i].label`, `selected_questions`, `field_bindings.<field>`,
    `shapes.<id>`, `overrides.<id>.<member>`.
    """
    errors: Errors = []
    chosen = _selected(template, selected, errors)
    complete = _options(template, options, chosen, language, errors)
    bound = _bindings(template, bindings, dataset_fields, errors)
    drawn = _shapes(template, shapes, errors)
    said = _overrides(template, overrides, errors)
    refuse(errors)
    config = JobConfig(complete, chosen, bound, drawn, said)
    _check_resolved(template, config, language, errors)
    refuse(errors)
    return config


def may_be_left_out(question: Json) -> bool:
    """Whether a job may do without the question; of alternatives it takes exactly one instead."""
    return bool(question.get("canSelect")) and not question.get("selectGroup")


def _groups(questions: list[Json], parent: str = "") -> dict[tuple[str, str], list[Json]]:
    """The alternatives: (parent's id, group) → the questions of which a job selects one."""
    found: dict[tuple[str, str], list[Json]] = {}
    for question in questions:
        if group := question.get("selectGroup"):
            found.setdefault((parent, group), []).append(question)
        found.update(_groups(inner(question), question["questionId"]))
    return found


def _selected(template: LabelTemplate, given: Any, errors: Errors) -> list[str]:
    name = "selected_questions"
    default = given is None
    given = [] if given is None else given
    if not isinstance(given, list) or not all(isinstance(key, str) for key in given):
        fail(errors, name, _("A list of question ids is expected."))
        given = []
    groups = _groups(template.questions)
    optional = [
        question for question in all_questions(template.questions) if may_be_left_out(question)
    ]
    known = {
        question["questionId"] for members in (*groups.values(), optional) for question in members
    }
    for key in given:
        if key not in known:
            fail(errors, name, _("“%(key)s” is not a question to choose.") % {"key": key})
    chosen = []
    for members in groups.values():
        wanted = [q["questionId"] for q in members if q["questionId"] in given]
        if len(wanted) > 1:
            fail(
                errors,
                name,
                _("Choose one of %(keys)s.")
                % {"keys": ", ".join(q["questionId"] for q in members)},
            )
        usual = next((q for q in members if q.get("selected")), members[0])
        chosen.append(wanted[0] if wanted else usual["questionId"])
    chosen += [
        question["questionId"]
        for question in optional
        if (question.get("selected") if default else question["questionId"] in given)
    ]
    return chosen


def _shapes(template: LabelTemplate, given: Any, errors: Errors) -> dict[str, list[str]]:
    given = {} if given is None else given
    if not isinstance(given, dict):
        fail(errors, "shapes", _("An object is expected."))
        given = {}
    drawing = {
        question["questionId"]: question
        for question in all_questions(template.questions)
        if "shapes" in question
    }
    for key in given:
        if key not in drawing:
            fail(errors, f"shapes.{key}"[:100], _("Nothing is drawn for this question."))
    found = {}
    for key, question in drawing.items():
        wanted = given.get(key) or question.get("defaultShapes") or question["shapes"]
        if not isinstance(wanted, list) or any(name not in question["shapes"] for name in wanted):
            fail(
                errors,
                f"shapes.{key}",
                _("Expected: %(hint)s.") % {"hint": ", ".join(question["shapes"])},
            )
            continue
        found[key] = [name for name in question["shapes"] if name in wanted]
    return found


def _options(
    template: LabelTemplate, given: Any, chosen: list[str], language: str, errors: Errors
) -> dict[str, list[Json]]:
    given = {} if given is None else given
    if not isinstance(given, dict):
        fail(errors, "options", _("An object is expected."))
        given = {}
    takers = {
        question["questionId"]: question
        for question in _asked(template.questions, chosen)
        if TYPES[question["type"]].takes_options
    }
    for key in given:
        if key not in takers:
            fail(
                errors,
                f"options.{key}"[:100],
                _("This question is not selected, or takes no labels."),
            )
    return {
        key: normalise(given.get(key, _own(question, language)), f"options.{key}", errors)
        for key, question in takers.items()
    }


def _asked(questions: list[Json], chosen: list[str]) -> Iterator[Json]:
    """The questions that a job asks, not those inside one that it leaves out."""
    for question in questions:
        optional = question.get("selectGroup") or question.get("canSelect")
        if not optional or question["questionId"] in chosen:
            yield question
            yield from _asked(inner(question), chosen)


def _own(question: Json, language: str) -> list[Json]:
    """The options that the template brings."""
    if "options" in question:
        return list(question["options"])
    return [{"label": label} for label in usual_labels(question, language)]


def usual_labels(question: Json, language: str) -> list[str]:
    """The labels that a job begins with."""
    usual: dict[str, list[str]] = question.get("usualLabels", {})
    return usual.get(language) or usual.get("en") or []


def _bindings(
    template: LabelTemplate, given: Any, fields: Iterable[Json], errors: Errors
) -> dict[str, str]:
    given = {} if given is None else given
    if not isinstance(given, dict):
        fail(errors, "field_bindings", _("An object is expected."))
        given = {}
    types = {field["name"]: field["type"] for field in fields}
    wanted = {view["bindField"]: view["type"] for view in template.views}
    for name in given:
        if name not in wanted:
            fail(
                errors, f"field_bindings.{name}"[:100], _("No view of the template has this field.")
            )
    bound = {}
    for name, view_type in wanted.items():
        field = given.get(name, name)
        path = f"field_bindings.{name}"
        if not isinstance(field, str) or field not in types:
            fail(errors, path, _("The dataset has no field “%(field)s”.") % {"field": field})
        elif types[field] not in SHOWS[view_type]:
            fail(
                errors,
                path,
                _("The field “%(field)s” holds %(found)s; the template needs %(wanted)s.")
                % {"field": field, "found": types[field], "wanted": SHOWS[view_type][0]},
            )
        else:
            bound[name] = field
    return bound


def _overrides(template: LabelTemplate, given: Any, errors: Errors) -> dict[str, Json]:
    given = {} if given is None else given
    if not isinstance(given, dict):
        fail(errors, "overrides", _("An object is expected."))
        return {}
    questions = {each["questionId"]: each for each in all_questions(template.questions)}
    found = {}
    for key, said in given.items():
        path = f"overrides.{key}"[:100]
        if key not in questions:
            fail(errors, path, _("There is no such question."))
            continue
        cls = TYPES[questions[key]["type"]]
        members = template_schema(cls).members
        Record({}, optional={name: Nullable(members[name]) for name in cls.overridable}).check(
            said, path, errors
        )
        if isinstance(said, dict) and said:
            found[key] = said
    return found


def _check_resolved(
    template: LabelTemplate, config: JobConfig, language: str, errors: Errors
) -> None:
    """Note where labels, conditions, defaults and pairs do not fit each other as the job has them."""
    resolved = resolve(
        template,
        options=config.options,
        selected=config.selected,
        language=language,
        bindings=config.bindings,
        shapes=config.shapes,
        overrides=config.overrides,
    )
    fields = {view["bindField"]: view["type"] for view in template.views}
    asked = {each["questionId"]: each for each in all_questions(resolved["questions"])}
    for key, question in asked.items():
        found: Errors = []
        check_own(question, "", fields, found)
        for error in found:
            name = error["field"].lstrip(".")
            fail(errors, f"overrides.{key}.{name}", error["message"])
        _check_condition(question, asked, errors)


def _check_condition(question: Json, asked: Mapping[str, Json], errors: Errors) -> None:
    rule = question.get("showIf")
    if rule is None:
        return
    other = asked.get(rule["questionId"])
    title = {"title": question["markTitle"]}
    if other is None:
        fail(
            errors,
            "selected_questions",
            _("“%(title)s” is shown by the answer to a question that is not asked.") % title,
        )
    elif "options" in other:
        keys = {option["key"] for option in flatten(other["options"])}
        if not keys.intersection(rule["is"]):
            fail(
                errors,
                f"options.{other['questionId']}",
                _("“%(title)s” is shown by a label that is not here (%(keys)s).")
                % {**title, "keys": ", ".join(rule["is"])},
            )
