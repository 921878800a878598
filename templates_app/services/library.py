"""Label templates as people keep them: made, changed by versions, copied, shared, put into the archive."""

import secrets
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User, Workspace
from itag.core.clock import now
from itag.core.errors import Conflict, Invalid
from itag.core.fields import dump
from templates_app.models import LabelTemplate
from templates_app.options import normalise
from templates_app.questions.base import NESTS, Json
from templates_app.schema import Errors, ListOf, Text, fail
from templates_app.services.check import check_template, refuse_depth
from templates_app.services.job import usual_labels
from templates_app.services.resolve import in_language

NAME = Text(least=1, most=100)
DESCRIPTION = Text(most=2000, lines=True)
REASONS = ListOf(Text(least=1, most=100), most=20)
#: What a template as a whole may weigh, in characters of JSON.
MAX_CONTENT = 512 * 1024
#: What a version consists of; everything else about a template is kept from version to version.
CONTENT = ("name", "description", "views", "questions", "layout", "abandon_reasons")
_EMPTY: Mapping[str, Any] = {
    "name": "",
    "description": "",
    "views": [],
    "questions": [],
    "layout": [],
    "abandon_reasons": [],
}
#: The category of a template by the type of its views; one with several kinds is mixed.
_CATEGORY = {"Image": "image", "Pdf": "image", "Audio": "audio", "Video": "video"}
MIXED = "mixed"
Shared = LabelTemplate.Shared


def check_content(given: Mapping[str, Any]) -> Json:
    """The whole content of a version, names and lists put in order; what is missing is empty.

    Raises Invalid with the path of each fault.
    """
    content = {**_EMPTY, **{name: given[name] for name in CONTENT if name in given}}
    errors: Errors = []
    for name in ("name", "description"):
        if isinstance(content[name], str):
            content[name] = content[name].strip()
    if content["name"] == "":
        fail(errors, "name", _("Give the label template a name."))
    else:
        NAME.check(content["name"], "name", errors)
    DESCRIPTION.check(content["description"], "description", errors)
    REASONS.check(content["abandon_reasons"], "abandon_reasons", errors)
    _check_weight(content)
    try:
        check_template(
            views=content["views"], questions=content["questions"], layout=content["layout"]
        )
    except Invalid as found:
        errors += found.errors
    if errors:
        raise Invalid(f"{errors[0]['field']}: {errors[0]['message']}", errors=errors)
    return content


def _check_weight(content: Json) -> None:
    """Refuse what is too deep to be looked at, or too large to be kept."""
    refuse_depth([content])
    if len(dump(content)) > MAX_CONTENT:
        raise Invalid.field(
            "questions",
            _("A label template holds at most %(most)d KB.") % {"most": MAX_CONTENT // 1024},
        )


def category_of(views: list[Json]) -> str:
    """Under which heading the template is offered: what its views show."""
    found = {_CATEGORY.get(view["type"], "text") for view in views}
    # A text beside a picture explains it.
    return found.pop() if len(found) == 1 else MIXED


def create_template(*, workspace: Workspace, user: User, **content: Any) -> LabelTemplate:
    """Make a label template of the workspace; `content`: see CONTENT. Raises Invalid."""
    checked = check_content(content)
    return LabelTemplate.objects.create(
        workspace=workspace,
        key=f"custom-{secrets.token_hex(6)}",
        category=category_of(checked["views"]),
        created_by=user,
        **checked,
    )


@transaction.atomic
def save_version(*, template: LabelTemplate, user: User, **content: Any) -> LabelTemplate:
    """Make the next version, of which what is not given is as in this one; the same one where nothing changes.

    Raises Invalid, and Conflict where this is not the newest version or is in the archive.
    """
    known = _newest(template)
    if known.archived_at is not None:
        raise Conflict(_("The label template is archived: restore it first."), code="archived")
    before = {name: getattr(known, name) for name in CONTENT}
    checked = check_content({**before, **content})
    if checked == before:
        return known
    known.superseded_at = now()
    known.save(update_fields=["superseded_at"])
    return LabelTemplate.objects.create(
        workspace=known.workspace,
        key=known.key,
        version=known.version + 1,
        category=category_of(checked["views"]),
        shared=known.shared,
        created_by=user,
        **checked,
    )


def clone_template(
    *, template: LabelTemplate, workspace: Workspace, user: User, language: str, name: str = ""
) -> LabelTemplate:
    """A copy in the workspace, which may be another one's; a general one is copied in this language."""
    content = in_one_language(template, language)
    title = in_language(template.names, language) or template.name
    return create_template(
        workspace=workspace, user=user, **{**content, "name": name or _copy_name(workspace, title)}
    )


def _copy_name(workspace: Workspace, title: str) -> str:
    """A name that no template of the workspace has."""
    wanted = title[:80]
    taken = set(
        LabelTemplate.objects.latest()
        .filter(workspace=workspace, name__startswith=wanted)
        .values_list("name", flat=True)
    )
    names = (_("%(name)s (copy %(number)d)") % {"name": wanted, "number": n} for n in range(2, 999))
    first = _("%(name)s (copy)") % {"name": wanted}
    return next((one for one in (first, *names) if one not in taken), first)


def in_one_language(template: LabelTemplate, language: str) -> Json:
    """The template's content with texts for one language, as people who change it see it.

    Titles in other languages stay as names under which a manifest may speak of the question.
    """
    return {
        "name": in_language(template.names, language) or template.name,
        "description": template.description,
        "views": template.views,
        "questions": [_in_one_language(question, language) for question in template.questions],
        "layout": template.layout,
        "abandon_reasons": [
            reason if isinstance(reason, str) else in_language(reason, language)
            for reason in template.abandon_reasons
        ],
    }


def _in_one_language(question: Json, language: str) -> Json:
    found = {
        name: value
        for name, value in question.items()
        if name not in ("titles", "aliases", "selectTitles", "usualLabels")
    }
    titles = question.get("titles", {})
    found["markTitle"] = titles.get(language) or question["markTitle"]
    names = [question["markTitle"], *titles.values(), *question.get("aliases", ())]
    if others := [one for one in dict.fromkeys(names) if one != found["markTitle"]]:
        found["aliases"] = others[:20]
    if isinstance(question.get("help"), dict):
        found["help"] = in_language(question["help"], language)
    if "options" not in question and (labels := usual_labels(question, language)):
        found["options"] = normalise([{"label": label} for label in labels], "options", [])
    for name in NESTS:
        if name in question:
            found[name] = [_in_one_language(child, language) for child in question[name]]
    return found


@transaction.atomic
def share_template(*, template: LabelTemplate, shared: str) -> LabelTemplate:
    """Let everybody find the newest version, or nobody outside the workspace find any."""
    if shared not in Shared.values:
        raise Invalid.field("shared", _("Expected: %(hint)s.") % {"hint": ", ".join(Shared.values)})
    known = _newest(template)
    rows = LabelTemplate.objects.filter(workspace=known.workspace, key=known.key)
    # What was taken back is not found in an older version either.
    (rows.filter(pk=known.pk) if shared == Shared.EVERYBODY else rows).update(shared=shared)
    known.shared = shared
    return known


@transaction.atomic
def archive_template(*, template: LabelTemplate, archived: bool) -> LabelTemplate:
    """Offer it for new jobs no more, or again; jobs that use it go on either way."""
    known = _newest(template)
    if (known.archived_at is not None) != archived:
        known.archived_at = now() if archived else None
        known.save(update_fields=["archived_at"])
    return known


def _newest(template: LabelTemplate) -> LabelTemplate:
    """The template, locked. Raises Conflict where there is a newer version, whose id it names."""
    known = (
        LabelTemplate.objects.select_for_update(no_key=True)
        .filter(workspace=template.workspace_id, key=template.key)
        .order_by("-version")
        .first()
    )
    if known is None or known.pk != template.pk:
        raise Conflict(
            _("There is a newer version of this label template."),
            code="superseded",
            latest=known.pk if known else None,
        )
    return known


def offered(workspace: Workspace) -> Any:
    """What a job of the workspace may be made with: the general ones, its own, and what others share with everybody."""
    return (
        LabelTemplate.objects.latest()
        .filter(archived_at=None)
        .filter(Q(workspace=None) | Q(workspace=workspace) | Q(shared=Shared.EVERYBODY))
    )
