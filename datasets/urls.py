"""Pages of the app."""

from django.urls import path

from datasets.views.media import DatasetMedia, MediaFile

urlpatterns = [
    path(
        "media/dataset/<int:pk>/<int:ordinal>/<path:field>",
        DatasetMedia.as_view(),
        name="media-dataset",
    ),
    path("media/file/<str:token>", MediaFile.as_view(), name="media-file"),
]
