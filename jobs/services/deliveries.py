"""Bringing events to webhooks and group robots: signed, tried again with growing pauses, each attempt on record.

A delivery is taken by moving its next attempt into the future, so that no lock is held while the other side thinks,
a worker that dies costs one lease, and two workers never send the same one at once.
"""

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any
from urllib.parse import quote_plus

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User, Workspace
from itag.core import outbound
from itag.core.clock import now
from itag.core.errors import Conflict, Invalid
from itag.core.sealing import SealBroken
from itag.core.text import UNSTORABLE
from jobs import tasks
from jobs.models import Delivery, Job, NoticeEvent, Notification, Webhook

log = structlog.get_logger(__name__)

#: Pauses before the second, third … attempt; after the last one a delivery is given up.
PAUSES = tuple(timedelta(seconds=s) for s in (30, 120, 600, 3600, 6 * 3600, 24 * 3600))
#: How long a worker may be at one delivery before another takes it.
LEASE = timedelta(minutes=2)
TIMEOUT = 10
#: Deliveries sent by one call.
BATCH = 100
MAX_URL = 2000
KEPT = timedelta(days=30)
NOTICES_KEPT = timedelta(days=90)

State = Delivery.State
Kind = Webhook.Kind


def send_due() -> int:
    """Send what is due; how many were delivered."""
    delivered = 0
    for _number in range(BATCH):
        delivery = _take()
        if delivery is None:
            break
        delivered += _attempt(delivery)
    return delivered


@transaction.atomic
def _take() -> Delivery | None:
    delivery = (
        Delivery.objects.select_for_update(skip_locked=True, of=("self",), no_key=True)
        .select_related("webhook")
        .filter(state=State.QUEUED, next_at__lte=now())
        .order_by("next_at")
        .first()
    )
    if delivery is not None:
        delivery.attempts += 1
        delivery.next_at = now() + LEASE
        delivery.save(update_fields=["attempts", "next_at"])
    return delivery


def _attempt(delivery: Delivery) -> bool:
    hook = delivery.webhook
    if not hook.active:
        return _settle(delivery, State.FAILED, None, "inactive")
    try:
        url, body, headers = build_request(hook, delivery)
        # Those of one job are set up by its task administrators, who need administer nothing else.
        answer = outbound.post(
            url, body=body, headers=headers, timeout=TIMEOUT, trusted=hook.job_id is None
        )
    except SealBroken:
        return _settle(delivery, State.FAILED, None, "sealed")
    except outbound.OutboundError as exc:
        return _again(delivery, None, exc.code)
    if 200 <= answer.status < 300:
        code = robot_error(hook.kind, answer.body)
        if not code:
            return _settle(delivery, State.SUCCEEDED, answer.status, "")
        return _again(delivery, answer.status, code)
    return _again(delivery, answer.status, f"HTTP {answer.status}")


def _again(delivery: Delivery, status: int | None, error: str) -> bool:
    if delivery.attempts > len(PAUSES):
        return _settle(delivery, State.FAILED, status, error)
    Delivery.objects.filter(pk=delivery.pk, state=State.QUEUED).update(
        status=status, error=error, next_at=now() + PAUSES[delivery.attempts - 1]
    )
    log.info("delivery_failed", delivery=delivery.pk, attempt=delivery.attempts, error=error)
    return False


def _settle(delivery: Delivery, state: Delivery.State, status: int | None, error: str) -> bool:
    Delivery.objects.filter(pk=delivery.pk, state=State.QUEUED).update(
        state=state, status=status, error=error, finished_at=now()
    )
    return state == State.SUCCEEDED


def build_request(hook: Webhook, delivery: Delivery) -> tuple[str, bytes, dict[str, str]]:
    """Address, body and headers of one attempt.

    A webhook gets the payload as it is, `X-Itag-Event`, `X-Itag-Delivery`, `X-Itag-Timestamp` (seconds) and, with a
    secret, `X-Itag-Signature: sha256=<hex HMAC-SHA256 of "<timestamp>.<body>">`. Robots get a message in the shape of
    their own documentation (DingTalk custom robot, WeCom group robot, Feishu custom bot), signed as each asks.
    """
    moment = now().timestamp()
    seconds, millis = str(int(moment)), str(int(moment * 1000))
    url, secret = hook.url, hook.secret
    headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "itag"}
    content: dict[str, Any]
    if hook.kind == Kind.WEBHOOK:
        body = json.dumps(delivery.payload, ensure_ascii=False, separators=(",", ":")).encode()
        headers |= {
            "X-Itag-Event": delivery.event,
            "X-Itag-Delivery": str(delivery.pk),
            "X-Itag-Timestamp": seconds,
        }
        if secret:
            headers["X-Itag-Signature"] = f"sha256={sign(secret, seconds, body)}"
        return url, body, headers
    text = _message(delivery)
    if hook.kind == Kind.DINGTALK:
        content = {"msgtype": "text", "text": {"content": text}}
        if secret:
            signed = _digest(secret.encode(), f"{millis}\n{secret}".encode())
            # The sign holds + and /, which a query would take for something else.
            query = f"timestamp={millis}&sign={quote_plus(signed)}"
            url += ("&" if "?" in url else "?") + query
    elif hook.kind == Kind.WECOM:
        content = {"msgtype": "text", "text": {"content": text}}
    else:
        content = {"msg_type": "text", "content": {"text": text}}
        if secret:
            signed = _digest(f"{seconds}\n{secret}".encode(), b"")
            content = {"timestamp": seconds, "sign": signed, **content}
    return url, json.dumps(content, ensure_ascii=False).encode(), headers


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """The signature of a webhook's body, as its receiver computes it."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def robot_error(kind: str, body: bytes) -> str:
    """The robot's own error code where it answers 200 and yet refused; empty where it took the message."""
    if kind == Kind.WEBHOOK:
        return ""
    try:
        answer = json.loads(body)
    except ValueError:
        return "no JSON"
    name = "code" if kind == Kind.FEISHU else "errcode"
    code = answer.get(name, answer.get("StatusCode", 0)) if isinstance(answer, dict) else "?"
    return "" if code == 0 else f"{name} {code}"[:40]


def _message(delivery: Delivery) -> str:
    lines = [str(delivery.payload.get("text", "")), str(delivery.payload.get("url", ""))]
    return "\n".join(["itag: " + lines[0], *(line for line in lines[1:] if line)])


def _digest(key: bytes, message: bytes) -> str:
    return base64.b64encode(hmac.new(key, message, hashlib.sha256).digest()).decode()


# --- webhooks ---------------------------------------------------------------------------------------------------------


def save_webhook(
    *,
    user: User,
    workspace: Workspace,
    job: Job | None = None,
    webhook: Webhook | None = None,
    **fields: Any,
) -> Webhook:
    """Make a webhook, or change one; `url` and `secret` left out (or None) stay as they are.

    Fields: name, kind, url, secret, events, active. Raises Invalid naming every wrong field.
    """
    hook = webhook or Webhook(workspace=workspace, job=job, created_by=user)
    errors = []
    name = str(fields.get("name", hook.name)).strip()
    if not name or len(name) > 100 or UNSTORABLE.search(name):
        errors.append({"field": "name", "message": _("Enter a name of at most 100 characters.")})
    kind = fields.get("kind", hook.kind)
    if kind not in Kind.values:
        errors.append({"field": "kind", "message": _("Choose a kind of webhook.")})
    url = fields.get("url")
    if url is None and not hook.sealed_url:
        errors.append({"field": "url", "message": _("Enter the address.")})
    elif url is not None:
        try:
            outbound.check_url(str(url))
        except outbound.OutboundError as exc:
            errors.append({"field": "url", "message": exc.message})
        else:
            if len(str(url)) > MAX_URL or UNSTORABLE.search(str(url)):
                errors.append(
                    {"field": "url", "message": outbound.OutboundError("address").message}
                )
    secret = fields.get("secret")
    if secret is not None and (len(str(secret)) > 200 or UNSTORABLE.search(str(secret))):
        errors.append({"field": "secret", "message": _("A key has at most 200 characters.")})
    events = fields.get("events", hook.events)
    known = isinstance(events, list) and all(event in NoticeEvent.values for event in events)
    if not known or not events:
        errors.append({"field": "events", "message": _("Choose at least one event of the list.")})
    if errors:
        raise Invalid(errors[0]["message"], errors=errors)  # type: ignore[arg-type]
    hook.name, hook.kind = name, kind
    hook.events = [event for event in NoticeEvent.values if event in events]
    hook.active = bool(fields.get("active", hook.active))
    if url is not None:
        hook.url = str(url)
    if secret is not None:
        hook.secret = str(secret)
    hook.save()
    return hook


@transaction.atomic
def test_webhook(*, webhook: Webhook, user: User) -> Delivery:
    """Queue a message that says it is a test; it is on record like any other."""
    text = _("This is a test by %(name)s.") % {"name": user.get_full_name()}
    payload = {"event": "test", "at": now().isoformat(), "text": text, "data": {}}
    delivery = Delivery.objects.create(
        webhook=webhook, event="test", key=f"test:{now().timestamp()}", payload=payload
    )
    transaction.on_commit(tasks.send_deliveries.delay, robust=True)
    return delivery


@transaction.atomic
def redeliver(*, delivery: Delivery) -> Delivery:
    """Send once more what was given up or delivered; raises Conflict while it is still on its way."""
    row = Delivery.objects.select_for_update(of=("self",), no_key=True).get(pk=delivery.pk)
    if row.state == State.QUEUED:
        raise Conflict(_("It is on its way already."))
    row.state, row.attempts, row.next_at, row.finished_at = State.QUEUED, 0, now(), None
    row.error, row.status = "", None
    row.save()
    transaction.on_commit(tasks.send_deliveries.delay, robust=True)
    return row


def prune() -> None:
    """Remove what was delivered or given up a month ago, and notices after three."""
    Delivery.objects.exclude(state=State.QUEUED).filter(created_at__lt=now() - KEPT).delete()
    Notification.objects.filter(created_at__lt=now() - NOTICES_KEPT).delete()
