"""API routes of acceptance lots."""

from django.urls import path

from jobs.api.lot_views import JobLotViewSet, LotViewSet

urlpatterns = [
    path(
        "jobs/<int:pk>/lots",
        JobLotViewSet.as_view({"get": "list", "post": "create"}),
        name="api-job-lots",
    ),
    path(
        "jobs/<int:pk>/lots/preview",
        JobLotViewSet.as_view({"post": "preview"}),
        name="api-job-lots-preview",
    ),
    path("lots/<int:pk>", LotViewSet.as_view({"get": "retrieve"}), name="api-lot"),
    path("lots/<int:pk>/items", LotViewSet.as_view({"get": "items"}), name="api-lot-items"),
    path("lots/<int:pk>/effect", LotViewSet.as_view({"get": "effect"}), name="api-lot-effect"),
    path("lots/<int:pk>/close", LotViewSet.as_view({"post": "close"}), name="api-lot-close"),
]
