"""Who may see, make, change and share label templates; each refusal says why."""

from typing import Any

from django.utils.translation import gettext as _

from accounts.grants import held
from accounts.models import Workspace
from accounts.policies import create_in_workspace, unless_archived
from itag.core.policy import ALLOWED, HIDDEN, Verdict, denied, rule
from templates_app.models import LabelTemplate


@rule("templates.view")
def view(user: Any, template: LabelTemplate) -> Verdict:
    """Built-in ones and those shared with everybody: everybody; others: the members of their workspace."""
    if template.is_builtin:
        return ALLOWED
    return ALLOWED if LabelTemplate.objects.visible_to(user).filter(pk=template.pk) else HIDDEN


@rule("templates.create")
def create(user: Any, workspace: Workspace | None) -> Verdict:
    """Those who make datasets and jobs."""
    return create_in_workspace(user, workspace)


@rule("templates.change", "templates.archive")
def change(user: Any, template: LabelTemplate) -> Verdict:
    """Make its next version, put it into the archive, take it out again."""
    return _managed(
        user,
        template,
        "create_in_workspace",
        _("Only administrators and annotation administrators of its workspace may do this."),
    )


@rule("templates.share")
def share(user: Any, template: LabelTemplate) -> Verdict:
    """What leaves the workspace is decided by its administrators."""
    return _managed(
        user,
        template,
        "manage_workspace",
        _("Only administrators of its workspace share a label template with everybody."),
    )


def _managed(user: Any, template: LabelTemplate, codename: str, reason: str) -> Verdict:
    if template.workspace is None:
        return denied(_("General label templates cannot be changed; make a copy."))
    if codename in held(user, template.workspace, codename):
        return unless_archived(template.workspace)
    verdict = view(user, template)
    return verdict and denied(reason)
