"""A batch is cut once and whole: killed, delivered twice, raced."""

import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.models import Count, Max, Min
from django.utils import timezone

from accounts.models import User, Workspace
from datasets.models import Dataset, DatasetVersion, Item
from itag.core.errors import Conflict
from jobs.models import Assignment, Batch, Job, JobSummary, Package, PackageItem, SplitRun
from jobs.services import split
from jobs.services.jobs import create_job
from tests.conftest import wait_for
from tests.factories import DatasetFactory, classification_template, make_dataset


def waiting_job(
    dataset: Dataset, size: int | dict[str, Any], **fields: Any
) -> tuple[Job, SplitRun]:
    """A job that is still initialising, as create_job leaves it; `size`: of a package, or the allocation."""
    job = Job.objects.create(
        workspace=dataset.workspace,
        name=f"split{dataset.pk}",
        dataset=dataset,
        dataset_version=1,
        last_ordinal=dataset.item_count,
        item_count=dataset.item_count,
        template=classification_template(),
        workflow="labeling",
        allocation={"type": "fixed", "size": size} if isinstance(size, int) else size,
        created_by=dataset.created_by,
        **fields,
    )
    JobSummary.objects.create(job=job)
    batch = Batch.objects.create(
        job=job,
        number=1,
        first_ordinal=1,
        last_ordinal=dataset.item_count,
        closed_at=timezone.now(),
    )
    return job, SplitRun.objects.create(batch=batch, total=dataset.item_count)


def big_dataset(items: int, **fields: Any) -> Dataset:
    """A dataset whose items are made in SQL."""
    dataset = DatasetFactory(item_count=items, **fields)
    DatasetVersion.objects.create(dataset=dataset, version=1, last_ordinal=items)
    add_items(dataset, 1, items)
    return dataset


def add_items(dataset: Dataset, first: int, last: int, data: str = """'{"source":"x"}'""") -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {Item._meta.db_table} (dataset_id, ordinal, data, media, group_key, source_digest, search) "
            f"SELECT %s, n, ({data})::json, '{{}}', '', '', '' FROM generate_series(%s, %s) n",
            [dataset.pk, first, last],
        )


def assert_cut(job: Job, items: int, size: int) -> None:
    """Every item once, in order, in packages of the size; one waiting slot a package; the job runs."""
    job.refresh_from_db()
    count = -(-items // size)
    assert (job.state, job.package_count) == ("running", count)
    packages = Package.objects.filter(job=job)
    assert packages.count() == count
    assert packages.aggregate(low=Min("number"), high=Max("number")) == {"low": 1, "high": count}
    rows = PackageItem.objects.filter(job=job)
    assert rows.aggregate(n=Count("id"), different=Count("ordinal", distinct=True)) == {
        "n": items,
        "different": items,
    }
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM {PackageItem._meta.db_table} pi JOIN {Package._meta.db_table} p ON p.id = pi.package_id "
            f"JOIN {Item._meta.db_table} i ON i.id = pi.item_id WHERE pi.job_id = %s AND (p.number <> (pi.ordinal - 1) / %s + 1 "
            "OR pi.position <> (pi.ordinal - 1) %% %s + 1 OR i.ordinal <> pi.ordinal OR i.dataset_id <> %s)",
            [job.pk, size, size, job.dataset_id],
        )
        assert cursor.fetchone() == (0,)
    last = packages.get(number=count)
    assert last.item_count == items - (count - 1) * size
    assert packages.exclude(number=count).exclude(item_count=size).count() == 0
    slots = Assignment.objects.filter(job=job)
    assert slots.count() == count
    assert (
        slots.filter(stage="labeling", state="waiting", vote=0, round=1, holder=None).count()
        == count
    )


@pytest.mark.django_db
@pytest.mark.parametrize(("items", "size"), [(1, 1), (7, 3), (9, 3), (5, 20)])
def test_a_small_batch_is_cut_in_one_step(items: int, size: int) -> None:
    deadline = timezone.now() + timedelta(days=1)
    job, run = waiting_job(make_dataset(items), size, priority=4, deadline=deadline)
    split.split_batch(run_id=run.pk)
    assert_cut(job, items, size)
    run.refresh_from_db()
    assert (run.state, run.done, run.percent) == ("succeeded", items, 100)
    assert run.finished_at is not None
    slot = Assignment.objects.filter(job=job).first()
    assert slot is not None
    assert (slot.priority, slot.deadline, slot.participants) == (4, deadline, [])


@pytest.mark.django_db
def test_a_split_takes_several_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """In steps of a tenth of the real ones; the real worker below cuts as many items as the real ones have."""
    assert split.STEP_ITEMS == 20_000
    monkeypatch.setattr(split, "STEP_ITEMS", 2_000)
    job, run = waiting_job(big_dataset(2_001), 5)
    assert split._step(run.pk) is True
    run.refresh_from_db()
    job.refresh_from_db()
    assert (run.state, run.done, run.cursor_ordinal, run.next_number) == (
        "running",
        2_000,
        2_000,
        401,
    )
    assert run.heartbeat_at is not None
    assert job.state == "initialising"
    split.split_batch(run_id=run.pk)
    assert_cut(job, 2_001, 5)


@pytest.mark.django_db
def test_only_the_items_of_the_jobs_version_are_taken() -> None:
    dataset = make_dataset(10)
    job, run = waiting_job(dataset, 4)
    Item.objects.create(dataset=dataset, ordinal=11, data='{"source":"later"}')
    split.split_batch(run_id=run.pk)
    assert_cut(job, 10, 4)


@pytest.mark.django_db
def test_delivered_again_after_its_end_it_changes_nothing() -> None:
    _job, run = waiting_job(make_dataset(7), 3)
    split.split_batch(run_id=run.pk)
    before = list(Package.objects.values_list("pk", "number"))
    split.split_batch(run_id=run.pk)
    assert list(Package.objects.values_list("pk", "number")) == before


@pytest.mark.django_db
def test_missing_items_fail_the_job_with_the_reason() -> None:
    dataset = make_dataset(7)
    job, run = waiting_job(dataset, 3)
    Item.objects.filter(dataset=dataset, ordinal__gt=5).delete()
    split.split_batch(run_id=run.pk)
    run.refresh_from_db()
    job.refresh_from_db()
    assert (job.state, run.state) == ("failed", "failed")
    assert "items" in run.error


@pytest.mark.django_db
def test_what_the_database_refuses_fails_the_job_with_the_reason() -> None:
    dataset = make_dataset(7)
    job, run = waiting_job(dataset, 3)
    Package.objects.create(job=job, batch=run.batch, number=2)
    split.split_batch(run_id=run.pk)
    run.refresh_from_db()
    job.refresh_from_db()
    assert (job.state, run.state) == ("failed", "failed")
    assert "package_number_unique_in_job" in run.error
    assert PackageItem.objects.filter(job=job).count() == 0


def sent_ids(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The runs that are sent to workers from now on."""
    sent: list[int] = []
    monkeypatch.setattr("jobs.tasks.split_batch.delay", sent.append)
    return sent


@pytest.mark.django_db
def test_the_sweeper_sends_what_nobody_works_on(monkeypatch: pytest.MonkeyPatch) -> None:
    sent = sent_ids(monkeypatch)
    old = timezone.now() - timedelta(seconds=90)
    lost = waiting_job(make_dataset(2), 1)[1]
    died = waiting_job(make_dataset(2), 1)[1]
    alive = waiting_job(make_dataset(2), 1)[1]
    done = waiting_job(make_dataset(2), 1)[1]
    fresh = waiting_job(make_dataset(2), 1)[1]
    SplitRun.objects.filter(pk=lost.pk).update(created_at=old)
    SplitRun.objects.filter(pk=died.pk).update(state="running", heartbeat_at=old)
    SplitRun.objects.filter(pk=alive.pk).update(
        state="running", heartbeat_at=timezone.now(), created_at=old
    )
    SplitRun.objects.filter(pk=done.pk).update(state="succeeded", heartbeat_at=old)
    assert split.requeue_stuck_splits() == 2
    assert sorted(sent) == sorted([lost.pk, died.pk])
    assert fresh.pk not in sent


def go_silent(run: SplitRun) -> None:
    """A minute and a half passes in which the run gives no sign of life."""
    SplitRun.objects.filter(pk=run.pk, heartbeat_at__isnull=False).update(
        heartbeat_at=timezone.now() - timedelta(seconds=90)
    )


@pytest.mark.django_db
def test_a_worker_that_dies_thrice_at_the_same_place_fails_the_job_which_may_be_tried_again(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    sent = sent_ids(monkeypatch)
    job, run = waiting_job(make_dataset(7), 3)
    SplitRun.objects.filter(pk=run.pk).update(created_at=timezone.now() - timedelta(seconds=90))
    # A broker that is gone for long is no attempt: nobody began.
    for _minute in range(5):
        split.requeue_stuck_splits()
    with monkeypatch.context() as broken:
        broken.setattr(split, "_cut_sizes", lambda run: 1 / 0)
        for _attempt in range(2):
            with pytest.raises(ZeroDivisionError):
                split.split_batch(run_id=run.pk)
            go_silent(run)
            split.requeue_stuck_splits()
            run.refresh_from_db()
            assert (run.state, run.error) == ("queued", "")
        with pytest.raises(ZeroDivisionError):
            split.split_batch(run_id=run.pk)
    go_silent(run)
    del sent[:]
    assert split.requeue_stuck_splits() == 0
    run.refresh_from_db()
    job.refresh_from_db()
    assert (job.state, run.state, run.error) == ("failed", "failed", split.STALLED)
    with django_capture_on_commit_callbacks(execute=True):
        split.retry_split(job=job, user=job.created_by)
    assert sent == [run.pk]
    run.refresh_from_db()
    assert (job.state, run.state, run.stalls, run.error) == ("initialising", "queued", 0, "")
    assert list(job.events.values_list("verb", "actor")) == [("retry", job.created_by_id)]
    split.split_batch(run_id=run.pk)
    assert_cut(job, 7, 3)
    with pytest.raises(Conflict):
        split.retry_split(job=job, user=job.created_by)


@pytest.mark.django_db
def test_a_worker_that_dies_after_every_step_still_gets_to_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent_ids(monkeypatch)
    monkeypatch.setattr(split, "STEP_ITEMS", 1)
    job, run = waiting_job(make_dataset(9), 2)
    for _attempt in range(6):
        split._alive(run.pk)
        split._step(run.pk)
        go_silent(run)
        split.requeue_stuck_splits()
    assert_cut(job, 9, 2)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_delivered_twice_at_once_it_is_cut_once(
    at_once: Callable[..., list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(split, "STEP_ITEMS", 200)
    job, run = waiting_job(big_dataset(4_003), 10)
    results = at_once(*[lambda: split.split_batch(run_id=run.pk)] * 4)
    assert results == [None] * 4
    split.split_batch(run_id=run.pk)
    assert_cut(job, 4_003, 10)


KILLED = """
import os, signal, sys
sys.path.insert(0, {root!r})
import django
from django.conf import settings
django.setup()
settings.DATABASES["default"]["NAME"] = {name!r}
from django.db import connection
connection.settings_dict["NAME"] = {name!r}
from jobs.services import split
split.STEP_ITEMS = 100
steps = 0
step, move = split._step, split.move
def dying(*args, **kwargs):
    if steps == {steps}:
        os.kill(os.getpid(), signal.SIGKILL)
    return move(*args, **kwargs)
split.move = dying
while step({run}):
    steps += 1
"""


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("steps", [0, 2])
def test_killed_within_a_step_the_next_worker_goes_on_where_the_last_step_ended(steps: int) -> None:
    job, run = waiting_job(big_dataset(503), 10)
    code = KILLED.format(
        root=str(Path(__file__).resolve().parents[2]),
        name=connection.settings_dict["NAME"],
        steps=steps,
        run=run.pk,
    )
    finished = subprocess.run([sys.executable, "-c", code], timeout=60, check=False)
    assert finished.returncode == -9
    run.refresh_from_db()
    assert run.done == steps * 100 == PackageItem.objects.filter(job=job).count()
    split.split_batch(run_id=run.pk)
    assert_cut(job, 503, 10)


@pytest.mark.worker
@pytest.mark.django_db(transaction=True)
def test_a_job_is_cut_by_a_real_worker(
    celery_worker_process: subprocess.Popen[bytes], workspace: Workspace, admin_user: User
) -> None:
    dataset = big_dataset(20_001, workspace=workspace)
    job = create_job(
        user=admin_user,
        workspace=workspace,
        name="big",
        dataset=dataset,
        template=classification_template(),
        options={"1": [{"label": "cat"}]},
        workflow="labeling",
        allocation={"type": "fixed", "size": 5},
        members={"labeling": {"users": [admin_user]}},
    )
    wait_for(lambda: Job.objects.get(pk=job.pk).state != "initialising", timeout=60)
    assert_cut(job, 20_001, 5)
