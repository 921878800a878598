"""API routes of notices and webhooks."""

from django.urls import path

from jobs.api.notice_views import DeliveryViewSet, NoticeViewSet, WebhookViewSet

urlpatterns = [
    path("notices", NoticeViewSet.as_view({"get": "list"}), name="api-notices"),
    path("notices/count", NoticeViewSet.as_view({"get": "count"}), name="api-notices-count"),
    path("notices/read", NoticeViewSet.as_view({"post": "read"}), name="api-notices-read"),
    path(
        "notices/preferences",
        NoticeViewSet.as_view({"get": "preferences", "put": "set_preferences"}),
        name="api-notices-preferences",
    ),
    path(
        "webhooks",
        WebhookViewSet.as_view({"get": "list", "post": "create"}),
        name="api-webhooks",
    ),
    path(
        "webhooks/<int:pk>",
        WebhookViewSet.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
        name="api-webhook",
    ),
    path(
        "webhooks/<int:pk>/test", WebhookViewSet.as_view({"post": "test"}), name="api-webhook-test"
    ),
    path(
        "webhooks/<int:pk>/deliveries",
        WebhookViewSet.as_view({"get": "deliveries"}),
        name="api-webhook-deliveries",
    ),
    path(
        "deliveries/<int:pk>/redeliver",
        DeliveryViewSet.as_view({"post": "redeliver"}),
        name="api-delivery-redeliver",
    ),
]
