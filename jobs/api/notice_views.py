"""Notices of the person; webhooks with their delivery log."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.context import person
from accounts.models import Workspace
from itag.core.errors import Invalid
from itag.core.policy import require
from jobs.api import notice_serializers as shapes
from jobs.models import Delivery, Job, Notification, Webhook
from jobs.selectors.notices import notice_payloads, notices_for, unread_count
from jobs.services import deliveries
from jobs.services.notices import mail_events, mark_read, set_mail_events

UNREAD = OpenApiParameter("unread", OpenApiTypes.BOOL, description="Only what has not been read.")


class NoticeViewSet(GenericViewSet[Notification]):
    """What the person was told."""

    queryset = Notification.objects.none()
    serializer_class = shapes.NoticeSerializer
    filter_backends = ()
    rules = dict.fromkeys(("list", "read", "count", "preferences", "set_preferences"), "signed_in")

    @extend_schema(summary="Your notices, newest first", parameters=[UNREAD])
    def list(self, request: Request) -> Response:
        rows = notices_for(person(request))
        if request.query_params.get("unread") in ("1", "true"):
            rows = rows.filter(read_at=None)
        page = self.paginate_queryset(rows) or []
        return self.get_paginated_response(notice_payloads(page, person(request)))

    @extend_schema(summary="How many are unread", responses={200: shapes.ReadCountSerializer})
    def count(self, request: Request) -> Response:
        return Response({"read": 0, "unread": unread_count(person(request))})

    @extend_schema(
        summary="Note that you have read these, or all",
        request=shapes.ReadSerializer,
        responses={200: shapes.ReadCountSerializer},
    )
    def read(self, request: Request) -> Response:
        asked = shapes.ReadSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        read = mark_read(user=person(request), ids=asked.validated_data.get("ids"))
        return Response({"read": read, "unread": unread_count(person(request))})

    @extend_schema(
        summary="What you are told by mail", responses={200: shapes.PreferencesSerializer}
    )
    def preferences(self, request: Request) -> Response:
        return Response({"mail": mail_events(person(request))})

    @extend_schema(
        summary="Choose what you are told by mail",
        request=shapes.PreferencesSerializer,
        responses={200: shapes.PreferencesSerializer},
    )
    def set_preferences(self, request: Request) -> Response:
        asked = shapes.PreferencesSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        set_mail_events(user=person(request), events=asked.validated_data["mail"])
        return Response({"mail": mail_events(person(request))})


class WebhookFilter(django_filters.FilterSet):
    """A closed set of names."""

    workspace = django_filters.NumberFilter(field_name="workspace_id")
    job = django_filters.NumberFilter(field_name="job_id")

    class Meta:
        model = Webhook
        fields: list[str] = []


class WebhookViewSet(GenericViewSet[Webhook]):
    """Where events go; for those who manage the workspace, or the job that it is for."""

    queryset = Webhook.objects.none()
    serializer_class = shapes.WebhookSerializer
    filterset_class = WebhookFilter
    rules = {
        "list": "signed_in",
        "create": "signed_in",  # the rule is asked of the workspace or the job that the body names
        **dict.fromkeys(
            ("retrieve", "partial_update", "destroy", "test", "deliveries"), "webhooks.change"
        ),
    }

    def get_queryset(self) -> QuerySet[Webhook]:
        rows = Webhook.objects.visible_to(self.request.user)
        return rows.select_related("workspace", "job", "created_by").order_by("-pk")

    @extend_schema(summary="Webhooks that you may change, newest first")
    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(
        summary="Set up a webhook",
        description='With `"workspace"`, or with `"job"` for the events of one job alone.',
        request=shapes.WebhookWriteSerializer,
        responses={201: shapes.WebhookSerializer},
    )
    def create(self, request: Request) -> Response:
        fields = dict(request.data) if isinstance(request.data, dict) else {}
        job_id, workspace_id = fields.pop("job", None), fields.pop("workspace", None)
        job = None
        if job_id is not None:
            rows = Job.objects.alive().visible_to(request.user).select_related("workspace")
            job = get_object_or_404(rows, pk=_id(job_id, "job"))
            require(request.user, "webhooks.of_job", job)
            workspace = job.workspace
        else:
            spaces = Workspace.objects.visible_to(request.user)
            workspace = get_object_or_404(spaces, pk=_id(workspace_id, "workspace"))
            require(request.user, "webhooks.list", workspace)
        hook = deliveries.save_webhook(
            user=person(request), workspace=workspace, job=job, **_known(fields)
        )
        return Response(self.get_serializer(hook).data, status=status.HTTP_201_CREATED)

    @extend_schema(summary="One webhook")
    def retrieve(self, request: Request, pk: int) -> Response:
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(
        summary="Change a webhook",
        request=shapes.WebhookChangeSerializer,
        responses={200: shapes.WebhookSerializer},
    )
    def partial_update(self, request: Request, pk: int) -> Response:
        hook = self.get_object()
        fields = dict(request.data) if isinstance(request.data, dict) else {}
        hook = deliveries.save_webhook(
            user=person(request), workspace=hook.workspace, webhook=hook, **_known(fields)
        )
        return Response(self.get_serializer(hook).data)

    @extend_schema(summary="Remove a webhook with its delivery log")
    def destroy(self, request: Request, pk: int) -> Response:
        self.get_object().delete()
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(summary="Send a test", request=None, responses={202: shapes.DeliverySerializer})
    def test(self, request: Request, pk: int) -> Response:
        delivery = deliveries.test_webhook(webhook=self.get_object(), user=person(request))
        return Response(shapes.DeliverySerializer(delivery).data, status=status.HTTP_202_ACCEPTED)

    @extend_schema(
        summary="What the webhook was sent, newest first",
        responses={200: shapes.DeliverySerializer(many=True)},
    )
    def deliveries(self, request: Request, pk: int) -> Response:
        rows = Delivery.objects.filter(webhook=self.get_object()).order_by("-pk")
        page: Any = self.paginate_queryset(rows)  # type: ignore[arg-type]  # the view's rows are webhooks
        return self.get_paginated_response(shapes.DeliverySerializer(page, many=True).data)


class DeliveryViewSet(GenericViewSet[Delivery]):
    """One delivery."""

    queryset = Delivery.objects.none()
    serializer_class = shapes.DeliverySerializer
    filter_backends = ()
    rules = {"redeliver": "signed_in"}  # those of webhooks that the person may change

    def get_queryset(self) -> QuerySet[Delivery]:
        return Delivery.objects.filter(webhook__in=Webhook.objects.visible_to(self.request.user))

    @extend_schema(
        summary="Send it once more", request=None, responses={202: shapes.DeliverySerializer}
    )
    def redeliver(self, request: Request, pk: int) -> Response:
        delivery = self.get_object()
        require(request.user, "webhooks.change", delivery.webhook)
        sent = deliveries.redeliver(delivery=delivery)
        return Response(shapes.DeliverySerializer(sent).data, status=status.HTTP_202_ACCEPTED)


def _id(value: Any, field: str) -> int:
    if type(value) is not int or not 0 < value < 2**63:
        raise Invalid.field(field, _("This is not a number."))
    return value


def _known(fields: dict[str, Any]) -> dict[str, Any]:
    """What the service takes; it names what is wrong with each."""
    known = ("name", "kind", "url", "secret", "events", "active")
    for name in fields:
        if name not in known:
            raise Invalid.field(name, _("There is no such field."))
    return fields
