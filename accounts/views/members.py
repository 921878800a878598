"""Members of the current workspace: people and invitations."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.context import current_workspace, person
from accounts.forms import ROLE_MEANINGS, InviteForm, MemberForm, NewMemberForm
from accounts.models import Membership, OneTimeLink, Team, Workspace, led_suppliers
from accounts.services.links import create_link, revoke_link
from accounts.services.users import create_user, reset_password, set_user_active
from accounts.services.workspaces import Role, set_membership
from itag.core.errors import ItagError
from itag.core.policy import can, require
from itag.web.forms import add_errors
from itag.web.pages import RulePage

PAGE = 50
#: What the list of members may be narrowed to: name -> condition.
STATES = {
    "active": Q(active=True, user__is_active=True),
    "inactive": Q(active=False, user__is_active=True),
    "closed": Q(user__is_active=False),
}


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

    def team_choice(self) -> dict[str, Any]:
        """The teams that the person may fill, as forms take them; a supplier's leader must choose one."""
        leads = bool(can(self.request.user, "workspaces.lead", self.object))
        teams = (
            Team.objects.filter(workspace=self.object)
            if leads
            else led_suppliers(self.request.user).filter(workspace=self.object)
        )
        return {"teams": teams, "needs_team": not leads}

    def memberships(self) -> QuerySet[Membership]:
        """The members whom the person may see."""
        rows = Membership.objects.visible_to(self.request.user).for_list()
        return rows.filter(workspace=self.object)

    def page(self, status: int = 200, **context: Any) -> HttpResponse:
        context["role_meanings"] = ROLE_MEANINGS
        return render(self.request, self.template, context, status=status)


class Members(MembersPage):
    """The people, fifty a page, by user name."""

    template = "accounts/members.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        search = request.GET.get("q", "").replace("\0", "").strip()[:100]
        after = request.GET.get("after", "").replace("\0", "")[:64]
        role, state = request.GET.get("role", ""), request.GET.get("state", "")
        team = request.GET.get("team", "")
        teams = Team.objects.visible_to(request.user).filter(workspace=self.object)
        rows = self.memberships()
        if search:
            rows = rows.filter(
                Q(user__username__icontains=search)
                | Q(user__name__icontains=search)
                | Q(user__email__icontains=search)
            )
        if role in Role.values:
            rows = rows.filter(role=role)
        if state in STATES:
            rows = rows.filter(STATES[state])
        if team.isascii() and team.isdecimal() and len(team) < 19:
            rows = rows.filter(
                user__groups__in=teams.filter(pk=int(team)).order_by().values("group")
            )
        if after:
            rows = rows.filter(user__username__gt=after)
        rows = rows.order_by("user__username").prefetch_related(
            Prefetch("user__groups__team", queryset=teams)
        )
        found = list(rows[: PAGE + 1])
        more = len(found) > PAGE
        found = found[:PAGE]
        given = {"q": search, "role": role, "state": state, "team": team}
        query = {key: value for key, value in given.items() if value}
        return self.page(
            members=found,
            search=search,
            role=role,
            state=state,
            team=team,
            teams=teams[:200],
            roles=Role.choices,
            filtered=bool(query),
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
        return self.page(form=NewMemberForm(roles=self.roles(), **self.team_choice()))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = NewMemberForm(request.POST, roles=self.roles(), **self.team_choice())
        if form.is_valid():
            try:
                user = create_user(
                    actor=person(request),
                    workspace=self.object,
                    role=form.cleaned_data["role"],
                    team=form.cleaned_data["team"],
                    must_change_password=form.cleaned_data["must_change_password"],
                    **form.account(),
                )
            except ItagError as exc:
                add_errors(form, exc)
            else:
                messages.success(request, _("%(name)s can sign in now.") % {"name": user})
                return redirect("members")
        return self.page(form=form, status=422)


class MemberPage(MembersPage):
    """A page of one member."""

    template = "accounts/member.html"

    def membership(self, user: int) -> Membership:
        return get_object_or_404(self.memberships(), user=user)

    def _roles(self, found: Membership) -> list[str]:
        return self.roles() or [found.role]

    def one(self, found: Membership, form: MemberForm | None = None, **more: Any) -> HttpResponse:
        """The page, with the form as it came back or as things are."""
        viewer = self.request.user
        form = form or MemberForm(initial={"role": found.role}, roles=self._roles(found))
        teams = Team.objects.visible_to(viewer).filter(
            workspace=self.object, group__user=found.user
        )
        return self.page(
            member=found,
            form=form,
            teams=teams,
            may=can(viewer, "members.change", found),
            may_reset=can(viewer, "users.reset", found.user),
            may_close=can(viewer, "users.change", found.user),
            **more,
        )


class Member(MemberPage):
    """One member: role, a new password, back in, or on the way out."""

    def get(self, request: HttpRequest, user: int) -> HttpResponse:
        return self.one(self.membership(user))

    def post(self, request: HttpRequest, user: int) -> HttpResponse:
        found = self.membership(user)
        actor = person(request)
        if "reopen" in request.POST:
            require(actor, "users.change", found.user)
            set_user_active(user=found.user, active=True, actor=actor)
            messages.success(request, _("The account is open again."))
            return redirect("member", user=user)
        if "activate" in request.POST:
            require(actor, "members.change", found)
            set_membership(workspace=self.object, user=found.user, role=found.role, actor=actor)
            messages.success(request, _("%(name)s is active again.") % {"name": found.user})
            return redirect("member", user=user)
        require(actor, "members.change", found)
        form = MemberForm(request.POST, roles=self._roles(found))
        if form.is_valid():
            try:
                set_membership(
                    workspace=self.object,
                    user=found.user,
                    actor=actor,
                    role=form.cleaned_data["role"],
                    active=found.active,
                )
            except ItagError as exc:
                if exc.status == 403:
                    raise
                messages.error(request, exc.detail)
                return redirect("member", user=user)
            messages.success(request, _("Saved."))
            return redirect("members")
        return self.one(found, form, status=422)


class ResetPassword(MemberPage):
    """Gives a member a one-time password, shown this once."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, user: int) -> HttpResponse:
        found = self.membership(user)
        require(request.user, "users.reset", found.user)
        password = reset_password(user=found.user, actor=person(request))
        response = self.one(found, password=password)
        response["Cache-Control"] = "no-store"
        return response


class Invitations(MembersPage):
    """Open invitations, and the form that makes one; its link is shown this once."""

    rule = "members.invite"
    template = "accounts/invitations.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(InviteForm(roles=self.roles(), **self.team_choice()))

    def _page(self, form: InviteForm, **context: Any) -> HttpResponse:
        links = (
            OneTimeLink.objects.visible_to(self.request.user)
            .open()
            .filter(workspace=self.object, purpose=OneTimeLink.Purpose.INVITE)
            .select_related("created_by", "team")
        )
        return self.page(form=form, links=links[:200], **context)

    def post(self, request: HttpRequest) -> HttpResponse:
        form = InviteForm(request.POST, roles=self.roles(), **self.team_choice())
        if not form.is_valid():
            return self._page(form, status=422)
        secret = create_link(
            purpose=OneTimeLink.Purpose.INVITE,
            workspace=self.object,
            actor=person(request),
            **form.cleaned_data,
        )
        url = request.build_absolute_uri(reverse("invite", args=[secret]))
        response = self._page(InviteForm(roles=self.roles(), **self.team_choice()), url=url)
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
