"""The groups that a field's values make: the exact JSON value of an item's field, as PostgreSQL computes it.

Missing, null and "" are one group. Long values are told apart by their SHA-256, so that a key stays short.
"""

from dataclasses import asdict, dataclass, field
from typing import Any

from django.core.cache import cache
from django.db import DataError, OperationalError, connection, transaction
from django.utils.translation import gettext as _
from psycopg.errors import QueryCanceled

from datasets.models import Dataset, Item
from itag.core.errors import Invalid
from jobs.services.allocation import MAX_PACKAGES, group_packages

#: Characters of a value that are kept to be shown.
SHOWN = 200
#: Seconds for which groups are counted before the person is told that it takes too long.
TIME_LIMIT = 10
#: The largest groups that a preview names.
LARGEST = 10
CACHE_SECONDS = 7 * 24 * 3600

#: The exact JSON text of each item's value: one spelling of white space, escapes and the order of members. OFFSET 0
#: has it computed once an item.
EXACT = """CROSS JOIN LATERAL (SELECT ((i.data -> %(field)s)::jsonb)::text AS exact OFFSET 0) v"""
#: What two items of a group have in common; '' is the group of those without a value. No JSON text begins with #.
KEY = f"""CASE WHEN v.exact IS NULL OR v.exact IN ('null', '""') THEN ''
    WHEN length(v.exact) <= {SHOWN} THEN v.exact
    ELSE '#' || encode(sha256(convert_to(v.exact, 'UTF8')), 'hex') || left(v.exact, {SHOWN}) END"""
#: What is shown of a key: a text without its quotes, other values as JSON, long ones cut.
SHOW = f"""CASE WHEN {{key}} LIKE '#%%' THEN ltrim(substr({{key}}, 66), '"') || '…'
    WHEN {{key}} LIKE '"%%' THEN left(({{key}})::jsonb #>> '{{{{}}}}', {SHOWN}) ELSE {{key}} END"""

_COUNT = f"""
SELECT {SHOW.format(key="key")}, items FROM (
    SELECT {KEY} AS key, count(*) AS items, min(i.ordinal) AS first
    FROM {Item._meta.db_table} i {EXACT}
    WHERE i.dataset_id = %(dataset)s AND i.ordinal >= %(first)s AND i.ordinal <= %(last)s
    GROUP BY 1 ORDER BY first LIMIT {MAX_PACKAGES + 1}
) found ORDER BY first
"""  # the table is our own model's; every value is a parameter


@dataclass
class Groups:
    """`sizes`: items of every group in the order of their first items; `largest`: [[value, items]], ten at most."""

    sizes: list[int] = field(default_factory=list)
    largest: list[tuple[str, int]] = field(default_factory=list)
    #: Items without a value.
    empty: int = 0

    @property
    def packages(self) -> int:
        return sum(map(group_packages, self.sizes))


def count_groups(dataset: Dataset, name: str, *, first: int, last: int) -> Groups | None:
    """The groups of the items `first` to `last` by the field, or None where counting takes longer than 10 seconds.

    Items never change, so what was counted once is kept. Raises Invalid at `allocation.field` for more packages than
    a job may have, and for values that cannot be compared.
    """
    key = f"groups:{dataset.pk}:{first}:{last}:{name.encode().hex()}"
    kept = cache.get(key) if len(key) < 200 else None
    groups = Groups(**kept) if kept is not None else _count(dataset, name, first, last)
    if groups is None:
        return None
    if kept is None and len(key) < 200:
        cache.set(key, asdict(groups), CACHE_SECONDS)
    if groups.packages > MAX_PACKAGES:
        raise Invalid.field("allocation.field", too_many())
    return groups


def too_many() -> str:
    """What a person is told of a field with too many values."""
    return _("By this field there would be more than %(count)s packages; choose another one.") % {
        "count": f"{MAX_PACKAGES:,}"
    }


def _count(dataset: Dataset, name: str, first: int, last: int) -> Groups | None:
    values: dict[str, Any] = {"dataset": dataset.pk, "field": name, "first": first, "last": last}
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [f"{TIME_LIMIT}s"])
            cursor.execute(_COUNT, values)
            rows: list[tuple[str, int]] = cursor.fetchall()
            # Within a surrounding transaction the limit would go on.
            cursor.execute("SET LOCAL statement_timeout TO DEFAULT")
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            return None
        raise
    except DataError as error:
        raise Invalid.field(
            "allocation.field", _("The field has values that cannot be compared.")
        ) from error
    largest = sorted(rows, key=lambda row: -row[1])[:LARGEST]
    return Groups(
        sizes=[items for _value, items in rows],
        largest=largest,
        empty=sum(items for value, items in rows if value == ""),
    )


def as_json(groups: Groups) -> list[dict[str, Any]]:
    """The largest groups for the API and the page."""
    return [
        {"value": value, "items": items, "packages": group_packages(items)}
        for value, items in groups.largest
    ]
