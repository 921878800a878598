"""What a new job will be: one validation for the page and the API, all that is wrong at once."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import User, Workspace
from datasets.models import Dataset, DatasetVersion
from itag.core.clock import now
from itag.core.errors import FieldError, Invalid
from jobs.feedback import check_lists
from jobs.models import Job, Stage, Workflow
from jobs.services.allocation import MAX_PACKAGE_ITEMS
from jobs.services.layout import (
    Layout,
    check_reservations,
    check_whole_allocation,
    lay_out,
    too_few,
)
from jobs.services.members import Members, people_of, resolve_members
from jobs.services.release import UNSTORABLE
from jobs.services.votes import check_votes
from templates_app.models import LabelTemplate
from templates_app.services import JobConfig, resolve, validate_job_config
from templates_app.services.library import offered

#: A letter, digit or Chinese character, then also _ and -; 1 to 100 characters.
NAME = re.compile(
    r"[A-Za-z0-9\u3400-\u4dbf\u4e00-\u9fff][A-Za-z0-9\u3400-\u4dbf\u4e00-\u9fff_-]{0,99}"
)
LANGUAGES = ("en", "zh-hans")
RATIO_STAGE = {"check_ratio": Stage.CHECK, "acceptance_ratio": Stage.ACCEPTANCE}
COUNT_STAGE = {"check_count": Stage.CHECK, "acceptance_count": Stage.ACCEPTANCE}
#: The least and the most of each number among the limits.
LIMIT_RANGES = {
    "claim_hours": (1, 24 * 90),
    "package_limit": (1, 100),
    "max_rounds": (1, 100),
    "give_back_limit": (0, 1000),
    "withdraw_minutes": (0, 24 * 60),
    "vote_iou_percent": (1, 100),
    "vote_gap_ms": (0, 60_000),
}
FIELDS = frozenset(
    (
        "name", "description", "dataset", "template", "field_bindings", "selected_questions", "options", "shapes",
        "overrides",
        "workflow",
        "check_ratio", "acceptance_ratio", "check_count", "acceptance_count", "allocation", "votes", "members", "limits",
        "priority", "deadline", "language", "feedback_lists",
    )
)  # fmt: skip


@dataclass
class JobPlan:
    """A job that may be created; every part has been checked against the others."""

    name: str
    description: str
    dataset: Dataset
    last_ordinal: int
    template: LabelTemplate
    field_bindings: dict[str, str]
    selected_questions: list[str]
    options: dict[str, Any]
    shapes: dict[str, list[str]]
    overrides: dict[str, Any]
    language: str
    workflow: str
    check_ratio: int
    acceptance_ratio: int
    check_count: int | None
    acceptance_count: int | None
    votes: dict[str, dict[str, int]]
    allocation: dict[str, Any]
    members: Members
    limits: dict[str, Any]
    feedback_lists: dict[str, list[str]]
    priority: int
    deadline: dt.datetime | None
    warnings: list[FieldError]

    @property
    def stages(self) -> list[str]:
        return self.workflow.split(",")


class _Problems:
    """Collects what is wrong, so that one answer names everything."""

    def __init__(self) -> None:
        self.errors: list[FieldError] = []

    def add(self, field: str, message: str) -> None:
        self.errors.append({"field": field, "message": str(message)})

    def take(self, error: Invalid, field: str, leave_out: str = "") -> None:
        """Another check's errors, but those of the field `leave_out`; one without a field belongs to `field`."""
        for entry in error.errors or [{"message": error.detail}]:
            where = entry.get("field") or field
            if not leave_out or where.split(".")[0] != leave_out:
                self.add(where, entry["message"])

    def raise_any(self) -> None:
        if self.errors:
            raise Invalid(self.errors[0]["message"], errors=self.errors)


def plan_job(*, user: User, workspace: Workspace, fields: Mapping[str, Any]) -> JobPlan:
    """Check everything that a new job says (see the job body of the API); raises Invalid naming every wrong field.

    `dataset`, `template` and members may be given as ids or as rows.
    """
    problems = _Problems()
    for unknown in set(fields) - FIELDS:
        problems.add(unknown, _("There is no such field."))
    name = _name(fields.get("name"), workspace, problems)
    description = _text(fields.get("description"), "description", 20_000, problems)
    language = _language(fields.get("language"), user, problems)
    workflow = fields.get("workflow")
    if workflow not in Workflow.values:
        problems.add("workflow", _("Choose one of the four workflows."))
        workflow = ""
    ratios = {key: _ratio(fields.get(key), key, workflow, problems) for key in RATIO_STAGE}
    counts = {key: _count(fields.get(key), key, workflow, problems) for key in COUNT_STAGE}
    limits = _limits(fields.get("limits"), problems)
    lists = check_lists(fields.get("feedback_lists"), problems.add)
    priority = _whole(fields.get("priority"), "priority", 0, (-100, 100), problems)
    deadline = check_deadline(fields.get("deadline"), problems)
    dataset, allocation, layout = _dataset_and_allocation(fields, workspace, problems)
    template = pick(templates_for(workspace), fields.get("template"))
    if template is None:
        problems.add("template", _("Choose a label template."))
    configured = _label_configuration(fields, template, dataset, language, problems)
    label = configured or JobConfig({}, [], {}, {}, {})
    votes = _votes(fields.get("votes"), template, configured, problems)
    members: Members = {}
    warnings: list[FieldError] = []
    if workflow:
        members, errors, warnings = resolve_members(
            workspace=workspace,
            stages=str(workflow).split(","),
            members=fields.get("members"),
            creator=user,
            allow_own_check=limits.get("allow_own_check") is True,
        )
        problems.errors.extend(errors)
        if not errors:
            _labelers(members, workspace, votes, allocation, layout, problems)
    problems.raise_any()
    # Each missing one is among the problems.
    assert dataset is not None
    assert template is not None
    assert allocation is not None
    return JobPlan(
        name=name,
        description=description,
        dataset=dataset,
        last_ordinal=last_ordinal(dataset),
        template=template,
        field_bindings=label.bindings,
        selected_questions=label.selected,
        options=label.options,
        shapes=label.shapes,
        overrides=label.overrides,
        language=language,
        workflow=str(workflow),
        check_ratio=ratios["check_ratio"],
        acceptance_ratio=ratios["acceptance_ratio"],
        **counts,
        votes=votes,
        allocation=allocation,
        members=members,
        limits=limits,
        feedback_lists=lists,
        priority=priority,
        deadline=deadline,
        warnings=warnings,
    )


def plan_allocation(
    *, workspace: Workspace, fields: Mapping[str, Any]
) -> tuple[Dataset, dict[str, Any], Layout | None]:
    """Only the dataset and its packages, for the preview of a half-filled form; raises Invalid naming the field."""
    problems = _Problems()
    dataset, allocation, layout = _dataset_and_allocation(fields, workspace, problems)
    problems.raise_any()
    # Each missing one is among the problems.
    assert dataset is not None
    assert allocation is not None
    return dataset, allocation, layout


def datasets_for(workspace: Workspace) -> QuerySet[Dataset]:
    """The datasets that a job of the workspace may be made from, ready or not."""
    return Dataset.objects.alive().filter(workspace=workspace)


def templates_for(workspace: Workspace) -> QuerySet[LabelTemplate]:
    """The newest versions of the label templates that a job of the workspace may be made with."""
    return offered(workspace)


def last_ordinal(dataset: Dataset) -> int:
    """The highest ordinal of the dataset's present version."""
    version = DatasetVersion.objects.filter(dataset=dataset, version=dataset.version).first()
    return version.last_ordinal if version else dataset.item_count


def pick(queryset: QuerySet[Any], value: Any) -> Any:
    """The row with this id, or this row if it is in the queryset; None for anything else."""
    pk = value.pk if isinstance(value, Model) else value
    if isinstance(pk, str) and pk.isascii() and pk.isdigit() and len(pk) < 20:
        pk = int(pk)
    if not isinstance(pk, int) or isinstance(pk, bool) or not 0 < pk < 2**63:
        return None
    return queryset.filter(pk=pk).first()


def check_deadline(value: Any, problems: _Problems) -> dt.datetime | None:
    """A moment to come, with its time zone, or none."""
    if value in (None, ""):
        return None
    if isinstance(value, str):
        try:
            value = parse_datetime(value)
        except ValueError:
            value = None
    # Year 9999 is the last of Python's: in another time zone it may end too late to be read again.
    if not isinstance(value, dt.datetime) or value.tzinfo is None or value.year >= 9999:
        problems.add("deadline", _("Enter a date and time with its time zone."))
        return None
    if value <= now():
        problems.add("deadline", _("The deadline lies in the past."))
    return value


def _name(value: Any, workspace: Workspace, problems: _Problems) -> str:
    name = value.strip() if isinstance(value, str) else ""
    if not name:
        problems.add("name", _("Enter a name."))
    elif len(name) > 100:
        problems.add("name", _("A name has at most 100 characters."))
    elif not NAME.fullmatch(name):
        problems.add(
            "name",
            _(
                "A name begins with a letter, a digit or a Chinese character; after it also _ and - may stand, no "
                "spaces."
            ),
        )
    elif Job.objects.alive().filter(workspace=workspace, name=name).exists():
        problems.add("name", _("A job of this workspace has this name already."))
    return name


def _text(value: Any, field: str, longest: int, problems: _Problems) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        problems.add(field, _("Enter a text."))
        return ""
    if len(value) > longest:
        problems.add(field, _("At most %(count)s characters.") % {"count": f"{longest:,}"})
    if UNSTORABLE.search(value):
        problems.add(field, _("The text holds a character that cannot be stored."))
    return value


def _language(value: Any, user: User, problems: _Problems) -> str:
    if value in (None, ""):
        value = user.language or get_language() or "en"
        return value if value in LANGUAGES else "en"
    if value not in LANGUAGES:
        problems.add("language", _("Choose one of: %(values)s.") % {"values": ", ".join(LANGUAGES)})
        return "en"
    return str(value)


def _whole(
    value: Any, field: str, default: int, limits: tuple[int, int], problems: _Problems
) -> int:
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int) or not limits[0] <= value <= limits[1]:
        problems.add(
            field,
            _("Enter a whole number from %(least)s to %(most)s.")
            % {"least": limits[0], "most": limits[1]},
        )
        return default
    return value


def _ratio(value: Any, field: str, workflow: Any, problems: _Problems) -> int:
    stage = RATIO_STAGE[field]
    if value is None:
        return 100
    if workflow and stage not in str(workflow).split(","):
        problems.add(field, _("The chosen workflow has no such stage."))
        return 100
    return _whole(value, field, 100, (1, 100), problems)


def _count(value: Any, field: str, workflow: Any, problems: _Problems) -> int | None:
    """A fixed number of items per package instead of the ratio."""
    if value in (None, ""):
        return None
    if workflow and COUNT_STAGE[field] not in str(workflow).split(","):
        problems.add(field, _("The chosen workflow has no such stage."))
        return None
    return _whole(value, field, 1, (1, MAX_PACKAGE_ITEMS), problems)


def _limits(value: Any, problems: _Problems) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        problems.add("limits", _("Give the limits as an object."))
        return {}
    limits: dict[str, Any] = {}
    for key, entry in value.items():
        field = f"limits.{key}"
        if key not in Job.DEFAULT_LIMITS:
            problems.add(field, _("There is no such limit."))
        elif isinstance(Job.DEFAULT_LIMITS[key], bool):
            if isinstance(entry, bool):
                limits[key] = entry
            else:
                problems.add(field, _("Say true or false."))
        else:
            limits[key] = _whole(entry, field, Job.DEFAULT_LIMITS[key], LIMIT_RANGES[key], problems)
    return limits


def _dataset_and_allocation(
    fields: Mapping[str, Any], workspace: Workspace, problems: _Problems
) -> tuple[Dataset | None, dict[str, Any] | None, Layout | None]:
    dataset = pick(datasets_for(workspace), fields.get("dataset"))
    if dataset is None:
        problems.add("dataset", _("Choose a dataset."))
        return None, None, None
    if dataset.state != Dataset.State.READY:
        problems.add("dataset", _("The dataset is not ready yet."))
        return dataset, None, None
    try:
        allocation = check_whole_allocation(fields.get("allocation"), dataset)
        return dataset, allocation, lay_out(dataset, allocation, last=last_ordinal(dataset))
    except Invalid as error:
        problems.take(error, "allocation")
        return dataset, None, None


def _votes(
    value: Any,
    template: LabelTemplate | None,
    configured: JobConfig | None,
    problems: _Problems,
) -> dict[str, dict[str, int]]:
    """How many people answer each question, checked against the questions that the job will have."""
    questions: Mapping[str, Any]
    if template is not None and configured is not None:
        resolved = resolve(template, **configured._asdict(), language="en")
        questions = {one["questionId"]: one for one in resolved["questions"]}
    else:
        # Which questions there are is open: that is a problem of its own.
        questions = value if isinstance(value, Mapping) else {}
    try:
        return check_votes(value, questions)
    except Invalid as error:
        problems.take(error, "votes")
        return {}


def _labelers(
    members: Members,
    workspace: Workspace,
    votes: Mapping[str, Mapping[str, int]],
    allocation: Mapping[str, Any] | None,
    layout: Layout | None,
    problems: _Problems,
) -> None:
    """Whether those who label are enough for the votes, and among them everybody for whom packages are reserved."""
    labelers = people_of(members, workspace)[Stage.LABELING]
    needed = Job(votes=votes).vote_count
    if needed > len(labelers):
        problems.add("votes", too_few(needed, len(labelers)))
    if allocation is None:
        return
    try:
        check_reservations(
            allocation,
            layout,
            votes=needed,
            people=labelers,
            teams={team.pk for team in members[Stage.LABELING].teams},
        )
    except Invalid as error:
        problems.take(error, "allocation.targets")


def _label_configuration(
    fields: Mapping[str, Any],
    template: LabelTemplate | None,
    dataset: Dataset | None,
    language: str,
    problems: _Problems,
) -> JobConfig | None:
    """What the job makes of its template, checked by the template's own rules."""
    if template is None:
        return None
    try:
        return validate_job_config(
            template,
            options=fields.get("options"),
            selected=fields.get("selected_questions"),
            bindings=fields.get("field_bindings"),
            dataset_fields=dataset.fields if dataset else [],
            shapes=fields.get("shapes"),
            overrides=fields.get("overrides"),
            language=language,
        )
    except Invalid as error:
        # Without a dataset, which is a problem of its own, no view finds its field.
        problems.take(error, "options", leave_out="" if dataset else "field_bindings")
        return None
