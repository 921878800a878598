"""Figures as a CSV file, line by line."""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

from jobs.selectors.figures import (
    GROUPS,
    MEASURES,
    Asked,
    errors_by_type,
    every_row,
    grouped,
    labels,
)

#: What a file may be of: "" is everything, by day, stage and person.
KINDS = ("", *GROUPS, "label", "error")
#: Excel takes a file without it for one in the machine's own encoding.
MARK = "\ufeff"
#: With these a spreadsheet takes a text for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_WHO = {
    "user": (("user", "username"), ("name", "name")),
    "team": (("team", "name"),),
}


def csv_lines(asked: Asked, by: str) -> Iterator[bytes]:
    """The file, UTF-8 with its mark; the first line names the columns as the API does."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    columns, rows = _table(asked, by)
    buffer.write(MARK)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(value) for value in row])
        if buffer.tell() > 32_768:
            yield _take(buffer)
    yield _take(buffer)


def file_name(asked: Asked, by: str) -> str:
    """What the file is called."""
    return f"figures-{asked.job.task_id}{'-' if by else ''}{by}.csv"


def _table(asked: Asked, by: str) -> tuple[list[str], Iterable[list[Any]]]:
    if by == "label":
        names = ["question", "title", "option", "label", "count", "share", "errors"]
        return names, ([row[name] for name in names] for row in labels(asked))
    if by == "error":
        names = ["stage", "kind", "error_type", "severity", "count"]
        return names, ([row[name] for name in names] for row in errors_by_type(asked))
    keys = GROUPS[by] if by else ("day", "stage", "user", "team")
    columns = [name for key in keys for name, _of in _WHO.get(key, ((key, ""),))]
    return [*columns, *MEASURES], (
        [*_keys(row, keys), *(row[name] for name in MEASURES)] for row in _rows(asked, by)
    )


def _rows(asked: Asked, by: str) -> Iterator[dict[str, Any]]:
    if not by:
        yield from every_row(asked)
        return
    after = ""
    while True:
        rows, after = grouped(asked, by, after=after)
        yield from rows
        if not after:
            return


def _keys(row: dict[str, Any], keys: Iterable[str]) -> Iterator[Any]:
    for key in keys:
        for _name, of in _WHO.get(key, ((key, ""),)):
            yield (row[key] or {}).get(of, "") if of else row[key]


def _cell(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return "" if value is None else value


def _take(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()
