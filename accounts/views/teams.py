"""Teams of the current workspace."""

from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from accounts.context import person
from accounts.forms import TeamForm
from accounts.models import Membership, Team, User
from accounts.services.teams import change_people, create_team, update_team
from accounts.views.members import PAGE, MembersPage
from itag.core.errors import ItagError
from itag.core.policy import can, require
from itag.web.forms import add_errors

#: People offered at once to be put into a team.
OFFERED = 20


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
        return self.page(teams=teams[:1000])


class NewTeam(MembersPage):
    """Makes a team; its people are put into it on its own page."""

    rule = "teams.create"
    template = "accounts/team_new.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(form=TeamForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = TeamForm(request.POST)
        if form.is_valid():
            try:
                team = create_team(
                    workspace=self.object,
                    members=[],
                    actor=person(request),
                    **form.cleaned_data,
                )
            except ItagError as exc:
                add_errors(form, exc)
            else:
                messages.success(
                    request,
                    _("The team %(name)s is made. Put people into it now.") % {"name": team},
                )
                return redirect("team", pk=team.pk)
        return self.page(form=form, status=422)


class TeamDetail(MembersPage):
    """One team: its people, fifty a page, and a search for more."""

    template = "accounts/team.html"

    def team(self, pk: int) -> Team:
        rows = Team.objects.visible_to(self.request.user).select_related("workspace", "group")
        return get_object_or_404(rows.filter(workspace=self.object), pk=pk)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._page(self.team(pk))

    def _page(self, team: Team, form: TeamForm | None = None, status: int = 200) -> HttpResponse:
        request = self.request
        after = request.GET.get("after", "").replace("\0", "")[:64]
        search = request.GET.get("q", "").replace("\0", "").strip()[:100]
        find = request.GET.get("find", "").replace("\0", "").strip()[:100]
        leaders = set(team.leaders.values_list("pk", flat=True))
        people = User.objects.filter(Q(groups=team.group_id) | Q(pk__in=leaders)).distinct()
        size = team.group.user_set.count()
        if search:
            people = people.filter(_named(search))
        if after:
            people = people.filter(username__gt=after)
        rows = list(people.order_by("username")[: PAGE + 1])
        more = len(rows) > PAGE
        members = set(
            team.group.user_set.filter(pk__in=[row.pk for row in rows]).values_list("pk", flat=True)
        )
        may = can(request.user, "teams.change", team)
        query = {"q": search} if search else {}
        following = {**query, "after": rows[PAGE - 1].username} if more else {}
        return self.page(
            team=team,
            form=form or TeamForm(initial={"name": team.name, "is_supplier": team.is_supplier}),
            may=may,
            may_rule=can(request.user, "teams.rule", team),
            size=size,
            people=[
                {"user": row, "leads": row.pk in leaders, "member": row.pk in members}
                for row in rows[:PAGE]
            ],
            search=search,
            find=find,
            found=list(self._candidates(team, find)[: OFFERED + 1]) if may and find else [],
            offered=OFFERED,
            pager={
                "previous": f"?{urlencode(query)}" if after else "",
                "next": f"?{urlencode(following)}" if more else "",
            },
            status=status,
        )

    def _candidates(self, team: Team, find: str) -> QuerySet[User]:
        """Active members of the workspace whom the person may see and who are not in the team."""
        active = Membership.objects.filter(workspace=self.object, active=True)
        return (
            User.objects.visible_to(self.request.user)
            .filter(_named(find), is_active=True, pk__in=active.values("user"))
            .exclude(groups=team.group_id)
            .order_by("username")
        )

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        team = self.team(pk)
        actor = person(request)
        require(actor, "teams.change", team)
        changes = {verb: self._people(request.POST.getlist(verb)) for verb in VERBS}
        if any(changes.values()):
            try:
                change_people(team=team, actor=actor, **changes)
            except ItagError as exc:
                if exc.status == 403:
                    raise
                messages.error(request, exc.detail)
            else:
                messages.success(request, _("Saved."))
            return redirect("team", pk=pk)
        form = TeamForm(request.POST)
        if form.is_valid():
            try:
                update_team(team=team, actor=actor, **form.cleaned_data)
            except ItagError as exc:
                if exc.status == 403:
                    raise
                add_errors(form, exc)
            else:
                messages.success(request, _("Saved."))
                return redirect("team", pk=pk)
        return self._page(team, form, status=422)

    def _people(self, ids: list[str]) -> list[User]:
        """The people of these ids whom the person may see; others are passed over."""
        keys = [int(text) for text in ids[:200] if text.isascii() and text.isdecimal()]
        known = [key for key in keys if key < 2**63]
        return list(User.objects.visible_to(self.request.user).filter(pk__in=known))


#: What the page's buttons send: the ids of people, by what becomes of them.
VERBS = ("add", "remove", "lead", "unlead")


def _named(text: str) -> Q:
    return Q(username__icontains=text) | Q(name__icontains=text) | Q(email__icontains=text)
