"""What packages a job would have: how many, of which size, for whom, and from which groups."""

from typing import Any, TypedDict

from accounts.models import Workspace
from jobs.services.allocation import Sizes, fixed_size_limits, package_sizes, sum_up
from jobs.services.plan import plan_allocation


class Preview(TypedDict):
    """How many packages of which size a job would have, and the limits of their size."""

    packages: int
    items: int
    sizes: list[Sizes]
    min_size: int
    max_size: int


def preview_packages(*, workspace: Workspace, **fields: Any) -> Preview:
    """The packages that a job with this dataset and allocation would have; other fields are not looked at.

    Raises Invalid at `dataset` or `allocation.…`.
    """
    dataset, allocation = plan_allocation(workspace=workspace, fields=fields)
    smallest, largest = fixed_size_limits(dataset.item_count)
    sizes = package_sizes(allocation, dataset.item_count)
    return {
        "packages": len(sizes),
        "items": dataset.item_count,
        "sizes": sum_up(sizes),
        "min_size": smallest,
        "max_size": largest,
    }
