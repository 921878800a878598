"""How items are cut into packages: by a fixed size, a number of packages, or a field. Pure: no database."""

from collections.abc import Collection, Iterable, Mapping
from itertools import groupby
from typing import Any, TypedDict

from django.utils.translation import gettext as _

from itag.core.errors import Invalid

MAX_PACKAGES = 20_000
#: The largest fixed size.
MAX_SIZE = 200
#: The most items that any package may hold, by any rule.
MAX_PACKAGE_ITEMS = 2_000
MAX_ITEMS = MAX_PACKAGES * MAX_SIZE
#: Upper bounds of iTAG's rows; a row is (lower, upper].
BOUNDS = (20_000, 100_000, 500_000, 1_000_000)
TYPES = ("fixed", "average", "field")


class Sizes(TypedDict):
    """`count` packages of `size` items each."""

    size: int
    count: int


def check_item_count(item_count: int) -> None:
    """Raise Invalid at `dataset` for no items at all and above 4,000,000."""
    if item_count < 1:
        raise Invalid.field("dataset", _("The dataset has no items."))
    if item_count > MAX_ITEMS:
        raise Invalid.field(
            "dataset",
            _("A job holds at most %(count)s items; make several jobs.")
            % {"count": f"{MAX_ITEMS:,}"},
        )


def fixed_size_limits(item_count: int) -> tuple[int, int]:
    """The smallest and the largest package size for so many items, so that there are at most 20,000 packages.

    Raises Invalid at `dataset` for no items at all and above 4,000,000.
    """
    check_item_count(item_count)
    bound = next((bound for bound in BOUNDS if item_count <= bound), item_count)
    return max(1, -(-bound // MAX_PACKAGES)), MAX_SIZE


def average_limits(item_count: int) -> tuple[int, int]:
    """The least and the most packages that so many items may make: none empty, none above 2,000 items.

    Raises Invalid at `dataset` for no items at all and above 4,000,000.
    """
    check_item_count(item_count)
    return -(-item_count // MAX_PACKAGE_ITEMS), min(item_count, MAX_PACKAGES)


def cut(allocation: Mapping[str, Any], item_count: int) -> tuple[int, int]:
    """(size, larger): the first `larger` packages hold size + 1 items, the others `size`, the last what remains.

    For the types that know sizes: fixed, and average (where nothing remains).
    """
    if allocation["type"] == "average":
        return divmod(item_count, allocation["packages"])
    return allocation["size"], 0


def append_size(allocation: Mapping[str, Any], first_items: int) -> int:
    """How many items a package of a later batch holds, whose first batch had `first_items`; not by a field."""
    size, larger = cut(allocation, first_items)
    return size + (1 if larger else 0)


def package_sizes(allocation: Mapping[str, Any], item_count: int) -> list[int]:
    """The size of every package in order; fixed and average."""
    size, larger = cut(allocation, item_count)
    full, rest = divmod(item_count - larger * (size + 1), size) if size else (0, 0)
    return [size + 1] * larger + [size] * full + ([rest] if rest else [])


def group_packages(items: int) -> int:
    """How many packages hold a group of so many items."""
    return -(-items // MAX_PACKAGE_ITEMS)


def group_sizes(groups: Iterable[int]) -> list[int]:
    """The sizes of the packages of groups of so many items, group after group."""
    sizes: list[int] = []
    for items in groups:
        full, rest = divmod(items, MAX_PACKAGE_ITEMS)
        sizes += [MAX_PACKAGE_ITEMS] * full + ([rest] if rest else [])
    return sizes


def sum_up(sizes: Iterable[int]) -> list[Sizes]:
    """[{"size": 20, "count": 5}, {"size": 3, "count": 1}], the largest first."""
    return [
        {"size": size, "count": len(list(same))}
        for size, same in groupby(sorted(sizes, reverse=True))
    ]


def check_allocation(
    allocation: Any, item_count: int, *, fields: Collection[str] = ()
) -> dict[str, Any]:
    """The allocation in its stored form, without targets; raises Invalid with its field.

    {"type": "fixed", "size": n} | {"type": "average", "packages": n} | {"type": "field", "field": one of `fields`}
    """
    kind = allocation.get("type", "fixed") if isinstance(allocation, Mapping) else None
    if kind == "fixed":
        return {"type": kind, "size": _size(allocation.get("size"), item_count)}
    if kind == "average":
        return {"type": kind, "packages": _packages(allocation.get("packages"), item_count)}
    if kind == "field":
        check_item_count(item_count)
        name = allocation.get("field")
        if not isinstance(name, str) or name not in fields:
            raise Invalid.field("allocation.field", _("Choose a field of the dataset."))
        return {"type": kind, "field": name}
    raise Invalid.field(
        "allocation.type", _("Choose how packages are cut: “fixed”, “average” or “field”.")
    )


def _size(size: Any, item_count: int) -> int:
    if isinstance(size, bool) or not isinstance(size, int):
        raise Invalid.field("allocation.size", _("Enter the number of items in a package."))
    smallest, largest = fixed_size_limits(item_count)
    if not smallest <= size <= largest:
        raise Invalid.field(
            "allocation.size",
            _("With %(items)s items a package holds %(smallest)s to %(largest)s.")
            % {"items": f"{item_count:,}", "smallest": smallest, "largest": largest},
        )
    return size


def _packages(packages: Any, item_count: int) -> int:
    if isinstance(packages, bool) or not isinstance(packages, int):
        raise Invalid.field("allocation.packages", _("Enter the number of packages."))
    least, most = average_limits(item_count)
    if not least <= packages <= most:
        raise Invalid.field(
            "allocation.packages",
            _("%(items)s items make %(least)s to %(most)s packages.")
            % {"items": f"{item_count:,}", "least": f"{least:,}", "most": f"{most:,}"},
        )
    return packages
