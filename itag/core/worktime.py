"""Working hours: Monday to Friday, 9 to 17 o'clock in the workspace's time zone."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

OPENS, CLOSES = time(9), time(17)
WORKING_DAYS = range(5)


def working_hours_later(start: datetime, hours: int, zone: str) -> datetime:
    """The moment at which this many working hours have passed since `start`; 24 are three working days."""
    here = start.astimezone(ZoneInfo(zone))
    left = timedelta(hours=hours)
    while True:
        opens, closes = _day(here)
        if here.weekday() in WORKING_DAYS and here < closes:
            # Compared and added as moments: a clock change does not make an hour.
            begin = max(here, opens).astimezone(start.tzinfo)
            end = closes.astimezone(start.tzinfo)
            if begin + left <= end:
                return begin + left
            left -= end - begin
        here = opens + timedelta(days=1)


def working_hours_earlier(end: datetime, hours: int, zone: str) -> datetime:
    """The moment since which this many working hours have passed at `end`."""
    here = end.astimezone(ZoneInfo(zone))
    left = timedelta(hours=hours)
    while True:
        opens, closes = _day(here)
        if here.weekday() in WORKING_DAYS and here > opens:
            stop = min(here, closes).astimezone(end.tzinfo)
            begin = opens.astimezone(end.tzinfo)
            if stop - left >= begin:
                return stop - left
            left -= stop - begin
        here = closes - timedelta(days=1)


def _day(moment: datetime) -> tuple[datetime, datetime]:
    day, zone = moment.date(), moment.tzinfo
    return datetime.combine(day, OPENS, zone), datetime.combine(day, CLOSES, zone)
