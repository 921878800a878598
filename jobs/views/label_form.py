"""What the form of a job asks about the chosen label template, and how a job's choice is shown later."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from jobs.models import Job
from templates_app.models import LabelTemplate
from templates_app.questions import TYPES
from templates_app.questions.base import NESTS, inner
from templates_app.questions.choice import flatten
from templates_app.services import may_be_left_out, usual_labels

Json = dict[str, Any]

#: The tools as people know them, by the shape that they draw.
SHAPE_NAMES: dict[str, Any] = {
    "rectangle": gettext_lazy("Rectangle"),
    "rotated": gettext_lazy("Rotated rectangle"),
    "polygon": gettext_lazy("Polygon"),
    "polyline": gettext_lazy("Polyline"),
    "point": gettext_lazy("Point"),
    "mask": gettext_lazy("Mask"),
}


def _title(question: Json, language: str, names: str = "titles") -> str:
    return str(question.get(names, {}).get(language) or question["markTitle"])


def _walk(questions: list[Json]) -> Iterator[Json]:
    for question in questions:
        yield question
        yield from _walk(inner(question))


def shape_name(shape: str) -> str:
    """What people call the tool of a shape."""
    return str(SHAPE_NAMES.get(shape, shape))


def label_slots(template: LabelTemplate, language: str | None = None) -> list[dict[str, Any]]:
    """The sets of labels that a job gives to the template, each once: alternatives share one.

    [{"title", "parent", "nest", "optional", "usual", "own", "default", "alternatives": [{"id", "multiple",
    "selected"}]}]; `parent`: the question inside whose objects they are, `nest` where there; `optional`: the id of the
    question that may be left out, with which the labels go; `usual`: the labels to begin with, the template's `own`;
    `default`: whether a job may say what is chosen from the start, and what the template says.
    """
    language = language or get_language() or "en"
    slots: dict[Any, dict[str, Any]] = {}

    def walk(questions: list[Json], parent: Json | None, nest: str, optional: str) -> None:
        for question in questions:
            hangs = question["questionId"] if may_be_left_out(question) else optional
            if TYPES[question["type"]].takes_options:
                group = question.get("selectGroup")
                key = (id(parent), group) if group else question["questionId"]
                own = question.get("options")
                slot = slots.setdefault(
                    key,
                    {
                        "title": _slot_title(question, parent, language),
                        "parent": parent["questionId"] if parent else "",
                        "nest": nest,
                        "optional": hangs,
                        "usual": own
                        or [{"label": each} for each in usual_labels(question, language)],
                        "own": own is not None,
                        "alternatives": [],
                    },
                )
                slot["alternatives"].append(
                    {
                        "id": question["questionId"],
                        "multiple": question["type"] == "CHECKBOX",
                        "selected": bool(question.get("selected")),
                        "default": question.get("default"),
                        "takesDefault": question["type"] in ("RADIO", "CHECKBOX"),
                    }
                )
            for name in NESTS:
                walk(question.get(name, []), question, name, hangs)

    walk(template.questions, None, "", "")
    return list(slots.values())


def _slot_title(question: Json, parent: Json | None, language: str) -> str:
    """What a set of labels is called: as what is marked with them, where nothing else there has labels."""
    if parent is None:
        return _title(question, language)
    groups = {
        each.get("selectGroup", each["questionId"])
        for each in inner(parent)
        if TYPES[each["type"]].takes_options
    }
    if may_be_left_out(question):
        return _title(question, language)
    title = _title(parent, language)
    return title if len(groups) == 1 else f"{title} · {_title(question, language)}"


def adjustable(template: LabelTemplate) -> list[Json]:
    """The questions of which a job may say something otherwise than the template, besides what is chosen at first.

    [{"id", "title", "type", "optional", "members": {"rule", "ruleHint", "preOptions", "default", "pairs": what the
    template says, null for nothing}}]
    """
    language = get_language() or "en"
    found: list[Json] = []

    def walk(questions: list[Json], above: str, optional: str) -> None:
        for question in questions:
            cls = TYPES[question["type"]]
            hangs = question["questionId"] if may_be_left_out(question) else optional
            title = _title(question, language)
            title = f"{above} · {title}" if above else title
            members = {
                name: question.get(name)
                for name in cls.overridable
                if not (
                    cls.takes_options or (name == "pairs" and "relationChildren" not in question)
                )
            }
            if members:
                found.append(
                    {
                        "id": question["questionId"],
                        "title": title,
                        "type": question["type"],
                        "optional": hangs,
                        "members": members,
                    }
                )
            walk(inner(question), title, hangs)

    walk(template.questions, "", "")
    return found


def vote_questions(template: LabelTemplate) -> list[dict[str, Any]]:
    """The questions that people may vote on, alternatives as one: [{"title", "ids"}]."""
    language = get_language() or "en"
    found: dict[str, dict[str, Any]] = {}
    for question in template.questions:
        key = question.get("selectGroup") or question["questionId"]
        title = _title(question, language)
        found.setdefault(key, {"title": title, "ids": []})["ids"].append(question["questionId"])
    return list(found.values())


def optional_questions(template: LabelTemplate) -> list[Json]:
    """The questions that a job may leave out: [{"id", "title", "selected"}]."""
    return [
        {
            "id": question["questionId"],
            "title": _asked(question),
            "selected": bool(question.get("selected")),
        }
        for question in _walk(template.questions)
        if may_be_left_out(question)
    ]


def _asked(question: Json) -> str:
    """How the form calls asking the question."""
    language = get_language() or "en"
    names = "selectTitles" if "selectTitles" in question else "titles"
    return _title(question, language, names)


def drawn_questions(template: LabelTemplate) -> list[Json]:
    """What may be drawn for which question, where there is a choice.

    [{"id", "title", "shapes": [{"name", "label"}], "usual": the shapes that are taken where the job says nothing}].
    """
    language = get_language() or "en"
    return [
        {
            "id": question["questionId"],
            "title": _title(question, language),
            "shapes": [{"name": name, "label": shape_name(name)} for name in question["shapes"]],
            "usual": question.get("defaultShapes") or question["shapes"],
        }
        for question in _walk(template.questions)
        if len(question.get("shapes", [])) > 1
    ]


def chosen_parts(job: Job) -> list[tuple[str, list[str]]]:
    """What a job chose of its template besides labels, for people: [(heading, parts)]; fixed when it was made."""
    found = [
        (
            question["title"],
            [shape_name(name) for name in job.shapes.get(question["id"]) or question["usual"]],
        )
        for question in drawn_questions(job.template)
    ]
    optional = optional_questions(job.template)
    if optional:
        asked = [row["title"] for row in optional if row["id"] in job.selected_questions]
        found.append((_("Also asked"), asked or ["–"]))
    language = get_language() or "en"
    return found + [
        (_title(question, language), said)
        for question in _walk(job.template.questions)
        if (said := _said(job, question))
    ]


def _said(job: Job, question: Json) -> list[str]:
    """What the job says of a question otherwise than its template, a line each."""
    said = job.overrides.get(question["questionId"], {})
    found = []
    if "default" in said:
        names = _labels_of(job, question["questionId"])
        start = said["default"]
        keys: list[str] = start if isinstance(start, list) else [start] if start else []
        shown = ", ".join(names.get(key, key) for key in keys)
        found.append(_("Begins with: %(text)s") % {"text": shown or "–"})
    if "rule" in said:
        found.append(_("Rule: %(text)s") % {"text": said["rule"] or "–"})
    if "ruleHint" in said:
        found.append(_("Hint: %(text)s") % {"text": said["ruleHint"] or "–"})
    if "preOptions" in said:
        texts = " · ".join(said["preOptions"] or ())
        found.append(_("Preset texts: %(text)s") % {"text": texts or "–"})
    if "pairs" in said:
        found += [_pair(job, question, pair) for pair in said["pairs"] or ()] or [
            _("Any two spans")
        ]
    return found


def _pair(job: Job, question: Json, pair: Json) -> str:
    """Which spans a relation may join, by the names of their labels."""
    names: dict[str, dict[str, str]] = {"children": {}, "relationChildren": {}}
    for nest, known in names.items():
        for child in question.get(nest, ()):
            known |= _labels_of(job, child["questionId"])
    sides = (("from", "children"), ("relation", "relationChildren"), ("to", "children"))
    return " → ".join(
        " / ".join(names[nest].get(key, key) for key in pair[side]) or str(_("any"))
        for side, nest in sides
    )


def _labels_of(job: Job, question: str) -> dict[str, str]:
    return {option["key"]: option["label"] for option in flatten(job.options.get(question, []))}
