"""Forms of the pages; the rules stand in the services, which name the field that is wrong."""

from typing import Any
from zoneinfo import available_timezones

from allauth.account import forms as allauth
from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import password_validators_help_text_html
from django.db.models import QuerySet
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import Team, Workspace
from accounts.services.imports import MAX_CHARACTERS
from accounts.services.links import MAX_DAYS
from accounts.services.workspaces import Role
from itag.core.worktime import DEFAULT_CALENDAR

CLOCK = r"^([01][0-9]|2[0-3]):[0-5][0-9]\Z|^24:00\Z"

ROLE_MEANINGS = {
    Role.ADMIN: _("Everything in the workspace: members, datasets, templates and jobs."),
    Role.LABEL_ADMIN: _("Creates datasets, label templates and jobs, and assigns people."),
    Role.LEADER: _("Manages labeling workers and teams, and assigns people to jobs."),
    Role.OPERATOR: _("Labels, checks and accepts what is assigned to them."),
}


class RoleField(forms.ChoiceField):
    """Only the roles that the person may give."""

    def __init__(self, *, roles: list[str], **options: Any) -> None:
        super().__init__(
            label=_("Role"),
            widget=forms.RadioSelect,
            choices=[(value, label) for value, label in Role.choices if value in roles],
            **options,
        )


class NewPersonForm(forms.Form):
    """An account: user name and password are needed, the rest is not."""

    username = forms.CharField(
        label=_("User name"),
        max_length=64,
        help_text=_("Letters, digits and the characters . + - _"),
        widget=forms.TextInput(attrs={"autocomplete": "username", "spellcheck": "false"}),
    )
    name = forms.CharField(
        label=_("Name"),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.EmailField(
        label=_("Email address"),
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        help_text=lazy(password_validators_help_text_html, str)(),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    password2 = forms.CharField(
        label=_("Password again"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("password2") and data.get("password") != data["password2"]:
            self.add_error("password2", _("The two passwords differ."))
        return data

    def account(self) -> dict[str, Any]:
        """What the services take."""
        return {key: self.cleaned_data[key] for key in ("username", "name", "email", "password")}


class TeamChoice(forms.ModelChoiceField):
    """A team of the workspace that the person may fill; needed where they may make accounts in no other way."""

    def __init__(self, *, teams: QuerySet[Team], needed: bool) -> None:
        super().__init__(
            queryset=teams,
            label=_("Team"),
            required=needed,
            empty_label=None if needed else _("No team"),
        )


class NewMemberForm(NewPersonForm):
    """An account made by somebody else, in a role and perhaps a team."""

    field_order = ["username", "name", "email", "role", "team", "password", "password2"]
    must_change_password = forms.BooleanField(
        label=_("They choose another password when they first sign in"),
        required=False,
        initial=True,
    )

    def __init__(
        self,
        *args: Any,
        roles: list[str],
        teams: QuerySet[Team],
        needs_team: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.fields["role"] = RoleField(roles=roles, initial=Role.OPERATOR)
        self.fields["team"] = TeamChoice(teams=teams, needed=needs_team)
        self.fields["username"].widget.attrs["autocomplete"] = "off"
        self.order_fields(self.field_order)


class MemberForm(forms.Form):
    """What a member is."""

    def __init__(self, *args: Any, roles: list[str], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["role"] = RoleField(roles=roles)


class InviteForm(forms.Form):
    """An invitation: for which role, and for how long."""

    days = forms.IntegerField(
        label=_("Valid for (days)"), min_value=1, max_value=MAX_DAYS, initial=7
    )

    def __init__(
        self,
        *args: Any,
        roles: list[str],
        teams: QuerySet[Team],
        needs_team: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.fields["role"] = RoleField(roles=roles, initial=Role.OPERATOR)
        self.fields["team"] = TeamChoice(teams=teams, needed=needs_team)
        self.order_fields(["role", "team", "days"])


class TeamForm(forms.Form):
    """A team: its name, and whether it is a supplier's."""

    name = forms.CharField(label=_("Name"), max_length=100)
    is_supplier = forms.BooleanField(
        label=_("Supplier"),
        required=False,
        help_text=_(
            "Its leaders and members see their own team alone: its people, its work and its figures."
        ),
    )


class CalendarForm(forms.Form):
    """When the workspace works."""

    days = forms.TypedMultipleChoiceField(
        label=_("Working days"),
        coerce=int,
        choices=[
            (1, _("Monday")),
            (2, _("Tuesday")),
            (3, _("Wednesday")),
            (4, _("Thursday")),
            (5, _("Friday")),
            (6, _("Saturday")),
            (7, _("Sunday")),
        ],
        widget=forms.CheckboxSelectMultiple,
    )
    opens = forms.RegexField(
        CLOCK, label=_("From"), widget=forms.TextInput(attrs={"placeholder": "09:00"})
    )
    closes = forms.RegexField(
        CLOCK,
        label=_("To"),
        help_text=_("24:00 is the end of the day."),
        widget=forms.TextInput(attrs={"placeholder": "17:00"}),
    )

    def calendar(self) -> dict[str, Any]:
        """What the services take; {} for the hours that hold anyway."""
        found = {key: self.cleaned_data[key] for key in ("days", "opens", "closes")}
        return {} if found == dict(DEFAULT_CALENDAR) else found


class WorkspaceForm(CalendarForm):
    """The workspace's name, the zone in which its days begin, and its working hours."""

    name = forms.CharField(label=_("Name"), max_length=100)
    time_zone = forms.ChoiceField(
        label=_("Time zone"), help_text=_("Days in figures begin at midnight there.")
    )

    def __init__(self, *args: Any, workspace: Workspace | None = None, **options: Any) -> None:
        if workspace is not None:
            options["initial"] = {
                "name": workspace.name,
                "time_zone": workspace.time_zone,
                **DEFAULT_CALENDAR,
                **workspace.calendar,
            }
        super().__init__(*args, **options)
        self.fields["time_zone"].choices = [  # type: ignore[attr-defined]
            (zone, zone) for zone in sorted(available_timezones())
        ]

    def fields_of_workspace(self) -> dict[str, Any]:
        """What update_workspace takes."""
        return {
            "name": self.cleaned_data["name"],
            "time_zone": self.cleaned_data["time_zone"],
            "calendar": self.calendar(),
        }


class NewWorkspaceForm(forms.Form):
    """A further workspace."""

    name = forms.CharField(label=_("Name"), max_length=100)


class TableForm(forms.Form):
    """Accounts as a table."""

    table = forms.CharField(
        label=_("Table"),
        max_length=MAX_CHARACTERS,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 10, "spellcheck": "false", "class": "mono"}),
    )


class ChangePasswordForm(allauth.ChangePasswordForm):
    """allauth's own; a password that somebody else chose is not kept by choosing it again."""

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("password1") and data["password1"] == data.get("oldpassword"):
            self.add_error("password1", _("Choose another password than the present one."))
        return data


class ProfileForm(forms.Form):
    """What a person says of themselves."""

    name = forms.CharField(
        label=_("Name"),
        max_length=100,
        required=False,
        help_text=_("How others see you; the user name where it is empty."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.EmailField(
        label=_("Email address"),
        required=False,
        help_text=_("To sign in with, and for a new password if you forget yours."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    language = forms.ChoiceField(
        label=_("Language"),
        required=False,
        choices=[("", _("As the browser asks for")), *settings.LANGUAGES],
    )


class TokenForm(forms.Form):
    """A new API token."""

    name = forms.CharField(
        label=_("Name"), max_length=100, required=False, help_text=_("What it is for.")
    )
    hours = forms.TypedChoiceField(
        label=_("Valid for"),
        coerce=int,
        initial=12,
        choices=[
            (12, _("12 hours")),
            (24 * 7, _("7 days")),
            (24 * 30, _("30 days")),
            (24 * 90, _("90 days")),
            (24 * 365, _("1 year")),
        ],
    )
    read_only = forms.BooleanField(label=_("May only read"), required=False)
