"""Harvests that come again: which is due, who runs it, and when it comes next. One runs at a time, whoever asks."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from broadsheet.library.errors import LibraryError
from broadsheet.library.harvest_models import COMMAND_LIMIT
from broadsheet.library.models import Schedule

CLAIM = timedelta(minutes=15)
"""How long a claim lasts that is not held on to; whoever runs a harvest may be away for so long."""
FIRST_REST, LONGEST_REST = timedelta(minutes=5), timedelta(days=1)
"""How long a harvest that failed is left alone, at first and at most; twice as long each time."""
SOONEST, LATEST = timedelta(minutes=15), timedelta(days=366)
_PATIENCE = timedelta(hours=6), timedelta(days=1)
"""How much later than it should a harvest may succeed before somebody must look, at least and at most."""
_SHAKEN = 0.25
_LENGTHS = {
    "week": timedelta(weeks=1), "day": timedelta(days=1), "hour": timedelta(hours=1), "minute": timedelta(minutes=1),
}  # fmt: skip

Chance = Callable[[], float]
"""A number from 0 up to 1, such as random.random gives."""


def order(
    alias: str, command: str, every: timedelta, now: datetime, since: date | None = None, overlap: int | None = None
) -> Schedule:
    """Have a harvest come again and again, from now on; the same command has one order. Raises LibraryError."""
    if not SOONEST <= every <= LATEST:
        raise LibraryError("a harvest can come again every 15 minutes at the soonest and every 366 days at the latest")
    if len(command) > COMMAND_LIMIT:
        raise LibraryError("the command is too long to be kept; shorten it")
    known = {"every": every, "overlap": overlap, "next_at": now} | ({"since": since} if since else {})
    row, _ = Schedule.objects.using(alias).update_or_create(
        command=command, defaults=known, create_defaults={**known, "made_at": now}
    )
    return row


def orders(alias: str) -> list[Schedule]:
    """Every order, the oldest first. One query."""
    return list(Schedule.objects.using(alias).order_by("pk"))


def stop(alias: str, number: int) -> Schedule:
    """End an order; a run of it that is under way ends with its claim. Raises LibraryError."""
    row = Schedule.objects.using(alias).filter(pk=number).first()
    if row is None:
        raise LibraryError(f"there is no harvest with the number {number:,} that comes again; see harvest --list")
    Schedule.objects.using(alias).filter(pk=number).delete()
    return row


def claim(
    alias: str, owner: str, now: datetime, may_live: Callable[[str], bool] = lambda owner: True
) -> Schedule | None:
    """Take the harvest that has been due longest, if none is being run. Many may ask at once; one of them gets it.

    A claim lasts until it runs out, or until whoever made it cannot live any more.
    """
    if not Schedule.objects.using(alias).filter(next_at__lte=now).exists():
        return None
    with transaction.atomic(using=alias):
        rows = list(Schedule.objects.using(alias).select_for_update().order_by("pk"))
        due = [row for row in rows if row.next_at <= now]
        held = [row for row in rows if row.claimed_until and row.claimed_until > now]
        if not due or any(may_live(row.claimed_by) for row in held):
            return None
        row = min(due, key=lambda row: (row.next_at, row.pk))
        row.claimed_by, row.claimed_until, row.tried_at = owner, now + CLAIM, now
        row.began_at = row.began_at or now
        row.save(update_fields=["claimed_by", "claimed_until", "tried_at", "began_at"])
    return row


def hold(alias: str, row: Schedule, now: datetime) -> bool:
    """Hold on to a claim; False where it is lost, because it ran out or the order was ended."""
    return _own(alias, row).update(claimed_until=now + CLAIM) == 1


def release(alias: str, row: Schedule) -> None:
    """Give a claim back without having come to an end; the harvest stays due and goes on where it was."""
    _own(alias, row).update(claimed_by="", claimed_until=None)


def settle(alias: str, row: Schedule, error: str, now: datetime, chance: Chance) -> bool:
    """Write down how a run ended, "" for well, and when the next one is due; False where the claim was lost."""
    ended = {"claimed_by": "", "claimed_until": None, "error": error[:2_000]}
    if error:
        failures = row.failures + 1
        return _own(alias, row).update(failures=failures, next_at=now + rest(failures, row.every, chance), **ended) == 1
    since = row.since
    if row.overlap is not None:
        since = (row.began_at or now).date() - timedelta(days=row.overlap)
    steps = (now - row.made_at) // row.every + 1
    next_at = row.made_at + steps * row.every  # at the same hour, however long a run takes
    good = {"failures": 0, "succeeded_at": now, "began_at": None, "since": since, "next_at": next_at}
    return _own(alias, row).update(**ended, **good) == 1


def rest(failures: int, every: timedelta, chance: Chance) -> timedelta:
    """How long to leave a source alone that has failed so often; shaken, so that many do not come back at once.

    >>> [str(rest(n, timedelta(hours=6), lambda: 0.5)) for n in (1, 2, 9)]
    ['0:05:00', '0:10:00', '6:00:00']
    """
    longest = max(FIRST_REST, min(every, LONGEST_REST))
    pause: timedelta = min(FIRST_REST * 2 ** min(failures - 1, 20), longest)
    return pause * (1 - _SHAKEN + 2 * _SHAKEN * chance())


def is_late(row: Schedule, now: datetime) -> bool:
    """Whether a harvest should have succeeded long ago, so that somebody must look."""
    least, most = _PATIENCE
    return now - last_good(row) > row.every + max(least, min(row.every, most))


def last_good(row: Schedule) -> datetime:
    """When all was well last: the last success, else the order."""
    return row.succeeded_at or row.made_at


def often(every: timedelta) -> str:
    """How often, in words.

    >>> often(timedelta(hours=6)), often(timedelta(days=1)), often(timedelta(minutes=90))
    ('every 6 hours', 'every day', 'every 90 minutes')
    """
    for name, length in _LENGTHS.items():
        if every % length == timedelta(0):
            return f"every {name}" if every == length else f"every {every // length} {name}s"
    return f"every {every}"


def _own(alias: str, row: Schedule) -> QuerySet[Schedule]:
    return Schedule.objects.using(alias).filter(pk=row.pk, claimed_by=row.claimed_by)
