"""Label templates as the pages show them."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User, Workspace
from templates_app.models import LabelTemplate
from templates_app.questions.base import Json, inner

#: Rows of a page.
ROWS = 50

#: What the kinds of material are called.
CATEGORIES: dict[str, Any] = {
    "image": _("Image"),
    "text": _("Text"),
    "audio": _("Audio"),
    "video": _("Video"),
    "mixed": _("Several kinds"),
}


@dataclass
class Page:
    """Rows, and the query strings of the pages before and after, or ""."""

    rows: list[LabelTemplate]
    previous: str
    next: str


def question_count(questions: list[Json]) -> int:
    """How many questions there are, nested ones as well."""
    return sum(1 + question_count(inner(question)) for question in questions)


def shown(template: LabelTemplate) -> LabelTemplate:
    """The template with what a card says of it."""
    template.question_count = question_count(template.questions)  # type: ignore[attr-defined]
    template.category_name = CATEGORIES.get(template.category, template.category)  # type: ignore[attr-defined]
    return template


def general_templates() -> list[LabelTemplate]:
    """The built-in ones, in the order in which they are offered."""
    return [shown(row) for row in LabelTemplate.objects.latest().filter(workspace=None)]


def workspace_templates(
    workspace: Workspace | None, *, search: str, archived: bool, before: int | None
) -> Page:
    """The workspace's own, newest first."""
    rows = LabelTemplate.objects.latest().filter(
        workspace=workspace, workspace__isnull=False, archived_at__isnull=not archived
    )
    return _page(rows, search=search, archived=archived, before=before)


def shared_templates(user: User, workspace: Workspace | None, *, search: str) -> Page:
    """What other workspaces share with everybody, newest first."""
    rows = (
        LabelTemplate.objects.visible_to(user)
        .latest()
        .filter(shared=LabelTemplate.Shared.EVERYBODY, archived_at=None, workspace__isnull=False)
        .exclude(workspace=workspace)
    )
    return _page(rows, search=search, archived=False, before=None)


def _page(
    rows: QuerySet[LabelTemplate], *, search: str, archived: bool, before: int | None
) -> Page:
    params = {"q": search, "archived": "1" if archived else ""}
    if search:
        rows = rows.filter(name__icontains=search)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows.select_related("created_by", "workspace").order_by("-pk")[: ROWS + 1])
    more, found = len(found) > ROWS, found[:ROWS]
    given = {name: value for name, value in params.items() if value}
    return Page(
        [shown(row) for row in found],
        "?" + urlencode(given) if before is not None else "",
        "?" + urlencode({**given, "before": found[-1].pk}) if more else "",
    )


def versions(template: LabelTemplate, user: User) -> list[LabelTemplate]:
    """The versions of it that the person sees, newest first."""
    rows = LabelTemplate.objects.visible_to(user).filter(
        workspace=template.workspace_id, key=template.key
    )
    return list(rows.select_related("created_by").order_by("-version")[:200])
