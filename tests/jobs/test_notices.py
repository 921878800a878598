"""Telling people and machines: once, in the transaction that did it; signed, tried again, on record."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core import mail
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User, Workspace
from itag.core.errors import Conflict, Invalid
from itag.core.sealing import SealBroken, seal, unseal
from jobs.models import Delivery, Job, NoticeEvent, Notification, Webhook
from jobs.selectors.notice_texts import SENTENCES, sentence
from jobs.services import deliveries, notices
from tests.factories import make_job
from tests.receiver import Receiver

pytestmark = pytest.mark.django_db
Event = NoticeEvent


@pytest.fixture
def job(workspace: Workspace, admin_user: User) -> Job:
    return make_job(items=2, size=2, workspace=workspace, name="cats")


@pytest.fixture
def hook(job: Job, admin_user: User, receiver: Receiver, settings: Any) -> Webhook:
    settings.ITAG_ALLOW_NETWORKS = ["127.0.0.1"]
    return deliveries.save_webhook(
        user=admin_user,
        workspace=job.workspace,
        name="receiver",
        kind="webhook",
        url=receiver.url,
        secret="s3cret",
        events=["job_finished"],
    )


def finish(job: Job, key: str = "1") -> Delivery:
    notices.tell(event=Event.JOB_FINISHED, job=job, key=key)
    return Delivery.objects.latest("pk")


# --- people ----------------------------------------------------------------------------------------------------------


def test_each_is_told_once(job: Job, labeler: User, checker: User) -> None:
    for _time in range(2):
        notices.tell(
            event=Event.PACKAGE_RETURNED,
            users=[labeler, checker, labeler.pk],
            job=job,
            package=job.packages.get(),
            key=7,
        )
    assert Notification.objects.count() == 2
    row = Notification.objects.visible_to(labeler).get()
    assert (row.package_number, row.mail) == (1, "none")
    assert not Notification.objects.visible_to(job.created_by).exists()


def test_who_is_deactivated_is_not_told(job: Job, labeler: User) -> None:
    User.objects.filter(pk=labeler.pk).update(is_active=False)
    notices.tell(event=Event.JOB_FINISHED, users=[labeler], job=job, key=1)
    assert not Notification.objects.exists()


def test_what_is_rolled_back_was_never_told(job: Job, labeler: User, hook: Webhook) -> None:
    with transaction.atomic():
        notices.tell(event=Event.JOB_FINISHED, users=[labeler], job=job, key=1)
        transaction.set_rollback(True)
    assert not Notification.objects.exists()
    assert not Delivery.objects.exists()


def test_a_mail_to_those_who_want_it(job: Job, labeler: User, checker: User) -> None:
    User.objects.filter(pk=labeler.pk).update(
        email="lars@example.org", notices={"job_finished": ["app", "email"]}, language="zh-hans"
    )
    User.objects.filter(pk=checker.pk).update(email="chen@example.org")
    notices.tell(event=Event.JOB_FINISHED, users=[labeler, checker], job=job, key=1)
    assert notices.send_mails() == 1
    assert notices.send_mails() == 0
    (message,) = mail.outbox
    assert message.to == ["lars@example.org"]
    assert "cats" in message.subject
    assert Notification.objects.get(user=labeler).mail == "sent"


def test_a_server_that_refuses_is_asked_again_and_given_up(
    job: Job, labeler: User, settings: Any
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    User.objects.filter(pk=labeler.pk).update(
        email="l@example.org", notices={"job_late": ["email"]}
    )
    notices.tell(event=Event.JOB_LATE, users=[labeler], job=job, key=1)
    for _time in range(notices.MAIL_TRIES):
        assert Notification.objects.get().mail == "queued"
        assert notices.send_mails() == 0
    assert Notification.objects.get().mail == "failed"


def test_read_by_its_reader_only(job: Job, labeler: User, checker: User) -> None:
    notices.tell(event=Event.JOB_FINISHED, users=[labeler, checker], job=job, key=1)
    theirs = Notification.objects.get(user=checker)
    assert notices.mark_read(user=labeler, ids=[theirs.pk]) == 0
    assert notices.mark_read(user=labeler) == 1
    assert notices.mark_read(user=labeler) == 0
    assert [row.user for row in Notification.objects.unread()] == [checker]


def test_every_event_has_its_sentence() -> None:
    assert set(SENTENCES) == set(Event)
    for event in Event:
        text = sentence(event, job="cats", package=3, data={"count": 2})
        assert "cats" in text
        assert "%" not in text


# --- machines --------------------------------------------------------------------------------------------------------


def test_signed_and_delivered(job: Job, hook: Webhook, receiver: Receiver) -> None:
    delivery = finish(job)
    assert deliveries.send_due() == 1
    delivery.refresh_from_db()
    assert (delivery.state, delivery.status, delivery.attempts) == ("succeeded", 200, 1)
    ((_path, headers, body),) = receiver.got
    signed = hmac.new(b"s3cret", headers["X-Itag-Timestamp"].encode() + b"." + body, hashlib.sha256)
    assert headers["X-Itag-Signature"] == f"sha256={signed.hexdigest()}"
    assert (headers["X-Itag-Event"], headers["X-Itag-Delivery"]) == (
        "job_finished",
        str(delivery.pk),
    )
    told = json.loads(body)
    assert told["job"] == {"id": job.pk, "task_id": str(job.task_id), "name": "cats"}
    assert told["text"] == "cats is finished."
    assert deliveries.send_due() == 0


def test_other_events_other_jobs_other_workspaces(
    job: Job, hook: Webhook, admin_user: User, stranger: User
) -> None:
    notices.tell(event=Event.JOB_LATE, job=job, key=1)
    notices.tell(event=Event.JOB_FINISHED, job=make_job(items=1), key=1)
    assert not Delivery.objects.exists()
    hook.job = make_job(items=1, workspace=job.workspace)
    hook.save()
    notices.tell(event=Event.JOB_FINISHED, job=job, key=1)
    assert not Delivery.objects.exists()


def test_tried_again_with_growing_pauses_and_given_up(
    job: Job, hook: Webhook, receiver: Receiver
) -> None:
    receiver.status, receiver.body = 500, b"<script>their secret</script>"
    delivery = finish(job)
    pauses = []
    for _time in range(len(deliveries.PAUSES) + 1):
        assert deliveries.send_due() == 0
        delivery.refresh_from_db()
        pauses.append(delivery.next_at - timezone.now())
        # Not due yet: nothing is sent.
        assert deliveries.send_due() == 0
        Delivery.objects.filter(pk=delivery.pk).update(next_at=timezone.now())
    assert pauses[:-1] == sorted(pauses[:-1])
    assert (delivery.state, delivery.error, delivery.status) == ("failed", "HTTP 500", 500)
    assert len(receiver.got) == len(deliveries.PAUSES) + 1
    receiver.status = 200
    deliveries.redeliver(delivery=delivery)
    assert deliveries.send_due() == 1


def test_on_its_way_is_not_sent_twice(job: Job, hook: Webhook) -> None:
    with pytest.raises(Conflict):
        deliveries.redeliver(delivery=finish(job))


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_it_once(
    job: Job, hook: Webhook, receiver: Receiver, at_once: Any
) -> None:
    for number in range(6):
        finish(job, key=str(number))
    assert sum(at_once(deliveries.send_due, deliveries.send_due)) == 6
    sent = [headers["X-Itag-Delivery"] for _path, headers, _body in receiver.got]
    assert len(sent) == len(set(sent)) == 6


def test_a_worker_that_died_costs_its_lease(
    job: Job, hook: Webhook, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish(job)
    with monkeypatch.context() as patch:
        patch.setattr(deliveries, "_attempt", lambda _delivery: 0)
        deliveries.send_due()
    assert deliveries.send_due() == 0
    Delivery.objects.update(next_at=timezone.now() - timedelta(seconds=1))
    assert deliveries.send_due() == 1


def test_a_private_address_is_refused_at_each_attempt(
    job: Job, hook: Webhook, receiver: Receiver, settings: Any
) -> None:
    settings.ITAG_ALLOW_NETWORKS = []
    delivery = finish(job)
    deliveries.send_due()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.error) == ("queued", "forbidden")
    assert receiver.got == []


@pytest.mark.parametrize(
    ("kind", "refusal"),
    [
        ("dingtalk", {"errcode": 310000}),
        ("wecom", {"errcode": 93000}),
        ("feishu", {"code": 19021}),
    ],
)
def test_robots(
    kind: str,
    refusal: dict[str, int],
    job: Job,
    hook: Webhook,
    receiver: Receiver,
    admin_user: User,
) -> None:
    deliveries.save_webhook(
        user=admin_user, workspace=job.workspace, webhook=hook, kind=kind, url=f"{receiver.url}?access_token=t"
    )  # fmt: skip
    receiver.body = json.dumps(refusal).encode()
    delivery = finish(job)
    deliveries.send_due()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.error) == ("queued", " ".join(map(str, *refusal.items())))
    receiver.body = json.dumps(dict.fromkeys(refusal, 0)).encode()
    Delivery.objects.update(next_at=timezone.now())
    assert deliveries.send_due() == 1
    path, _headers, body = receiver.got[-1]
    message, query = json.loads(body), parse_qs(urlsplit(path).query)
    assert query["access_token"] == ["t"]
    if kind == "feishu":
        text = message["content"]["text"]
        key = f"{message['timestamp']}\ns3cret".encode()
        assert message["sign"] == _digest(key, b"")
    else:
        text = message["text"]["content"]
    if kind == "dingtalk":
        (stamp,) = query["timestamp"]
        assert query["sign"] == [_digest(b"s3cret", f"{stamp}\ns3cret".encode())]
    assert text.startswith("itag: cats is finished.")


def _digest(key: bytes, message: bytes) -> str:
    return base64.b64encode(hmac.new(key, message, hashlib.sha256).digest()).decode()


def test_addresses_and_keys_are_sealed(hook: Webhook, receiver: Receiver) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(w)::text FROM jobs_webhook w")
        ((stored,),) = cursor.fetchall()
    assert receiver.url not in stored
    assert "s3cret" not in stored
    assert (Webhook.objects.get().url, Webhook.objects.get().secret) == (receiver.url, "s3cret")


def test_an_older_key_still_opens(settings: Any) -> None:
    old = settings.SECRET_KEY
    sealed = seal("secret")
    settings.SECRET_KEY = "another-key-that-nobody-guesses-0123456789"
    with pytest.raises(SealBroken):
        unseal(sealed)
    settings.SECRET_KEY_FALLBACKS = [old]
    assert unseal(sealed) == "secret"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("url", "file:///etc/passwd"), ("url", None), ("kind", "telegram"), ("events", []), ("events", ["nothing"]),
        ("name", " "), ("secret", "x" * 201),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(field: str, value: Any, job: Job, admin_user: User) -> None:
    fields = {"name": "x", "kind": "webhook", "url": "https://example.org/", "events": ["job_late"]}
    with pytest.raises(Invalid) as error:
        deliveries.save_webhook(
            user=admin_user, workspace=job.workspace, **{**fields, field: value}
        )
    assert [entry["field"] for entry in error.value.errors] == [field]
    assert not Webhook.objects.exists()


def test_old_rows_go(job: Job, hook: Webhook, labeler: User) -> None:
    notices.tell(event=Event.JOB_FINISHED, users=[labeler], job=job, key=1)
    long_ago = timezone.now() - timedelta(days=100)
    Notification.objects.update(created_at=long_ago)
    Delivery.objects.update(created_at=long_ago)
    deliveries.prune()
    assert not Notification.objects.exists()
    assert Delivery.objects.count() == 1
    deliveries.send_due()
    deliveries.prune()
    assert not Delivery.objects.exists()
