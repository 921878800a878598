"""Reads an exported manifest as model training does, and compares it with answers that are known.

The two readers follow Alibaba's EasyCV loaders: the classification loader prefers what was accepted, the detection
loader what was checked and refuses lines with the results of more than one job.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from itag.client.answers import same

KEY = re.compile(r"label-(\d+)(-check|-verify)?")


class Off(Exception):
    """Something is not as it must be; the message says what and where."""


@dataclass
class Expected:
    """What one line must hold: the text of its `data`, members that came with it, and its results by key."""

    data: str | None
    source: str
    others: Mapping[str, str]
    """Other members of the dataset's line, {name: JSON text}, which leave unchanged."""
    results: Mapping[str, Any]
    """{"label-…": {"results": […]}} in the order of the stages."""


def check_lines(text: str, expected: Sequence[Expected]) -> list[dict[str, Any]]:
    """Compare a manifest line by line; answers its decoded lines, or raises Off at the first difference."""
    if not text.endswith("\n"):
        raise Off("the manifest does not end with a line end")
    lines = text.removesuffix("\n").split("\n")
    if len(lines) != len(expected):
        raise Off(f"the manifest has {len(lines)} lines, expected {len(expected)}")
    found = []
    for number, (line, wanted) in enumerate(zip(lines, expected, strict=True), 1):
        try:
            found.append(_check_line(line, wanted))
        except ValueError as exc:
            raise Off(f"line {number}: this is not JSON: {exc}") from exc
        except Off as exc:
            raise Off(f"line {number}: {exc}") from exc
    return found


def _check_line(line: str, wanted: Expected) -> dict[str, Any]:
    row = json.loads(line)
    if row["data"].get("source") != wanted.source:
        raise Off(f"source is {row['data'].get('source')!r}, expected {wanted.source!r}")
    if wanted.data is not None and wanted.data not in line:
        raise Off("`data` did not leave byte for byte as it came")
    for name, text in wanted.others.items():
        if f"{json.dumps(name)}:{text}" not in line:
            raise Off(f"{name} did not leave byte for byte as it came")
    keys = [name for name in row if name != "data" and name not in wanted.others]
    if keys != list(wanted.results):
        raise Off(f"result keys are {keys}, expected {list(wanted.results)}")
    for name, value in wanted.results.items():
        if not same(row[name], value, ordered=True):
            raise Off(
                f"{name} is {json.dumps(row[name], ensure_ascii=False)}, "
                f"expected {json.dumps(value, ensure_ascii=False)}"
            )
    return row


def _by_stage(row: Mapping[str, Any], task: str) -> dict[str, Any]:
    """{"": results, "-check": …, "-verify": …} of one job."""
    found = {}
    for name, value in row.items():
        match = KEY.fullmatch(name)
        if match and match[1] == task:
            found[match[2] or ""] = value
    return found


def latest(row: Mapping[str, Any], task: str) -> dict[str, Any]:
    """What stands under `-verify`, else `-check`, else the plain key."""
    stages = _by_stage(row, task)
    for suffix in ("-verify", "-check", ""):
        if suffix in stages:
            found: dict[str, Any] = stages[suffix]
            return found
    raise Off(f"no results of job {task}")


def read_choices(row: Mapping[str, Any], task: str) -> list[Any]:
    """What a classification loader sees: the answers of `-verify`, else `-check`, else the plain key."""
    return [element["data"] for element in latest(row, task)["results"]]


def read_boxes(row: Mapping[str, Any], task: str) -> list[tuple[str, list[float]]]:
    """What a detection loader sees: (label, [x0, y0, x1, y1]) of `-check`, else the plain key, else `-verify`.

    A box is spanned by the corner with the smallest and the one with the largest sum of coordinates.
    """
    tasks = {match[1] for name in row if (match := KEY.fullmatch(name))}
    if tasks != {task}:
        raise Off(f"results of jobs {sorted(tasks)} on one line, expected only {task}")
    stages = _by_stage(row, task)
    for suffix in ("-check", "", "-verify"):
        if suffix in stages:
            return [
                _read_box(entry)
                for element in stages[suffix]["results"]
                for entry in element["data"]
            ]
    raise Off(f"no results of job {task}")


def _read_box(entry: Mapping[str, Any]) -> tuple[str, list[float]]:
    labels = list(entry["labels"].values())
    if len(labels) != 1 or not isinstance(labels[0], str):
        raise Off(f"box {entry['id']} has {len(labels)} labels, expected one")
    points = sorted(entry["value"], key=sum)
    return labels[0], [*points[0], *points[-1]]
