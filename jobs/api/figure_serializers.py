"""What figures look like in JSON."""

from typing import Any

from rest_framework import serializers

from jobs.models import Stage
from jobs.selectors.figures import COUNTERS, MEASURES


def _measure(name: str) -> serializers.Field:
    if name in ("audio_seconds", "video_seconds"):
        return serializers.FloatField()
    if name.endswith(("accuracy", "per_hour")):
        return serializers.FloatField(allow_null=True)
    return serializers.IntegerField()


#: Every measure as a field; docs/figures.md says what each one means.
_FIELDS: dict[str, Any] = {name: _measure(name) for name in MEASURES}
MeasuresSerializer: Any = type(
    "MeasuresSerializer",
    (serializers.Serializer,),
    {"__doc__": f"The {len(COUNTERS)} counts of a stage, and what follows from them.", **_FIELDS},
)


class FigurePersonSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    username = serializers.CharField()
    name = serializers.CharField()


class FigureTeamSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()


class StageFiguresSerializer(MeasuresSerializer):  # type: ignore[misc]
    """`by=stage`."""

    stage = serializers.ChoiceField(choices=Stage.choices)


class TeamFiguresSerializer(StageFiguresSerializer):
    """`by=team`; null: people in no team."""

    team = FigureTeamSerializer(allow_null=True)


class PersonFiguresSerializer(StageFiguresSerializer):
    """`by=person`; null: answers that are nobody's, as a manager's corrections."""

    user = FigurePersonSerializer(allow_null=True)


class DayFiguresSerializer(StageFiguresSerializer):
    """`by=day`."""

    day = serializers.DateField()


class LabelFiguresSerializer(serializers.Serializer[Any]):
    """`by=label`."""

    question = serializers.CharField()
    title = serializers.CharField()
    option = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    count = serializers.IntegerField(allow_null=True)
    share = serializers.FloatField(allow_null=True)
    errors = serializers.IntegerField()  # type: ignore[assignment]


class ErrorFiguresSerializer(serializers.Serializer[Any]):
    """`by=error`."""

    stage = serializers.ChoiceField(choices=Stage.choices)
    kind = serializers.CharField(help_text="rejected or modified")
    error_type = serializers.CharField()
    severity = serializers.CharField()
    count = serializers.IntegerField()


class JobCountsSerializer(serializers.Serializer[Any]):
    """The job as it is now."""

    items = serializers.IntegerField()
    finished_items = serializers.IntegerField()
    packages = serializers.IntegerField()
    finished_packages = serializers.IntegerField()
    accepted_items = serializers.IntegerField()
    answered_items = serializers.IntegerField()
    abandoned_items = serializers.IntegerField()
    discarded_packages = serializers.IntegerField()
    discarded_items = serializers.IntegerField()


class PairSerializer(serializers.Serializer[Any]):
    a = FigurePersonSerializer()
    b = FigurePersonSerializer()
    items = serializers.IntegerField()
    mean = serializers.FloatField()
    kappa = serializers.FloatField(allow_null=True)


class QuestionAgreementSerializer(serializers.Serializer[Any]):
    question = serializers.CharField()
    title = serializers.CharField()
    type = serializers.CharField()
    items = serializers.IntegerField()
    alpha = serializers.FloatField(allow_null=True)
    mean = serializers.FloatField(allow_null=True)
    pairs = PairSerializer(many=True)


class AgreementSerializer(serializers.Serializer[Any]):
    """`packages`, `items`: how large the sample is."""

    packages = serializers.IntegerField()
    items = serializers.IntegerField()
    questions = QuestionAgreementSerializer(many=True)


class _SpanSerializer(serializers.Serializer[Any]):
    """`from` and `to`: the days asked for, null where open; `timezone`: whose days they are."""

    timezone = serializers.CharField()

    def get_fields(self) -> dict[str, serializers.Field]:
        """`from` is a word of Python's."""
        days = {name: serializers.DateField(allow_null=True) for name in ("from", "to")}
        return {**days, **super().get_fields()}


class FiguresSerializer(_SpanSerializer):
    """`job` is null for a supplier's leaders; `next`: the `after` of the next page, "" at the end."""

    by = serializers.CharField()
    job = JobCountsSerializer(allow_null=True)
    totals = serializers.DictField(child=MeasuresSerializer())
    next = serializers.CharField(allow_blank=True)
    results = serializers.ListField(child=serializers.DictField())


class OwnJobSerializer(StageFiguresSerializer):
    """One's figures in a stage of a job."""

    job = serializers.DictField()


class StagePaceSerializer(serializers.Serializer[Any]):
    stage = serializers.ChoiceField(Stage.choices)
    items = serializers.IntegerField()
    seconds = serializers.IntegerField()


class PaceSerializer(serializers.Serializer[Any]):
    """A day so far, in the workspace's time zone."""

    day = serializers.DateField()
    items = serializers.IntegerField(help_text="Answered or judged.")
    seconds = serializers.IntegerField(help_text="At work.")
    stages = StagePaceSerializer(many=True)


class OwnFiguresSerializer(_SpanSerializer):
    """`held_seconds`: what was worked on packages that are not submitted yet."""

    workspace = serializers.IntegerField()
    held_seconds = serializers.IntegerField()
    totals = serializers.DictField(child=MeasuresSerializer())
    jobs = OwnJobSerializer(many=True)
    days = DayFiguresSerializer(many=True)
