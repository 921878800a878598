"""A failed test is tried once more only where other processes, or threads of its own, have a part in it (ADR 18)."""

import pytest


def test_only_what_works_beside_other_processes_is_tried_again(
    request: pytest.FixtureRequest,
) -> None:
    for item in request.session.items:
        beside = any(map(item.get_closest_marker, ("browser", "worker", "race")))
        mark = item.get_closest_marker("flaky")
        assert (mark.kwargs if mark else {}) == ({"reruns": 1} if beside else {}), item.nodeid
