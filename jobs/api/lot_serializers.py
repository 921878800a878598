"""Shapes of lots in the API."""

from typing import Any

from rest_framework import serializers

from jobs.api.job_serializers import SeenPersonSerializer
from jobs.models import Lot
from jobs.services.lot_filters import PEOPLE


class LotWriteSerializer(serializers.Serializer[Any]):
    """`rate`: `amount` percent of all items; `count`: `amount` items. `target`: least accuracy of a person in percent."""

    filters = serializers.DictField(
        required=False,
        help_text=f"{', '.join(PEOPLE)}: ids; from, to: days such as 2026-11-24; numbers: such as 1-20, 25; "
        'answer: {"question", "option"}. All optional.',
    )
    method = serializers.ChoiceField(choices=Lot.Method.choices, default=Lot.Method.RATE)
    amount = serializers.IntegerField(default=10)
    target = serializers.IntegerField(required=False, allow_null=True)


class LotPreviewSerializer(serializers.Serializer[Any]):
    packages = serializers.IntegerField()
    items = serializers.IntegerField()
    drawn = serializers.IntegerField()
    own = serializers.IntegerField(help_text="Waiting packages left out as the person's own work.")


class LotPersonSerializer(serializers.Serializer[Any]):
    """`judged` and `errors` are of what the lot drew; `low` and `high` are the ends of the 95 % interval of accuracy."""

    person = SeenPersonSerializer(allow_null=True)
    drawn = serializers.IntegerField()
    judged = serializers.IntegerField()
    errors = serializers.IntegerField()  # type: ignore[assignment]  # a field, not what is wrong with input
    all_judged = serializers.IntegerField()
    all_errors = serializers.IntegerField()
    accuracy = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)


class LotEffectSerializer(serializers.Serializer[Any]):
    accepted_packages = serializers.IntegerField()
    accepted_items = serializers.IntegerField()
    returned_packages = serializers.IntegerField()
    returned_items = serializers.IntegerField()
    people = serializers.ListField(
        child=serializers.IntegerField(),
        help_text="Ids of those under target, as far as the reader may know who they are.",
    )


class LotSerializer(serializers.ModelSerializer[Lot]):
    accepter = SeenPersonSerializer()
    job = serializers.IntegerField(source="job_id")

    class Meta:
        model = Lot
        fields = (
            "id", "job", "accepter", "state", "filters", "method", "amount", "target", "package_count", "item_count",
            "drawn_count", "decision", "return_to", "note", "done", "total", "error", "created_at", "closed_at",
        )  # fmt: skip


class LotDetailSerializer(LotSerializer):
    """With what was judged so far; `next` is the first drawn item without a verdict."""

    people = LotPersonSerializer(many=True)
    lot = LotPersonSerializer()
    unjudged = serializers.IntegerField()
    next = serializers.CharField(allow_null=True)

    class Meta(LotSerializer.Meta):
        fields = (*LotSerializer.Meta.fields, "people", "lot", "unjudged", "next")  # type: ignore[assignment]


class LotCloseSerializer(serializers.Serializer[Any]):
    """`confirm`: how many packages the lot holds, as the person saw it."""

    decision = serializers.ChoiceField(choices=Lot.Decision.choices)
    confirm = serializers.IntegerField()
    return_to = serializers.ChoiceField(choices=["labeling", "check"], required=False)
    note = serializers.CharField(required=False, allow_blank=True, max_length=2000)


class LotItemSerializer(serializers.Serializer[Any]):
    """A drawn or judged item: where it is judged, why it is inspected, and its verdict so far."""

    assignment = serializers.IntegerField()
    number = serializers.IntegerField(help_text="Of the package.")
    position = serializers.IntegerField()
    reason = serializers.CharField(allow_null=True)
    verdict = serializers.CharField(allow_null=True)
    url = serializers.CharField()


class LotItemsSerializer(serializers.Serializer[Any]):
    next = serializers.CharField(allow_null=True, help_text="`after` of the next page.")
    results = LotItemSerializer(many=True)
