"""API routes of the app."""

from django.urls import path

from datasets.api.views import DatasetViewSet, ImportViewSet, ItemViewSet, StorageViewSet

urlpatterns = [
    path(
        "datasets", DatasetViewSet.as_view({"get": "list", "post": "create"}), name="api-datasets"
    ),
    path(
        "datasets/<int:pk>",
        DatasetViewSet.as_view({"get": "retrieve", "delete": "destroy"}),
        name="api-dataset",
    ),
    path(
        "datasets/<int:pk>/imports",
        ImportViewSet.as_view({"get": "list", "post": "create"}),
        name="api-dataset-imports",
    ),
    path("datasets/<int:pk>/items", ItemViewSet.as_view({"get": "list"}), name="api-dataset-items"),
    path(
        "storages", StorageViewSet.as_view({"get": "list", "post": "create"}), name="api-storages"
    ),
    path(
        "storages/<int:pk>/folders",
        StorageViewSet.as_view({"get": "folders"}),
        name="api-storage-folders",
    ),
]
