"""The two statements of the figures: what submitted tenures say, and writing down what follows from it."""

from jobs.selectors.figures import COUNTERS

#: Annotations that one FACTS reads.
STEP = 1000

# Submitted tenures that count: what was withdrawn does not.
_COUNTS = "{0}.submitted_at IS NOT NULL AND {0}.state <> 'withdrawn'"

# One row per answer or verdict of each tenure, at least one per tenure.
#   head: the tenure, and where its package was returned to, whose work that was, and how many items
#   n: the answer or verdict; j: what it judges
FACTS = f"""
WITH head AS MATERIALIZED (
    SELECT a.id, a.package_id, a.stage, a.round, a.state, a.holder_id, a.submitted_at, a.ended_at, a.work_seconds,
        p.item_count, p.stage AS stands, p.state AS package_state, b.stage AS back, b.items AS back_items, (
            SELECT u.holder_id FROM jobs_assignment u
            WHERE u.package_id = a.package_id AND u.stage = b.stage AND u.id < a.id AND {_COUNTS.format("u")}
            ORDER BY u.round DESC, u.id DESC LIMIT 1) AS back_user
    FROM jobs_assignment a
    JOIN jobs_package p ON p.id = a.package_id
    LEFT JOIN LATERAL (
        SELECT max(e.id) AS id FROM jobs_packageevent e
        WHERE e.package_id = a.package_id AND e.assignment_id = a.id AND a.stage <> 'labeling'
            AND e.verb IN ('submit', 'submit_for', 'reject_package', 'lot_close')) s ON true
    LEFT JOIN LATERAL (
        SELECT e.stage, e.data ->> 'items' AS items FROM jobs_packageevent e
        WHERE e.package_id = a.package_id AND e.verb = 'return' AND e.round = a.round + 1 AND e.id > s.id
            AND EXISTS (
                SELECT 1 FROM jobs_annotation r WHERE r.assignment_id = a.id AND r.verdict = 'rejected'
                UNION ALL
                SELECT 1 FROM jobs_packageevent r WHERE r.id = s.id AND r.verb <> 'submit')
        ORDER BY e.id LIMIT 1) b ON true
    WHERE a.id = ANY(%(ids)s::bigint[])
)
SELECT head.*, n.id, n.author_id, n.abandoned, n.verdict, n.results::text, n.error_type, n.severity,
    n.feedback_object, i.current_annotation_id = n.id, d.media::text,
    CASE WHEN j.source <> 'manager' THEN j.author_id END,
    j.results::text,
    coalesce(t.stage, 'labeling'),
    n.judged_id IS NULL,
    NOT EXISTS (
        SELECT 1 FROM jobs_annotation o JOIN jobs_assignment u ON u.id = o.assignment_id
        WHERE o.package_item_id = n.package_item_id AND o.verdict <> '' AND u.stage = head.stage AND u.id < head.id
            AND {_COUNTS.format("u")}),
    CASE WHEN head.stage = 'acceptance' AND n.verdict <> '' THEN (
        SELECT o.author_id FROM jobs_annotation o JOIN jobs_assignment u ON u.id = o.assignment_id
        WHERE o.package_item_id = n.package_item_id AND o.verdict IN ('passed', 'modified') AND u.stage = 'check'
            AND u.id < head.id AND n.judged_id IN (o.id, o.judged_id) AND {_COUNTS.format("u")}
        ORDER BY u.id DESC LIMIT 1) END,
    EXISTS (SELECT 1 FROM jobs_appeal w WHERE w.annotation_id = n.id AND w.state = 'upheld')
FROM head
LEFT JOIN (jobs_annotation n
        JOIN jobs_packageitem i ON i.id = n.package_item_id AND i.origin = 'data'
        JOIN datasets_item d ON d.id = i.item_id)
    ON n.assignment_id = head.id AND (n.results IS NOT NULL OR n.verdict <> '') AND n.id > %(after)s
        AND (%(only)s::bigint IS NULL OR n.id = %(only)s)
LEFT JOIN jobs_annotation j ON j.id = n.judged_id AND n.verdict <> ''
LEFT JOIN jobs_assignment t ON t.id = j.assignment_id
ORDER BY n.id NULLS LAST LIMIT %(step)s
"""

IN_FORCE = """
SELECT i.package_id, c.abandoned, c.results::text
FROM jobs_packageitem i
JOIN jobs_package p ON p.id = i.package_id AND p.discarded_at IS NULL
JOIN jobs_annotation c ON c.id = i.current_annotation_id
WHERE i.package_id = ANY(%(packages)s::bigint[]) AND i.origin = 'data'
"""

VOTES = """
SELECT package_id, max(submitted_at) FROM jobs_assignment
WHERE package_id = ANY(%(packages)s::bigint[]) AND stage = 'labeling' AND round = 1 AND state = 'submitted'
    AND vote < %(votes)s
GROUP BY package_id HAVING count(*) >= %(votes)s
"""

# All tallies in one statement. The team is the person's of the moment at which the row begins: a supplier before others.
WRITE = f"""
WITH stages AS (
    INSERT INTO jobs_stagetally AS s (job_id, stage, user_id, team_id, day, {", ".join(COUNTERS)})
    SELECT %(job)s, r.stage, r.user_id, (
            SELECT t.id FROM accounts_team t JOIN accounts_user_groups g ON g.group_id = t.group_id
            WHERE g.user_id = r.user_id AND t.workspace_id = %(workspace)s
            ORDER BY t.is_supplier DESC, t.id LIMIT 1),
        r.day, {", ".join(f"coalesce(r.{name}, 0)" for name in COUNTERS)}
    FROM jsonb_to_recordset(%(stages)s::jsonb)
        AS r(stage text, user_id bigint, day date, {", ".join(f"{name} bigint" for name in COUNTERS)})
    ON CONFLICT (job_id, stage, user_id, day) DO UPDATE
    SET {", ".join(f"{name} = s.{name} + EXCLUDED.{name}" for name in COUNTERS)}
), errors AS (
    INSERT INTO jobs_errortally AS s
        (job_id, stage, user_id, day, kind, error_type, severity, question, option, count)
    SELECT %(job)s, r.stage, r.user_id, r.day, r.kind, r.error_type, r.severity, r.question, r.option, r.count
    FROM jsonb_to_recordset(%(errors)s::jsonb) AS r(stage text, user_id bigint, day date, kind text, error_type text,
        severity text, question text, option text, count bigint)
    ON CONFLICT (job_id, stage, user_id, day, kind, error_type, severity, question, option) DO UPDATE
    SET count = s.count + EXCLUDED.count
), fresh AS (
    SELECT * FROM jsonb_to_recordset(%(packages)s::jsonb)
        AS r(package_id bigint, labels jsonb, voted_at timestamptz)
), former AS (
    SELECT k.labels FROM jobs_packagetally k JOIN fresh USING (package_id)
), kept AS (
    INSERT INTO jobs_packagetally AS s (package_id, job_id, labels, voted_at)
    SELECT package_id, %(job)s, labels, voted_at FROM fresh
    ON CONFLICT (package_id) DO UPDATE
    SET labels = EXCLUDED.labels, voted_at = EXCLUDED.voted_at
), moved AS (
    SELECT key, sum(n) AS n FROM (
        SELECT e.key, e.value::bigint AS n FROM fresh, jsonb_each_text(fresh.labels) e
        UNION ALL
        SELECT e.key, -e.value::bigint FROM former, jsonb_each_text(former.labels) e
    ) each GROUP BY key HAVING sum(n) <> 0
)
INSERT INTO jobs_labeltally AS s (job_id, question, option, count)
SELECT %(job)s, split_part(key, ':', 1), substr(key, strpos(key, ':') + 1), n FROM moved
ON CONFLICT (job_id, question, option) DO UPDATE SET count = s.count + EXCLUDED.count
"""
