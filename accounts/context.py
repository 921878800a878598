"""What every page knows of the person: their workspaces and the current one."""

from typing import Any, cast

from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.grants import held, holds_anywhere
from accounts.models import User, Workspace

SESSION_KEY = "workspace"


def person(request: Any) -> User:
    """The signed-in person, in views that let nobody else in."""
    return cast(User, request.user)


def current_workspace(request: HttpRequest) -> Workspace | None:
    """The workspace the person chose, else their default one, else the first; None without membership.

    An archived one is current only while it is the chosen one: to be looked at.
    """
    chosen = request.session.get(SESSION_KEY)
    if not hasattr(request, "_workspaces"):
        request._workspaces = list(  # type: ignore[attr-defined]
            Workspace.objects.visible_to(request.user).filter(Q(archived_at=None) | Q(pk=chosen))
        )
    workspaces: list[Workspace] = request._workspaces  # type: ignore[attr-defined]
    for workspace in workspaces:
        if workspace.pk == chosen:
            return workspace
    return next((w for w in workspaces if w.is_default), workspaces[0] if workspaces else None)


def workspace(request: HttpRequest) -> dict[str, Any]:
    """`workspace`, `workspaces`, `rights` (what the person holds on the workspace) and `navigation`."""
    if not getattr(request, "user", None) or not request.user.is_authenticated:
        return {}
    current = current_workspace(request)
    rights = held(request.user, current) if current is not None else set()
    return {
        "workspace": current,
        "workspaces": request._workspaces,  # type: ignore[attr-defined]
        "rights": rights,
        "navigation": navigation(request, rights),
    }


#: key (the first part of the address), label, icon, address name, any of these workspace grants (none: everybody),
#: a job grant that stands in for them.
PAGES = [
    ("", _("Task Center"), "home", "home", (), ""),
    ("me", _("My page"), "user", "my-page", (), ""),
    ("datasets", _("Datasets"), "dataset", "datasets", ("create_in_workspace",), ""),
    (
        "label-templates",
        _("Label templates"),
        "template",
        "label-templates",
        ("create_in_workspace",),
        "",
    ),
    ("jobs", _("Jobs"), "job", "jobs", (), ""),
    ("exports", _("Exports"), "export", "exports", ("create_in_workspace",), "manage_job"),
    (
        "members",
        _("Members"),
        "members",
        "members",
        ("manage_workspace", "lead_workspace", "lead_supplier"),
        "",
    ),
]


def navigation(request: HttpRequest, rights: set[str]) -> list[dict[str, Any]]:
    """The main pages that the person may open, the current one marked."""
    section = request.path.strip("/").split("/")[0]
    found = []
    for key, label, icon, name, wanted, stand_in in PAGES:
        allowed = not wanted or bool(rights & set(wanted))
        if not allowed and stand_in:
            allowed = holds_anywhere(request.user, stand_in)
        if not allowed:
            continue
        url = reverse(name)
        current = ("page" if request.path == url else "true") if section == key else ""
        found.append({"url": url, "label": label, "icon": icon, "current": current})
    return found
