"""API routes of the app."""

from django.urls import path

from exports.api.views import ExportViewSet

urlpatterns = [
    path("exports", ExportViewSet.as_view({"get": "list", "post": "create"}), name="api-exports"),
    path("exports/<int:pk>", ExportViewSet.as_view({"get": "retrieve"}), name="api-export"),
    path(
        "exports/<int:pk>/cancel",
        ExportViewSet.as_view({"post": "cancel"}),
        name="api-export-cancel",
    ),
    path("exports/<int:pk>/file", ExportViewSet.as_view({"get": "file"}), name="api-export-file"),
]
