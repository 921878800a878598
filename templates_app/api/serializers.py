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
    layout = serializers.JSONField(read_only=True)
    abandon_reasons = serializers.SerializerMethodField()

    class Meta:
        model = LabelTemplate
        fields = (
            "id", "key", "title", "name", "description", "category", "version", "builtin",
            "workspace", "shared", "views", "questions", "layout", "abandon_reasons",
            "created_at", "superseded_at", "archived_at",
        )  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_abandon_reasons(self, template: LabelTemplate) -> list[str]:
        language = get_language() or "en"
        reasons: list[Any] = template.abandon_reasons
        return [r if isinstance(r, str) else in_language(r, language) for r in reasons]


class LabelTemplateContentSerializer(serializers.Serializer):
    """What a version consists of; `views`, `questions` and `layout`: see docs/templates/custom.md.

    What is wrong inside them is named by its path, such as `questions[1].children[0].options[2].label`.
    """

    name = serializers.CharField(required=False)
    description = serializers.CharField(required=False, allow_blank=True)
    views = serializers.JSONField(required=False)
    questions = serializers.JSONField(required=False)
    layout = serializers.JSONField(required=False)
    abandon_reasons = serializers.ListField(child=serializers.CharField(), required=False)


class LabelTemplateCreateSerializer(LabelTemplateContentSerializer):
    workspace = serializers.IntegerField()


class LabelTemplateFileSerializer(LabelTemplateContentSerializer):
    """A label template as a file."""

    format = serializers.CharField()
    format_version = serializers.IntegerField()


class CloneSerializer(serializers.Serializer):
    """`workspace`: where the copy goes; `name`: the original's with an addition where none is given."""

    workspace = serializers.IntegerField()
    name = serializers.CharField(max_length=100, required=False)


class ShareSerializer(serializers.Serializer):
    shared = serializers.ChoiceField(choices=LabelTemplate.Shared.choices)


class ArchiveSerializer(serializers.Serializer):
    archived = serializers.BooleanField()


class FaultSerializer(serializers.Serializer):
    field = serializers.CharField()
    message = serializers.CharField()


class FaultsSerializer(serializers.Serializer):
    """What would keep the content from being saved; none: nothing."""

    errors = FaultSerializer(many=True)  # type: ignore[assignment]
