"""The JSON of assignments and items: the shapes for the schema, and the check of what comes in."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from jobs.models import Appeal, Assignment, Stage, Thread
from jobs.services.release import REASONS

#: The longest time that one save may claim for itself.
MAX_SECONDS = 86_400


class NamedJobSerializer(serializers.Serializer[Any]):
    """A job by id and name."""

    id = serializers.IntegerField()
    name = serializers.CharField()


class PackageOfSerializer(serializers.Serializer[Any]):
    """A package by its number in the job."""

    number = serializers.IntegerField()
    item_count = serializers.IntegerField()


class CanSerializer(serializers.Serializer[Any]):
    """What the person may do with the assignment now."""

    submit = serializers.BooleanField()
    release = serializers.BooleanField()
    skip = serializers.BooleanField()
    reject = serializers.BooleanField()
    withdraw = serializers.BooleanField()


class LotOfSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    url = serializers.CharField()


class AssignmentSerializer(serializers.Serializer[Any]):
    """One person's tenure of a package in a stage; `url` is the page at the first unfinished item."""

    id = serializers.IntegerField(allow_null=True)
    job = NamedJobSerializer()
    package = PackageOfSerializer()
    stage = serializers.ChoiceField(Stage.choices)
    round = serializers.IntegerField()
    state = serializers.ChoiceField(Assignment.State.choices)
    is_return = serializers.BooleanField(help_text="The package came back for rework.")
    claimed_at = serializers.DateTimeField(allow_null=True)
    last_input_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField(
        allow_null=True, help_text="When the claim ends if nothing more is done."
    )
    warned = serializers.IntegerField(
        help_text="The percent of the claim time, 50 or 90, at which the holder was warned; 0 since their last input."
    )
    submitted_at = serializers.DateTimeField(allow_null=True)
    total = serializers.IntegerField(help_text="Items to be done.")
    done = serializers.IntegerField()
    url = serializers.CharField()
    can = CanSerializer()
    why = serializers.DictField(
        child=serializers.CharField(), help_text="Why what `can` refuses is refused."
    )
    skips_left = serializers.IntegerField(
        help_text="How many more packages of the job may be given back or skipped today."
    )
    lot = LotOfSerializer(allow_null=True, help_text="The lot that the package is judged in.")


class FlagStateSerializer(serializers.Serializer[Any]):
    """There is a question about the item."""

    thread = serializers.IntegerField()
    state = serializers.ChoiceField(Thread.State.choices)


class AppealRefSerializer(serializers.Serializer[Any]):
    """The appeal that there is."""

    id = serializers.IntegerField()
    state = serializers.ChoiceField(Appeal.State.choices)
    note = serializers.CharField()


class AppealableSerializer(serializers.Serializer[Any]):
    """The latest verdict on your answer, and whether you can appeal it."""

    stage = serializers.ChoiceField(Stage.choices)
    round = serializers.IntegerField()
    verdict = serializers.CharField()
    feedback = serializers.CharField()
    until = serializers.DateTimeField()
    can = serializers.BooleanField()
    reason = serializers.CharField(help_text="Why you cannot appeal it any more.")
    appeal = AppealRefSerializer(allow_null=True)


class ItemSummarySerializer(serializers.Serializer[Any]):
    """An item in the list beside the labeling page."""

    position = serializers.IntegerField()
    state = serializers.CharField(
        help_text=(
            "open, answered, abandoned, locked; in check and acceptance open (drawn), passed, modified, rejected, "
            "unsampled"
        )
    )
    version = serializers.IntegerField()
    feedback = serializers.BooleanField(help_text="It was rejected, here or before.")
    disputed = serializers.BooleanField(help_text="The votes on it did not agree.")
    flag = FlagStateSerializer(allow_null=True)


class ReturnedSerializer(serializers.Serializer[Any]):
    """What was said when the package was rejected as a whole."""

    stage = serializers.ChoiceField(Stage.choices)
    feedback = serializers.CharField()


class FeedbackListsSerializer(serializers.Serializer[Any]):
    """What inspectors choose from when they reject an item, in the job's order."""

    error_types = serializers.ListField(child=serializers.CharField())
    severities = serializers.ListField(child=serializers.CharField())


class AssignmentDetailSerializer(AssignmentSerializer):
    """An assignment with all that the labeling page needs beside the items themselves."""

    mode = serializers.CharField(help_text="labeling, check, acceptance or read")
    template = serializers.DictField(help_text="views, questions and abandon_reasons")
    language = serializers.CharField()
    first = serializers.IntegerField(help_text="The first unfinished position.")
    items = ItemSummarySerializer(many=True)
    returned = ReturnedSerializer(allow_null=True)
    feedback_lists = FeedbackListsSerializer()
    api = serializers.CharField()


@extend_schema_field({"type": "array", "items": {"type": "object"}})
class ResultsField(serializers.JSONField):
    """Canonical results: a list of elements, each with `questionId` and `type`."""


class JudgedSerializer(serializers.Serializer[Any]):
    """What is judged, or in rework gone on from."""

    results = ResultsField()
    abandoned = serializers.BooleanField()
    reason = serializers.CharField()
    author = serializers.CharField(allow_null=True, help_text="Only inspectors are told.")
    stage = serializers.CharField()
    version = serializers.IntegerField()


class FeedbackSerializer(serializers.Serializer[Any]):
    """What an earlier inspection said of the item."""

    stage = serializers.CharField()
    round = serializers.IntegerField()
    feedback = serializers.CharField()
    object = serializers.CharField(help_text="The id of the region it is about, or empty.")
    error_type = serializers.CharField()
    severity = serializers.CharField()


class LateSerializer(serializers.Serializer[Any]):
    """What a former holder saved after the package had gone; it is not in force."""

    author = serializers.CharField(allow_null=True)
    results = ResultsField()
    abandoned = serializers.BooleanField()
    at = serializers.DateTimeField()


class VoteSerializer(serializers.Serializer[Any]):
    """What one of several people answered without knowing of the others."""

    voter = serializers.IntegerField(help_text="From 1; what `adopt` names.")
    author = serializers.CharField(allow_null=True, help_text="Only who manages the job is told.")
    results = ResultsField()
    abandoned = serializers.BooleanField()
    reason = serializers.CharField()
    adopted = serializers.BooleanField()


class SinceSerializer(serializers.Serializer[Any]):
    """What was judged of the item in an earlier round."""

    results = ResultsField()
    abandoned = serializers.BooleanField()
    round = serializers.IntegerField()
    stage = serializers.CharField()


class WorkItemSerializer(serializers.Serializer[Any]):
    """An item as its holder sees it; `results` is what they change, `version` what the next save names."""

    position = serializers.IntegerField()
    data = serializers.DictField()  # type: ignore[assignment]
    markdown = serializers.DictField(
        help_text="By field that a Markdown view shows: the HTML of its text, which is safe to put into a page."
    )
    media = serializers.DictField(
        help_text="By field: url, type, and of pictures width, height, format, tiles."
    )
    results = ResultsField()
    version = serializers.IntegerField()
    state = serializers.CharField()
    abandoned = serializers.BooleanField()
    reason = serializers.CharField()
    verdict = serializers.CharField(help_text="passed, modified, rejected or empty")
    feedback = serializers.CharField()
    feedback_object = serializers.CharField()
    error_type = serializers.CharField()
    severity = serializers.CharField()
    base = JudgedSerializer(allow_null=True)
    previous_feedback = FeedbackSerializer(many=True)
    prior = serializers.DictField(help_text="Answers that the dataset's line came with.")
    prior_results = serializers.DictField(
        help_text="Those of them that answer this job's questions, as `results`."
    )
    locked = serializers.BooleanField(help_text="In rework: it was not rejected.")
    flag = FlagStateSerializer(allow_null=True)
    appeal = AppealableSerializer(allow_null=True)
    late = LateSerializer(many=True)
    disputed = serializers.BooleanField(
        help_text="The votes on it do not agree, and nobody has decided yet."
    )
    votes = VoteSerializer(many=True, help_text="Only in check and acceptance, and for managers.")
    since = SinceSerializer(
        allow_null=True,
        help_text="What an earlier round judged: only in check and acceptance of a later round.",
    )


class HistorySerializer(FeedbackSerializer):
    """What somebody answered or decided."""

    assignment = serializers.IntegerField(allow_null=True)
    author = serializers.CharField(allow_null=True)
    results = ResultsField()
    verdict = serializers.CharField()
    abandoned = serializers.BooleanField()
    reason = serializers.CharField()
    version = serializers.IntegerField()
    late = serializers.BooleanField()
    at = serializers.DateTimeField()


class PackageItemSerializer(WorkItemSerializer):
    """An item of a package with the answer in force and everything that was said of it."""

    history = HistorySerializer(many=True)


class WorkItemsSerializer(serializers.Serializer[Any]):
    """Items in order."""

    results = WorkItemSerializer(many=True)


class PackageItemsSerializer(serializers.Serializer[Any]):
    """Items of a package in order."""

    results = PackageItemSerializer(many=True)


class SavedSerializer(serializers.Serializer[Any]):
    """The item after the save; `late`: the package had gone, the save is kept but not in force."""

    write = serializers.CharField()
    version = serializers.IntegerField()
    state = serializers.CharField()
    verdict = serializers.CharField()
    late = serializers.BooleanField()


class ClaimedSerializer(serializers.Serializer[Any]):
    """What a claim gave: an assignment, new or held already, or the reason why there is none."""

    assignment = AssignmentSerializer(allow_null=True)
    already_held = serializers.BooleanField()
    reason = serializers.CharField()


class SubmittedSerializer(serializers.Serializer[Any]):
    """`next`: of an inspected package whether it was `passed` on or `returned`."""

    state = serializers.ChoiceField(Assignment.State.choices)
    next = serializers.CharField(allow_null=True)


class PassedSerializer(serializers.Serializer[Any]):
    """How many items were passed."""

    passed = serializers.IntegerField()


class ReleasedSerializer(serializers.Serializer[Any]):
    """The assignment's state."""

    state = serializers.ChoiceField(Assignment.State.choices)


class OfferedSerializer(serializers.Serializer[Any]):
    """How many people had given the package back."""

    offered_again = serializers.IntegerField()


# --- what comes in ---------------------------------------------------------------------------------------------------


class ClaimSerializer(serializers.Serializer[Any]):
    """Which stage of the job."""

    stage = serializers.ChoiceField(Stage.choices)


class ClaimNextSerializer(serializers.Serializer[Any]):
    """Narrows where to look; without, all stages of all one's jobs."""

    stage = serializers.ChoiceField(Stage.choices, required=False)
    workspace = serializers.IntegerField(required=False)


class OpSerializer(serializers.Serializer[Any]):
    """One operation: set or delete (`value` null) an object, or with `id` null the whole question."""

    questionId = serializers.CharField()
    id = serializers.CharField(allow_null=True)
    value = serializers.DictField(allow_null=True)
    before = serializers.CharField(required=False, allow_null=True)


@extend_schema_field(OpSerializer(many=True))
class OpsField(serializers.Field):
    """A list; its members are checked by the questions they touch, not twice."""

    default_error_messages = {"list": "A list of operations is expected."}

    def to_internal_value(self, data: Any) -> list[Any]:
        if not isinstance(data, list):
            self.fail("list")
        return list(data)

    def to_representation(self, value: Any) -> Any:
        return value


class WriteSerializer(serializers.Serializer[Any]):
    """`write` names the request: sent again, it answers the same and changes nothing."""

    write = serializers.UUIDField()


class SaveSerializer(WriteSerializer):
    """What to change; an empty list confirms the answer as it is. `seconds`: time spent on the item since."""

    ops = OpsField()
    seconds = serializers.IntegerField(
        required=False, default=0, min_value=0, max_value=MAX_SECONDS
    )


class AbandonSerializer(WriteSerializer):
    """Why the item cannot be labeled."""

    reason = serializers.CharField(allow_blank=True, max_length=500)


class UnlockSerializer(serializers.Serializer[Any]):
    """`write` as in a save, if there is one."""

    write = serializers.UUIDField(required=False, default=None, allow_null=True)


class RejectSerializer(WriteSerializer):
    """What is wrong, where and how badly."""

    feedback = serializers.CharField(allow_blank=True, max_length=4000)
    object = serializers.CharField(required=False, default="", allow_blank=True, max_length=64)
    error_type = serializers.CharField(required=False, default="", allow_blank=True, max_length=64)
    severity = serializers.CharField(required=False, default="", allow_blank=True, max_length=16)


class AdoptSerializer(WriteSerializer):
    """Whose answer becomes one's own."""

    vote = serializers.IntegerField(min_value=1, max_value=1000)


class SubmitSerializer(serializers.Serializer[Any]):
    """`return_to`: where rejected work goes from acceptance; without, to the stage before."""

    return_to = serializers.CharField(required=False, default="", allow_blank=True)


class RejectPackageSerializer(SubmitSerializer):
    """What is wrong with the package as a whole."""

    feedback = serializers.CharField(allow_blank=True, max_length=4000)


class ReasonSerializer(serializers.Serializer[Any]):
    """Why the package is given back."""

    reason = serializers.CharField(
        allow_blank=True,
        max_length=200,
        help_text=f"One of {', '.join(REASONS)}, or a text.",
    )


class InputSerializer(serializers.Serializer[Any]):
    """Time spent since the last one."""

    seconds = serializers.IntegerField(
        required=False, default=0, min_value=0, max_value=MAX_SECONDS
    )


class TouchedSerializer(serializers.Serializer[Any]):
    """When the claim ends if nothing more is done."""

    expires_at = serializers.DateTimeField(allow_null=True)
