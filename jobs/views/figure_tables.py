"""Which figures stand in which table, and how they are written."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobs.models import Job, Stage

#: What stands where nothing was inspected, or worked.
NOTHING = "–"


@dataclass(frozen=True)
class Figure:
    """A measure with its heading; `kind`: count, share, hours or rate; `optional`: left out where it is 0 everywhere."""

    name: str
    label: str | Promise
    kind: str = "count"
    optional: bool = False
    stages: tuple[str, ...] = ()


_UNITS = [
    Figure("regions", gettext_lazy("Regions"), optional=True),
    Figure("characters", gettext_lazy("Characters"), optional=True),
    Figure("audio_seconds", gettext_lazy("Audio"), "hours", optional=True),
    Figure("video_seconds", gettext_lazy("Video"), "hours", optional=True),
    Figure("pages", gettext_lazy("PDF pages"), optional=True),
]
_PACE = [
    Figure("work_seconds", gettext_lazy("Work time"), "hours"),
    Figure("items_per_hour", gettext_lazy("Items per hour"), "rate"),
]
_LABELING = [
    Figure("packages", gettext_lazy("Packages")),
    Figure("items", gettext_lazy("Items")),
    *_UNITS,
    Figure("abandoned", gettext_lazy("Abandoned")),
    *_PACE,
    Figure("checked", gettext_lazy("Checked"), stages=("check",)),
    Figure("checked_errors", gettext_lazy("Errors in check"), stages=("check",)),
    Figure("checked_accuracy", gettext_lazy("Accuracy in check"), "share", stages=("check",)),
    Figure("sampled", gettext_lazy("Sampled"), stages=("acceptance",)),
    Figure("sampled_errors", gettext_lazy("Errors in acceptance"), stages=("acceptance",)),
    Figure(
        "sampled_accuracy", gettext_lazy("Accuracy in acceptance"), "share", stages=("acceptance",)
    ),
    Figure("returned_packages", gettext_lazy("Returned packages")),
    Figure("returned_items", gettext_lazy("Returned items")),
    Figure("rework_items", gettext_lazy("Reworked")),
    Figure("corrected", gettext_lazy("Corrected by a manager"), optional=True),
]
_INSPECTION = [
    Figure("packages", gettext_lazy("Packages")),
    Figure("items", gettext_lazy("Items")),
    *_UNITS,
    Figure("passed", gettext_lazy("Passed")),
    Figure("rejected", gettext_lazy("Rejected")),
    Figure("modified", gettext_lazy("Fixed")),
    Figure("accuracy", gettext_lazy("Found right"), "share"),
    Figure("adjudicated", gettext_lazy("Votes decided"), optional=True),
    Figure("abandoned", gettext_lazy("Abandoned"), optional=True),
    *_PACE,
    Figure("rework_items", gettext_lazy("Inspected again")),
    Figure("rework_errors", gettext_lazy("Errors again"), optional=True),
    Figure("sent_back", gettext_lazy("Packages sent back")),
    Figure("examined", gettext_lazy("Own verdicts examined"), optional=True),
    Figure("own_errors", gettext_lazy("Own errors"), optional=True),
    Figure("own_accuracy", gettext_lazy("Own accuracy"), "share", optional=True),
]
_ENDED = [
    Figure("released", gettext_lazy("Given back"), optional=True),
    Figure("skipped", gettext_lazy("Skipped"), optional=True),
    Figure("expired", gettext_lazy("Expired"), optional=True),
    Figure("transferred", gettext_lazy("Transferred"), optional=True),
    Figure("withdrawn", gettext_lazy("Withdrawn"), optional=True),
]


def figures_of(
    stage: str, stages: Sequence[str], rows: Iterable[dict[str, Any]], *, all_: bool = True
) -> list[Figure]:
    """The columns for these rows of a stage in a job with these stages."""
    rows = list(rows)
    found = _LABELING if stage == Stage.LABELING else _INSPECTION
    return [
        figure
        for figure in (*found, *(_ENDED if all_ else ()))
        if (not figure.stages or set(figure.stages) & set(stages))
        and (not figure.optional or any(row[figure.name] for row in rows))
    ]


def write(figure: Figure, row: dict[str, Any]) -> str:
    """The measure as the reader sees it."""
    value = row[figure.name]
    if value is None:
        return NOTHING
    return {"count": number, "share": share, "hours": hours, "rate": rate}[figure.kind](value)


def number(value: float) -> str:
    """A whole number in the reader's spelling."""
    return number_format(int(value), force_grouping=True)


def share(value: float | None) -> str:
    """A share of 1 in percent; only what is whole shows 100."""
    if value is None:
        return NOTHING
    percent = round(value * 100, 1)
    return f"{number_format(min(percent, 99.9) if value < 1 else percent, 1)} %"


def rate(value: float) -> str:
    """So many an hour."""
    return number_format(round(value, 1), 1) if value < 100 else number(round(value))


def coefficient(value: float | None) -> str:
    """An alpha or kappa, with a minus that is one."""
    if value is None:
        return NOTHING
    return number_format(round(value, 2), 2).replace("-", "\u2212")


def hours(seconds: float) -> str:
    """A length of time in hours and minutes, below an hour in minutes and seconds."""
    whole = round(seconds)
    if whole < 3600:
        return _("%(m)d min %(s)02d s") % {"m": whole // 60, "s": whole % 60}
    return _("%(h)s h %(m)02d min") % {"h": number(whole // 3600), "m": whole % 3600 // 60}


@dataclass(frozen=True)
class Line:
    """One row of a table: who or what, a bar from 0 to 100, and the cells."""

    label: str
    note: str
    bar: float
    cells: list[str]


@dataclass(frozen=True)
class Table:
    """The figures of a stage by person, team or day."""

    stage: str
    title: str
    headings: list[str]
    lines: list[Line]


def tables(job: Job, rows: list[dict[str, Any]], by: str) -> list[Table]:
    """A table for each stage of the job, its rows those with most items first."""
    found = []
    for stage in job.stages:
        mine = [row for row in rows if row["stage"] == stage]
        if not mine:
            continue
        columns = figures_of(stage, job.stages, mine)
        most = max(row["items"] for row in mine) or 1
        mine.sort(key=lambda row: -row["items"])
        found.append(
            Table(
                stage,
                str(Stage(stage).label),
                [str(figure.label) for figure in columns],
                [
                    Line(
                        *_who(row, by),
                        bar=round(max(row["items"], 0) * 100 / most, 1),
                        cells=[write(figure, row) for figure in columns],
                    )
                    for row in mine
                ],
            )
        )
    return found


def _who(row: dict[str, Any], by: str) -> tuple[str, str]:
    if by == "team":
        return (row["team"]["name"], "") if row["team"] else (_("No team"), "")
    if row["user"] is None:
        return _("Nobody"), _("answers of managers, and of votes without agreement")
    return row["user"]["name"], row["user"]["username"]


def facts(stage: str, stages: Sequence[str], row: dict[str, Any]) -> list[tuple[str, str]]:
    """The measures of one stage as heading and text."""
    return [(str(f.label), write(f, row)) for f in figures_of(stage, stages, [row])]
