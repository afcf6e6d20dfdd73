"""Delivering: queued mails are handed over one by one and recorded, so that each goes out once whatever crashes.

A worker leases a batch, then for each mail: it is written, one UPDATE makes it sending, the server gets it, one UPDATE
settles it. The first is committed before anything goes out, so two workers never send the same mail. A worker that dies
in between leaves one mail sending; it may have gone out, so it becomes unknown, which an operator can see, and is never
sent again. That window is the only one there is. What was only leased is taken up by another worker.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.core.mail import EmailMessage
from django.db import DatabaseError, connection, transaction
from django.db.models import F, Q

from broadsheet.digests.models import Delivery
from broadsheet.digests.outbox import Fate, NotTaken, Outbox
from broadsheet.digests.pacing import Pace

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
    compose: Compose,
    outbox: Outbox,
    owner: str,
    clock: Clock,
    may_go_on: Callable[[], bool],
    bounced: Bounced,
    pace: Pace | None = None,
) -> Counter[State]:
    """Hand over what is due until nothing is, and return what became of it. Raises ServerTroubled.

    While the server takes one mail the next is written; never is more than one in the air. What goes to one domain
    faster than `pace` allows waits for its turn.
    """
    settle_stale(clock())
    with ThreadPoolExecutor(1, "outbox") as courier:
        run = _Run(compose, outbox, clock, bounced, courier, pace or Pace(0))
        while may_go_on() and not run.is_troubled and (leased := lease(owner, clock())):
            for place, delivery in enumerate(leased):
                if not may_go_on() or run.is_troubled:
                    release(leased[place:], owner)
                    break
                run.send(delivery)
            run.land()
    if run.is_troubled:
        raise ServerTroubled(f"the mail server failed {run.failures} times in a row: {run.said}")
    return run.fates


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


def postpone(delivery: Delivery, until: datetime) -> None:
    """Give a leased mail back for a later time, at no cost of an attempt."""
    rows = Delivery.objects.filter(pk=delivery.pk, owner=delivery.owner, state=State.QUEUED)
    rows.update(owner="", claimed_at=None, next_at=until)


def settle_stale(now: datetime) -> int:
    """Record as unknown what was sending when its worker died, and return how many there were."""
    stale = Delivery.objects.filter(state=State.SENDING, claimed_at__lt=now - STALE_AFTER)
    if not stale.exists():  # a look costs no other writer anything
        return 0
    return stale.update(state=State.UNKNOWN, ended_at=now, error="the worker ended while this mail was going out")


@dataclass(slots=True)
class _Run:
    """One turn of a worker: the mail in the air, and what became of those before it."""

    compose: Compose
    outbox: Outbox
    clock: Clock
    bounced: Bounced
    courier: ThreadPoolExecutor
    pace: Pace
    flight: "tuple[Delivery, Future[None]] | None" = None
    fates: Counter[State] = field(default_factory=Counter)
    failures: int = 0
    said: str = ""

    @property
    def is_troubled(self) -> bool:
        """Whether the server itself failed too often in a row to be asked again now."""
        return self.failures >= TROUBLED_AFTER

    def send(self, delivery: Delivery) -> None:
        """Write a leased mail while the one before is in the air, then send it off."""
        if wait := self.pace.wait(delivery.subscriber.address):
            postpone(delivery, self.clock() + wait)
            return
        mail = self._write(delivery)
        self.land()
        if self.is_troubled:
            release([delivery], delivery.owner)
        elif mail is not None and begin(delivery, delivery.owner, self.clock()):
            self.flight = delivery, self.courier.submit(self.outbox.hand_over, mail)

    def land(self) -> None:
        """Wait for the mail in the air and settle it."""
        if self.flight is None:
            return
        (delivery, taken), self.flight = self.flight, None
        try:
            taken.result()
        except NotTaken as refused:
            self.failures = self.failures + 1 if refused.is_server else 0
            self.said = str(refused)
            self.fates[self._refuse(delivery, refused)] += 1
        else:
            self.failures = 0
            self._settle(delivery, State.SENT)

    def _write(self, delivery: Delivery) -> EmailMessage | None:
        """The mail of a delivery, or None if it is settled by now: too old, not wanted, or not to be written."""
        if self.clock() - delivery.due_at > EXPIRES_AFTER:
            self._settle(delivery, State.EXPIRED, "too old to be worth sending")
            return None
        try:
            mail = self.compose(delivery)
        except DatabaseError:
            raise
        except Exception as error:  # one mail that cannot be written keeps no other from going out
            log.exception("the mail %s cannot be written", delivery.message_id)
            self._settle(delivery, State.FAILED, f"cannot be written: {error}")
            return None
        if mail is None:
            self._settle(delivery, State.LEFT)
        return mail

    def _refuse(self, delivery: Delivery, refused: NotTaken) -> State:
        """Queue again what may be tried again, later each time; a server that is away costs a mail no attempt."""
        now, said = self.clock(), str(refused)
        if refused.fate is Fate.UNKNOWN:
            return _settle(delivery, State.UNKNOWN, now, said)
        if refused.fate is Fate.NEVER:
            if refused.is_address:
                self.bounced(delivery, said)
            return _settle(delivery, State.FAILED, now, said)
        if not refused.is_server and delivery.attempts >= MOST_ATTEMPTS:
            return _settle(delivery, State.FAILED, now, f"{said}; tried {delivery.attempts} times")
        wait = timedelta(minutes=2 ** min(delivery.attempts, 7))
        attempts = F("attempts") - 1 if refused.is_server else F("attempts")
        return _settle(delivery, State.QUEUED, None, said, owner="", next_at=now + wait, attempts=attempts)

    def _settle(self, delivery: Delivery, state: State, error: str = "") -> None:
        self.fates[_settle(delivery, state, self.clock(), error)] += 1


def _settle(delivery: Delivery, state: State, ended_at: datetime | None, error: str = "", **more: object) -> State:
    """Write what became of a mail of ours; one that was settled as stale meanwhile stays so."""
    rows = Delivery.objects.filter(pk=delivery.pk, owner=delivery.owner, state__in=(State.QUEUED, State.SENDING))
    rows.update(state=state, ended_at=ended_at, error=error[:500], **more)
    return state
