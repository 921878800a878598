"""POST /label-templates/preview: a label template on items of a dataset, before there is a job."""

from typing import Any

from django.utils.translation import get_language
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from datasets.models import Dataset
from itag.core.policy import require
from jobs.services.plan import LANGUAGES
from jobs.services.tryout import CHOICE, draft_template, try_out
from templates_app.models import LabelTemplate

#: Above this no item has an ordinal.
MOST = 2**31 - 1


class TryOutSerializer(serializers.Serializer):
    """`template`: a saved one, or `draft`: the content of one that is not; the rest as in POST /jobs."""

    dataset = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    first = serializers.IntegerField(min_value=1, max_value=MOST, default=1)
    language = serializers.CharField(required=False)
    template = serializers.IntegerField(min_value=1, max_value=2**63 - 1, required=False)
    draft = serializers.JSONField(required=False)
    options = serializers.JSONField(required=False)
    selected_questions = serializers.JSONField(required=False)
    field_bindings = serializers.JSONField(required=False)
    shapes = serializers.JSONField(required=False)
    overrides = serializers.JSONField(required=False)

    def validate_language(self, value: str) -> str:
        return value if value in LANGUAGES else LANGUAGES[0]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("template" in attrs) == ("draft" in attrs):
            raise serializers.ValidationError({"template": "Give a template or a draft of one."})
        return attrs


class TriedSerializer(serializers.Serializer):
    """The resolved template, and up to five items as GET /assignments/{id}/items gives them."""

    template = serializers.JSONField()
    language = serializers.CharField()
    items = serializers.ListField(child=serializers.JSONField())  # type: ignore[assignment]


class TryOut(APIView):
    """Nothing is stored: the answers that are given in a preview never reach the server."""

    rules = {"post": "signed_in"}

    @extend_schema(
        summary="Try a label template out on items of a dataset",
        request=TryOutSerializer,
        responses=TriedSerializer,
    )
    def post(self, request: Request) -> Response:
        asked = TryOutSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        fields = asked.validated_data
        datasets = Dataset.objects.alive().visible_to(request.user)
        dataset = get_object_or_404(datasets.select_related("workspace"), pk=fields["dataset"])
        require(request.user, "datasets.view", dataset)
        if "template" in fields:
            seen = LabelTemplate.objects.visible_to(request.user)
            template = get_object_or_404(seen, pk=fields["template"])
        else:
            template = draft_template(fields["draft"])
        found = try_out(
            template=template,
            dataset=dataset,
            language=fields.get("language") or get_language() or "en",
            choice={name: fields[name] for name in CHOICE if name in fields},
            first=fields["first"],
        )
        return Response(found)
