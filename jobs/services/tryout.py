"""A label template tried out on a few items of a dataset before there is a job; nothing is stored."""

from typing import Any
from urllib.parse import quote

from django.utils.translation import gettext as _

from datasets.models import Dataset, Item
from datasets.services.media import known
from itag.core.errors import Invalid
from jobs.selectors.markdown import markdown_of
from templates_app.models import LabelTemplate
from templates_app.questions import TYPES
from templates_app.questions.base import NESTS, Json
from templates_app.services import check_template, resolve, usual_labels, validate_job_config

#: So many items are shown.
MOST = 5
#: The parts of a job's choice, by the names that its body has for them.
CHOICE = {
    "options": "options",
    "selected_questions": "selected",
    "field_bindings": "bindings",
    "shapes": "shapes",
    "overrides": "overrides",
}


def draft_template(given: Any) -> LabelTemplate:
    """A template that is not saved. Raises Invalid with the path of each fault."""
    if not isinstance(given, dict):
        raise Invalid.field("draft", _("An object is expected."))
    parts = {name: given.get(name, []) for name in ("views", "questions", "layout")}
    check_template(**parts)
    reasons = given.get("abandon_reasons", [])
    if not isinstance(reasons, list) or not all(isinstance(one, str) for one in reasons):
        raise Invalid.field("abandon_reasons", _("A list is expected."))
    return LabelTemplate(abandon_reasons=reasons, **parts)


def try_out(
    *, template: LabelTemplate, dataset: Dataset, language: str, choice: Json, first: int = 1
) -> Json:
    """What the labeling page needs: {"template": resolved, "items": at most MOST payloads from `first` on}.

    `choice`: what a job would choose, see CHOICE; questions without labels get some to look at. Raises Invalid as
    validate_job_config does.
    """
    shown = LabelTemplate(
        views=template.views,
        questions=[_with_labels(question, language) for question in template.questions],
        layout=template.layout,
        abandon_reasons=template.abandon_reasons,
    )
    asked = {ours: choice.get(name) for name, ours in CHOICE.items()}
    config = validate_job_config(shown, dataset_fields=dataset.fields, language=language, **asked)
    items = Item.objects.filter(
        dataset=dataset, ordinal__gte=first, ordinal__lte=dataset.item_count
    ).order_by("ordinal")[:MOST]
    resolved = resolve(shown, language=language, **config._asdict())
    return {
        "template": resolved,
        "language": language,
        "items": [_item(item) | {"markdown": markdown_of(resolved, item.data)} for item in items],
    }


def _with_labels(question: Json, language: str) -> Json:
    found = dict(question)
    named = found.get("options") or usual_labels(found, language)
    if TYPES[found["type"]].takes_options and not named:
        found["options"] = [
            {"label": _("Label %(number)d") % {"number": number}} for number in (1, 2, 3)
        ]
    for name in NESTS:
        if name in found:
            found[name] = [_with_labels(child, language) for child in found[name]]
    return found


def _item(item: Item) -> Json:
    """The item as the labeling page gets one that nobody has answered."""
    prefix = f"/media/dataset/{item.dataset_id}/{item.ordinal}"
    return {
        "position": item.ordinal,
        "data": item.data,
        "media": {
            field: {"url": f"{prefix}/{quote(field, safe='')}", **known(media)}
            for field, media in item.media.items()
        },
        "results": None,
        "version": 0,
        "state": "open",
        "abandoned": False,
        "reason": "",
        "verdict": "",
        "feedback": "",
        "feedback_object": "",
        "error_type": "",
        "severity": "",
        "base": None,
        "disputed": False,
        "previous_feedback": [],
        "prior": {},
        "prior_results": {},
        "locked": False,
        "flag": None,
        "appeal": None,
        "late": [],
    }
