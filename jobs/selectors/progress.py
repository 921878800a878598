"""How far each assignment is, and what lists show of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from jobs.models import Assignment, Job
from jobs.selectors.verbs import AssignmentVerbs

State = Assignment.State


@dataclass(frozen=True, slots=True)
class Progress:
    """How many items are to be done and are done, and the position of the first that is not."""

    total: int
    done: int
    first: int


# The slot's latest annotation of each item, those that count for the tenure before the others.
_PROGRESS = """
SELECT a.id,
    CASE WHEN a.stage <> 'labeling' THEN w.drawn WHEN part.whole THEN p.item_count ELSE w.opened END,
    CASE WHEN a.stage <> 'labeling' THEN w.judged ELSE w.answered END,
    coalesce(w.first, 1)
FROM jobs_assignment a
JOIN jobs_package p ON p.id = a.package_id
JOIN jobs_job j ON j.id = a.job_id
CROSS JOIN LATERAL (
    SELECT coalesce(max((value ->> 'VoteNum')::int), 1) AS most FROM jsonb_each(j.votes)
) v
CROSS JOIN LATERAL (
    SELECT a.round = 1 AND (v.most = 1 OR a.vote < v.most) AS whole, a.round = 1 AND v.most > 1 AS voted
) part
CROSS JOIN LATERAL (
    WITH tenure AS MATERIALIZED (
        SELECT t.id, t.id = a.id OR t.holder_id IS NOT DISTINCT FROM a.holder_id
            OR coalesce((j.limits ->> 'continue_answers')::boolean, true) AND NOT part.voted AS counts
        FROM jobs_assignment t
        WHERE t.package_id = a.package_id AND t.round = a.round AND t.stage = a.stage AND t.vote = a.vote
    ), latest AS MATERIALIZED (
        SELECT DISTINCT ON (n.package_item_id) n.package_item_id AS item,
            t.counts AND n.answered_at IS NOT NULL AS done
        FROM jobs_annotation n JOIN tenure t ON t.id = n.assignment_id
        WHERE t.id <= a.id AND (n.results IS NOT NULL OR n.verdict <> '')
        ORDER BY n.package_item_id, t.counts DESC, t.id DESC
    ), todo AS MATERIALIZED (
        SELECT i.id, i.position, coalesce(l.done, false) AS done,
            l.item IS NOT NULL AS opened, s.package_item_id IS NOT NULL AS drawn
        FROM jobs_packageitem i
        LEFT JOIN latest l ON l.item = i.id
        LEFT JOIN (
            SELECT m.package_item_id FROM jobs_sample m JOIN tenure t ON t.id = m.assignment_id
        ) s ON s.package_item_id = i.id
        WHERE i.package_id = a.package_id
    )
    SELECT count(*) FILTER (WHERE opened) AS opened, count(*) FILTER (WHERE drawn) AS drawn,
        count(*) FILTER (WHERE done) AS answered, count(*) FILTER (WHERE drawn AND done) AS judged,
        min(position) FILTER (WHERE NOT done AND CASE
            WHEN a.stage <> 'labeling' THEN drawn WHEN part.whole THEN true ELSE opened END) AS first
    FROM todo
) w
WHERE a.id = ANY(%s)
"""


def progress_of(assignments: Iterable[Assignment]) -> dict[int, Progress]:
    """The progress of each assignment by its id; one statement."""
    ids = [assignment.pk for assignment in assignments]
    if not ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_PROGRESS, [ids])
        return {row[0]: Progress(*row[1:]) for row in cursor.fetchall()}


def assignments_of(user: User) -> QuerySet[Assignment]:
    """What the person holds and has submitted, with what a summary shows."""
    return Assignment.objects.filter(
        holder=user,
        state__in=(State.CLAIMED, State.SUBMITTED),
        job__deleted_at=None,
        package__discarded_at=None,
    ).select_related("job", "package")


def expires_at(assignment: Assignment) -> datetime | None:
    """When the claim ends if nothing more is done; None where no clock runs: not held, in a lot, or offline."""
    job, last = assignment.job, assignment.last_input_at
    if assignment.state != State.CLAIMED or last is None or job.state == Job.State.OFFLINE:
        return None
    if assignment.lot_id is not None:
        return None
    ends: datetime = last + timedelta(hours=job.limit("claim_hours"))
    return max(ends, assignment.extended_until or ends)


def assignment_summary(
    assignment: Assignment, progress: Progress, verbs: AssignmentVerbs
) -> dict[str, Any]:
    """What lists show of an assignment to the person that `verbs` was asked for."""
    job = assignment.job
    return {
        "id": assignment.pk,
        "job": {"id": job.pk, "name": job.name},
        "package": {
            "number": assignment.package.number,
            "item_count": assignment.package.item_count,
        },
        "stage": str(assignment.stage),
        "round": assignment.round,
        "state": str(assignment.state),
        "is_return": assignment.is_return,
        "claimed_at": assignment.claimed_at,
        "last_input_at": assignment.last_input_at,
        "expires_at": expires_at(assignment),
        "warned": assignment.warned,
        "submitted_at": assignment.submitted_at,
        "total": progress.total,
        "done": progress.done,
        "url": f"/label/{assignment.pk}/{progress.first}",
        "can": verbs.can,
        "why": verbs.why,
        "skips_left": verbs.skips_left,
        "lot": _lot(assignment),
    }


def _lot(assignment: Assignment) -> dict[str, Any] | None:
    """The lot that the package is judged in: {"id", "name", "url"}."""
    pk = assignment.lot_id
    if pk is None:
        return None
    url = reverse("lot", args=[assignment.job_id, pk])
    return {"id": pk, "name": _("Lot %(number)s") % {"number": pk}, "url": url}
