"""Who may see a label template."""

from typing import Any

from itag.core.policy import ALLOWED, HIDDEN, Verdict, rule
from templates_app.models import LabelTemplate


@rule("templates.view")
def view(user: Any, template: LabelTemplate) -> Verdict:
    """Built-in ones: everybody; others: the members of their workspace."""
    if template.is_builtin:
        return ALLOWED
    return ALLOWED if LabelTemplate.objects.visible_to(user).filter(pk=template.pk) else HIDDEN
