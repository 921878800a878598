"""The packages that a dataset would make by a job's allocation, before any is cut."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from django.utils.translation import gettext as _

from datasets.models import Dataset
from itag.core.errors import Invalid
from jobs.services.allocation import check_allocation, group_packages, group_sizes, package_sizes
from jobs.services.groups import Groups, count_groups
from jobs.services.targets import FIELD, Reservation, check_targets, reserve, subjects


@dataclass
class Layout:
    """`sizes`: items of every package in order; `units`: how many consecutive packages stay together each time."""

    sizes: list[int]
    units: list[int]
    groups: Groups | None = None

    def items(self, reserved: list[Reservation]) -> int:
        """The items of these packages together."""
        ends = list(accumulate(self.sizes, initial=0))
        return sum(ends[one.last] - ends[one.first - 1] for one in reserved)


def lay_out(dataset: Dataset, allocation: Mapping[str, Any], *, last: int) -> Layout | None:
    """The packages of the items up to ordinal `last`; None where their groups take too long to count.

    Raises Invalid at `allocation.field` for a field with too many values.
    """
    if allocation["type"] != "field":
        sizes = package_sizes(allocation, dataset.item_count)
        return Layout(sizes, [1] * len(sizes))
    groups = count_groups(dataset, allocation["field"], first=1, last=last)
    if groups is None:
        return None
    return Layout(group_sizes(groups.sizes), [*map(group_packages, groups.sizes)], groups)


def check_whole_allocation(allocation: Any, dataset: Dataset) -> dict[str, Any]:
    """The allocation with its targets in its stored form; raises Invalid naming `allocation.…` or `dataset`."""
    stored = check_allocation(
        allocation, dataset.item_count, fields=[field["name"] for field in dataset.fields]
    )
    if targets := check_targets(allocation.get("targets")):
        stored["targets"] = targets
    return stored


def too_few(votes: int, people: int) -> str:
    """What a person is told who asks for more votes than there are labelers."""
    return _("%(votes)s people are to answer each package, but only %(people)s may label.") % {
        "votes": votes,
        "people": people,
    }


def check_reservations(
    allocation: Mapping[str, Any],
    layout: Layout | None,
    *,
    votes: int,
    people: Collection[int],
    teams: Collection[int],
) -> None:
    """Raise Invalid at `allocation.targets` where these cannot be kept: by no labeler, for no package, too many.

    `people`: the ids of everybody who labels, `teams`: of the teams that were chosen to label.
    """
    targets = allocation.get("targets")
    for kind, pk in subjects(targets):
        if pk not in (people if kind == "user" else teams):
            raise Invalid.field(
                FIELD, _("Packages can be reserved only for people and teams who label in this job.")
            )  # fmt: skip
    if layout is not None:
        reserve(targets, units=layout.units, votes=votes)
