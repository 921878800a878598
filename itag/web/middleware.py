"""The reader's language, and services' errors as pages."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import translation

from itag.core.errors import ItagError
from itag.web.errors import body

Handler = Callable[[HttpRequest], HttpResponse]


class LanguageMiddleware:
    """The language that was chosen (cookie), else the browser's; the API listens to Accept-Language alike."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = translation.get_language_from_request(request)
        with translation.override(language):
            request.LANGUAGE_CODE = language  # type: ignore[attr-defined]
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


class ErrorMiddleware:
    """A service's error that a page did not handle becomes a page (or JSON below /api/) with its reason."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if (
            request.path.startswith("/api/")
            and response.status_code >= 400
            and response.headers.get("Content-Type", "").startswith("text/html")
        ):  # Django's own page: no such route, a body that is too large, a mistake of ours
            words = {"code": f"http_{response.status_code}", "detail": response.reason_phrase}
            response = JsonResponse({**words, "errors": []}, status=response.status_code)
            response._has_been_logged = True  # type: ignore[attr-defined]
        return response

    def process_exception(self, request: HttpRequest, exc: Exception) -> HttpResponse | None:
        if not isinstance(exc, ItagError):
            return None
        if request.path.startswith("/api/"):
            return JsonResponse(body(exc), status=exc.status)
        return render(request, "error.html", {"error": exc}, status=exc.status)


def language_cookie(response: HttpResponse, language: str) -> None:
    """Remember the chosen language for a year."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=365 * 86400,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
