"""The worker's part: delivered twice, killed, replaced, taken up again; each item is there once, in order."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from datasets.models import Dataset, ImportRun, Item
from datasets.services import imports, runner, uploads
from datasets.services.imports import create_dataset, requeue_stuck_imports, run_import
from datasets.services.readers import Reader
from datasets.services.storages import default_storage, incoming_root, storage_root
from itag.core.clock import now
from tests.conftest import wait_for
from tests.datasets.helpers import finish, manifest, picture
from tests.factories import WorkspaceFactory, member

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def people() -> tuple[Any, Any]:
    workspace = WorkspaceFactory()
    return workspace, member(workspace, "admin")


def lines(count: int, *, start: int = 0) -> Any:
    return manifest(*[f'{{"data":{{"source":"{n}"}}}}' for n in range(start, start + count)])


def queued(people: tuple[Any, Any], count: int = 100, **fields: Any) -> Dataset:
    workspace, user = people
    fields = {"kind": "text", "origin": "manifest", **fields}
    if fields["origin"] == "manifest":
        fields["manifest"] = lines(count)
    return create_dataset(
        workspace=workspace, user=user, name=f"d{Dataset.objects.count()}", **fields
    )


def whole(dataset: Dataset, count: int) -> bool:
    """Every item once, in order, and the counts right."""
    dataset.refresh_from_db()
    rows = dataset.items.order_by("ordinal").values_list("ordinal", "search")
    assert list(rows) == [(n + 1, str(n)) for n in range(count)]
    assert (dataset.state, dataset.item_count, dataset.version) == ("ready", count, 1)
    return True


class Killed(BaseException):
    """What a worker that dies in the middle leaves behind."""


def dying(monkeypatch: pytest.MonkeyPatch, *, after: int) -> Callable[[], None]:
    """The reader of the next worker dies after this many items; the answer undoes that."""
    original = Reader.__iter__

    def until(self: Reader) -> Any:
        for number, entry in enumerate(original(self)):
            if number == after:
                raise Killed
            yield entry

    monkeypatch.setattr(Reader, "__iter__", until)
    return lambda: monkeypatch.setattr(Reader, "__iter__", original)


def grown_old(run_id: int) -> None:
    ImportRun.objects.filter(pk=run_id).update(heartbeat_at=now() - timedelta(minutes=2))


# --- one after the other ------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("after", [0, 3, 10, 29])
def test_a_successor_goes_on_behind_the_last_whole_batch(
    people: Any, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    monkeypatch.setattr(runner, "BATCH_ITEMS", 10)
    dataset = queued(people, 35)
    run = dataset.imports.get()
    alive_again = dying(monkeypatch, after=after)
    with pytest.raises(Killed):
        run_import(run.pk)
    assert Item.objects.count() == after // 10 * 10
    dataset.refresh_from_db()
    assert (dataset.state, dataset.item_count) == ("importing", 0)
    alive_again()
    run_import(run.pk)  # the run's heart beat a moment ago: it is taken to be alive
    assert Item.objects.count() == after // 10 * 10
    grown_old(run.pk)
    run_import(run.pk)
    assert whole(dataset, 35)


@pytest.mark.django_db
def test_a_run_that_has_ended_does_nothing_more(people: Any) -> None:
    dataset = queued(people, 5)
    run = dataset.imports.get()
    for _time in range(3):
        run_import(run.pk)
    assert whole(dataset, 5)
    run_import(10**9)


@pytest.mark.django_db
def test_a_worker_that_was_replaced_writes_nothing_more(
    people: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first worker stops for long between two batches; the second does the rest; the first wakes."""
    monkeypatch.setattr(runner, "BATCH_ITEMS", 10)
    dataset = queued(people, 35)
    run = dataset.imports.get()
    batch = runner._Import._batch
    batches = []

    def sleeping(self: Any, *args: Any) -> bool:
        batches.append(1)
        if len(batches) == 3:
            grown_old(run.pk)
            run_import(run.pk)
            assert whole(dataset, 35)
        return batch(self, *args)

    monkeypatch.setattr(runner._Import, "_batch", sleeping)
    run_import(run.pk)
    assert whole(dataset, 35)
    assert ImportRun.objects.get(pk=run.pk).attempt == 2


@pytest.mark.django_db
def test_a_worker_hands_over_before_its_message_grows_old(
    people: Any, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    sent: list[int] = []
    monkeypatch.setattr("datasets.tasks.run_import.delay", sent.append)
    dataset = queued(people, 30)
    run = dataset.imports.get()
    monkeypatch.setattr(runner, "BATCH_ITEMS", 10)
    monkeypatch.setattr(runner, "BUDGET", -1.0)
    with django_capture_on_commit_callbacks(execute=True):
        run_import(run.pk)
    assert sent == [run.pk]
    run.refresh_from_db()
    assert (run.state, run.heartbeat_at) == ("running", None)
    monkeypatch.setattr(runner, "BUDGET", 60.0)
    run_import(run.pk)
    assert whole(dataset, 30)


@pytest.mark.django_db
def test_a_run_that_gets_no_further_fails(people: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = queued(people, 20)
    run = dataset.imports.get()
    alive_again = dying(monkeypatch, after=1)
    for _time in range(runner.MAX_STALLS + 1):
        grown_old(run.pk)
        try:
            run_import(run.pk)
        except Killed:
            continue
    alive_again()
    run.refresh_from_db()
    dataset.refresh_from_db()
    # Writing down the names counted as progress once.
    if run.state == "running":
        grown_old(run.pk)
        dying(monkeypatch, after=1)
        run_import(run.pk)
    run.refresh_from_db()
    dataset.refresh_from_db()
    assert (run.state, dataset.state) == ("failed", "failed")
    assert "stopped 5 times" in run.error
    assert Item.objects.count() == 0


@pytest.mark.django_db
def test_killed_while_undoing(people: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "BATCH_ITEMS", 10)
    monkeypatch.setattr(runner, "UNDO_ITEMS", 10)
    workspace, user = people
    dataset = create_dataset(
        workspace=workspace, user=user, name="n", kind="text", origin="manifest",
        manifest=manifest(*[f'{{"data":{{"source":"{n}"}}}}' for n in range(35)], "x"),
    )  # fmt: skip
    run = dataset.imports.get()
    undo = runner._Import._undo
    calls = []

    def once(self: Any) -> None:
        calls.append(1)
        if len(calls) == 2:
            raise Killed
        undo(self)

    monkeypatch.setattr(runner._Import, "_undo", once)
    with pytest.raises(Killed):
        run_import(run.pk)
    assert 0 < Item.objects.count() < 35
    grown_old(run.pk)
    run_import(run.pk)
    run.refresh_from_db()
    assert (run.state, run.errors[0]["line"], Item.objects.count()) == ("failed", 36, 0)


@pytest.mark.django_db
def test_killed_while_moving_pictures(people: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace, user = people
    dataset = create_dataset(
        workspace=workspace, user=user, name="n", kind="image", origin="upload",
        files=[(f"{n}.png", picture()) for n in range(6)],
    )  # fmt: skip
    run = dataset.imports.get()
    replace = Path.replace
    moved: list[Path] = []

    def some(self: Path, target: Path) -> Path:
        if self.suffix == ".png":
            moved.append(self)
            if len(moved) == 4:
                raise Killed
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", some)
    with pytest.raises(Killed):
        run_import(run.pk)
    monkeypatch.undo()
    grown_old(run.pk)
    run_import(run.pk)
    dataset.refresh_from_db()
    assert (dataset.state, dataset.item_count) == ("ready", 6)
    home = storage_root(default_storage(workspace)) / dataset.prefix
    assert sorted(path.name for path in home.iterdir()) == [f"{n}.png" for n in range(6)]


@pytest.mark.django_db
def test_uploads_that_are_gone(people: Any) -> None:
    dataset = queued(people)
    run = dataset.imports.get()
    uploads.discard(run.source["incoming"])
    dataset = finish(dataset)
    assert dataset.state == "failed"
    assert dataset.last_import
    assert "gone" in dataset.last_import.error


@pytest.mark.django_db
def test_a_row_that_the_database_refuses(people: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = queued(people, 5)
    monkeypatch.setattr(runner, "source_digest", lambda source: "x" * 65)
    dataset = finish(dataset)
    assert dataset.state == "failed"
    assert dataset.last_import
    assert "refused" in dataset.last_import.error
    assert Item.objects.count() == 0


@pytest.mark.django_db
def test_the_sweeper_sends_what_was_lost(people: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[int] = []
    monkeypatch.setattr("datasets.tasks.run_import.delay", sent.append)
    young, lost, dead, alive, released, ended = (queued(people, 1).imports.get() for _n in range(6))
    old = now() - timedelta(minutes=5)
    rows = ImportRun.objects
    rows.filter(pk=lost.pk).update(created_at=old)
    rows.filter(pk=dead.pk).update(state="running", heartbeat_at=old)
    rows.filter(pk=alive.pk).update(state="running", heartbeat_at=now())
    rows.filter(pk=released.pk).update(state="running", heartbeat_at=None)
    rows.filter(pk=ended.pk).update(state="failed", heartbeat_at=old, created_at=old)
    assert requeue_stuck_imports() == 3
    assert sorted(sent) == sorted([lost.pk, dead.pk, released.pk])
    assert young.pk not in sent


@pytest.mark.django_db
def test_a_broker_that_is_down_loses_nothing(
    people: Any, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    def down(run_id: int) -> None:
        raise ConnectionError

    monkeypatch.setattr("datasets.tasks.run_import.delay", down)
    with django_capture_on_commit_callbacks(execute=True):
        dataset = queued(people, 3)
    finish(dataset)
    assert whole(dataset, 3)


@pytest.mark.django_db
def test_sweeping_uploads(people: Any) -> None:
    waiting, failed, ended = (queued(people, 1).imports.get() for _n in range(3))
    ImportRun.objects.filter(pk=failed.pk).update(state="failed")
    ImportRun.objects.filter(pk=ended.pk).update(state="succeeded")
    stray, young = uploads.new_folder(), uploads.new_folder()
    names = [stray.name, *(run.source["incoming"] for run in (waiting, failed, ended))]
    for name in names:
        os.utime(incoming_root() / name, (time.time() - 2 * 86400,) * 2)
    assert uploads.sweep() == 2
    left = {path.name for path in incoming_root().iterdir()}
    assert left == {young.name, waiting.source["incoming"], failed.source["incoming"]}
    os.utime(incoming_root() / failed.source["incoming"], (time.time() - 8 * 86400,) * 2)
    assert uploads.sweep() == 1


# --- at once ------------------------------------------------------------------------------------------------------


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_delivered_to_four_workers_at_once(
    people: Any, at_once: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "BATCH_ITEMS", 7)
    for _round in range(4):
        dataset = queued(people, 60)
        run = dataset.imports.get()
        assert at_once(*[lambda run=run: run_import(run.pk)] * 4) == [None] * 4
        assert whole(dataset, 60)
        run.refresh_from_db()
        assert run.attempt == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_workers_that_think_each_other_dead(
    people: Any, at_once: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With no patience at all every worker takes the run from the others; still each item is there once."""
    monkeypatch.setattr(runner, "BATCH_ITEMS", 5)
    monkeypatch.setattr(runner, "STALE", timedelta(0))
    monkeypatch.setattr(runner, "MAX_STALLS", 1000)
    dataset = queued(people, 100)
    run = dataset.imports.get()

    def work() -> None:
        for _time in range(20):
            run_import(run.pk)

    assert at_once(*[work] * 4) == [None] * 4
    run_import(run.pk)
    assert whole(dataset, 100)
    run.refresh_from_db()
    assert run.attempt > 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_people_append_at_once(people: Any, at_once: Any) -> None:
    dataset = queued(people, 3)
    finish(dataset)
    user = people[1]

    def append() -> Any:
        row = Dataset.objects.get(pk=dataset.pk)
        return imports.add_items(dataset=row, user=user, manifest=lines(2, start=3))

    answers = at_once(*[append] * 4)
    won = [answer for answer in answers if isinstance(answer, ImportRun)]
    assert len(won) == 1
    assert {getattr(answer, "code", "") for answer in answers} == {"", "importing"}
    assert len(list(incoming_root().iterdir())) == 1
    run_import(won[0].pk)
    dataset.refresh_from_db()
    assert dataset.item_count == 5


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_datasets_of_one_name_at_once(people: Any, at_once: Any) -> None:
    workspace, user = people

    def create() -> Any:
        return create_dataset(
            workspace=workspace, user=user, name="same", kind="text", origin="manifest",
            manifest=lines(1),
        )  # fmt: skip

    answers = at_once(*[create] * 4)
    assert sorted(type(answer).__name__ for answer in answers) == ["Dataset", *["Invalid"] * 3]
    assert Dataset.objects.count() == 1
    assert len(list(incoming_root().iterdir())) == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_deleted_while_it_is_imported(
    people: Any, at_once: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "BATCH_ITEMS", 1)
    dataset = queued(people, 200)
    run = dataset.imports.get()
    begun = threading.Event()
    hold = runner._Import._hold

    def holding(self: Any) -> None:
        begun.set()
        hold(self)

    monkeypatch.setattr(runner._Import, "_hold", holding)

    def delete() -> None:
        begun.wait(10)
        imports.delete_dataset(dataset=Dataset.objects.get(pk=dataset.pk), user=people[1])

    assert at_once(lambda: run_import(run.pk), delete) == [None, None]
    run.refresh_from_db()
    dataset.refresh_from_db()
    assert run.state == "cancelled"
    assert (dataset.item_count, dataset.version) == (0, 0)


# --- real processes -----------------------------------------------------------------------------------------------

_WORKER = """
import django; django.setup()
from django.conf import settings
from pathlib import Path
settings.FILES_ROOT = Path({files!r})
settings.DATABASES["default"]["NAME"] = {database!r}
from datasets.services import runner
runner.BATCH_ITEMS = 200
print("ready", flush=True)
runner.run_import({run})
"""


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_killed_by_the_system(people: Any) -> None:
    """A process is killed with SIGKILL in the middle of its batches; the next one finishes."""
    dataset = queued(people, 60_000)
    run = dataset.imports.get()
    program = _WORKER.format(
        files=str(settings.FILES_ROOT), database=connection.settings_dict["NAME"], run=run.pk
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, env=os.environ, stdout=subprocess.DEVNULL
    )
    try:
        wait_for(lambda: ImportRun.objects.get(pk=run.pk).done >= 1000)
        process.send_signal(signal.SIGKILL)
    finally:
        process.kill()
        process.wait()
    run.refresh_from_db()
    assert 0 < run.done < 60_000
    # PostgreSQL notices that the connection is gone and undoes the batch that was under way.
    wait_for(lambda: Item.objects.count() == ImportRun.objects.get(pk=run.pk).done)
    grown_old(run.pk)
    run_import(run.pk)
    assert whole(dataset, 60_000)


@pytest.mark.worker
@pytest.mark.django_db(transaction=True)
def test_through_a_real_worker(celery_worker_process: Any, people: Any) -> None:
    dataset = queued(people, 500)
    wait_for(lambda: Dataset.objects.get(pk=dataset.pk).state == "ready")
    assert whole(dataset, 500)
