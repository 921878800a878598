"""Acceptance lots: preview, take, look at, decide."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.context import person
from itag.core.errors import Invalid
from itag.core.policy import require
from jobs.api import lot_serializers as shapes
from jobs.models import Job, Lot
from jobs.selectors.lot_shapes import known_people, lot_detail, lot_items_page, lot_payload
from jobs.services.lots import open_lot, preview_lot
from jobs.services.lots_close import close_lot, lot_effect


class JobLotViewSet(GenericViewSet[Lot]):
    """The lots of a job."""

    queryset = Lot.objects.none()
    serializer_class = shapes.LotSerializer
    filter_backends = ()
    rules = {"list": "lots.list", "create": "lots.open", "preview": "lots.open"}

    def job(self) -> Job:
        job = get_object_or_404(
            Job.objects.alive().visible_to(self.request.user).select_related("workspace"),
            pk=self.kwargs["pk"],
        )
        self.check_object_permissions(self.request, job)
        return job

    @extend_schema(summary="A job's lots, newest first")
    def list(self, request: Request, pk: int) -> Response:
        rows = Lot.objects.visible_to(request.user).filter(job=self.job())
        page = self.paginate_queryset(rows.select_related("job__workspace", "accepter")) or []
        return self.get_paginated_response([lot_payload(lot, person(request)) for lot in page])

    @extend_schema(
        summary="What a lot would take now",
        request=shapes.LotWriteSerializer,
        responses={200: shapes.LotPreviewSerializer},
    )
    def preview(self, request: Request, pk: int) -> Response:
        fields = _fields(request)
        fields.pop("target", None)
        return Response(preview_lot(job=self.job(), user=person(request), **fields))

    @extend_schema(
        summary="Take waiting packages into a lot",
        description="The lot is drawn in the background: `state` goes from `drawing` to `open`.",
        request=shapes.LotWriteSerializer,
        responses={201: shapes.LotSerializer},
    )
    def create(self, request: Request, pk: int) -> Response:
        lot = open_lot(job=self.job(), user=person(request), **_fields(request))
        return Response(lot_payload(lot, person(request)), status=status.HTTP_201_CREATED)


class LotViewSet(GenericViewSet[Lot]):
    """One lot."""

    queryset = Lot.objects.none()
    serializer_class = shapes.LotDetailSerializer
    filter_backends = ()
    rules = {
        "retrieve": "lots.view",
        "items": "lots.view",
        "effect": "lots.view",
        "close": "lots.view",  # the decision is asked for its own rule
    }

    def get_queryset(self) -> QuerySet[Lot]:
        rows = Lot.objects.visible_to(self.request.user).filter(job__deleted_at=None)
        return rows.select_related("job__workspace", "accepter")

    @extend_schema(summary="One lot, with what was judged so far")
    def retrieve(self, request: Request, pk: int) -> Response:
        return Response(lot_detail(self.get_object(), person(request)))

    @extend_schema(
        summary="The drawn and judged items of a lot",
        parameters=[OpenApiParameter("after", OpenApiTypes.STR)],
        responses={200: shapes.LotItemsSerializer},
    )
    def items(self, request: Request, pk: int) -> Response:
        return Response(lot_items_page(self.get_object(), request.query_params.get("after", "")))

    @extend_schema(
        summary="What a decision would do",
        parameters=[OpenApiParameter("decision", OpenApiTypes.STR, enum=Lot.Decision.values)],
        responses={200: shapes.LotEffectSerializer},
    )
    def effect(self, request: Request, pk: int) -> Response:
        decision = request.query_params.get("decision", "")
        lot = self.get_object()
        effect = lot_effect(lot=lot, decision=decision)
        known = known_people(lot, person(request), effect["people"])
        return Response({**effect, "people": known})

    @extend_schema(
        summary="Decide on the lot",
        description="Once. 409 `incomplete` while drawn items have no verdict, `confirm` when the number is another.",
        request=shapes.LotCloseSerializer,
        responses={202: shapes.LotDetailSerializer},
    )
    def close(self, request: Request, pk: int) -> Response:
        lot = self.get_object()
        asked = shapes.LotCloseSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        dissolve = asked.validated_data["decision"] == Lot.Decision.DISSOLVE
        require(request.user, "lots.dissolve" if dissolve else "lots.decide", lot)
        lot = close_lot(lot=lot, user=person(request), **asked.validated_data)
        return Response(lot_detail(lot, person(request)), status=status.HTTP_202_ACCEPTED)


def _fields(request: Request) -> dict[str, Any]:
    """The body's own names; what they hold is checked by the service, which names every wrong one."""
    if not isinstance(request.data, dict):
        raise Invalid("The body must be an object.")
    names = ("filters", "method", "amount", "target")
    return {name: request.data[name] for name in names if name in request.data}
