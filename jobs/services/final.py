"""The answer in force of every item (`current_annotation`), and the versions that are kept at a tenure's end.

In force is the latest submitted answer: a labeling answer supersedes whatever was inspected before it, *modified*
supersedes what it judged, *passed* adopts what it was shown, *rejected* changes nothing. Called under the package's
lock only.
"""

from collections.abc import Iterable

from django.db import connection

from itag.core.clock import now
from jobs.models import AnnotationVersion, Assignment, Package
from jobs.services.desk import COPIED

_COLUMNS = ", ".join(COPIED)

_SETTLE = """
UPDATE jobs_packageitem p SET current_annotation_id = n.new
FROM (
    SELECT package_item_id, CASE WHEN verdict = 'passed' THEN judged_id ELSE id END AS new
    FROM jobs_annotation
    WHERE assignment_id = %s AND verdict <> 'rejected' AND (results IS NOT NULL OR verdict <> '')
) n
WHERE p.id = n.package_item_id AND p.current_annotation_id IS DISTINCT FROM n.new
"""

_CARRY = f"""
INSERT INTO jobs_annotation (package_item_id, assignment_id, source, version, seconds,
    versioned_at, created_at, updated_at, {_COLUMNS})
SELECT package_item_id, %s, source, 1, 0, %s, %s, %s, {_COLUMNS}
FROM jobs_annotation WHERE id = ANY(%s) ORDER BY package_item_id
"""

_REOPEN = """
INSERT INTO jobs_annotation (package_item_id, assignment_id, author_id, source, results, verdict, abandoned, reason,
    feedback, feedback_object, error_type, severity, version, seconds, versioned_at, created_at, updated_at)
SELECT p.id, %(assignment)s, c.author_id, 'person', coalesce(c.results, '[]'), '', c.abandoned, c.reason,
    '', '', '', '', 0, 0, %(now)s, %(now)s, %(now)s
FROM jobs_packageitem p JOIN jobs_annotation c ON c.id = p.current_annotation_id
WHERE p.package_id = %(package)s AND (%(items)s::bigint[] IS NULL OR p.id = ANY(%(items)s))
ORDER BY p.id
"""

_KEEP = """
INSERT INTO jobs_annotationversion (annotation_id, version, cause, author_id, results, abandoned, created_at)
SELECT n.id, n.version, %(cause)s, n.author_id, n.results, n.abandoned, %(now)s
FROM jobs_annotation n
WHERE n.assignment_id = %(assignment)s AND n.results IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM jobs_annotationversion v
    WHERE v.annotation_id = n.id AND v.version = n.version AND v.cause <> 'late' AND v.cause <> 'author')
ORDER BY n.id
"""


def settle_answers(assignment: Assignment) -> None:
    """Bring what this submitted assignment says into force."""
    _run(_SETTLE, [assignment.pk])


def keep_versions(assignment: Assignment, cause: AnnotationVersion.Cause) -> None:
    """Leave behind a version of every answer of the tenure that has none of its present state."""
    _run(_KEEP, {"assignment": assignment.pk, "cause": cause, "now": now()})


def carry_over(assignment: Assignment, annotations: Iterable[int]) -> None:
    """Make what was left untouched by this tenure its own, under its author's name."""
    if ids := list(annotations):
        moment = now()
        _run(_CARRY, [assignment.pk, moment, moment, moment, ids])


def reopen_items(assignment: Assignment, package: Package, items: list[int] | None) -> None:
    """Begin the rework of these items (None: of all) as copies of the answers in force, yet to be confirmed."""
    _run(
        _REOPEN,
        {"assignment": assignment.pk, "package": package.pk, "items": items, "now": now()},
    )


def _run(sql: str, parameters: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)  # type: ignore[arg-type]
