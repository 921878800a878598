"""Notices as their reader sees them, in the page and the API."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from accounts.models import User
from jobs.models import Job, NoticeEvent, Notification
from jobs.selectors.notice_texts import sentence

#: Beyond, the bell says so many and more.
COUNT_TO = 100
#: Events about the reader's own work; the rest leads to the job.
_TO_WORK = {NoticeEvent.PACKAGE_RETURNED, NoticeEvent.CLAIM_EXPIRING}
_TO_QUESTIONS = {
    NoticeEvent.QUESTION_ASKED,
    NoticeEvent.QUESTION_ANSWERED,
    NoticeEvent.APPEAL_OPENED,
    NoticeEvent.APPEAL_DECIDED,
}


def unread_count(user: User) -> int:
    """How many notices the person has not read, up to COUNT_TO; one indexed statement."""
    return Notification.objects.filter(user=user, read_at=None).order_by()[:COUNT_TO].count()


def notices_for(user: User) -> QuerySet[Notification]:
    """The person's notices, newest first, with what their sentences need."""
    return Notification.objects.visible_to(user).select_related("job").order_by("-pk")


def notice_payloads(rows: Iterable[Notification], user: User) -> list[dict[str, Any]]:
    """{"id", "event", "text", "url", "job", "package", "created_at", "read"} of each.

    Of a job that the person may not see any more neither name nor address is told.
    """
    rows = list(rows)
    jobs = {row.job.pk: row.job for row in rows if row.job is not None}
    visible = Job.objects.alive().visible_to(user).filter(pk__in=list(jobs))
    seen = set(visible.values_list("pk", flat=True)) if jobs else set()
    found = []
    for row in rows:
        job = row.job if row.job_id in seen else None
        found.append(
            {
                "id": row.pk,
                "event": row.event,
                "text": sentence(
                    row.event,
                    job=job.name if job else "",
                    package=row.package_number,
                    data=row.data,
                ),
                "url": _url(row) if job else "",
                "job": {"id": job.pk, "name": job.name} if job else None,
                "package": row.package_number,
                "created_at": row.created_at,
                "read": row.read_at is not None,
            }
        )
    return found


def _url(row: Notification) -> str:
    if row.event in _TO_WORK:
        return reverse("home")
    if row.event in _TO_QUESTIONS:
        appeal = row.event in (NoticeEvent.APPEAL_OPENED, NoticeEvent.APPEAL_DECIDED)
        return reverse("job-questions", args=[row.job_id]) + ("?show=appeals" if appeal else "")
    if row.event == NoticeEvent.GUIDE_CHANGED:
        return reverse("job-guide", args=[row.job_id])
    if row.event == NoticeEvent.EXPORT_READY:
        return reverse("exports") + f"?job={row.job_id}"
    return reverse("job", args=[row.job_id])
