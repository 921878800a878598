"""What every page knows of the person: their workspaces and the current one."""

from typing import Any

from django.http import HttpRequest

from accounts.models import Workspace

SESSION_KEY = "workspace"


def current_workspace(request: HttpRequest) -> Workspace | None:
    """The workspace the person chose, else their default one, else the first; None without membership."""
    if not hasattr(request, "_workspaces"):
        request._workspaces = list(  # type: ignore[attr-defined]
            Workspace.objects.visible_to(request.user).filter(archived_at=None)
        )
    workspaces: list[Workspace] = request._workspaces  # type: ignore[attr-defined]
    chosen = request.session.get(SESSION_KEY)
    for workspace in workspaces:
        if workspace.pk == chosen:
            return workspace
    return next((w for w in workspaces if w.is_default), workspaces[0] if workspaces else None)


def workspace(request: HttpRequest) -> dict[str, Any]:
    """`workspace` and `workspaces` for the templates."""
    if not getattr(request, "user", None) or not request.user.is_authenticated:
        return {}
    current = current_workspace(request)
    return {"workspace": current, "workspaces": request._workspaces}  # type: ignore[attr-defined]
