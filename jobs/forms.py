"""Forms of the job pages. They only collect: every rule stands in the services, which name the field that is wrong."""

import json
import re
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils import dateparse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User, Workspace
from itag.core.errors import ItagError
from jobs.feedback import USUAL
from jobs.models import Job, Workflow
from jobs.people import ROLES, Chosen, PeopleTable
from jobs.services.allocation import TYPES
from jobs.services.members import MANAGE
from jobs.services.plan import LANGUAGES, datasets_for, templates_for
from templates_app.models import LabelTemplate

#: The languages call themselves by their own names.
LANGUAGE_NAMES = [(code, name) for code, name in settings.LANGUAGES if code in LANGUAGES]
#: The limits that are numbers, and those that are switches.
_LIMIT_FIELDS = (
    "claim_hours", "package_limit", "max_rounds", "give_back_limit", "withdraw_minutes", "vote_iou_percent",
    "vote_gap_ms",
)  # fmt: skip
_SWITCHES = ("allow_own_check", "sample_at_least_one", "continue_answers", "hide_names")
_SAMPLED = ("check_ratio", "acceptance_ratio", "check_count", "acceptance_count")
#: What an input takes from a job body as it is.
_PLAIN = ("name", "description", "dataset", "workflow", "priority", "language", *_SAMPLED)
#: Where messages about parts of the allocation stand.
_ALLOCATION_PLACES = {
    "type": "allocation_type",
    "size": "allocation",
    "packages": "allocation_packages",
    "field": "allocation_field",
    "targets": "targets",
}


def _errors_only() -> forms.Field:
    """A field that no input is drawn for: the place of messages about something the page draws itself."""
    return forms.CharField(required=False, widget=forms.HiddenInput)


def _number(label: Any, least: int, most: int, *, help_text: Any = "") -> forms.Field:
    """A whole number; the limits are hints for the browser."""
    return forms.CharField(
        label=label,
        required=False,
        help_text=help_text,
        widget=forms.NumberInput(attrs={"min": least, "max": most}),
    )


def priority_field() -> forms.Field:
    return forms.CharField(
        label=gettext_lazy("Priority"),
        required=False,
        help_text=gettext_lazy("From -100 to 100; packages of jobs with a higher one come first."),
        widget=forms.NumberInput(attrs={"min": -100, "max": 100}),
    )


def list_field(label: Any, help_text: Any) -> forms.Field:
    """A list of texts, one a line."""
    return forms.CharField(
        label=label,
        required=False,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


def error_types_field() -> forms.Field:
    return list_field(
        gettext_lazy("Kinds of errors"),
        gettext_lazy("One a line, for those who reject an item; empty for the usual ones."),
    )


def severities_field() -> forms.Field:
    return list_field(
        gettext_lazy("Severities"),
        gettext_lazy("One a line, the mildest first; empty for the usual ones."),
    )


def lines(text: str) -> list[str]:
    """What stands on each line, empty ones left out."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def deadline_field() -> forms.Field:
    return forms.CharField(
        label=gettext_lazy("Deadline"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )


class ServiceForm(forms.Form):
    """Takes the errors of a service to its own fields."""

    def place(self, name: str) -> str | None:
        """The form's field for a service's field."""
        head, _dot, rest = name.partition(".")
        head = head.split("[")[0]
        if head == "members":
            head = f"members_{rest}"
        return head if head in self.fields else None

    def take(self, error: ItagError) -> None:
        """Show each message at its field; one that belongs to none of them above the form."""
        for one in error.errors or [{"message": error.detail}]:
            name = one.get("field", "")
            message = one["message"]
            if number := re.fullmatch(r"options\.[\d.]+\[(\d+)\].*", name):
                message = _("Label %(number)s: %(message)s") % {
                    "number": int(number[1]) + 1,
                    "message": message,
                }
            place = self.place(name)
            if place is None and name:
                message = f"{name}: {message}"
            self.add_error(place, message)


class MembersForm(ServiceForm):
    """The people of a job that exists."""

    members_labeling = _errors_only()
    members_check = _errors_only()
    members_acceptance = _errors_only()
    members_manage = _errors_only()

    @property
    def role_errors(self) -> list[tuple[str, str, str]]:
        """(role, label, what is wrong) for every role with errors."""
        return [
            (role, str(label), " ".join(map(str, self.errors[f"members_{role}"])))
            for role, label in ROLES.items()
            if f"members_{role}" in self.errors
        ]


class JobForm(MembersForm):
    """A new job; `body()` is what `create_job` takes."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        required=False,
        help_text=gettext_lazy(
            "1 to 100 characters. Begins with a letter, digit or Chinese character; then also _ and -."
        ),
        widget=forms.TextInput(attrs={"maxlength": 100, "autocomplete": "off"}),
    )
    description = forms.CharField(
        label=gettext_lazy("Description"),
        required=False,
        help_text=gettext_lazy(
            "What people should know before they begin; shown on the job's page."
        ),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    dataset = forms.CharField(label=gettext_lazy("Dataset"), required=False)
    template = forms.CharField(label=gettext_lazy("Label template"), required=False)
    configuration = forms.CharField(
        label=gettext_lazy("Label configuration"), required=False, widget=forms.HiddenInput
    )
    field_bindings = _errors_only()
    workflow = forms.CharField(
        label=gettext_lazy("Workflow"),
        required=False,
        widget=forms.RadioSelect(choices=Workflow.choices),
    )
    check_ratio = forms.CharField(
        label=gettext_lazy("Check proportion (%)"),
        required=False,
        help_text=gettext_lazy("This share of the labeled items is drawn for the check."),
        widget=forms.NumberInput(attrs={"min": 1, "max": 100}),
    )
    acceptance_ratio = forms.CharField(
        label=gettext_lazy("Acceptance proportion (%)"),
        required=False,
        help_text=gettext_lazy("This share of the items is drawn for acceptance."),
        widget=forms.NumberInput(attrs={"min": 1, "max": 100}),
    )
    check_count = _number(
        gettext_lazy("Items checked per package"),
        1,
        2_000,
        help_text=gettext_lazy("A fixed number instead of the proportion; empty: the proportion."),
    )
    acceptance_count = _number(
        gettext_lazy("Items accepted per package"),
        1,
        2_000,
        help_text=gettext_lazy("A fixed number instead of the proportion; empty: the proportion."),
    )
    votes = _errors_only()
    allocation_type = forms.CharField(
        label=gettext_lazy("How packages are cut"),
        required=False,
        widget=forms.RadioSelect(
            choices=[
                ("fixed", gettext_lazy("Fixed size")),
                ("average", gettext_lazy("Number of packages")),
                ("field", gettext_lazy("By a field of the dataset")),
            ]
        ),
    )
    allocation = _number(gettext_lazy("Items in a package"), 1, 200)
    allocation_packages = _number(
        gettext_lazy("Number of packages"),
        1,
        20_000,
        help_text=gettext_lazy("Their sizes differ by one item at most."),
    )
    allocation_field = forms.CharField(
        label=gettext_lazy("Field"),
        required=False,
        help_text=gettext_lazy(
            "Items with the same value are one package; above 2,000 items several, one after the other."
        ),
        widget=forms.Select,
    )
    targets = _errors_only()
    language = forms.CharField(label=gettext_lazy("Language of titles in exports"), required=False)
    priority = priority_field()
    deadline = deadline_field()
    claim_hours = _number(gettext_lazy("Hours until an idle claim ends"), 1, 2_160)
    package_limit = _number(gettext_lazy("Open packages per person and stage"), 1, 100)
    max_rounds = _number(
        gettext_lazy("Rounds"),
        1,
        100,
        help_text=gettext_lazy("A package rejected that often goes to a manager."),
    )
    give_back_limit = _number(
        gettext_lazy("Packages given back per person and day"),
        0,
        1_000,
        help_text=gettext_lazy("Skipped and released ones together; returned ones do not count."),
    )
    withdraw_minutes = _number(
        gettext_lazy("Minutes in which the last submission may be taken back"), 0, 1_440
    )
    vote_iou_percent = _number(
        gettext_lazy("Boxes count as equal from this overlap on (%)"), 1, 100
    )
    vote_gap_ms = _number(
        gettext_lazy("Segments count as equal within so many milliseconds"), 0, 60_000
    )
    allow_own_check = forms.BooleanField(
        label=gettext_lazy("People may inspect their own work"), required=False
    )
    sample_at_least_one = forms.BooleanField(
        label=gettext_lazy("Draw at least one item of every package"), required=False
    )
    continue_answers = forms.BooleanField(
        label=gettext_lazy("Who takes over a package continues its answers"),
        required=False,
        help_text=gettext_lazy("Otherwise they start clean; nothing that was saved is lost."),
    )
    hide_names = forms.BooleanField(
        label=gettext_lazy("People of different stages do not see each other's names"),
        required=False,
    )
    error_types = error_types_field()
    severities = severities_field()

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        workspace: Workspace,
        user: User,
        like: Mapping[str, Any] | None = None,
    ) -> None:
        """`like`: a job body to begin with, as `clone_fields` gives it."""
        limits = Job.DEFAULT_LIMITS
        initial = {
            "workflow": Workflow.MARKING,
            "check_ratio": 100,
            "acceptance_ratio": 100,
            "allocation_type": TYPES[0],
            "allocation": 20,
            "priority": 0,
            "language": user.language or "",
            **{name: limits[name] for name in (*_LIMIT_FIELDS, *_SWITCHES)},
        }
        self.workspace, self.user = workspace, user
        self.datasets = list(datasets_for(workspace).order_by("-id"))
        self.templates = list(templates_for(workspace).order_by("category", "id"))
        if like is not None:
            initial |= self._initial(like)
        super().__init__(data, initial=initial)
        self.fields["dataset"].widget = forms.Select(choices=[("", "")])
        self.fields["language"].widget = forms.Select(choices=LANGUAGE_NAMES)
        chosen: Chosen = {MANAGE: {"users": [user.pk], "teams": []}}
        if data is not None:
            chosen = PeopleTable.posted(data, ROLES)
        elif like is not None:
            chosen = like["members"]
        self.people = PeopleTable(workspace, chosen, viewer=user)

    def _initial(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The inputs for a job body; of a template the newest version is taken."""
        newest = templates_for(self.workspace)
        old = LabelTemplate.objects.get(pk=body["template"])
        template = newest.filter(workspace=old.workspace_id, key=old.key).first()
        allocation = body["allocation"]
        configuration = {
            "selected": body["selected_questions"],
            "options": body["options"],
            "bindings": body["field_bindings"],
            "shapes": body["shapes"],
            "overrides": body["overrides"],
        }
        return {
            **{name: body[name] for name in _PLAIN if name in body},
            "template": template.pk if template else "",
            "configuration": json.dumps(configuration, ensure_ascii=False),
            "allocation_type": allocation["type"],
            "allocation": allocation.get("size", ""),
            "allocation_packages": allocation.get("packages", ""),
            "allocation_field": allocation.get("field", ""),
            "targets": json.dumps(allocation["targets"]) if "targets" in allocation else "",
            "votes": json.dumps(body["votes"]) if body.get("votes") else "",
            **body["limits"],
            **{name: "\n".join(texts) for name, texts in body["feedback_lists"].items()},
        }

    def place(self, name: str) -> str | None:
        head = re.split(r"[.\[]", name, maxsplit=1)[0]
        if head in ("options", "selected_questions", "shapes", "overrides"):
            return "configuration"
        if head in ("limits", "feedback_lists"):
            name = name.partition(".")[2]
        if head == "allocation":
            name = _ALLOCATION_PLACES.get(name.partition(".")[2], "allocation")
        return super().place(name)

    @property
    def more_open(self) -> bool:
        """Whether one of the fields that are folded away has an error."""
        folded = ("language", "priority", "deadline", *_LIMIT_FIELDS, *_SWITCHES, *USUAL)
        return any(name in self.errors for name in folded)

    @property
    def stages(self) -> list[str]:
        """The stages of the chosen workflow."""
        workflow = self["workflow"].value()
        return str(workflow).split(",") if workflow in Workflow.values else []

    def body(self) -> dict[str, Any]:
        """What was filled in, as the API's job body. A ratio that the page did not send is not there."""
        data = self.data
        configuration = _json(data.get("configuration", ""))
        body: dict[str, Any] = {
            "name": data.get("name", ""),
            "description": data.get("description", "").replace("\r\n", "\n"),
            "dataset": data.get("dataset", ""),
            "template": data.get("template", ""),
            "field_bindings": configuration.get("bindings"),
            "selected_questions": configuration.get("selected"),
            "options": configuration.get("options"),
            "shapes": configuration.get("shapes"),
            "overrides": configuration.get("overrides"),
            "workflow": data.get("workflow", ""),
            "allocation": self._allocation(),
            "votes": _json(data.get("votes", "")),
            "language": data.get("language", ""),
            "priority": whole(data.get("priority", "")),
            "deadline": moment_on(data.get("deadline", ""), ZoneInfo(self.workspace.time_zone)),
            "limits": {
                **{name: name in data for name in _SWITCHES},
                **{name: whole(data[name]) for name in _LIMIT_FIELDS if data.get(name, "").strip()},
            },
        }
        body["feedback_lists"] = {name: lines(data.get(name, "")) for name in USUAL}
        for name in _SAMPLED:
            if name in data:
                body[name] = whole(data[name]) if data[name].strip() else ""
        for stage in ("check", "acceptance"):
            # A number of items stands for itself.
            if body.get(f"{stage}_count"):
                body.pop(f"{stage}_ratio", None)
        posted = PeopleTable.posted(data, ROLES) if isinstance(data, QueryDict) else {}
        body["members"] = {
            role: who
            for role, who in posted.items()
            if role in self.stages or role == MANAGE or any(who.values())
        }
        return body

    def _allocation(self) -> dict[str, Any]:
        """Of the chosen type only what belongs to it."""
        data = self.data
        kind = data.get("allocation_type") or TYPES[0]
        given: dict[str, Any] = {"type": kind}
        if kind == "average":
            given["packages"] = whole(data.get("allocation_packages", ""))
        elif kind == "field":
            given["field"] = data.get("allocation_field", "")
        else:
            given["size"] = whole(data.get("allocation", ""))
        if targets := _json(data.get("targets", "")):
            given["targets"] = targets
        return given


def moment_on(text: str, zone: ZoneInfo) -> Any:
    """The moment on that clock; what cannot be read is left for the service to refuse."""
    text = text.strip()
    try:
        moment = dateparse.parse_datetime(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is not None:
        return text
    return moment.replace(tzinfo=zone)


def _json(text: str) -> dict[str, Any]:
    """What the page's script wrote; anything else counts as nothing, which the service refuses."""
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def whole(text: str) -> Any:
    """A whole number, or the text itself for the service to refuse; None for nothing."""
    text = text.strip()
    if not text:
        return None
    return int(text) if re.fullmatch(r"-?\d{1,9}", text) else text
