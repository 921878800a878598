"""Base of every ModelAdmin: a window, not a back door.

Rows come from `visible_to`, permissions from the rules, and every field is read-only unless it is named in `editable`:
what has a lifecycle changes through services, which an admin action calls.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, ClassVar

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from itag.core.policy import can

# Signing in to the administration goes through the site's own page with its rate limits.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.site_header = admin.site.site_title = "itag"
admin.site.site_url = "/"

#: A list says "more than this" instead of counting a table of millions.
COUNT_LIMIT = 10_000


class CappedPaginator(Paginator):
    """Counts to COUNT_LIMIT at most; pages beyond it are reached by searching and filtering."""

    @cached_property
    def count(self) -> int:  # type: ignore[override]
        rows: Any = self.object_list
        return rows.order_by()[:COUNT_LIMIT].count()


class GuardedAdmin(admin.ModelAdmin):
    """`rules = {"view": "jobs.view", "change": "jobs.manage"}`; keys `view`, `change`, `add`, `delete` and action names.

    A key that is missing is refused to everybody for `add` and `delete`, and to all but superusers for the rest.
    Foreign keys are shown as numbers with a search button, never as a list of the whole other table.
    """

    rules: ClassVar[dict[str, str]] = {}
    #: Fields that may be changed by hand; all others are shown read-only.
    editable: ClassVar[Sequence[str]] = ()
    show_full_result_count = False
    list_per_page = 50
    paginator = CappedPaginator

    def __init__(self, model: type[Model], admin_site: admin.AdminSite) -> None:
        super().__init__(model, admin_site)
        if not self.raw_id_fields:
            self.raw_id_fields = [  # type: ignore[misc]
                field.name
                for field in model._meta.get_fields()
                if field.is_relation and field.concrete and not field.auto_created
            ]

    def allowed(self, request: HttpRequest, key: str, obj: Model | None = None) -> bool:
        """Whether the rule of this key lets the person; without an object, whether there is such a rule at all."""
        user = request.user
        if not user.is_active or not user.is_staff:  # type: ignore[union-attr]
            return False
        name = self.rules.get(key)
        if name is None:
            return user.is_superuser and key not in ("add", "delete")
        if user.is_superuser or obj is None:
            return True
        return bool(can(user, name, obj))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.allowed(request, "view")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.allowed(request, "view", obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(self.editable) and self.allowed(request, "change", obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.allowed(request, "add")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.allowed(request, "delete", obj)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        if request.user.is_superuser:  # type: ignore[union-attr]
            return rows
        if not hasattr(rows, "visible_to"):
            return rows.none()
        return rows.visible_to(request.user)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        named = list(super().get_readonly_fields(request, obj))
        if obj is None:  # the page that adds a row
            return named
        fixed = [
            field.name
            for field in self.model._meta.get_fields()
            if field.concrete
            and not field.auto_created
            and field.name not in self.editable
            and field.name not in (self.exclude or ())
            and field.name not in named
        ]
        return [*named, *fixed]
