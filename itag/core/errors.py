"""The errors that services raise; itag.web.errors turns each into the one shape that the API answers with."""

from collections.abc import Iterable
from typing import Any, TypedDict


class FieldError(TypedDict, total=False):
    """One thing that is wrong: where (field, line, or an item's position) and what was expected."""

    field: str
    message: str
    line: int
    position: int


class ItagError(Exception):
    """Something a caller must be told; `status` is the HTTP status it becomes."""

    code = "error"
    status = 400

    def __init__(
        self,
        detail: str,
        *,
        code: str | None = None,
        errors: Iterable[FieldError] = (),
        **extra: Any,
    ) -> None:
        super().__init__(detail)
        self.detail = str(detail)
        self.code = code or type(self).code
        self.errors = list(errors)
        self.extra = extra


class Invalid(ItagError):
    """Input that breaks a rule; `errors` says which field or line and what was expected."""

    code = "invalid"
    status = 400

    @classmethod
    def field(cls, field: str, message: str) -> "Invalid":
        """Say that one field is wrong."""
        return cls(str(message), errors=[{"field": field, "message": str(message)}])


class Denied(ItagError):
    """The person may know of the object but may not do this with it."""

    code = "denied"
    status = 403


class NotFound(ItagError):
    """No such object, or none that this person may know of."""

    code = "not_found"
    status = 404


class Conflict(ItagError):
    """The state of things does not allow this now."""

    code = "conflict"
    status = 409


class TooMany(ItagError):
    """A limit in time was passed."""

    code = "too_many_requests"
    status = 429


class IllegalTransition(Conflict):
    """A row was asked to move along an edge that its table does not have, or somebody moved it first."""

    code = "illegal_transition"

    def __init__(self, label: str, source: str, target: str) -> None:
        super().__init__(f"{label}: {source} → {target}")
        self.label, self.source, self.target = label, source, target
