"""Subscribing: asking, confirming, changing, pausing and leaving, each safe to do twice and by many at once.

Asking sends nothing itself: it notes that a mail is due, which the worker sends (confirming.py), so a mail server that
is away loses no sign-up, and an answer tells nobody whether an address is known here.
"""

import secrets
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import F, Q, QuerySet

from broadsheet.community import limits
from broadsheet.community.models import Reader
from broadsheet.digests.addresses import nobody, read_address
from broadsheet.digests.errors import DigestError
from broadsheet.digests.models import Feedback, Interest, SentPaper, Subscriber
from broadsheet.digests.schedule import next_time
from broadsheet.digests.suppressing import is_suppressed
from broadsheet.digests.wishes import Wishes, check

__all__ = ["Wishes", "ask", "change", "confirm", "forget", "holder", "leave", "link", "pause", "purge", "subscription"]

MAIL_AGAIN_AFTER = timedelta(days=1)
"""How long an address is left alone after a mail about its subscription."""
KEEP_PENDING = timedelta(days=7)
LONGEST_PAUSE = timedelta(days=366)


@transaction.atomic
def ask(address: str, wishes: Wishes, now: datetime, reader: Reader | None = None, network: str = "") -> None:
    """Note that somebody wants a digest at an address, which then gets one mail that asks to confirm it.

    At a reader's own verified address the digest is confirmed at once. Raises DigestError for what cannot be asked for
    at any address, and LimitReached for too much from one network.
    """
    address, wishes = read_address(address), check(wishes, reader)
    if network:
        limits.spend("subscription", reader.pk if reader else None, network)
    is_own = reader is not None and _has_verified(reader, address)
    if is_suppressed(address):
        if is_own:
            raise DigestError("Mail to this address came back, so it gets none. Use another, or ask who runs this site")
        return
    row = _row(address, now)
    if is_own and reader is not None:
        _write(row, wishes, now)
        _confirm(row, now)
        _give(row, reader, now)
    else:
        if row.confirmed_at is None:
            _write(row, wishes, now)
        _want_mail(row, now)


@transaction.atomic
def confirm(subscriber: Subscriber, now: datetime) -> Subscriber:
    """Begin to send to a subscriber; the second time nothing changes. Raises DigestError for who left."""
    row = _lock(subscriber)
    if row.confirmed_at is None:
        _confirm(row, now)
        owner = Reader.objects.filter(_verified(row.address), is_active=True, subscriber=None).first()
        if owner is not None:
            _give(row, owner, now)
    return row


@transaction.atomic
def change(subscriber: Subscriber, wishes: Wishes, now: datetime) -> Subscriber:
    """Give a subscriber other wishes. An issue that is due already still comes. Raises DigestError."""
    row = _lock(subscriber)
    _write(row, check(wishes, row.reader), now)
    return row


@transaction.atomic
def pause(subscriber: Subscriber, until: date | None, now: datetime) -> Subscriber:
    """Send nothing before a day, where the subscriber lives; None goes on. Raises DigestError."""
    row = _lock(subscriber)
    here = now.astimezone(ZoneInfo(row.time_zone)).date()
    if until is not None and not here < until <= here + LONGEST_PAUSE:
        raise DigestError(f"Pause until a day from tomorrow to {here + LONGEST_PAUSE:%-d %B %Y}")
    row.paused_until = until
    row.next_at = _next(row, now)
    row.save(update_fields=["paused_until", "next_at"])
    return row


@transaction.atomic
def leave(subscriber: Subscriber, now: datetime, reason: str = "asked") -> None:
    """Send nothing any more and forget the address, the wishes and what was said of papers; the second time nothing.

    The row itself stays, so that links in old mails go on saying that their reader has left.
    """
    row = Subscriber.objects.select_for_update(of=("self",)).filter(pk=subscriber.pk, left_at=None).first()
    if row is None:
        return
    row.deliveries.filter(error__icontains=row.address).update(error="")
    for model in (Interest, Feedback, SentPaper):
        model.objects.filter(subscriber=row).delete()
    row.address, row.reader, row.left_at, row.left_because = nobody(row.key), None, now, reason[:20]
    row.next_at = row.mail_at = row.paused_until = None
    row.save()


@transaction.atomic
def purge(now: datetime) -> int:
    """Remove who asked a week ago and never confirmed; return how many."""
    stale = Subscriber.objects.select_for_update(of=("self",)).filter(
        confirmed_at__isnull=True, asked_at__lt=now - KEEP_PENDING
    )
    keys = list(stale.values_list("pk", flat=True)[:1_000])  # locked: none of them can be confirmed any more
    if keys:
        Subscriber.objects.filter(pk__in=keys).delete()
    return len(keys)


def subscription(reader: Reader) -> Subscriber | None:
    """The subscription of a reader: linked to the account, or confirmed at one of its verified addresses."""
    rows = subscribers_of(reader).filter(confirmed_at__isnull=False, left_at=None)
    return rows.order_by(F("reader").asc(nulls_last=True), "pk").first()


def subscribers_of(reader: Reader) -> "QuerySet[Subscriber]":
    """The rows that are a reader's: linked to the account, or at one of its verified addresses and linked to none."""
    theirs = Q(reader=reader)
    for address in EmailAddress.objects.filter(user=reader, verified=True).values_list("email", flat=True):
        theirs |= Q(reader=None, address__iexact=address)
    return Subscriber.objects.filter(theirs)


def forget(reader: Reader) -> None:
    """Remove everything about the subscriptions of a reader whose account ends."""
    subscribers_of(reader).delete()


def holder(subscriber: Subscriber) -> Reader | None:
    """The reader for whom links of these mails vote and save: whose account, or verified address, it is."""
    linked = subscriber.reader or Reader.objects.filter(_verified(subscriber.address)).first()
    return linked if linked is not None and linked.is_active and subscriber.left_at is None else None


@transaction.atomic
def link(subscriber: Subscriber, reader: Reader, now: datetime) -> None:
    """Let an account hold the subscription of one of its verified addresses; any other stays as it is."""
    row = _lock(subscriber)
    if row.reader is None and _has_verified(reader, row.address):
        _give(row, reader, now)


def new_key() -> str:
    """What begins the links of one subscriber: 128 bits in 22 characters."""
    return secrets.token_urlsafe(16)


def _row(address: str, now: datetime) -> Subscriber:
    """The row of an address, locked; of many askers at once one makes it."""
    new = {"address": address, "key": new_key(), "asked_at": now}
    row, _ = Subscriber.objects.get_or_create(address__iexact=address, defaults=new)
    return Subscriber.objects.select_for_update(of=("self",)).get(pk=row.pk)


def _lock(subscriber: Subscriber) -> Subscriber:
    row = Subscriber.objects.select_for_update(of=("self",)).select_related("reader").filter(pk=subscriber.pk).first()
    if row is None or row.left_at is not None:
        raise DigestError("This subscription has ended. Subscribe again to begin another")
    return row


def _want_mail(row: Subscriber, now: datetime) -> None:
    """Let the worker send a mail, unless one waits already or went out within a day."""
    if row.mail_at is not None or (row.mailed_at is not None and now - row.mailed_at < MAIL_AGAIN_AFTER):
        return
    row.mail_at = now
    row.asked_at = now if row.confirmed_at is None else row.asked_at
    row.save(update_fields=["mail_at", "asked_at"])


def _confirm(row: Subscriber, now: datetime) -> None:
    if row.confirmed_at is not None:
        return
    row.confirmed_at, row.mail_at = now, None
    row.next_at = _next(row, now)
    row.save(update_fields=["confirmed_at", "mail_at", "next_at"])


def _give(row: Subscriber, reader: Reader, now: datetime) -> None:
    """Link a subscription to an account; one that it had at another address ends."""
    for other in Subscriber.objects.filter(reader=reader).exclude(pk=row.pk):
        leave(other, now, "moved")
    row.reader = reader
    row.save(update_fields=["reader"])


def _write(row: Subscriber, wishes: Wishes, now: datetime) -> None:
    """Write wishes into a locked row. What is due stays due, so that a change at that moment costs nobody an issue."""
    row.rhythm, row.weekday, row.hour = wishes.rhythm, wishes.weekday, wishes.hour
    row.time_zone, row.size = wishes.time_zone, wishes.size
    if row.confirmed_at is not None and row.next_at is not None and row.next_at > now:
        row.next_at = _next(row, now)
    row.save(update_fields=["rhythm", "weekday", "hour", "time_zone", "size", "next_at"])
    Interest.objects.filter(subscriber=row).delete()
    Interest.objects.bulk_create(Interest(subscriber=row, kind=kind, value=value) for kind, value in wishes.interests)


def _next(row: Subscriber, now: datetime) -> datetime:
    """When the next issue of a subscriber is due: never in a pause."""
    after = now
    if row.paused_until is not None:
        begins = datetime.combine(row.paused_until, time(), ZoneInfo(row.time_zone)).astimezone(UTC)
        after = max(now, begins - timedelta(seconds=1))
    return next_time(row.rhythm, row.weekday, row.hour, row.time_zone, after)


def _has_verified(reader: Reader, address: str) -> bool:
    return bool(EmailAddress.objects.filter(user=reader, email__iexact=address, verified=True).exists())


def _verified(address: str) -> Q:
    """Readers whose verified address this is."""
    found = EmailAddress.objects.filter(email__iexact=address, verified=True)
    return Q(pk__in=found.values("user"))
