"""What the form of a job asks about the chosen label template, and how a job's choice is shown later."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from jobs.models import Job
from templates_app.models import LabelTemplate
from templates_app.questions import TYPES
from templates_app.questions.base import inner
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

    [{"title", "nested", "optional", "usual", "alternatives": [{"id", "multiple", "selected"}]}]; `optional`: the id
    of the question that may be left out, with which the labels go; `usual`: the labels to begin with.
    """
    language = language or get_language() or "en"
    slots: dict[Any, dict[str, Any]] = {}

    def walk(questions: list[dict[str, Any]], parent: dict[str, Any] | None) -> None:
        for question in questions:
            if TYPES[question["type"]].takes_options:
                group = question.get("selectGroup")
                key = (id(parent), group) if group else question["questionId"]
                titled = question if may_be_left_out(question) or parent is None else parent
                slot = slots.setdefault(
                    key,
                    {
                        "title": _title(titled, language),
                        "nested": parent is not None,
                        "optional": question["questionId"] if may_be_left_out(question) else "",
                        "usual": usual_labels(question, language),
                        "alternatives": [],
                    },
                )
                slot["alternatives"].append(
                    {
                        "id": question["questionId"],
                        "multiple": question["type"] == "CHECKBOX",
                        "selected": bool(question.get("selected")),
                    }
                )
            walk(inner(question), question)

    walk(template.questions, None)
    return list(slots.values())


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
    return found
