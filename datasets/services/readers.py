"""What an import reads, item by item, from the list of names that it made at its beginning.

A reader yields an Entry for each item and a Fault for each line or file that cannot be one; after each of them
`position` says where to go on, so that another worker can.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from datasets.models import Dataset
from datasets.services import images, pdfs, recordings
from datasets.services.manifest import MAX_FIELD_NAME, LineError, lines, parse_line
from datasets.services.manifest import MAX_LINE_BYTES as MAX_BYTES
from datasets.services.paths import UnsafePath, contained, open_file
from itag.core.errors import FieldError
from itag.core.fields import dump

LINE_SUFFIXES = (".manifest", ".jsonl")
TEXT_SUFFIX = ".txt"
SEARCH_CHARACTERS = 1000
#: Fields that hold a file by convention: ours and that of iTAG's first version.
_FILE_FIELDS = ("source", "picUrl")
#: What the files of a type are called, by the ends of their names.
SUFFIXES: dict[str, tuple[str, ...]] = {
    "image": images.SUFFIXES,
    "pdf": (pdfs.SUFFIX,),
    "audio": recordings.SOUND_SUFFIXES,
    "video": recordings.VIDEO_SUFFIXES,
}
#: What a file says when it is not what it should be.
Unfit = (images.NotAnImage, pdfs.NotAPdf, recordings.NotARecording)
_KINDS: dict[type, str] = {str: "text", bool: "json", dict: "json", list: "json"}
_REMOTE = ("http", "https", "oss", "s3")

Media = dict[str, dict[str, Any]]


def source_digest(source: str) -> str:
    """What Item.source_digest is for an item whose `source` says this."""
    return hashlib.sha256(source.encode()).hexdigest()


@dataclass(slots=True)
class Entry:
    """One item as it will be kept; `kinds` is the type of each of its fields."""

    data: str
    extra: str | None
    media: Media
    kinds: dict[str, str]
    source: str
    search: str


@dataclass(slots=True)
class Fault:
    """A line or file that cannot be an item."""

    error: FieldError


@dataclass(frozen=True)
class Place:
    """Where media lie: a storage's folder, the folder in it, and, for uploads on their way, where they lie now."""

    root: Path
    prefix: str = ""
    waiting: Path | None = None

    def path(self, name: str) -> str:
        """The path below the storage's root."""
        return f"{self.prefix}/{name}" if self.prefix else name

    def has(self, name: str) -> bool:
        """Whether there is a regular file of this name."""
        try:
            return contained(self.root, self.path(name)).is_file()
        except UnsafePath:
            return False

    def look_at(self, name: str, kind: str) -> dict[str, Any]:
        """Item.media of the file, as one of the kind. Raises UnsafePath, one of Unfit, or OSError."""
        root, path = (self.waiting, name) if self.waiting else (self.root, self.path(name))
        with open_file(root, path) as file:
            size = file.seek(0, 2)
            file.seek(0)
            found = _LOOKS[kind](file, size)
        return {"path": self.path(name), "type": kind, **found, "size": size}


class Reader:
    """The items of an import of the dataset, from `position` on.

    `names`: the list file, a line for each file: [name, what is wrong with it or ""]. `place`: where the dataset's
    media lie. `texts`: the folder that the names of text files and manifests are relative to; None when the files
    themselves are the items (pictures, PDFs, sounds, videos).
    """

    def __init__(
        self,
        *,
        dataset: Dataset,
        names: Path,
        place: Place | None,
        texts: Path | None,
        position: dict[str, int],
        fields: dict[str, str] | None = None,
        many: bool = False,
    ) -> None:
        self.dataset, self.names, self.place, self.texts, self.many = (
            dataset,
            names,
            place,
            texts,
            many,
        )
        #: What the fields met so far hold.
        self.fields = dict(fields or {})
        #: `names` and `offset`: bytes read of the list and of the file at hand; `line`: its last line.
        self.position = {"names": 0, "offset": 0, "line": 0, **position}

    def __iter__(self) -> Iterator[Entry | Fault]:
        with self.names.open("rb") as names:
            names.seek(self.position["names"])
            while line := names.readline():
                name, problem = json.loads(line)
                after = {"names": names.tell(), "offset": 0, "line": 0}
                if problem or self.texts is None:
                    self.position = after
                    yield (
                        Fault({"field": name, "message": problem}) if problem else self._file(name)
                    )
                else:
                    yield from self._lines(self.texts, name, after)
                    self.position = after

    def _file(self, name: str) -> Entry | Fault:
        if self.place is None:
            raise ValueError("files need a place")
        kind = str(self.dataset.kind)
        try:
            media = self.place.look_at(name, kind)
        except (UnsafePath, *Unfit) as exc:
            return Fault({"field": name, "message": str(exc)})
        except OSError as exc:
            return Fault({"field": name, "message": _unreadable(exc)})
        return Entry(
            dump({"source": name}),
            None,
            {"source": media},
            {"source": kind},
            name,
            name[:SEARCH_CHARACTERS],
        )

    def _lines(self, folder: Path, name: str, after: dict[str, int]) -> Iterator[Entry | Fault]:
        try:
            plain = _is_plain(name)
            file = open_file(folder, name)
        except (UnsafePath, LineError, OSError) as exc:
            self.position = after
            message = _unreadable(exc) if isinstance(exc, OSError) else str(exc)
            yield Fault({"field": name, "message": message})
            return
        with file:
            number, at = self.position["line"], self.position["names"]
            for line, offset in lines(file, offset=self.position["offset"]):
                number += 1
                self.position = {"names": at, "offset": offset, "line": number}
                if not line or line.isspace():
                    continue
                try:
                    if len(line) > MAX_BYTES:
                        raise LineError(
                            _("The line is longer than %(n)d MB.") % {"n": MAX_BYTES >> 20}
                        )
                    yield self._text(line) if plain else self._line(line)
                except LineError as exc:
                    yield Fault(self._error(name, number, exc))

    def _error(self, name: str, number: int, exc: LineError) -> FieldError:
        """Where it is wrong; with several files the field is the file's name."""
        if self.many:
            message = f"{exc.field}: {exc.message}" if exc.field else exc.message
            return {"field": name, "line": number, "message": message}
        if exc.field:
            return {"field": exc.field, "line": number, "message": exc.message}
        return {"line": number, "message": exc.message}

    def _text(self, line: bytes) -> Entry:
        try:
            text = line.decode()
        except UnicodeDecodeError as exc:
            raise LineError(
                _("Not UTF-8 at byte %(n)d of the line; save the file as UTF-8.")
                % {"n": exc.start + 1}
            ) from exc
        if "\0" in text:
            raise LineError(_("A text holds the character NUL (\\u0000)."))
        return Entry(
            dump({"source": text}), None, {}, {"source": "text"}, text, text[:SEARCH_CHARACTERS]
        )

    def _line(self, raw: bytes) -> Entry:
        line = parse_line(raw)
        data = line.data
        kinds: dict[str, str] = {}
        for name, value in data.items():
            if not 0 < len(name) <= MAX_FIELD_NAME:
                raise LineError(
                    _("A field's name must have 1 to %(n)d characters.") % {"n": MAX_FIELD_NAME},
                    "data",
                )
            if value is not None:
                kinds[name] = _KINDS.get(type(value), "number")
        media: Media = {}
        if self.dataset.kind != Dataset.Kind.TEXT:
            media = self._media(data)
            for name, found in media.items():
                kinds[name] = found["type"]
        source = data.get("source")
        if isinstance(source, str):
            search = source[:SEARCH_CHARACTERS]
        else:
            source = line.raw
            search = " ".join(v for v in data.values() if isinstance(v, str))[:SEARCH_CHARACTERS]
        return Entry(line.raw, line.extra, media, kinds, source, search)

    def _media(self, data: dict[str, Any]) -> Media:
        """The files that the line names. Raises LineError where one cannot be shown."""
        if self.dataset.of_files:
            kind = str(self.dataset.kind)
            names = [name for name in _FILE_FIELDS if name in data][:1] or [
                name for name, value in data.items() if _named(value) == kind
            ]
            if not names:
                raise LineError(_("No field names a file: give its path in “source”."), "data")
            wanted = dict.fromkeys(names, kind)
        else:
            wanted = {
                name: kind
                for name, value in data.items()
                if (kind := self._kind_of_field(name, value))
            }
        return {name: self._file_of(name, data[name], kind) for name, kind in wanted.items()}

    def _kind_of_field(self, name: str, value: Any) -> str:
        """In a custom dataset a field holds files of a kind if its first text is the path of one in the storage."""
        if value is None:
            return ""
        named = _named(value)
        if name not in self.fields:
            met = self.place is not None and named and not _scheme(value) and self.place.has(value)
            self.fields[name] = named if met else "text"
        kind = self.fields[name]
        if kind in SUFFIXES:
            return kind
        # An address of a file would never be shown, whatever the field was before.
        return named if named and _scheme(value) else ""

    def _file_of(self, name: str, value: Any, kind: str) -> dict[str, Any]:
        field = f"data.{name}"
        if not isinstance(value, str) or not value:
            raise LineError(_("The path of a file must be a text."), field)
        if scheme := _scheme(value):
            raise LineError(_remote(scheme), field)
        if value.startswith(("/", "\\")) or ".." in value.replace("\\", "/").split("/"):
            raise LineError(
                _("Give the path relative to the dataset's folder, without “..”."), field
            )
        if self.place is None:
            raise LineError(_("The dataset has no storage that files could lie in."), field)
        try:
            return self.place.look_at(value, kind)
        except (UnsafePath, *Unfit) as exc:
            raise LineError(f"{value[:200]}: {exc}", field) from exc
        except OSError as exc:
            raise LineError(f"{value[:200]}: {_unreadable(exc)}", field) from exc


def _is_plain(name: str) -> bool:
    """Whether the file holds a text a line, not JSON lines. Raises LineError where it holds neither."""
    lower = name.lower()
    if lower.endswith(TEXT_SUFFIX):
        return True
    if not lower.endswith(LINE_SUFFIXES):
        raise LineError(_("Not read: texts come in .txt, .manifest and .jsonl files."))
    return False


def _named(value: Any) -> str:
    """The type of file that the whole value looks like the path or address of, or an empty string."""
    if not isinstance(value, str) or len(value) > 2000 or "\n" in value:
        return ""
    path = value
    if scheme := _scheme(value):
        try:
            path = urlsplit(value).path
        except ValueError:
            return ""
        if scheme not in _REMOTE:
            return ""
    lower = path.lower()
    return next((kind for kind, ends in SUFFIXES.items() if lower.endswith(ends)), "")


def _look_at_picture(file: BinaryIO, size: int) -> dict[str, Any]:
    picture = images.look_at(file, size)
    found: dict[str, Any] = {
        "format": picture.format,
        "width": picture.width,
        "height": picture.height,
    }
    if not picture.upright:
        found["upright"] = False
    if picture.deep:
        found["bits"] = 16
    return found


def _look_at_pdf(file: BinaryIO, size: int) -> dict[str, Any]:
    document = pdfs.look_at(file, size)
    return {"format": "pdf", "pages": document.pages, "sizes": document.sizes}


_LOOKS: dict[str, Callable[[BinaryIO, int], dict[str, Any]]] = {
    "image": _look_at_picture,
    "pdf": _look_at_pdf,
    "audio": partial(recordings.look_at, kind="audio"),
    "video": partial(recordings.look_at, kind="video"),
}


def _scheme(value: str) -> str:
    """The scheme of an address (`https`), else an empty string."""
    head, mark, _rest = value[:16].partition("://")
    return head.lower() if mark and head.isalnum() else ""


def _remote(scheme: str) -> str:
    if scheme in ("http", "https"):
        return _(
            "Files at http(s) addresses are not read yet: copy them into a folder of a storage and name them by "
            "their path in it."
        )
    return _(
        "Addresses that begin with %(scheme)s:// are not read yet: name the file by its path in the storage."
    ) % {"scheme": scheme}


def _unreadable(exc: OSError) -> str:
    if isinstance(exc, FileNotFoundError | NotADirectoryError):
        return _("There is no such file.")
    if isinstance(exc, PermissionError):
        return _("The server may not read this file.")
    return _("The file cannot be read (%(error)s).") % {"error": exc.strerror or type(exc).__name__}
