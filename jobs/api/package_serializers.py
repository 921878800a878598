"""The JSON of packages as lists show them, of what nobody can take, and of an item's answers side by side."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.api.serializers import PersonSerializer
from jobs.api.job_serializers import (
    LiveAssignmentSerializer,
    NamedSerializer,
    PackageEventSerializer,
)
from jobs.models import Assignment, Package, Stage
from jobs.selectors.differences import CHANGED, GONE, NEW, SAME
from jobs.selectors.operations import PACKAGE_VERBS, package_verdicts
from jobs.selectors.packages import STATES, PackageRow, blocked_reason

PackageCanSerializer = serializers.DictField(child=serializers.BooleanField())


class PackageRowSerializer(serializers.Serializer[Any]):
    """A package with where it stands.

    `state`: open or finished, as the row has it; `standing`: where that is; `assignment`: the slot that says most of
    it, null once it is finished; `assignments`: all of them, more than one with votes. `since`: when it came there;
    `rejected`: items that the last inspection sent back, null for all. `can`: verbs that are possible as it stands.
    """

    number = serializers.IntegerField(source="package.number")
    batch = serializers.IntegerField(source="package.batch.number")
    group = serializers.CharField(source="package.group_value")
    stage = serializers.ChoiceField(Stage.choices, source="package.stage")
    round = serializers.IntegerField(source="package.round")
    state = serializers.ChoiceField(Package.State.choices, source="package.state")
    standing = serializers.ChoiceField([*STATES, "submitted"], source="state")
    blocked = serializers.CharField()
    is_return = serializers.BooleanField()
    item_count = serializers.IntegerField(source="package.item_count")
    done = serializers.IntegerField()
    total = serializers.IntegerField()
    rejected = serializers.IntegerField(allow_null=True)
    flags = serializers.IntegerField()
    since = serializers.DateTimeField(allow_null=True)
    work_seconds = serializers.IntegerField()
    finished_at = serializers.DateTimeField(source="package.finished_at", allow_null=True)
    discarded_at = serializers.DateTimeField(source="package.discarded_at", allow_null=True)
    assignment = serializers.SerializerMethodField()
    assignments = LiveAssignmentSerializer(many=True, source="slots")
    can = serializers.SerializerMethodField()

    @extend_schema_field(LiveAssignmentSerializer(allow_null=True))
    def get_assignment(self, row: PackageRow) -> dict[str, Any] | None:
        if row.live is None or row.package.state == Package.State.FINISHED:
            return None
        return dict(LiveAssignmentSerializer(row.live).data)

    @extend_schema_field(PackageCanSerializer)
    def get_can(self, row: PackageRow) -> dict[str, bool]:
        verdicts = package_verdicts(row, self.context["job"])
        return {verb: bool(verdicts[verb]) for verb in PACKAGE_VERBS}


class PackageRowDetailSerializer(PackageRowSerializer):
    """A package with its history, oldest first."""

    events = serializers.SerializerMethodField()

    @extend_schema_field(PackageEventSerializer(many=True))
    def get_events(self, row: PackageRow) -> Any:
        return PackageEventSerializer(self.context["events"], many=True).data


class BlockedSerializer(serializers.ModelSerializer[Assignment]):
    """A slot that nobody can take, with its reason as a word and in words."""

    job = NamedSerializer()
    why = serializers.SerializerMethodField()
    reserved_for = PersonSerializer(source="reserved_user", allow_null=True)
    since = serializers.DateTimeField(source="created_at")

    class Meta:
        model = Assignment
        fields = [
            "id",
            "job",
            "number",
            "stage",
            "round",
            "vote",
            "reason",
            "why",
            "reserved_for",
            "since",
        ]

    @extend_schema_field(serializers.CharField())
    def get_why(self, slot: Assignment) -> str:
        return blocked_reason(slot)


class PieceSerializer(serializers.Serializer[Any]):
    """A part of a changed text."""

    text = serializers.CharField()
    mark = serializers.ChoiceField([SAME, NEW, GONE])


class LineSerializer(serializers.Serializer[Any]):
    """One thing that was said, and how it differs from the answer before."""

    text = serializers.CharField()
    mark = serializers.ChoiceField([SAME, NEW, GONE, CHANGED])
    note = serializers.CharField()
    pieces = PieceSerializer(many=True)


class ItemAnswerSerializer(serializers.Serializer[Any]):
    """What was answered to one question; `more`: lines that are not listed."""

    question = serializers.CharField()
    title = serializers.CharField()
    lines = LineSerializer(many=True)
    more = serializers.IntegerField()


class SaidSerializer(serializers.Serializer[Any]):
    """What somebody said of an item; `compared_to` is the number of the one that its lines are marked against, or 0."""

    number = serializers.IntegerField()
    title = serializers.CharField()
    who = serializers.CharField()
    at = serializers.DateTimeField()
    verdict = serializers.CharField()
    feedback = serializers.CharField()
    abandoned = serializers.BooleanField()
    reason = serializers.CharField()
    in_force = serializers.BooleanField()
    compared_to = serializers.IntegerField()
    seconds = serializers.IntegerField()
    answers = ItemAnswerSerializer(many=True)
