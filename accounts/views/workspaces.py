"""Workspaces: all of one's own, a new one, and the present one's settings."""

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.context import SESSION_KEY, current_workspace, person
from accounts.forms import NewWorkspaceForm, WorkspaceForm
from accounts.models import Membership, Workspace
from accounts.services.workspaces import (
    archive_workspace,
    create_workspace,
    make_default,
    restore_workspace,
    update_workspace,
)
from accounts.views.members import MembersPage
from itag.core.errors import ItagError, NotFound
from itag.core.policy import can, require
from itag.web.forms import add_errors
from itag.web.pages import SignedIn

SHOWN = 500


class Workspaces(SignedIn):
    """The workspaces that the person belongs to, archived ones last, and the form for another."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(NewWorkspaceForm())

    def page(self, form: NewWorkspaceForm, status: int = 200) -> HttpResponse:
        viewer = person(self.request)
        rows = list(
            Workspace.objects.visible_to(viewer)
            .annotate(people=Count("memberships", filter=Q(memberships__active=True)))
            .order_by("archived_at", "name")[:SHOWN]
        )
        # In use first: a moment sorts before none.
        rows.sort(key=lambda one: one.archived_at is not None)
        roles = dict(
            Membership.objects.filter(user=viewer, active=True).values_list("workspace", "role")
        )
        managed = {pk for pk, role in roles.items() if role == Membership.Role.ADMIN}
        context = {
            "rows": [
                {
                    "workspace": one,
                    "role": Membership.Role(roles[one.pk]).label if one.pk in roles else "",
                    "manages": viewer.is_superuser or one.pk in managed,
                }
                for one in rows
            ],
            "current": current_workspace(self.request),
            "form": form,
            "may_add": can(viewer, "workspaces.add"),
        }
        return render(self.request, "accounts/workspaces.html", context, status=status)

    def post(self, request: HttpRequest) -> HttpResponse:
        user = person(request)
        require(user, "workspaces.add")
        form = NewWorkspaceForm(request.POST)
        if form.is_valid():
            try:
                made = create_workspace(name=form.cleaned_data["name"], user=user, actor=user)
            except ItagError as exc:
                add_errors(form, exc)
            else:
                request.session[SESSION_KEY] = made.pk
                messages.success(
                    request, _("You are now in the workspace %(name)s.") % {"name": made}
                )
                return redirect("workspace")
        return self.page(form, status=422)


class RestoreWorkspace(SignedIn):
    """Takes a workspace out of the archive."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        workspace = Workspace.objects.visible_to(request.user).filter(pk=pk).first()
        if workspace is None:
            raise NotFound(_("Not found."))
        restore_workspace(workspace=workspace, actor=person(request))
        messages.success(
            request,
            _("%(name)s is open again. Its jobs stay offline until you bring them online.")
            % {"name": workspace.name},
        )
        return redirect("workspaces")


class WorkspacePage(MembersPage):
    """The workspace's settings: name, time zone, working hours; the default; the archive."""

    rule = "workspaces.settings"
    template = "accounts/workspace.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(WorkspaceForm(workspace=self.object))

    def _page(self, form: WorkspaceForm, status: int = 200) -> HttpResponse:
        counts = self.object.memberships.aggregate(
            people=Count("pk"), active=Count("pk", filter=Q(active=True))
        )
        viewer = self.request.user
        return self.page(
            form=form,
            counts=counts,
            may_manage=can(viewer, "workspaces.manage", self.object),
            may_archive=can(viewer, "workspaces.archive", self.object),
            may_default=can(viewer, "workspaces.default", self.object),
            status=status,
        )

    def post(self, request: HttpRequest) -> HttpResponse:
        actor = person(request)
        if "archive" in request.POST:
            archive_workspace(workspace=self.object, actor=actor)
            request.session.pop(SESSION_KEY, None)
            messages.success(
                request, _("%(name)s is archived. It can be restored here.") % {"name": self.object}
            )
            return redirect("workspaces")
        if "default" in request.POST:
            make_default(workspace=self.object, actor=actor)
            messages.success(request, _("Saved."))
            return redirect("workspace")
        form = WorkspaceForm(request.POST)
        if form.is_valid():
            try:
                update_workspace(workspace=self.object, actor=actor, **form.fields_of_workspace())
            except ItagError as exc:
                if exc.status == 403:
                    raise
                add_errors(form, exc)
            else:
                messages.success(request, _("Saved."))
                return redirect("workspace")
        return self._page(form, status=422)
