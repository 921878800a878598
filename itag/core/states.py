"""State changes by compare-and-swap: one function, one UPDATE, a lost race is an error."""

from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import Model

from itag.core.errors import IllegalTransition

Transitions = Mapping[str, Collection[str]]


def move(
    row: Model, target: str, *, transitions: Transitions, field: str = "state", **changes: Any
) -> None:
    """Move the row to target if the table allows it and nobody moved it first."""
    source = str(getattr(row, field))
    label = row._meta.label
    if target not in transitions.get(source, ()):
        raise IllegalTransition(label, source, target)
    changes[field] = target
    moved = type(row)._base_manager.filter(pk=row.pk, **{field: source}).update(**changes)
    if moved != 1:
        raise IllegalTransition(label, f"stale {source}", target)
    for name, value in changes.items():
        setattr(row, name, value)
