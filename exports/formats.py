"""Export formats: one writer each, chosen by the format's name."""

from collections.abc import Callable, Iterator
from typing import Protocol

import orjson

from datasets.services.manifest import members
from exports.models import Export
from exports.selectors import Answer, Row
from jobs.models import Job
from jobs.selectors.template import job_questions, template_key
from templates_app.answers import SUFFIXES, manifest_key, to_manifest


class Writer(Protocol):
    """Turns rows into the bytes of a file."""

    def line(self, row: Row) -> bytes:
        """What the file says of one item."""
        ...


class ManifestWriter:
    """iTAG's manifest: `{"data":…, foreign members…, "label-<task id>":{"results":[…]}, …}`, one line an item.

    `data` and the foreign members are the bytes that were imported. A key of this very job among the foreign ones is
    replaced, never doubled.
    """

    def __init__(self, job: Job) -> None:
        self._questions = job_questions(template_key(job))
        self._number = str(job.task_id).encode()
        self._own_keys = {manifest_key(job.task_id, stage) for stage in SUFFIXES}
        self._prefixes = {
            stage: b"," + orjson.dumps(manifest_key(job.task_id, stage)) + b":"
            for stage in SUFFIXES
        }

    def line(self, row: Row) -> bytes:
        parts = [b'{"data":', row.data]
        if row.extra is not None:
            parts.extend(self._foreign(row.extra))
        written: dict[int, bytes] = {}
        for stage, answer in row.keys.items():
            # What a stage passed is the same answer again: encoded once.
            block = written.get(answer.id)
            if block is None:
                block = written[answer.id] = self._block(answer)
            parts += (self._prefixes[stage], block)
        parts.append(b"}")
        line = b"".join(parts)
        # JSON allows line ends between its tokens, a file of lines does not.
        return (line.replace(b"\n", b" ") if b"\n" in line else line) + b"\n"

    def _block(self, answer: Answer) -> bytes:
        if answer.abandoned:
            return b'{"results":[],"abandonFlag":true,"abandonRemark":%b}' % orjson.dumps(
                answer.reason
            )
        results = to_manifest(orjson.loads(answer.results or b"[]"), self._questions)
        return b'{"results":' + orjson.dumps(results) + b"}"

    def _foreign(self, extra: bytes) -> Iterator[bytes]:
        """The foreign members, each with its comma before it."""
        # A key of this job holds its number, unless some of its characters are escaped.
        if self._number in extra or b"\\u" in extra:
            for key, raw_key, _value, raw_value in members(extra.decode()):
                if key not in self._own_keys:
                    yield f",{raw_key}:{raw_value}".encode()
            return
        inner = extra.strip()[1:-1].strip()
        if inner:
            yield b","
            yield inner


#: Format → what makes its writer.
WRITERS: dict[str, Callable[[Job], Writer]] = {Export.Format.MANIFEST: ManifestWriter}
