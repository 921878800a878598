"""Telling people and machines what happened: rows in the transaction that did it, sent by a worker afterwards.

Nothing is told twice: a notice has a key, unique for a person and for a webhook. A lost wake-up costs half a minute,
since beat looks for what is queued.
"""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import User
from itag.core.clock import now
from itag.core.mail import mail_works
from jobs import tasks
from jobs.models import Delivery, Job, NoticeEvent, Notification, Package, Webhook
from jobs.selectors.notice_texts import sentence

MAIL = "email"
#: How often a mail that the server refuses is tried.
MAIL_TRIES = 5
#: Mails sent by one call.
MAIL_BATCH = 200


def tell(
    *,
    event: NoticeEvent,
    users: Iterable[User | int] = (),
    job: Job | None = None,
    package: Package | None = None,
    key: str | int,
    **data: Any,
) -> None:
    """Tell these people, and every webhook of the job or its workspace that takes the event.

    Call it in the transaction that did it. `key`: what makes this happening one of its kind (an assignment's id, a
    day); told again with the same key it is not told again. `data`: numbers and names for the sentence.
    """
    unique = f"{event}:{job.pk if job else ''}:{key}"[:100]
    _tell_people(event, users, job, package, unique, data)
    if job is not None:
        _tell_webhooks(event, job, package, unique, data)


def _tell_people(
    event: NoticeEvent,
    users: Iterable[User | int],
    job: Job | None,
    package: Package | None,
    key: str,
    data: dict[str, Any],
) -> None:
    ids = {user if isinstance(user, int) else user.pk for user in users}
    if not ids:
        return
    people = User.objects.filter(pk__in=ids, is_active=True).only("pk", "email", "notices")
    rows = [
        Notification(
            user=user,
            event=event,
            key=key,
            job=job,
            package_number=package.number if package else None,
            data=data,
            mail=Notification.Mail.QUEUED if _wants_mail(user, event) else Notification.Mail.NONE,
        )
        for user in people
    ]
    Notification.objects.bulk_create(rows, ignore_conflicts=True)
    if any(row.mail == Notification.Mail.QUEUED for row in rows):
        transaction.on_commit(tasks.send_mails.delay, robust=True)


def _wants_mail(user: User, event: str) -> bool:
    return bool(user.email) and MAIL in user.notices.get(event, ()) and mail_works()


def _tell_webhooks(
    event: NoticeEvent, job: Job, package: Package | None, key: str, data: dict[str, Any]
) -> None:
    hooks = Webhook.objects.filter(
        Q(job=job) | Q(job=None), workspace=job.workspace_id, active=True, events__contains=[event]
    )
    rows = [
        Delivery(webhook=hook, event=event, key=key, payload=payload_of(event, job, package, data))
        for hook in hooks
    ]
    if rows:
        Delivery.objects.bulk_create(rows, ignore_conflicts=True)
        transaction.on_commit(tasks.send_deliveries.delay, robust=True)


def payload_of(
    event: str, job: Job, package: Package | None, data: dict[str, Any]
) -> dict[str, Any]:
    """The body of a webhook: {"event","at","job":{"id","task_id","name"},"package","text","url","data"}."""
    with override(job.language):
        text = sentence(event, job=job.name, package=package.number if package else None, data=data)
    return {
        "event": str(event),
        "at": now().isoformat(),
        "job": {"id": job.pk, "task_id": str(job.task_id), "name": job.name},
        "package": package.number if package else None,
        "text": text,
        "url": f"{settings.SITE_URL}/jobs/{job.pk}/" if settings.SITE_URL else "",
        "data": data,
    }


def mark_read(*, user: User, ids: Iterable[int] | None = None) -> int:
    """Note that the person has read these notices of theirs (None: all); how many were unread."""
    rows = Notification.objects.filter(user=user, read_at=None)
    if ids is not None:
        rows = rows.filter(pk__in=list(ids))
    return rows.update(read_at=now())


def mail_events(user: User) -> list[str]:
    """The events that the person is told by mail as well."""
    return [event for event in NoticeEvent.values if MAIL in user.notices.get(event, ())]


def set_mail_events(*, user: User, events: Iterable[str]) -> None:
    """Tell the person these events by mail as well, and no others."""
    wanted = set(events)
    user.notices = {event: ["app", MAIL] for event in NoticeEvent.values if event in wanted}
    user.save(update_fields=["notices"])


def send_mails() -> int:
    """Send what is queued, each mail once: a row is taken before it is sent; how many were sent."""
    sent = 0
    connection = get_connection()
    for _number in range(MAIL_BATCH):
        with transaction.atomic():
            row = (
                Notification.objects.select_for_update(skip_locked=True, of=("self",), no_key=True)
                .select_related("user", "job")
                .filter(mail=Notification.Mail.QUEUED)
                .order_by("pk")
                .first()
            )
            if row is None:
                break
            if not _send_mail(row, connection):
                # The server is away, or refuses: the rest waits for the next round as well.
                break
            sent += 1
    return sent


def _send_mail(row: Notification, connection: Any) -> bool:
    with override(row.user.language or settings.LANGUAGE_CODE):
        text = sentence(
            row.event,
            job=row.job.name if row.job else "",
            package=row.package_number,
            data=row.data,
        )
        link = f"\n\n{settings.SITE_URL}/notices/\n" if settings.SITE_URL else "\n"
        footer = _("You chose to be told this by mail; itag → Notices changes that.")
    message = EmailMessage(
        # A job's name may not break the header.
        subject=" ".join(text.split()),
        body=f"{text}{link}\n{footer}\n",
        to=[row.user.email],
        connection=connection,
    )
    try:
        message.send()
    except OSError:  # smtplib's errors are OSErrors: the server is away, or refuses
        attempts = row.mail_attempts + 1
        state = Notification.Mail.FAILED if attempts >= MAIL_TRIES else Notification.Mail.QUEUED
        Notification.objects.filter(pk=row.pk).update(
            mail=state, mail_attempts=F("mail_attempts") + 1
        )
        return False
    Notification.objects.filter(pk=row.pk).update(mail=Notification.Mail.SENT)
    return True
