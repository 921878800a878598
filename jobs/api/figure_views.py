"""Figures of a job, how far its voters agree, and one's own."""

from typing import Any

from django.http import StreamingHttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.context import current_workspace, person
from accounts.models import Workspace
from accounts.visibility import visible_people
from itag.core.errors import Invalid, NotFound
from jobs.api import figure_serializers as shapes
from jobs.models import Job, Stage
from jobs.selectors import figures
from jobs.selectors.figures_csv import KINDS, csv_lines, file_name
from jobs.selectors.pace import pace_today
from jobs.services.figures import settle_figures, settle_workspace
from jobs.services.figures_agreement import voter_agreement
from jobs.services.plan import pick

_DAYS = [
    OpenApiParameter("from", OpenApiTypes.DATE, description="The first day, in the workspace's time zone."),
    OpenApiParameter("to", OpenApiTypes.DATE, description="The last day."),
]  # fmt: skip
_NARROW = [
    *_DAYS,
    OpenApiParameter("user", OpenApiTypes.INT, description="Of this person alone."),
    OpenApiParameter("stage", OpenApiTypes.STR, enum=Stage.values),
]
_BY = (*figures.GROUPS, "label", "error")
_GROUPED = OpenApiParameter("by", OpenApiTypes.STR, enum=_BY)


class JobFiguresViewSet(GenericViewSet[Job]):
    """Figures of a job."""

    queryset = Job.objects.none()
    serializer_class = shapes.FiguresSerializer
    filter_backends = ()
    rules = {"list": "jobs.figures", "table": "jobs.figures", "agreement": "jobs.figures"}

    def job(self) -> Job:
        rows = Job.objects.alive().visible_to(self.request.user)
        job = get_object_or_404(rows.select_related("workspace", "summary"), pk=self.kwargs["pk"])
        self.check_object_permissions(self.request, job)
        return job

    @extend_schema(
        summary="Figures of a job by stage, team, person, day, label or error",
        description=(
            "`by` is stage unless named. Rows by person and by day come in pages: ask again with `after` from `next`. "
            "A supplier's leaders see their own people only. What each figure means: docs/figures.md."
        ),
        parameters=[
            _GROUPED,
            OpenApiParameter("after", OpenApiTypes.STR),
            *_NARROW,
        ],
        responses={200: shapes.FiguresSerializer},
    )
    def list(self, request: Request, pk: int) -> Response:
        asked, by = self._asked(_BY, "stage")
        rows, following = _rows(asked, by, request.query_params.get("after", ""))
        return Response(
            {
                **_span(asked.span, asked.job.workspace),
                "by": by,
                "job": figures.job_counts(asked.job) if asked.people.everybody else None,
                "totals": figures.totals(asked),
                "next": following,
                "results": rows,
            }
        )

    @extend_schema(
        summary="The same as a CSV file",
        description="Without `by`: every row, by day, stage and person. UTF-8 with its mark.",
        parameters=[_GROUPED, *_NARROW],
        responses={(200, "text/csv"): OpenApiTypes.STR},
    )
    def table(self, request: Request, pk: int) -> StreamingHttpResponse:
        asked, by = self._asked(KINDS, "")
        response = StreamingHttpResponse(
            csv_lines(asked, by), content_type="text/csv; charset=utf-8"
        )
        response.headers["Content-Disposition"] = f'attachment; filename="{file_name(asked, by)}"'
        return response

    @extend_schema(
        summary="How far the voters of a job agree",
        description=(
            "From a sample of the latest packages whose votes are complete. `alpha`: Krippendorff's, of choices; "
            "`kappa`: Cohen's, of two people; `mean`: mean agreement, of boxes their mean intersection over union."
        ),
        responses={200: shapes.AgreementSerializer},
    )
    def agreement(self, request: Request, pk: int) -> Response:
        job = self.job()
        settle_figures(job)
        people = visible_people(request.user, job.workspace)
        return Response(voter_agreement(job=job, people=people))

    def _asked(self, kinds: Any, default: str) -> tuple[figures.Asked, str]:
        job = self.job()
        given = self.request.query_params
        by, stage, user = given.get("by", default), given.get("stage", ""), given.get("user", "")
        if by not in kinds:
            raise Invalid.field("by", _("Choose one of: %(names)s.") % {"names": ", ".join(_BY)})
        if stage and stage not in Stage.values:
            raise Invalid.field("stage", _("There is no such stage."))
        if user and not (user.isascii() and user.isdigit() and len(user) < 19):
            raise Invalid.field("user", _("There is no such person."))
        asked = figures.Asked(
            job=job,
            span=figures.read_span(given.get("from", ""), given.get("to", "")),
            people=visible_people(self.request.user, job.workspace),
            user=int(user) if user else None,
            stage=stage,
        )
        settle_figures(job)
        return asked, by


class MyFiguresViewSet(GenericViewSet[Job]):
    """One's own figures."""

    queryset = Job.objects.none()
    serializer_class = shapes.OwnFiguresSerializer
    filter_backends = ()
    rules = {"list": "signed_in"}

    @extend_schema(
        summary="Your own figures in a workspace",
        description="The same that those who lead the jobs see of you.",
        parameters=[*_DAYS, OpenApiParameter("workspace", OpenApiTypes.INT)],
        responses={200: shapes.OwnFiguresSerializer},
    )
    def list(self, request: Request) -> Response:
        given, user = request.query_params, person(request)
        workspace = _workspace(request)
        span = figures.read_span(given.get("from", ""), given.get("to", ""))
        settle_workspace(workspace)
        return Response(
            {
                **_span(span, workspace),
                "workspace": workspace.pk,
                "held_seconds": figures.held_seconds(user, workspace.pk),
                "totals": figures.own_totals(user, workspace.pk, span),
                "jobs": figures.own_by_job(user, workspace.pk, span),
                "days": figures.own_by_day(user, workspace.pk, span)[: figures.MOST],
            }
        )


class MyPaceViewSet(GenericViewSet[Job]):
    """One's own day so far."""

    queryset = Job.objects.none()
    serializer_class = shapes.PaceSerializer
    filter_backends = ()
    rules = {"list": "signed_in"}

    @extend_schema(
        summary="Your items and time of today in a workspace",
        description="Unsubmitted work included; nobody else is shown this.",
        parameters=[OpenApiParameter("workspace", OpenApiTypes.INT)],
        responses={200: shapes.PaceSerializer},
    )
    def list(self, request: Request) -> Response:
        return Response(pace_today(person(request), _workspace(request)))


def _workspace(request: Request) -> Workspace:
    """The workspace that is named, else the present one; raises NotFound."""
    found = current_workspace(request._request)
    if named := request.query_params.get("workspace"):
        number = int(named) if named.isascii() and named.isdigit() and len(named) < 19 else None
        found = pick(Workspace.objects.visible_to(request.user), number)
    if found is None:
        raise NotFound(_("Not found."))
    return found


def _rows(asked: figures.Asked, by: str, after: str) -> tuple[list[Any], str]:
    if by == "label":
        return figures.labels(asked), ""
    if by == "error":
        return figures.errors_by_type(asked), ""
    return figures.grouped(asked, by, after=after)


def _span(span: figures.Span, workspace: Workspace) -> dict[str, Any]:
    return {"from": span.start, "to": span.end, "timezone": workspace.time_zone}
