"""Markdown of items as the labeling page shows it: rendered and cleaned here, so that the page needs no parser."""

import hashlib
from collections.abc import Mapping
from typing import Any

from django.core.cache import cache

from itag.core.fields import RawJSON
from itag.web.markdown import render_foreign

#: Longer texts are shown as they are written: what is crafted takes the parser time that grows with the square.
MAX_RENDERED = 30_000
#: Another one whenever the same text is to give other HTML.
_EDITION = 1
_KEPT = 24 * 3600


def markdown_of(template: Mapping[str, Any], data: RawJSON) -> dict[str, str]:
    """{dataset field: HTML} of the fields that a Markdown view of the resolved template shows."""
    fields = {view["field"] for view in template["views"] if view["type"] == "Markdown"}
    return rendered(fields, data.load()) if fields else {}


def rendered(fields: set[str], data: Mapping[str, Any]) -> dict[str, str]:
    """{field: HTML} of those fields that hold a text which is not too long for it; made once for each text."""
    texts = {
        field: text
        for field in sorted(fields)
        if isinstance(text := data.get(field), str) and len(text) <= MAX_RENDERED
    }
    if not texts:
        return {}
    keys = {field: _key(text) for field, text in texts.items()}
    known = cache.get_many(keys.values())
    found = {field: known.get(keys[field]) or render_foreign(text) for field, text in texts.items()}
    if fresh := {keys[field]: html for field, html in found.items() if keys[field] not in known}:
        cache.set_many(fresh, _KEPT)
    return found


def _key(text: str) -> str:
    digest = hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
    return f"markdown:{_EDITION}:{digest}"
