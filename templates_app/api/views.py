"""GET /label-templates and /label-templates/<id>."""

from typing import Any

from django_filters import rest_framework as filters
from rest_framework import mixins, viewsets

from itag.web.pagination import OldestFirst
from templates_app.api.serializers import LabelTemplateSerializer
from templates_app.models import LabelTemplate, LabelTemplateQuerySet


class LabelTemplateFilter(filters.FilterSet):
    """`?key=`, `?category=`, `?workspace=` (that workspace's own; without it the built-in ones as well)."""

    workspace = filters.NumberFilter(field_name="workspace_id")

    class Meta:
        model = LabelTemplate
        fields = ("key", "category")


class LabelTemplateViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[LabelTemplate]
):
    """Label templates: the newest version of each in the list, any version by its id."""

    rules = {"list": "signed_in", "retrieve": "templates.view"}
    queryset = LabelTemplate.objects.none()
    serializer_class = LabelTemplateSerializer
    pagination_class = OldestFirst
    filterset_class = LabelTemplateFilter

    def get_queryset(self) -> Any:
        found: LabelTemplateQuerySet = LabelTemplate.objects.visible_to(self.request.user)
        return found.latest() if self.action == "list" else found
