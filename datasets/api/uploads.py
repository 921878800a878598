"""Large uploads: each part goes to a file of its own as it comes, no part is held in memory or kept open.

Django's own handlers keep every file of a request open until its end; twenty thousand of them are too many.
"""

import errno
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import (
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from rest_framework.request import Request

from datasets.services.uploads import discard, new_folder
from itag.core.errors import Invalid, ItagError


class TooLarge(Invalid):
    """More in one request than is taken."""

    code = "too_large"
    status = 413


class NoSpace(ItagError):
    """The disk is full."""

    code = "no_space"
    status = 507


class StagedFile:
    """A part of the request, as a file on this machine; `name` is the last part of what the client called it."""

    def __init__(self, path: Path, name: str, size: int) -> None:
        self.path, self.name, self.size = path, name, size

    def close(self) -> None:
        """Nothing is open."""


class StagingHandler(FileUploadHandler):
    """Writes the files of a request into a folder below ITAG_HOME/files/incoming. Raises TooLarge or NoSpace."""

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self.folder: Path | None = None
        self.count = self.received = 0
        self.file: Any = None

    def handle_raw_input(
        self,
        input_data: Any,
        META: dict[str, str],
        content_length: int,
        boundary: str,
        encoding: str | None = None,
    ) -> None:
        if content_length > settings.MAX_UPLOAD_BYTES:
            raise _too_large()

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        if self.folder is None:
            self.folder = new_folder()
        self.count += 1
        self.path = self.folder / str(self.count)
        self.file = self.path.open("xb")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.received += len(raw_data)
        if self.received > settings.MAX_UPLOAD_BYTES:
            raise _too_large()
        try:
            self.file.write(raw_data)
        except OSError as exc:
            if exc.errno in (errno.ENOSPC, errno.EDQUOT):
                raise NoSpace(_("The server's disk is full; nothing was imported.")) from exc
            raise

    def file_complete(self, file_size: int) -> StagedFile:  # type: ignore[override]
        self.file.close()
        return StagedFile(self.path, str(self.file_name), file_size)

    def upload_interrupted(self) -> None:
        if self.file is not None:
            self.file.close()

    def discard(self) -> None:
        """Remove what no import has taken."""
        self.upload_interrupted()
        if self.folder is not None:
            discard(self.folder.name)


def _too_large() -> TooLarge:
    return TooLarge.field(
        "files",
        _(
            "One request takes at most %(n)d GB. Send the files in several requests, or put them into a folder of a storage."
        )
        % {"n": settings.MAX_UPLOAD_BYTES >> 30},
    )  # type: ignore[return-value]


class Uploading:
    """Mixed into a view whose POST may hold many or large files."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method != "POST":
            return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        handler = StagingHandler(request)
        request.upload_handlers = [handler]  # type: ignore[assignment]
        try:
            return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        finally:
            handler.discard()

    def handle_exception(self, exc: Exception) -> Any:
        if isinstance(exc, SuspiciousOperation):
            exc = _refused(exc)
        return super().handle_exception(exc)  # type: ignore[misc]


def _refused(exc: SuspiciousOperation) -> ItagError:
    """Django's limits on requests, as an error that says what to do."""
    if isinstance(exc, TooManyFilesSent):
        limit = settings.DATA_UPLOAD_MAX_NUMBER_FILES
        return TooLarge.field(
            "files",
            _(
                "One request takes at most %(n)d files. Send them in several requests, or put them into a folder of a storage."
            )
            % {"n": limit},
        )
    if isinstance(exc, TooManyFieldsSent | RequestDataTooBig):
        return TooLarge(_("The form has too many or too long fields."))
    return Invalid(_("The request is not valid."))


def staged(request: Request, name: str) -> list[StagedFile]:
    """The files of this name in the request."""
    found = request.FILES.getlist(name) if hasattr(request.FILES, "getlist") else []
    return [file for file in found if isinstance(file, StagedFile)]
