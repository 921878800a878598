"""The statements that cut a batch; each is one step, in whose transaction the cursor moves."""

from datasets.models import Item
from jobs.models import Assignment, Package, PackageItem
from jobs.services.groups import EXACT, KEY, SHOW

_PACKAGE, _ITEMS, _SLOT = (
    model._meta.db_table for model in (Package, PackageItem, Assignment)
)  # every value is a parameter
_NEXT = f"""
    SELECT id, ordinal FROM {Item._meta.db_table}
    WHERE dataset_id = %(dataset)s AND ordinal > %(cursor)s AND ordinal <= %(last)s
    ORDER BY ordinal LIMIT %(items)s
"""
_MADE = f"""INSERT INTO {_PACKAGE}
    (job_id, batch_id, number, group_value, priority, stage, round, state, item_count)"""
_FILLED = f"INSERT INTO {_ITEMS} (job_id, package_id, position, ordinal, item_id, origin)"

# The first `larger` packages of the step hold size + 1 items, the others size; `place` counts the step's items from 0.
_SPLIT = "%(larger)s::int * (%(size)s::int + 1)"
_NUMBER = f"""(CASE WHEN place < {_SPLIT} THEN place / (%(size)s::int + 1)
    ELSE %(larger)s::int + (place - {_SPLIT}) / %(size)s::int END)"""
_POSITION = f"""(CASE WHEN place < {_SPLIT} THEN place %% (%(size)s::int + 1)
    ELSE (place - {_SPLIT}) %% %(size)s::int END)"""

#: Whole packages of known sizes: answers (items, the last ordinal).
CUT = f"""
WITH picked AS MATERIALIZED (
    SELECT id, ordinal, %(number)s + {_NUMBER} AS number, {_POSITION} + 1 AS position
    FROM (SELECT id, ordinal, row_number() OVER (ORDER BY ordinal) - 1 AS place FROM ({_NEXT}) i) i
), made AS (
    {_MADE}
    SELECT %(job)s, %(batch)s, number, '', %(priority)s, 'labeling', 1, 'open', count(*)
    FROM picked GROUP BY number ORDER BY number
    RETURNING id, number
), filled AS (
    {_FILLED}
    SELECT %(job)s, made.id, picked.position, picked.ordinal, picked.id, 'data'
    FROM picked JOIN made ON made.number = picked.number
    ORDER BY picked.ordinal
)
SELECT count(*), max(ordinal) FROM picked
"""

#: The next items go into an unfinished package of an earlier batch: answers (items, the last ordinal).
FILL = f"""
WITH picked AS MATERIALIZED (
    SELECT id, ordinal, row_number() OVER (ORDER BY ordinal) AS place FROM ({_NEXT}) i
), filled AS (
    {_FILLED}
    SELECT %(job)s, %(package)s, %(had)s + place, ordinal, id, 'data' FROM picked ORDER BY ordinal
)
SELECT count(*), max(ordinal) FROM picked
"""

#: Until the end the packages of group n have the numbers FIRST + n × STRIDE and on, which no other package has.
FIRST, STRIDE = 1_000_000_000, 4_096
#: Items join the packages of their groups, new groups begin theirs: answers (items, the last ordinal, new groups).
GROUP = f"""
WITH picked AS MATERIALIZED (
    SELECT i.id, i.ordinal, {KEY} AS key FROM (
        SELECT id, ordinal, data FROM {Item._meta.db_table}
        WHERE dataset_id = %(dataset)s AND ordinal > %(cursor)s AND ordinal <= %(last)s
        ORDER BY ordinal LIMIT %(items)s
    ) i {EXACT}
), known AS MATERIALIZED (
    SELECT group_value AS key, min(number) AS number, sum(item_count) AS had
    FROM {_PACKAGE} WHERE batch_id = %(batch)s GROUP BY group_value
), fresh AS MATERIALIZED (
    SELECT key, {FIRST} + (%(number)s + row_number() OVER (ORDER BY min(ordinal)) - 1) * {STRIDE} AS number
    FROM picked WHERE NOT EXISTS (SELECT 1 FROM known WHERE known.key = picked.key) GROUP BY key
), placed AS MATERIALIZED (
    SELECT p.id, p.ordinal, p.key, groups.number + place / %(most)s::int AS number,
        place %% %(most)s::int + 1 AS position
    FROM (SELECT *, row_number() OVER (PARTITION BY key ORDER BY ordinal) - 1 AS n FROM picked) p
    JOIN (SELECT key, number, had FROM known UNION ALL SELECT key, number, 0 FROM fresh) groups USING (key)
    CROSS JOIN LATERAL (SELECT (groups.had + p.n)::int AS place) at
), begun AS MATERIALIZED (
    SELECT id, number FROM {_PACKAGE} WHERE batch_id = %(batch)s
), made AS (
    {_MADE}
    SELECT %(job)s, %(batch)s, number, key, %(priority)s, 'labeling', 1, 'open', count(*)
    FROM placed WHERE NOT EXISTS (SELECT 1 FROM begun WHERE begun.number = placed.number)
    GROUP BY number, key ORDER BY number
    RETURNING id, number
), grown AS (
    UPDATE {_PACKAGE} p SET item_count = p.item_count + more.items
    FROM (
        SELECT begun.id, count(*) AS items FROM placed JOIN begun ON begun.number = placed.number GROUP BY begun.id
    ) more WHERE p.id = more.id
), filled AS (
    {_FILLED}
    SELECT %(job)s, packages.id, placed.position, placed.ordinal, placed.id, 'data'
    FROM placed JOIN (SELECT * FROM made UNION ALL SELECT * FROM begun) packages USING (number)
    ORDER BY placed.ordinal
)
SELECT count(*), max(ordinal), (SELECT count(*) FROM fresh) FROM picked
"""
#: The packages of groups get their numbers, in the order in which their groups begin, and what is shown of the value.
NUMBER = f"""
UPDATE {_PACKAGE} p SET number = %(before)s + ranked.place, group_value = {SHOW.format(key="p.group_value")}
FROM (
    SELECT id, row_number() OVER (ORDER BY number) AS place FROM {_PACKAGE} WHERE batch_id = %(batch)s
) ranked WHERE p.id = ranked.id
"""
#: How many packages each group of a batch has, in order; before NUMBER.
UNITS = f"""
SELECT count(*) FROM {_PACKAGE} WHERE batch_id = %(batch)s
GROUP BY (number - {FIRST}) / {STRIDE} ORDER BY (number - {FIRST}) / {STRIDE}
"""

#: A waiting slot for every vote on every package of the batch, reserved as the arrays say; `tail`: a package that
#: waits until its batch is full or closed.
SLOTS = f"""
INSERT INTO {_SLOT} (job_id, package_id, round, stage, vote, state, reason, is_return, priority, deadline, number,
    participants, created_at, work_seconds, reserved_user_id, reserved_team_id)
SELECT %(job)s, p.id, 1, 'labeling', v.vote, CASE WHEN p.number = %(tail)s THEN 'blocked' ELSE 'waiting' END,
    CASE WHEN p.number = %(tail)s THEN 'batch_open' ELSE '' END, false, %(priority)s, %(deadline)s, p.number,
    '{{}}', %(now)s, 0, r.user_id, r.team_id
FROM {_PACKAGE} p CROSS JOIN generate_series(0, %(votes)s - 1) v (vote)
LEFT JOIN (
    SELECT number, vote, user_id, team_id
    FROM unnest(%(firsts)s::int[], %(lasts)s::int[], %(slots)s::int[], %(users)s::bigint[], %(teams)s::bigint[])
        AS given (first, last, vote, user_id, team_id)
    CROSS JOIN generate_series(first, last) number
) r ON r.number = p.number AND r.vote = v.vote
WHERE p.batch_id = %(batch)s
ORDER BY p.number, v.vote
"""
