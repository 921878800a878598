"""Pages by a sort key and the id, in either direction, for lists that may be sorted by several things."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from django.db.models import Model, Q, QuerySet

Row = TypeVar("Row", bound=Model)
#: A whole number or a moment.
Key = int | datetime


class BadCursor(ValueError):
    """The cursor was not made by a page of this list."""


@dataclass(frozen=True)
class Page(Generic[Row]):
    """The rows of a page, and the cursors of those beside it ("" where there is none)."""

    rows: Sequence[Row]
    previous: str
    next: str


def page_of(
    rows: QuerySet[Row], *, descending: bool, limit: int, cursor: str = "", field: str = "sort_key"
) -> Page[Row]:
    """The page of `rows` that the cursor names, the first without one; `field` is never null.

    Rows come by the field, and among equals the newest first. One statement. Raises BadCursor.
    """
    back, key, pk = _read(cursor) if cursor else (False, None, 0)
    if cursor:
        beyond = "lt" if descending is not back else "gt"
        older = "gt" if back else "lt"
        try:
            rows = rows.filter(
                Q(**{f"{field}__{beyond}": key}) | Q(**{field: key, f"pk__{older}": pk})
            )
        except (TypeError, ValueError) as exc:
            raise BadCursor(cursor) from exc
    order = [f"-{field}" if descending is not back else field, "pk" if back else "-pk"]
    found = list(rows.order_by(*order)[: limit + 1])
    more = len(found) > limit
    found = found[:limit]
    if back:
        found.reverse()
    if not found:
        return Page([], "", "")
    before, after = (more, True) if back else (bool(cursor), more)
    return Page(
        found,
        _write(found[0], field, back=True) if before else "",
        _write(found[-1], field, back=False) if after else "",
    )


def _write(row: Model, field: str, *, back: bool) -> str:
    key = getattr(row, field)
    value = key.isoformat() if isinstance(key, datetime) else int(key)
    text = json.dumps([int(back), value, row.pk], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read(cursor: str) -> tuple[bool, Key, int]:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        back, key, pk = json.loads(text)
        if isinstance(key, str):
            key = datetime.fromisoformat(key)
    except (ValueError, TypeError, binascii.Error, RecursionError) as exc:
        raise BadCursor(cursor) from exc
    good = isinstance(key, datetime) and key.tzinfo is not None
    good |= isinstance(key, int) and not isinstance(key, bool) and abs(key) < 1 << 63
    if not good or back not in (0, 1) or not isinstance(pk, int) or not 0 <= pk < 1 << 63:
        raise BadCursor(cursor)
    return bool(back), key, pk


def typed(cursor: str, kind: type) -> str:
    """The cursor, if its key is of this kind: one made under another sort is none. Raises BadCursor."""
    if cursor and not isinstance(_read(cursor)[1], kind):
        raise BadCursor(cursor)
    return cursor
