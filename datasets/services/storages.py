"""Where files lie: a workspace's uploads below ITAG_HOME/files, and local folders that an administrator named."""

import os
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import Workspace
from datasets.models import Storage
from datasets.services.paths import UnsafePath, contained, is_litter, natural_key
from itag.core.errors import Invalid, NotFound

#: Below ITAG_HOME/files: uploads on their way in; no storage may have its root there.
INCOMING = "incoming"
#: Likewise the files of jobs' guides.
GUIDES = "guides"
UPLOADS_NAME = "Uploads"
MAX_FOLDERS, MAX_COUNT = 1000, 100_000


def files_root() -> Path:
    """ITAG_HOME/files, made at first use."""
    root = Path(settings.FILES_ROOT)
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    return root


def incoming_root() -> Path:
    """Where uploads wait; on the same file system as their destination, so that taking them in is a rename."""
    root = files_root() / INCOMING
    root.mkdir(mode=0o700, exist_ok=True)
    return root


def default_storage(workspace: Workspace) -> Storage:
    """The storage that holds the workspace's uploads, ITAG_HOME/files/<workspace>; made at need."""
    storage = Storage.objects.filter(workspace=workspace, is_upload=True).first()
    if storage is None:
        name = UPLOADS_NAME
        if Storage.objects.filter(workspace=workspace, name=name).exists():
            name = f"{UPLOADS_NAME} {workspace.pk}"
        try:
            with transaction.atomic():
                storage = Storage.objects.create(
                    workspace=workspace, name=name, root=str(workspace.pk), is_upload=True
                )
        except IntegrityError:  # made by somebody else just now
            storage = Storage.objects.get(workspace=workspace, is_upload=True)
    return storage


def create_storage(*, workspace: Workspace, user: Any, name: str, root: str) -> Storage:
    """Name a local folder as a storage of the workspace; below ITAG_HOME/files it is made where it is missing.

    Raises Invalid at `name` or `root`.
    """
    name = name.strip()
    if not 1 <= len(name) <= 100:
        raise Invalid.field("name", _("Give a name of 1 to 100 characters."))
    stored = _checked_root(workspace, root)
    try:
        with transaction.atomic():
            return Storage.objects.create(workspace=workspace, name=name, root=stored)
    except IntegrityError as exc:
        raise Invalid.field("name", _("The workspace has a storage of this name.")) from exc


def _checked_root(workspace: Workspace, root: str) -> str:
    """The root as it is kept: relative below ITAG_HOME/files, absolute below ITAG_LOCAL_ROOTS. Raises Invalid."""
    text = root.strip()
    if not text or "\0" in text or "://" in text or text.startswith("~") or len(text) > 1000:
        raise Invalid.field("root", _("Name a folder."))
    own = Path(os.path.realpath(files_root()))
    real = Path(os.path.realpath(own / text))  # an absolute path replaces the left side
    if own in real.parents:
        relative = real.relative_to(own)
        first = relative.parts[0]
        if first in (INCOMING, GUIDES) or (first.isdigit() and first != str(workspace.pk)):
            raise Invalid.field("root", _("This folder belongs to another workspace or to itag."))
        stored = str(relative)
        with suppress(FileExistsError, NotADirectoryError):  # said below
            real.mkdir(mode=0o700, parents=True, exist_ok=True)
    elif any(real == base or base in real.parents for base in _local_roots()):
        stored = str(real)
    else:
        raise Invalid.field(
            "root",
            _(
                "The folder must lie below %(files)s, or below a folder that the server's operator named in "
                "ITAG_LOCAL_ROOTS."
            )
            % {"files": own},
        )
    if not real.is_dir():
        raise Invalid.field("root", _("There is no such folder on the server."))
    return stored


def _local_roots() -> list[Path]:
    return [Path(os.path.realpath(root)) for root in settings.ITAG_LOCAL_ROOTS]


def storage_root(storage: Storage) -> Path:
    """The storage's folder, checked each time: a link in its way or a changed ITAG_LOCAL_ROOTS closes it.

    The folder of uploads is made where it is missing. Raises NotFound.
    """
    own = Path(os.path.realpath(files_root()))
    root = Path(storage.root)
    try:
        real = Path(os.path.realpath(root)) if root.is_absolute() else contained(own, storage.root)
    except UnsafePath as exc:
        raise NotFound(_("The storage's folder is not allowed any more.")) from exc
    if root.is_absolute() and not any(real == b or b in real.parents for b in _local_roots()):
        raise NotFound(
            _("The storage's folder lies below none of the folders in ITAG_LOCAL_ROOTS any more.")
        )
    if storage.is_upload:
        real.mkdir(mode=0o700, parents=True, exist_ok=True)
    return real


@dataclass
class Listing:
    """A folder of a storage: its folders (in natural order, at most 1,000) and how many files lie in it directly."""

    path: str
    folders: list[str] = field(default_factory=list)
    files: int = 0
    more: bool = False


def list_folder(storage: Storage, path: str = "") -> Listing:
    """What is in a folder of the storage. Raises NotFound when there is none of that path."""
    root = storage_root(storage)
    path = path.strip("/")
    listing = Listing(path=path)
    try:
        if ".." in path.split("/"):
            raise UnsafePath(_("A path may not hold “..”."))
        with os.scandir(contained(root, path)) as entries:
            for entry in islice(entries, MAX_COUNT):
                if is_litter(entry.name):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    listing.folders.append(os.fsencode(entry.name).decode("utf-8", "replace"))
                else:
                    listing.files += 1
            listing.more = next(entries, None) is not None
    except (UnsafePath, OSError, ValueError) as exc:
        raise NotFound(_("There is no such folder in the storage.")) from exc
    listing.more = listing.more or len(listing.folders) > MAX_FOLDERS
    listing.folders = sorted(listing.folders, key=natural_key)[:MAX_FOLDERS]
    return listing
