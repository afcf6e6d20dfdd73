"""When a feed changed last, as one process remembers it."""

from datetime import UTC, datetime, timedelta

from broadsheet.web.feed_ages import FeedAges


def test_each_change_has_a_second_of_its_own():
    ages, now = FeedAges(limit=2), datetime(2026, 11, 21, 12, 0, 0, 900_000, tzinfo=UTC)
    first = ages.changed_at("/a", b"one", now)
    assert first == datetime(2026, 11, 21, 12, tzinfo=UTC)
    assert ages.changed_at("/a", b"one", now + timedelta(hours=1)) == first
    assert ages.changed_at("/a", b"two", now) == first + timedelta(seconds=1)
    assert ages.changed_at("/a", b"one", now) == first + timedelta(seconds=2)
    assert ages.changed_at("/a", b"two", now + timedelta(hours=1)) == first + timedelta(hours=1)
    for other in ("/b", "/c"):
        ages.changed_at(other, b"", now)
    later = now + timedelta(hours=2)
    assert ages.changed_at("/a", b"two", later) == later.replace(microsecond=0)  # forgotten, so told anew
