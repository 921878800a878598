"""The claim as PostgreSQL runs it: a function, so that a claim is one round trip, its plan made once a connection.

With its statements sent one by one, 64 people at once spent twice as long inside the transaction: each answer waits
until its thread has its turn. Migration 0003 installs FUNCTION as it is now; whoever changes it adds a migration
that installs it again.
"""

from itag.core.sql import columns
from jobs.models import Assignment, Package

# Each probe walks one partial index in the order of the claim and stops at the first row it can lock. Rows that
# others are just taking are passed over, so nobody waits and nobody gets what another one got.
_ORDER = "ORDER BY a.priority DESC, a.deadline ASC NULLS LAST, a.number LIMIT 1"
_LOCK = f"{_ORDER} FOR NO KEY UPDATE SKIP LOCKED"
_HERE = "a.job_id = _job AND a.stage = _stage AND a.state = 'waiting'"
_MINE = "(_own OR _user <> ALL (a.participants))"
# What the person gave back, what was discarded, and a package on which they have voted in this round is not for them.
# Asked of each row by itself (no NOT EXISTS): made into joins, these would keep the probes from stopping at the first.
_OPEN = """(SELECT p.discarded_at IS NULL FROM jobs_package p WHERE p.id = a.package_id)"""
_WANTED = """a.package_id <> ALL (ARRAY(
        SELECT package_id FROM jobs_skiprecord
        WHERE person_id = _user AND job_id = _job AND lifted_at IS NULL))"""
# A vote that they began and lost, and that waits for everybody: they go on with that one before they begin another.
_BEGUN = """(SELECT w.id FROM jobs_assignment w
            WHERE w.package_id = v.package_id AND w.round = v.round AND w.stage = v.stage AND w.vote = v.vote
                AND w.state = 'waiting' AND w.reserved_user_id IS NULL AND w.reserved_team_id IS NULL) IS NOT NULL"""
_MAY = f"""{_MINE} AND {_WANTED} AND {_OPEN}
    AND (SELECT v.id FROM jobs_assignment v
        WHERE v.package_id = a.package_id AND v.round = a.round AND v.stage = a.stage AND v.holder_id = _user
            AND (v.state IN ('claimed', 'submitted') OR a.previous_id IS NULL AND v.vote <> a.vote AND {_BEGUN})
        LIMIT 1) IS NULL"""
_IN_TIME = "(a.reserved_until IS NULL OR a.reserved_until > _now)"

_RETURNED = f"""SELECT a.id FROM jobs_assignment a
    WHERE a.reserved_user_id = _user AND {_HERE} AND (a.is_return OR a.beyond_limit)
        AND {_IN_TIME} AND {_MAY} {{tail}}"""
_RESERVED = f"""SELECT a.id FROM jobs_assignment a
    WHERE a.reserved_user_id = _user AND {_HERE} AND NOT (a.is_return OR a.beyond_limit)
        AND {_IN_TIME} AND {_MAY} {{tail}}"""
# One locked row per team of the person, of which the best is taken.
_TEAM = f"""SELECT best.id
    FROM accounts_user_groups g JOIN accounts_team t ON t.group_id = g.group_id
    CROSS JOIN LATERAL (
        SELECT a.id, a.priority, a.deadline, a.number FROM jobs_assignment a
        WHERE a.reserved_team_id = t.id AND {_HERE} AND {_MAY}
            AND (a.reserved_user_id IS NULL OR a.reserved_until <= _now) {{tail}}
    ) best
    WHERE g.user_id = _user
    ORDER BY best.priority DESC, best.deadline ASC NULLS LAST, best.number LIMIT 1"""
# What was never reserved, and what was reserved until a moment that is past.
_FREE = f"""SELECT best.id FROM (
        SELECT * FROM (
            SELECT a.id, a.priority, a.deadline, a.number FROM jobs_assignment a
            WHERE {_HERE} AND a.reserved_user_id IS NULL AND a.reserved_team_id IS NULL AND {_MAY} {{tail}}
        ) free
        UNION ALL
        SELECT * FROM (
            SELECT a.id, a.priority, a.deadline, a.number FROM jobs_assignment a
            WHERE {_HERE} AND a.reserved_until <= _now AND a.reserved_team_id IS NULL AND {_MAY} {{tail}}
        ) lapsed
    ) best ORDER BY best.priority DESC, best.deadline ASC NULLS LAST, best.number LIMIT 1"""

# One statement: what is held, the probes in their order (each only if the ones before found nothing), the move and
# its event. Packages that were returned or given to the person take no part in the limit, nor do discarded ones.
_CLAIM = f"""
WITH held AS MATERIALIZED (
    SELECT a.id FROM jobs_assignment a
    WHERE a.holder_id = _user AND a.job_id = _job AND a.stage = _stage AND a.state = 'claimed'
        AND NOT ((a.is_return OR a.beyond_limit) AND a.reserved_user_id IS NOT DISTINCT FROM a.holder_id)
        AND {_OPEN} AND a.lot_id IS NULL
    ORDER BY a.claimed_at DESC, a.id DESC LIMIT _limit
), taken AS (
    UPDATE jobs_assignment a
    SET state = 'claimed', holder_id = _user, claimed_at = _now, last_input_at = _now, warned = 0
    WHERE a.state = 'waiting' AND a.id = COALESCE(
        ({_RETURNED.format(tail=_LOCK)}),
        CASE WHEN (SELECT count(*) FROM held) < _limit AND NOT EXISTS (
            SELECT 1 FROM jobs_assignment a
            WHERE a.reserved_user_id = _user AND a.job_id = _job AND a.stage <> _stage
                AND a.state = 'waiting' AND a.is_return AND a.created_at <= _overdue
                AND {_IN_TIME} AND {_WANTED} AND {_OPEN}
        ) THEN COALESCE(
            ({_RESERVED.format(tail=_LOCK)}),
            ({_TEAM.format(tail=_LOCK)}),
            ({_FREE.format(tail=_LOCK)})
        ) END)
    RETURNING a.*
), event AS (
    INSERT INTO jobs_packageevent
        (job_id, package_id, assignment_id, actor_id, verb, stage, round, note, data, created_at)
    SELECT _job, package_id, id, _user, 'claim', _stage, round, '', '{{}}', _now FROM taken
)
SELECT had, a, p FROM (
    SELECT false, taken.*::jobs_assignment FROM taken
    UNION ALL SELECT true, a FROM jobs_assignment a
        WHERE a.id = (SELECT id FROM held LIMIT 1) AND NOT EXISTS (SELECT 1 FROM taken)
            AND (SELECT count(*) FROM held) >= _limit
) found (had, a) JOIN jobs_package p ON p.id = (a).package_id
"""

FUNCTION = f"""CREATE OR REPLACE FUNCTION jobs_claim(_job bigint, _stage varchar, _user bigint, _now timestamptz,
    _limit bigint, _own boolean, _overdue timestamptz, _lock bigint)
RETURNS TABLE (_had boolean, _assignment jobs_assignment, _package jobs_package)
LANGUAGE plpgsql VOLATILE
-- Every state in the claim is a literal, so that the partial indexes serve whatever the parameters are.
SET plan_cache_mode = force_generic_plan
AS $$ BEGIN
    -- Two clicks of one person wait for each other here; the second sees what the first one got.
    PERFORM pg_advisory_xact_lock(_lock);
    RETURN QUERY {_CLAIM};
END $$"""
DROP = "DROP FUNCTION jobs_claim"
#: The person's assignment, as `columns` of Assignment and Package, after whether they had it before; or no row.
CALL = f"""SELECT _had, {columns(Assignment, "(_assignment)")}, {columns(Package, "(_package)")}
FROM jobs_claim(%(job)s::bigint, %(stage)s::varchar, %(user)s::bigint, %(now)s::timestamptz,
    %(limit)s::bigint, %(own)s::boolean, %(overdue)s::timestamptz, %(lock)s::bigint)"""

# The best package of every job and stage, seen without a lock: which job to claim in first.
LOOK = f"""
SELECT place._job, place._stage FROM unnest(%(jobs)s::bigint[], %(stages)s::text[], %(owns)s::bool[])
    AS place (_job, _stage, _own)
CROSS JOIN (SELECT %(user)s::bigint, %(now)s::timestamptz) AS person (_user, _now)
CROSS JOIN LATERAL (
    SELECT tier, id FROM (
        SELECT 1 AS tier, ({_RETURNED.format(tail=_ORDER)}) AS id
        UNION ALL SELECT 2, ({_RESERVED.format(tail=_ORDER)})
        UNION ALL SELECT 3, ({_TEAM.format(tail=_ORDER)})
        UNION ALL SELECT 4, ({_FREE.format(tail=_ORDER)})
    ) tiers WHERE id IS NOT NULL ORDER BY tier LIMIT 1
) found
JOIN jobs_assignment a ON a.id = found.id
ORDER BY found.tier, a.priority DESC, a.deadline ASC NULLS LAST, a.number, place._job
"""
