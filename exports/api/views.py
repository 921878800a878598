"""/exports: ask for one, watch it, download it, call it off."""

from typing import Any

from django.http import HttpResponseBase
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.context import person
from exports import services
from exports.api.serializers import ExportRequestSerializer, ExportSerializer
from exports.download import send_export
from exports.models import Export
from itag.core.errors import Conflict, NotFound
from itag.core.policy import require
from itag.core.runs import RunState
from jobs.models import Job


class ExportFilter(filters.FilterSet):
    """`?job=` and `?state=`."""

    job = filters.NumberFilter(field_name="job_id")
    state = filters.ChoiceFilter(choices=RunState.choices)

    class Meta:
        model = Export
        fields = ("job", "state")


class ExportViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Export]
):
    """Exports of the jobs that the person may see, newest first."""

    rules = {
        "list": "signed_in",
        "create": "signed_in",  # the rule is asked of the job that the body names
        "retrieve": "exports.view",
        "cancel": "exports.cancel",
        "file": "exports.download",
    }
    queryset = Export.objects.none()
    serializer_class = ExportSerializer
    filterset_class = ExportFilter

    def get_queryset(self) -> Any:
        return Export.objects.visible_to(self.request.user).for_list()

    @extend_schema(
        summary="Ask for an export",
        description="The file holds what is submitted at this moment. The same `idempotency_key` from the same "
        "person is the same export.",
        request=ExportRequestSerializer,
        responses={202: ExportSerializer},
    )
    def create(self, request: Request) -> Response:
        asked = ExportRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        values = asked.validated_data
        job = Job.objects.alive().filter(pk=values["job"]).first()
        if job is None:
            raise NotFound(_("There is no such job."))
        require(request.user, "exports.create", job)
        export = services.request_export(
            job=job,
            user=person(request),
            format=values["format"],
            scope=values["scope"],
            idempotency_key=values["idempotency_key"],
        )
        return Response(self.get_serializer(export).data, status=status.HTTP_202_ACCEPTED)

    @extend_schema(summary="Call an export off", request=None, responses=ExportSerializer)
    def cancel(self, request: Request, pk: int) -> Response:
        export = services.cancel_export(export=self.get_object(), user=person(request))
        return Response(self.get_serializer(export).data)

    @extend_schema(
        summary="Download the file",
        description="As an attachment; answers one `Range`.",
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    def file(self, request: Request, pk: int) -> HttpResponseBase:
        export: Export = self.get_object()
        if export.state != RunState.SUCCEEDED:
            raise Conflict(_("The export is not finished."))
        return send_export(request._request, export)
