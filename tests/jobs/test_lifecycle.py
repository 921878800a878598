"""Jobs as a whole: paused, offline, archived, deleted, changed, appended to; what nobody may take."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from accounts.grants import grant, revoke
from accounts.models import User, Workspace
from datasets.models import DatasetVersion, Item
from itag.core.errors import Conflict, Invalid, NotFound
from itag.core.fields import dump
from jobs.models import Assignment, Batch, Job, JobEvent, Package, PackageEvent
from jobs.services.append import append_data, close_batch
from jobs.services.claim import claim_package
from jobs.services.clone import clone_fields
from jobs.services.jobs import change_job, create_job, finish_jobs
from jobs.services.lifecycle import (
    archive_job,
    bring_online,
    delete_job,
    pause_job,
    restore_job,
    resume_job,
    take_offline,
    unarchive_job,
)
from jobs.services.members import forget_access, set_members
from jobs.services.release import (
    expire_assignments,
    manager_release,
    offer_again,
    release_assignment,
)
from jobs.services.split import split_batch
from jobs.services.transfer import transfer_package
from jobs.services.unclaimable import block_unclaimable, nobody_may
from jobs.services.withdraw import withdraw_assignment
from tests.factories import make_job, make_team, member
from tests.jobs.flow import claim, inspect_all, label, save, submit
from tests.jobs.history import assert_sound

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(workspace: Workspace) -> User:
    return member(workspace, username="mona")


@pytest.fixture
def job(workspace: Workspace, labeler: User, checker: User, manager: User) -> Job:
    """Three packages of two items, the last of one."""
    return make_job(
        items=5,
        size=2,
        workspace=workspace,
        workflow="labeling,check",
        labelers=[labeler],
        checkers=[checker],
        managers=[manager],
    )


def state(job: Job) -> str:
    job.refresh_from_db()
    return job.state


def events(job: Job) -> list[str]:
    return list(JobEvent.objects.filter(job=job).values_list("verb", flat=True))


def more(job: Job, items: int) -> None:
    """The dataset grows by so many items, as an import would have it."""
    dataset = job.dataset
    dataset.refresh_from_db()
    last = dataset.item_count
    Item.objects.bulk_create(
        Item(dataset=dataset, ordinal=n, data=dump({"source": f"more {n}"}), media={})
        for n in range(last + 1, last + items + 1)
    )
    dataset.version, dataset.item_count = dataset.version + 1, last + items
    dataset.save()
    DatasetVersion.objects.create(
        dataset=dataset, version=dataset.version, last_ordinal=last + items
    )


def cut(batch: Batch) -> None:
    split_batch(run_id=batch.split.pk)


def sizes(job: Job) -> list[int]:
    packages = Package.objects.filter(job=job).order_by("number")
    return list(packages.values_list("item_count", flat=True))


# --- pause, offline --------------------------------------------------------------------------------------------------


def test_paused_held_work_goes_on(job: Job, labeler: User, manager: User) -> None:
    held = claim(job, labeler)
    pause_job(job=job, user=manager)
    pause_job(job=job, user=manager)
    assert state(job) == "paused"
    assert "paused" in claim_package(job=job, user=labeler, stage="labeling").reason
    save(held, 1)
    save(held, 2)
    submit(held)
    resume_job(job=job, user=manager)
    resume_job(job=job, user=manager)
    assert state(job) == "running"
    assert events(job) == ["pause", "resume"]
    assert claim(job, labeler).number == 2


def test_every_clock_stands_still_offline(
    job: Job, labeler: User, checker: User, manager: User
) -> None:
    start = timezone.now()

    def at(hours: float) -> Any:
        return time_machine.travel(start + timedelta(hours=hours), tick=False)

    with at(0):
        label(job, labeler)
        inspect_all(job, checker, "check", 1)
        returned = Assignment.objects.get(state="waiting", round=2)
        # The limit is one package, what is returned does not count.
        Assignment.objects.filter(pk=returned.pk).update(stage="labeling")
        held = Assignment.objects.filter(state="waiting", number=2).get()
        Assignment.objects.filter(pk=held.pk).update(
            state="claimed", holder=labeler, claimed_at=start, last_input_at=start,
            extended_until=start + timedelta(hours=40),
        )  # fmt: skip
    with at(10):
        take_offline(job=job, user=manager)
    until = Assignment.objects.get(pk=returned.pk).reserved_until
    assert until is not None
    with at(10 + 60):
        assert expire_assignments() == 0
        back = bring_online(job=job, user=manager)
        bring_online(job=job, user=manager)
    assert (back.state, state(job), job.offline_at) == ("running", "running", None)
    held.refresh_from_db()
    returned.refresh_from_db()
    pause = timedelta(hours=60)
    assert held.last_input_at == start + pause
    assert held.extended_until == start + timedelta(hours=40) + pause
    assert returned.reserved_until == until + pause
    assert returned.created_at == start + pause
    assert events(job) == ["offline", "online"]
    assert JobEvent.objects.get(verb="online").data["offline_seconds"] == 60 * 3600


def test_input_while_offline_is_no_input_to_come(job: Job, labeler: User, manager: User) -> None:
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        held = claim(job, labeler)
        pause_job(job=job, user=manager)
        take_offline(job=job, user=manager)
    with time_machine.travel(start + timedelta(hours=5), tick=False):
        save(held, 1)
    with time_machine.travel(start + timedelta(hours=30), tick=False):
        assert bring_online(job=job, user=manager).state == "paused"
    held.refresh_from_db()
    assert held.last_input_at == start + timedelta(hours=30)


def test_the_minutes_for_taking_back_do_not_run_offline(
    job: Job, labeler: User, checker: User, manager: User
) -> None:
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        label(job, labeler)
        done = inspect_all(job, checker, "check")
        take_offline(job=job, user=manager)
    with time_machine.travel(start + timedelta(hours=5), tick=False):
        bring_online(job=job, user=manager)
        withdraw_assignment(assignment_id=done.pk, user=checker)


# --- archive, delete -------------------------------------------------------------------------------------------------


def test_archived_jobs_are_out_of_sight(job: Job, labeler: User, manager: User) -> None:
    with pytest.raises(Conflict, match="Pause"):
        archive_job(job=job, user=manager)
    pause_job(job=job, user=manager)
    archive_job(job=job, user=manager)
    archive_job(job=job, user=manager)
    job.refresh_from_db()
    assert claim_package(job=job, user=labeler, stage="labeling").reason
    for verb in (resume_job, take_offline, append_data):
        with pytest.raises(Conflict):
            verb(job=job, user=manager)
    with pytest.raises(Conflict):
        transfer_package(package=job.packages.get(number=1), user=manager, to=labeler, reason="x")
    unarchive_job(job=job, user=manager)
    unarchive_job(job=job, user=manager)
    resume_job(job=job, user=manager)
    assert events(job) == ["pause", "archive", "unarchive", "resume"]


def test_deleted_jobs_come_back_within_30_days(job: Job, labeler: User, manager: User) -> None:
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        held = claim(job, labeler)
        with pytest.raises(Invalid):
            delete_job(job=job, user=manager, typed_name=job.name.upper() + " ")
        delete_job(job=job, user=manager, typed_name=job.name)
    with pytest.raises(NotFound):
        delete_job(job=job, user=manager, typed_name=job.name)
    for hidden in (pause_job, take_offline):
        with pytest.raises(NotFound):
            hidden(job=job, user=manager)
    with pytest.raises(Conflict):
        submit(held)
    with time_machine.travel(start + timedelta(days=31), tick=False), pytest.raises(NotFound):
        restore_job(job=job, user=manager)
    with time_machine.travel(start + timedelta(days=29), tick=False):
        assert expire_assignments() == 0
        restore_job(job=job, user=manager)
        assert expire_assignments() == 0
    held.refresh_from_db()
    assert held.last_input_at == start + timedelta(days=29)
    with pytest.raises(NotFound):
        restore_job(job=job, user=manager)
    assert events(job) == ["delete", "restore"]


def test_a_name_that_was_taken_meanwhile(job: Job, workspace: Workspace, manager: User) -> None:
    delete_job(job=job, user=manager, typed_name=job.name)
    make_job(items=1, size=1, workspace=workspace, name=job.name)
    with pytest.raises(Conflict) as refused:
        restore_job(job=job, user=manager)
    assert refused.value.code == "name"


# --- changes, clones -------------------------------------------------------------------------------------------------


def test_what_may_be_changed_while_it_runs(job: Job, manager: User) -> None:
    labels = [
        {"key": "k1", "label": "tomcat", "color": "#b4232a", "shortcut": "1"},
        {"key": "k2", "label": "dog", "color": "#1f5fbf", "shortcut": "2"},
        {"label": "bird"},
    ]
    change_job(
        job=job,
        user=manager,
        changes={
            "description": "new",
            "priority": 7,
            "limits": {"claim_hours": 3, "allow_own_check": True},
            "check_ratio": 40,
            "check_count": 3,
            "options": {"1": labels},
        },
    )
    job.refresh_from_db()
    assert (job.description, job.priority, job.check_ratio, job.check_count) == ("new", 7, 40, 3)
    assert job.limits == {"claim_hours": 3, "allow_own_check": True}
    assert [option["label"] for option in job.options["1"]] == ["tomcat", "dog", "bird"]
    assert job.options["1"][2]["key"] == "k3"
    assert set(Assignment.objects.values_list("priority", flat=True)) == {7}
    assert JobEvent.objects.get().data["fields"] == [
        "description", "priority", "limits", "check_ratio", "check_count", "options",
    ]  # fmt: skip
    change_job(
        job=job, user=manager, changes={"limits": {"claim_hours": None}, "check_count": None}
    )
    assert job.limits == {"allow_own_check": True}
    change_job(job=job, user=manager, changes={"priority": 7})
    assert JobEvent.objects.count() == 2, "what is the same is no change"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"options": {"1": [{"key": "k1", "label": "cat"}]}}, "options.1"),
        ({"options": {"1": [{"key": "x", "label": "cat"}, {"key": "k2", "label": "d"}]}}, "options.1"),
        ({"options": {"9": []}}, "options.9"),
        ({"options": {"1": "cat"}}, "options.1"),
        ({"options": []}, "options"),
        ({"limits": {"claim_hours": 0}}, "limits.claim_hours"),
        ({"limits": {"allow_own_check": 1}}, "limits.allow_own_check"),
        ({"limits": {"nonsense": 1}}, "limits.nonsense"),
        ({"limits": 5}, "limits"),
        ({"check_ratio": 0}, "check_ratio"),
        ({"acceptance_ratio": 50}, "acceptance_ratio"),
        ({"check_count": 0}, "check_count"),
        ({"description": None}, "description"),
        ({"description": "a\x00b"}, "description"),
        ({"priority": 101}, "priority"),
        ({"deadline": "2020-01-01T00:00:00Z"}, "deadline"),
        ({"deadline": "soon"}, "deadline"),
        ({"dataset": 1}, "dataset"),
        ({"allocation": {}}, "allocation"),
        ({"workflow": "labeling"}, "workflow"),
    ],
)  # fmt: skip
def test_what_may_not(job: Job, manager: User, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as invalid:
        change_job(job=job, user=manager, changes={"priority": 3, **changes})
    assert [error["field"] for error in invalid.value.errors] == [field]
    job.refresh_from_db()
    assert job.priority == 0


def test_a_clone_can_be_created(
    job: Job, workspace: Workspace, admin_user: User, labeler: User
) -> None:
    Job.objects.filter(pk=job.pk).update(limits={"claim_hours": 5}, check_ratio=30)
    job.refresh_from_db()
    body = clone_fields(job)
    assert body.pop("workspace") == workspace.pk
    assert body["name"] == f"{job.name}-2"
    assert body["members"]["labeling"] == {"users": [labeler.pk], "teams": []}
    clone = create_job(user=admin_user, workspace=workspace, **body)
    assert (clone.limits, clone.check_ratio, clone.options) == ({"claim_hours": 5}, 30, job.options)
    assert clone_fields(job)["name"] == f"{job.name}-3"


# --- append ----------------------------------------------------------------------------------------------------------


def test_appended_data_becomes_the_next_batch(job: Job, labeler: User, manager: User) -> None:
    with pytest.raises(Conflict) as refused:
        append_data(job=job, user=manager)
    assert refused.value.code == "nothing_new"
    more(job, 3)
    batch = append_data(job=job, user=manager)
    assert (batch.number, batch.first_ordinal, batch.last_ordinal) == (2, 6, 8)
    with pytest.raises(Conflict):
        append_data(job=job, user=manager)
    with pytest.raises(Conflict):
        close_batch(job=job, number=2, user=manager)
    cut(batch)
    job.refresh_from_db()
    assert (sizes(job), job.package_count, job.item_count) == ([2, 2, 1, 2, 1], 5, 8)
    tail = Assignment.objects.get(job=job, number=5)
    assert (tail.state, tail.reason) == ("blocked", "batch_open")
    with pytest.raises(Conflict, match="close the batch"):
        manager_release(package=tail.package, user=manager, reason="x")
    with pytest.raises(Conflict, match="close the batch"):
        transfer_package(package=tail.package, user=manager, to=labeler, reason="x")
    # Four packages are done; the fifth waits for more data.
    for _ in range(4):
        label(job, labeler)
    assert claim_package(job=job, user=labeler, stage="labeling").reason == (
        "The last package waits for more data."
    )
    more(job, 2)
    cut(append_data(job=job, user=manager))
    assert sizes(job) == [2, 2, 1, 2, 2, 1]
    assert claim(job, labeler).number == 5
    close_batch(job=job, number=3, user=manager)
    close_batch(job=job, number=3, user=manager)
    assert Assignment.objects.get(job=job, number=6).state == "waiting"
    assert events(job) == ["append", "append", "close_batch"]
    assert not Batch.objects.filter(job=job, closed_at=None).exists()
    with pytest.raises(NotFound):
        close_batch(job=job, number=9, user=manager)


def test_a_finished_job_runs_again_with_what_is_appended(
    job: Job, labeler: User, checker: User, manager: User
) -> None:
    for _ in range(3):
        label(job, labeler)
        inspect_all(job, checker, "check")
    assert state(job) == "finished"
    more(job, 1)
    batch = append_data(job=job, user=manager)
    assert finish_jobs() == 0
    cut(batch)
    assert state(job) == "running"
    close_batch(job=job, number=2, user=manager)
    label(job, labeler)
    inspect_all(job, checker, "check")
    assert state(job) == "finished"
    assert events(job) == ["finish", "append", "close_batch", "finish"]
    assert_sound(job)


def test_too_many_packages_are_refused_before_anything_is_written(
    job: Job, manager: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.services.append.MAX_PACKAGES", 4)
    more(job, 3)
    with pytest.raises(Conflict) as refused:
        append_data(job=job, user=manager)
    assert refused.value.code == "too_many"
    assert (job.batches.count(), events(job)) == (1, [])
    job.refresh_from_db()
    assert job.last_ordinal == 5


# --- what nobody may take --------------------------------------------------------------------------------------------


def blocked(job: Job) -> list[int]:
    rows = Assignment.objects.filter(job=job, state="blocked", reason="nobody")
    return sorted(rows.values_list("number", flat=True))


def test_what_everybody_gave_back_is_blocked_until_somebody_may(
    job: Job, labeler: User, labeler2: User, manager: User, django_assert_max_num_queries: Any
) -> None:
    held = claim(job, labeler)
    release_assignment(assignment_id=held.pk, user=labeler, reason="x")
    # Of these, telling the managers takes the most.
    with django_assert_max_num_queries(12):
        assert len(block_unclaimable().blocked) == 1
    assert (blocked(job), nobody_may(job)) == ([1], 1)
    assert block_unclaimable().blocked == []
    event = PackageEvent.objects.filter(verb="block").get()
    assert (event.actor, event.note, event.package.number) == (None, "nobody", 1)
    with pytest.raises(Conflict, match="by itself"):
        manager_release(package=held.package, user=manager, reason="x")
    offer_again(package=held.package, user=manager)
    assert len(block_unclaimable().unblocked) == 1
    assert PackageEvent.objects.filter(verb="unblock").count() == 1
    assert claim(job, labeler).number == 1
    release_assignment(
        assignment_id=Assignment.objects.get(state="claimed").pk, user=labeler, reason="x"
    )
    block_unclaimable(jobs=[job.pk])
    grant("label_job", job, users=[labeler2])
    block_unclaimable(jobs=[job.pk])
    assert blocked(job) == []


def test_a_stage_without_people_and_their_own_work(
    job: Job, workspace: Workspace, labeler: User, checker: User
) -> None:
    label(job, labeler)
    grant("check_job", job, users=[labeler])
    revoke("check_job", job, users=[checker])
    block_unclaimable()
    assert Assignment.objects.get(stage="check").state == "blocked"
    Job.objects.filter(pk=job.pk).update(limits={"allow_own_check": True})
    block_unclaimable()
    assert Assignment.objects.get(stage="check").state == "waiting"
    revoke("label_job", job, users=[labeler])
    block_unclaimable()
    assert blocked(job) == [2, 3]
    # A team's members count, if they are active.
    team = make_team(workspace, [checker])
    grant("label_job", job, groups=[team.group])
    block_unclaimable()
    assert blocked(job) == []
    User.objects.filter(pk=checker.pk).update(is_active=False)
    block_unclaimable()
    assert blocked(job) == [2, 3]


def test_reservations_without_end_are_one_persons(
    job: Job, workspace: Workspace, labeler: User, labeler2: User
) -> None:
    grant("label_job", job, users=[labeler2])
    team = make_team(workspace, [labeler2])
    Assignment.objects.filter(number=1).update(reserved_user=labeler)
    Assignment.objects.filter(number=2).update(reserved_team=team)
    Assignment.objects.filter(number=3).update(
        reserved_user=labeler, reserved_until=timezone.now() + timedelta(hours=1)
    )
    block_unclaimable()
    assert blocked(job) == []
    User.objects.filter(pk=labeler.pk).update(is_active=False)
    block_unclaimable()
    # The third will be free in an hour.
    assert blocked(job) == [1]
    User.objects.filter(pk=labeler2.pk).update(is_active=False)
    User.objects.filter(pk=labeler.pk).update(is_active=True)
    block_unclaimable()
    assert blocked(job) == [2]


def test_nobody_votes_twice(job: Job, workspace: Workspace, labeler: User, labeler2: User) -> None:
    grant("label_job", job, users=[labeler2])
    Job.objects.filter(pk=job.pk).update(votes={"1": {"VoteNum": 2, "MinVote": 1}})
    Assignment.objects.bulk_create(
        Assignment(job=job, package=row.package, stage="labeling", vote=1, number=row.number)
        for row in Assignment.objects.filter(job=job)
    )
    job.refresh_from_db()
    seen = []
    Job.objects.filter(pk=job.pk).update(limits={"package_limit": 10})
    job.refresh_from_db()
    for _ in range(3):
        seen.append(claim(job, labeler).number)
    assert seen == [1, 2, 3]
    assert claim_package(job=job, user=labeler, stage="labeling").reason == (
        "You answer what waits here already; others give the further answers to it."
    )
    block_unclaimable()
    assert blocked(job) == []
    User.objects.filter(pk=labeler2.pk).update(is_active=False)
    block_unclaimable()
    assert blocked(job) == [1, 2, 3]
    labeler2.refresh_from_db()
    with pytest.raises(Invalid, match="does not work"):
        transfer_package(
            package=job.packages.get(number=1), user=labeler, to=labeler2, reason="x", vote=1
        )
    User.objects.filter(pk=labeler2.pk).update(is_active=True)
    labeler2.refresh_from_db()
    with pytest.raises(Invalid, match="twice"):
        transfer_package(
            package=job.packages.get(number=1), user=labeler2, to=labeler, reason="x", vote=1
        )
    moved = transfer_package(
        package=job.packages.get(number=1), user=labeler, to=labeler2, reason="x", vote=1
    )
    assert moved.state == "waiting"


# --- people who leave ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("release", [True, False])
def test_a_closed_account_keeps_or_releases_what_it_has(
    job: Job, workspace: Workspace, labeler: User, *, release: bool
) -> None:
    held = claim(job, labeler)
    Assignment.objects.filter(number=2).update(reserved_user=labeler)
    forget_access(workspace=workspace, users=[labeler.pk], release=release, closed=True)
    held.refresh_from_db()
    waiting = Assignment.objects.get(number=2)
    assert (held.state == "released") is release
    assert (waiting.reserved_user is None) is release


def test_changes_of_members_are_on_record(job: Job, labeler: User, checker: User) -> None:
    set_members(
        job=job,
        user=checker,
        members={"labeling": {"users": [labeler.pk]}, "check": {"users": [checker.pk]}},
    )
    event = JobEvent.objects.get(verb="members")
    assert event.data["labeling"] == {"users": [labeler.pk], "teams": []}
