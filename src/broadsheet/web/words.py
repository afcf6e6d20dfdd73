"""Numbers, sizes, times and lists in words, as a reader would say them."""

import math
import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta

_MONTHS = [f"{date(2000, month, 1):%B}" for month in range(1, 13)]
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}")
_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"))


def count(number: int) -> str:
    """A number with commas.

    >>> count(48211)
    '48,211'
    """
    return f"{number:,}"


def counted(number: int, noun: str, plural: str = "") -> str:
    """A number with its noun.

    >>> counted(1, "paper"), counted(1204, "paper"), counted(2, "query", "queries")
    ('1 paper', '1,204 papers', '2 queries')
    """
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def size(octets: int) -> str:
    """A size in bytes.

    >>> size(900), size(1_500_000), size(2_340_000_000)
    ('900 bytes', '1.5 MB', '2.3 GB')
    """
    if octets < 1_000:
        return counted(octets, "byte")
    power = min(int(math.log10(octets) // 3), 4)
    amount = octets / 1_000**power
    return f"{amount:.{1 if amount < 10 else 0}f} {('bytes', 'kB', 'MB', 'GB', 'TB')[power]}"


def ago(moment: datetime, now: datetime) -> str:
    """How long ago a moment was; a clock that is a little off reads as now.

    >>> from datetime import UTC
    >>> ago(datetime(2026, 11, 21, 6, tzinfo=UTC), datetime(2026, 11, 21, 9, 30, tzinfo=UTC))
    '3 hours ago'
    """
    seconds = (now - moment).total_seconds()
    if seconds < 45:
        return "just now" if seconds > -3_600 else f"on {short_day(moment)}"
    if seconds > 30 * 86_400:
        return f"on {short_day(moment)}"
    return f"{span(timedelta(seconds=seconds))} ago"


def span(length: timedelta) -> str:
    """A length of time in its largest unit.

    >>> span(timedelta(seconds=20)), span(timedelta(minutes=90)), span(timedelta(days=3))
    ('less than a minute', '1 hour', '3 days')
    """
    for seconds, unit in _UNITS:
        if length.total_seconds() >= seconds:
            return counted(int(length.total_seconds() // seconds), unit)
    return "less than a minute"


def listed(words: Sequence[str]) -> str:
    """Words as a list in a sentence.

    >>> listed(["title"]), listed(["title", "abstract", "authors"])
    ('title', 'title, abstract and authors')
    """
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""


def long_day(day: date) -> str:
    """A day as a newspaper writes it.

    >>> long_day(date(2026, 11, 21))
    'Saturday 21 November 2026'
    """
    return f"{day:%A} {short_day(day)}"


def near_day(day: date, other: date) -> str:
    """A day next to another: the year is said only where it differs.

    >>> near_day(date(2026, 11, 1), date(2026, 11, 2)), near_day(date(2025, 12, 31), date(2026, 1, 2))
    ('1 November', '31 December 2025')
    """
    return f"{day.day} {day:%B}" if day.year == other.year else short_day(day)


def short_day(day: date) -> str:
    """A day in a line of small print.

    >>> short_day(date(2026, 11, 1))
    '1 November 2026'
    """
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def foreign(tag: str) -> str:
    """The tag of a language for `lang`; nothing for English, and for what is no language tag.

    >>> foreign("fr"), foreign("en-GB"), foreign("'; --")
    ('fr', '', '')
    """
    return tag if tag and _LANGUAGE.fullmatch(tag) and not tag.lower().startswith("en") else ""
