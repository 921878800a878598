"""The answer in force of every item (`current_annotation`), and the versions that are kept at a tenure's end.

In force is the latest submitted answer: a labeling answer supersedes whatever was inspected before it, *modified*
supersedes what it judged, *passed* adopts what is in force and *rejected* leaves it. What a manager corrects is in
force from then on, as what votes come to is when the last of them is in (a single vote never is). Called under the
package's lock only.
"""

from collections.abc import Iterable

from django.db import connection

from itag.core.clock import now
from jobs.models import AnnotationVersion, Assignment, Package
from jobs.services.desk import COPIED
from jobs.services.tails import fold_tails

_COLUMNS = ", ".join(COPIED)

_SETTLE = """
UPDATE jobs_packageitem p SET current_annotation_id = n.id, disputed = false
FROM jobs_annotation n
WHERE n.assignment_id = %s AND n.verdict IN ('', 'modified') AND n.results IS NOT NULL AND p.id = n.package_item_id
    AND p.current_annotation_id IS DISTINCT FROM n.id
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
SELECT p.id, %(assignment)s, c.author_id, 'person', coalesce(c.results, '[]'), '', coalesce(c.abandoned, false),
    coalesce(c.reason, ''), '', '', '', '', 0, 0, %(now)s, %(now)s, %(now)s
FROM jobs_packageitem p LEFT JOIN jobs_annotation c ON c.id = p.current_annotation_id
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


_BACK = """
UPDATE jobs_packageitem p SET current_annotation_id = n.id, disputed = %(merged)s AND n.id IS NULL
FROM (
    SELECT i.id AS item, (
        SELECT a.id FROM jobs_annotation a LEFT JOIN jobs_assignment t ON t.id = a.assignment_id
        WHERE a.package_item_id = i.id AND a.results IS NOT NULL AND CASE
            WHEN t.id IS NOT NULL THEN t.state = 'submitted' AND a.verdict IN ('', 'modified')
                AND NOT (%(voted)s AND t.stage = 'labeling' AND t.round = 1)
            WHEN a.source = 'merge' THEN a.answered_at IS NOT NULL
            ELSE a.source = 'manager' END
        ORDER BY coalesce(t.submitted_at, a.answered_at, a.created_at) DESC, a.id DESC LIMIT 1) AS id
    FROM jobs_packageitem i WHERE i.package_id = %(package)s
) n
WHERE p.id = n.item AND p.current_annotation_id IS DISTINCT FROM n.id
"""


def settle_back(package: Package, *, voted: bool, merged: bool) -> None:
    """Bring into force again what was before a submission that has been withdrawn.

    `voted`: the job has votes; `merged`: they have come to something, so what has no answer is disputed.
    """
    _run(_BACK, {"package": package.pk, "voted": voted, "merged": merged})


def keep_versions(assignment: Assignment, cause: AnnotationVersion.Cause) -> None:
    """Leave behind a version of every answer of the tenure that has none of its present state."""
    fold_tails(assignment)
    _run(_KEEP, {"assignment": assignment.pk, "cause": cause, "now": now()})


def carry_over(assignment: Assignment, annotations: Iterable[int]) -> None:
    """Make what was left untouched by this tenure its own, under its author's name."""
    if ids := list(annotations):
        moment = now()
        _run(_CARRY, [assignment.pk, moment, moment, moment, ids])


def reopen_items(assignment: Assignment, package: Package, items: list[int] | None) -> None:
    """Begin the work on these items (None: on all) as copies of the answers in force, if any, yet to be confirmed."""
    _run(
        _REOPEN,
        {"assignment": assignment.pk, "package": package.pk, "items": items, "now": now()},
    )


def _run(sql: str, parameters: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)  # type: ignore[arg-type]
