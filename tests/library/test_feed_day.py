"""The feed day: which list is open at a moment."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from broadsheet.library.feed_day import FeedDay


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("feed_day", "moment", "day"),
    [
        ("UTC 00:00", "2026-11-20 23:59:59", "2026-11-20"),
        ("UTC 00:00", "2026-11-21 00:00:00", "2026-11-21"),
        ("Europe/Berlin 06:00", "2026-11-21 04:59:59", "2026-11-20"),
        ("Europe/Berlin 06:00", "2026-11-21 05:00:00", "2026-11-21"),
        ("America/New_York 21:30", "2026-11-21 02:29:59", "2026-11-20"),
        ("America/New_York 21:30", "2026-11-21 02:30:00", "2026-11-21"),
        ("Asia/Kolkata 12:00", "2026-11-21 06:29:59", "2026-11-21"),
        ("Asia/Kolkata 12:00", "2026-11-21 06:30:00", "2026-11-22"),
        ("Pacific/Kiritimati 00:00", "2026-11-20 10:00:00", "2026-11-21"),
    ],
)
def test_a_morning_hour_keeps_yesterdays_list_open_an_afternoon_hour_opens_tomorrows(feed_day, moment, day):
    assert FeedDay.parse(feed_day).of(at(moment)) == date.fromisoformat(day)


@pytest.mark.parametrize("text", ["", "UTC", "06:00", "Nowhere/City 06:00", "UTC 25:00", "UTC 6", "../etc 06:00"])
def test_what_is_no_zone_and_hour_says_how_to_write_one(text):
    with pytest.raises(ValueError, match="such as America/New_York 21:30"):
        FeedDay.parse(text)


@pytest.mark.parametrize(("spring", "autumn"), [("2026-03-29", "2026-10-25")])
def test_days_stay_in_order_when_clocks_change(spring, autumn):
    feed_day = FeedDay(ZoneInfo("Europe/Berlin"), time(2, 30))
    for text in (spring, autumn):
        days = [feed_day.of(at(f"{text} {hour:02}:{minute:02}:00")) for hour in range(24) for minute in (0, 15, 30, 45)]
        assert days[0] < days[-1] == date.fromisoformat(text)
        assert days == sorted(days) or text == autumn  # in autumn 2:30 comes twice
        assert len(set(days)) == 2


def test_a_library_asks_its_clock(site_library, clock, monkeypatch):
    from django.conf import settings

    monkeypatch.setattr(settings, "FEED_DAY", FeedDay.parse("Europe/Berlin 18:00"))
    clock.now = at("2026-11-21 16:59:59")
    assert site_library.today() == date(2026, 11, 21)
    clock.forward(seconds=1)
    assert site_library.today() == date(2026, 11, 22)
