"""JSON in and out by orjson; no browsable pages, which would list every related object in their forms."""

from typing import Any

import orjson
from rest_framework import renderers

from itag.core.fields import RawJSON


def _default(value: Any) -> Any:
    if isinstance(value, RawJSON):
        return orjson.Fragment(value.encode())  # of a plain str or bytes only
    # Subclasses reach this function too: DRF's ReturnDict and ReturnList, safe strings.
    if isinstance(value, dict):
        return dict(value)
    if isinstance(value, list | tuple):
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
