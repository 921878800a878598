"""Notices and webhooks on the pages and in the API: what is read, chosen, set up, sent again."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User, Workspace
from jobs.models import Delivery, Job, NoticeEvent, Notification, Webhook
from jobs.services import deliveries, notices
from tests.factories import make_job
from tests.jobs.flow import claim, inspect_all, label
from tests.receiver import Receiver

pytestmark = pytest.mark.django_db
Event = NoticeEvent


@pytest.fixture
def job(workspace: Workspace, labeler: User, checker: User, admin_user: User) -> Job:
    return make_job(
        items=2, size=2, workflow="labeling,check", workspace=workspace, name="cats",
        labelers=[labeler], checkers=[checker], managers=[admin_user],
    )  # fmt: skip


def test_a_returned_package_rings_the_bell(
    job: Job, labeler: User, checker: User, client: Any
) -> None:
    label(job, labeler)
    inspect_all(job, checker, "check", 1)
    client.force_login(labeler)
    assert b"1" in client.get(reverse("notices-bell")).content
    page = client.get(reverse("notices")).content.decode()
    assert "Package 1 of cats came back to you." in page
    one = Notification.objects.get(user=labeler)
    opened = client.post(reverse("notices"), {"read": one.pk})
    assert opened.url == reverse("home")
    assert b"badge" not in client.get(reverse("notices-bell")).content


def test_a_finished_job_is_told_to_its_administrators(
    job: Job, labeler: User, checker: User, admin_user: User, api: Any
) -> None:
    label(job, labeler)
    inspect_all(job, checker, "check")
    found = api(admin_user).get("/api/v1/notices?unread=1").json()["results"]
    assert [(row["event"], row["text"]) for row in found] == [("job_finished", "cats is finished.")]
    assert api(labeler).get("/api/v1/notices").json()["results"] == []
    assert api(admin_user).post("/api/v1/notices/read", {}, format="json").json() == {
        "read": 1,
        "unread": 0,
    }


def test_a_job_that_is_seen_no_more_is_not_named(job: Job, labeler: User, api: Any) -> None:
    notices.tell(event=Event.GUIDE_CHANGED, users=[labeler], job=job, key=1)
    client = api(labeler)
    assert client.get("/api/v1/notices").json()["results"][0]["job"]["name"] == "cats"
    from jobs.models import JobUserPermission

    JobUserPermission.objects.filter(user=labeler).delete()
    (row,) = client.get("/api/v1/notices").json()["results"]
    assert (row["job"], row["url"]) == (None, "")
    assert "cats" not in row["text"]


def test_mail_is_chosen_event_by_event(labeler: User, client: Any, api: Any) -> None:
    client.force_login(labeler)
    client.post(reverse("notices"), {"mail": ["job_late", "nothing"]})
    assert api(labeler).get("/api/v1/notices/preferences").json() == {"mail": ["job_late"]}
    wrong = api(labeler).put("/api/v1/notices/preferences", {"mail": ["x"]}, format="json")
    assert wrong.status_code == 400


def test_a_list_costs_the_same_for_few_and_for_many(job: Job, labeler: User, api: Any) -> None:
    client = api(labeler)

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/api/v1/notices").status_code == 200
        return len(captured)

    notices.tell(event=Event.JOB_LATE, users=[labeler], job=job, key=0)
    client.get("/api/v1/me")
    few = cost()
    for number in range(1, 30):
        notices.tell(event=Event.JOB_LATE, users=[labeler], job=job, key=number)
    assert cost() == few


def test_a_webhook_is_set_up_tested_and_sent_again(
    workspace: Workspace, admin_user: User, client: Any, receiver: Receiver, settings: Any
) -> None:
    settings.ITAG_ALLOW_NETWORKS = ["127.0.0.1"]
    client.force_login(admin_user)
    fields = {
        "name": "ours",
        "kind": "webhook",
        "url": "ftp://x",
        "secret": "s",
        "events": ["job_late"],
    }
    refused = client.post(reverse("webhooks"), fields)
    assert refused.status_code == 422
    assert b"must begin with https" in refused.content
    assert b'value="ours"' in refused.content
    made = client.post(reverse("webhooks"), {**fields, "url": receiver.url})
    hook = Webhook.objects.get()
    assert made.url == reverse("webhook", args=[hook.pk])
    client.post(made.url, {"do": "test"})
    deliveries.send_due()
    page = client.get(made.url).content.decode()
    assert "Delivered" in page
    assert receiver.url not in page
    client.post(made.url, {"do": "again", "delivery": Delivery.objects.get().pk})
    deliveries.send_due()
    assert len(receiver.got) == 2
    settings.ITAG_ALLOW_NETWORKS = []
    client.post(made.url, {"do": "test"})
    deliveries.send_due()
    assert "allows it with ITAG_ALLOW_NETWORKS" in client.get(made.url).content.decode()
    # Address and key left empty stay.
    client.post(
        made.url, {"do": "save", "name": "new", "kind": "webhook", "events": ["job_finished"]}
    )
    hook.refresh_from_db()
    assert (hook.name, hook.url, hook.secret, hook.active) == ("new", receiver.url, "s", False)
    client.post(made.url, {"do": "delete"})
    assert not Webhook.objects.exists()


def test_the_api_never_tells_address_or_key(
    job: Job, admin_user: User, labeler: User, api: Any
) -> None:
    body = {
        "job": job.pk, "name": "x", "kind": "feishu", "url": "https://example.org/hook/t0ken",
        "secret": "s3cret", "events": ["job_late"],
    }  # fmt: skip
    made = api(admin_user).post("/api/v1/webhooks", body, format="json")
    assert made.status_code == 201
    assert (made.json()["host"], made.json()["signed"]) == ("https://example.org", True)
    for text in (made.content, api(admin_user).get("/api/v1/webhooks").content):
        assert b"t0ken" not in text
        assert b"s3cret" not in text
    url = f"/api/v1/webhooks/{made.json()['id']}"
    assert api(labeler).get(url).status_code == 404
    wrong = api(admin_user).patch(url, {"url": "file:///etc/passwd"}, format="json")
    assert [e["field"] for e in wrong.json()["errors"]] == ["url"]
    assert api(admin_user).patch(url, {"active": False}, format="json").json()["active"] is False
    assert api(admin_user).delete(url).status_code == 204


def test_another_hooks_delivery_is_not_sent_again(
    job: Job, admin_user: User, stranger: User, client: Any
) -> None:
    fields = {"name": "x", "kind": "webhook", "url": "https://example.org/", "events": ["job_late"]}
    mine = deliveries.save_webhook(user=admin_user, workspace=job.workspace, **fields)
    other = deliveries.save_webhook(user=stranger, workspace=make_job(items=1).workspace, **fields)
    theirs = Delivery.objects.create(webhook=other, event="job_late", key="1", state="failed")
    client.force_login(admin_user)
    answer = client.post(reverse("webhook", args=[mine.pk]), {"do": "again", "delivery": theirs.pk})
    assert answer.status_code == 404
    theirs.refresh_from_db()
    assert theirs.state == "failed"


def test_a_claim_that_ends_soon_is_told_once(job: Job, labeler: User) -> None:
    from datetime import timedelta

    from django.utils import timezone

    from jobs.models import Assignment
    from jobs.services.release import warn_claims

    held = claim(job, labeler)
    Assignment.objects.filter(pk=held.pk).update(last_input_at=timezone.now() - timedelta(hours=13))
    warn_claims()
    warn_claims()
    assert [row.event for row in Notification.objects.filter(user=labeler)] == ["claim_expiring"]
