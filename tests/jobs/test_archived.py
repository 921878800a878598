"""What lies in an archive or was deleted rests: nothing in it moves, whichever way it is reached."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User, Workspace
from accounts.services.workspaces import archive_workspace
from itag.core.clock import now
from itag.core.errors import Conflict, Invalid
from itag.core.policy import can
from jobs.models import Job, Lot, Package
from jobs.services import deliveries, lifecycle
from jobs.services.claim import claim_next, claim_package
from jobs.services.lots import requeue_stuck_lots, work_on_lot
from jobs.services.lots_close import close_lot
from jobs.services.talk import ask_question
from tests.factories import make_job, member
from tests.jobs.flow import label
from tests.jobs.test_lots import drawn, judge

pytestmark = pytest.mark.django_db

Api = Callable[[User | None], APIClient]


@pytest.fixture
def space(admin_user: User) -> Workspace:
    space = Workspace.objects.create(name="Elsewhere")
    member(space, username="anna", role="admin")
    return space


@pytest.fixture
def anna(space: Workspace) -> User:
    return User.objects.get(username="anna")


@pytest.fixture
def worker(space: Workspace) -> User:
    return member(space, username="wim")


@pytest.fixture
def job(space: Workspace, anna: User, worker: User) -> Job:
    return make_job(items=4, size=2, workspace=space, labelers=[worker], managers=[anna])


def test_a_deleted_job_is_not_restored_into_an_archived_workspace(
    job: Job, space: Workspace, anna: User
) -> None:
    lifecycle.delete_job(job=job, user=anna, typed_name=job.name)
    archive_workspace(workspace=space, actor=anna)
    with pytest.raises(Conflict) as error:
        lifecycle.restore_job(job=job, user=anna)
    assert error.value.code == "workspace_archived"


def test_nobody_claims_in_an_archived_workspace(
    job: Job, space: Workspace, anna: User, worker: User
) -> None:
    # Its packages were still being cut when the workspace was archived.
    Job.objects.filter(pk=job.pk).update(state="initialising")
    archive_workspace(workspace=space, actor=anna)
    Job.objects.filter(pk=job.pk).update(state="running")
    job = Job.objects.select_related("workspace").get(pk=job.pk)
    assert claim_package(job=job, user=worker, stage="labeling").assignment is None
    assert claim_next(user=worker).assignment is None


def test_nothing_is_written_in_an_archived_workspace(
    api: Api, job: Job, space: Workspace, anna: User, worker: User
) -> None:
    thread = ask_question(job=job, user=worker, text="cats too?")
    archive_workspace(workspace=space, actor=anna)
    job.workspace.refresh_from_db()
    thread.refresh_from_db()
    for rule, thing in (
        ("guides.edit", job),
        ("threads.ask", job),
        ("threads.write", thread),
        ("threads.publish", thread),
        ("webhooks.of_job", job),
    ):
        assert not can(anna, rule, thing), rule
    assert can(anna, "threads.view", thread)
    assert can(worker, "guides.view", job)
    answer = api(anna).put(f"/api/v1/jobs/{job.pk}/guide", {"markdown": "x"}, format="json")
    assert answer.status_code == 403


@pytest.mark.parametrize("column", ["deleted_at", "archived_at"])
def test_a_lot_rests_with_its_job(
    workspace: Workspace, labeler: User, accepter: User, column: str
) -> None:
    job = make_job(
        items=4, size=2, workflow="labeling,acceptance", workspace=workspace, labelers=[labeler],
        accepters=[accepter],
    )  # fmt: skip
    label(job, labeler)
    label(job, labeler)
    lot = drawn(job, accepter, method="count", amount=1)
    judge(lot)
    close_lot(lot=lot, user=accepter, decision="accept", confirm=2)
    Job.objects.filter(pk=job.pk).update(**{column: now()})
    work_on_lot(lot_id=lot.pk)
    assert not Package.objects.filter(state="finished").exists()
    Lot.objects.update(heartbeat_at="2026-01-01T00:00Z")
    assert requeue_stuck_lots() == 0
    Job.objects.filter(pk=job.pk).update(**{column: None})
    work_on_lot(lot_id=lot.pk)
    assert Package.objects.filter(state="finished").count() == 2


# --- webhooks --------------------------------------------------------------------------------------------------------

FIELDS: dict[str, Any] = {
    "name": "x", "kind": "webhook", "url": "https://example.org/", "events": ["job_late"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "a\0b"),
        ("url", "https://example.org/\ud800"),
        ("url", "https://example.org/" + "x" * 2000),
        ("secret", "\ud800"),
        ("events", [{}]),
        ("events", [["job_late"]]),
    ],
)
def test_what_a_webhook_cannot_be_is_named(
    job: Job, space: Workspace, anna: User, field: str, value: Any
) -> None:
    with pytest.raises(Invalid) as error:
        deliveries.save_webhook(user=anna, workspace=space, **{**FIELDS, field: value})
    assert [entry["field"] for entry in error.value.errors] == [field]


def test_only_administrators_webhooks_reach_allowed_networks(
    job: Job, space: Workspace, anna: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted = []

    def post(_url: str, **fields: Any) -> deliveries.outbound.Answer:
        trusted.append(fields["trusted"])
        return deliveries.outbound.Answer(200, b"")

    monkeypatch.setattr(deliveries.outbound, "post", post)
    for of in (None, job):
        hook = deliveries.save_webhook(user=anna, workspace=space, job=of, **FIELDS)
        deliveries.test_webhook(webhook=hook, user=anna)
        assert deliveries.send_due() == 1
    assert trusted == [True, False]
