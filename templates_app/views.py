"""Pages: the label templates of a workspace, and the builder that makes and changes one."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from accounts.context import current_workspace, person
from accounts.models import Workspace
from itag.core.policy import can
from itag.web.pages import RulePage, SignedIn
from itag.web.renderers import JSONRenderer
from templates_app.contents import SHOWS
from templates_app.models import LabelTemplate
from templates_app.options import MAX_DEPTH, PALETTE, SHORTCUTS
from templates_app.questions import TYPES
from templates_app.questions.base import nested
from templates_app.questions.choice import MAX_OPTIONS
from templates_app.schema import ListOf, Literal
from templates_app.selectors import (
    general_templates,
    shared_templates,
    versions,
    workspace_templates,
)
from templates_app.services.files import MAX_FILE
from templates_app.services.library import in_one_language

#: What would end a script element, as JSON spells it.
_ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


class LabelTemplates(SignedIn):
    """The general label templates, the workspace's own, and what others share with everybody."""

    def get(self, request: HttpRequest) -> HttpResponse:
        workspace = current_workspace(request)
        search = request.GET.get("q", "").strip()[:100].replace("\x00", "")
        archived = request.GET.get("archived") == "1"
        own = workspace_templates(
            workspace, search=search, archived=archived, before=_number(request.GET.get("before"))
        )
        context = {
            "general": general_templates(),
            "own": own,
            "pager": own,
            "shared": shared_templates(person(request), workspace, search=search),
            "q": search,
            "archived": archived,
            "filtered": bool(search or archived),
            "may_create": can(request.user, "templates.create", workspace),
            "most_bytes": MAX_FILE,
        }
        return render(request, "label_templates/label_templates.html", context)


class NewLabelTemplate(RulePage):
    """The builder with nothing in it."""

    rule = "templates.create"

    def get_object(self) -> Workspace | None:
        return current_workspace(self.request)

    def get(self, request: HttpRequest) -> HttpResponse:
        return _builder(request, self.object, None)


class EditLabelTemplate(RulePage):
    """The builder with one version in it; who may not change it looks at it and may make a copy."""

    rule = "templates.view"
    object: LabelTemplate

    def get_object(self) -> LabelTemplate:
        rows = LabelTemplate.objects.visible_to(self.request.user).select_related("workspace")
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return _builder(request, current_workspace(request), self.object)


def _builder(
    request: HttpRequest, workspace: Workspace | None, template: LabelTemplate | None
) -> HttpResponse:
    user = person(request)
    language = get_language() or settings.LANGUAGE_CODE
    # A template changes where it belongs, whichever workspace the person is in.
    home = template.workspace if template and template.workspace else workspace
    bootstrap = {
        "template": _about(request, template) if template else None,
        "content": in_one_language(template, language) if template else None,
        "workspace": home.pk if home else None,
        "copyTo": workspace.pk if workspace and can(user, "templates.create", workspace) else None,
        "csrf": get_token(request),
        "language": language,
        "palette": PALETTE,
        "shortcuts": list(SHORTCUTS),
        "limits": {"options": MAX_OPTIONS, "depth": MAX_DEPTH},
        "kinds": _kinds(),
        "shows": SHOWS,
        "addresses": {
            "list": reverse("label-templates"),
            "api": reverse("api-label-templates"),
            "datasets": reverse("api-datasets"),
            "job": reverse("job-new"),
            "preview": reverse("label-template-preview"),
        },
        "preferences": {
            "theme": reverse("theme"),
            "language": reverse("language"),
            "languages": settings.LANGUAGES,
        },
    }
    context = {"template": template, "bootstrap": _script(bootstrap)}
    return render(request, "label_templates/designer.html", context)


def _about(request: HttpRequest, template: LabelTemplate) -> dict[str, Any]:
    """What the builder knows of the template beside its content; `may`: why not, or ""."""
    user = person(request)
    found = versions(template, user) if not template.is_builtin else []
    known = _is_member(request, template)
    verdicts = {name: can(user, f"templates.{name}", template) for name in ("change", "share")}
    return {
        "id": template.pk,
        "version": template.version,
        "builtin": template.is_builtin,
        "shared": template.shared,
        "archived": template.archived_at is not None,
        "latest": found[0].pk if found else template.pk,
        "may": {name: "" if verdict else verdict.reason for name, verdict in verdicts.items()},
        "versions": [
            {
                "id": row.pk,
                "version": row.version,
                "at": row.created_at,
                # Who works where is nobody's business outside.
                "by": str(row.created_by) if known and row.created_by else "",
            }
            for row in found
        ],
    }


def _kinds() -> dict[str, Any]:
    """What the builder offers of each question type: it shows the settings that the type's schema has."""
    inside = nested()
    found = {}
    for name, kind in TYPES.items():
        members = kind.template_members()
        shapes = members.get("shapes")
        found[name] = {
            "views": kind.view_types,
            "options": kind.takes_options,
            "nests": name in inside,
            "members": list(members),
            "shapes": shapes.item.values
            if isinstance(shapes, ListOf) and isinstance(shapes.item, Literal)
            else [],
            "defaults": kind.settings,
        }
    return found


def _is_member(request: HttpRequest, template: LabelTemplate) -> bool:
    return bool(template.workspace and can(request.user, "workspaces.view", template.workspace))


def _script(value: dict[str, Any]) -> SafeString:
    """JSON for a script element; nothing in it can end the element."""
    text = JSONRenderer().render(value).decode().translate(_ESCAPES)
    return mark_safe(text)  # noqa: S308  escaped above


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 18 else None
