"""Forms of the job pages. They only collect: every rule stands in the services, which name the field that is wrong."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils import dateparse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Membership, Team, User, Workspace
from itag.core.errors import ItagError
from jobs.models import Job, Workflow
from jobs.services.members import MANAGE, Members
from jobs.services.plan import LANGUAGES, datasets_for, templates_for

#: Roles in the order of their columns.
ROLES = {
    "labeling": gettext_lazy("Labelers"),
    "check": gettext_lazy("Checkers"),
    "acceptance": gettext_lazy("Accepters"),
    MANAGE: gettext_lazy("Task administrators"),
}
#: The languages call themselves by their own names.
LANGUAGE_NAMES = [(code, name) for code, name in settings.LANGUAGES if code in LANGUAGES]
_LIMIT_FIELDS = ("claim_hours", "package_limit")
_SWITCHES = ("allow_own_check", "sample_at_least_one")


@dataclass
class Person:
    """A row of the people table: somebody, or a team."""

    kind: str  # users | teams
    pk: int
    label: str
    note: str
    roles: set[str] = field(default_factory=set)


class PeopleTable:
    """Who may be chosen and who is chosen: one row a person or team, one column a role."""

    def __init__(self, workspace: Workspace, chosen: dict[str, dict[str, list[int]]]) -> None:
        teams = Team.objects.filter(workspace=workspace).order_by("name")
        members = (
            Membership.objects.filter(workspace=workspace, active=True, user__is_active=True)
            .select_related("user")
            .order_by("user__username")
        )
        self.rows = [Person("teams", team.pk, team.name, str(_("Team"))) for team in teams]
        self.rows += [_person(row.user, str(row.get_role_display())) for row in members]
        known = {(row.kind, row.pk): row for row in self.rows}
        for role, kinds in chosen.items():
            for kind, ids in kinds.items():
                for pk in ids:
                    if (kind, pk) in known:
                        known[kind, pk].roles.add(role)

    @staticmethod
    def chosen(members: Members) -> dict[str, dict[str, list[int]]]:
        """The ids behind members as they are."""
        return {
            role: {
                "users": [user.pk for user in who.users],
                "teams": [team.pk for team in who.teams],
            }
            for role, who in members.items()
        }

    @staticmethod
    def posted(data: QueryDict, roles: Iterable[str]) -> dict[str, dict[str, list[int]]]:
        """The ids that a page sent for these roles; what is no number becomes 0, which no row has."""
        return {
            role: {
                kind: [
                    int(value) if value.isascii() and value.isdigit() and len(value) < 19 else 0
                    for value in data.getlist(f"{kind}-{role}")
                ]
                for kind in ("users", "teams")
            }
            for role in roles
        }


def _person(user: User, note: str) -> Person:
    name = user.name or user.username
    return Person("users", user.pk, name, f"{user.username} · {note}" if user.name else note)


def _errors_only() -> forms.Field:
    """A field that no input is drawn for: the place of messages about something the page draws itself."""
    return forms.CharField(required=False, widget=forms.HiddenInput)


def priority_field() -> forms.Field:
    return forms.CharField(
        label=gettext_lazy("Priority"),
        required=False,
        help_text=gettext_lazy("From -100 to 100; packages of jobs with a higher one come first."),
        widget=forms.NumberInput(attrs={"min": -100, "max": 100}),
    )


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
    allocation = forms.CharField(
        label=gettext_lazy("Items in a package"),
        required=False,
        widget=forms.NumberInput(attrs={"min": 1, "max": 200}),
    )
    language = forms.CharField(label=gettext_lazy("Language of titles in exports"), required=False)
    priority = priority_field()
    deadline = deadline_field()
    claim_hours = forms.CharField(
        label=gettext_lazy("Hours until an idle claim ends"),
        required=False,
        widget=forms.NumberInput(attrs={"min": 1}),
    )
    package_limit = forms.CharField(
        label=gettext_lazy("Open packages per person and stage"),
        required=False,
        widget=forms.NumberInput(attrs={"min": 1}),
    )
    allow_own_check = forms.BooleanField(
        label=gettext_lazy("People may inspect their own work"), required=False
    )
    sample_at_least_one = forms.BooleanField(
        label=gettext_lazy("Draw at least one item of every package"), required=False
    )

    def __init__(self, data: QueryDict | None = None, *, workspace: Workspace, user: User) -> None:
        limits = Job.DEFAULT_LIMITS
        initial = {
            "workflow": Workflow.MARKING,
            "check_ratio": 100,
            "acceptance_ratio": 100,
            "allocation": 20,
            "priority": 0,
            "language": user.language or "",
            **{name: limits[name] for name in (*_LIMIT_FIELDS, *_SWITCHES)},
        }
        super().__init__(data, initial=initial)
        self.workspace, self.user = workspace, user
        self.datasets = list(datasets_for(workspace).order_by("-id"))
        self.templates = list(templates_for(workspace).order_by("category", "id"))
        self.fields["dataset"].widget = forms.Select(choices=[("", "")])
        self.fields["language"].widget = forms.Select(choices=LANGUAGE_NAMES)
        roles = ROLES if data is not None else ()
        chosen = PeopleTable.posted(data, roles) if data is not None else {}
        if data is None:
            chosen = {MANAGE: {"users": [user.pk], "teams": []}}
        self.people = PeopleTable(workspace, chosen)

    def place(self, name: str) -> str | None:
        head = re.split(r"[.\[]", name, maxsplit=1)[0]
        if head in ("options", "selected_questions"):
            return "configuration"
        if head == "limits":
            name = name.partition(".")[2]
        return super().place(name)

    @property
    def more_open(self) -> bool:
        """Whether one of the fields that are folded away has an error."""
        folded = ("language", "priority", "deadline", *_LIMIT_FIELDS, *_SWITCHES)
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
            "workflow": data.get("workflow", ""),
            "allocation": {"type": "fixed", "size": whole(data.get("allocation", ""))},
            "language": data.get("language", ""),
            "priority": whole(data.get("priority", "")),
            "deadline": moment_on(data.get("deadline", ""), ZoneInfo(self.workspace.time_zone)),
            "limits": {
                **{name: name in data for name in _SWITCHES},
                **{name: whole(data[name]) for name in _LIMIT_FIELDS if data.get(name, "").strip()},
            },
        }
        for name in ("check_ratio", "acceptance_ratio"):
            if name in data:
                body[name] = whole(data[name]) if data[name].strip() else ""
        posted = PeopleTable.posted(data, ROLES) if isinstance(data, QueryDict) else {}
        body["members"] = {
            role: who
            for role, who in posted.items()
            if role in self.stages or role == MANAGE or any(who.values())
        }
        return body


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
