"""Label templates: the built-in ones, what a job may make of them, and what the browser gets."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from itag.core.clock import now
from itag.core.errors import Invalid
from templates_app.builtin import PRESETS
from templates_app.contents import SHOWS, TEMPLATE_VIEWS
from templates_app.models import LabelTemplate
from templates_app.options import normalise
from templates_app.questions import TYPES
from templates_app.questions.base import TEMPLATE_QUESTION, Json, inner, normal
from templates_app.schema import Errors, ListOf, fail

QUESTIONS = ListOf(TEMPLATE_QUESTION, least=1, most=100)
#: What is compared to see whether a preset changed.
CONTENT = ("names", "category", "views", "questions", "abandon_reasons")


# --- a template's own rules ------------------------------------------------------------------------------------------


def check_template(*, views: Any, questions: Any) -> None:
    """Refuse a template whose parts do not fit: Invalid with the path of each fault."""
    errors: Errors = []
    TEMPLATE_VIEWS.check(views, "views", errors)
    QUESTIONS.check(questions, "questions", errors)
    _refuse(errors)
    fields = {view["bindField"]: view["type"] for view in views}
    if len(fields) < len(views):
        fail(errors, "views", _("Every view binds a field of its own."))
    _check_level(questions, "questions", "", fields, errors)
    _refuse(errors)


def _check_level(
    questions: list[Json], path: str, parent: str, fields: dict[str, str], errors: Errors
) -> None:
    ids: set[str] = set()
    titles: dict[str, str] = {}
    for number, question in enumerate(questions):
        at = f"{path}[{number}]"
        key = question["questionId"]
        if key in ids:
            fail(errors, f"{at}.questionId", _("Another question has this id."))
        ids.add(key)
        if key.rpartition(".")[0] != parent:
            fail(
                errors,
                f"{at}.questionId",
                _("Ids of nested questions begin with their parent's: 1, then 1.1, 1.2."),
            )
        # Alternatives never stand beside each other in a job, so they may share a title.
        own = question.get("selectGroup", f"question {key}")
        names = question.get("titles", {}).values(), question.get("aliases", ())
        for title in {question["markTitle"], *names[0], *names[1]}:
            if titles.setdefault(normal(title), own) != own:
                fail(errors, f"{at}.markTitle", _("Another question here has this title."))
        wanted = TYPES[question["type"]].view_type
        if wanted and fields.get(question.get("view", "")) != wanted:
            fail(
                errors,
                f"{at}.view",
                _("This question marks on a view of type %(type)s.") % {"type": wanted},
            )
        if children := inner(question):
            _check_level(children, f"{at}.children", key, fields, errors)


@transaction.atomic
def install_builtin() -> None:
    """Bring the built-in templates up to date; a changed one becomes a new version, since jobs may use the old."""
    for preset in PRESETS:
        check_template(views=preset["views"], questions=preset["questions"])
        known = (
            LabelTemplate.objects.select_for_update()
            .filter(workspace=None, key=preset["key"])
            .order_by("-version")
            .first()
        )
        if known and all(getattr(known, name) == preset[name] for name in CONTENT):
            continue
        if known:
            known.superseded_at = now()
            known.save(update_fields=["superseded_at"])
        LabelTemplate.objects.create(
            key=preset["key"],
            name=preset["names"]["en"],
            version=known.version + 1 if known else 1,
            **{name: preset[name] for name in CONTENT},
        )


# --- a job's choice --------------------------------------------------------------------------------------------------


def validate_job_config(
    template: LabelTemplate,
    *,
    options: Any,
    selected: Any,
    bindings: Any,
    dataset_fields: Iterable[Json],
    shapes: Any = None,
    language: str = "en",
) -> tuple[dict[str, list[Json]], list[str], dict[str, str], dict[str, list[str]]]:
    """What a job makes of a template, complete and checked: (options, selected questions, field bindings, shapes).

    `options`: {question id: [{"label", "color"?, "shortcut"?, "key"?, "remark"?, "children"?}]} for exactly the
    selected questions that take options (where the job gives none, the template's own stand, or its usual labels in
    this language); `selected`: one
    question id per group of alternatives, none given: the template's default, and those of the questions that may be
    left out which are asked, None: the template's default; `shapes`: {question id: what may be drawn, of the shapes
    that the template has}, the template's default where none are given; `bindings`: {a view's field: the
    dataset's field}, the field of the same name where none is given; `dataset_fields`: Dataset.fields.

    Raises Invalid naming every field: `options.<id>[i].label`, `selected_questions`, `field_bindings.<field>`,
    `shapes.<id>`.
    """
    errors: Errors = []
    chosen = _selected(template, selected, errors)
    complete = _options(template, options, chosen, language, errors)
    bound = _bindings(template, bindings, dataset_fields, errors)
    drawn = _shapes(template, shapes, errors)
    _refuse(errors)
    return complete, chosen, bound, drawn


def _refuse(errors: Errors) -> None:
    if errors:
        raise Invalid(f"{errors[0]['field']}: {errors[0]['message']}", errors=errors)


def _all(questions: list[Json]) -> Iterator[Json]:
    for question in questions:
        yield question
        yield from _all(inner(question))


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
    optional = [question for question in _all(template.questions) if may_be_left_out(question)]
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
        for question in _all(template.questions)
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
        for question in _all(template.questions)
        if TYPES[question["type"]].takes_options
        and (
            not (question.get("selectGroup") or question.get("canSelect"))
            or question["questionId"] in chosen
        )
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


# --- what the browser gets -------------------------------------------------------------------------------------------


def resolve(
    template: LabelTemplate,
    *,
    options: dict[str, list[Json]],
    selected: list[str],
    language: str,
    bindings: dict[str, str],
    shapes: dict[str, list[str]] | None = None,
) -> dict[str, Any]:
    """The template as a job uses it: {"views", "questions", "abandon_reasons"}, in one language.

    Alternatives that were not selected are dropped; options, the dataset's fields and the titles of the language are
    filled in; `aliases` keeps the other names under which a manifest may speak of a question.
    """
    return {
        "views": [
            {**view, "field": bindings.get(view["bindField"], view["bindField"])}
            for view in template.views
        ],
        "questions": _resolved(
            template.questions, options, selected, language, bindings, shapes or {}
        ),
        "abandon_reasons": [
            reason if isinstance(reason, str) else in_language(reason, language)
            for reason in template.abandon_reasons
        ],
    }


def in_language(texts: dict[str, str], language: str) -> str:
    """The text in the language, else in English, else in any."""
    return texts.get(language) or texts.get("en") or next(iter(texts.values()), "")


def _resolved(
    questions: list[Json],
    options: dict[str, list[Json]],
    selected: list[str],
    language: str,
    bindings: dict[str, str],
    shapes: dict[str, list[str]],
) -> list[Json]:
    found = []
    for question in questions:
        key = question["questionId"]
        if (question.get("selectGroup") or question.get("canSelect")) and key not in selected:
            continue
        titles = question.get("titles", {})
        title = titles.get(language) or question["markTitle"]
        others = [*titles.values(), question["markTitle"], *question.get("aliases", [])]
        resolved: Json = {
            "questionId": key,
            "type": question["type"],
            "markTitle": title,
            "mustFill": question.get("mustFill", False),
        }
        if aliases := [other for other in dict.fromkeys(others) if other != title]:
            resolved["aliases"] = aliases
        if TYPES[question["type"]].takes_options:
            resolved["options"] = options.get(key, question.get("options", []))
        if "view" in question:
            resolved["view"] = question["view"]
            resolved["field"] = bindings.get(question["view"], question["view"])
        if "shapes" in question:
            resolved["shapes"] = (
                shapes.get(key) or question.get("defaultShapes") or question["shapes"]
            )
        for name in ("children", "pageChildren"):
            if name in question:
                resolved[name] = _resolved(
                    question[name], options, selected, language, bindings, shapes
                )
        found.append(resolved)
    return found
