"""Pages of the app."""

from django.urls import path

from datasets.views.media import DatasetMedia, MediaFile
from datasets.views.pages import (
    AddItems,
    DatasetPage,
    Datasets,
    DeleteDataset,
    ImportProgress,
    ItemPage,
    NewDataset,
    RepeatImport,
)

urlpatterns = [
    path("datasets/", Datasets.as_view(), name="datasets"),
    path("datasets/new/", NewDataset.as_view(), name="dataset-new"),
    path("datasets/<int:pk>/", DatasetPage.as_view(), name="dataset"),
    path("datasets/<int:pk>/progress/", ImportProgress.as_view(), name="dataset-progress"),
    path("datasets/<int:pk>/add/", AddItems.as_view(), name="dataset-add"),
    path("datasets/<int:pk>/repeat/", RepeatImport.as_view(), name="dataset-repeat"),
    path("datasets/<int:pk>/delete/", DeleteDataset.as_view(), name="dataset-delete"),
    path("datasets/<int:pk>/items/<int:ordinal>/", ItemPage.as_view(), name="dataset-item"),
    path(
        "media/dataset/<int:pk>/<int:ordinal>/<path:field>",
        DatasetMedia.as_view(),
        name="media-dataset",
    ),
    path("media/file/<str:token>", MediaFile.as_view(), name="media-file"),
    path(
        "media/file/<str:token>/<int:level>/<int:column>/<int:row>",
        MediaFile.as_view(),
        name="media-tile",
    ),
]
