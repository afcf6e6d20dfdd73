"""Days: the ways in which sources write a date, read into one."""

import re
from datetime import date, datetime
from email.utils import parsedate_to_datetime

from broadsheet.papers import RecordError

_PLAIN = re.compile(r"(?P<year>[0-9]{4})(?:-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2}))?)?")
_SHOWN = 40


def parse_day(text: str) -> date:
    """Read a year, a month, a day or a moment in ISO 8601 form. Raises RecordError.

    What is not said counts as the first. A moment keeps the day as its source wrote it, whatever the time zone.

    >>> parse_day("1963"), parse_day("2024-02"), parse_day("2024-02-29T23:30:00Z")
    (datetime.date(1963, 1, 1), datetime.date(2024, 2, 1), datetime.date(2024, 2, 29))
    """
    text = text.strip()
    try:
        if plain := _PLAIN.fullmatch(text):
            return date(int(plain["year"]), int(plain["month"] or 1), int(plain["day"] or 1))
        if _PLAIN.match(text):
            return datetime.fromisoformat(text).date()
    except ValueError:
        pass
    raise RecordError(f"{_shown(text)} is not a date such as 2026, 2026-11 or 2026-11-21")


def parse_mail_day(text: str) -> date:
    """Read a moment as mail and HTTP write it. Raises RecordError. Source: RFC 5322, section 3.3.

    >>> parse_mail_day("Mon, 14 Apr 2008 20:15:28 GMT")
    datetime.date(2008, 4, 14)
    """
    try:
        return parsedate_to_datetime(text).date()
    except (ValueError, TypeError, IndexError, OverflowError) as error:
        raise RecordError(f"{_shown(text)} is not a date such as Mon, 14 Apr 2008 20:15:28 GMT") from error


def _shown(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "...")
