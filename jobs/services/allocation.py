"""How many items a package may hold, and how many packages of which size that makes. Pure: no database."""

from collections.abc import Mapping
from typing import Any, TypedDict

from django.utils.translation import gettext as _

from itag.core.errors import Invalid

MAX_PACKAGES = 20_000
MAX_SIZE = 200
MAX_ITEMS = MAX_PACKAGES * MAX_SIZE
#: Upper bounds of iTAG's rows; a row is (lower, upper].
BOUNDS = (20_000, 100_000, 500_000, 1_000_000)


class Sizes(TypedDict):
    """`count` packages of `size` items each."""

    size: int
    count: int


def fixed_size_limits(item_count: int) -> tuple[int, int]:
    """The smallest and the largest package size for so many items, so that there are at most 20,000 packages.

    Raises Invalid at `dataset` for no items at all and above 4,000,000.
    """
    if item_count < 1:
        raise Invalid.field("dataset", _("The dataset has no items."))
    if item_count > MAX_ITEMS:
        raise Invalid.field(
            "dataset",
            _("A job holds at most %(count)s items; make several jobs.")
            % {"count": f"{MAX_ITEMS:,}"},
        )
    bound = next((bound for bound in BOUNDS if item_count <= bound), item_count)
    return max(1, -(-bound // MAX_PACKAGES)), MAX_SIZE


def split_sizes(item_count: int, size: int) -> list[Sizes]:
    """Full packages first, then the short last one: [{"size": 20, "count": 5}, {"size": 3, "count": 1}]."""
    full, rest = divmod(item_count, size)
    sizes: list[Sizes] = []
    if full:
        sizes.append({"size": size, "count": full})
    if rest:
        sizes.append({"size": rest, "count": 1})
    return sizes


def package_count(item_count: int, size: int) -> int:
    """How many packages hold so many items at this size."""
    return -(-item_count // size)


def check_allocation(allocation: Any, item_count: int) -> dict[str, Any]:
    """The allocation in its stored form {"type": "fixed", "size": n}; raises Invalid with its field."""
    if not isinstance(allocation, Mapping) or allocation.get("type", "fixed") != "fixed":
        raise Invalid.field(
            "allocation.type", _("Packages are cut at a fixed size: choose “fixed”.")
        )
    size = allocation.get("size")
    if isinstance(size, bool) or not isinstance(size, int):
        raise Invalid.field("allocation.size", _("Enter the number of items in a package."))
    smallest, largest = fixed_size_limits(item_count)
    if not smallest <= size <= largest:
        raise Invalid.field(
            "allocation.size",
            _("With %(items)s items a package holds %(smallest)s to %(largest)s.")
            % {"items": f"{item_count:,}", "smallest": smallest, "largest": largest},
        )
    return {"type": "fixed", "size": size}
