"""Making datasets and adding to them: what is asked for is checked and recorded, a worker does the rest.

`run_import` is in `datasets.services.runner`; it is named here because callers look for it here.
"""

import os
import uuid
from collections.abc import Iterable
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import Workspace
from datasets import tasks
from datasets.models import FILE_KINDS, Dataset, ImportRun, Storage
from datasets.services import uploads
from datasets.services.paths import UnsafePath, contained, walk
from datasets.services.readers import source_digest
from datasets.services.runner import STALE, run_import
from datasets.services.storages import default_storage, storage_root
from datasets.services.uploads import Upload
from itag.core.clock import now
from itag.core.errors import Conflict, FieldError, IllegalTransition, Invalid
from itag.core.runs import RunState
from itag.core.states import move

__all__ = [
    "add_items",
    "check_name",
    "create_dataset",
    "delete_dataset",
    "repeat_import",
    "requeue_stuck_imports",
    "run_import",
]

MAX_NAME = 100
#: A queued run that nobody took for this long is sent again.
UNTAKEN = timedelta(seconds=30)

Files = Iterable[tuple[str, Upload]]


def create_dataset(
    *,
    workspace: Workspace,
    user: Any,
    name: str,
    kind: str,
    origin: str,
    files: Files | None = None,
    manifest: Upload | None = None,
    storage: Storage | None = None,
    prefix: str = "",
    leave_out: bool = False,
) -> Dataset:
    """Record a dataset and start its first import.

    `origin` "upload": `files` are (relative name, file). "folder": the files below `prefix` of `storage`. "manifest":
    `manifest` is the file, and `storage` and `prefix` say where the files lie that it names (for kinds of which each
    file is an item the workspace's uploads, if not given). Files in ITAG_HOME/files/incoming are moved, others copied. `leave_out`: of
    such files, those that cannot be opened are listed and left out, instead of failing the import. Raises Invalid at
    the field that is wrong.
    """
    name = check_name(name)
    _check_choices(kind, origin)
    if Dataset.objects.alive().filter(workspace=workspace, name=name).exists():
        raise Invalid.field("name", _("The workspace has a dataset of this name."))
    source: dict[str, Any] = {"leave_out": leave_out and kind in FILE_KINDS}
    with ExitStack() as undo:
        if origin == Dataset.Origin.FOLDER:
            storage, prefix = _check_folder(workspace, storage, prefix, required=True)
            source["type"] = "folder"
            source["incoming"] = uploads.new_folder().name
        elif origin == Dataset.Origin.MANIFEST:
            if manifest is None:
                raise Invalid.field("manifest", _("Choose the manifest file."))
            if storage is not None or prefix:
                storage, prefix = _check_folder(workspace, storage, prefix, required=True)
            elif kind in FILE_KINDS:
                storage = default_storage(workspace)
            source["type"] = "manifest"
            source["incoming"] = uploads.receive(manifest=manifest)
        else:
            if files is None:
                raise Invalid.field("files", _("Choose at least one file."))
            storage, prefix = None, ""
            if kind in FILE_KINDS:
                storage, prefix = default_storage(workspace), f"datasets/{uuid.uuid4().hex}"
            source["type"] = "files"
            source["incoming"] = uploads.receive(files=files)
        undo.callback(uploads.discard, source["incoming"])
        try:
            with transaction.atomic():
                dataset = Dataset.objects.create(
                    workspace=workspace,
                    name=name,
                    kind=kind,
                    origin=origin,
                    storage=storage,
                    prefix=prefix,
                    created_by=user,
                )
                _record(dataset, user, source)
        except IntegrityError as exc:
            raise Invalid.field("name", _("The workspace has a dataset of this name.")) from exc
        undo.pop_all()
    return dataset


def add_items(
    *,
    dataset: Dataset,
    user: Any,
    files: Files | None = None,
    manifest: Upload | None = None,
    leave_out: bool = False,
) -> ImportRun:
    """Start an import that appends: `files`, or a `manifest`, or neither: what is new in the dataset's folder.

    Raises Invalid at the field that is wrong, Conflict while another import runs.
    """
    of_files = dataset.of_files
    source: dict[str, Any] = {"leave_out": leave_out and of_files}
    if dataset.state == Dataset.State.IMPORTING:
        raise _busy()
    with ExitStack() as undo:
        if manifest is not None:
            source["type"] = "manifest"
            source["incoming"] = uploads.receive(manifest=manifest)
        elif files is not None:
            if of_files and dataset.origin != Dataset.Origin.UPLOAD:
                raise Invalid.field(
                    "files",
                    _(
                        "This dataset's files lie in a folder of a storage: put the new ones there, then add "
                        "what is new in the folder."
                    ),
                )
            source["type"] = "files"
            source["incoming"] = uploads.receive(files=files)
            undo.callback(uploads.discard, source["incoming"])
            if of_files:
                _check_new(dataset, uploads.incoming_root() / source["incoming"] / "files")
        elif dataset.origin == Dataset.Origin.FOLDER and of_files:
            source["type"] = "folder"
            source["incoming"] = uploads.new_folder().name
        else:
            raise Invalid.field("files", _("Choose the files or the manifest to add."))
        undo.callback(uploads.discard, source["incoming"])
        run = _restart(dataset, user, source)
        undo.pop_all()
    return run


def repeat_import(*, dataset: Dataset, user: Any) -> ImportRun:
    """Repeat the failed import of files, leaving out those that cannot be opened. Raises Conflict."""
    last = dataset.imports.first()
    if (
        last is None
        or last.state != RunState.FAILED
        or not dataset.of_files
        or last.source["type"] == "manifest"
    ):
        raise Conflict(_("There is no failed import of files to repeat."))
    if not uploads.folder_of(last).is_dir():
        raise Conflict(_("The uploaded files are not kept any more; upload them again."))
    return _restart(dataset, user, {**last.source, "leave_out": True})


def delete_dataset(*, dataset: Dataset, user: Any) -> None:
    """Take the dataset away from view and stop its import. Raises Conflict while a job uses it."""
    with transaction.atomic():
        # Not the key: a batch that is being written holds its run and, at its commit, asks for this row's key.
        row = Dataset.objects.select_for_update(of=("self",), no_key=True).get(pk=dataset.pk)
        if row.deleted_at is not None:
            return
        if used_by := _users_of(row):
            raise Conflict(
                _("“%(name)s” uses this dataset; a dataset in use is not deleted.")
                % {"name": used_by},
                code="in_use",
            )
        row.imports.filter(state__in=(RunState.QUEUED, RunState.RUNNING)).update(
            state=RunState.CANCELLED, finished_at=now(), error=_("The dataset was deleted.")
        )
        Dataset.objects.filter(pk=row.pk).update(deleted_at=now())
        for run in row.imports.only("source"):
            transaction.on_commit(partial(uploads.discard, run.source.get("incoming", "")))
    dataset.refresh_from_db()


def requeue_stuck_imports() -> int:
    """Send again what the broker lost or whose worker died; answers how many. Delivered twice is done once."""
    moment = now()
    stuck = ImportRun.objects.filter(
        Q(state=RunState.QUEUED, created_at__lt=moment - UNTAKEN)
        | Q(state=RunState.RUNNING, heartbeat_at__lt=moment - STALE)
        | Q(state=RunState.RUNNING, heartbeat_at=None)
    ).values_list("pk", flat=True)
    for pk in stuck:
        tasks.run_import.delay(pk)
    return len(stuck)


def check_name(name: str) -> str:
    """The dataset's name without blanks around it. Raises Invalid at `name`."""
    name = " ".join(name.split())
    if not name:
        raise Invalid.field("name", _("Give the dataset a name."))
    if len(name) > MAX_NAME:
        raise Invalid.field("name", _("The name has more than %(n)d characters.") % {"n": MAX_NAME})
    if not name.isprintable():
        raise Invalid.field("name", _("The name holds characters that cannot be shown."))
    return name


def _check_choices(kind: str, origin: str) -> None:
    if kind not in Dataset.Kind:
        raise Invalid.field("kind", _("Choose image, PDF, text, audio, video or custom."))
    if origin not in Dataset.Origin:
        raise Invalid.field("origin", _("Choose upload, folder or manifest."))


def _check_folder(
    workspace: Workspace, storage: Storage | None, prefix: str, *, required: bool
) -> tuple[Storage, str]:
    if storage is None or storage.workspace_id != workspace.pk:
        raise Invalid.field("storage", _("Choose a storage of the workspace."))
    prefix = prefix.strip().replace("\\", "/").strip("/")
    try:
        if ".." in prefix.split("/"):
            raise UnsafePath(_("A path may not hold “..”."))
        if not contained(storage_root(storage), prefix).is_dir():
            raise UnsafePath(_("There is no such folder in the storage."))
    except UnsafePath as exc:
        raise Invalid.field("prefix", str(exc)) from exc
    if len(prefix) > 1000:
        raise Invalid.field("prefix", _("The path is longer than %(n)d characters.") % {"n": 1000})
    return storage, prefix


def _check_new(dataset: Dataset, waiting: Path) -> None:
    """Raise Invalid if a waiting file has the name of one that the dataset has."""
    home = storage_root(dataset.storage) / dataset.prefix  # type: ignore[arg-type]
    names = [found.path for found in walk(waiting)]
    met = [name for name in names if os.path.lexists(home / name)]
    met = [
        name
        for name in met
        if (home / name).is_dir()
        or dataset.items.filter(
            source_digest=source_digest(name), ordinal__lte=dataset.item_count
        ).exists()
    ]
    parents = {str(parent) for name in names for parent in Path(name).parents}
    met += [parent for parent in parents if (home / parent).is_file()]
    if met:
        errors: list[FieldError] = [
            {"field": name, "message": _("The dataset already has a file of this name.")}
            for name in met[: ImportRun.MAX_ERRORS]
        ]
        raise Invalid(
            _("%(n)d of these files are in the dataset already, “%(name)s” among them.")
            % {"n": len(met), "name": met[0]},
            errors=errors,
        )


def _restart(dataset: Dataset, user: Any, source: dict[str, Any]) -> ImportRun:
    with transaction.atomic():
        row = Dataset.objects.select_for_update(of=("self",), no_key=True).get(pk=dataset.pk)
        if row.deleted_at is not None:
            raise Conflict(_("The dataset was deleted."))
        try:
            move(row, Dataset.State.IMPORTING, transitions=Dataset.TRANSITIONS)
        except IllegalTransition as exc:
            raise _busy() from exc
        run = _record(row, user, source)
        for last in row.imports.filter(state=RunState.FAILED).only("source"):
            if (kept := last.source.get("incoming", "")) != source["incoming"]:
                transaction.on_commit(partial(uploads.discard, kept))
    dataset.state = row.state
    return run


def _record(dataset: Dataset, user: Any, source: dict[str, Any]) -> ImportRun:
    source["language"] = get_language()
    run = ImportRun.objects.create(dataset=dataset, source=source, requested_by=user)
    # A broker that is down costs only time: the sweeper sends it again. (No partial: Django's own message about a
    # robust hook that failed asks it for its name.)
    transaction.on_commit(lambda: tasks.run_import.delay(run.pk), robust=True)
    return run


def _busy() -> Conflict:
    return Conflict(
        _("An import into this dataset is running; wait for its end."), code="importing"
    )


def _users_of(dataset: Dataset) -> str:
    """The name of a row of another app that refers to the dataset, else an empty string.

    Foreign keys point down, so this app does not know who they are; their models do.
    """
    own = Dataset._meta.app_label
    for relation in Dataset._meta.get_fields(include_hidden=True):
        if not relation.one_to_many or relation.related_model._meta.app_label == own:  # type: ignore[union-attr]
            continue
        rows = relation.related_model._base_manager.filter(**{relation.field.name: dataset})  # type: ignore[union-attr]
        if (row := rows.first()) is not None:
            return str(row)
    return ""
