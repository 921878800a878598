"""For whom packages are reserved: shares by largest remainder, lists by number, one slot a reservation."""

from collections import Counter
from itertools import accumulate
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itag.core.errors import Invalid
from jobs.services.targets import Reservation, check_targets, quotas, reserve, subjects

shares = (
    st.lists(st.integers(1, 100), min_size=1, max_size=12)
    .map(lambda cuts: sorted({*cuts, 100}))
    .map(lambda ends: [end - start for start, end in zip([0, *ends], ends, strict=False)])
)


def by_package(reserved: list[Reservation]) -> dict[tuple[int, int], tuple[str, int]]:
    """{(package, vote): for whom}; fails where one slot is given twice."""
    given: dict[tuple[int, int], tuple[str, int]] = {}
    for one in reserved:
        for number in range(one.first, one.last + 1):
            assert (number, one.vote) not in given
            given[number, one.vote] = (one.kind, one.pk)
    return given


@given(shares, st.integers(0, 20_000))
def test_quotas_add_up_and_are_within_one_of_the_share(percents: list[int], packages: int) -> None:
    found = quotas(percents, packages)
    assert sum(found) == packages
    for percent, got in zip(percents, found, strict=True):
        assert abs(got * 100 - percent * packages) < 100
        # Who got the more had no smaller remainder than who did not.
    more = [
        p * packages % 100
        for p, got in zip(percents, found, strict=True)
        if got * 100 > p * packages
    ]
    less = [
        p * packages % 100
        for p, got in zip(percents, found, strict=True)
        if got * 100 <= p * packages
    ]
    assert not more or not less or min(more) >= max(less)


@given(shares, st.integers(0, 300), st.integers(1, 50))
def test_shares_of_single_packages_are_exactly_their_quotas(
    percents: list[int], packages: int, first: int
) -> None:
    targets = {"users": {str(n): percent for n, percent in enumerate(percents, 1)}}
    given = by_package(reserve(targets, units=[1] * packages, first=first, votes=2))
    assert sorted(given) == [(first + n, 0) for n in range(packages)]
    got = Counter(pk for _kind, pk in given.values())
    assert [got[n] for n in range(1, len(percents) + 1)] == quotas(percents, packages)


@given(shares, st.lists(st.integers(1, 9), max_size=60))
def test_a_unit_stays_together_and_shares_are_off_by_half_a_unit_at_most(
    percents: list[int], units: list[int]
) -> None:
    half = len(percents) // 2
    targets = {
        "teams": {str(n): percent for n, percent in enumerate(percents) if n >= half and n > 0},
        "users": {str(n): percent for n, percent in enumerate(percents) if 0 < n < half},
    }
    targets["users"]["99"] = 100 - sum(map(sum, (t.values() for t in targets.values())))
    given = by_package(reserve(targets, units=units))
    ends = list(accumulate(units))
    assert sorted(number for number, _vote in given) == list(range(1, sum(units) + 1))
    for start, end in zip([0, *ends], ends, strict=False):
        assert len({given[number, 0] for number in range(start + 1, end + 1)}) == 1
    named = subjects(targets)
    wanted = dict(
        zip(named, quotas([targets[f"{k}s"][str(pk)] for k, pk in named], sum(units)), strict=True)
    )
    got = Counter(given.values())
    for one in named:
        assert abs(got[one] - wanted[one]) <= max(units, default=0)


rows = st.lists(
    st.tuples(st.integers(1, 20), st.integers(0, 8), st.sampled_from(["user", "team"]), st.integers(1, 4)),
    max_size=12,
)  # fmt: skip


@given(rows, st.integers(1, 4))
def test_a_list_takes_the_first_free_slots_in_its_order(
    drawn: list[tuple[int, int, str, int]], votes: int
) -> None:
    listed = [
        {"first": first, "last": min(20, first + more), kind: pk} for first, more, kind, pk in drawn
    ]
    expected: dict[tuple[int, int], tuple[str, int]] = {}
    twice = over = False
    for number in range(1, 21):
        here = [
            ("user", row["user"]) if "user" in row else ("team", row["team"])
            for row in listed
            if row["first"] <= number <= row["last"]
        ]
        over |= len(here) > votes
        people = [one for one in here if one[0] == "user"]
        twice |= len(set(people)) < len(people)
        expected |= {(number, vote): one for vote, one in enumerate(here)}
    if over or twice:
        with pytest.raises(Invalid) as caught:
            reserve({"packages": listed}, units=[1] * 20, votes=votes)
        assert caught.value.errors[0]["field"] == "allocation.targets"
    else:
        assert by_package(reserve({"packages": listed}, units=[3, 17], votes=votes)) == expected


def test_numbers_that_no_package_has_are_named() -> None:
    with pytest.raises(Invalid, match="1 to 20"):
        reserve({"packages": [{"first": 18, "last": 21, "user": 1}]}, units=[1] * 20)


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        (None, None),
        ({}, None),
        ({"users": {}}, None),
        ({"packages": []}, None),
        ({"users": {"7": 60}, "teams": {3: 40}}, {"users": {"7": 60}, "teams": {"3": 40}}),
        ({"users": {"7": 100, "8": 0}}, {"users": {"7": 100}}),
        ({"packages": [{"first": 2, "team": "4"}]}, {"packages": [{"first": 2, "last": 2, "team": 4}]}),
    ],
)  # fmt: skip
def test_the_stored_form(given: Any, stored: Any) -> None:
    assert check_targets(given) == stored


@pytest.mark.parametrize(
    "given",
    [
        "all",
        {"users": {"7": 60}},
        {"users": {"7": 99, "8": 2}},
        {"users": {"7": 100.0}},
        {"users": {"7": True, "8": 99}},
        {"users": {"x": 100}},
        {"users": [7]},
        {"people": {"7": 100}},
        {"users": {"7": 100}, "packages": [{"first": 1, "last": 2, "user": 1}]},
        {"packages": [{"first": 2, "last": 1, "user": 1}]},
        {"packages": [{"first": 0, "last": 1, "user": 1}]},
        {"packages": [{"first": 1, "last": 20_001, "user": 1}]},
        {"packages": [{"first": 1, "last": 2}]},
        {"packages": [{"first": 1, "last": 2, "user": 1, "team": 2}]},
        {"packages": [{"first": "1", "last": 2, "user": 1}]},
        {"packages": [7]},
        {"packages": [{"first": 1, "last": 1, "user": 1}] * 1_001},
    ],
)
def test_what_is_no_target_is_refused_at_its_field(given: Any) -> None:
    with pytest.raises(Invalid) as caught:
        check_targets(given)
    assert {error["field"] for error in caught.value.errors} == {"allocation.targets"}
