"""Alarms: a day whose papers have not come, told to readers on their issue and to the operator once."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from statistics import median

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet

from broadsheet.community.models import Reader, Role
from broadsheet.digests.errors import DigestError
from broadsheet.digests.letter import Letter
from broadsheet.digests.models import AlarmMail, Issue, OutageMail
from broadsheet.digests.outbox import Fate, NotTaken, Outbox, open_outbox
from broadsheet.digests.wording import counted, listed, long_day
from broadsheet.library import Library
from broadsheet.library.models import HarvestRun, Paper

WEEKS = 4
FEWEST = 5
"""How many papers must be usual at least for their absence to mean anything."""
SHARE = 0.5
"""Below which share of the usual number a day is half-filled."""
SILENT_AFTER = timedelta(hours=36)


def assess(library: Library, now: datetime) -> str:
    """What is wrong with the papers of the feed day in a sentence, "" if nothing is.

    The papers that have come by now are compared with the median of those that had come by the same hour of the same
    weekday in the last four weeks; so a day without lists, such as a Sunday, and an early hour raise no alarm.
    """
    day = settings.FEED_DAY.of(now)
    usual = median(_count(library.alias, day, now, weeks) for weeks in range(1, WEEKS + 1))
    if usual < FEWEST:
        return ""
    found = _count(library.alias, day, now, 0)
    if found >= SHARE * usual:
        return ""
    came = f"only {counted(found, 'paper')} came" if found else "no papers came"
    told = f"On {long_day(day)} {came}, where {usual:,.0f} are usual by this hour."
    return f"{told}{_blame(library.alias, now)}"[:300]


def open_issue(library: Library, now: datetime) -> Issue:
    """The issue of the feed day with its alarm as it is now. Many may do this at once."""
    alarm = assess(library, now)
    day = settings.FEED_DAY.of(now)
    issue, _ = Issue.objects.get_or_create(day=day, defaults={"opened_at": now, "alarm": alarm})
    if issue.alarm != alarm:
        issue.alarm = alarm
        Issue.objects.filter(pk=issue.pk).update(alarm=alarm)
    return issue


def standing(today: date) -> str:
    """What the worker found wrong with a feed day when it last looked, "" if nothing. One query."""
    return Issue.objects.filter(day=today).values_list("alarm", flat=True).first() or ""


def watch(library: Library, now: datetime, open_: Callable[[], Outbox] = open_outbox) -> int:
    """Open the day's issue; where it has an alarm, mail each admin once a day, and return how many mails went out.

    The row of a mail is written before it goes out: a crash between the two loses one mail and repeats none. Where the
    server surely did not take it the row goes again.
    """
    issue = open_issue(library, now)
    if not issue.alarm:
        return 0
    waiting = list(_untold(issue))
    if not waiting:
        return 0
    outbox = open_()
    try:
        return sum(_tell(issue, admin, outbox, now) for admin in waiting)
    finally:
        outbox.close()


def admins() -> "QuerySet[Reader]":
    """The site's admins whose address is shown to be theirs."""
    verified = EmailAddress.objects.filter(user=OuterRef("pk"), email__iexact=OuterRef("email"), verified=True)
    return Reader.objects.filter(Exists(verified), role=Role.ADMIN, is_active=True).order_by("pk")


def _count(alias: str, day: date, now: datetime, weeks: int) -> int:
    """How many papers the list of a day, so many weeks ago, had at this hour by the clocks of the site."""
    ago = timedelta(weeks=weeks)
    by = now.astimezone(settings.FEED_DAY.zone) - ago  # the same hour on the wall, whatever the clocks did since
    standing = Paper.objects.using(alias).filter(withdrawn_at__isnull=True, erased_at__isnull=True)
    return standing.filter(day=day - ago, added_at__lte=by).count()


def _blame(alias: str, now: datetime) -> str:
    """Which sources failed or have been silent, "" if none."""
    latest: dict[str, HarvestRun] = {}
    recent = HarvestRun.objects.using(alias).filter(started_at__gte=now - timedelta(weeks=WEEKS))
    for run in recent.order_by("-started_at", "-pk")[:1_000]:
        latest.setdefault(run.source, run)
    failed = [name for name, run in latest.items() if run.state == HarvestRun.State.FAILED]
    silent = [name for name, run in latest.items() if name not in failed and now - run.last_at > SILENT_AFTER]
    told = f" The last run of {listed(failed[:3])} failed." if failed else ""
    return told + (
        f" Nothing was heard of {listed(silent[:3])} for {SILENT_AFTER // timedelta(hours=1)} hours." if silent else ""
    )


def _untold(issue: Issue) -> "QuerySet[Reader]":
    """Admins whom nobody has told of this day."""
    return admins().exclude(Exists(AlarmMail.objects.filter(issue=issue, reader=OuterRef("pk"))))


def _tell(issue: Issue, admin: Reader, outbox: Outbox, now: datetime) -> bool:
    row, is_ours = AlarmMail.objects.get_or_create(issue=issue, reader=admin, defaults={"at": now})
    return is_ours and tell_once(lambda: compose(issue, admin), outbox, AlarmMail.objects.filter(pk=row.pk))


def tell_once(write: Callable[[], Letter], outbox: Outbox, rows: "QuerySet[AlarmMail] | QuerySet[OutageMail]") -> bool:
    """Hand over a mail of which these rows tell; they go where the server surely did not take it, else keep why."""
    try:
        outbox.hand_over(write())
    except (NotTaken, DigestError) as refused:
        if isinstance(refused, NotTaken) and refused.fate is Fate.LATER:
            rows.delete()
        else:
            rows.update(error=str(refused)[:300])
        return False
    return True


def compose(issue: Issue, admin: Reader) -> Letter:
    """The mail that tells an admin of an alarm."""
    body = _TEXT.format(alarm=issue.alarm, site=settings.SITE)
    return Letter(f"Broadsheet: something is wrong with {long_day(issue.day)}", body, admin.email)


_TEXT = """\
{alarm}

How the sources are: {site}/status

Readers whose issue is due are told the same. This mail comes once a day at
most, to those who administer {site}.
"""
