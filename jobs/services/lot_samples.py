"""What had been drawn for each package by itself before a lot drew over all of them."""

from collections.abc import Iterable

from django.db import connection

_UNDRAW = """
DELETE FROM jobs_sample s USING jobs_assignment t, jobs_assignment a
WHERE a.id = ANY(%(ids)s) AND t.package_id = a.package_id AND t.round = a.round AND t.stage = a.stage
    AND t.vote = a.vote AND s.assignment_id = t.id
"""
_REDRAW = """
INSERT INTO jobs_sample (assignment_id, package_item_id, reason)
SELECT e.assignment_id, d.key::bigint, d.value
FROM jobs_packageevent e CROSS JOIN LATERAL jsonb_each_text(e.data -> 'samples') d
WHERE e.assignment_id = ANY(%(ids)s) AND e.verb = 'lot_open' ORDER BY 1, 2
"""


def restore_samples(assignments: Iterable[int]) -> None:
    """Put back the samples that these slots had before their lot was drawn; in the transaction that takes them out."""
    with connection.cursor() as cursor:
        for sql in (_UNDRAW, _REDRAW):
            cursor.execute(sql, {"ids": list(assignments)})
