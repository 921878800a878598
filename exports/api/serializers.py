"""Exports as JSON."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from accounts.api.serializers import PersonSerializer
from accounts.models import Workspace
from accounts.visibility import People, visible_people
from exports.models import Export
from itag.core.runs import RunState
from jobs.api.job_serializers import SeenPersonSerializer
from jobs.selectors.names import title


class ExportSerializer(serializers.ModelSerializer[Export]):
    """`url` is where the file is once the state is `succeeded`, else null; `digest` is its SHA-256."""

    percent = serializers.IntegerField(read_only=True)
    file_name = serializers.CharField(read_only=True)
    requested_by = serializers.SerializerMethodField()
    url = serializers.SerializerMethodField()

    class Meta:
        model = Export
        fields = (
            "id", "job", "format", "scope", "state", "done", "total", "percent", "size", "digest", "error",
            "file_name", "frozen_at", "created_at", "finished_at", "requested_by", "url",
        )  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(SeenPersonSerializer)
    def get_requested_by(self, export: Export) -> dict[str, Any]:
        """Who asked for it, as far as the reader may know them."""
        known: dict[int, People] = self.context.setdefault("known_people", {})  # type: ignore[attr-defined]
        space = export.job.workspace_id
        if space not in known:
            # Only its key is asked for.
            known[space] = visible_people(self.context["request"].user, Workspace(pk=space))
        if export.requested_by_id not in known[space]:
            return {"id": None, "username": "", "name": title("")}
        return dict(PersonSerializer(export.requested_by).data)

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
