"""Names and folders: what people call their files never leads outside the folder it is meant for."""

import os
import re
import stat
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.utils.translation import gettext as _

MAX_NAME_BYTES = 255
MAX_PATH_CHARACTERS = 1000
#: Left by file managers beside what people mean; hidden files are passed over as well.
_LITTER = {"thumbs.db", "desktop.ini", "__macosx"}
_DIGITS = re.compile(r"([0-9]+)")
_DRIVE = re.compile(r"^[A-Za-z]:")


class UnsafePath(ValueError):
    """A name that leads elsewhere, or that no file can have; the message says what is wrong with it."""


def clean_path(name: str) -> str:
    """A relative path with `/` between its parts, safe to join to a folder. Raises UnsafePath.

    Windows' `\\` separates as well; empty parts and `.` are dropped; text is in Unicode's composed form.
    """
    try:
        name.encode()
    except UnicodeEncodeError as exc:
        raise UnsafePath(_("The file name is not valid Unicode.")) from exc
    name = unicodedata.normalize("NFC", name).replace("\\", "/")
    if any(unicodedata.category(character) == "Cc" for character in name):
        raise UnsafePath(_("The file name holds control characters."))
    if name.startswith("/"):
        raise UnsafePath(_("An absolute path; give one relative to the folder."))
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise UnsafePath(_("A path may not hold “..”."))
    if not parts:
        raise UnsafePath(_("The file name is empty."))
    if any(len(part.encode()) > MAX_NAME_BYTES for part in parts):
        raise UnsafePath(_("A file name is longer than %(n)d bytes.") % {"n": MAX_NAME_BYTES})
    if _DRIVE.match(parts[0]):
        raise UnsafePath(_("An absolute path; give one relative to the folder."))
    if len(path := "/".join(parts)) > MAX_PATH_CHARACTERS:
        raise UnsafePath(
            _("The path is longer than %(n)d characters.") % {"n": MAX_PATH_CHARACTERS}
        )
    return path


def natural_key(path: str) -> tuple[tuple[tuple[tuple[int, int, str], ...], ...], str]:
    """Sorts as people count: `img2` before `img10`, part by part, capitals like small letters."""
    return tuple(
        tuple(
            (0, int(piece), "") if piece.isascii() and piece.isdigit() else (1, 0, piece)
            for piece in _DIGITS.split(part.casefold())
            if piece
        )
        for part in path.split("/")
    ), path


def is_litter(name: str) -> bool:
    """Whether the file or folder is one that people do not know is there."""
    return name.startswith(".") or name.casefold() in _LITTER


def contained(root: Path, path: str) -> Path:
    """The real place of the path below the root, symbolic links followed. Raises UnsafePath if it lies elsewhere."""
    base = Path(os.path.realpath(root))
    try:
        target = Path(os.path.realpath(base / path)) if path else base
    except (OSError, ValueError) as exc:
        raise UnsafePath(_("No file can have this path.")) from exc
    if target != base and base not in target.parents:
        raise UnsafePath(_("The path leads outside the storage."))
    return target


def open_file(root: Path, path: str) -> BinaryIO:
    """Open a regular file below the root for reading. Raises UnsafePath or OSError.

    O_NONBLOCK: opening a FIFO must not wait for its writer.
    """
    target = contained(root, path)
    handle = os.open(target, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise UnsafePath(_("This is not a regular file."))
    return os.fdopen(handle, "rb")


@dataclass(frozen=True)
class Found:
    """A file that a walk met, or why its entry could not be taken."""

    path: str
    problem: str = ""


def walk(root: Path, path: str = "", *, depth: int = 0) -> Iterator[Found]:
    """The files below a folder, folder by folder in natural order; memory is that of the largest folder.

    Links to folders are not followed (they may lead in circles); links to files are, within the root.
    """
    if depth > 64:
        yield Found(path, _("The folders are nested too deeply."))
        return
    try:
        with os.scandir(contained(root, path)) as entries:
            found = [
                (entry.name, entry.is_dir(follow_symlinks=False), entry.is_symlink())
                for entry in entries
                if not is_litter(entry.name)
            ]
    except OSError:
        yield Found(path or "/", _("The folder cannot be read."))
        return
    found.sort(key=lambda entry: natural_key(entry[0]))
    for name, is_folder, is_link in found:
        below = f"{path}/{name}" if path else name
        try:
            name.encode()
        except UnicodeEncodeError:
            yield Found(
                os.fsencode(below).decode("utf-8", "replace"), _("The file name is not UTF-8.")
            )
            continue
        if is_folder:
            yield from walk(root, below, depth=depth + 1)
            continue
        if is_link:
            try:
                if contained(root, below).is_dir():
                    yield Found(below, _("A link to a folder is not followed."))
                    continue
            except UnsafePath as exc:
                yield Found(below, str(exc))
                continue
        yield Found(below)
