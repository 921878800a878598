"""API routes of people's departures."""

from django.urls import path

from jobs.api.people_views import HeldViewSet, LeaverViewSet

urlpatterns = [
    path(
        "workspaces/<int:workspace>/members/<int:user>/held",
        LeaverViewSet.as_view({"get": "list"}),
        name="api-member-held",
    ),
    path(
        "workspaces/<int:workspace>/members/<int:user>/leave",
        LeaverViewSet.as_view({"post": "leave"}),
        name="api-member-leave",
    ),
    path("held", HeldViewSet.as_view({"get": "list", "post": "settle"}), name="api-held"),
]
