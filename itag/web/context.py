"""What every page knows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

THEMES = ("light", "dark")


def site(request: HttpRequest) -> dict[str, Any]:
    """The languages, and the theme that the person chose (`light`, `dark`, or "" for the system's)."""
    theme = request.COOKIES.get("theme", "")
    return {
        "languages": settings.LANGUAGES,
        "theme": theme if theme in THEMES else "",
    }
