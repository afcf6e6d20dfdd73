"""The journal: every change in commit order, numbered without gaps.

Whoever appends holds the only right to append until the commit: SQLite's IMMEDIATE transactions are that right, on
PostgreSQL it is a transaction-level advisory lock, released after the commit is visible. So a follower that has read up
to a sequence number can never miss a smaller one.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time

from django.conf import settings
from django.db import connections, transaction

from broadsheet.library.errors import LibraryError
from broadsheet.library.models import Change, Paper, Version

_APPEND_LOCK = 0x6A6F75726E
_HEAD = f"SELECT MAX(seq) FROM {Change._meta.db_table}"  # noqa: S608 (a table's name)


class Pen:
    """The right to append; made by `appending` and good until its transaction ends."""

    def __init__(self, alias: str, seq: int, at: datetime) -> None:
        self.alias = alias
        self.seq = seq
        self.at = at
        self.day: date = settings.FEED_DAY.of(at)
        self._changes: list[Change] = []

    def write(self, kind: Change.Kind, paper: Paper | None = None, version: Version | None = None) -> int:
        """Note a change and return its sequence number. Paper and version may be saved later, before `flush`."""
        self.seq += 1
        self._changes.append(Change(seq=self.seq, at=self.at, kind=kind, paper=paper, version=version))
        return self.seq

    def flush(self) -> None:
        """Write the changes noted so far to the journal."""
        Change.objects.using(self.alias).bulk_create(self._changes, batch_size=2_000)
        self._changes.clear()


@contextmanager
def appending(alias: str, now: datetime) -> Iterator[Pen]:
    """Open the one transaction that may append now; everything in it commits together or not at all."""
    with transaction.atomic(using=alias):
        connection = connections[alias]
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_APPEND_LOCK])
        last = Change.objects.using(alias).order_by("-seq").values_list("seq", "at").first()
        seq, at = last or (0, now)
        pen = Pen(alias, seq, max(at, now))
        yield pen
        pen.flush()


def head(alias: str) -> int:
    """The sequence number of the last committed change, 0 for an empty library. One query."""
    with connections[alias].cursor() as cursor:  # every search asks this
        cursor.execute(_HEAD)
        return int(cursor.fetchone()[0] or 0)


def position_at(alias: str, when: datetime) -> int:
    """The sequence number of the last change committed at or before a time. One query."""
    return Change.objects.using(alias).filter(at__lte=when).order_by("-seq").values_list("seq", flat=True).first() or 0


def as_of(alias: str, text: str) -> int:
    """The sequence number that people mean by "48211", "2026-11-01" (the day's end) or an ISO time.

    Raises LibraryError for anything else.
    """
    text = text.strip().removeprefix("#").replace(",", "")
    if text.isascii() and text.isdigit() and len(text) <= 18:
        return int(text)
    try:
        when = datetime.fromisoformat(text)
        if len(text) == len("2026-11-01"):
            when = datetime.combine(when, time.max)
        when = when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise LibraryError(f"{text[:40]!r} is neither a change number nor a date such as 2026-11-01") from error
    return position_at(alias, when)
