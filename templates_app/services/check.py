"""A template's own rules: what fits together."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.translation import gettext as _

from itag.core.errors import Invalid
from templates_app.contents import TEMPLATE_VIEWS
from templates_app.layout import check_layout
from templates_app.options import normalise
from templates_app.questions import TYPES
from templates_app.questions.base import (
    NESTS,
    TEMPLATE_QUESTION,
    DataQuestion,
    Json,
    inner,
    normal,
)
from templates_app.questions.choice import flatten
from templates_app.schema import Errors, ListOf, fail

QUESTIONS = ListOf(TEMPLATE_QUESTION, least=1, most=100)
#: The most questions of a template, nested ones included.
MAX_QUESTIONS = 300
#: How deep its lists and objects may lie in each other: far deeper than any template is.
MAX_DEPTH = 40
#: Types whose answer a condition can ask for.
ASKED = ("RADIO", "CHECKBOX", "RATING")


def refuse(errors: Errors) -> None:
    """Raise Invalid with all of them, or return when there is none."""
    if errors:
        raise Invalid(f"{errors[0]['field']}: {errors[0]['message']}", errors=errors)


def refuse_depth(parts: Iterable[Any]) -> None:
    """Refuse what is too deep to be looked at one function within another."""
    level = list(parts)
    for _level in range(MAX_DEPTH):
        inside = [
            part
            for value in level
            if isinstance(value, dict | list)
            for part in (value.values() if isinstance(value, dict) else value)
        ]
        if not inside:
            return
        level = inside
    raise Invalid.field("questions", _("The values are nested too deeply."))


def all_questions(questions: list[Json]) -> Iterator[Json]:
    """Every question of a template, each before those inside it."""
    for question in questions:
        yield question
        yield from all_questions(inner(question))


def check_template(*, views: Any, questions: Any, layout: Any = ()) -> None:
    """Refuse a template whose parts do not fit: Invalid with the path of each fault."""
    refuse_depth((views, questions, layout))
    errors: Errors = []
    TEMPLATE_VIEWS.check(views, "views", errors)
    QUESTIONS.check(questions, "questions", errors)
    refuse(errors)
    fields = {view["bindField"]: view["type"] for view in views}
    if len(fields) < len(views):
        fail(errors, "views", _("Every view binds a field of its own."))
    if sum(1 for _question in all_questions(questions)) > MAX_QUESTIONS:
        fail(
            errors,
            "questions",
            _("At most %(most)d questions are allowed.") % {"most": MAX_QUESTIONS},
        )
    _Level(questions, questions, fields, errors).check("questions", "", set())
    if layout != ():
        check_layout(layout, views=views, questions=questions, errors=errors)
    refuse(errors)


class _Level:
    """Questions that stand beside each other: of the template, or of one kind of object."""

    def __init__(
        self, questions: list[Json], top: list[Json], fields: dict[str, str], errors: Errors
    ) -> None:
        self.questions, self.top = questions, top
        self.fields, self.errors = fields, errors

    def check(self, path: str, parent: str, ids: set[str]) -> None:
        titles: dict[str, str] = {}
        for number, question in enumerate(self.questions):
            at = f"{path}[{number}]"
            self._check_id(question["questionId"], f"{at}.questionId", parent, ids)
            self._check_titles(question, f"{at}.markTitle", titles)
            self._check_view(question, f"{at}.view")
            self._check_condition(question, f"{at}.showIf")
            check_own(question, at, self.fields, self.errors)
            inside: set[str] = set()
            for name in NESTS:
                level = _Level(question.get(name, []), self.top, self.fields, self.errors)
                level.check(f"{at}.{name}", question["questionId"], inside)

    def _check_id(self, key: str, path: str, parent: str, ids: set[str]) -> None:
        if key in ids:
            fail(self.errors, path, _("Another question has this id."))
        ids.add(key)
        if key.rpartition(".")[0] != parent:
            fail(
                self.errors,
                path,
                _("Ids of nested questions begin with their parent's: 1, then 1.1, 1.2."),
            )

    def _check_titles(self, question: Json, path: str, titles: dict[str, str]) -> None:
        # Alternatives never stand beside each other in a job, so they may share a title.
        own = question.get("selectGroup", f"question {question['questionId']}")
        names = question.get("titles", {}).values(), question.get("aliases", ())
        for title in {question["markTitle"], *names[0], *names[1]}:
            if titles.setdefault(normal(title), own) != own:
                fail(self.errors, path, _("Another question here has this title."))

    def _check_view(self, question: Json, path: str) -> None:
        wanted = TYPES[question["type"]].view_types
        if wanted and self.fields.get(question.get("view", "")) not in wanted:
            fail(
                self.errors,
                path,
                _("This question marks on a view of type %(type)s.") % {"type": " / ".join(wanted)},
            )

    def _check_condition(self, question: Json, path: str) -> None:
        rule = question.get("showIf")
        if rule is None:
            return
        other = self._other(rule["questionId"])
        if other is None or other is question:
            fail(
                self.errors,
                f"{path}.questionId",
                _("There is no such question beside this one."),
            )
        elif other["type"] not in ASKED:
            fail(
                self.errors,
                f"{path}.questionId",
                _("A condition asks for a choice or a rating."),
            )
        else:
            known = option_keys(other)
            for number, key in enumerate(rule["is"]):
                if known is not None and key not in known:
                    fail(self.errors, f"{path}.is[{number}]", _("There is no such option."))
            if self._goes_round(question):
                fail(self.errors, path, _("These conditions go round in a circle."))

    def _other(self, key: str) -> Json | None:
        beside = (*self.questions, *self.top)
        return next((each for each in beside if each["questionId"] == key), None)

    def _goes_round(self, question: Json) -> bool:
        met = set()
        following: Json | None = question
        while following is not None and following["questionId"] not in met:
            met.add(following["questionId"])
            rule = following.get("showIf")
            following = self._other(rule["questionId"]) if rule else None
        return following is not None


def option_keys(question: Json) -> set[str] | None:
    """The keys of the options that a question of a template brings; None where the job gives them."""
    if "options" not in question:
        return None
    return {option["key"] for option in flatten(question["options"])}


def check_own(question: Json, path: str, fields: dict[str, str], errors: Errors) -> None:
    """Note what is wrong with one question by itself, of a template or as a job resolves it."""
    cls = TYPES[question["type"]]
    if "options" in question:
        normalise(question["options"], f"{path}.options", errors)
    before = len(errors)
    cls.check_settings(question, path, fields, errors)
    lacks_options = cls.takes_options and "options" not in question
    if len(errors) > before or lacks_options or "default" not in question:
        return
    ready = cls({**cls.config_defaults(), **question})
    if isinstance(ready, DataQuestion):
        ready.check_data(question["default"], f"{path}.default", errors)
        if not errors and (problem := ready.unfit(question["default"])):
            fail(errors, f"{path}.default", problem)
