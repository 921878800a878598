"""Files on their way in: below ITAG_HOME/files/incoming until an import has taken them, or until they are swept."""

import os
import shutil
import time
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from django.utils.translation import gettext as _

from datasets.models import ImportRun
from datasets.services.paths import UnsafePath, clean_path, is_litter
from datasets.services.storages import incoming_root
from itag.core.errors import FieldError, Invalid
from itag.core.runs import RunState

#: A file on this machine, or one that is open.
Upload = Path | BinaryIO
#: A failed import of pictures may be repeated without the bad ones for this long.
KEEP_FAILED = 7 * 86400
KEEP_STRAY = 86400


def new_folder() -> Path:
    """A fresh folder for one upload."""
    folder = incoming_root() / uuid.uuid4().hex
    folder.mkdir(mode=0o700)
    return folder


def folder_of(run: ImportRun) -> Path:
    """The folder of a run: `files/` or `manifest` as they came, and the list `names`."""
    return incoming_root() / Path(run.source["incoming"]).name


def receive(
    *, files: Iterable[tuple[str, Upload]] | None = None, manifest: Upload | None = None
) -> str:
    """Take uploads into a new folder and answer its name.

    Files that already lie in ITAG_HOME/files/incoming are moved, others are copied. Raises Invalid at `paths[n]`.
    """
    folder = new_folder()
    try:
        if manifest is not None:
            _take(manifest, folder / "data.manifest")
        if files is not None:
            _receive_files(folder / "files", files)
    except BaseException:
        discard(folder.name)
        raise
    return folder.name


def _receive_files(target: Path, files: Iterable[tuple[str, Upload]]) -> None:
    target.mkdir(mode=0o700)
    errors: list[FieldError] = []
    taken = 0
    for number, (name, file) in enumerate(files):
        try:
            path = clean_path(name)
            if any(map(is_litter, path.split("/"))):
                continue
            place = target / path
            if place.exists():
                raise UnsafePath(_("Two files have this name: %(name)s") % {"name": path})
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            message = _("A file and a folder have one name: %(name)s") % {"name": name[:200]}
            errors.append({"field": f"paths[{number}]", "message": message})
        except UnsafePath as exc:
            errors.append({"field": f"paths[{number}]", "message": f"{name[:200]!a}: {exc}"})
        else:
            _take(file, place)
            taken += 1
        if len(errors) == ImportRun.MAX_ERRORS:
            break
    if errors:
        raise Invalid(errors[0]["message"], errors=errors)
    if not taken:
        raise Invalid.field("files", _("Choose at least one file."))


def _take(file: Upload, target: Path) -> None:
    if not isinstance(file, Path):
        with target.open("wb") as copy:
            shutil.copyfileobj(file, copy, 2**20)
    elif incoming_root() in file.parents:
        file.replace(target)
    else:
        shutil.copyfile(file, target)


def discard(name: str) -> None:
    """Remove the folder of an upload, if it is still there."""
    if name:
        shutil.rmtree(incoming_root() / Path(name).name, ignore_errors=True)


def sweep() -> int:
    """Remove uploads that no import needs any more; answers how many.

    A folder younger than a day may belong to a request that has not ended.
    """
    moment = time.time()
    removed = 0
    with os.scandir(incoming_root()) as entries:
        ages = {
            entry.name: moment - entry.stat(follow_symlinks=False).st_mtime for entry in entries
        }
    old = [name for name, age in ages.items() if age > KEEP_STRAY]
    needed = dict(
        ImportRun.objects.filter(
            source__incoming__in=old,
            state__in=(RunState.QUEUED, RunState.RUNNING, RunState.FAILED),
        ).values_list("source__incoming", "state")
    )
    for name in old:
        state = needed.get(name)
        if state in (RunState.QUEUED, RunState.RUNNING):
            continue
        if state == RunState.FAILED and ages[name] < KEEP_FAILED:
            continue
        discard(name)
        removed += 1
    return removed
