"""Exports as JSON."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from accounts.api.serializers import PersonSerializer
from exports.models import Export
from itag.core.runs import RunState


class ExportSerializer(serializers.ModelSerializer[Export]):
    """`url` is where the file is once the state is `succeeded`, else null; `digest` is its SHA-256."""

    percent = serializers.IntegerField(read_only=True)
    file_name = serializers.CharField(read_only=True)
    requested_by = PersonSerializer(read_only=True)
    url = serializers.SerializerMethodField()

    class Meta:
        model = Export
        fields = (
            "id", "job", "format", "scope", "state", "done", "total", "percent", "size", "digest", "error",
            "file_name", "frozen_at", "created_at", "finished_at", "requested_by", "url",
        )  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_url(self, export: Export) -> str | None:
        if export.state != RunState.SUCCEEDED:
            return None
        return reverse("api-export-file", args=[export.pk])


class ExportRequestSerializer(serializers.Serializer[Any]):
    """What an export is asked for with."""

    job = serializers.IntegerField(min_value=1)
    format = serializers.ChoiceField(Export.Format.choices, default=Export.Format.MANIFEST)
    scope = serializers.ChoiceField(Export.Scope.choices, default=Export.Scope.ALL)
    idempotency_key = serializers.CharField(max_length=100, required=False, default="")
