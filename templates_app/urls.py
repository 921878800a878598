"""Pages of the app."""

from django.urls import path

from templates_app.views import EditLabelTemplate, LabelTemplates, NewLabelTemplate

urlpatterns = [
    path("label-templates/", LabelTemplates.as_view(), name="label-templates"),
    path("label-templates/new/", NewLabelTemplate.as_view(), name="label-template-new"),
    path("label-templates/<int:pk>/edit/", EditLabelTemplate.as_view(), name="label-template-edit"),
]
