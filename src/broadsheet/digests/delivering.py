"""Delivering: queued mails are handed over one by one and recorded, so that each goes out once whatever crashes.

A worker leases a batch, then for each mail: it is written, one UPDATE makes it sending, the server gets it, one UPDATE
settles it. The first is committed before anything goes out, so two workers never send the same mail. A worker that dies
in between leaves one mail sending; it may have gone out, so it becomes unknown, which an operator can see, and is never
sent again. That window is the only one there is. What was only leased is taken up by another worker.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from django.core.mail import EmailMessage
from django.db import DatabaseError, connection, transaction
from django.db.models import F, Q

from broadsheet.digests.models import Delivery
from broadsheet.digests.outbox import Fate, NotTaken, Outbox

log = logging.getLogger(__name__)

LEASED_AT_ONCE = 50
LEASE = timedelta(minutes=5)
"""How long a batch is kept from other workers."""
STALE_AFTER = timedelta(minutes=15)
"""How long a mail may be sending before nobody is believed to be at it."""
EXPIRES_AFTER = timedelta(hours=12)
MOST_ATTEMPTS = 6
TROUBLED_AFTER = 10
"""After so many failures of the server itself in a row it is left alone for a while."""
State = Delivery.State

Clock = Callable[[], datetime]
Compose = Callable[[Delivery], EmailMessage | None]
"""Writes the mail of a delivery; None where its subscriber no longer wants it."""
Bounced = Callable[[Delivery, str], None]
"""Hears of an address that the server calls no good, and why."""


class ServerTroubled(Exception):
    """The mail server failed again and again; what is queued stays queued."""


def deliver(
    compose: Compose, outbox: Outbox, owner: str, clock: Clock, may_go_on: Callable[[], bool], bounced: Bounced
) -> Counter[State]:
    """Hand over what is due until nothing is, and return what became of it. Raises ServerTroubled."""
    _make_durable()
    settle_stale(clock())
    fates: Counter[State] = Counter()
    failures = 0
    while may_go_on() and (leased := lease(owner, clock())):
        for place, delivery in enumerate(leased):
            if not may_go_on() or failures >= TROUBLED_AFTER:
                release(leased[place:], owner)
                break
            fate = _send(delivery, compose, outbox, clock, bounced)
            if fate is None:
                continue
            failures = failures + 1 if fate.is_server else 0
            fates[fate.state] += 1
        if failures >= TROUBLED_AFTER:
            raise ServerTroubled(f"the mail server failed {failures} times in a row: {delivery.error}")
    return fates


def lease(owner: str, now: datetime, most: int = LEASED_AT_ONCE) -> list[Delivery]:
    """Keep queued mails that are due from other workers for a while, the longest waiting first."""
    is_free = Q(owner="") | Q(claimed_at__lt=now - LEASE)
    due = Delivery.objects.filter(is_free, state=State.QUEUED, next_at__lte=now).order_by("next_at", "pk")
    if not due.exists():
        return []
    with transaction.atomic():
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True)
        taken = list(due.values_list("pk", flat=True)[:most])
        Delivery.objects.filter(pk__in=taken, state=State.QUEUED).update(owner=owner, claimed_at=now)
    rows = Delivery.objects.filter(pk__in=taken, owner=owner, state=State.QUEUED)
    return list(rows.select_related("subscriber", "issue").order_by("next_at", "pk"))


def begin(delivery: Delivery, owner: str, now: datetime) -> bool:
    """Mark a leased mail as sending, in one committed UPDATE; False if it is not ours any more."""
    ours = Delivery.objects.filter(pk=delivery.pk, owner=owner, state=State.QUEUED)
    delivery.attempts += 1
    return bool(ours.update(state=State.SENDING, claimed_at=now, attempts=delivery.attempts))


def release(deliveries: Iterable[Delivery], owner: str) -> None:
    """Give leased mails back, untouched."""
    rows = Delivery.objects.filter(pk__in=[delivery.pk for delivery in deliveries], owner=owner, state=State.QUEUED)
    rows.update(owner="", claimed_at=None)


def settle_stale(now: datetime) -> int:
    """Record as unknown what was sending when its worker died, and return how many there were."""
    stale = Delivery.objects.filter(state=State.SENDING, claimed_at__lt=now - STALE_AFTER)
    if not stale.exists():  # a look costs no other writer anything
        return 0
    return stale.update(state=State.UNKNOWN, ended_at=now, error="the worker ended while this mail was going out")


class _Outcome(NamedTuple):
    """What became of a mail, and whether it was the server itself that failed."""

    state: State
    is_server: bool = False


def _send(delivery: Delivery, compose: Compose, outbox: Outbox, clock: Clock, bounced: Bounced) -> _Outcome | None:
    """Write a leased mail, hand it over and settle it; None if another worker has it by now."""
    now = clock()
    if now - delivery.due_at > EXPIRES_AFTER:
        return _Outcome(_settle(delivery, State.EXPIRED, now, "too old to be worth sending"))
    try:
        mail = compose(delivery)
    except DatabaseError:
        raise
    except Exception as error:  # one mail that cannot be written keeps no other from going out
        log.exception("the mail %s cannot be written", delivery.message_id)
        return _Outcome(_settle(delivery, State.FAILED, now, f"cannot be written: {error}"))
    if mail is None:
        return _Outcome(_settle(delivery, State.LEFT, now))
    if not begin(delivery, delivery.owner, clock()):
        return None
    try:
        outbox.hand_over(mail)
    except NotTaken as refused:
        return _Outcome(_refuse(delivery, refused, clock(), bounced), refused.is_server)
    return _Outcome(_settle(delivery, State.SENT, clock()))


def _refuse(delivery: Delivery, refused: NotTaken, now: datetime, bounced: Bounced) -> State:
    """Queue again what may be tried again, later each time; a server that is away costs a mail none of its attempts."""
    said = str(refused)
    if refused.fate is Fate.UNKNOWN:
        return _settle(delivery, State.UNKNOWN, now, said)
    if refused.fate is Fate.NEVER:
        if refused.is_address:
            bounced(delivery, said)
        return _settle(delivery, State.FAILED, now, said)
    if not refused.is_server and delivery.attempts >= MOST_ATTEMPTS:
        return _settle(delivery, State.FAILED, now, f"{said}; tried {delivery.attempts} times")
    wait = timedelta(minutes=2 ** min(delivery.attempts, 7))
    attempts = F("attempts") - 1 if refused.is_server else F("attempts")
    return _settle(delivery, State.QUEUED, None, said, owner="", next_at=now + wait, attempts=attempts)


def _settle(delivery: Delivery, state: State, ended_at: datetime | None, error: str = "", **more: object) -> State:
    """Write what became of a mail of ours; one that was settled as stale meanwhile stays so."""
    delivery.error = error
    rows = Delivery.objects.filter(pk=delivery.pk, owner=delivery.owner, state__in=(State.QUEUED, State.SENDING))
    rows.update(state=state, ended_at=ended_at, error=error[:500], **more)
    return state


def _make_durable() -> None:
    """Have SQLite write each commit to the disk at once, so that not even a power cut forgets a mail that went out."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous=FULL")
