"""What an inspecting stage was shown of an item in an earlier round, so that it can look at what changed since."""

from collections.abc import Sequence
from typing import Any

from jobs.models import Annotation, Assignment, Stage
from jobs.selectors.slots import EMPTY

Json = dict[str, Any]


def answers_since(assignment: Assignment, items: Sequence[int]) -> dict[int, Json]:
    """By package item: {"results", "abandoned", "round", "stage"} of the last earlier round that judged it.

    What this stage judged itself counts before what another one did; an answer that the inspector changed is the
    changed one. Nothing for labelers, who go on from the answer in force, and nothing in the first round. At most
    one statement.
    """
    if assignment.stage == Stage.LABELING or assignment.round == 1:
        return {}
    rows = (
        Annotation.objects.filter(
            package_item__in=items,
            assignment__package=assignment.package_id,
            assignment__round__lt=assignment.round,
            assignment__state=Assignment.State.SUBMITTED,
        )
        .exclude(verdict="")
        .select_related("assignment", "judged")
        .order_by("assignment__round", "assignment")
    )
    found: dict[int, Json] = {}
    own: set[int] = set()
    for row in rows:
        shown = row if row.results is not None else row.judged
        if shown is None or row.assignment is None:
            continue
        mine = row.assignment.stage == assignment.stage
        if row.package_item_id in own and not mine:
            continue
        if mine:
            own.add(row.package_item_id)
        found[row.package_item_id] = {
            "results": shown.results or EMPTY,
            "abandoned": shown.abandoned,
            "round": row.assignment.round,
            "stage": str(row.assignment.stage),
        }
    return found
