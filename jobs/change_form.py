"""The form that changes a job which exists; it only collects, `change_job` knows the rules and names what is wrong."""

import json
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy

from jobs.feedback import USUAL
from jobs.forms import (
    ServiceForm,
    deadline_field,
    error_types_field,
    lines,
    moment_on,
    priority_field,
    severities_field,
    whole,
)
from jobs.models import Job

#: Limits that a running job may change, as numbers and as switches.
NUMBERS = {
    "claim_hours": gettext_lazy("Hours until an idle claim ends"),
    "package_limit": gettext_lazy("Open packages per person and stage"),
    "max_rounds": gettext_lazy("Rounds after which a returned package goes to a manager"),
    "give_back_limit": gettext_lazy("Packages that a person may skip or give back a day"),
    "withdraw_minutes": gettext_lazy(
        "Minutes for which the end of the last stage can be taken back"
    ),
}
SWITCHES = {
    "continue_answers": gettext_lazy("The next holder continues from what the last one left"),
    "allow_own_check": gettext_lazy("People may inspect their own work"),
    "sample_at_least_one": gettext_lazy("Draw at least one item of every package"),
    "hide_names": gettext_lazy("People of different stages do not see each other's names"),
}


def _number(label: Any, least: int, most: int | None = None) -> forms.Field:
    attrs = {"min": least} | ({"max": most} if most else {})
    return forms.CharField(label=label, required=False, widget=forms.NumberInput(attrs=attrs))


class ChangeForm(ServiceForm):
    """What may be changed of a job; `changes()` is what `change_job` takes: only what differs from what was shown."""

    description = forms.CharField(
        label=gettext_lazy("Description"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    priority = priority_field()
    deadline = deadline_field()
    check_ratio = _number(gettext_lazy("Check proportion (%)"), 1, 100)
    check_count = _number(gettext_lazy("Items checked per package"), 1)
    acceptance_ratio = _number(gettext_lazy("Acceptance proportion (%)"), 1, 100)
    acceptance_count = _number(gettext_lazy("Items accepted per package"), 1)
    error_types = error_types_field()
    severities = severities_field()
    options = forms.CharField(
        label=gettext_lazy("Labels"), required=False, widget=forms.HiddenInput
    )

    def __init__(self, data: QueryDict | None = None, *, job: Job) -> None:
        self.job = job
        self.zone = ZoneInfo(job.workspace.time_zone)
        shown: dict[str, Any] = {
            "description": job.description,
            "priority": str(job.priority),
            "deadline": f"{job.deadline.astimezone(self.zone):%Y-%m-%dT%H:%M}"
            if job.deadline
            else "",
            "options": json.dumps(job.options, ensure_ascii=False, sort_keys=True),
        }
        self.ratios = [
            (f"{stage}_ratio", f"{stage}_count")
            for stage in ("check", "acceptance")
            if stage in job.stages
        ]
        for name in (name for pair in self.ratios for name in pair):
            value = getattr(job, name)
            shown[name] = "" if value is None else str(value)
        for name in USUAL:
            shown[name] = "\n".join(job.feedback_lists.get(name, []))
        for name in NUMBERS:
            shown[name] = str(job.limit(name))
        self.shown = shown
        self.switches = {name: bool(job.limit(name)) for name in SWITCHES}
        super().__init__(data, initial=shown | self.switches)
        for name, label in NUMBERS.items():
            self.fields[name] = _number(label, 0)
            self.initial[name] = shown[name]
        for name, label in SWITCHES.items():
            self.fields[name] = forms.BooleanField(label=label, required=False)
        for stage in ("check", "acceptance"):
            if stage not in job.stages:
                del self.fields[f"{stage}_ratio"], self.fields[f"{stage}_count"]

    def place(self, name: str) -> str | None:
        head = name.partition("[")[0].partition(".")
        return super().place(head[2] if head[0] in ("limits", "feedback_lists") else name)

    def changes(self) -> dict[str, Any]:
        """The changed fields, limits in one object, as the API's body has them."""
        sent = {
            name: self.data.get(name, before).replace("\r\n", "\n")
            for name, before in self.shown.items()
        }
        changed: dict[str, Any] = {
            name: text for name, text in sent.items() if text != self.shown[name]
        }
        limits: dict[str, Any] = {
            name: whole(changed.pop(name)) for name in NUMBERS if name in changed
        }
        limits |= {
            name: name in self.data
            for name, before in self.switches.items()
            if (name in self.data) is not before
        }
        if limits:
            changed["limits"] = limits
        if lists := {name: lines(changed.pop(name)) for name in USUAL if name in changed}:
            changed["feedback_lists"] = lists
        for name in ("priority", *(name for pair in self.ratios for name in pair)):
            if name in changed:
                changed[name] = whole(changed[name])
        if "deadline" in changed:
            changed["deadline"] = moment_on(changed["deadline"], self.zone)
        if "options" in changed:
            changed["options"] = _options(changed["options"], self.job)
            if changed["options"] == self.job.options:
                del changed["options"]
        return changed


def _options(text: str, job: Job) -> Any:
    """What the page's script wrote; anything else counts as nothing, which the service refuses."""
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
