"""Telling: what matched goes out by mail or webhook, several papers in one message.

A message is claimed in one transaction that marks its matches as sending, goes out, and is settled by one UPDATE. A
mail of which nobody knows whether it went out is recorded as unknown and never sent again. A post is tried again under
the same name, by which its receiver tells repeats: so it comes at least once, and a worker that died loses none.
"""

import logging
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import F, Min, Q, QuerySet
from django.db.models.functions import Coalesce

from broadsheet.digests import alert_mail, alerts, hooks
from broadsheet.digests.errors import DigestError
from broadsheet.digests.models import Alert, AlertMatch
from broadsheet.digests.outbox import Fate, NotTaken, Outbox, open_outbox
from broadsheet.digests.suppressing import is_suppressed
from broadsheet.library import reading, unions
from broadsheet.library.models import Version

log = logging.getLogger(__name__)

MAILED_AT_ONCE, POSTED_AT_ONCE = 50, 16
MOST_MAILED, MOST_POSTED = 1_000, 20
"""How many papers one mail tells of, naming the first of them, and one post."""
MAIL_EVERY = timedelta(minutes=5)
"""How soon after a mail of an alert the next one follows."""
BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 720))
"""How long after each failure a message is tried again; after the last it is given up."""
FAILS_FOR = timedelta(days=7)
"""How long nothing gets through before the alert is stopped."""
FRESH_FOR = timedelta(days=7)
"""How long a match may wait and still be told."""
STALE_MAIL, STALE_POST = timedelta(minutes=15), timedelta(minutes=2)
"""How long a message may be sending before nobody is believed to be at it."""
_LOOKED_AT = 2_000
_A_READER = 4
State = AlertMatch.State
Means = Alert.Means


@dataclass(frozen=True, slots=True)
class Message:
    """Matches of one alert that go out together; `name` stays when they are tried again."""

    alert: Alert
    name: str
    matches: tuple[int, ...]
    papers: tuple[int, ...]
    attempts: int
    claimed_at: datetime


def tell_pending(now: datetime, open_: Callable[[], Outbox] = open_outbox, post: hooks.Post | None = None) -> int:
    """Tell what waits, by post and by mail, and return how many messages got through. Raises NotTaken."""
    return post_pending(now, post) + mail_pending(now, open_)


def mail_pending(now: datetime, open_: Callable[[], Outbox] = open_outbox) -> int:
    """Mail what waits, one mail an alert, and return how many went out. Raises NotTaken if none gets through at all."""
    _settle_stale_mail(now)
    waiting = [number for number, *_ in _due(Means.MAIL, now, MAILED_AT_ONCE)]
    if not waiting:
        return 0
    outbox = open_()
    try:
        return sum(_mail(message, outbox, now) for number in waiting if (message := claim(number, now)))
    finally:
        outbox.close()


def post_pending(now: datetime, post: hooks.Post | None = None) -> int:
    """Post what waits, a message an alert and one to a host at a time, and return how many got through."""
    _requeue_stale_posts(now)
    messages = [message for number in _choose(now) if (message := claim(number, now))]
    if not messages:
        return 0
    posts = [_posted(message, now) for message in messages]
    with ThreadPoolExecutor(POSTED_AT_ONCE) as pool:  # where no thread knows of the database
        refusals = list(pool.map(lambda told: hooks.send(told[0], told[1], told[2], post), posts))
    return sum(_settle_post(message, refusal, now) for message, refusal in zip(messages, refusals, strict=True))


def claim(number: int, now: datetime) -> Message | None:
    """Mark what an alert has to tell now as sending; None where there is nothing, or another worker is at it."""
    with transaction.atomic():
        held = Alert.objects.select_for_update(of=("self",), skip_locked=True).filter(pk=number, stopped_at=None)
        alert = held.select_related("reader").first()
        if alert is None:
            return None
        _drop(alert, now)
        name, rows = _take(alert, now)
        if not rows:
            return None
        keys = tuple(row.pk for row in rows)
        attempts = rows[0].attempts + 1
        claimed = AlertMatch.objects.filter(pk__in=keys)
        claimed.update(state=State.SENDING, claimed_at=now, message=name, attempts=attempts)
    return Message(alert, name, keys, tuple(row.paper_id for row in rows), attempts, now)


def _take(alert: Alert, now: datetime) -> tuple[str, list[AlertMatch]]:
    """The matches of the next message and its name: of one that is to be tried again, else of a new one."""
    queued = alert.matches.filter(state=State.QUEUED)
    fresh = queued.filter(message="", next_at__lte=now)
    tried = queued.exclude(message="").order_by("next_at", "message").first()
    rests_until = tried.next_at if tried else _rests_until(alert)
    if rests_until and rests_until > now:
        fresh.update(next_at=rests_until)
        return "", []
    if tried:
        return tried.message, list(queued.filter(message=tried.message).order_by("seq", "pk"))
    is_mail = alert.means == Means.MAIL
    rows = fresh.filter(paper__day__lte=_today(now)).order_by("seq", "pk")
    name = f"{'alert' if is_mail else 'msg'}_{secrets.token_hex(16)}"
    return name, list(rows[: MOST_MAILED if is_mail else MOST_POSTED])


def _rests_until(alert: Alert) -> datetime | None:
    if alert.means != Means.MAIL:
        return None
    last = alert.matches.filter(claimed_at__isnull=False).order_by("-claimed_at").first()
    return last.claimed_at + MAIL_EVERY if last and last.claimed_at else None


def _drop(alert: Alert, now: datetime) -> None:
    """Give up what is not to be told any more: of papers that are gone, too late, or to a closed account."""
    queued = alert.matches.filter(state=State.QUEUED)
    _follow(alert, queued)
    is_gone = Q(paper__withdrawn_at__isnull=False) | Q(paper__erased_at__isnull=False)
    queued.filter(is_gone).update(state=State.FAILED, error="the paper is not here any more")
    stale = queued.filter(at__lt=now - FRESH_FOR, paper__day__lt=_today(now - FRESH_FOR))
    stale.update(state=State.FAILED, error="it waited too long")
    if not alert.reader.is_active:
        queued.update(state=State.FAILED, error="the account is closed")


def _follow(alert: Alert, queued: "QuerySet[AlertMatch]") -> None:
    """Have what waits tell of the papers that its own became part of, where these do not match by themselves."""
    gone = dict(queued.filter(paper__withdrawn_at__isnull=False).order_by("-seq").values_list("paper", "pk"))
    leads = unions.leads("default", gone) if gone else {}
    known = set(alert.matches.filter(paper__in=leads.values()).values_list("paper", flat=True))
    for paper, kept in leads.items():
        if kept not in known:
            known.add(kept)
            AlertMatch.objects.filter(pk=gone[paper]).update(paper=kept)


def _due(means: Means, now: datetime, most: int) -> "list[tuple[int, int, str]]":
    """Alerts with something to tell, the longest waiting first: number, reader and web address."""
    rows = AlertMatch.objects.filter(state=State.QUEUED, next_at__lte=now, alert__means=means, alert__stopped_at=None)
    rows = rows.filter(paper__day__lte=_today(now)).order_by()
    waiting = rows.values("alert", "alert__reader", "alert__url").annotate(first=Min("next_at"))
    found = waiting.order_by("first", "alert").values_list("alert", "alert__reader", "alert__url")
    return list(found[:most])


def _choose(now: datetime) -> list[int]:
    """Alerts to post for: one a host, so that none is asked by several at once, and few of one reader."""
    hosts: set[str] = set()
    readers: dict[int, int] = {}
    chosen: list[int] = []
    for number, reader, url in _due(Means.WEBHOOK, now, _LOOKED_AT):
        host = urlsplit(url).netloc.lower()
        if host not in hosts and readers.get(reader, 0) < _A_READER and len(chosen) < POSTED_AT_ONCE:
            hosts.add(host)
            readers[reader] = readers.get(reader, 0) + 1
            chosen.append(number)
    return chosen


# By mail


def _mail(message: Message, outbox: Outbox, now: datetime) -> bool:
    alert = message.alert
    address, reason = _addressed(alert)
    if not address:
        _settle(message, State.FAILED, error=reason)
        if not alert.reader.is_limited:
            Alert.objects.filter(pk=alert.pk).update(error=reason)
        return False
    try:
        named = _versions(message.papers[: alert_mail.SHOWN])
        outbox.hand_over(alert_mail.compose(alert, address, named, len(message.papers), message.name))
    except DigestError as error:
        _settle(message, State.FAILED, error=str(error))
        return False
    except NotTaken as refused:
        _refuse_mail(message, refused, now)
        if refused.is_server:
            raise
        return False
    _settle(message, State.TOLD)
    _clear(alert)
    return True


def _addressed(alert: Alert) -> tuple[str, str]:
    """Where the mail of an alert goes, or "" and why nowhere."""
    if not alert.reader.is_active or alert.reader.is_limited:
        return "", "no mail goes to this account"
    address = alerts.address_of(alert.reader)
    if not address:
        return "", "the address of the account is not confirmed"
    if is_suppressed(address):
        return "", "mail to the address of the account came back, so it gets none"
    return address, ""


def _refuse_mail(message: Message, refused: NotTaken, now: datetime) -> None:
    said = str(refused)[:300]
    if refused.fate is Fate.UNKNOWN:
        _settle(message, State.UNKNOWN, error=said)
    elif refused.fate is Fate.NEVER:
        _settle(message, State.FAILED, error=said)
        if refused.is_address:
            alerts.stop(message.alert, now, f"the mail server refused the address: {said}")
    elif refused.is_server:  # costs a mail none of its attempts
        _settle(
            message, State.QUEUED, error=said, next_at=now + BACK_OFF[0], claimed_at=None, attempts=F("attempts") - 1
        )
    else:
        _try_again(message, said, now)


# By post


def _posted(message: Message, now: datetime) -> tuple[str, bytes, dict[str, str]]:
    alert = message.alert
    body = hooks.body_of(alert, _versions(message.papers))
    return alert.url, body, hooks.headers_of(message.name, alert.secret, body, now)


def _settle_post(message: Message, refusal: hooks.Refusal | None, now: datetime) -> bool:
    alert = message.alert
    if refusal is None:
        _settle(message, State.TOLD)
        _clear(alert)
        return True
    rows = Alert.objects.filter(pk=alert.pk)
    rows.update(failing_since=Coalesce("failing_since", now), error=refusal.reason[:300])
    if refusal.is_final:
        _settle(message, State.FAILED, error=refusal.reason)
        alerts.stop(alert, now, f"{refusal.reason}, which means that it wants no more")
    elif not _try_again(message, refusal.reason, now) and (alert.failing_since or now) <= now - FAILS_FOR:
        alerts.stop(alert, now, f"nothing got through for {FAILS_FOR.days} days: {refusal.reason}")
    return False


# Both


def _try_again(message: Message, reason: str, now: datetime) -> bool:
    """Queue a message that failed for later; False if that was its last attempt."""
    if message.attempts > len(BACK_OFF):
        _settle(message, State.FAILED, error=f"{reason}; tried {message.attempts} times")
        return False
    wait = BACK_OFF[message.attempts - 1]
    _settle(message, State.QUEUED, error=reason, next_at=now + wait, claimed_at=None)
    return True


def _settle(message: Message, state: State, error: str = "", **more: object) -> None:
    """Write what became of a message; one that was settled as stale meanwhile stays so."""
    rows = AlertMatch.objects.filter(pk__in=message.matches, state=State.SENDING, claimed_at=message.claimed_at)
    rows.update(state=state, error=error[:300], **more)


def _clear(alert: Alert) -> None:
    """Note that an alert gets through."""
    failing = Alert.objects.filter(pk=alert.pk, stopped_at=None).exclude(error="", failing_since=None)
    failing.update(error="", failing_since=None)


def _sending(means: Means, before: datetime) -> "QuerySet[AlertMatch]":
    return AlertMatch.objects.filter(state=State.SENDING, claimed_at__lt=before, alert__means=means)


def _settle_stale_mail(now: datetime) -> None:
    stale = _sending(Means.MAIL, now - STALE_MAIL)
    stale.update(state=State.UNKNOWN, error="the worker ended while this mail was going out")


def _requeue_stale_posts(now: datetime) -> None:
    stale = _sending(Means.WEBHOOK, now - STALE_POST)
    stale.update(state=State.QUEUED, next_at=now, claimed_at=None, error="the worker ended while this was posted")


def _versions(papers: tuple[int, ...]) -> list[Version]:
    """The open versions of papers, in their order."""
    found = {version.paper_id: version for version in reading.open_versions("default").filter(paper__in=papers)}
    return [found[paper] for paper in papers if paper in found]


def _today(now: datetime) -> date:
    today: date = settings.FEED_DAY.of(now)
    return today
