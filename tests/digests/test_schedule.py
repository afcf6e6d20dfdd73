"""When an issue is due: at the hour asked for where the subscriber lives, each day of the rhythm once."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.digests.schedule import next_time

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia",
         "America/Sao_Paulo", "Africa/Casablanca")  # fmt: skip
moments = st.datetimes(datetime(2000, 1, 1), datetime(2045, 1, 1), timezones=st.just(UTC))
rhythms = st.sampled_from(("daily", "weekdays", "weekly"))


def due(hour: int, zone: str, after: datetime, rhythm: str = "daily", weekday: int = 0) -> str:
    return next_time(rhythm, weekday, hour, zone, after).isoformat()


@given(rhythms, st.integers(0, 6), st.integers(0, 23), st.sampled_from(ZONES), moments)
def test_it_is_later_within_the_rhythm_and_on_a_day_of_it(rhythm, weekday, hour, zone, after):
    found = next_time(rhythm, weekday, hour, zone, after)
    local = found.astimezone(ZoneInfo(zone))
    assert after < found <= after + timedelta(days={"daily": 2, "weekdays": 4, "weekly": 8}[rhythm])
    day = local.weekday()
    is_skipped_hour = local.hour != hour
    if not is_skipped_hour:
        assert rhythm == "daily" or (day < 5 if rhythm == "weekdays" else day == weekday)


@given(st.integers(0, 23), st.sampled_from(ZONES[:5]), moments)
def test_one_after_the_other_comes_every_day_once(hour, zone, after):
    days = []
    for _ in range(10):
        after = next_time("daily", 0, hour, zone, after)
        days.append(after.astimezone(ZoneInfo(zone)).date())
    assert all(later - earlier == timedelta(days=1) for earlier, later in pairwise(days))


def test_an_hour_that_the_clocks_skip_comes_an_hour_later():
    assert due(2, "Europe/Berlin", datetime(2026, 3, 28, 12, tzinfo=UTC)) == "2026-03-29T01:00:00+00:00"
    assert due(2, "Europe/Berlin", datetime(2026, 3, 29, 1, tzinfo=UTC)) == "2026-03-30T00:00:00+00:00"


def test_an_hour_that_the_clocks_repeat_comes_once():
    first = next_time("daily", 0, 2, "Europe/Berlin", datetime(2026, 10, 24, 12, tzinfo=UTC))
    assert first.isoformat() == "2026-10-25T00:00:00+00:00"
    assert due(2, "Europe/Berlin", first) == "2026-10-26T01:00:00+00:00"


def test_the_moment_itself_is_past():
    seven = datetime(2026, 11, 20, 7, tzinfo=UTC)
    assert due(7, "UTC", seven) == "2026-11-21T07:00:00+00:00"
    assert due(7, "UTC", seven, "weekdays") == "2026-11-23T07:00:00+00:00"
    assert due(7, "UTC", seven, "weekly", 4) == "2026-11-27T07:00:00+00:00"


def test_a_rhythm_that_there_is_not_is_an_error():
    with pytest.raises(ValueError, match="no rhythm"):
        next_time("hourly", 0, 7, "UTC", datetime(2026, 11, 20, tzinfo=UTC))
