"""Working hours: Monday to Friday, 9 to 17 o'clock where the workspace is."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itag.core.worktime import Hours, working_hours_earlier, working_hours_later

#: A Monday in the first week of March 2026.
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return MONDAY + timedelta(days=day, hours=hour, minutes=minute)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        (at(0, 9), 8, at(0, 17)),
        (at(0, 9), 24, at(2, 17)),
        (at(0, 13), 8, at(1, 13)),
        (at(0, 20), 1, at(1, 10)),
        (at(4, 16), 2, at(7, 10)),
        (at(5, 12), 8, at(7, 17)),
        (at(0, 3), 24, at(2, 17)),
    ],
)
def test_hours_count_on_working_days_only(start: datetime, hours: int, end: datetime) -> None:
    assert working_hours_later(start, hours, "UTC") == end


@pytest.mark.parametrize(
    ("end", "hours", "start"),
    [
        (at(0, 17), 8, at(0, 9)),
        (at(1, 13), 8, at(0, 13)),
        (at(7, 10), 2, at(4, 16)),
        (at(6, 12), 8, at(4, 9)),
    ],
)
def test_and_backwards(end: datetime, hours: int, start: datetime) -> None:
    assert working_hours_earlier(end, hours, "UTC") == start


def test_the_day_is_the_workspaces() -> None:
    # 9 o'clock in Shanghai is 1 o'clock UTC.
    assert working_hours_later(at(0, 1), 8, "Asia/Shanghai") == at(0, 9)


def test_a_clock_change_makes_no_hour() -> None:
    # Berlin's clocks went forward on Sunday, 29 March 2026; Friday 16 o'clock to Monday 10 o'clock is two hours.
    start = datetime(2026, 3, 27, 15, tzinfo=UTC)
    assert working_hours_later(start, 2, "Europe/Berlin") == datetime(2026, 3, 30, 8, tzinfo=UTC)


@given(
    st.integers(0, 400_000).map(lambda minutes: MONDAY + timedelta(minutes=minutes)),
    st.integers(1, 80),
    st.sampled_from(["UTC", "Europe/Berlin", "Asia/Shanghai", "America/New_York"]),
)
def test_back_and_forth(start: datetime, hours: int, zone: str) -> None:
    end = working_hours_later(start, hours, zone)
    assert end > start
    assert working_hours_later(working_hours_earlier(end, hours, zone), hours, zone) == end


def test_a_workspace_has_hours_of_its_own() -> None:
    shop = {"days": [6, 7], "opens": "08:30", "closes": "12:30"}
    assert working_hours_later(at(0, 9), 6, "UTC", shop) == at(6, 10, 30)
    assert working_hours_earlier(at(7, 9), 6, "UTC", shop) == at(5, 10, 30)


@pytest.mark.parametrize("hours", [1, 23, 24, 25, 100])
def test_a_workspace_may_work_around_the_clock(hours: int) -> None:
    always = {"days": [1, 2, 3, 4, 5, 6, 7], "opens": "00:00", "closes": "24:00"}
    moment = at(2, 0)
    later = moment + timedelta(hours=hours)
    assert working_hours_later(moment, hours, "Asia/Shanghai", always) == later
    assert working_hours_earlier(later, hours, "Asia/Shanghai", always) == moment


@pytest.mark.parametrize(
    "calendar",
    [
        {"days": []},
        {"days": [0, 1]},
        {"days": [8]},
        {"opens": "17:00", "closes": "09:00"},
        {"opens": "9 o'clock"},
        {"lunch": "12:00"},
    ],
)
def test_what_is_no_calendar_is_refused(calendar: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"calendar|opens|isoformat"):
        Hours.of(calendar)
