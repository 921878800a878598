"""Pages of the app."""

from django.urls import path

from exports.views import CancelExport, Exports

urlpatterns = [
    path("exports/", Exports.as_view(), name="exports"),
    path("exports/<int:pk>/cancel/", CancelExport.as_view(), name="export-cancel"),
]
