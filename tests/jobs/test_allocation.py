"""The limits of a package's size at every boundary, in the function."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itag.core.errors import Invalid
from jobs.services.allocation import (
    MAX_ITEMS,
    MAX_PACKAGES,
    check_allocation,
    fixed_size_limits,
    package_count,
    split_sizes,
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
    assert package_count(items, smallest) <= MAX_PACKAGES


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


@pytest.mark.parametrize("allocation", [None, [], "fixed", {"type": "field", "size": 3}])
def test_another_kind_of_allocation_is_refused(allocation: object) -> None:
    with pytest.raises(Invalid) as caught:
        check_allocation(allocation, 100)
    assert caught.value.errors[0]["field"] == "allocation.type"


def test_the_preview_has_full_packages_and_a_short_last_one() -> None:
    assert split_sizes(103, 20) == [{"size": 20, "count": 5}, {"size": 3, "count": 1}]
    assert split_sizes(100, 20) == [{"size": 20, "count": 5}]
    assert split_sizes(3, 20) == [{"size": 3, "count": 1}]


@given(st.integers(1, MAX_ITEMS), st.integers(1, 200))
def test_the_sizes_add_up_to_the_items(items: int, size: int) -> None:
    sizes = split_sizes(items, size)
    assert sum(entry["size"] * entry["count"] for entry in sizes) == items
    assert sum(entry["count"] for entry in sizes) == package_count(items, size)
    assert all(0 < entry["size"] <= size for entry in sizes)


@given(st.integers(1, MAX_ITEMS))
def test_the_smallest_size_never_makes_more_than_20000_packages(items: int) -> None:
    smallest, largest = fixed_size_limits(items)
    assert 1 <= smallest <= largest == 200
    assert package_count(items, smallest) <= MAX_PACKAGES
