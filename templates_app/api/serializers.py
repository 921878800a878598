"""Label templates as JSON."""

from typing import Any

from django.utils.translation import get_language
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from templates_app.models import LabelTemplate
from templates_app.services import in_language


class LabelTemplateSerializer(serializers.ModelSerializer[LabelTemplate]):
    """`title` is in the reader's language; `questions` are as stored, before a job selects among them."""

    title = serializers.CharField(read_only=True)
    builtin = serializers.BooleanField(source="is_builtin", read_only=True)
    views = serializers.JSONField(read_only=True)
    questions = serializers.JSONField(read_only=True)
    abandon_reasons = serializers.SerializerMethodField()

    class Meta:
        model = LabelTemplate
        fields = (
            "id", "key", "title", "category", "version", "builtin", "workspace",
            "views", "questions", "abandon_reasons", "created_at",
        )  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_abandon_reasons(self, template: LabelTemplate) -> list[str]:
        language = get_language() or "en"
        reasons: list[Any] = template.abandon_reasons
        return [r if isinstance(r, str) else in_language(r, language) for r in reasons]
