"""Figures as pages, API and files show them: sums of tallies, whose number does not grow with the packages.

docs/figures.md says what each one means. Call `jobs.services.figures.settle_figures` first.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import models
from django.db.models import F, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from accounts.models import Team, User
from accounts.visibility import EVERYBODY, People
from itag.core.errors import Invalid
from jobs.models import Assignment, ErrorTally, Job, JobSummary, LabelTally, StageTally
from jobs.selectors.template import resolved_template
from templates_app.questions.base import inner

#: Every count of a StageTally row.
COUNTERS = [
    field.name for field in StageTally._meta.fields if type(field) is models.BigIntegerField
]
#: What figures may be grouped by: the columns of a group.
GROUPS: dict[str, tuple[str, ...]] = {
    "stage": ("stage",),
    "team": ("team", "stage"),
    "person": ("user", "stage"),
    "day": ("day", "stage"),
}
_STAGES = ("labeling", "check", "acceptance")
#: Groups that one answer holds; further ones come with `next`.
PAGE = 200
#: Kinds of errors, and labels, that one answer holds, the most frequent first.
MOST = 1000

Json = dict[str, Any]


@dataclass(frozen=True)
class Span:
    """Days from `start` to `end`, both included; None is open."""

    start: date | None = None
    end: date | None = None

    @property
    def condition(self) -> Q:
        """The days of a tally."""
        found = Q()
        if self.start:
            found &= Q(day__gte=self.start)
        if self.end:
            found &= Q(day__lte=self.end)
        return found

    @property
    def query(self) -> str:
        """As the parameters of an address."""
        parts = (("from", self.start), ("to", self.end))
        return "&".join(f"{name}={day.isoformat()}" for name, day in parts if day)


def read_span(start: str, end: str) -> Span:
    """The span of two ISO dates, each may be blank. Raises Invalid."""
    span = Span(_date("from", start), _date("to", end))
    if span.start and span.end and span.start > span.end:
        raise Invalid.field("to", _("The last day is before the first."))
    return span


def _date(name: str, text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as exc:
        raise Invalid.field(name, _("Write the day as YYYY-MM-DD.")) from exc


@dataclass(frozen=True)
class Asked:
    """Which figures of a job: of which days, whose (`people`: those whom the reader may see), of which stage."""

    job: Job
    span: Span = Span()
    people: People = EVERYBODY
    user: int | None = None
    stage: str = ""

    def narrow(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Those of the job's StageTally or ErrorTally rows that are asked for."""
        rows = rows.filter(self.span.condition, self.people.where("user"), job=self.job)
        if self.user is not None:
            rows = rows.filter(user=self.user)
        return rows.filter(stage=self.stage) if self.stage else rows

    @property
    def stages(self) -> QuerySet[StageTally]:
        return self.narrow(StageTally.objects.all())

    @property
    def errors(self) -> QuerySet[ErrorTally]:
        return self.narrow(ErrorTally.objects.all())


# --- what follows from counts -----------------------------------------------------------------------------------------


def _share(errors: int, inspected: int) -> float | None:
    return round(1 - errors / inspected, 4) if inspected > 0 else None


def _ratio(part: float, whole: float, *, digits: int) -> float | None:
    return round(part / whole, digits) if whole > 0 else None


def measures(counts: Json) -> Json:
    """The counts with what follows from them; shares are from 0 to 1, None where nothing was inspected or worked.

    `audio_seconds`, `video_seconds` stand for the milliseconds that are counted.
    """
    found = {name: counts.get(name) or 0 for name in COUNTERS}
    done = found["items"] + found["rework_items"]
    found["audio_seconds"] = found.pop("audio_ms") / 1000
    found["video_seconds"] = found.pop("video_ms") / 1000
    found["items_per_hour"] = _ratio(done * 3600, found["work_seconds"], digits=2)
    for name in ("checked", "sampled"):
        errors = found[f"{name}_rejected"] + found[f"{name}_modified"]
        found[f"{name}_errors"] = errors
        found[f"{name}_accuracy"] = _share(errors, found[name])
    found["inspected"] = found["passed"] + found["rejected"] + found["modified"]
    found["errors"] = found["rejected"] + found["modified"]
    found["accuracy"] = _share(found["errors"], found["inspected"])
    found["own_errors"] = found["missed"] + found["overturned"]
    found["own_accuracy"] = _share(found["own_errors"], found["examined"])
    return found


#: The names that `measures` answers, in their order.
MEASURES = list(measures({}))


# --- sums -------------------------------------------------------------------------------------------------------------


def _sums(rows: QuerySet[StageTally], columns: Iterable[str]) -> list[Json]:
    found: Any = rows.order_by().values(*columns).annotate(**{f"n_{c}": Sum(c) for c in COUNTERS})
    return [
        {
            **{column: row[column] for column in columns},
            **measures({name: row[f"n_{name}"] for name in COUNTERS}),
        }
        for row in found
    ]


def totals(asked: Asked) -> dict[str, Json]:
    """{stage: measures} of the stages in which something was counted; one statement."""
    rows = _sums(asked.stages, ("stage",))
    return {row.pop("stage"): row for row in sorted(rows, key=_by_stage)}


def grouped(asked: Asked, by: str, *, after: str = "", limit: int = PAGE) -> tuple[list[Json], str]:
    """The figures by stage, team, person or day, and the key to go on after ("" at the end).

    People and teams by their id, days the newest first; with a row per stage of each. Three statements at most.
    Raises Invalid for an unknown `after`.
    """
    columns = GROUPS[by]
    first, rows = columns[0], asked.stages
    upto = ""
    if first in ("user", "day"):
        keys, upto = _page(rows, first, after, limit)
        rows = rows.filter(Q(**{f"{first}__in": keys}) | _nobody(keys, first))
    found = _sums(rows, columns)
    named(found)
    found.sort(key=lambda row: (_order(row, first), _by_stage(row)))
    return found, upto


def _page(rows: QuerySet[StageTally], field: str, after: str, limit: int) -> tuple[list[Any], str]:
    """The keys of one page, and the key after which the next one begins."""
    keys: Any = rows.order_by().values_list(field, flat=True).distinct()
    if field == "day":
        beyond = _date("after", after)
        keys = keys.order_by("-day")
        keys = keys.filter(day__lt=beyond) if beyond else keys
    else:
        keys = keys.order_by(F("user").asc(nulls_first=True))
        if after:
            if not (after.isascii() and after.isdigit() and len(after) < 19):
                raise Invalid.field("after", _("This is not a key of these figures."))
            keys = keys.filter(user__gt=int(after))
    found = list(keys[: limit + 1])
    more = len(found) > limit
    return found[:limit], str(found[limit - 1] or 0) if more else ""


def _nobody(keys: list[Any], field: str) -> Q:
    return Q(user=None) if field == "user" and None in keys else Q(pk__in=())


def _order(row: Json, first: str) -> Any:
    if first == "day":
        return -row["day"].toordinal()
    who = row.get(first)
    return (who or {}).get("id", 0) if first != "stage" else 0


def _by_stage(row: Json) -> int:
    return _STAGES.index(row["stage"])


def named(rows: list[Json]) -> None:
    """Put people and teams for their ids: {"id", "username", "name"}, {"id", "name"}; None is nobody, and no team."""
    people = User.objects.in_bulk({row["user"] for row in rows if row.get("user")})
    teams = Team.objects.in_bulk({row["team"] for row in rows if row.get("team")})
    for row in rows:
        if row.get("user"):
            who = people[row["user"]]
            row["user"] = {"id": who.pk, "username": who.username, "name": who.get_full_name()}
        if row.get("team"):
            team = teams[row["team"]]
            row["team"] = {"id": team.pk, "name": team.name}


def errors_by_type(asked: Asked) -> list[Json]:
    """{"stage", "kind", "error_type", "severity", "count"}, the most frequent first; one statement."""
    rows: Any = (
        asked.errors.order_by()
        .values("stage", "kind", "error_type", "severity")
        .annotate(total=Sum("count"))
        .filter(total__gt=0)
        .order_by("-total", "stage", "kind", "error_type", "severity")
    )
    return [{**_without(row, "total"), "count": row["total"]} for row in rows[:MOST]]


def errors_by_person(asked: Asked) -> list[Json]:
    """{"user", "error_type", "kind", "count"} of the most frequent kinds by person; two statements."""
    rows: Any = (
        asked.errors.order_by()
        .values("user", "kind", "error_type")
        .annotate(total=Sum("count"))
        .filter(total__gt=0)
        .order_by("-total", "user", "kind", "error_type")
    )
    found = [{**_without(row, "total"), "count": row["total"]} for row in rows[:PAGE]]
    named(found)
    return found


def labels(asked: Asked) -> list[Json]:
    """{"question", "title", "option", "label", "count", "share", "errors"} in the order of the job's options.

    `count`: in the answers in force now, whatever days are asked for, None where the reader sees a supplier's people
    only; `share`: of its question's counts; `errors`: of the days asked for. Two statements.
    """
    counts: dict[tuple[str, str], int] = {}
    if asked.people.everybody:
        counts = {
            (row.question, row.option): row.count
            for row in LabelTally.objects.filter(job=asked.job)
            if row.question and row.count
        }
    rows: Any = asked.errors.order_by().values("question", "option").annotate(total=Sum("count"))
    errors = {(row["question"], row["option"]): row["total"] for row in rows if row["total"]}
    sums: dict[str, int] = {}
    for (question, _option), count in counts.items():
        sums[question] = sums.get(question, 0) + count
    names = label_names(asked.job)
    order = {key: place for place, key in enumerate(names)}
    return [
        {
            "question": key[0],
            "title": names.get(key, ("", ""))[0],
            "option": key[1],
            "label": names.get(key, ("", key[1]))[1],
            "count": counts.get(key, 0) if asked.people.everybody else None,
            "share": _ratio(counts.get(key, 0), sums.get(key[0], 0), digits=4),
            "errors": errors.get(key, 0),
        }
        for key in sorted({*counts, *errors}, key=lambda key: (order.get(key, len(order)), key))
    ][:MOST]


def label_names(job: Job) -> dict[tuple[str, str], tuple[str, str]]:
    """{(question, option): (the question's title, the option's label)} of the job, in its order."""
    found: dict[tuple[str, str], tuple[str, str]] = {}

    def walk(questions: list[Json], title: str) -> None:
        for question in questions:
            own = f"{title} · {question['markTitle']}" if title else question["markTitle"]
            options(question["questionId"], own, question.get("options", []))
            walk(inner(question), own)

    def options(key: str, title: str, tree: list[Json]) -> None:
        for option in tree:
            found[key, option["key"]] = (title, option["label"])
            options(key, title, option.get("children", []))

    walk(resolved_template(job)["questions"], "")
    return found


def answers_in_force(job: Job) -> dict[str, int]:
    """{"answered", "abandoned"}: items by their answer in force; one statement."""
    found = dict(LabelTally.objects.filter(job=job, question="").values_list("option", "count"))
    return {name: found.get(name, 0) for name in ("answered", "abandoned")}


def every_row(asked: Asked) -> Iterator[Json]:
    """The figures at their finest, by day, stage, person; a statement for each month."""
    days = asked.stages.aggregate(first=models.Min("day"), last=models.Max("day"))
    start = days["first"]
    while start is not None and start <= days["last"]:
        end = start + timedelta(days=30)
        rows: Any = (
            asked.stages.filter(day__range=(start, end))
            .order_by("day", "stage", "user")
            .values("day", "stage", "user", "team", *COUNTERS)
        )
        found = [
            {**{name: row[name] for name in ("day", "stage", "user", "team")}, **measures(row)}
            for row in rows
        ]
        named(found)
        yield from found
        start = end + timedelta(days=1)


def _without(row: Json, name: str) -> Json:
    return {key: value for key, value in row.items() if key != name}


# --- one's own --------------------------------------------------------------------------------------------------------


def own_by_job(user: User, workspace_id: int, span: Span) -> list[Json]:
    """{"job": {"id", "name"}, "stage", measures} of one person in a workspace; one statement."""
    rows = _own(user, workspace_id, span)
    found = _sums(rows, ("job", "job__name", "stage"))
    for row in found:
        row["job"] = {"id": row.pop("job"), "name": row.pop("job__name")}
    return sorted(found, key=lambda row: (-row["job"]["id"], _by_stage(row)))


def own_by_day(user: User, workspace_id: int, span: Span) -> list[Json]:
    """{"day", "stage", measures}, the newest first; one statement."""
    found = _sums(_own(user, workspace_id, span), ("day", "stage"))
    return sorted(found, key=lambda row: (-row["day"].toordinal(), _by_stage(row)))


def own_totals(user: User, workspace_id: int, span: Span) -> dict[str, Json]:
    """{stage: measures}; one statement."""
    found = _sums(_own(user, workspace_id, span), ("stage",))
    return {row.pop("stage"): row for row in sorted(found, key=_by_stage)}


def _own(user: User, workspace_id: int, span: Span) -> QuerySet[StageTally]:
    return StageTally.objects.filter(
        span.condition, user=user, job__workspace=workspace_id, job__deleted_at=None
    )


def held_seconds(user: User, workspace_id: int) -> int:
    """What the person has worked on packages that they hold now, counted at their end; one statement."""
    held = Assignment.objects.filter(
        holder=user, state=Assignment.State.CLAIMED, job__workspace=workspace_id
    )
    return held.aggregate(n=Sum("work_seconds"))["n"] or 0


def job_counts(job: Job) -> Json:
    """How far the job is, from its summary (loaded or not); two statements at most."""
    summary = getattr(job, "summary", None) or JobSummary(job=job)
    answers = answers_in_force(job)
    return {
        "items": job.item_count,
        "finished_items": summary.finished_items,
        "packages": job.package_count,
        "finished_packages": summary.finished_packages,
        "accepted_items": summary.acceptance_items,
        "answered_items": answers["answered"],
        "abandoned_items": answers["abandoned"],
        "discarded_packages": summary.discarded_packages,
        "discarded_items": summary.discarded_items,
    }
