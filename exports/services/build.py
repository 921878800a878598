"""Building an export: taken by one worker at a time, written in segments, joined, named last.

Who has an export in hand proves it by the heartbeat: every change of the row asks for the heartbeat that this worker
wrote last. A worker that was stopped and comes back finds another one's heartbeat, changes nothing and goes. Each
worker writes to a file of its own and the row says how many bytes of it count, so bytes that a lost worker still
writes are in nobody's way, and its successor goes on after the last segment.
"""

import errno
import hashlib
import os
import time
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

import orjson
import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.db import InterfaceError, OperationalError
from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import override

from exports import tasks
from exports.formats import WRITERS
from exports.models import Export
from exports.selectors import Cut, count_items, read_cut, read_rows
from exports.services.files import clear, folder, new_name
from itag.core.clock import now
from itag.core.runs import RunState
from jobs.models import NoticeEvent
from jobs.services.notices import tell

#: Without a sign of life for this long, an export is free for another worker.
STALE = timedelta(seconds=60)
#: Starts without progress before an export is given up: something in it kills its workers.
MAX_ATTEMPTS = 5
#: Seconds of one delivery; then the message is sent anew, so that none is older than the broker's patience.
SLICE = 600.0
#: Bytes gathered before they are hashed and written.
BUFFER = 2**20
CHUNK = 4 * 2**20

log = structlog.get_logger(__name__)


class Lost(Exception):
    """The export was cancelled, or another worker has it in hand."""


def build_export(*, export_id: int) -> None:
    """Write the export's file, or go on with it; delivered twice or after a crash it does no harm."""
    export = _take(export_id)
    if export is None:
        return
    # What goes wrong is told in the language of the person who asked.
    with override(export.requested_by.language or None), Tenure(export) as tenure:
        tenure.run()


def _take(export_id: int) -> Export | None:
    """Take a queued export, or one whose worker is silent; None if it is not to be had."""
    moment = now()
    taken = (
        Export.objects.filter(pk=export_id)
        .filter(
            Q(state=RunState.QUEUED)
            | Q(state=RunState.RUNNING, heartbeat_at=None)
            | Q(state=RunState.RUNNING, heartbeat_at__lt=moment - STALE)
        )
        .update(state=RunState.RUNNING, heartbeat_at=moment, attempts=F("attempts") + 1)
    )
    if not taken:
        return None
    return Export.objects.select_related("job", "requested_by").get(pk=export_id)


def failed_message(exc: BaseException) -> str:
    """What people are told: what the system said of the disk, of everything else only that the log knows it."""
    if isinstance(exc, OSError):
        return _("The file could not be written: %(error)s.") % {"error": exc.strerror}
    return _("The export stopped on an error of ours (%(kind)s); the server's log has it.") % {
        "kind": type(exc).__name__
    }


class Tenure:
    """One worker's hold of an export, from taking it to its end, its failure or its handing on."""

    def __init__(self, export: Export) -> None:
        self.export = export
        self.beat: datetime | None = export.heartbeat_at
        self.folder = folder(export)
        self.part = self.folder / new_name(export, ".part")
        self.digest, self.size = hashlib.sha256(), 0

    def __enter__(self) -> "Tenure":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        if isinstance(exc, Lost):
            log.info("export_lost", export=self.export.pk)
            # A successor may build on what was written here, and removes it at its end.
            if not Export.objects.filter(pk=self.export.pk, state=RunState.RUNNING).exists():
                self.part.unlink(missing_ok=True)
            return True
        # A worker that is stopped or a database that is away: the export is taken up again when it is silent.
        passing = (SoftTimeLimitExceeded, OperationalError, InterfaceError)
        if isinstance(exc, Exception) and not isinstance(exc, passing):
            with suppress(Lost):
                self._end(RunState.FAILED, error=failed_message(exc))
        return False

    def run(self) -> None:
        """Write until the end, or until the slice is over."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o750)
        if self.export.attempts > MAX_ATTEMPTS:
            error = _("The export was begun five times and got no further; it is given up.")
            self._end(RunState.FAILED, error=error)
        elif self._write(self._cut()):
            self._finish()
        else:
            self._update(heartbeat_at=None, attempts=0)
            tasks.build_export.delay(self.export.pk)

    # --- writing ------------------------------------------------------------------------------------------------------

    def _cut(self) -> Cut:
        """The cut of the first start, so that what a crash interrupted goes on as it began; else a new one."""
        export = self.export
        names = [part["file"] for part in export.work.get("segments", ())]
        names.append(export.work.get("cut", ""))
        if export.cursor_ordinal and all((self.folder / name).is_file() for name in names):
            saved = orjson.loads((self.folder / names[-1]).read_bytes())
            places, corrections = (
                {key: (turn, at) for key, turn, at in saved.get(name, ())}
                for name in ("places", "corrections")
            )
            return Cut(set(saved["packages"]), places, corrections, saved["is_whole"])
        cut = read_cut(export)
        saved = {
            "packages": sorted(cut.packages),
            "places": [(key, *place) for key, place in cut.places.items()],
            "corrections": [(key, *place) for key, place in cut.corrections.items()],
            "is_whole": cut.is_whole,
        }
        path = self.folder / new_name(export, ".cut")
        path.write_bytes(orjson.dumps(saved))
        export.cursor_ordinal, export.done, export.total = 0, 0, count_items(export, cut)
        export.work = {"cut": path.name, "segments": []}
        self._beat(done=0)
        return cut

    def _write(self, cut: Cut) -> bool:
        """Write the lines from the cursor on; whether all are written. A shard at a time is on record."""
        export = self.export
        started = time.monotonic()
        writer = WRITERS[export.format](export.job)
        earlier = list(export.work["segments"])
        done = export.done
        buffer: list[bytes] = []
        waiting = 0
        with self.part.open("xb") as file:
            for row in read_rows(export, cut, after=export.cursor_ordinal):
                if row is not None:
                    line = writer.line(row)
                    buffer.append(line)
                    waiting += len(line)
                    done += 1
                    export.cursor_ordinal = row.ordinal
                    if waiting < BUFFER:
                        continue
                block = b"".join(buffer)
                self.digest.update(block)
                file.write(block)
                self.size += waiting
                buffer.clear()
                waiting = 0
                if row is None:
                    file.flush()
                    export.work["segments"] = [
                        *earlier,
                        {"file": self.part.name, "size": self.size},
                    ]
                    self._beat(done=done)
                    if time.monotonic() - started > SLICE:
                        return False
            os.fsync(file.fileno())
        return True

    def _finish(self) -> None:
        """Join the segments under a name of their own, then let the row point at it."""
        export = self.export
        if any(part["file"] != self.part.name for part in export.work["segments"]):
            self._join()
        final = self.part.with_suffix(f".{export.format}")
        self.part.rename(final)
        self.part = final
        self._end(
            RunState.SUCCEEDED,
            file=f"{export.job.workspace_id}/{final.name}",
            size=self.size,
            digest=self.digest.hexdigest(),
            total=export.done,
        )

    def _join(self) -> None:
        """All segments in one new file; only the bytes that are on record count."""
        self.digest, self.size = hashlib.sha256(), 0
        joined = self.folder / new_name(self.export, ".part")
        with joined.open("xb") as target:
            for segment in self.export.work["segments"]:
                with (self.folder / segment["file"]).open("rb") as source:
                    self._copy(source, target, segment["size"])
            os.fsync(target.fileno())
        self.part = joined

    def _copy(self, source: BinaryIO, target: BinaryIO, size: int) -> None:
        left = size
        beaten = time.monotonic()
        while left:
            block = source.read(min(CHUNK, left))
            if not block:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            self.digest.update(block)
            target.write(block)
            left -= len(block)
            if time.monotonic() - beaten > STALE.total_seconds() / 10:
                self._beat(done=self.export.done)
                beaten = time.monotonic()
        self.size += size

    # --- the row ------------------------------------------------------------------------------------------------------

    def _update(self, **changes: Any) -> None:
        """Change the row, if this worker still has it in hand. Raises Lost."""
        held = Export.objects.filter(
            pk=self.export.pk, state=RunState.RUNNING, heartbeat_at=self.beat
        )
        if held.update(**changes) != 1:
            raise Lost

    def _beat(self, *, done: int) -> None:
        export = self.export
        moment = now()
        progress = {"attempts": 1} if done > export.done else {}
        self._update(
            heartbeat_at=moment,
            done=done,
            total=export.total,
            cursor_ordinal=export.cursor_ordinal,
            work=export.work,
            **progress,
        )
        self.beat, export.done = moment, done

    def _end(self, state: RunState, **changes: Any) -> None:
        """The last change of the row; then every file is removed that it does not point at. Raises Lost."""
        self._update(state=state, finished_at=now(), work={}, **changes)
        ready = state == RunState.SUCCEEDED
        tell(
            event=NoticeEvent.EXPORT_READY if ready else NoticeEvent.RUN_FAILED,
            users=[self.export.requested_by_id],
            job=self.export.job,
            key=f"export:{self.export.pk}",
        )
        clear(self.export, keep=Path(changes.get("file", "")).name)
