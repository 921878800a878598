"""Datasets with their imports and items, and the storages that they are read from."""

import json
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.generics import get_object_or_404
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.api.views import workspace_or_404
from accounts.grants import granted_ids
from accounts.models import Workspace
from datasets.api.serializers import (
    DatasetSerializer,
    DatasetWriteSerializer,
    FolderSerializer,
    ImportSerializer,
    ImportWriteSerializer,
    ItemSerializer,
    StorageSerializer,
    StorageWriteSerializer,
)
from datasets.api.uploads import StagedFile, Uploading, staged
from datasets.models import Dataset, ImportRun, Item, Storage
from datasets.services.imports import add_items, create_dataset, delete_dataset, repeat_import
from datasets.services.storages import create_storage, list_folder
from itag.core.errors import Denied, Invalid
from itag.core.policy import require
from itag.web.pagination import KeysetPagination
from itag.web.parsers import JSONParser


class DatasetFilter(django_filters.FilterSet):
    """A closed set of names."""

    workspace = django_filters.NumberFilter(field_name="workspace_id")
    kind = django_filters.ChoiceFilter(choices=Dataset.Kind.choices)
    state = django_filters.ChoiceFilter(choices=Dataset.State.choices)

    class Meta:
        model = Dataset
        fields: list[str] = []


class StorageFilter(django_filters.FilterSet):
    workspace = django_filters.NumberFilter(field_name="workspace_id")

    class Meta:
        model = Storage
        fields: list[str] = []


class ByOrdinal(KeysetPagination):
    """Items in their order."""

    ordering = "ordinal"


class DatasetViewSet(Uploading, GenericViewSet[Dataset]):
    """Datasets."""

    queryset = Dataset.objects.none()
    serializer_class = DatasetSerializer
    filterset_class = DatasetFilter
    parser_classes = [MultiPartParser, FormParser, JSONParser]
    rules = {
        "list": "signed_in",
        "create": "datasets.create",
        "retrieve": "datasets.view",
        "destroy": "datasets.delete",
    }

    def get_queryset(self) -> QuerySet[Dataset]:
        return Dataset.objects.alive().visible_to(self.request.user).for_list()

    @extend_schema(summary="Datasets that you may see, newest first")
    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(DatasetSerializer(page, many=True).data)

    @extend_schema(
        summary="Create a dataset from files, a folder of a storage, or a manifest",
        description=(
            "At most 2 GB and 20,000 files in one request. The import runs in the background: ask for the dataset "
            "until its `state` is `ready` or `failed`."
        ),
        request={
            "multipart/form-data": DatasetWriteSerializer,
            "application/json": DatasetWriteSerializer,
        },
        responses={201: DatasetSerializer},
    )
    def create(self, request: Request) -> Response:
        # Before the body is read: who may create nowhere sends no files here.
        if not request.user.is_superuser:
            places = granted_ids(request.user, Workspace, "create_in_workspace")
            if not places.exists():
                raise Denied(_("You may not create datasets."))
        fields = _valid(DatasetWriteSerializer, request)
        workspace = workspace_or_404(request.user, fields["workspace"])
        require(request.user, "datasets.create", workspace)
        storage = None
        if fields.get("storage") is not None:
            storage = Storage.objects.filter(workspace=workspace, pk=fields["storage"]).first()
            if storage is None:
                raise Invalid.field("storage", _("Choose a storage of the workspace."))
        dataset = create_dataset(
            workspace=workspace,
            user=request.user,
            name=fields["name"],
            kind=fields["kind"],
            origin=fields["origin"],
            files=_files(request, fields),
            manifest=_manifest(request),
            storage=storage,
            prefix=fields["prefix"],
            leave_out=fields["leave_out"],
        )
        shown = self.get_queryset().get(pk=dataset.pk)
        return Response(DatasetSerializer(shown).data, status=status.HTTP_201_CREATED)

    @extend_schema(summary="One dataset")
    def retrieve(self, request: Request, pk: int) -> Response:
        return Response(DatasetSerializer(self.get_object()).data)

    @extend_schema(summary="Delete a dataset that no job uses", responses={204: None})
    def destroy(self, request: Request, pk: int) -> Response:
        delete_dataset(dataset=self.get_object(), user=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)


class _OfDataset(GenericViewSet[Any]):
    """Something of one dataset: it is looked up among what the person may see, and the rule is asked of it."""

    filter_backends = ()

    def dataset(self) -> Dataset:
        dataset = get_object_or_404(
            Dataset.objects.alive()
            .visible_to(self.request.user)
            .select_related("storage", "workspace"),
            pk=self.kwargs["pk"],
        )
        self.check_object_permissions(self.request, dataset)
        return dataset


class ImportViewSet(Uploading, _OfDataset):
    """The imports of a dataset."""

    queryset = ImportRun.objects.none()
    serializer_class = ImportSerializer
    parser_classes = [MultiPartParser, FormParser, JSONParser]
    rules = {"list": "datasets.view", "create": "datasets.import"}

    @extend_schema(summary="The imports of a dataset, newest first")
    def list(self, request: Request, pk: int) -> Response:
        rows = self.dataset().imports.select_related("requested_by").defer("cursor")
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(ImportSerializer(page, many=True).data)

    @extend_schema(
        summary="Append items to a dataset",
        request={
            "multipart/form-data": ImportWriteSerializer,
            "application/json": ImportWriteSerializer,
        },
        responses={201: ImportSerializer},
    )
    def create(self, request: Request, pk: int) -> Response:
        dataset = self.dataset()
        fields = _valid(ImportWriteSerializer, request)
        if fields["repeat"]:
            run = repeat_import(dataset=dataset, user=request.user)
        else:
            run = add_items(
                dataset=dataset,
                user=request.user,
                files=_files(request, fields),
                manifest=_manifest(request),
                leave_out=fields["leave_out"],
            )
        return Response(ImportSerializer(run).data, status=status.HTTP_201_CREATED)


class ItemViewSet(_OfDataset):
    """The items of a dataset."""

    queryset = Item.objects.none()
    serializer_class = ItemSerializer
    pagination_class = ByOrdinal
    rules = {"list": "datasets.view"}

    @extend_schema(summary="The items of a dataset in their order")
    def list(self, request: Request, pk: int) -> Response:
        dataset = self.dataset()
        rows = dataset.items.filter(ordinal__lte=dataset.item_count).only(
            "dataset_id", "ordinal", "data", "extra", "media"
        )
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(ItemSerializer(page, many=True).data)


class StorageViewSet(GenericViewSet[Storage]):
    """Storages."""

    queryset = Storage.objects.none()
    serializer_class = StorageSerializer
    filterset_class = StorageFilter
    rules = {"list": "signed_in", "create": "storages.create", "folders": "storages.view"}

    def get_queryset(self) -> QuerySet[Storage]:
        return Storage.objects.visible_to(self.request.user).select_related("workspace")

    @extend_schema(summary="Storages that you may read datasets from")
    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(StorageSerializer(page, many=True).data)

    @extend_schema(
        summary="Name a folder of the server as a storage",
        request=StorageWriteSerializer,
        responses={201: StorageSerializer},
    )
    def create(self, request: Request) -> Response:
        fields = _valid(StorageWriteSerializer, request)
        workspace = workspace_or_404(request.user, fields["workspace"])
        require(request.user, "storages.create", workspace)
        storage = create_storage(
            workspace=workspace, user=request.user, name=fields["name"], root=fields["root"]
        )
        return Response(StorageSerializer(storage).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        summary="What is in a folder of a storage",
        parameters=[
            OpenApiParameter("path", OpenApiTypes.STR, description="Empty: the storage's root.")
        ],
        responses=FolderSerializer,
    )
    def folders(self, request: Request, pk: int) -> Response:
        listing = list_folder(self.get_object(), request.query_params.get("path", ""))
        return Response(FolderSerializer(listing).data)


def _valid(serializer: type[Any], request: Request) -> dict[str, Any]:
    """The request's plain fields, checked; its files are not DRF's to look at."""
    data = request.data if isinstance(request.data, dict) else {}
    plain = {key: data.get(key) for key in data if key not in ("files", "manifest")}
    checked = serializer(data=plain)
    checked.is_valid(raise_exception=True)
    return dict(checked.validated_data)


def _files(request: Request, fields: dict[str, Any]) -> list[tuple[str, Any]] | None:
    """(relative name, path) of each file, or None without any. Raises Invalid at `paths`."""
    files: list[StagedFile] = staged(request, "files")
    if not files:
        return None
    names: Any = [file.name for file in files]
    if fields.get("paths"):
        try:
            names = json.loads(fields["paths"])
        except (ValueError, RecursionError) as exc:
            raise Invalid.field("paths", _("This is not a JSON list of names.")) from exc
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise Invalid.field("paths", _("This is not a JSON list of names."))
        if len(names) != len(files):
            raise Invalid.field(
                "paths",
                _("There are %(paths)d names for %(files)d files.")
                % {"paths": len(names), "files": len(files)},
            )
    return [(name, file.path) for name, file in zip(names, files, strict=True)]


def _manifest(request: Request) -> Any:
    files = staged(request, "manifest")
    if len(files) > 1:
        raise Invalid.field("manifest", _("Choose one manifest file."))
    return files[0].path if files else None
