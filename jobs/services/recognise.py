"""Reading what stands in a region of a picture, by something that the operator of the site has registered.

The setting ITAG_RECOGNISER names a class (a dotted path) whose instances do what `Recogniser` says. None is shipped:
without it the page says so. What is read is only answered: it becomes part of an answer when its labeler saves it.
"""

import threading
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Protocol, cast

import structlog
from django.conf import settings
from django.core.checks import Error
from django.core.signals import setting_changed
from django.db import transaction
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from PIL import Image

from accounts.models import User
from datasets.services import images
from datasets.services.cuts import cut, open_picture
from itag.core.errors import Conflict, Invalid, ItagError
from jobs.models import PackageItem
from jobs.services.desk import gone, not_held, take_up
from templates_app.questions.base import Question
from templates_app.questions.picture import Picture
from templates_app.questions.shapes import SHAPES
from templates_app.questions.text import MAX_TEXT
from templates_app.schema import UNCLEAN_LINES, Errors

log = structlog.get_logger(__name__)

#: The shapes in which something can stand.
READABLE = ("rectangle", "rotated", "polygon")
#: Reading takes its time: it has a quarter of a process's threads at most, so that answers can always be saved.
_readers = threading.BoundedSemaphore(max(1, settings.ITAG_WEB_THREADS // 4))


class CannotRead(Exception):
    """A recogniser's word that it could not read this picture now; what it says goes to the log alone."""


class Recogniser(Protocol):
    """Something that reads pictures. It is made once per process and may be called from several threads at a time."""

    def read(self, picture: Image.Image, *, language: str) -> str:
        """The text in an upright RGB picture of one region; `language` is the job's, such as `en` or `zh-hans`.

        It keeps a limit of time of its own. Raises CannotRead, or OSError where a service behind it fails.
        """


class Unread(ItagError):
    """The recogniser gave no text; asking again may help."""

    code = "not_recognised"
    status = 502


@lru_cache(maxsize=1)
def recogniser() -> Recogniser | None:
    """The one that is registered. Raises ImportError where there is none of that name."""
    path = settings.ITAG_RECOGNISER
    return cast("Recogniser", import_string(path)()) if path else None


def _forget(*, setting: str, **_kwargs: Any) -> None:
    if setting == "ITAG_RECOGNISER":
        recogniser.cache_clear()


setting_changed.connect(_forget)


def check_recogniser(**_kwargs: Any) -> list[Error]:
    """Whether what the setting names can be had."""
    try:
        import_string(settings.ITAG_RECOGNISER) if settings.ITAG_RECOGNISER else None
    except ImportError as exc:
        return [Error(f"ITAG_RECOGNISER cannot be imported: {exc}", id="jobs.E001")]
    return []


def why_not_recognised() -> str:
    """Why no text can be recognised on this site, or an empty string."""
    if settings.ITAG_RECOGNISER:
        return ""
    return _("Text recognition is not set up on this site.")


def recognise_region(
    *,
    assignment_id: int,
    position: int,
    user: User,
    question: str,
    shape: str,
    points: Sequence[Sequence[float]],
) -> str:
    """The text that stands in this region of the item's picture; nothing is stored.

    Raises NotFound and Conflict as `save_item` does where the person does not hold the package, Conflict
    `no_recogniser`, Invalid with paths, and Unread where the picture or the recogniser failed.
    """
    with transaction.atomic():
        desk = take_up(assignment_id=assignment_id, position=position, user=user)
        if desk is None:
            raise gone(not_held(assignment_id, user))
        reader = recogniser()
        if reader is None:
            raise Conflict(why_not_recognised(), code="no_recogniser")
        field = _field(desk.questions, question)
        row = PackageItem.objects.select_related("item__dataset__storage", "job").get(
            package_id=desk.assignment.package_id, position=position
        )
    media = row.item.media.get(field) or {}
    _check(shape, points, media)
    # Outside the transaction: reading takes its time, and the item is not held up meanwhile.
    if not _readers.acquire(blocking=False):
        raise Unread(_busy())
    try:
        return _told(_read(reader, row, field, shape, points))
    finally:
        _readers.release()


def _field(questions: dict[str, Question], question: str) -> str:
    """The dataset field of a question whose regions say a text."""
    found = questions.get(question)
    if not isinstance(found, Picture) or not any(child.typed for child in found.children.values()):
        raise Invalid.field("question", _("The regions of this question say no text."))
    return found.field


def _check(shape: str, points: Sequence[Sequence[float]], media: dict[str, Any]) -> None:
    if shape not in READABLE:
        raise Invalid.field("shape", _("Nothing can be read in this shape."))
    errors: Errors = []
    value = [list(point) for point in points]
    SHAPES[shape].value.check(value, "points", errors)
    if not errors:
        SHAPES[shape].check(value, "points", errors)
        width, height = media.get("width") or 0, media.get("height") or 0
        SHAPES[shape].check_inside(value, width, height, "points", errors)
    if errors:
        raise Invalid(_("This is not a region of the picture."), errors=errors)


def _read(
    reader: Recogniser,
    row: PackageItem,
    field: str,
    shape: str,
    points: Sequence[Sequence[float]],
) -> str:
    try:
        with open_picture(row.item, field) as file:
            part = cut(file, points, turned=shape == "rotated")
    except images.NotAnImage as exc:
        raise Unread(str(exc)) from exc
    except images.Busy as exc:
        raise Unread(_busy()) from exc
    try:
        return reader.read(part, language=row.job.language)
    except (CannotRead, OSError) as exc:
        # Its words may hold addresses and keys of the service behind it: for the log alone.
        log.warning("recogniser_failed", job=row.job_id, item=row.pk, exc_info=True)
        raise Unread(_unread()) from exc


def _busy() -> str:
    return _("The server is busy; try again in a moment.")


def _unread() -> str:
    return _("The text could not be recognized; try again or type it.")


def _told(text: Any) -> str:
    """The text as an answer may hold it."""
    if not isinstance(text, str):
        raise Unread(_unread())
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return UNCLEAN_LINES.sub("", lines).strip()[:MAX_TEXT]
