"""The import itself: a worker reads the files and writes rows in batches, until all are there or none is.

Phases, kept in `ImportRun.cursor`: *list* writes down the names of what is to be read, *read* copies rows in batches,
*place* moves uploaded files to their place, *undo* removes the rows again when something was wrong.

Safe at any moment: rows above `Dataset.item_count` are read by nobody, and that number is raised in the last
transaction only. Each batch is one transaction that also moves the cursor, so a killed worker's successor goes on
behind the last whole batch with the next ordinal. `attempt` is a fence: every write names the attempt it belongs to, and
a worker that another one has replaced (it was thought dead) writes nothing more. A message delivered twice finds the
run taken and does nothing.
"""

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg
import structlog
from django.db import DataError, connection, transaction
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from datasets import tasks
from datasets.models import Dataset, DatasetVersion, ImportRun, Item
from datasets.services import uploads
from datasets.services.listing import write_names
from datasets.services.manifest import MAX_FIELDS
from datasets.services.readers import Entry, Fault, Place, Reader, source_digest
from datasets.services.storages import storage_root
from itag.core.clock import now
from itag.core.errors import FieldError, ItagError
from itag.core.runs import RunState
from itag.core.states import move

log = structlog.get_logger(__name__)

#: A running import without a sign of life for this long is taken over.
STALE = timedelta(seconds=60)
#: Workers in a row that may end without one more batch.
MAX_STALLS = 5
#: Seconds after which a worker hands the rest to the next one: far below the broker's visibility timeout.
BUDGET = 240.0
BATCH_ITEMS, BATCH_CHARACTERS, BATCH_SECONDS = 20_000, 8 * 2**20, 2.0
UNDO_ITEMS = 5_000
#: Seconds spent on finding further errors after the first one.
SEARCH_SECONDS = 20.0

_COPY = (
    f'COPY "{Item._meta.db_table}" (dataset_id, ordinal, data, extra, media, group_key, source_digest, search) '
    "FROM STDIN"
)
_DELETE = f"""
DELETE FROM "{Item._meta.db_table}" WHERE id IN (
    SELECT id FROM "{Item._meta.db_table}" WHERE dataset_id = %s AND ordinal > %s ORDER BY ordinal DESC LIMIT %s
)
"""  # the table is our own model's; every value is a parameter


class _Replaced(Exception):
    """Another worker has taken the run, or it was cancelled."""


class _Faulty(Exception):
    """A line or file is wrong and the import is to be whole."""

    def __init__(self, error: FieldError) -> None:
        super().__init__(error["message"])
        self.error = error


class _Failed(Exception):
    """The import cannot go on; the message tells the person why."""


def run_import(run_id: int) -> None:
    """Do the import, or as much of it as one worker should; safe to be called twice, at once or later."""
    run = _take(run_id)
    if run is None:
        return
    with translation.override(run.source.get("language") or translation.get_language()):
        try:
            _Import(run).go()
        except _Replaced:
            log.warning("import_replaced", run=run.pk, attempt=run.attempt)


@transaction.atomic
def _take(run_id: int) -> ImportRun | None:
    """Make the run this worker's, unless it has ended or another worker shows signs of life."""
    moment = now()
    run = (
        ImportRun.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("dataset__storage")
        .filter(
            Q(state=RunState.QUEUED)
            | Q(state=RunState.RUNNING, heartbeat_at=None)
            | Q(state=RunState.RUNNING, heartbeat_at__lt=moment - STALE),
            pk=run_id,
        )
        .first()
    )
    if run is None:
        return None
    move(
        run,
        RunState.RUNNING,
        transitions={"queued": {"running"}, "running": {"running"}},
        heartbeat_at=moment,
        attempt=run.attempt + 1,
        stalls=run.stalls + 1,
    )
    return run


class _Import:
    """One worker's part of an import."""

    def __init__(self, run: ImportRun) -> None:
        self.run, self.dataset = run, run.dataset
        self.deadline = time.monotonic() + BUDGET
        self.folder = uploads.folder_of(run)
        self.type: str = run.source["type"]
        self.many = self.type != "manifest"
        #: Whether the files themselves are the items.
        self.of_files = self.dataset.of_files and self.many

    def go(self) -> None:
        """Phase by phase to the end, or until the time is up."""
        phases = {"list": self._list, "read": self._read, "place": self._place, "undo": self._undo}
        try:
            if self.run.stalls > MAX_STALLS:
                raise _Failed(
                    _(
                        "The import stopped %(n)d times without getting further; the worker's log says why."
                    )
                    % {"n": MAX_STALLS}
                )
            while self.run.state == RunState.RUNNING:
                if time.monotonic() > self.deadline:
                    self._hand_over()
                    return
                phases[self.run.cursor.get("phase", "list")]()
        except _Failed as exc:
            self._fail(str(exc), [])
            self._undo_all()
        except FileNotFoundError as exc:
            log.warning("import_without_files", run=self.run.pk, path=exc.filename)
            self._fail(_("The uploaded files are gone; upload them again."), [])
            self._undo_all()
        except ItagError as exc:
            self._fail(exc.detail, exc.errors)
            self._undo_all()
        except (DataError, psycopg.DataError) as exc:  # Django does not wrap what COPY raises
            log.exception("import_refused_by_database", run=self.run.pk)
            self._fail(
                _("The database refused a row: %(error)s") % {"error": str(exc).splitlines()[0]}, []
            )
            self._undo_all()

    # --- what is to be read ---------------------------------------------------------------------------------------

    def _list(self) -> None:
        count, lines = write_names(
            self.run, self.folder / "names", beat=self._update, counts=not self.of_files
        )
        if not count:
            raise _Failed(self._nothing())
        fields = {f["name"]: [f["type"], f["count"]] for f in self.dataset.fields if "count" in f}
        self._update(
            total=count if self.of_files else lines,
            stalls=0,
            cursor={
                "phase": "read",
                "position": {},
                "ordinal": self.dataset.item_count,
                "fields": fields,
                "digest": self.dataset.digest,
                "many": count > 1,
            },
        )

    def _nothing(self) -> str:
        if self.type == "folder" and self.dataset.item_count:
            return _("There is nothing new in the folder.")
        if self.type == "folder":
            return _("There are no files in the folder.")
        return (
            _("There is nothing in the file.")
            if self.type == "manifest"
            else _("There are no files.")
        )

    # --- reading --------------------------------------------------------------------------------------------------

    def _reader(self) -> Reader:
        place: Place | None = None
        if self.dataset.storage is not None:
            waiting = self.folder / "files" if self.type == "files" and self.of_files else None
            place = Place(storage_root(self.dataset.storage), self.dataset.prefix, waiting)
        texts: Path | None = None
        if self.type == "manifest":
            texts = self.folder
        elif self.type == "files" and not self.of_files:
            texts = self.folder / "files"
        elif place is not None and not self.of_files:
            texts = place.root / place.prefix
        return Reader(
            dataset=self.dataset,
            names=self.folder / "names",
            place=place,
            texts=texts,
            position=self.run.cursor["position"],
            fields={name: kind for name, (kind, _count) in self.run.cursor["fields"].items()},
            many=self.run.cursor["many"] and not self.of_files,
        )

    def _read(self) -> None:
        reader = self._reader()
        entries = iter(reader)
        try:
            while self._batch(reader, entries):
                if time.monotonic() > self.deadline:
                    return
        except _Faulty as exc:
            self._collect(exc.error, entries)

    def _batch(self, reader: Reader, entries: Iterator[Entry | Fault]) -> bool:
        """Copy the next rows in one transaction with the cursor; False when there are no more."""
        cursor = self.run.cursor
        leave_out: bool = self.run.source["leave_out"]
        fields: dict[str, list[Any]] = {name: list(kind) for name, kind in cursor["fields"].items()}
        errors: list[FieldError] = list(self.run.errors)
        faults = seen = characters = 0
        dataset, ordinal = self.dataset.pk, cursor["ordinal"]
        digest = bytes.fromhex(cursor["digest"])
        until = time.monotonic() + BATCH_SECONDS
        more = False
        with transaction.atomic():
            self._hold()
            with connection.cursor() as database, database.copy(_COPY) as copy:
                for entry in entries:
                    seen += 1
                    if isinstance(entry, Fault):
                        if not leave_out:
                            raise _Faulty(entry.error)
                        faults += 1
                        if len(errors) < ImportRun.MAX_ERRORS:
                            errors.append(entry.error)
                    else:
                        ordinal += 1
                        media = json.dumps(entry.media) if entry.media else "{}"
                        data, extra = entry.data, entry.extra
                        for name, kind in entry.kinds.items():
                            field = fields.get(name)
                            if field is None:
                                field = fields[name] = [kind, 0]
                                if len(fields) > MAX_FIELDS:
                                    raise _Failed(_too_many_fields())
                            elif field[0] != kind:
                                field[0] = "json"
                            field[1] += 1
                        digest = sha256(
                            f"{digest.hex()}{data}\0{extra or ''}\0{media}".encode()
                        ).digest()
                        copy.write_row(
                            (
                                dataset,
                                ordinal,
                                data,
                                extra,
                                media,
                                "",
                                source_digest(entry.source),
                                entry.search,
                            )
                        )
                        characters += len(data) + (len(extra) if extra else 0)
                    if (
                        seen >= BATCH_ITEMS
                        or characters >= BATCH_CHARACTERS
                        or time.monotonic() > until
                    ):
                        more = True
                        break
            self._update(
                stalls=0,
                done=self.run.done + seen,
                errors=errors,
                error_count=self.run.error_count + faults,
                cursor={
                    **cursor,
                    "phase": "read" if more else "place",
                    "position": reader.position,
                    "ordinal": ordinal,
                    "fields": fields,
                    "digest": digest.hex(),
                },
            )
        return more

    # --- when something is wrong ----------------------------------------------------------------------------------

    def _collect(self, first: FieldError, entries: Iterator[Entry | Fault]) -> None:
        """Look for further errors, so that all can be mended at once; then undo what was written."""
        errors = [first]
        until = beat = time.monotonic()
        until += SEARCH_SECONDS
        whole = True
        for entry in entries:
            if isinstance(entry, Fault):
                errors.append(entry.error)
            moment = time.monotonic()
            if len(errors) >= ImportRun.MAX_ERRORS or moment > until:
                whole = next(entries, None) is None
                break
            if moment > beat + BATCH_SECONDS:
                beat = moment
                self._update()
        count = len(errors)
        message = (
            ngettext(
                "%(n)d file cannot be read; nothing was imported.",
                "%(n)d files cannot be read; nothing was imported.",
                count,
            )
            if self.of_files
            else ngettext(
                "%(n)d line is wrong; nothing was imported.",
                "%(n)d lines are wrong; nothing was imported.",
                count,
            )
        ) % {"n": count}
        if not whole:
            message = _("The first %(n)d errors are listed; nothing was imported.") % {"n": count}
        self._fail(message, errors)

    def _fail(self, message: str, errors: list[FieldError]) -> None:
        """Write down why; the rows are removed next."""
        self._update(
            error=message,
            errors=errors[: ImportRun.MAX_ERRORS],
            error_count=len(errors),
            cursor={**self.run.cursor, "phase": "undo"},
        )

    def _undo_all(self) -> None:
        while self.run.state == RunState.RUNNING:
            self._undo()

    def _undo(self) -> None:
        """Remove some of the rows that this import wrote; after the last ones the run has failed."""
        with transaction.atomic():
            self._hold()
            with connection.cursor() as database:
                database.execute(_DELETE, [self.dataset.pk, self.dataset.item_count, UNDO_ITEMS])
                removed = database.rowcount
            self._update(stalls=0)
        if removed == UNDO_ITEMS:
            return
        with transaction.atomic():
            dataset = self._dataset()
            self._update(state=RunState.FAILED, finished_at=now())
            move(
                dataset,
                Dataset.State.READY if dataset.version else Dataset.State.FAILED,
                transitions=Dataset.TRANSITIONS,
            )
        log.info("import_failed", run=self.run.pk, dataset=dataset.pk, error=self.run.error)
        if not (self.of_files and self.run.error_count):
            uploads.discard(self.folder.name)

    # --- the end --------------------------------------------------------------------------------------------------

    def _place(self) -> None:
        """Move uploaded files to where their items say they are; then make the items the dataset's."""
        cursor = self.run.cursor
        if cursor["ordinal"] == self.dataset.item_count:
            self._fail(
                _("None of the files can be read; nothing was imported.")
                if self.run.error_count
                else self._nothing(),
                self.run.errors,
            )
            return
        if self.type == "files" and self.of_files and self.dataset.storage is not None:
            self._move_files(storage_root(self.dataset.storage))
        with transaction.atomic():
            dataset = self._dataset()
            dataset.version += 1
            dataset.item_count = cursor["ordinal"]
            dataset.digest = cursor["digest"]
            dataset.fields = [
                {"name": name, "type": kind, "count": count}
                for name, (kind, count) in cursor["fields"].items()
            ]
            dataset.save(update_fields=["version", "item_count", "digest", "fields"])
            move(dataset, Dataset.State.READY, transitions=Dataset.TRANSITIONS)
            DatasetVersion.objects.create(
                dataset=dataset,
                version=dataset.version,
                last_ordinal=dataset.item_count,
                digest=dataset.digest,
            )
            self._update(
                state=RunState.SUCCEEDED,
                finished_at=now(),
                first_ordinal=self.dataset.item_count + 1,
                done=self.run.total,
            )
        log.info("import_succeeded", run=self.run.pk, dataset=dataset.pk, items=dataset.item_count)
        uploads.discard(self.folder.name)

    def _move_files(self, root: Path) -> None:
        """Rename the files that have rows; one that is there already was moved by the worker before."""
        rows = Item.objects.filter(dataset=self.dataset, ordinal__gt=self.dataset.item_count)
        beat = time.monotonic()
        for media in rows.order_by("ordinal").values_list("media", flat=True).iterator(1000):
            path: str = media["source"]["path"]
            waiting = self.folder / "files" / path.removeprefix(f"{self.dataset.prefix}/")
            target = root / path
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                waiting.replace(target)
            except FileNotFoundError:
                if not target.is_file():
                    raise
            if time.monotonic() > beat + BATCH_SECONDS:
                beat = time.monotonic()
                self._update()

    # --- the row --------------------------------------------------------------------------------------------------

    def _hold(self) -> None:
        """Lock the run's row for this transaction, if it still is this worker's. Raises _Replaced."""
        held = (
            ImportRun.objects.select_for_update(no_key=True)
            .filter(pk=self.run.pk, attempt=self.run.attempt, state=RunState.RUNNING)
            .values_list("pk", flat=True)
        )
        if not held:
            raise _Replaced

    def _dataset(self) -> Dataset:
        """The dataset's row, locked. The run's row is locked after it, as the services do."""
        return Dataset.objects.select_for_update(of=("self",), no_key=True).get(pk=self.dataset.pk)

    def _update(self, **changes: Any) -> None:
        """Write to the run's row, if it still is this worker's, and give a sign of life. Raises _Replaced."""
        changes.setdefault("heartbeat_at", now())
        rows = ImportRun.objects.filter(
            pk=self.run.pk, attempt=self.run.attempt, state=RunState.RUNNING
        )
        if rows.update(**changes) != 1:
            raise _Replaced
        for name, value in changes.items():
            setattr(self.run, name, value)

    def _hand_over(self) -> None:
        """Leave the rest to another worker, so that no message is older than the broker allows."""
        self._update(heartbeat_at=None)
        transaction.on_commit(lambda: tasks.run_import.delay(self.run.pk), robust=True)


def _too_many_fields() -> str:
    return _("The items have more than %(n)d different fields.") % {"n": MAX_FIELDS}
