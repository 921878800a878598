"""Administration: a window on datasets, imports and storages; what changes them goes through services."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from datasets.models import Dataset, DatasetVersion, ImportRun, Item, Storage
from datasets.services.imports import delete_dataset, requeue_stuck_imports
from itag.core.errors import Conflict
from itag.web.admin import GuardedAdmin


@admin.register(Storage)
class StorageAdmin(GuardedAdmin):
    """Made on the pages and by the API, where its folder is checked."""

    list_display = ["name", "workspace", "kind", "root", "is_upload", "created_at"]
    list_select_related = ["workspace"]
    search_fields = ["name", "root"]
    rules = {"view": "storages.view"}


@admin.register(Dataset)
class DatasetAdmin(GuardedAdmin):
    list_display = [
        "id",
        "name",
        "workspace",
        "kind",
        "state",
        "version",
        "item_count",
        "deleted_at",
    ]
    list_display_links = ["name"]
    list_filter = ["kind", "state", "origin"]
    list_select_related = ["workspace"]
    search_fields = ["name"]
    rules = {"view": "datasets.view", "remove": "datasets.delete"}
    actions = ["remove"]

    def has_remove_permission(self, request: HttpRequest) -> bool:
        return self.allowed(request, "remove")

    @admin.action(
        description=gettext_lazy("Delete the chosen datasets that no job uses"),
        permissions=["remove"],
    )
    def remove(self, request: HttpRequest, queryset: QuerySet[Dataset]) -> None:
        for dataset in queryset.select_related("workspace"):
            if not self.allowed(request, "remove", dataset):
                continue
            try:
                delete_dataset(dataset=dataset, user=request.user)
            except Conflict as exc:
                self.message_user(request, f"{dataset}: {exc.detail}", messages.WARNING)


@admin.register(ImportRun)
class ImportRunAdmin(GuardedAdmin):
    list_display = [
        "id",
        "dataset",
        "state",
        "done",
        "total",
        "error_count",
        "created_at",
        "finished_at",
    ]
    list_filter = ["state"]
    list_select_related = ["dataset"]
    search_fields = ["dataset__name"]
    actions = ["send_again"]

    def has_send_again_permission(self, request: HttpRequest) -> bool:
        return self.allowed(request, "send_again")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).defer("cursor")

    @admin.action(
        description=gettext_lazy("Send stuck imports to a worker again"), permissions=["send_again"]
    )
    def send_again(self, request: HttpRequest, queryset: QuerySet[ImportRun]) -> None:
        count = requeue_stuck_imports()
        self.message_user(request, _("%(n)d imports were sent again.") % {"n": count})


@admin.register(Item)
class ItemAdmin(GuardedAdmin):
    """Items by dataset; their texts are shown on the page of one."""

    list_display = ["id", "dataset", "ordinal", "beginning"]
    list_select_related = ["dataset"]
    search_fields = ["=dataset__id"]
    search_help_text = gettext_lazy("The number of a dataset")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        match = request.resolver_match
        return (
            rows if match and "object_id" in match.kwargs else rows.defer("data", "extra", "media")
        )

    @admin.display(description=gettext_lazy("beginning"))
    def beginning(self, item: Item) -> str:
        return item.search[:80]


@admin.register(DatasetVersion)
class DatasetVersionAdmin(GuardedAdmin):
    list_display = ["dataset", "version", "last_ordinal", "created_at"]
    list_select_related = ["dataset"]
    search_fields = ["dataset__name"]
