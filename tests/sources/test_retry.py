"""When a busy server may be asked again."""

from datetime import UTC, datetime

import pytest

from broadsheet.sources.retry import phrase, seconds_to_wait

NOW = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0), ("120", 120), (" 7 ", 7), ("9" * 40, 999_999_999),
        ("Sat, 21 Nov 2026 06:01:30 GMT", 90), ("Sat, 21 Nov 2026 01:01:30 -0500", 90),
        ("Sat, 21 Nov 2026 05:00:00 GMT", 0), ("Sat, 21 Nov 2026 06:01:30", 90),
    ],
)  # fmt: skip
def test_the_header_is_a_number_or_a_date(header, seconds):
    assert seconds_to_wait(header, 0, NOW) == seconds


@pytest.mark.parametrize("header", ["", "soon", "-5", "1.5", "Sat, 99 Nov 2026 06:01:30 GMT", "٣"])
def test_without_a_usable_header_the_pause_doubles(header):
    assert [seconds_to_wait(header, attempt, NOW) for attempt in range(4)] == [5, 10, 20, 40]


def test_a_status_is_told_in_words():
    assert phrase(429) == "429 Too Many Requests"
    assert phrase(999) == "999"
