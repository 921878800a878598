"""One shape for every error: {"code", "detail", "errors": [{"field"?, "line"?, "message"}]}."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from itag.core.errors import FieldError, ItagError


def flatten(detail: Any, path: str = "") -> list[FieldError]:
    """DRF's or Django's nested messages as a flat list of {field, message}."""
    if isinstance(detail, dict):
        return [
            error
            for key, value in detail.items()
            for error in flatten(
                value,
                path
                if key in ("non_field_errors", "__all__")
                else (f"{path}.{key}" if path else str(key)),
            )
        ]
    if isinstance(detail, list | tuple):
        return [
            error
            for number, value in enumerate(detail)
            for error in flatten(
                value, f"{path}[{number}]" if isinstance(value, dict | list) else path
            )
        ]
    error: FieldError = {"message": str(detail)}
    if path:
        error["field"] = path
    return [error]


def body(error: ItagError) -> dict[str, Any]:
    """The JSON body of a service's error."""
    return {"code": error.code, "detail": error.detail, "errors": error.errors, **error.extra}


def handle(exc: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler; unknown exceptions go on to Django (500, logged)."""
    headers: dict[str, str] = {}
    if isinstance(exc, ItagError):
        status, data = exc.status, body(exc)
    elif isinstance(exc, ValidationError):
        found = flatten(exc.message_dict if hasattr(exc, "error_dict") else exc.messages)
        status, data = 400, {"code": "invalid", "detail": _first(found), "errors": found}
    elif isinstance(exc, exceptions.ValidationError):
        found = flatten(exc.detail)
        status, data = 400, {"code": "invalid", "detail": _first(found), "errors": found}
    elif isinstance(exc, Http404):
        status, data = 404, {"code": "not_found", "detail": _("Not found."), "errors": []}
    elif isinstance(exc, PermissionDenied):
        status, data = 403, {"code": "denied", "detail": _("You may not do this."), "errors": []}
    elif isinstance(exc, exceptions.APIException):
        status = exc.status_code
        data = {"code": exc.get_codes(), "detail": str(exc.detail), "errors": []}
        if header := getattr(exc, "auth_header", None):
            headers["WWW-Authenticate"] = header
        if wait := getattr(exc, "wait", None):
            headers["Retry-After"] = str(int(wait) + 1)
    else:
        return None
    set_rollback()
    data["detail"] = _printable(data["detail"])
    data["errors"] = [{**error, **_quoting(error)} for error in data["errors"]]
    return Response(data, status=status, headers=headers)


def _quoting(error: FieldError) -> dict[str, str]:
    return {
        name: _printable(str(error.get(name))) for name in ("field", "message") if name in error
    }


def _printable(text: str) -> str:
    """Messages quote what was sent, and JSON can spell halves of surrogate pairs, which no answer can hold."""
    return text.encode(errors="backslashreplace").decode()


def _first(found: list[FieldError]) -> str:
    if not found:
        return _("The request is not valid.")
    first = found[0]
    return f"{first['field']}: {first['message']}" if "field" in first else first["message"]
