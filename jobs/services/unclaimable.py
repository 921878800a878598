"""What nobody may take: looked for every half minute and after every change that may cause or end it.

A waiting slot that no member of its stage may take is blocked with the reason `nobody`; it waits again as soon as
somebody may. May not take it: who worked on the package in an earlier stage, who gave it back, who voted on it in
this round; and where it is reserved without an end, everybody else. A reservation with an end counts as none, since
it will end.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from itag.core.clock import now
from jobs.models import STAGE_PERMISSION, Assignment, Job, NoticeEvent, PackageEvent
from jobs.selectors.recipients import job_managers
from jobs.services.notices import tell


@dataclass(frozen=True)
class Reviewed:
    """Ids of the slots that were blocked and unblocked."""

    blocked: list[int]
    unblocked: list[int]


# Members are grants, to active people directly or through a team. Slots that are surely free (nobody worked on the
# package before, gave it back, voted on it, and it is not reserved) are passed over without a look at the people.
_REVIEW = """
WITH place AS MATERIALIZED (
    SELECT j.id AS job, s.stage, s.codename, coalesce((j.limits ->> 'allow_own_check')::boolean, false) AS own
    FROM jobs_job j CROSS JOIN unnest(%(stages)s::text[], %(codenames)s::text[]) AS s (stage, codename)
    WHERE j.state IN ('running', 'paused') AND j.deleted_at IS NULL AND j.archived_at IS NULL
        AND (%(jobs)s::bigint[] IS NULL OR j.id = ANY(%(jobs)s::bigint[]))
        AND s.stage = ANY(string_to_array(j.workflow, ','))
), member AS MATERIALIZED (
    SELECT DISTINCT place.job, place.stage, granted.user_id AS id
    FROM place CROSS JOIN LATERAL (
        SELECT g.user_id FROM jobs_jobuserpermission g JOIN auth_permission p ON p.id = g.permission_id
        WHERE g.content_object_id = place.job AND p.codename = place.codename
        UNION ALL
        SELECT m.user_id FROM jobs_jobgrouppermission g JOIN auth_permission p ON p.id = g.permission_id
        JOIN accounts_user_groups m ON m.group_id = g.group_id
        WHERE g.content_object_id = place.job AND p.codename = place.codename
    ) granted JOIN accounts_user u ON u.id = granted.user_id AND u.is_active
), crowd AS MATERIALIZED (
    SELECT place.job, place.stage, place.own, array_remove(array_agg(member.id), NULL) AS people
    FROM place LEFT JOIN member USING (job, stage) GROUP BY place.job, place.stage, place.own
), slot AS (
    SELECT a.id, a.state, a.reason, EXISTS (
        SELECT 1 FROM unnest(crowd.people) AS u (id)
        WHERE (crowd.own OR a.stage = 'labeling' OR u.id <> ALL (a.participants))
            AND NOT EXISTS (
                SELECT 1 FROM jobs_skiprecord s
                WHERE s.person_id = u.id AND s.job_id = a.job_id AND s.package_id = a.package_id AND s.lifted_at IS NULL)
            AND NOT EXISTS (
                SELECT 1 FROM jobs_assignment v
                WHERE v.package_id = a.package_id AND v.round = a.round AND v.stage = a.stage AND v.holder_id = u.id
                    AND v.state IN ('claimed', 'submitted'))
            AND (a.reserved_until IS NOT NULL OR a.reserved_user_id IS NULL OR a.reserved_user_id = u.id)
            AND (a.reserved_team_id IS NULL OR a.reserved_user_id = u.id OR EXISTS (
                SELECT 1 FROM accounts_team t JOIN accounts_user_groups m ON m.group_id = t.group_id
                WHERE t.id = a.reserved_team_id AND m.user_id = u.id))
    ) AS takeable
    FROM jobs_assignment a JOIN crowd ON crowd.job = a.job_id AND crowd.stage = a.stage
    JOIN jobs_package p ON p.id = a.package_id
    WHERE p.discarded_at IS NULL AND (
        a.state = 'blocked' AND a.reason = 'nobody'
        OR a.state = 'waiting' AND (
            cardinality(crowd.people) = 0 OR a.participants <> '{}' OR a.vote > 0 OR a.reserved_user_id IS NOT NULL
            OR a.reserved_team_id IS NOT NULL
            OR EXISTS (
                SELECT 1 FROM jobs_skiprecord s WHERE s.package_id = a.package_id AND s.lifted_at IS NULL)
            OR EXISTS (
                SELECT 1 FROM jobs_assignment v
                WHERE v.package_id = a.package_id AND v.round = a.round AND v.stage = a.stage AND v.id <> a.id
                    AND v.state IN ('claimed', 'submitted'))))
), turned AS (
    -- Rows that others are just at are left for the next time.
    SELECT a.id, slot.takeable FROM jobs_assignment a JOIN slot ON slot.id = a.id
    WHERE (a.state = 'waiting' AND NOT slot.takeable)
        OR (a.state = 'blocked' AND a.reason = 'nobody' AND slot.takeable)
    ORDER BY a.id FOR NO KEY UPDATE OF a SKIP LOCKED
), moved AS (
    UPDATE jobs_assignment a SET
        state = CASE WHEN turned.takeable THEN 'waiting' ELSE 'blocked' END,
        reason = CASE WHEN turned.takeable THEN '' ELSE 'nobody' END
    FROM turned WHERE a.id = turned.id
    RETURNING a.id, a.job_id, a.package_id, a.stage, a.round, a.state
), event AS (
    INSERT INTO jobs_packageevent
        (job_id, package_id, assignment_id, actor_id, verb, stage, round, note, data, created_at)
    SELECT job_id, package_id, id, NULL, CASE WHEN state = 'blocked' THEN %(block)s ELSE %(unblock)s END, stage, round,
        CASE WHEN state = 'blocked' THEN 'nobody' ELSE '' END, '{}', %(now)s
    FROM moved ORDER BY id
)
SELECT id, state FROM moved ORDER BY id
"""


@transaction.atomic
def block_unclaimable(*, jobs: Iterable[int] | None = None) -> Reviewed:
    """Block what nobody may take and let wait what somebody may take again, in these jobs (None: in all). One statement."""
    parameters: dict[str, Any] = {
        "jobs": None if jobs is None else list(jobs),
        "stages": list(STAGE_PERMISSION),
        "codenames": list(STAGE_PERMISSION.values()),
        "block": PackageEvent.Verb.BLOCK.value,
        "unblock": PackageEvent.Verb.UNBLOCK.value,
        "now": now(),
    }
    with connection.cursor() as cursor:
        cursor.execute(_REVIEW, parameters)
        rows = cursor.fetchall()
    _tell_managers([pk for pk, state in rows if state == Assignment.State.BLOCKED])
    return Reviewed(
        blocked=[pk for pk, state in rows if state == Assignment.State.BLOCKED],
        unblocked=[pk for pk, state in rows if state == Assignment.State.WAITING],
    )


def _tell_managers(blocked: list[int]) -> None:
    """Tell the task administrators of each job of what can be taken by nobody since now."""
    found: dict[int, list[Assignment]] = {}
    if not blocked:
        return
    for row in Assignment.objects.filter(pk__in=blocked).select_related("job").order_by("pk"):
        found.setdefault(row.job_id, []).append(row)
    for rows in found.values():
        job = rows[0].job
        tell(
            event=NoticeEvent.UNCLAIMABLE,
            users=job_managers(job),
            job=job,
            key=rows[0].pk,
            count=len(rows),
        )


def nobody_may(job: Job) -> int:
    """How many packages of the job nobody may take, as of the last look."""
    blocked = Assignment.objects.filter(
        job=job,
        state=Assignment.State.BLOCKED,
        reason=Assignment.BlockedReason.NOBODY,
        package__discarded_at=None,
    )
    return blocked.values("package").distinct().count()
