"""What the browser gets of a template, as a job uses it."""

from collections.abc import Mapping
from typing import Any

from templates_app import layout
from templates_app.models import LabelTemplate
from templates_app.questions import TYPES
from templates_app.questions.base import NESTS, Json
from templates_app.questions.segments import KINDS


def resolve(
    template: LabelTemplate,
    *,
    options: dict[str, list[Json]],
    selected: list[str],
    language: str,
    bindings: dict[str, str],
    shapes: dict[str, list[str]] | None = None,
    overrides: Mapping[str, Json] | None = None,
) -> dict[str, Any]:
    """The template as a job uses it: {"views", "questions", "abandon_reasons", "layout"}, in one language.

    Alternatives that were not selected are dropped; options, the dataset's fields, what the job says otherwise and
    the titles of the language are filled in; `aliases` keeps the other names under which a manifest may speak of a
    question.
    """
    job = _Job(template, options, selected, language, bindings, shapes or {}, overrides or {})
    questions = job.questions(template.questions)
    return {
        "views": [
            {**view, "field": bindings.get(view["bindField"], view["bindField"])}
            for view in template.views
        ],
        "questions": questions,
        "abandon_reasons": [
            reason if isinstance(reason, str) else in_language(reason, language)
            for reason in template.abandon_reasons
        ],
        "layout": layout.resolved(template.layout, questions),
    }


def in_language(texts: dict[str, str], language: str) -> str:
    """The text in the language, else in English, else in any."""
    return texts.get(language) or texts.get("en") or next(iter(texts.values()), "")


class _Job:
    """What a job says of a template's questions."""

    def __init__(
        self,
        template: LabelTemplate,
        options: dict[str, list[Json]],
        selected: list[str],
        language: str,
        bindings: dict[str, str],
        shapes: dict[str, list[str]],
        overrides: Mapping[str, Json],
    ) -> None:
        self.views = {view["bindField"]: view["type"] for view in template.views}
        self.options, self.selected, self.language = options, selected, language
        self.bindings, self.shapes, self.overrides = bindings, shapes, overrides

    def questions(self, questions: list[Json]) -> list[Json]:
        """The questions that the job asks, resolved."""
        return [
            self._question(question)
            for question in questions
            if not (question.get("selectGroup") or question.get("canSelect"))
            or question["questionId"] in self.selected
        ]

    def _question(self, question: Json) -> Json:
        key, cls = question["questionId"], TYPES[question["type"]]
        titles = question.get("titles", {})
        title = titles.get(self.language) or question["markTitle"]
        others = [*titles.values(), question["markTitle"], *question.get("aliases", [])]
        resolved: Json = {
            "questionId": key,
            "type": question["type"],
            "markTitle": title,
            "mustFill": question.get("mustFill", False),
        }
        if aliases := [other for other in dict.fromkeys(others) if other != title]:
            resolved["aliases"] = aliases
        if help_ := question.get("help"):
            resolved["help"] = (
                help_ if isinstance(help_, str) else in_language(help_, self.language)
            )
        if "showIf" in question:
            resolved["showIf"] = question["showIf"]
        if cls.takes_options:
            resolved["options"] = self.options.get(key, question.get("options", []))
        if "view" in question:
            resolved["view"] = question["view"]
            resolved["field"] = self.bindings.get(question["view"], question["view"])
            if kind := KINDS.get(self.views.get(question["view"], "")):
                resolved["kind"] = kind
        if "shapes" in question:
            resolved["shapes"] = (
                self.shapes.get(key) or question.get("defaultShapes") or question["shapes"]
            )
        self._settings(resolved, question)
        for name in NESTS:
            if name in question:
                resolved[name] = self.questions(question[name])
        return resolved

    def _settings(self, resolved: Json, question: Json) -> None:
        """The members that a type has of its own: as the job says, else the template, else as is usual."""
        cls = TYPES[question["type"]]
        said = {**question, **self.overrides.get(question["questionId"], {})}
        for name, usual in cls.settings.items():
            value = said.get(name)
            value = usual if value is None or value in ("", []) else value
            if value is not None:
                resolved[name] = value
