"""create_job and its one validation: everything that is wrong at once, each at its field."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.grants import holds
from accounts.models import User, Workspace
from datasets.models import Dataset
from itag.core.errors import Conflict, Invalid
from jobs.models import Assignment, Batch, Job, JobSummary, Package, SplitRun
from jobs.services import jobs as services
from jobs.services import split
from jobs.services.preview import preview_packages
from tests.factories import (
    DatasetFactory,
    WorkspaceFactory,
    classification_template,
    make_dataset,
    make_job,
    make_team,
    member,
)

pytestmark = pytest.mark.django_db

LABELS = [{"label": "cat"}, {"label": "dog"}]


@pytest.fixture
def fields(
    workspace: Workspace, labeler: User, checker: User, accepter: User
) -> Callable[..., dict[str, Any]]:
    """A complete job body; named fields are replaced, those named None are left out."""

    def build(**changes: Any) -> dict[str, Any]:
        body: dict[str, Any] = {
            "name": "Cats-and_dogs1",
            "dataset": make_dataset(7, workspace=workspace).pk,
            "template": classification_template().pk,
            "selected_questions": ["1"],
            "options": {"1": LABELS},
            "workflow": "labeling,check,acceptance",
            "allocation": {"type": "fixed", "size": 3},
            "members": {
                "labeling": {"users": [labeler.pk]},
                "check": {"users": [checker.pk]},
                "acceptance": {"users": [accepter.pk]},
            },
        }
        body.update(changes)
        return {key: value for key, value in body.items() if value is not None}

    return build


def problems(user: User, workspace: Workspace, body: dict[str, Any]) -> dict[str, str]:
    """Field → message of what create_job refuses; and nothing was made."""
    with pytest.raises(Invalid) as caught:
        services.create_job(user=user, workspace=workspace, **body)
    assert Job.objects.count() == 0
    return {error["field"]: error["message"] for error in caught.value.errors}


def test_a_job_is_made_with_its_people_and_cut_on_commit(
    admin_user: User,
    workspace: Workspace,
    labeler: User,
    checker: User,
    fields: Any,
    django_capture_on_commit_callbacks: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("jobs.tasks.split_batch.delay", lambda pk: split.split_batch(run_id=pk))
    with django_capture_on_commit_callbacks(execute=True):
        job = services.create_job(
            user=admin_user, workspace=workspace, **fields(description="Say what you see.")
        )
        assert job.state == "initialising"
    job.refresh_from_db()
    assert job.state == "running"
    assert len(str(job.task_id)) == 19
    assert (job.item_count, job.package_count, job.last_ordinal) == (7, 3, 7)
    assert (job.check_ratio, job.acceptance_ratio) == (100, 100)
    assert job.created_by == admin_user
    assert job.language == "en"
    assert [option["label"] for option in job.options["1"]] == ["cat", "dog"]
    assert [option["key"] for option in job.options["1"]] == ["k1", "k2"]
    assert job.field_bindings == {"source": "source"}
    assert JobSummary.objects.get(job=job).finished_packages == 0
    batch = Batch.objects.get(job=job)
    assert batch.closed_at is not None
    assert SplitRun.objects.get(batch=batch).state == "succeeded"
    assert holds(labeler, job, "label_job")
    assert not holds(labeler, job, "check_job", "accept_job", "manage_job")
    assert holds(checker, job, "check_job")
    assert holds(checker, job, "view_job")
    assert holds(admin_user, job, "manage_job")
    assert holds(admin_user, job, "view_job")
    assert Package.objects.filter(job=job).count() == 3


def test_rows_may_be_given_instead_of_ids(
    admin_user: User, workspace: Workspace, labeler: User, fields: Any
) -> None:
    team = make_team(workspace, [labeler])
    job = services.create_job(
        user=admin_user,
        workspace=workspace,
        **fields(
            dataset=make_dataset(2, workspace=workspace),
            template=classification_template(),
            workflow="labeling",
            members={"labeling": {"users": [], "teams": [team]}, "manage": {"users": [labeler]}},
        ),
    )
    assert holds(labeler, job, "label_job")
    assert holds(labeler, job, "manage_job")
    assert not holds(admin_user, job, "manage_job")


@pytest.mark.parametrize(
    "name", ["a", "7", "猫和狗", "标注_2-a", "a" * 100, "Z-_-", "猫" * 100, "  trimmed  "]
)
def test_names_that_are_allowed(
    name: str, admin_user: User, workspace: Workspace, fields: Any
) -> None:
    job = services.create_job(user=admin_user, workspace=workspace, **fields(name=name))
    assert job.name == name.strip()


@pytest.mark.parametrize(
    "name",
    ["", "   ", "_a", "-a", "a b", "a.b", "é", "a\nb", "a" * 101, "名 字", "a/b", 5, ["a"], "😀"],
)
def test_names_that_are_refused(
    name: Any, admin_user: User, workspace: Workspace, fields: Any
) -> None:
    assert set(problems(admin_user, workspace, {**fields(), "name": name})) == {"name"}


def test_a_name_is_used_once_in_a_workspace(
    admin_user: User, workspace: Workspace, fields: Any
) -> None:
    first = services.create_job(user=admin_user, workspace=workspace, **fields())
    with pytest.raises(Invalid) as caught:
        services.create_job(user=admin_user, workspace=workspace, **fields())
    assert [error["field"] for error in caught.value.errors] == ["name"]
    Job.objects.filter(pk=first.pk).update(deleted_at=timezone.now())
    services.create_job(user=admin_user, workspace=workspace, **fields())


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_jobs_of_one_name_at_once_are_one_job_and_one_message(
    admin_user: User, workspace: Workspace, fields: Any, at_once: Callable[..., list[Any]]
) -> None:
    bodies = [fields(), fields()]
    results = at_once(
        *[
            lambda body=body: services.create_job(user=admin_user, workspace=workspace, **body)
            for body in bodies
        ]
    )
    assert Job.objects.count() == 1
    (refused,) = [result for result in results if isinstance(result, Exception)]
    assert isinstance(refused, Invalid)
    assert refused.errors[0]["field"] == "name"


def test_everything_that_is_wrong_is_said_at_once(
    admin_user: User, workspace: Workspace, labeler: User
) -> None:
    wrong = problems(
        admin_user,
        workspace,
        {
            "name": "-",
            "dataset": 99999,
            "template": classification_template().pk,
            "selected_questions": ["1"],
            "options": {"1": [{"label": "cat"}, {"label": " cat "}]},
            "workflow": "labeling,acceptance",
            "check_ratio": 50,
            "acceptance_ratio": 0,
            "allocation": {"type": "fixed", "size": 3},
            "members": {"labeling": {"users": [labeler.pk]}, "check": {"users": [labeler.pk]}},
            "limits": {"claim_hours": 0, "speed": 3},
            "priority": 1000,
            "deadline": timezone.now() - timedelta(days=1),
            "language": "fr",
            "colour": "red",
        },
    )
    assert set(wrong) == {
        "name", "dataset", "options.1[1].label", "check_ratio", "acceptance_ratio", "members.check",
        "members.acceptance", "limits.claim_hours", "limits.speed", "priority", "deadline", "language", "colour",
    }  # fmt: skip
    assert all(wrong.values())


def test_nothing_given_names_every_field_that_is_needed(
    admin_user: User, workspace: Workspace
) -> None:
    assert set(problems(admin_user, workspace, {})) == {"name", "dataset", "template", "workflow"}
    assert "members" in problems(admin_user, workspace, {"workflow": "labeling"})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("dataset", "x"), ("dataset", True), ("dataset", [1]), ("dataset", 2**70), ("template", {}),
        ("workflow", "check"), ("workflow", ["labeling"]), ("workflow", "labeling,acceptance,check"),
        ("description", 5), ("description", "x" * 20_001), ("description", "a\x00b"),
        ("check_ratio", 101), ("check_ratio", "50"), ("check_ratio", 0.5), ("check_ratio", True),
        ("members", "everybody"), ("limits", []), ("priority", "high"),
        ("deadline", "tomorrow"), ("deadline", "2030-01-01T00:00"), ("deadline", "2030-13-01T00:00:00Z"),
        ("allocation", None), ("language", 1),
    ],
)  # fmt: skip
def test_a_wrong_type_is_an_error_at_its_field(
    field: str, value: Any, admin_user: User, workspace: Workspace, fields: Any
) -> None:
    found = problems(admin_user, workspace, {**fields(), field: value})
    assert {name.split(".")[0] for name in found} == {field}


def test_a_dataset_must_be_of_the_workspace_and_ready_and_have_items(
    admin_user: User, workspace: Workspace, fields: Any
) -> None:
    for dataset in (
        make_dataset(3, workspace=WorkspaceFactory()),
        make_dataset(3, workspace=workspace, state="importing"),
        make_dataset(3, workspace=workspace, state="failed"),
        make_dataset(0, workspace=workspace),
        make_dataset(3, workspace=workspace, deleted_at=timezone.now()),
    ):
        assert set(problems(admin_user, workspace, fields(dataset=dataset.pk))) == {"dataset"}


def test_a_dataset_must_have_the_field_and_the_media_that_the_template_shows(
    admin_user: User, workspace: Workspace, fields: Any
) -> None:
    text = make_dataset([{"caption": "a"}], workspace=workspace)
    assert set(problems(admin_user, workspace, fields(dataset=text.pk))) == {
        "field_bindings.source"
    }
    pictures = classification_template("Image").pk
    body = fields(template=pictures, dataset=make_dataset(2, workspace=workspace).pk)
    assert set(problems(admin_user, workspace, body)) == {"field_bindings.source"}
    job = services.create_job(
        user=admin_user,
        workspace=workspace,
        **fields(dataset=text.pk, field_bindings={"source": "caption"}),
    )
    assert job.field_bindings == {"source": "caption"}


@pytest.mark.parametrize(
    ("workflow", "ratios", "wrong"),
    [
        ("labeling", {}, set()),
        ("labeling", {"check_ratio": 10}, {"check_ratio"}),
        ("labeling", {"acceptance_ratio": 100}, {"acceptance_ratio"}),
        ("labeling,check", {"check_ratio": 1, "acceptance_ratio": 50}, {"acceptance_ratio"}),
        ("labeling,acceptance", {"check_ratio": 1, "acceptance_ratio": 50}, {"check_ratio"}),
        ("labeling,check,acceptance", {"check_ratio": 1, "acceptance_ratio": 100}, set()),
        ("labeling,check", {"check_ratio": 0}, {"check_ratio"}),
        ("labeling,check", {"check_ratio": 101}, {"check_ratio"}),
    ],
)
def test_a_ratio_belongs_to_its_stage(
    workflow: str,
    ratios: dict[str, int],
    wrong: set[str],
    admin_user: User,
    workspace: Workspace,
    fields: Any,
) -> None:
    body = fields(workflow=workflow, **ratios)
    body["members"] = {stage: body["members"][stage] for stage in workflow.split(",")}
    if wrong:
        assert set(problems(admin_user, workspace, body)) == wrong
    else:
        job = services.create_job(user=admin_user, workspace=workspace, **body)
        assert job.check_ratio == ratios.get("check_ratio", 100)
        assert job.acceptance_ratio == ratios.get("acceptance_ratio", 100)


@pytest.mark.parametrize("role", ["labeling", "check", "acceptance", "manage"])
def test_no_role_may_be_empty(
    role: str, admin_user: User, workspace: Workspace, fields: Any
) -> None:
    for empty in ({}, {"users": []}, {"users": [], "teams": []}, None):
        body = fields()
        body["members"][role] = empty
        assert set(problems(admin_user, workspace, body)) == {f"members.{role}"}


def test_members_are_active_people_and_teams_of_the_workspace(
    admin_user: User, workspace: Workspace, labeler: User, stranger: User, fields: Any
) -> None:
    gone = member(workspace)
    gone.memberships.update(active=False)
    disabled = member(workspace, is_active=False)
    for person in (stranger, gone, disabled):
        body = fields()
        body["members"]["labeling"] = {"users": [labeler.pk, person.pk]}
        assert set(problems(admin_user, workspace, body)) == {"members.labeling"}
    for team in (make_team(WorkspaceFactory(), [labeler]), make_team(workspace, [gone])):
        body = fields()
        body["members"]["labeling"] = {"teams": [team.pk]}
        assert set(problems(admin_user, workspace, body)) == {"members.labeling"}


def test_a_stage_needs_somebody_who_may_inspect(
    admin_user: User, workspace: Workspace, labeler: User, checker: User, fields: Any
) -> None:
    same = {"users": [labeler.pk]}
    body = fields(workflow="labeling,check", members={"labeling": same, "check": same})
    assert set(problems(admin_user, workspace, body)) == {"members.check"}

    both = {"users": [labeler.pk, checker.pk]}
    body = fields(members={"labeling": both, "check": both, "acceptance": both})
    assert set(problems(admin_user, workspace, body)) == {"members.acceptance"}

    body = fields(workflow="labeling,check", members={"labeling": same, "check": same})
    body["limits"] = {"allow_own_check": True}
    job = services.create_job(user=admin_user, workspace=workspace, **body)
    assert job.limit("allow_own_check") is True


def test_people_who_could_leave_a_package_without_inspector_are_warned_of(
    admin_user: User, workspace: Workspace, labeler: User, checker: User, fields: Any
) -> None:
    body = fields(
        workflow="labeling,check",
        members={
            "labeling": {"users": [labeler.pk, checker.pk]},
            "check": {"users": [checker.pk]},
        },
    )
    warnings = services.check_job(user=admin_user, workspace=workspace, **body)
    assert [warning["field"] for warning in warnings] == ["members.check"]
    body["members"]["check"]["users"].append(labeler.pk)
    assert services.check_job(user=admin_user, workspace=workspace, **body) == []
    assert Job.objects.count() == 0


def test_a_superuser_who_is_no_member_may_create_and_manage(
    workspace: Workspace, fields: Any, django_user_model: Any
) -> None:
    root = django_user_model.objects.create_superuser("root", "x")
    job = services.create_job(user=root, workspace=workspace, **fields())
    assert holds(root, job, "manage_job")


def test_the_language_is_the_creators(admin_user: User, workspace: Workspace, fields: Any) -> None:
    admin_user.language = "zh-hans"
    assert (
        services.create_job(user=admin_user, workspace=workspace, **fields()).language == "zh-hans"
    )
    job = services.create_job(
        user=admin_user, workspace=workspace, **fields(name="b", language="en")
    )
    assert job.language == "en"


@pytest.mark.parametrize(
    ("items", "smallest"),
    [
        (1, 1), (20_000, 1), (20_001, 5), (100_000, 5), (100_001, 25), (500_000, 25), (500_001, 50),
        (1_000_000, 50), (1_000_001, 51),
    ],
)  # fmt: skip
def test_package_sizes_at_every_boundary(
    items: int, smallest: int, admin_user: User, workspace: Workspace, fields: Any
) -> None:
    dataset = DatasetFactory(workspace=workspace, item_count=items)
    for size in {0, smallest - 1, 201}:
        body = fields(dataset=dataset.pk, allocation={"type": "fixed", "size": size})
        assert set(problems(admin_user, workspace, body)) == {"allocation.size"}
    preview = preview_packages(
        workspace=workspace,
        user=admin_user,
        dataset=dataset.pk,
        allocation={"type": "fixed", "size": smallest},
    )
    assert (preview["min_size"], preview["max_size"], preview["items"]) == (smallest, 200, items)
    assert preview["packages"] == sum(entry["count"] for entry in preview["sizes"]) <= 20_000
    for name, size in (("a", smallest), ("b", 200)):
        services.create_job(
            user=admin_user,
            workspace=workspace,
            **fields(name=name, dataset=dataset.pk, allocation={"type": "fixed", "size": size}),
        )


def test_a_preview_of_an_empty_dataset_is_refused(admin_user: User, workspace: Workspace) -> None:
    dataset = DatasetFactory(workspace=workspace, item_count=0)
    with pytest.raises(Invalid) as caught:
        preview_packages(
            workspace=workspace,
            user=admin_user,
            dataset=dataset,
            allocation={"type": "fixed", "size": 1},
        )
    assert [error["field"] for error in caught.value.errors] == ["dataset"]


def test_a_dataset_that_grows_while_the_job_is_made_is_refused(
    admin_user: User, workspace: Workspace, fields: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = services.plan_job

    def plan_then_grow(**kwargs: Any) -> Any:
        planned = plan(**kwargs)
        Dataset.objects.filter(pk=planned.dataset.pk).update(version=2, item_count=9)
        return planned

    monkeypatch.setattr(services, "plan_job", plan_then_grow)
    assert set(problems(admin_user, workspace, fields())) == {"dataset"}


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_down_loses_no_job(
    admin_user: User, workspace: Workspace, fields: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(pk: int) -> None:
        raise ConnectionError("no broker")

    monkeypatch.setattr("jobs.tasks.split_batch.delay", down)
    job = services.create_job(user=admin_user, workspace=workspace, **fields())
    SplitRun.objects.update(created_at=timezone.now() - timedelta(minutes=2))
    sent: list[int] = []
    monkeypatch.setattr("jobs.tasks.split_batch.delay", sent.append)
    split.requeue_stuck_splits()
    assert sent == [SplitRun.objects.get(batch__job=job).pk]


def test_description_priority_and_deadline_may_change(admin_user: User) -> None:
    job = make_job(items=4, size=2)
    deadline = timezone.now() + timedelta(days=2)
    held = Assignment.objects.filter(job=job).first()
    assert held is not None
    Assignment.objects.filter(pk=held.pk).update(
        state="claimed", holder=admin_user, claimed_at=timezone.now()
    )
    services.change_job(
        job=job,
        user=admin_user,
        changes={"description": "new", "priority": 7, "deadline": deadline},
    )
    job.refresh_from_db()
    assert (job.description, job.priority, job.deadline) == ("new", 7, deadline)
    waiting = Assignment.objects.get(job=job, state="waiting")
    assert (waiting.priority, waiting.deadline) == (7, deadline)
    held.refresh_from_db()
    assert held.priority == 0
    with pytest.raises(Invalid) as caught:
        services.change_job(
            job=job, user=admin_user, changes={"workflow": "labeling", "priority": "x"}
        )
    assert {error["field"] for error in caught.value.errors} == {"workflow", "priority"}


def test_priority_waits_until_the_job_is_prepared(admin_user: User) -> None:
    job = make_job(items=2)
    Job.objects.filter(pk=job.pk).update(state="initialising")
    with pytest.raises(Conflict):
        services.change_job(job=job, user=admin_user, changes={"priority": 3})
    services.change_job(job=job, user=admin_user, changes={"description": "x"})


def test_the_sweeper_finishes_jobs_whose_packages_are_all_closed() -> None:
    done, open_, empty = (
        make_job(items=4, size=2),
        make_job(items=4, size=2),
        make_job(items=2, size=2),
    )
    Job.objects.filter(pk=empty.pk).update(package_count=0, state="initialising")
    moment = timezone.now()
    Package.objects.filter(job=done).update(state="finished", finished_at=moment)
    Package.objects.filter(job=open_, number=1).update(state="finished", finished_at=moment)
    assert services.finish_jobs() == 1
    for job, state in ((done, "finished"), (open_, "running"), (empty, "initialising")):
        job.refresh_from_db()
        assert job.state == state
    assert done.finished_at is not None
    Package.objects.filter(job=open_, number=2).update(discarded_at=moment)
    assert services.finish_jobs() == 1
