"""Static files: hashed and compressed, except what Vite has already hashed."""

import re
from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage

_VITE = re.compile(r"/itag/(assets/.+-[\w-]{8}\.\w+|pdfjs-[\d.]+/.+)$")
_DJANGO = re.compile(r"\.[0-9a-f]{12}\.")


class StaticStorage(CompressedManifestStaticFilesStorage):
    """Leaves `itag/…` names alone: a chunk that imports its entry would otherwise load it twice."""

    manifest_strict = False

    def hashed_name(self, name: str, content: Any = None, filename: str | None = None) -> str:
        if name.startswith("itag/"):
            return name
        return super().hashed_name(name, content, filename)


def is_immutable(path: str, url: str) -> bool:
    """Whether the name holds a content hash, Vite's or Django's, or the version of what never changes under it."""
    return bool(_VITE.search(url) or _DJANGO.search(url))
