"""Members of the current workspace: people, invitations, and the workspace itself."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Count, Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.context import current_workspace, person
from accounts.forms import ROLE_MEANINGS, InviteForm, MemberForm, NewMemberForm, WorkspaceForm
from accounts.models import Membership, OneTimeLink, Team, Workspace
from accounts.services.links import create_link, revoke_link
from accounts.services.users import create_user
from accounts.services.workspaces import (
    Role,
    remove_membership,
    set_membership,
    update_workspace,
)
from itag.core.errors import ItagError
from itag.core.policy import can
from itag.web.forms import add_errors
from itag.web.pages import RulePage

PAGE = 50


class MembersPage(RulePage):
    """A page of the current workspace's members; `self.object` is the workspace."""

    rule = "members.list"
    template = ""

    def get_object(self) -> Workspace | None:
        return current_workspace(self.request)

    def roles(self) -> list[str]:
        """The roles that the person may give here."""
        return [
            role
            for role in Role.values
            if can(
                self.request.user,
                "members.give",
                Membership(workspace=self.object, role=role),
            )
        ]

    def page(self, status: int = 200, **context: Any) -> HttpResponse:
        context["role_meanings"] = ROLE_MEANINGS
        return render(self.request, self.template, context, status=status)


class Members(MembersPage):
    """The people, fifty a page, by user name."""

    template = "accounts/members.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        search = request.GET.get("q", "").replace("\0", "").strip()[:100]
        after = request.GET.get("after", "").replace("\0", "")[:64]
        rows = Membership.objects.filter(workspace=self.object).select_related("user")
        if search:
            rows = rows.filter(
                Q(user__username__icontains=search)
                | Q(user__name__icontains=search)
                | Q(user__email__icontains=search)
            )
        role = request.GET.get("role", "")
        if role in Role.values:
            rows = rows.filter(role=role)
        if after:
            rows = rows.filter(user__username__gt=after)
        teams = Team.objects.filter(workspace=self.object)
        rows = rows.order_by("user__username").prefetch_related(
            Prefetch("user__groups__team", queryset=teams)
        )
        found = list(rows[: PAGE + 1])
        more = len(found) > PAGE
        found = found[:PAGE]
        query = {"q": search, "role": role} if search or role else {}
        return self.page(
            members=found,
            search=search,
            role=role,
            roles=Role.choices,
            filtered=bool(search or role),
            pager={
                "previous": f"?{urlencode(query)}" if after else "",
                "next": f"?{urlencode({**query, 'after': found[-1].user.username})}"
                if more
                else "",
            },
        )


class NewMember(MembersPage):
    """Makes an account in the workspace."""

    rule = "members.invite"
    template = "accounts/member_new.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(form=NewMemberForm(roles=self.roles()))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = NewMemberForm(request.POST, roles=self.roles())
        if form.is_valid():
            try:
                user = create_user(
                    actor=person(request),
                    workspace=self.object,
                    role=form.cleaned_data["role"],
                    **form.account(),
                )
            except ItagError as exc:
                add_errors(form, exc)
            else:
                messages.success(request, _("%(name)s can sign in now.") % {"name": user})
                return redirect("members")
        return self.page(form=form, status=422)


class Member(MembersPage):
    """One member: role, active or not, removal."""

    template = "accounts/member.html"

    def membership(self, user: int) -> Membership:
        rows = Membership.objects.for_list().filter(workspace=self.object)
        return get_object_or_404(rows, user=user)

    def get(self, request: HttpRequest, user: int) -> HttpResponse:
        found = self.membership(user)
        initial = {"role": found.role, "active": found.active}
        return self._page(found, MemberForm(initial=initial, roles=self._roles(found)))

    def _roles(self, found: Membership) -> list[str]:
        return self.roles() or [found.role]

    def _page(self, found: Membership, form: MemberForm, status: int = 200) -> HttpResponse:
        teams = Team.objects.filter(workspace=self.object, group__user=found.user)
        return self.page(
            member=found,
            form=form,
            teams=teams,
            may=can(self.request.user, "members.change", found),
            status=status,
        )

    def post(self, request: HttpRequest, user: int) -> HttpResponse:
        found = self.membership(user)
        form = MemberForm(request.POST, roles=self._roles(found))
        removing = "remove" in request.POST
        if removing or form.is_valid():
            try:
                if removing:
                    remove_membership(workspace=self.object, user=found.user, actor=person(request))
                else:
                    set_membership(
                        workspace=self.object,
                        user=found.user,
                        actor=person(request),
                        **form.cleaned_data,
                    )
            except ItagError as exc:
                if exc.status == 403:
                    raise
                # A form that was not filled in has no field to show the reason at.
                messages.error(request, exc.detail)
                return redirect("member", user=user)
            text = _("%(name)s was removed from the workspace.") if removing else _("Saved.")
            messages.success(request, text % {"name": found.user})
            return redirect("members")
        return self._page(found, form, status=422)


class Invitations(MembersPage):
    """Open invitations, and the form that makes one; its link is shown this once."""

    rule = "members.invite"
    template = "accounts/invitations.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(InviteForm(roles=self.roles()))

    def _page(self, form: InviteForm, **context: Any) -> HttpResponse:
        links = (
            OneTimeLink.objects.visible_to(self.request.user)
            .open()
            .filter(workspace=self.object, purpose=OneTimeLink.Purpose.INVITE)
            .select_related("created_by")
        )
        return self.page(form=form, links=links[:200], **context)

    def post(self, request: HttpRequest) -> HttpResponse:
        form = InviteForm(request.POST, roles=self.roles())
        if not form.is_valid():
            return self._page(form, status=422)
        secret = create_link(
            purpose=OneTimeLink.Purpose.INVITE,
            workspace=self.object,
            actor=person(request),
            **form.cleaned_data,
        )
        url = request.build_absolute_uri(reverse("invite", args=[secret]))
        response = self._page(InviteForm(roles=self.roles()), url=url)
        response["Cache-Control"] = "no-store"
        return response


class RevokeInvitation(MembersPage):
    """Ends an invitation that was not used."""

    rule = "members.invite"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        links = OneTimeLink.objects.visible_to(request.user).filter(workspace=self.object)
        revoke_link(link=get_object_or_404(links, pk=pk), actor=person(request))
        messages.success(request, _("The invitation is withdrawn."))
        return redirect("invitations")


class WorkspacePage(MembersPage):
    """The workspace's name and time zone."""

    rule = "workspaces.manage"
    template = "accounts/workspace.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(
            WorkspaceForm(initial={"name": self.object.name, "time_zone": self.object.time_zone})
        )

    def _page(self, form: WorkspaceForm, status: int = 200) -> HttpResponse:
        counts = self.object.memberships.aggregate(
            people=Count("pk"), active=Count("pk", filter=Q(active=True))
        )
        return self.page(form=form, counts=counts, status=status)

    def post(self, request: HttpRequest) -> HttpResponse:
        form = WorkspaceForm(request.POST)
        if form.is_valid():
            try:
                update_workspace(workspace=self.object, actor=person(request), **form.cleaned_data)
            except ItagError as exc:
                add_errors(form, exc)
            else:
                messages.success(request, _("Saved."))
                return redirect("workspace")
        return self._page(form, status=422)
