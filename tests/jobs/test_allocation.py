"""The limits of a package's size at every boundary, in the function."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itag.core.errors import Invalid
from jobs.services.allocation import (
    MAX_ITEMS,
    MAX_PACKAGE_ITEMS,
    MAX_PACKAGES,
    append_size,
    average_limits,
    check_allocation,
    cut,
    fixed_size_limits,
    group_packages,
    group_sizes,
    package_sizes,
    sum_up,
)

#: items, smallest package
BOUNDARIES = [
    (1, 1),
    (20_000, 1),
    (20_001, 5),
    (100_000, 5),
    (100_001, 25),
    (500_000, 25),
    (500_001, 50),
    (1_000_000, 50),
    (1_000_001, 51),
    (2_000_000, 100),
    (MAX_ITEMS, 200),
]


@pytest.mark.parametrize(("items", "smallest"), BOUNDARIES)
def test_the_limits_follow_the_rows_of_itag(items: int, smallest: int) -> None:
    assert fixed_size_limits(items) == (smallest, 200)
    assert -(-items // smallest) <= MAX_PACKAGES


@pytest.mark.parametrize("items", [0, MAX_ITEMS + 1])
def test_no_items_and_too_many_items_are_refused_at_the_dataset(items: int) -> None:
    with pytest.raises(Invalid) as caught:
        fixed_size_limits(items)
    assert [error["field"] for error in caught.value.errors] == ["dataset"]


@pytest.mark.parametrize(("items", "smallest"), BOUNDARIES)
def test_a_size_is_accepted_within_its_limits_only(items: int, smallest: int) -> None:
    for size in {smallest, 200}:
        assert check_allocation({"type": "fixed", "size": size}, items) == {
            "type": "fixed",
            "size": size,
        }
    for size in (smallest - 1, 201):
        with pytest.raises(Invalid) as caught:
            check_allocation({"type": "fixed", "size": size}, items)
        assert [error["field"] for error in caught.value.errors] == ["allocation.size"]
        assert str(smallest) in caught.value.detail


@pytest.mark.parametrize("size", [None, "20", 1.5, True, [20]])
def test_a_size_is_a_whole_number(size: object) -> None:
    with pytest.raises(Invalid) as caught:
        check_allocation({"type": "fixed", "size": size}, 100)
    assert caught.value.errors[0]["field"] == "allocation.size"


@pytest.mark.parametrize(
    "allocation", [None, [], "fixed", {"type": "random", "size": 3}, {"type": 3}]
)
def test_another_kind_of_allocation_is_refused(allocation: object) -> None:
    with pytest.raises(Invalid) as caught:
        check_allocation(allocation, 100)
    assert caught.value.errors[0]["field"] == "allocation.type"


@pytest.mark.parametrize(
    ("items", "least", "most"),
    [(1, 1, 1), (2_000, 1, 2_000), (2_001, 2, 2_001), (1_000_000, 500, 20_000)],
)
def test_a_number_of_packages_leaves_none_empty_and_none_above_2000(
    items: int, least: int, most: int
) -> None:
    assert average_limits(items) == (least, most)
    for packages in {least, most}:
        stored = check_allocation({"type": "average", "packages": packages}, items)
        assert stored == {"type": "average", "packages": packages}
    for wrong in (least - 1, most + 1, None, "5", True):
        with pytest.raises(Invalid) as caught:
            check_allocation({"type": "average", "packages": wrong}, items)
        assert [error["field"] for error in caught.value.errors] == ["allocation.packages"]


def test_a_field_is_one_of_the_datasets() -> None:
    chosen = {"type": "field", "field": "city", "size": 7}
    assert check_allocation(chosen, 9, fields=["city"]) == {"type": "field", "field": "city"}
    for name in ("town", None, 3, ["city"]):
        with pytest.raises(Invalid) as caught:
            check_allocation({"type": "field", "field": name}, 9, fields=["city"])
        assert [error["field"] for error in caught.value.errors] == ["allocation.field"]


def test_sizes_are_summed_up_the_largest_first() -> None:
    assert sum_up(package_sizes({"type": "fixed", "size": 20}, 103)) == [
        {"size": 20, "count": 5},
        {"size": 3, "count": 1},
    ]
    assert package_sizes({"type": "fixed", "size": 20}, 3) == [3]
    assert package_sizes({"type": "average", "packages": 4}, 10) == [3, 3, 2, 2]
    assert group_sizes([2_001, 4_000, 5]) == [2_000, 1, 2_000, 2_000, 5]


@given(st.integers(1, 100_000), st.integers(1, 200))
def test_fixed_packages_are_full_but_the_last(items: int, size: int) -> None:
    sizes = package_sizes({"type": "fixed", "size": size}, items)
    assert sum(sizes) == items
    assert set(sizes[:-1]) <= {size}
    assert 0 < sizes[-1] <= size
    assert append_size({"type": "fixed", "size": size}, items) == size


@given(st.data())
def test_average_packages_differ_by_one_at_most(data: st.DataObject) -> None:
    items = data.draw(st.integers(1, MAX_ITEMS))
    packages = data.draw(st.integers(*average_limits(items)))
    allocation = {"type": "average", "packages": packages}
    size, larger = cut(allocation, items)
    assert larger * (size + 1) + (packages - larger) * size == items
    assert 0 < size + (larger > 0) <= MAX_PACKAGE_ITEMS
    sizes = package_sizes(allocation, items)
    assert (len(sizes), sum(sizes)) == (packages, items)
    assert max(sizes) - min(sizes) <= 1
    assert append_size(allocation, items) == max(sizes)


@given(st.lists(st.integers(1, 9_000), max_size=30))
def test_groups_are_cut_into_packages_of_2000_at_most(groups: list[int]) -> None:
    sizes = group_sizes(groups)
    assert sum(sizes) == sum(groups)
    assert len(sizes) == sum(map(group_packages, groups))
    assert all(0 < size <= MAX_PACKAGE_ITEMS for size in sizes)


@given(st.integers(1, MAX_ITEMS))
def test_the_smallest_size_never_makes_more_than_20000_packages(items: int) -> None:
    smallest, largest = fixed_size_limits(items)
    assert 1 <= smallest <= largest == 200
    assert -(-items // smallest) <= MAX_PACKAGES
