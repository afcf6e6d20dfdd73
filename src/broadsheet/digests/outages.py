"""Outages: harvests that come again and have not succeeded for long, told to the admins once each."""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.conf import settings

from broadsheet.community.models import Reader
from broadsheet.digests.alarms import admins, tell_once
from broadsheet.digests.letter import Letter
from broadsheet.digests.models import OutageMail
from broadsheet.digests.outbox import Outbox, open_outbox
from broadsheet.digests.wording import counted
from broadsheet.library import Library, scheduling
from broadsheet.library.models import Schedule

_SHOWN = 300


def watch(library: Library, now: datetime, open_: Callable[[], Outbox] = open_outbox) -> int:
    """Mail each admin the outages that they were not told of, in one mail, and return how many mails went out.

    The rows of a mail are written before it goes out: a crash between the two loses one mail and repeats none. Where
    the server surely did not take it the rows go again. An outage ends with a success, so the next one is told anew.
    """
    late = [row for row in scheduling.orders(library.alias) if scheduling.is_late(row, now)]
    if not late:
        return 0
    waiting = [(admin, untold) for admin in admins() if (untold := _untold(late, admin))]
    if not waiting:
        return 0
    outbox = open_()
    try:
        return sum(_tell(admin, rows, outbox, now) for admin, rows in waiting)
    finally:
        outbox.close()


def compose(rows: Sequence[Schedule], admin: Reader) -> Letter:
    """The mail that tells an admin of outages."""
    what = "a harvest does" if len(rows) == 1 else f"{len(rows)} harvests do"
    body = _TEXT.format(harvests="\n\n".join(map(_words, rows)), site=settings.SITE)
    return Letter(f"Broadsheet: {what} not succeed", body, admin.email)


def _words(row: Schedule) -> str:
    said = f"  {' '.join(row.error.split())[:_SHOWN]}" if row.error else "  It was not run: is a worker running?"
    tried = f", {counted(row.failures, 'try').replace('trys', 'tries')} failed" if row.failures else ""
    good = f"has not succeeded since {scheduling.last_good(row):%Y-%m-%d %H:%M} UTC{tried}:"
    return f"broadsheet harvest {row.command[:_SHOWN]}\n  {good}\n{said}"


def _untold(late: Sequence[Schedule], admin: Reader) -> list[Schedule]:
    told = set(OutageMail.objects.filter(reader=admin).values_list("schedule_id", "since"))
    return [row for row in late if (row.pk, scheduling.last_good(row)) not in told]


def _tell(admin: Reader, rows: Sequence[Schedule], outbox: Outbox, now: datetime) -> bool:
    ours = []
    for row in rows:
        mail, is_ours = OutageMail.objects.get_or_create(
            schedule=row, reader=admin, since=scheduling.last_good(row), defaults={"at": now}
        )
        if is_ours:
            ours.append((row, mail.pk))
    mails = OutageMail.objects.filter(pk__in=[key for _, key in ours])
    return bool(ours) and tell_once(lambda: compose([row for row, _ in ours], admin), outbox, mails)


_TEXT = """\
{harvests}

The source is asked again by itself, less and less often. Which harvests there
are: broadsheet harvest --list. How the sources are: {site}/status

This mail comes once an outage, to those who administer {site}.
"""
