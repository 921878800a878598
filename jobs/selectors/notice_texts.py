"""The sentence of each notice, made in the language of whoever reads it."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobs.models import NoticeEvent

#: What a notice of each event says; the names in it are keys of its data.
SENTENCES = {
    NoticeEvent.PACKAGE_RETURNED: gettext_lazy("Package %(package)s of %(job)s came back to you."),
    NoticeEvent.CLAIM_EXPIRING: gettext_lazy(
        "Package %(package)s of %(job)s is taken back soon if nobody works on it."
    ),
    NoticeEvent.JOB_LATE: gettext_lazy("%(job)s will not be done by its deadline at this pace."),
    NoticeEvent.JOB_OVERDUE: gettext_lazy("%(job)s is past its deadline."),
    NoticeEvent.JOB_FINISHED: gettext_lazy("%(job)s is finished."),
    NoticeEvent.EXPORT_READY: gettext_lazy("The export of %(job)s is ready."),
    NoticeEvent.RUN_FAILED: gettext_lazy("A background run of %(job)s failed."),
    NoticeEvent.GUIDE_CHANGED: gettext_lazy("The guide of %(job)s has a new version to confirm."),
    NoticeEvent.QUESTION_ASKED: gettext_lazy("Somebody asks about package %(package)s of %(job)s."),
    NoticeEvent.QUESTION_ANSWERED: gettext_lazy(
        "Your question about package %(package)s of %(job)s was answered."
    ),
    NoticeEvent.APPEAL_OPENED: gettext_lazy(
        "A remark on package %(package)s of %(job)s was appealed."
    ),
    NoticeEvent.APPEAL_DECIDED: gettext_lazy(
        "Your appeal on package %(package)s of %(job)s was decided."
    ),
    NoticeEvent.UNCLAIMABLE: gettext_lazy("%(count)s packages of %(job)s can be taken by nobody."),
}


def sentence(event: str, *, job: str, package: int | None, data: dict[str, Any]) -> str:
    """What happened, in the language that is active; an event that is no more is told by its name."""
    words = {"package": "", "count": "", **data, "job": job or _("a deleted job")}
    if package is not None:
        words["package"] = package
    text = SENTENCES.get(NoticeEvent(event)) if event in NoticeEvent.values else None
    return str(text) % words if text is not None else event
