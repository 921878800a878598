"""The JSON of jobs and packages: what goes out, and the shape of what comes in for the schema.

What comes in is checked by the services alone, so that pages and API refuse the same things with the same words.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from drf_spectacular.utils import extend_schema_field, inline_serializer
from rest_framework import serializers

from accounts.api.serializers import PersonSerializer
from accounts.models import Workspace
from accounts.visibility import People, visible_people
from itag.core.clock import now
from itag.core.policy import Verdict
from itag.core.runs import RunState
from jobs.models import Assignment, Job, PackageEvent, Stage, Workflow
from jobs.policies import ABILITIES, abilities, sees_stages
from jobs.selectors.center import job_progress, job_split
from jobs.selectors.job_list import lateness
from jobs.selectors.names import title
from jobs.services.members import Members
from templates_app.questions.shapes import SHAPES

LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]


class NamedSerializer(serializers.Serializer[Any]):
    """An object by id and name."""

    id = serializers.IntegerField()
    name = serializers.CharField()


class RoleSerializer(serializers.Serializer[Any]):
    """The people and teams of one role."""

    users = PersonSerializer(many=True)
    teams = NamedSerializer(many=True)


class MembersSerializer(serializers.Serializer[Any]):
    """Who works in which stage; only the stages of the job's workflow are there."""

    labeling = RoleSerializer()
    check = RoleSerializer(required=False)
    acceptance = RoleSerializer(required=False)
    manage = RoleSerializer()


class RoleIdsSerializer(serializers.Serializer[Any]):
    """Ids of people and teams; not both empty."""

    users = serializers.ListField(child=serializers.IntegerField(), required=False)
    teams = serializers.ListField(child=serializers.IntegerField(), required=False)


class MemberIdsSerializer(serializers.Serializer[Any]):
    """Exactly the stages of the workflow; `manage` defaults to the creator, later to the present ones."""

    labeling = RoleIdsSerializer()
    check = RoleIdsSerializer(required=False)
    acceptance = RoleIdsSerializer(required=False)
    manage = RoleIdsSerializer(required=False)


class MembersWriteSerializer(MemberIdsSerializer):
    """`held`: what becomes of packages that people hold in a stage they lose; without it such a change is refused."""

    held = serializers.ChoiceField(["release", "keep"], required=False)


class OptionSerializer(serializers.Serializer[Any]):
    """A label of a question; key, colour and shortcut are chosen where none is given."""

    label = serializers.CharField()  # type: ignore[assignment]
    key = serializers.CharField(required=False)
    color = serializers.CharField(required=False)
    shortcut = serializers.CharField(required=False, allow_blank=True)
    remark = serializers.CharField(required=False)

    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), "children": OptionSerializer(many=True, required=False)}


class TargetRangeSerializer(serializers.Serializer[Any]):
    """Packages `first` to `last` are for this user, or for this team: exactly one of the two."""

    first = serializers.IntegerField(min_value=1)
    last = serializers.IntegerField(required=False, help_text="Left out: `first`.")
    user = serializers.IntegerField(required=False)
    team = serializers.IntegerField(required=False)


class TargetsSerializer(serializers.Serializer[Any]):
    """Shares in percent by id, 100 in all; or `packages` alone."""

    users = serializers.DictField(child=serializers.IntegerField(), required=False)
    teams = serializers.DictField(child=serializers.IntegerField(), required=False)
    packages = TargetRangeSerializer(many=True, required=False)


class AllocationSerializer(serializers.Serializer[Any]):
    """`fixed`: `size` items in a package; `average`: so many `packages`; `field`: one for each value of the `field`."""

    type = serializers.ChoiceField(["fixed", "average", "field"])
    size = serializers.IntegerField(required=False)
    packages = serializers.IntegerField(required=False)
    field = serializers.CharField(required=False)
    targets = TargetsSerializer(required=False)


class VoteRuleSerializer(serializers.Serializer[Any]):
    """So many people answer a question; what at least `MinVote` of them agree on is adopted."""

    VoteNum = serializers.IntegerField(min_value=1, max_value=9)
    MinVote = serializers.IntegerField(min_value=1, max_value=9)


class LimitsSerializer(serializers.Serializer[Any]):
    """Settings of a job that differ from the defaults."""

    allow_own_check = serializers.BooleanField(required=False)
    sample_at_least_one = serializers.BooleanField(required=False)
    claim_hours = serializers.IntegerField(required=False)
    package_limit = serializers.IntegerField(required=False)
    max_rounds = serializers.IntegerField(required=False)
    continue_answers = serializers.BooleanField(required=False)
    give_back_limit = serializers.IntegerField(required=False)
    withdraw_minutes = serializers.IntegerField(required=False)
    hide_names = serializers.BooleanField(required=False)
    vote_iou_percent = serializers.IntegerField(required=False)
    vote_gap_ms = serializers.IntegerField(required=False)


class PackagesRequestSerializer(serializers.Serializer[Any]):
    """What makes packages."""

    workspace = serializers.IntegerField()
    dataset = serializers.IntegerField()
    allocation = AllocationSerializer()
    votes = serializers.DictField(child=VoteRuleSerializer(), required=False)


class PreviewRequestSerializer(PackagesRequestSerializer):
    """Of the job body, what makes packages; workflow, members and limits for warnings."""

    workflow = serializers.ChoiceField(Workflow.choices, required=False)
    members = MemberIdsSerializer(required=False)
    limits = LimitsSerializer(required=False)


class ShapesField(serializers.ListField):
    """What may be drawn for a question."""

    child = serializers.ChoiceField(list(SHAPES))


class RelationPairSerializer(serializers.Serializer[Any]):
    """Which spans a relation may join, by what is chosen of them; an empty list stands for any."""

    to = serializers.ListField(child=serializers.CharField())
    relation = serializers.ListField(child=serializers.CharField())

    def get_fields(self) -> dict[str, Any]:
        # `from` is a word of Python's own.
        return {
            "from": serializers.ListField(child=serializers.CharField()),
            **super().get_fields(),
        }


class OverrideSerializer(serializers.Serializer[Any]):
    """What a job says of a question otherwise than its template, of what the question's type knows."""

    default = serializers.JSONField(
        required=False, allow_null=True, help_text="The answer that items begin with."
    )
    rule = serializers.CharField(
        required=False,
        allow_null=True,
        allow_blank=True,
        help_text="A regular expression for the whole text.",
    )
    ruleHint = serializers.CharField(required=False, allow_null=True, allow_blank=True)
    preOptions = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        allow_null=True,
        help_text="Texts to put in with a click.",
    )
    pairs = RelationPairSerializer(many=True, required=False, allow_null=True)

    def to_representation(self, instance: Any) -> Any:
        """Only what is said: null says something."""
        return instance


class OwnListsSerializer(serializers.Serializer[Any]):
    """What inspectors choose from when they reject; a list that is left out or empty is the usual one."""

    error_types = serializers.ListField(child=serializers.CharField(max_length=64), required=False)
    severities = serializers.ListField(child=serializers.CharField(max_length=16), required=False)


class JobWriteSerializer(PackagesRequestSerializer):
    """A new job."""

    name = serializers.RegexField(
        r"^[A-Za-z0-9\u3400-\u4dbf\u4e00-\u9fff][A-Za-z0-9\u3400-\u4dbf\u4e00-\u9fff_-]{0,99}$"
    )
    description = serializers.CharField(required=False, allow_blank=True)
    template = serializers.IntegerField()
    field_bindings = serializers.DictField(child=serializers.CharField(), required=False)
    selected_questions = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        help_text="One of each group of alternatives, and those that may be left out but are asked; without the "
        "field, what the template usually asks.",
    )
    options = serializers.DictField(child=OptionSerializer(many=True), required=False)
    shapes = serializers.DictField(
        child=ShapesField(),
        required=False,
        help_text="By drawing question: what people may draw, of what the template has; else its usual shapes.",
    )
    overrides = serializers.DictField(
        child=OverrideSerializer(),
        required=False,
        help_text="By question: what the job says otherwise than the template; null takes away what that says.",
    )
    workflow = serializers.ChoiceField(Workflow.choices)
    check_ratio = serializers.IntegerField(required=False, min_value=1, max_value=100)
    acceptance_ratio = serializers.IntegerField(required=False, min_value=1, max_value=100)
    check_count = serializers.IntegerField(required=False, allow_null=True, min_value=1)
    acceptance_count = serializers.IntegerField(required=False, allow_null=True, min_value=1)
    members = MemberIdsSerializer()
    limits = LimitsSerializer(required=False)
    feedback_lists = OwnListsSerializer(required=False)
    priority = serializers.IntegerField(required=False, min_value=-100, max_value=100)
    deadline = serializers.DateTimeField(required=False, allow_null=True)
    language = serializers.ChoiceField(LANGUAGES, required=False)


class JobChangeSerializer(serializers.Serializer[Any]):
    """What may be changed of a job. `options`: all labels of the questions named, present ones with their keys."""

    description = serializers.CharField(required=False, allow_blank=True)
    priority = serializers.IntegerField(required=False, min_value=-100, max_value=100)
    deadline = serializers.DateTimeField(required=False, allow_null=True)
    check_ratio = serializers.IntegerField(required=False, min_value=1, max_value=100)
    acceptance_ratio = serializers.IntegerField(required=False, min_value=1, max_value=100)
    check_count = serializers.IntegerField(required=False, allow_null=True, min_value=1)
    acceptance_count = serializers.IntegerField(required=False, allow_null=True, min_value=1)
    limits = LimitsSerializer(required=False)
    feedback_lists = OwnListsSerializer(required=False)
    options = serializers.DictField(child=OptionSerializer(many=True), required=False)


class SizesSerializer(serializers.Serializer[Any]):
    """`count` packages of `size` items."""

    size = serializers.IntegerField()
    count = serializers.IntegerField()


class GroupSerializer(serializers.Serializer[Any]):
    """One value of the field; "" stands for items without one."""

    value = serializers.CharField()
    items = serializers.IntegerField()
    packages = serializers.IntegerField()


class GroupsSerializer(serializers.Serializer[Any]):
    """How many groups, items without a value, and the ten largest groups."""

    count = serializers.IntegerField()
    empty = serializers.IntegerField()
    largest = GroupSerializer(many=True)


class ShareSerializer(serializers.Serializer[Any]):
    """What a person or team gets."""

    kind = serializers.ChoiceField(["user", "team"])
    id = serializers.IntegerField()
    name = serializers.CharField()
    packages = serializers.IntegerField()
    items = serializers.IntegerField()


class WarningSerializer(serializers.Serializer[Any]):
    """What may go wrong later, and with which field."""

    field = serializers.CharField()
    message = serializers.CharField()


class PreviewSerializer(serializers.Serializer[Any]):
    """How many packages of which size, for whom. `packages`, `slots` and `free` are null where counting takes too long.

    `sizes` is empty where there are more than twelve; `slots`: packages × votes; `free`: slots reserved for nobody.
    """

    packages = serializers.IntegerField(allow_null=True)
    items = serializers.IntegerField()
    sizes = SizesSerializer(many=True)
    min_size = serializers.IntegerField()
    max_size = serializers.IntegerField()
    slots = serializers.IntegerField(allow_null=True)
    groups = GroupsSerializer(allow_null=True)
    targets = ShareSerializer(many=True)
    free = serializers.IntegerField(allow_null=True)
    warnings = WarningSerializer(many=True)


ProgressSerializer = inline_serializer(
    "StageProgress",
    {"packages": serializers.IntegerField(), "items": serializers.IntegerField()},
)
CanSerializer = inline_serializer(
    "JobCan", {name: serializers.BooleanField() for name in ABILITIES}
)
SplitSerializer = inline_serializer(
    "JobSplit",
    {
        "state": serializers.ChoiceField(RunState.choices),
        "done": serializers.IntegerField(),
        "total": serializers.IntegerField(),
        "error": serializers.CharField(),
    },
)
TemplateRefSerializer = inline_serializer(
    "JobTemplate",
    {
        "id": serializers.IntegerField(),
        "key": serializers.CharField(),
        "title": serializers.CharField(),
        "version": serializers.IntegerField(),
    },
)


class SeenPersonSerializer(serializers.Serializer[Any]):
    """A person; without id and user name where the reader may not know them."""

    id = serializers.IntegerField(allow_null=True)
    username = serializers.CharField(allow_blank=True)
    name = serializers.CharField()


class JobSerializer(serializers.ModelSerializer[Job]):
    """A job; give `abilities` and `watched` (`sees_stages`) of a list in the context, so that it costs what one job costs."""

    task_id = serializers.SerializerMethodField()
    dataset = NamedSerializer()
    template = serializers.SerializerMethodField()
    stages = serializers.ListField(child=serializers.ChoiceField(Stage.choices))
    allocation = AllocationSerializer()
    votes = serializers.DictField(child=VoteRuleSerializer())
    options = serializers.DictField(child=OptionSerializer(many=True))
    selected_questions = serializers.ListField(child=serializers.CharField())
    shapes = serializers.DictField(child=ShapesField())
    overrides = serializers.DictField(child=OverrideSerializer())
    field_bindings = serializers.DictField(child=serializers.CharField())
    limits = LimitsSerializer()
    feedback_lists = OwnListsSerializer()
    created_by = serializers.SerializerMethodField()
    late = serializers.SerializerMethodField()
    forecast_at = serializers.SerializerMethodField()
    progress = serializers.SerializerMethodField()
    split = serializers.SerializerMethodField()
    can = serializers.SerializerMethodField()

    class Meta:
        model = Job
        fields = [
            "id", "task_id", "name", "description", "workspace", "dataset", "template", "field_bindings", "workflow",
            "stages", "check_ratio", "acceptance_ratio", "check_count", "acceptance_count", "allocation", "votes",
            "selected_questions", "options", "shapes", "overrides", "limits", "feedback_lists", "language", "priority",
            "deadline",
            "state", "item_count", "package_count", "created_by", "created_at", "finished_at", "paused_at", "offline_at", "archived_at",
            "forecast_at", "late", "progress", "split", "can",
        ]  # fmt: skip

    @extend_schema_field(serializers.CharField())
    def get_task_id(self, job: Job) -> str:
        """19 digits, as a string: a number of JavaScript would lose the last ones."""
        return str(job.task_id)

    @extend_schema_field(TemplateRefSerializer)
    def get_template(self, job: Job) -> dict[str, Any]:
        template = job.template
        return {
            "id": template.pk,
            "key": template.key,
            "title": template.title,
            "version": template.version,
        }

    @extend_schema_field(SeenPersonSerializer)
    def get_created_by(self, job: Job) -> dict[str, Any]:
        """Who made it, as far as the reader may know them."""
        if self._abilities(job)["assign"]:
            return dict(PersonSerializer(job.created_by).data)
        user = self.context["request"].user
        known: dict[int, People] = self.context.setdefault("known_people", {})  # type: ignore[attr-defined]
        if job.workspace_id not in known:
            known[job.workspace_id] = visible_people(user, Workspace(pk=job.workspace_id))
        hidden = job.limit("hide_names") or job.created_by_id not in known[job.workspace_id]
        if hidden and job.created_by_id != user.pk:
            return {"id": None, "username": "", "name": title("")}
        return dict(PersonSerializer(job.created_by).data)

    @extend_schema_field(serializers.ChoiceField(["", "late", "overdue"]))
    def get_late(self, job: Job) -> str:
        """`overdue` after the deadline, `late` where the forecast lies behind it."""
        return lateness(job, now())

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_forecast_at(self, job: Job) -> datetime | None:
        """When the work will be done at the pace of the last seven days."""
        summary = getattr(job, "summary", None)
        return summary.forecast_at if summary else None

    @extend_schema_field(serializers.DictField(child=ProgressSerializer))
    def get_progress(self, job: Job) -> dict[str, Any]:
        watched: set[int] | None = self.context.get("watched")
        if watched is None:
            watched = sees_stages(self.context["request"].user, [job])
        return dict(job_progress(job, every_stage=job.pk in watched))

    @extend_schema_field(SplitSerializer)
    def get_split(self, job: Job) -> dict[str, Any] | None:
        run = job_split(job)
        if run is None:
            return None
        return {"state": run.state, "done": run.done, "total": run.total, "error": run.error}

    @extend_schema_field(CanSerializer)
    def get_can(self, job: Job) -> dict[str, bool]:
        return {name: bool(verdict) for name, verdict in self._abilities(job).items()}

    def _abilities(self, job: Job) -> Mapping[str, Verdict]:
        known: dict[int, Any] = self.context.setdefault("abilities", {})  # type: ignore[attr-defined]
        if job.pk not in known:
            known.update(abilities(self.context["request"].user, [job]))
        found: Mapping[str, Verdict] = known[job.pk]
        return found


class LiveAssignmentSerializer(serializers.ModelSerializer[Assignment]):
    """Where a package stands, and who holds it; `reserved_for` names whom a waiting package is kept for."""

    holder = PersonSerializer(allow_null=True)
    reserved_for = PersonSerializer(source="reserved_user", allow_null=True)

    class Meta:
        model = Assignment
        fields = [
            "id", "state", "stage", "round", "vote", "holder", "reserved_for", "reserved_until", "reason", "is_return",
            "claimed_at", "last_input_at",
        ]  # fmt: skip


class PackageEventSerializer(serializers.ModelSerializer[PackageEvent]):
    """Something that happened to a package."""

    actor = PersonSerializer(allow_null=True)

    class Meta:
        model = PackageEvent
        fields = ["verb", "actor", "stage", "round", "note", "data", "created_at"]


class ReleaseSerializer(serializers.Serializer[Any]):
    """Why the package is taken from its holder, or offered again."""

    reason = serializers.CharField(max_length=200)


def members_json(members: Members) -> dict[str, Any]:
    """The members of every role as the API shows them."""
    return {
        role: {
            "users": PersonSerializer(chosen.users, many=True).data,
            "teams": NamedSerializer(chosen.teams, many=True).data,
        }
        for role, chosen in members.items()
    }
