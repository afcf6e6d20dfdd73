"""The feed day: which daily list is open at a moment, in the site's time zone and from its roll-over hour on."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

_NOON = time(12)


@dataclass(frozen=True, slots=True)
class FeedDay:
    """Where and when a day of the site begins.

    A roll-over in the afternoon opens the next day's list early (at 21:30 the list of tomorrow); one in the morning
    keeps yesterday's open until then.

    >>> feed_day = FeedDay.parse("America/New_York 21:30")
    >>> feed_day.of(datetime(2026, 11, 21, 2, 29, tzinfo=UTC)), feed_day.of(datetime(2026, 11, 21, 2, 30, tzinfo=UTC))
    (datetime.date(2026, 11, 20), datetime.date(2026, 11, 21))
    """

    zone: tzinfo = UTC
    rolls_over_at: time = time(0)

    @classmethod
    def parse(cls, text: str) -> "FeedDay":
        """Read ``ZONE HH:MM``, such as ``Europe/Berlin 06:00``. Raises ValueError."""
        zone, _, clock = text.strip().rpartition(" ")
        try:
            return cls(ZoneInfo(zone), time.fromisoformat(clock))
        except (OSError, KeyError, ValueError) as error:
            raise ValueError("write a time zone and an hour, such as America/New_York 21:30") from error

    def of(self, now: datetime) -> date:
        """The day whose list is open at `now`."""
        local = now.astimezone(self.zone)
        if self.rolls_over_at >= _NOON:
            return local.date() + timedelta(days=local.time() >= self.rolls_over_at)
        return local.date() - timedelta(days=local.time() < self.rolls_over_at)
