"""Label templates in the administration: a window; versions are made by services."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from templates_app.models import LabelTemplate


@admin.register(LabelTemplate)
class LabelTemplateAdmin(admin.ModelAdmin):
    list_display = (
        "key",
        "name",
        "category",
        "version",
        "workspace",
        "shared",
        "superseded_at",
        "archived_at",
    )
    list_select_related = ("workspace",)
    list_filter = ("category", "shared")
    search_fields = ("key", "name")
    readonly_fields = [field.name for field in LabelTemplate._meta.fields]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
