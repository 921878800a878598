"""Keys of the labeling page that a person has changed: {binding: keys}, an empty list for a binding without a key.

A binding is named by the key of its text in the page's catalogue (`item.next`), the same in every scope that offers it.
Which bindings there are the page alone knows, so names are checked for their form only.
"""

import re
from typing import Any

from django.utils.translation import gettext as _

from itag.core.errors import FieldError, Invalid

MOST_BINDINGS = 300
MOST_KEYS = 4
BINDING = re.compile(r"[a-z][A-Za-z0-9]*(\.[A-Za-z0-9]+){0,3}")
#: `mod+` (Ctrl, or Cmd on a Mac), `shift+`, `alt+` in this order, then one character or the name of a key.
KEY = re.compile(
    r"(mod\+)?(shift\+)?(alt\+)?([^\s\x00-\x1f\x7f\ud800-\udfff]|[A-Z][A-Za-z0-9]{1,20})"
)


def check_shortcuts(value: Any) -> dict[str, list[str]]:
    """The changed keys, checked; raises Invalid naming `shortcuts` or `shortcuts.<binding>`."""
    if not isinstance(value, dict):
        raise Invalid.field("shortcuts", _("An object is expected."))
    if len(value) > MOST_BINDINGS:
        raise Invalid.field(
            "shortcuts", _("At most %(most)d shortcuts can be changed.") % {"most": MOST_BINDINGS}
        )
    errors: list[FieldError] = []
    for binding, keys in value.items():
        field = f"shortcuts.{binding}"[:100]
        if len(binding) > 80 or not BINDING.fullmatch(binding):
            errors.append({"field": field, "message": _("There is no such shortcut.")})
        elif (
            not isinstance(keys, list)
            or len(keys) > MOST_KEYS
            or len(set(map(str, keys))) < len(keys)
        ):
            errors.append(
                {
                    "field": field,
                    "message": _("Give at most %(most)d different keys.") % {"most": MOST_KEYS},
                }
            )
        elif not all(isinstance(key, str) and KEY.fullmatch(key) for key in keys):
            errors.append({"field": field, "message": _("This is not the name of a key.")})
    if errors:
        raise Invalid(errors[0]["message"], errors=errors)
    return value
