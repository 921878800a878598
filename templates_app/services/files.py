"""A label template as a file: what it holds leaves one installation and enters another."""

from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User, Workspace
from itag.core.errors import Invalid
from templates_app.models import LabelTemplate
from templates_app.questions.base import Json
from templates_app.services.library import CONTENT, create_template, in_one_language

FORMAT = "itag-label-template"
#: Raised when a file of the new kind means something else to an older itag.
FORMAT_VERSION = 1
#: The most bytes that are read as a template.
MAX_FILE = 1024 * 1024


def template_file(template: LabelTemplate, language: str) -> Json:
    """What the file holds: the content in one language; neither people nor the workspace nor keys."""
    return {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        **in_one_language(template, language),
    }


def read_file(*, workspace: Workspace, user: User, value: Any) -> LabelTemplate:
    """Make a label template of the workspace from what a file holds. Raises Invalid with the path of each fault."""
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise Invalid.field("format", _("This is not the file of a label template."))
    if value.get("format_version") != FORMAT_VERSION:
        raise Invalid.field("format_version", _("The file comes from a newer itag."))
    known = {"format", "format_version", *CONTENT}
    for name in value:
        if name not in known:
            raise Invalid.field(str(name)[:100], _("There is no such member here."))
    return create_template(
        workspace=workspace, user=user, **{name: value[name] for name in CONTENT if name in value}
    )
