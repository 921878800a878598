"""The figures of a job, and My page."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from accounts.context import current_workspace, person
from accounts.models import Workspace
from accounts.visibility import visible_people
from itag.core.clock import now
from itag.core.errors import Invalid, NotFound
from itag.web.pages import SignedIn
from jobs.feedback import error_name
from jobs.models import ErrorTally, Stage
from jobs.selectors import figures
from jobs.selectors.figures import Asked, Span
from jobs.selectors.figures_csv import KINDS, csv_lines, file_name
from jobs.services.figures import settle_figures, settle_workspace
from jobs.services.figures_agreement import ITEMS, PACKAGES, voter_agreement
from jobs.views.charts import Columns, Series, columns
from jobs.views.figure_tables import NOTHING, coefficient, facts, hours, number, share, tables
from jobs.views.job_page import JobPage

#: Days that a chart shows, the latest of those asked for.
DAYS = 31


class JobFigures(JobPage):
    """The job's figures; `by` says which, `from` and `to` of which days."""

    rule = "jobs.figures"
    tab = "job-figures"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        by = request.GET.get("by", "stage")
        if by not in self._sections():
            by = "stage"
        try:
            span, error = _span(request), ""
        except Invalid as invalid:
            span, error = Span(), invalid.detail
        settle_figures(self.object)
        asked = self._asked(span)
        return self.page(
            "jobs/figures.html",
            status=422 if error else 200,
            by=by,
            sections=self._sections(),
            span=span,
            error=error,
            periods=_periods(self.object.workspace),
            everybody=asked.people.everybody,
            **getattr(self, f"_{by}")(asked),
        )

    def _asked(self, span: Span) -> Asked:
        return Asked(self.object, span, visible_people(self.request.user, self.object.workspace))

    def _sections(self) -> dict[str, str]:
        found = {
            "stage": _("Overview"),
            "person": _("People"),
            "team": _("Teams"),
            "label": _("Labels"),
            "error": _("Errors"),
        }
        if self.object.vote_count > 1:
            found["agreement"] = _("Agreement")
        return found

    def _stage(self, asked: Asked) -> dict[str, Any]:
        job, totals = self.object, figures.totals(asked)
        rows, _more = figures.grouped(asked, "day", limit=DAYS)
        blank = figures.measures({})
        counts = figures.job_counts(job) if asked.people.everybody else None
        return {
            "stages": [
                (Stage(stage), facts(stage, job.stages, totals.get(stage, blank)))
                for stage in job.stages
            ],
            "counts": _counts(counts) if counts else [],
            "chart": _chart(rows, job.stages),
            "days": _days(rows, job.stages),
        }

    def _person(self, asked: Asked) -> dict[str, Any]:
        rows, more = figures.grouped(asked, "person")
        return {"tables": tables(self.object, rows, "person"), "more": more}

    def _team(self, asked: Asked) -> dict[str, Any]:
        rows, _more = figures.grouped(asked, "team")
        return {"tables": tables(self.object, rows, "team")}

    def _label(self, asked: Asked) -> dict[str, Any]:
        rows = figures.labels(asked)
        most = max([row["count"] or 0 for row in rows] + [row["errors"] for row in rows], default=0)
        for row in rows:
            row["bar"] = round((row["count"] or 0) * 100 / (most or 1), 1)
            row["percent"] = share(row["share"])
        return {"labels": rows}

    def _error(self, asked: Asked) -> dict[str, Any]:
        rows = figures.errors_by_type(asked)
        whose = figures.errors_by_person(asked)
        for some in (rows, whose):
            most = max((row["count"] for row in some), default=1)
            for row in some:
                row["bar"] = round(row["count"] * 100 / most, 1)
                row["what"] = _kind(row)
        for row in rows:
            row["stage"] = Stage(row["stage"]).label
        return {"errors": rows, "whose": whose}

    def _agreement(self, asked: Asked) -> dict[str, Any]:
        found = voter_agreement(job=self.object, people=asked.people)
        for question in found["questions"]:
            question["mean"] = share(question["mean"])
            question["alpha"] = coefficient(question["alpha"])
            question["drawn"] = question["type"] == "PICTURE"
            for pair in question["pairs"]:
                pair["mean"] = share(pair["mean"])
                pair["kappa"] = coefficient(pair["kappa"])
        return {"agreement": found, "most_packages": PACKAGES, "most_items": ITEMS}


class JobFiguresFile(JobFigures):
    """The same as a CSV file."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:  # type: ignore[override]
        by = request.GET.get("by", "")
        if by not in KINDS:
            raise NotFound(_("Not found."))
        asked = self._asked(_span(request))
        settle_figures(self.object)
        response = StreamingHttpResponse(
            csv_lines(asked, by), content_type="text/csv; charset=utf-8"
        )
        response.headers["Content-Disposition"] = f'attachment; filename="{file_name(asked, by)}"'
        return response


class MyPage(SignedIn):
    """One's own figures in the current workspace, as those who lead see them."""

    def get(self, request: HttpRequest) -> HttpResponse:
        workspace = current_workspace(request)
        if workspace is None:
            return render(request, "jobs/nowhere.html")
        user, today = person(request), _today(workspace)
        try:
            span, error = _span(request), ""
        except Invalid as invalid:
            span, error = Span(), invalid.detail
        if not (span.start or span.end):
            span = Span(today.replace(day=1), today)
        settle_workspace(workspace)
        days = figures.own_by_day(user, workspace.pk, span)
        return render(
            request,
            "jobs/my_page.html",
            {
                "span": span,
                "error": error,
                "periods": _periods(workspace),
                "held": hours(figures.held_seconds(user, workspace.pk)),
                "parts": [
                    (name, title, _own(figures.own_totals(user, workspace.pk, of)))
                    for name, title, of in (
                        ("today", _("Today"), Span(today, today)),
                        ("period", _("This period"), span),
                    )
                ],
                "jobs": [
                    (row["job"], Stage(row["stage"]), facts(row["stage"], _judging(row), row))
                    for row in figures.own_by_job(user, workspace.pk, span)
                ],
                "chart": _chart(_latest(days), _worked(days)),
                "days": _days(_latest(days), _worked(days)),
            },
            status=422 if error else 200,
        )


def _own(totals: dict[str, dict[str, Any]]) -> list[tuple[Stage, list[tuple[str, str]]]]:
    return [(Stage(stage), facts(stage, _judging(row), row)) for stage, row in totals.items()]


def _judging(row: dict[str, Any]) -> list[str]:
    """The stages to show verdicts of, where rows of several jobs stand together: acceptance if there are any."""
    return ["labeling", "check", "acceptance"] if row["sampled"] else ["labeling", "check"]


def _worked(rows: list[dict[str, Any]]) -> list[str]:
    """The stages in which there is something, labeling always."""
    found = {row["stage"] for row in rows} | {"labeling"}
    return [stage for stage in Stage.values if stage in found]


def _latest(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    days = sorted({row["day"] for row in rows})[-DAYS:]
    return [row for row in rows if row["day"] in days]


def _span(request: HttpRequest) -> Span:
    return figures.read_span(request.GET.get("from", ""), request.GET.get("to", ""))


def _today(workspace: Workspace) -> date:
    return now().astimezone(ZoneInfo(workspace.time_zone)).date()


def _periods(workspace: Workspace) -> list[tuple[str, str]]:
    """Spans to choose with one click: what they are called, and their parameters."""
    today = _today(workspace)
    week = today - timedelta(days=today.weekday())
    return [
        (_("Today"), Span(today, today).query),
        (_("This week"), Span(week, today).query),
        (_("This month"), Span(today.replace(day=1), today).query),
        (_("Last 30 days"), Span(today - timedelta(days=29), today).query),
    ]


def _counts(counts: dict[str, int]) -> list[tuple[str, str]]:
    return [
        (label, number(counts[name]))
        for name, label in (
            ("items", _("Items")),
            ("finished_items", _("Finished items")),
            ("accepted_items", _("Accepted items")),
            ("abandoned_items", _("Abandoned in the end")),
            ("packages", _("Packages")),
            ("finished_packages", _("Finished packages")),
            ("discarded_packages", _("Discarded packages")),
        )
    ]


def _by_day(rows: Iterable[dict[str, Any]]) -> dict[date, dict[str, dict[str, Any]]]:
    found: dict[date, dict[str, dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["day"], {})[row["stage"]] = row
    return found


def _chart(rows: list[dict[str, Any]], stages: list[str]) -> Columns | None:
    """Items per day and stage, days without work between the first and the last included."""
    by_day = _by_day(rows)
    if not by_day:
        return None
    last = max(by_day)
    first = max(min(by_day), last - timedelta(days=DAYS - 1))
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    numbers = {stage: place for place, stage in enumerate(Stage.values, 1)}
    series = [
        Series(
            numbers[stage],
            str(Stage(stage).label),
            [by_day.get(day, {}).get(stage, {}).get("items", 0) for day in days],
        )
        for stage in stages
    ]
    return columns([f"{day:%m-%d}" for day in days], series)


def _days(rows: list[dict[str, Any]], stages: list[str]) -> dict[str, Any]:
    """The table of days, the newest first."""
    inspecting = [stage for stage in stages if stage != Stage.LABELING]
    verdicts = [
        stage
        for stage, name in ((Stage.CHECK, "checked"), (Stage.ACCEPTANCE, "sampled"))
        if stage in stages or any(row[name] for row in rows)
    ]
    judged = {Stage.CHECK: ("checked", _("Accuracy in check")),
              Stage.ACCEPTANCE: ("sampled", _("Accuracy in acceptance"))}  # fmt: skip
    blank = figures.measures({})
    lines = []
    for day, found in sorted(_by_day(rows).items(), reverse=True):
        mine = found.get("labeling", blank)
        cells = [number(mine["items"])]
        cells += [number(found.get(stage, blank)["items"]) for stage in inspecting]
        cells += [share(mine[f"{judged[stage][0]}_accuracy"]) for stage in verdicts]
        cells.append(number(mine["returned_items"]))
        cells.append(hours(sum(row["work_seconds"] for row in found.values())))
        lines.append((day, cells))
    return {
        "headings": [
            *(str(Stage(stage).label) for stage in stages),
            *(judged[stage][1] for stage in verdicts),
            _("Returned items"),
            _("Work time"),
        ],
        "lines": lines,
    }


def _kind(row: dict[str, Any]) -> str:
    if row["error_type"]:
        return error_name(row["error_type"])
    return str(ErrorTally.Kind(row["kind"]).label) if row["kind"] else NOTHING
