"""What was deleted 30 days ago goes for good, with all that hangs on it and nothing else."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.db import connection, models
from django.utils import timezone

from accounts.models import User, Workspace
from datasets.models import Dataset, Item
from datasets.services.imports import delete_dataset
from datasets.services.purge import purge_datasets
from exports.services import build_export, request_export
from itag.core import purge as core
from itag.core.purge import plan_purge
from jobs.models import Annotation, Job, JobUserPermission, Package, PackageEvent
from jobs.services import purge as service
from jobs.services.lifecycle import delete_job
from jobs.services.purge import purge_jobs
from jobs.services.release import skip_assignment
from tests.factories import make_job
from tests.jobs.flow import claim, inspect_all, label

pytestmark = pytest.mark.django_db


@pytest.fixture
def jobs(workspace: Workspace, labeler: User, checker: User) -> list[Job]:
    """Two jobs in the middle of their work, with rejections, versions and an export."""
    found = []
    for _ in range(2):
        job = make_job(
            items=6,
            size=2,
            workspace=workspace,
            workflow="labeling,check",
            labelers=[labeler],
            checkers=[checker],
            managers=[checker],
        )
        label(job, labeler)
        inspect_all(job, checker, "check", 1)
        label(job, labeler)
        inspect_all(job, checker, "check")
        skip_assignment(assignment_id=claim(job, labeler).pk, user=labeler, reason="no_time")
        export = request_export(
            job=job, user=checker, format="manifest", scope="all", idempotency_key=f"k{job.pk}"
        )
        build_export(export_id=export.pk)
        found.append(job)
    return found


def in_30_days() -> Any:
    return time_machine.travel(timezone.now() + timedelta(days=30, minutes=1), tick=False)


def files() -> list[Path]:
    return [path for path in Path(settings.EXPORTS_ROOT).rglob("*") if path.is_file()]


def test_a_deleted_job_goes_in_runs_and_leaves_nothing(
    jobs: list[Job], checker: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(core, "RUN", 3)
    gone, kept = jobs
    rows = {model: model._base_manager.count() for model in plan_purge(Job).order}
    assert len(files()) == 2
    delete_job(job=gone, user=checker, typed_name=gone.name)
    assert purge_jobs() == 0
    with in_30_days():
        monkeypatch.setattr(service, "RUNS", 5)
        assert purge_jobs() == 0
        assert Job.objects.filter(pk=gone.pk).exists()
        monkeypatch.setattr(service, "RUNS", 200)
        assert purge_jobs() == 1
        assert purge_jobs() == 0
    connection.check_constraints()
    assert list(Job.objects.values_list("pk", flat=True)) == [kept.pk]
    assert not JobUserPermission.objects.filter(content_object_id=gone.pk).exists()
    left = {model: model._base_manager.count() for model in rows}
    # Both jobs had the same, but for what was written at the deletion.
    assert all(left[model] == rows[model] // 2 for model in rows)
    assert all(left[model] for model in (Annotation, PackageEvent, Package))
    assert len(files()) == 1
    assert Item.objects.count() == 12, "its dataset stays"


def test_deleted_datasets_go_once_no_job_uses_them(jobs: list[Job], checker: User) -> None:
    first, second = (job.dataset for job in jobs)
    Dataset.objects.filter(pk=first.pk).update(deleted_at=timezone.now())
    delete_job(job=jobs[0], user=checker, typed_name=jobs[0].name)
    with in_30_days():
        assert purge_datasets() == 0, "a job still uses it"
        purge_jobs()
        assert purge_datasets() == 1
    assert list(Dataset.objects.values_list("pk", flat=True)) == [second.pk]
    assert Item.objects.count() == 6
    with pytest.raises(Exception, match="uses this dataset"):
        delete_dataset(dataset=second, user=checker)


def test_every_model_that_hangs_on_a_job_is_found() -> None:
    order = plan_purge(Job).order
    assert order[-1] is Job
    for model in order:
        for field in model._meta.concrete_fields:
            if isinstance(field, models.ForeignKey) and field.related_model in order:
                later = order.index(field.related_model) >= order.index(model)
                assert later or field.name == "current_annotation", field
