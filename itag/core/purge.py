"""Deleting a row for good with everything that hangs on it: bottom up, in runs of a few thousand rows.

What hangs on it is found by the models' foreign keys, so that a new model is not forgotten. Every run is a transaction
of its own; killed in between, the next call goes on. Nothing points at a row when it goes: where models point at each
other in a circle, one of them lets go first.
"""

from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Exists, Field, ForeignKey, Model, OuterRef, QuerySet

#: Rows of one transaction.
RUN = 5_000

Class = type[Model]
#: A model, its column, and the model that this points at.
Hook = tuple[Class, str, Class]


@dataclass
class Plan:
    """Models in the order of deletion, each with its way to the root; `unhook`: columns to be emptied first."""

    paths: dict[Class, str]
    order: list[Class] = field(default_factory=list)
    unhook: list[tuple[Class, str]] = field(default_factory=list)


def plan_purge(root: Class, *, app: str = "") -> Plan:
    """How to delete rows of this model with all that hangs on them, or with that of one app.

    Raises ValueError where models point at each other and none may let go.
    """
    paths: dict[Class, str] = {root: ""}
    queue = [root]
    for model in queue:
        for child, name in children(model):
            if child not in paths and app in ("", child._meta.app_label):
                paths[child] = f"{name}__{paths[model]}".removesuffix("__")
                queue.append(child)
    plan = Plan(paths)
    hooks = {
        (child, name, model)
        for model in paths
        for child, name in children(model)
        if child in paths and child is not model and _holds(child, name)
    }
    left = list(paths)
    while left:
        held = {model for child, _name, model in hooks if child in left}
        if free := [model for model in left if model not in held]:
            plan.order += free
            left = [model for model in left if model not in free]
            continue
        here = sorted((hook for hook in hooks if hook[0] in left and hook[2] in left), key=str)
        loose = next(
            (hook for hook in here if _may_be_empty(hook) and _in_circle(hook, here)), None
        )
        if loose is None:
            raise ValueError(f"{left} point at each other")
        hooks.discard(loose)
        plan.unhook.append(loose[:2])
    return plan


def children(model: Class) -> list[tuple[Class, str]]:
    """The models whose rows point at this one's, with the name of the column; hidden relations too."""
    return [
        (relation.related_model, relation.field.name)
        for relation in model._meta.get_fields(include_hidden=True)
        if not isinstance(relation, Field)
        and (relation.one_to_many or relation.one_to_one)
        and hasattr(relation, "field")
        and isinstance(relation.related_model, type)
    ]


def _holds(child: Class, name: str) -> bool:
    """Whether the database itself minds that what the column points at is gone."""
    return bool(getattr(child._meta.get_field(name), "db_constraint", False))


def _may_be_empty(hook: Hook) -> bool:
    found = hook[0]._meta.get_field(hook[1])
    return isinstance(found, ForeignKey) and found.null


def _in_circle(hook: Hook, hooks: list[Hook]) -> bool:
    """Whether what the hook points at points, over others, back at it."""
    reached = [hook[2]]
    for model in reached:
        reached += [end for start, _name, end in hooks if start is model and end not in reached]
    return hook[0] in reached


def purge(row: Model, *, runs: int, app: str = "") -> int:
    """Delete the row and what hangs on it in at most so many runs; how many are left of these, 0 where it needs more."""
    plan = plan_purge(type(row), app=app)
    for child, column in plan.unhook:
        hooked = _under(child, plan, row).filter(**{f"{column}__isnull": False})
        while runs and _empty(child, hooked, column):
            runs -= 1
    for child in plan.order:
        rows = _under(child, plan, row)
        # Of rows that point at others of their kind those go first at which none points.
        for other, name in children(child):
            if other is child:
                rows = rows.exclude(Exists(child._base_manager.filter(**{name: OuterRef("pk")})))
        while runs and _delete(child, rows):
            runs -= 1
    return runs


def _under(child: Class, plan: Plan, row: Model) -> QuerySet[Any]:
    path = plan.paths[child]
    return child._base_manager.order_by().filter(**{path or "pk": row.pk})


@transaction.atomic
def _empty(child: Class, rows: QuerySet[Any], column: str) -> int:
    ids = list(rows.values_list("pk", flat=True)[:RUN])
    return child._base_manager.filter(pk__in=ids).update(**{column: None}) if ids else 0


@transaction.atomic
def _delete(child: Class, rows: QuerySet[Any]) -> int:
    ids = list(rows.values_list("pk", flat=True)[:RUN])
    if not ids:
        return 0
    # The database's own constraints hold; Django's collector would load every row that hangs on them once more.
    return int(child._base_manager.filter(pk__in=ids)._raw_delete(rows.db))
