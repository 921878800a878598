"""Tags of the pages."""

from typing import Any

from django import template

from itag.core.policy import Verdict
from itag.core.policy import can as ask

register = template.Library()


@register.simple_tag(takes_context=True)
def can(context: template.Context, name: str, obj: Any = None) -> Verdict:
    """`{% can "jobs.manage" job as verdict %}`: whether the reader may, with the reason if not."""
    return ask(context["request"].user, name, obj)
