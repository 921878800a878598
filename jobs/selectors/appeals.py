"""Which verdicts a person may appeal, and what they see of it at their items."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from itag.core.clock import now
from jobs.models import Annotation, Appeal, Assignment, Job

Json = dict[str, Any]
#: How long after its submission a verdict can be appealed.
APPEAL_DAYS = 3


def appealable_verdicts(user: User, job: Job, items: Iterable[int]) -> QuerySet[Annotation]:
    """Submitted verdicts, *rejected* or *modified*, on answers of the person to these items, whenever it was.

    An answer adopted from several votes is that of everybody whose vote was adopted.
    """
    items = list(items)
    theirs = Q(judged__author=user)
    if job.vote_count > 1:
        theirs |= Q(judged__in=_adopted_from(user, items))
    return Annotation.objects.filter(
        theirs,
        package_item__in=items,
        verdict__in=(Annotation.Verdict.REJECTED, Annotation.Verdict.MODIFIED),
        assignment__state=Assignment.State.SUBMITTED,
    ).exclude(author=user)


def _adopted_from(user: User, items: list[int]) -> list[int]:
    """Ids of the merged answers to which a vote of the person gave something."""
    rows = Annotation.objects.filter(package_item__in=items)
    votes = set(
        rows.filter(author=user, source=Annotation.Source.PERSON).values_list("pk", flat=True)
    )
    merges = rows.filter(source=Annotation.Source.MERGE).values_list("pk", "merge")
    return [
        pk
        for pk, merge in merges
        if any(part.get("adopted") in votes for part in (merge or {}).values())
    ]


def appeals_at(assignment: Assignment, viewer: User, items: Iterable[int]) -> dict[int, Json]:
    """By package item: the latest verdict on what the viewer answered there, and their appeal against it.

    {"stage", "round", "verdict", "feedback", "until", "can", "reason", "appeal": {"id", "state", "note"} | None}. Only
    for the holder of an assignment whose work may have been judged; else nothing is asked of the database.
    """
    found: dict[int, Json] = {}
    judged = assignment.round > 1 or assignment.state == Assignment.State.SUBMITTED
    if assignment.holder_id != viewer.pk or not judged:
        return found
    rows = appealable_verdicts(viewer, assignment.job, items).select_related("assignment", "appeal")
    for row in rows.defer("results").order_by("assignment"):
        found[row.package_item_id] = _verdict(row, viewer)
    return found


def _verdict(row: Annotation, viewer: User) -> Json:
    by: Any = row.assignment
    appeal: Appeal | None = getattr(row, "appeal", None)
    until = by.submitted_at + timedelta(days=APPEAL_DAYS)
    if appeal is not None:
        reason = _("This verdict has been appealed.")
    elif until < now():
        reason = _("A verdict can be appealed within %(n)d days.") % {"n": APPEAL_DAYS}
    else:
        reason = ""
    own = appeal is not None and appeal.author_id == viewer.pk
    return {
        "stage": str(by.stage),
        "round": by.round,
        "verdict": str(row.verdict),
        "feedback": row.feedback,
        "until": until,
        "can": not reason,
        "reason": reason,
        "appeal": {"id": appeal.pk, "state": str(appeal.state), "note": appeal.note}
        if appeal is not None and own
        else None,
    }
