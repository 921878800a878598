"""A text-preserving JSON column: what came in leaves byte for byte."""

import json
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _


class RawJSON(str):
    """JSON text; `load()` gives its value."""

    __slots__ = ()

    def load(self) -> Any:
        """Decode the text."""
        return json.loads(self)


def dump(value: Any) -> RawJSON:
    """Encode a value compactly, non-ASCII characters as they are."""
    return RawJSON(json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False))


class RawJSONField(models.Field):
    """PostgreSQL `json` (not `jsonb`): keys keep their order and numbers their spelling.

    The Python value is a RawJSON text; assigning a dict or list encodes it. The column is selected as text, so
    that neither the driver nor Django decodes what only passes through.
    """

    description = _("JSON text")
    empty_strings_allowed = False

    def db_type(self, connection: Any) -> str:
        return "json"

    def select_format(self, compiler: Any, sql: str, params: Any) -> tuple[str, Any]:
        return f"({sql})::text", params

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> RawJSON | None:
        return None if value is None else RawJSON(value)

    def to_python(self, value: Any) -> RawJSON | None:
        if value is None or isinstance(value, RawJSON):
            return value
        if isinstance(value, str):
            try:
                json.loads(value)
            except ValueError as exc:
                raise ValidationError(_("This is not JSON: %(error)s") % {"error": exc}) from exc
            return RawJSON(value)
        return dump(value)

    def get_prep_value(self, value: Any) -> Any:
        if value is None or hasattr(value, "resolve_expression"):
            return value
        return str(value) if isinstance(value, str) else str(dump(value))

    def get_placeholder(self, value: Any, compiler: Any, connection: Any) -> str:
        return "%s::json"

    def value_to_string(self, obj: models.Model) -> str:
        return str(self.value_from_object(obj))

    def formfield(self, **kwargs: Any) -> Any:
        from django.forms import CharField, Textarea

        return super().formfield(**{"form_class": CharField, "widget": Textarea, **kwargs})
