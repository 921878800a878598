"""Teams of the current workspace."""

from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from accounts.context import person
from accounts.forms import TeamForm
from accounts.models import Team
from accounts.services.teams import create_team, update_team
from accounts.views.members import MembersPage
from itag.core.errors import ItagError
from itag.core.policy import can
from itag.web.forms import add_errors


class Teams(MembersPage):
    """The teams with their leaders and sizes."""

    template = "accounts/teams.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        teams = (
            Team.objects.visible_to(request.user)
            .filter(workspace=self.object)
            .annotate(size=Count("group__user", distinct=True))
            .prefetch_related("leaders")
        )
        return self.page(teams=teams)


class NewTeam(MembersPage):
    """Makes a team."""

    rule = "teams.create"
    template = "accounts/team.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(form=TeamForm(workspace=self.object))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = TeamForm(request.POST, workspace=self.object)
        if form.is_valid():
            try:
                team = create_team(
                    workspace=self.object, actor=person(request), **form.cleaned_data
                )
            except ItagError as exc:
                add_errors(form, exc)
            else:
                messages.success(request, _("The team %(name)s is made.") % {"name": team})
                return redirect("teams")
        return self.page(form=form, status=422)


class TeamDetail(MembersPage):
    """One team, to look at or to change."""

    template = "accounts/team.html"

    def team(self, pk: int) -> Team:
        rows = Team.objects.visible_to(self.request.user).for_list()
        return get_object_or_404(rows.filter(workspace=self.object), pk=pk)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        team = self.team(pk)
        return self._page(team, TeamForm(workspace=self.object, team=team))

    def _page(self, team: Team, form: Any, status: int = 200) -> HttpResponse:
        may = can(self.request.user, "teams.change", team)
        return self.page(team=team, form=form, may=may, status=status)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        team = self.team(pk)
        form = TeamForm(request.POST, workspace=self.object, team=team)
        if form.is_valid():
            try:
                update_team(team=team, actor=person(request), **form.cleaned_data)
            except ItagError as exc:
                if exc.status == 403:
                    raise
                add_errors(form, exc)
            else:
                messages.success(request, _("Saved."))
                return redirect("teams")
        return self._page(team, form, status=422)
