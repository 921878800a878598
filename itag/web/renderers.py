"""JSON in and out by orjson; no browsable pages, which would list every related object in their forms."""

from typing import Any

import orjson
from rest_framework import renderers

from itag.core.fields import RawJSON


def _default(value: Any) -> Any:
    if isinstance(value, RawJSON):
        return orjson.Fragment(value)
    # Subclasses reach this function: DRF's ReturnDict and ReturnList, lazy and safe strings.
    for kind in (str, dict, list):
        if isinstance(value, kind):
            return kind(value)
    if isinstance(value, tuple):
        return list(value)
    return str(value)


class JSONRenderer(renderers.JSONRenderer):
    """Raw JSON columns are passed through without being decoded."""

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None
    ) -> bytes:
        if data is None:
            return b""
        return orjson.dumps(
            data,
            default=_default,
            option=orjson.OPT_NON_STR_KEYS | orjson.OPT_PASSTHROUGH_SUBCLASS | orjson.OPT_UTC_Z,
        )
