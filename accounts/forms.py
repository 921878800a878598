"""Forms of the pages; the rules stand in the services, which name the field that is wrong."""

from typing import Any
from zoneinfo import available_timezones

from allauth.account import forms as allauth
from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import password_validators_help_text_html
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, Team, User, Workspace
from accounts.services.links import MAX_DAYS
from accounts.services.workspaces import Role

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


class NewMemberForm(NewPersonForm):
    """An account made by somebody else, in a role."""

    field_order = ["username", "name", "email", "role", "password", "password2"]

    def __init__(self, *args: Any, roles: list[str], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["role"] = RoleField(roles=roles, initial=Role.OPERATOR)
        self.fields["username"].widget.attrs["autocomplete"] = "off"
        self.order_fields(self.field_order)


class MemberForm(forms.Form):
    """What a member is."""

    def __init__(self, *args: Any, roles: list[str], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["role"] = RoleField(roles=roles)
        self.fields["active"] = forms.BooleanField(
            label=_("Active"),
            required=False,
            help_text=_(
                "Somebody who is not active keeps their place in the list but has no rights in this workspace: "
                "not on jobs, and not through teams."
            ),
        )


class InviteForm(forms.Form):
    """An invitation: for which role, and for how long."""

    days = forms.IntegerField(
        label=_("Valid for (days)"), min_value=1, max_value=MAX_DAYS, initial=7
    )

    def __init__(self, *args: Any, roles: list[str], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["role"] = RoleField(roles=roles, initial=Role.OPERATOR)
        self.order_fields(["role", "days"])


class TeamForm(forms.Form):
    """A team: its name, its people, and who of them leads it."""

    name = forms.CharField(label=_("Name"), max_length=100)

    def __init__(
        self, *args: Any, workspace: Workspace, team: Team | None = None, **options: Any
    ) -> None:
        if team is not None:
            options["initial"] = {
                "name": team.name,
                "members": list(team.group.user_set.all()),
                "leaders": list(team.leaders.all()),
            }
        super().__init__(*args, **options)
        people = User.objects.filter(
            pk__in=Membership.objects.filter(workspace=workspace, active=True).values("user_id"),
            is_active=True,
        )
        self.fields["members"] = forms.ModelMultipleChoiceField(
            label=_("Members"),
            queryset=people,
            widget=forms.CheckboxSelectMultiple,
            required=False,
        )
        self.fields["leaders"] = forms.ModelMultipleChoiceField(
            label=_("Team leaders"),
            queryset=people,
            widget=forms.CheckboxSelectMultiple,
            required=False,
        )


class WorkspaceForm(forms.Form):
    """The workspace's name and the zone in which its days begin."""

    name = forms.CharField(label=_("Name"), max_length=100)
    time_zone = forms.ChoiceField(
        label=_("Time zone"), help_text=_("Days in figures begin at midnight there.")
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["time_zone"].choices = [  # type: ignore[attr-defined]
            (zone, zone) for zone in sorted(available_timezones())
        ]


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
