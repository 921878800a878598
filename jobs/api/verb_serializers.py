"""The JSON of what managers do with jobs and packages, and of what happened to a job."""

from typing import Any

from rest_framework import serializers

from accounts.api.serializers import PersonSerializer
from jobs.api.job_serializers import LiveAssignmentSerializer
from jobs.api.work_serializers import OpsField, ResultsField
from jobs.models import Batch, JobEvent, Package, Stage
from jobs.services.manage import BULK, MAX_BULK
from jobs.services.transfer import MAX_HOURS


class BatchSerializer(serializers.ModelSerializer[Batch]):
    """Data that was appended at once; while it is open its last package waits for more."""

    class Meta:
        model = Batch
        fields = ["number", "first_ordinal", "last_ordinal", "closed_at", "created_at"]


class JobEventSerializer(serializers.ModelSerializer[JobEvent]):
    """Something that somebody (null: the system) did to the job as a whole."""

    actor = PersonSerializer(allow_null=True)

    class Meta:
        model = JobEvent
        fields = ["id", "verb", "actor", "note", "data", "created_at"]


class CloneSerializer(serializers.Serializer[Any]):
    """A body for `POST /jobs`."""

    job = serializers.DictField()


class SlotSerializer(LiveAssignmentSerializer):
    """One person's part of a package; `vote` counts from 0 where several people answer it."""

    class Meta(LiveAssignmentSerializer.Meta):
        fields = [*LiveAssignmentSerializer.Meta.fields, "vote", "extended_until"]


class StandSerializer(serializers.ModelSerializer[Package]):
    """Where a package stands after a verb; `slots`: its live assignments, the latest first."""

    slots = SlotSerializer(many=True, source="live_rows")

    class Meta:
        model = Package
        fields = [
            "number", "stage", "round", "state", "item_count", "finished_at", "discarded_at", "slots",
        ]  # fmt: skip


class CorrectedSerializer(serializers.Serializer[Any]):
    """The answer that is in force now."""

    position = serializers.IntegerField()
    results = ResultsField()
    abandoned = serializers.BooleanField()
    reason = serializers.CharField()


# --- what comes in ---------------------------------------------------------------------------------------------------


class DeleteJobSerializer(serializers.Serializer[Any]):
    """The job's name as it is, as proof that this job is meant."""

    name = serializers.CharField(max_length=100, trim_whitespace=False)


class WhySerializer(serializers.Serializer[Any]):
    """A reason, kept in the package's history."""

    reason = serializers.CharField(max_length=200)


class WhyOfVoteSerializer(WhySerializer):
    """`vote`: which part is meant where several people answer the package."""

    vote = serializers.IntegerField(required=False, default=None, allow_null=True, min_value=0)


class TransferSerializer(WhyOfVoteSerializer):
    """To whom the package goes: the id of a person who works in the stage."""

    to = serializers.IntegerField()


class ExtendSerializer(serializers.Serializer[Any]):
    """By how many hours the claim is made longer."""

    hours = serializers.IntegerField(min_value=1, max_value=MAX_HOURS)
    vote = serializers.IntegerField(required=False, default=None, allow_null=True, min_value=0)


class ReopenSerializer(WhySerializer):
    """At which stage the package opens again."""

    stage = serializers.ChoiceField(Stage.choices)


class CorrectSerializer(WhySerializer):
    """Operations on the answer in force, as in a save."""

    ops = OpsField()


class AdoptAsManagerSerializer(WhySerializer):
    """Whose answer is in force: the voter's number, from 1."""

    vote = serializers.IntegerField(min_value=1, max_value=1000)


class BulkSerializer(serializers.Serializer[Any]):
    """One thing for many packages: `to` with transfer, `hours` with extend, `stage` with reopen."""

    verb = serializers.ChoiceField(list(BULK))
    numbers = serializers.ListField(
        child=serializers.IntegerField(min_value=1), min_length=1, max_length=MAX_BULK
    )
    confirm = serializers.IntegerField(help_text="How many packages these are, as typed.")
    reason = serializers.CharField(required=False, default="", allow_blank=True, max_length=200)
    to = serializers.IntegerField(required=False, default=None, allow_null=True)
    hours = serializers.IntegerField(required=False, default=None, allow_null=True)
    stage = serializers.ChoiceField(Stage.choices, required=False, default=None, allow_null=True)


class FailedSerializer(serializers.Serializer[Any]):
    """A package that stayed as it was, and why."""

    number = serializers.IntegerField()
    message = serializers.CharField()


class ChangedSerializer(serializers.Serializer[Any]):
    """The numbers of what was done, and what could not be."""

    done = serializers.ListField(child=serializers.IntegerField())
    failed = FailedSerializer(many=True)
