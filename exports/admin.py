"""Exports in the administration: a window; calling off goes through the service."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.context import person
from exports import services
from exports.models import Export
from itag.core.errors import Conflict


@admin.register(Export)
class ExportAdmin(admin.ModelAdmin):
    list_display = (
        "id",
        "job",
        "format",
        "scope",
        "state",
        "done",
        "total",
        "requested_by",
        "created_at",
    )
    list_select_related = ("job", "requested_by")
    list_filter = ("state", "format", "scope")
    search_fields = ("job__name",)
    readonly_fields = [field.name for field in Export._meta.fields]
    show_full_result_count = False
    actions = ("cancel",)

    @admin.action(description=_("Call off"))
    def cancel(self, request: HttpRequest, queryset: QuerySet[Export]) -> None:
        for export in queryset:
            try:
                services.cancel_export(export=export, user=person(request))
            except Conflict as conflict:
                messages.warning(request, f"{export.pk}: {conflict.detail}")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
