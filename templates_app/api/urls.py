"""API routes of the app."""

from django.urls import path

from templates_app.api.views import LabelTemplateViewSet

urlpatterns = [
    path(
        "label-templates",
        LabelTemplateViewSet.as_view({"get": "list"}),
        name="api-label-templates",
    ),
    path(
        "label-templates/<int:pk>",
        LabelTemplateViewSet.as_view({"get": "retrieve"}),
        name="api-label-template",
    ),
]
