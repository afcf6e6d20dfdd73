"""When an issue is due: at a subscriber's hour, on the days of their rhythm, where they live."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_WEEK = 7
_SATURDAY = 5


def next_time(rhythm: str, weekday: int, hour: int, time_zone: str, after: datetime) -> datetime:
    """The first moment after `after` at which an issue is due, in UTC.

    An hour that the clocks skip in spring comes an hour later, one that they repeat in autumn comes once.

    >>> next_time("weekdays", 0, 7, "Europe/Berlin", datetime(2026, 11, 20, 7, tzinfo=UTC)).isoformat()
    '2026-11-23T06:00:00+00:00'
    """
    zone = ZoneInfo(time_zone)
    day = after.astimezone(zone).date()
    for ahead in range(2 * _WEEK):
        candidate = day + timedelta(days=ahead)
        if not _is_day_of(rhythm, weekday, candidate):
            continue
        due = datetime.combine(candidate, time(hour), zone).astimezone(UTC)
        if due > after:
            return due
    raise ValueError(f"{rhythm} is no rhythm")


def _is_day_of(rhythm: str, weekday: int, day: date) -> bool:
    if rhythm == "weekdays":
        return day.weekday() < _SATURDAY
    return rhythm == "daily" or (rhythm == "weekly" and day.weekday() == weekday)
