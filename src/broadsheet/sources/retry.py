"""When to ask a busy server again: what it says itself, or a pause that grows."""

from datetime import datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from broadsheet.sources.errors import FetchError

BUSY = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
FIRST_PAUSE = 5.0

_MOST_DIGITS = 9


class BusyError(FetchError):
    """A server asked to be left alone for a while; `retry_after` is its own header, or empty."""

    def __init__(self, status: int, retry_after: str) -> None:
        super().__init__(f"it answered {phrase(status)}", status=status)
        self.retry_after = retry_after


def seconds_to_wait(retry_after: str, attempt: int, now: datetime) -> float:
    """The seconds that a Retry-After header asks for, as a number or as a date; without a usable one, 5, 10, 20, ….

    Source: RFC 9110, section 10.2.3.

    >>> seconds_to_wait("120", 0, datetime(2026, 11, 21)), seconds_to_wait("soon", 2, datetime(2026, 11, 21))
    (120.0, 20.0)
    """
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return float(text[:_MOST_DIGITS])
    try:
        moment = parsedate_to_datetime(text)
        zone = now.tzinfo if moment.tzinfo is None else moment.tzinfo
        return max((moment.replace(tzinfo=zone) - now).total_seconds(), 0.0)
    except (ValueError, TypeError, IndexError, OverflowError):
        return FIRST_PAUSE * float(2**attempt)


def phrase(status: int) -> str:
    """A status with its meaning in words, where it has one.

    >>> phrase(404), phrase(599)
    ('404 Not Found', '599')
    """
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)
