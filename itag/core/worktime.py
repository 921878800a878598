"""Working hours in the workspace's time zone: by its calendar, else Monday to Friday, 9 to 17 o'clock."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

ONE_DAY = timedelta(days=1)
#: What holds where a calendar does not say otherwise; weekdays count from Monday, 1, to Sunday, 7.
DEFAULT_CALENDAR: Mapping[str, Any] = {
    "days": [1, 2, 3, 4, 5],
    "opens": "09:00",
    "closes": "17:00",
}


@dataclass(frozen=True)
class Hours:
    """The working hours of every working day; `closes` is None for midnight at the end of the day."""

    days: frozenset[int]
    opens: time
    closes: time | None

    @classmethod
    def of(cls, calendar: Mapping[str, Any] | None) -> "Hours":
        """The hours of a workspace's calendar ({} or None: the default). Raises ValueError where it is none."""
        known = {**DEFAULT_CALENDAR, **(calendar or {})}
        days = frozenset(known["days"])
        if set(known) != set(DEFAULT_CALENDAR) or not days or not days <= set(range(1, 8)):
            raise ValueError(f"no calendar: {calendar!r}")
        closes = None if known["closes"] == "24:00" else _clock(known["closes"])
        hours = cls(days, _clock(known["opens"]), closes)
        if closes is not None and closes <= hours.opens:
            raise ValueError(f"closes before it opens: {calendar!r}")
        return hours

    def on(self, day: date, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
        """When this day's work begins and ends, as moments in UTC; None where nobody works."""
        if day.isoweekday() not in self.days:
            return None
        opens = datetime.combine(day, self.opens, zone)
        if self.closes is None:
            closes = datetime.combine(day + ONE_DAY, time(), zone)
        else:
            closes = datetime.combine(day, self.closes, zone)
        # As moments: a clock change does not make an hour.
        return opens.astimezone(UTC), closes.astimezone(UTC)


def _clock(text: Any) -> time:
    """`"HH:MM"` as a time of day."""
    if len(text) != len("HH:MM"):
        raise ValueError(f"opens or closes at no time of day: {text!r}")
    return time.fromisoformat(text)


def working_hours_later(
    start: datetime, hours: int, zone: str, calendar: Mapping[str, Any] | None = None
) -> datetime:
    """The moment at which this many working hours have passed since `start`; 24 are three days of 8 hours."""
    times, here = Hours.of(calendar), ZoneInfo(zone)
    day = start.astimezone(here).date()
    left = timedelta(hours=hours)
    while True:
        if bounds := times.on(day, here):
            begin, end = max(start.astimezone(UTC), bounds[0]), bounds[1]
            if begin < end:
                if begin + left <= end:
                    return (begin + left).astimezone(start.tzinfo)
                left -= end - begin
        day += ONE_DAY


def working_hours_earlier(
    end: datetime, hours: int, zone: str, calendar: Mapping[str, Any] | None = None
) -> datetime:
    """The moment since which this many working hours have passed at `end`."""
    times, here = Hours.of(calendar), ZoneInfo(zone)
    day = end.astimezone(here).date()
    left = timedelta(hours=hours)
    while True:
        if bounds := times.on(day, here):
            begin, stop = bounds[0], min(end.astimezone(UTC), bounds[1])
            if begin < stop:
                if stop - left >= begin:
                    return (stop - left).astimezone(end.tzinfo)
                left -= stop - begin
        day -= ONE_DAY
