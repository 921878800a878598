"""The life of an export: asked for, taken, killed, taken up again, cancelled, failed."""

import errno
import hashlib
import os
import tracemalloc
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from exports import services, tasks
from exports.models import Export
from exports.services import build
from itag.core.clock import now
from itag.core.errors import Conflict, IllegalTransition, Invalid
from jobs.models import Job
from tests.exports.rows import label_all
from tests.factories import make_job

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(db: None) -> Job:
    made = make_job(items=10, size=5)
    label_all(made)
    return made


@pytest.fixture
def small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three items a shard, so that ten items make four."""
    monkeypatch.setattr("exports.selectors.SHARD", 3)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The ids that were sent to workers."""
    found: list[int] = []
    monkeypatch.setattr(tasks.build_export, "delay", found.append)
    return found


def ask(job: Job, **changes: Any) -> Export:
    return services.request_export(job=job, user=job.created_by, **changes)


def text_of(export: Export) -> bytes:
    export.refresh_from_db()
    assert export.state == "succeeded", export.error
    content = services.locate(export).read_bytes()
    assert export.digest == hashlib.sha256(content).hexdigest()
    assert export.size == len(content)
    assert export.done == export.total == content.count(b"\n")
    assert sorted(path.name for path in folder(export).glob(f"{export.pk}-*")) == [
        Path(export.file).name
    ]
    return content


def folder(export: Export) -> Path:
    from exports.services.files import folder as where

    return where(export)


def kill_after(monkeypatch: pytest.MonkeyPatch, shards: int) -> None:
    """The worker dies when it reports its n-th shard: nothing of Python's runs any more."""
    beats = 0
    beat = build.Tenure._beat

    def dying(self: build.Tenure, *, done: int) -> None:
        nonlocal beats
        beats += 1
        if beats > shards + 1:  # the first one tells the total
            raise SystemExit("killed")
        beat(self, done=done)

    monkeypatch.setattr(build.Tenure, "_beat", dying)


def killed(export: Export, shards: int) -> None:
    """Build until the worker is killed after so many shards, at the latest before the file gets its name."""

    def die(tenure: build.Tenure) -> None:
        raise SystemExit("killed")

    with pytest.MonkeyPatch.context() as patch:
        kill_after(patch, shards)
        patch.setattr(build.Tenure, "_finish", die)
        with pytest.raises(SystemExit):
            services.build_export(export_id=export.pk)


def grow_old(export: Export) -> None:
    Export.objects.filter(pk=export.pk).update(heartbeat_at=now() - timedelta(minutes=5))


class TestAsking:
    def test_it_is_announced_when_it_is_committed(
        self, job: Job, django_capture_on_commit_callbacks: Any, sent: list[int]
    ) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            export = ask(job)
        assert sent == [export.pk]
        assert (export.state, export.last_ordinal, export.total) == ("queued", 10, 10)

    def test_one_key_is_one_export(
        self, job: Job, labeler: User, django_capture_on_commit_callbacks: Any, sent: list[int]
    ) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            first = ask(job, idempotency_key="x")
            assert ask(job, idempotency_key="x") == first
            other = services.request_export(job=job, user=labeler, idempotency_key="x")
        assert other != first
        assert sent == [first.pk, other.pk]
        with pytest.raises(Conflict):
            ask(job, idempotency_key="x", scope="finished")

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"format": "exe"}, "format"),
            ({"scope": "none"}, "scope"),
            ({"idempotency_key": "x" * 101}, "idempotency_key"),
            ({"idempotency_key": "a\nb"}, "idempotency_key"),
        ],
    )
    def test_what_is_wrong_is_named(self, job: Job, change: dict[str, str], field: str) -> None:
        with pytest.raises(Invalid) as caught:
            ask(job, **change)
        assert caught.value.errors[0]["field"] == field
        assert not Export.objects.exists()

    def test_a_job_without_packages(self, job: Job) -> None:
        for state in ("initialising", "failed"):
            job.state = state
            with pytest.raises(Conflict):
                ask(job)

    def test_ten_at_a_time(self, job: Job) -> None:
        for _ in range(10):
            ask(job)
        with pytest.raises(Conflict):
            ask(job)

    @pytest.mark.django_db(transaction=True)
    def test_asked_twice_at_once(self, at_once: Callable[..., list[Any]], sent: list[int]) -> None:
        job = make_job(items=2, size=2)
        found = at_once(*[lambda: ask(job, idempotency_key="k")] * 4)
        assert len({export.pk for export in found}) == 1
        assert sent == [found[0].pk]

    @pytest.mark.parametrize(
        ("name", "file_name"),
        [
            ("cats", "cats.manifest"),
            ("猫_1-a", "猫_1-a.manifest"),
            ("../../etc/passwd", "etc_passwd.manifest"),
            ('a"; filename="x.html\r\nX: y', "a_filename_x_html_X_y.manifest"),
            ("...", "export.manifest"),
            ("猫" * 100, "猫" * 66 + ".manifest"),
        ],
    )
    def test_the_name_of_the_file(self, name: str, file_name: str) -> None:
        assert Export(job=Job(name=name)).file_name == file_name


class TestBuilding:
    def test_delivered_twice(self, job: Job) -> None:
        export = ask(job)
        services.build_export(export_id=export.pk)
        first = text_of(export)
        services.build_export(export_id=export.pk)
        assert text_of(export) == first
        services.build_export(export_id=export.pk + 1)

    @pytest.mark.django_db(transaction=True)
    def test_two_workers_at_once(self, at_once: Callable[..., list[Any]]) -> None:
        job = make_job(items=10, size=5)
        label_all(job)
        export = ask(job)
        found = at_once(*[lambda: services.build_export(export_id=export.pk)] * 3)
        assert found == [None] * 3
        assert text_of(export).count(b"\n") == 10

    def test_progress(self, job: Job, small_shards: None, monkeypatch: pytest.MonkeyPatch) -> None:
        export = ask(job)
        seen: list[tuple[int, int, str]] = []
        beat = build.Tenure._beat

        def watched(self: build.Tenure, *, done: int) -> None:
            beat(self, done=done)
            seen.append(Export.objects.values_list("done", "total", "state").get(pk=export.pk))

        monkeypatch.setattr(build.Tenure, "_beat", watched)
        services.build_export(export_id=export.pk)
        assert [done for done, _total, _state in seen] == [0, 3, 6, 9, 10]
        assert {(total, state) for _done, total, state in seen} == {(10, "running")}

    def test_shards_join_to_the_same_bytes(self, job: Job, small_shards: None) -> None:
        export = ask(job)
        services.build_export(export_id=export.pk)
        other = ask(job)
        services.build_export(export_id=other.pk)
        assert text_of(export) == text_of(other)

    def test_a_shard_ends_in_time(self, job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
        """However slow the items are, a transaction ends after a few seconds and the next goes on."""
        monkeypatch.setattr("exports.selectors.SHARD_SECONDS", -1.0)
        export = ask(job)
        services.build_export(export_id=export.pk)
        assert text_of(export).count(b"\n") == 10

    def test_a_slice_is_handed_on(
        self,
        job: Job,
        small_shards: None,
        sent: list[int],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """A long export is cut into deliveries; each writes its own segment."""
        monkeypatch.setattr(build, "SLICE", -1.0)
        export = ask(job)
        deliveries = 0
        while Export.objects.filter(pk=export.pk, state__in=("queued", "running")).exists():
            services.build_export(export_id=export.pk)
            deliveries += 1
        assert deliveries == 5
        assert sent == [export.pk] * 4
        whole = ask(job)
        monkeypatch.setattr(build, "SLICE", 600.0)
        services.build_export(export_id=whole.pk)
        assert text_of(export) == text_of(whole)


class TestKilled:
    @pytest.mark.parametrize("shards", [0, 1, 2, 4])
    def test_the_next_worker_goes_on(self, job: Job, small_shards: None, shards: int) -> None:
        whole = ask(job)
        services.build_export(export_id=whole.pk)
        export = ask(job)
        killed(export, shards)
        services.build_export(export_id=export.pk)
        export.refresh_from_db()
        assert export.state == "running", "its heart may still beat"
        grow_old(export)
        services.build_export(export_id=export.pk)
        assert text_of(export) == text_of(whole)

    def test_bytes_beyond_the_record_do_not_count(self, job: Job, small_shards: None) -> None:
        """A lost worker that still writes is in nobody's way."""
        whole = ask(job)
        services.build_export(export_id=whole.pk)
        export = ask(job)
        killed(export, 2)
        export.refresh_from_db()
        (segment,) = export.work["segments"]
        with (folder(export) / segment["file"]).open("ab") as file:
            file.write(b"garbage")
        grow_old(export)
        services.build_export(export_id=export.pk)
        assert text_of(export) == text_of(whole)

    def test_lost_files_begin_anew(self, job: Job, small_shards: None) -> None:
        export = ask(job)
        killed(export, 2)
        for path in folder(export).iterdir():
            path.unlink()
        grow_old(export)
        services.build_export(export_id=export.pk)
        assert text_of(export).count(b"\n") == 10

    def test_a_worker_that_comes_back_changes_nothing(
        self, job: Job, small_shards: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Stopped for minutes, its export taken and finished by another: it goes, and leaves no file."""
        export = ask(job)
        beat = build.Tenure._beat
        beats = 0

        def stopped(self: build.Tenure, *, done: int) -> None:
            nonlocal beats
            beats += 1
            if beats == 3:
                monkeypatch.setattr(build.Tenure, "_beat", beat)
                grow_old(export)
                services.build_export(export_id=export.pk)
            beat(self, done=done)

        monkeypatch.setattr(build.Tenure, "_beat", stopped)
        services.build_export(export_id=export.pk)
        assert text_of(export).count(b"\n") == 10

    def test_what_kills_its_workers_is_given_up(self, job: Job) -> None:
        export = ask(job)
        for _ in range(build.MAX_ATTEMPTS):
            killed(export, 0)
            grow_old(export)
        services.build_export(export_id=export.pk)
        export.refresh_from_db()
        assert export.state == "failed"
        assert export.error
        assert list(folder(export).iterdir()) == []

    def test_the_sweeper_wakes_a_worker(self, job: Job, sent: list[int]) -> None:
        fresh, lost, silent, alive = ask(job), ask(job), ask(job), ask(job)
        old = now() - timedelta(minutes=5)
        Export.objects.filter(pk=lost.pk).update(created_at=old)
        Export.objects.filter(pk=silent.pk).update(state="running", heartbeat_at=old)
        Export.objects.filter(pk=alive.pk).update(state="running", heartbeat_at=now())
        assert sorted(services.requeue_stuck()) == [lost.pk, silent.pk] == sorted(sent)
        assert services.requeue_stuck() == [silent.pk], (
            "what is queued is not announced every minute"
        )
        tasks.requeue_stuck_exports()
        tasks.build_export(lost.pk)
        text_of(lost)
        fresh.refresh_from_db()
        assert fresh.state == "queued"


class TestEnding:
    def test_cancelled_while_queued(self, job: Job) -> None:
        export = ask(job)
        services.cancel_export(export=export, user=job.created_by)
        services.build_export(export_id=export.pk)
        export.refresh_from_db()
        assert (export.state, export.file) == ("cancelled", "")
        with pytest.raises(Conflict):
            services.cancel_export(export=export, user=job.created_by)

    def test_cancelled_while_it_runs(
        self, job: Job, small_shards: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        export = ask(job)
        beat = build.Tenure._beat

        def cancelling(self: build.Tenure, *, done: int) -> None:
            if done == 6:
                services.cancel_export(export=Export.objects.get(pk=export.pk), user=job.created_by)
            beat(self, done=done)

        monkeypatch.setattr(build.Tenure, "_beat", cancelling)
        services.build_export(export_id=export.pk)
        export.refresh_from_db()
        assert export.state == "cancelled"
        assert list(folder(export).iterdir()) == []

    def test_finished_while_it_is_called_off(self, job: Job) -> None:
        export = ask(job)
        stale = Export.objects.get(pk=export.pk)
        services.build_export(export_id=export.pk)
        with pytest.raises(IllegalTransition):
            services.cancel_export(export=stale, user=job.created_by)
        text_of(export)

    def test_a_full_disk_is_told(self, job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
        def full(descriptor: int) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr("exports.services.build.os.fsync", full)
        export = ask(job)
        with pytest.raises(OSError, match="No space"):
            services.build_export(export_id=export.pk)
        export.refresh_from_db()
        assert export.state == "failed"
        assert "No space left on device" in export.error
        assert list(folder(export).iterdir()) == []

    def test_a_fault_of_ours_tells_no_secrets(
        self, job: Job, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*args: Any) -> bytes:
            raise ValueError("postgres://itag:password@host")

        monkeypatch.setattr("exports.formats.ManifestWriter.line", broken)
        export = ask(job)
        with pytest.raises(ValueError, match="postgres"):
            services.build_export(export_id=export.pk)
        export.refresh_from_db()
        assert export.state == "failed"
        assert "password" not in export.error
        assert "ValueError" in export.error

    def test_a_database_that_is_away_is_waited_for(
        self, job: Job, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def away(*args: Any) -> bytes:
            raise OperationalError("the connection is lost")

        export = ask(job)
        with monkeypatch.context() as patch:
            patch.setattr("exports.formats.ManifestWriter.line", away)
            with pytest.raises(OperationalError):
                services.build_export(export_id=export.pk)
        export.refresh_from_db()
        assert export.state == "running"
        grow_old(export)
        services.build_export(export_id=export.pk)
        text_of(export)


def test_memory_stays_flat() -> None:
    """Heavy answers are fetched a few at a time: memory follows the fetch, not the job."""
    job = make_job(items=[{"source": "x" * 100_000} for _ in range(400)], size=200)
    export = ask(job)
    tracemalloc.start()
    services.build_export(export_id=export.pk)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(text_of(export)) > 40_000_000
    assert peak < 25_000_000


@pytest.mark.worker
@pytest.mark.django_db(transaction=True)
def test_a_real_worker_builds_it(celery_worker_process: Any) -> None:
    from tests.conftest import wait_for

    job = make_job(items=10, size=5)
    label_all(job)
    export = ask(job)
    wait_for(lambda: Export.objects.filter(pk=export.pk, state="succeeded").exists())
    # It is ready before its shards are swept away.
    wait_for(lambda: not list(folder(export).glob(f"{export.pk}-*.cut")))
    assert text_of(export).count(b"\n") == 10


def test_queries_do_not_grow_with_items() -> None:
    """One shard costs the same for ten items and for a hundred."""
    counts = []
    for items in (1, 10, 100):
        job = make_job(items=items, size=100)
        label_all(job)
        export = ask(job)
        with CaptureQueriesContext(connection) as captured:
            services.build_export(export_id=export.pk)
        counts.append(len(captured))
    # Three of them tell the person that it is ready.
    assert counts[1] == counts[2] <= 13
