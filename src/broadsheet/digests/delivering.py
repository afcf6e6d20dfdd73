"""Delivering: queued mails are handed over one by one and recorded, so that each goes out once whatever crashes.

A worker leases a batch and reads what its mails are made of, then for each: it is written, one UPDATE makes it sending
if it is wanted still, the server gets it, one UPDATE settles it. The first is committed before anything goes out, so
two workers never send the same mail, and who left a moment before gets none. A worker that dies in between leaves one
mail sending; it may have gone out, so it becomes unknown, which an operator can see, and is never sent again. That
window is the only one there is. What was only leased is taken up by another worker.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.core.mail import EmailMessage
from django.db import DatabaseError, connection, transaction
from django.db.models import Q

from broadsheet.digests.models import Delivery
from broadsheet.digests.outbox import Answer, Fate, NotTaken, Outbox
from broadsheet.digests.pacing import Pace
from broadsheet.digests.wanting import still_wants

log = logging.getLogger(__name__)

LEASED_AT_ONCE = 50
LEASE = timedelta(minutes=5)
"""How long a batch is kept from other workers."""
FRESH_FOR = timedelta(seconds=5)
"""How old may be what a mail is written from; where the server is slow, the rest of a batch is read anew."""
STALE_AFTER = timedelta(minutes=15)
"""How long a mail may be sending before nobody is believed to be at it."""
EXPIRES_AFTER = timedelta(hours=12)
MOST_ATTEMPTS = 6
TROUBLED_AFTER = 10
"""After so many failures of the server itself in a row it is left alone for a while."""
State = Delivery.State

Clock = Callable[[], datetime]
Write = Callable[[Delivery], EmailMessage | None]
"""Writes the mail of a delivery; None where there is nothing to say any more."""
Compose = Callable[[Sequence[Delivery]], Write]
"""Reads what the mails of some deliveries are made of, and returns what writes each of them."""
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
    run = _Run(outbox, clock, bounced, pace or Pace(0))
    while may_go_on() and not run.is_troubled and (leased := lease(owner, read_at := clock())):
        write = compose(leased)
        for place, delivery in enumerate(leased):
            if place and (not may_go_on() or run.is_troubled or clock() - read_at > FRESH_FOR):
                release(leased[place:], owner)
                break
            run.send(delivery, write)
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
    """Mark a leased mail as sending, in one committed UPDATE; False if it is not ours or not wanted any more."""
    is_wanted, asked = still_wants(delivery)
    delivery.attempts += 1
    return _update(_BEGIN + is_wanted, now, delivery.attempts, delivery.pk, owner, *asked)


def release(deliveries: Iterable[Delivery], owner: str) -> None:
    """Give leased mails back, untouched."""
    rows = Delivery.objects.filter(pk__in=[delivery.pk for delivery in deliveries], owner=owner, state=State.QUEUED)
    rows.update(owner="", claimed_at=None)


def postpone(delivery: Delivery, until: datetime, error: str = "") -> int:
    """Queue a mail of ours, which the server has not got, for a later time; 0 if it is not ours any more."""
    rows = Delivery.objects.filter(pk=delivery.pk, owner=delivery.owner, state__in=(State.QUEUED, State.SENDING))
    kept = {"attempts": delivery.attempts, "error": error[:500] or delivery.error}
    return rows.update(state=State.QUEUED, owner="", claimed_at=None, next_at=until, **kept)


def settle_stale(now: datetime) -> int:
    """Record as unknown what was sending when its worker died, and return how many there were."""
    stale = Delivery.objects.filter(state=State.SENDING, claimed_at__lt=now - STALE_AFTER)
    if not stale.exists():  # a look costs no other writer anything
        return 0
    return stale.update(state=State.UNKNOWN, ended_at=now, error="the worker ended while this mail was going out")


@dataclass(slots=True)
class _Run:
    """One turn of a worker: the mail in the air, and what became of those before it."""

    outbox: Outbox
    clock: Clock
    bounced: Bounced
    pace: Pace
    flight: tuple[Delivery, Answer] | None = None
    fates: Counter[State] = field(default_factory=Counter)
    failures: int = 0
    said: str = ""

    @property
    def is_troubled(self) -> bool:
        """Whether the server itself failed too often in a row to be asked again now."""
        return self.failures >= TROUBLED_AFTER

    def send(self, delivery: Delivery, write: Write) -> None:
        """Write a leased mail while the one before is in the air, then send it off."""
        if wait := self.pace.wait(delivery.subscriber.address):
            postpone(delivery, self.clock() + wait)
            return
        mail = self._write(delivery, write)
        self.land()
        if mail is None:
            return
        if self.is_troubled:
            release([delivery], delivery.owner)
        elif begin(delivery, delivery.owner, self.clock()):
            try:
                self.flight = delivery, self.outbox.send(mail)
            except NotTaken as refused:
                self._refuse(delivery, refused)
        else:
            self._settle(delivery, State.LEFT)

    def land(self) -> None:
        """Wait for the mail in the air and settle it."""
        if self.flight is None:
            return
        (delivery, answer), self.flight = self.flight, None
        try:
            answer()
        except NotTaken as refused:
            self._refuse(delivery, refused)
        else:
            self.failures = 0
            self._settle(delivery, State.SENT)

    def _write(self, delivery: Delivery, write: Write) -> EmailMessage | None:
        """The mail of a delivery, or None if it is settled by now: too old, empty, or not to be written."""
        if self.clock() - delivery.due_at > EXPIRES_AFTER:
            self._settle(delivery, State.EXPIRED, "too old to be worth sending")
            return None
        try:
            mail = write(delivery)
        except DatabaseError:
            raise
        except Exception as error:  # one mail that cannot be written keeps no other from going out
            log.exception("the mail %s cannot be written", delivery.message_id)
            self._settle(delivery, State.FAILED, f"cannot be written: {error}")
            return None
        if mail is None:
            self._settle(delivery, State.LEFT)
        return mail

    def _refuse(self, delivery: Delivery, refused: NotTaken) -> None:
        """Queue again what may be tried again, later each time; a server that is away costs a mail no attempt."""
        self.failures = self.failures + 1 if refused.is_server else 0
        self.said = said = str(refused)
        if refused.fate is Fate.UNKNOWN:
            self._settle(delivery, State.UNKNOWN, said)
        elif refused.fate is Fate.NEVER:
            if refused.is_address:
                self.bounced(delivery, said)
            self._settle(delivery, State.FAILED, said)
        elif not refused.is_server and delivery.attempts >= MOST_ATTEMPTS:
            self._settle(delivery, State.FAILED, f"{said}; tried {delivery.attempts} times")
        else:
            wait = timedelta(minutes=2 ** min(delivery.attempts, 7))
            delivery.attempts -= refused.is_server
            self.fates[State.QUEUED] += postpone(delivery, self.clock() + wait, said)

    def _settle(self, delivery: Delivery, state: State, error: str = "") -> None:
        if _settle(delivery, state, self.clock(), error):
            self.fates[state] += 1


def _settle(delivery: Delivery, state: State, now: datetime, error: str = "") -> bool:
    """Write what became of a mail of ours; False for one that another worker has, or settled as stale meanwhile."""
    return _update(_SETTLE, state.value, now, error[:500], delivery.pk, delivery.owner)


def _update(sql: str, *values: datetime | int | str) -> bool:
    """Change one row, committed at once; whether it was there.

    Every mail costs two of these. Django needs longer to build such a statement than to write a mail.
    """
    adapt = connection.ops.adapt_datetimefield_value
    with connection.cursor() as cursor:
        cursor.execute(sql, [adapt(value) if isinstance(value, datetime) else value for value in values])
        return bool(cursor.rowcount)


_BEGIN = """
UPDATE digests_delivery SET state = 'sending', claimed_at = %s, attempts = %s
WHERE id = %s AND owner = %s AND state = 'queued' AND """
_SETTLE = """
UPDATE digests_delivery SET state = %s, ended_at = %s, error = %s
WHERE id = %s AND owner = %s AND state IN ('queued', 'sending')"""
