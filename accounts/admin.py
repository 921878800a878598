"""Administration of people, workspaces, teams and tokens."""

from collections.abc import Sequence
from typing import Any, ClassVar
from zoneinfo import available_timezones

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import (
    ApiToken,
    Heartbeat,
    Membership,
    OneTimeLink,
    Team,
    User,
    Workspace,
)
from accounts.services.tokens import revoke_token
from accounts.services.users import set_user_active
from accounts.services.workspaces import remove_membership
from itag.core.errors import ItagError
from itag.web.admin import GuardedAdmin

# A team's group is its team's business, and rights are grants: groups are edited nowhere by hand.
admin.site.unregister(Group)


@admin.register(User)
class UserAdmin(GuardedAdmin, DjangoUserAdmin):
    """Accounts. Privileges are in the hands of superusers only."""

    rules: ClassVar[dict[str, str]] = {
        "view": "users.view",
        "change": "users.change",
        "add": "users.change",
    }
    editable: ClassVar[Sequence[str]] = ("username", "name", "email", "language", "password")
    privileges = ("is_staff", "is_superuser")
    list_display = ["username", "name", "email", "is_active", "is_staff", "date_joined"]
    list_filter = ["is_active", "is_staff", "is_superuser"]
    search_fields = ["username", "name", "email"]
    ordering = ["username"]
    filter_horizontal = ()
    fieldsets = [
        (None, {"fields": ["username", "password", "name", "email", "language"]}),
        (_("Rights"), {"fields": ["is_active", "is_staff", "is_superuser"]}),
        (
            _("History"),
            {"fields": ["is_demo", "must_change_password", "date_joined", "last_login"]},
        ),
    ]
    add_fieldsets = [(None, {"fields": ["username", "password1", "password2"]})]
    actions = ["close_accounts", "reopen_accounts"]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_active and request.user.is_superuser  # type: ignore[union-attr]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        fixed = super().get_readonly_fields(request, obj)
        if request.user.is_superuser:  # type: ignore[union-attr]
            return [name for name in fixed if name not in self.privileges]
        return fixed

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: Any) -> None:
        """A new account's password was chosen by somebody else."""
        if not change:
            obj.must_change_password = True
        super().save_model(request, obj, form, change)

    def user_change_password(
        self, request: HttpRequest, id: str, form_url: str = ""
    ) -> HttpResponse:
        """Django's page; whoever's password somebody else chose chooses another at the next sign-in."""
        response: HttpResponse = super().user_change_password(request, id, form_url)
        if request.method == "POST" and response.status_code == 302 and id != str(request.user.pk):
            User.objects.filter(pk=id).update(must_change_password=True)
        return response

    def _set_active(self, request: HttpRequest, people: QuerySet[User], *, active: bool) -> None:
        for user in people:
            try:
                set_user_active(user=user, active=active, actor=request.user)  # type: ignore[arg-type]
            except ItagError as exc:
                self.message_user(request, f"{user}: {exc.detail}", messages.ERROR)

    @admin.action(description=_("Close the accounts"), permissions=["change"])
    def close_accounts(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._set_active(request, queryset, active=False)

    @admin.action(description=_("Reopen the accounts"), permissions=["change"])
    def reopen_accounts(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._set_active(request, queryset, active=True)


class WorkspaceAdminForm(forms.ModelForm):
    """Takes no zone that the services would refuse."""

    class Meta:
        model = Workspace
        fields = ["name", "time_zone"]

    def clean_time_zone(self) -> str:
        zone = self.cleaned_data["time_zone"]
        if zone not in available_timezones():
            raise forms.ValidationError(gettext("There is no such time zone."))
        return zone


@admin.register(Workspace)
class WorkspaceAdmin(GuardedAdmin):
    """Workspaces; a new one gets its members on its own page."""

    rules: ClassVar[dict[str, str]] = {
        "view": "workspaces.view",
        "change": "workspaces.manage",
        "add": "workspaces.manage",
    }
    editable: ClassVar[Sequence[str]] = ("name", "time_zone")
    list_display = ["name", "time_zone", "is_default", "created_at", "archived_at"]
    search_fields = ["name"]
    form = WorkspaceAdminForm
    readonly_fields = ["is_default", "created_at", "archived_at"]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_active and request.user.is_superuser  # type: ignore[union-attr]


@admin.register(Membership)
class MembershipAdmin(GuardedAdmin):
    """Who is what where; changed on the members page, which writes the grants too."""

    rules: ClassVar[dict[str, str]] = {"view": "members.change", "change": "members.change"}
    list_display = ["user", "workspace", "role", "active", "created_at"]
    list_select_related = ["user", "workspace"]
    list_filter = ["role", "active"]
    search_fields = ["user__username", "user__name", "workspace__name"]
    actions = ["remove"]

    def has_remove_permission(self, request: HttpRequest) -> bool:
        return self.allowed(request, "change")

    @admin.action(description=_("Remove from the workspace"), permissions=["remove"])
    def remove(self, request: HttpRequest, queryset: QuerySet[Membership]) -> None:
        done = 0
        for membership in queryset.select_related("user", "workspace"):
            try:
                remove_membership(
                    workspace=membership.workspace,
                    user=membership.user,
                    actor=request.user,  # type: ignore[arg-type]
                )
                done += 1
            except ItagError as exc:
                self.message_user(request, f"{membership}: {exc.detail}", messages.ERROR)
        self.message_user(request, gettext("%(count)s removed.") % {"count": done})


@admin.register(Team)
class TeamAdmin(GuardedAdmin):
    """Teams; their people are changed on the teams page."""

    rules: ClassVar[dict[str, str]] = {"view": "teams.view"}
    list_display = ["name", "workspace", "is_supplier", "created_at"]
    list_select_related = ["workspace"]
    search_fields = ["name", "workspace__name"]


@admin.register(ApiToken)
class ApiTokenAdmin(GuardedAdmin):
    """Everybody's tokens for superusers, without anything that could be used as one."""

    list_display = ["user", "name", "created_at", "expires_at", "revoked_at", "last_used_at"]
    list_select_related = ["user"]
    search_fields = ["user__username", "name"]
    exclude = ["digest"]
    actions = ["revoke"]

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return self.allowed(request, "revoke")

    @admin.action(description=_("Revoke"), permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        for token in queryset:
            revoke_token(token=token)


@admin.register(OneTimeLink)
class OneTimeLinkAdmin(GuardedAdmin):
    """Links that were made, without their secrets."""

    list_display = ["purpose", "workspace", "role", "created_by", "expires_at", "used_at"]
    list_select_related = ["workspace", "created_by"]
    exclude = ["digest"]


@admin.register(Heartbeat)
class HeartbeatAdmin(GuardedAdmin):
    """Signs of life of the background processes."""

    list_display = ["name", "seen_at"]
