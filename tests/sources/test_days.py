"""Days as sources write them."""

from datetime import date

import pytest

from broadsheet.papers import RecordError
from broadsheet.sources.days import parse_day, parse_mail_day


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1963", date(1963, 1, 1)),
        ("2024-02", date(2024, 2, 1)),
        (" 2024-02-29 ", date(2024, 2, 29)),
        ("2026-03-02T23:59:59Z", date(2026, 3, 2)),
        ("2026-03-02 10:00:00", date(2026, 3, 2)),
        ("2026-03-02T23:59:59-05:00", date(2026, 3, 2)),
        ("9999-12-31", date(9999, 12, 31)),
        ("20240101", date(2024, 1, 1)),
    ],
)
def test_years_months_days_and_moments_are_read(text, day):
    assert parse_day(text) == day


@pytest.mark.parametrize(
    "text",
    ["", "0000-00-00", "0000", "2023-02-29", "2024-13", "2024-1-1", "12/31/2024", "99999", "yesterday",
     "2024-02-30T10:00", "٢٠٢٤", "2024-01-01junk", "-2024"],
)  # fmt: skip
def test_what_is_no_day_is_refused_with_a_sentence(text):
    with pytest.raises(RecordError, match="is not a date such as"):
        parse_day(text)


@pytest.mark.parametrize("text", ["Mon, 14 Apr 2008 20:15:28 GMT", "14 Apr 2008 20:15:28 -0500", "14 Apr 2008 00:00"])
def test_days_of_mail_are_read(text):
    assert parse_mail_day(text) == date(2008, 4, 14)


@pytest.mark.parametrize(
    "text", ["", "14 April", "2008-04-14", "Mon, 99 Apr 2008 20:15:28 GMT", "1 Jan 99999 0:0:0", "x"]
)
def test_what_mail_would_not_write_is_refused(text):
    with pytest.raises(RecordError, match="is not a date such as"):
        parse_mail_day(text)
