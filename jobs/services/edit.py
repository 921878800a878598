"""What may be changed of a job that exists: nothing that its packages, answers or drawn samples rest on.

Description, limits, priority, deadline; ratios and numbers of samples, for what is not drawn yet; further labels, and
how a label is called and shown, never its key. Dataset, allocation and workflow stay, people have a service of their
own.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from itag.core.clock import now
from itag.core.errors import FieldError, Invalid
from jobs.feedback import check_lists
from jobs.models import Job, Stage
from jobs.services.plan import LIMIT_RANGES
from jobs.services.release import UNSTORABLE
from templates_app.services import validate_job_config

MAX_DESCRIPTION = 20_000
#: The most items that one package can hold, so the most that can be drawn of it.
MAX_COUNT = 2_000
#: What waiting packages hold copies of.
COPIED_TO_SLOTS = ("priority", "deadline")

Errors = list[FieldError]
Json = dict[str, Any]


def check_changes(job: Job, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The new values of the job's columns, complete; raises Invalid naming every field that is wrong or stays.

    `limits`: those to be changed, null for the default. `options`: {question id: all its labels}; a question that is
    not named keeps its labels.
    """
    errors: Errors = []
    cleaned: dict[str, Any] = {}
    for field, value in changes.items():
        check = _CHECKS.get(field)
        if check is None:
            _fail(errors, field, _("This cannot be changed after the job was created."))
        else:
            cleaned[field] = check(job, field, value, errors)
    if errors:
        raise Invalid(errors[0]["message"], errors=errors)
    return cleaned


def _fail(errors: Errors, field: str, message: str) -> None:
    errors.append({"field": field, "message": str(message)})


def _description(job: Job, field: str, value: Any, errors: Errors) -> str:
    if not isinstance(value, str):
        _fail(errors, field, _("Enter a text."))
        return ""
    if len(value) > MAX_DESCRIPTION:
        _fail(errors, field, _("At most %(count)s characters.") % {"count": f"{MAX_DESCRIPTION:,}"})
    if UNSTORABLE.search(value):
        _fail(errors, field, _("The text holds a character that cannot be stored."))
    return value


def _whole(field: str, value: Any, least: int, most: int, errors: Errors) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        _fail(
            errors,
            field,
            _("Enter a whole number from %(least)s to %(most)s.") % {"least": least, "most": most},
        )
        return least
    return value


def _priority(job: Job, field: str, value: Any, errors: Errors) -> int:
    return _whole(field, value, -100, 100, errors)


def _deadline(job: Job, field: str, value: Any, errors: Errors) -> dt.datetime | None:
    if value in (None, ""):
        return None
    if isinstance(value, str):
        try:
            value = parse_datetime(value)
        except ValueError:
            value = None
    # Year 9999 is the last of Python's: in another time zone it may end too late to be read again.
    if not isinstance(value, dt.datetime) or value.tzinfo is None or value.year >= 9999:
        _fail(errors, field, _("Enter a date and time with its time zone."))
        return None
    if value <= now() and value != job.deadline:
        _fail(errors, field, _("The deadline lies in the past."))
    return value


def _sampled(job: Job, field: str, value: Any, errors: Errors) -> int | None:
    stage, _underscore, what = field.partition("_")
    if Stage(stage) not in job.stages:
        _fail(errors, field, _("The chosen workflow has no such stage."))
        return None
    if what == "count" and value is None:
        return None
    return _whole(field, value, 1, 100 if what == "ratio" else MAX_COUNT, errors)


def _limits(job: Job, field: str, value: Any, errors: Errors) -> Json:
    if not isinstance(value, Mapping):
        _fail(errors, field, _("Give the limits as an object."))
        return {}
    limits = dict(job.limits)
    for name, entry in value.items():
        where = f"{field}.{name}"
        if name not in Job.DEFAULT_LIMITS:
            _fail(errors, where, _("There is no such limit."))
        elif entry is None:
            limits.pop(name, None)
        elif name in LIMIT_RANGES:
            limits[name] = _whole(where, entry, *LIMIT_RANGES[name], errors)
        elif isinstance(entry, bool):
            limits[name] = entry
        else:
            _fail(errors, where, _("Say true or false."))
    return limits


def _options(job: Job, field: str, value: Any, errors: Errors) -> Json:
    if not isinstance(value, Mapping):
        _fail(errors, field, _("An object is expected."))
        return {}
    for question in value:
        if question not in job.options:
            _fail(errors, f"{field}.{question}", _("The job has no such question."))
    if errors:
        return {}
    try:
        options = validate_job_config(
            job.template,
            options={**job.options, **value},
            selected=job.selected_questions,
            bindings=job.field_bindings,
            shapes=job.shapes,
            overrides=job.overrides,
            language=job.language,
            dataset_fields=job.dataset.fields,
        ).options
    except Invalid as error:
        errors.extend(error.errors or [{"field": field, "message": error.detail}])
        return {}
    for question, before in job.options.items():
        kept = set(_places(options.get(question, [])))
        for place in _places(before):
            if place not in kept:
                message = _("The label “%(key)s” is in use: rename it, but keep its key and place.")
                _fail(errors, f"{field}.{question}", message % {"key": place[-1]})
    return options


def _places(options: list[Json], above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The key of every label with those above it."""
    for option in options:
        place = (*above, option["key"])
        yield place
        yield from _places(option.get("children", []), place)


def _feedback_lists(job: Job, field: str, value: Any, errors: Errors) -> Json:
    """Lists that are named; an empty one for the usual entries. What was said with a former entry stays as it is."""
    if not isinstance(value, Mapping):
        _fail(errors, field, _("An object is expected."))
        return {}
    given = check_lists(value, lambda where, message: _fail(errors, where, message))
    return {name: texts for name, texts in job.feedback_lists.items() if name not in value} | given


_CHECKS: dict[str, Callable[[Job, str, Any, Errors], Any]] = {
    "description": _description,
    "priority": _priority,
    "deadline": _deadline,
    "check_ratio": _sampled,
    "acceptance_ratio": _sampled,
    "check_count": _sampled,
    "acceptance_count": _sampled,
    "limits": _limits,
    "options": _options,
    "feedback_lists": _feedback_lists,
}
