"""Delivering: queued mails are claimed, handed over and recorded, so that each goes out once whatever crashes.

A mail is queued, sending, then sent. The claim is one UPDATE, committed before anything goes out; the record is one
UPDATE after the server has the mail. A worker that dies in between leaves a sending row, which becomes unknown: it may
have gone out, so it is never sent again, and an operator can see it. That window is the only one there is.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from django.core.mail import EmailMessage
from django.db import connection, transaction
from django.db.models import F

from broadsheet.digests.models import Delivery
from broadsheet.digests.outbox import Fate, NotTaken, Outbox

CLAIMED_AT_ONCE = 50
STALE_AFTER = timedelta(minutes=15)
"""How long a mail may be sending before nobody is believed to be at it."""
EXPIRES_AFTER = timedelta(hours=12)
MOST_ATTEMPTS = 6
PAUSE_AFTER = 10
"""After so many failures of the server itself in a row a worker leaves it alone for a while."""
State = Delivery.State

Compose = Callable[[Delivery], EmailMessage | None]
"""Writes the mail of a delivery; None where its subscriber no longer wants it."""


class ServerTroubled(Exception):
    """The mail server failed again and again; what is queued stays queued."""


def deliver(
    compose: Compose, outbox: Outbox, owner: str, clock: Callable[[], datetime], may_go_on: Callable[[], bool]
) -> Counter[State]:
    """Hand over what is due until nothing is, and return what became of it. Raises ServerTroubled."""
    fates: Counter[State] = Counter()
    failures = 0
    settle_stale(clock())
    while may_go_on():
        claimed = claim(owner, clock())
        if not claimed:
            break
        for place, delivery in enumerate(claimed):
            if not may_go_on() or failures >= PAUSE_AFTER:
                release(claimed[place:], owner)
                break
            state, is_server = _send(delivery, compose, outbox, owner, clock)
            failures = failures + 1 if is_server else 0
            fates[state] += 1
        if failures >= PAUSE_AFTER:
            raise ServerTroubled(f"the mail server failed {failures} times in a row: {delivery.error}")
    return fates


def claim(owner: str, now: datetime, most: int = CLAIMED_AT_ONCE) -> list[Delivery]:
    """Take queued mails that are due, the longest waiting first; no other worker can take the same ones."""
    with transaction.atomic():
        due = Delivery.objects.filter(state=State.QUEUED, next_at__lte=now).order_by("next_at", "pk")
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True, of=("self",))
        taken = list(due.values_list("pk", flat=True)[:most])
        Delivery.objects.filter(pk__in=taken, state=State.QUEUED).update(
            state=State.SENDING, owner=owner, claimed_at=now, attempts=F("attempts") + 1
        )
    rows = Delivery.objects.filter(pk__in=taken, owner=owner, state=State.SENDING)
    return list(rows.select_related("subscriber", "issue").order_by("next_at", "pk"))


def release(deliveries: Iterable[Delivery], owner: str) -> None:
    """Give claimed mails back, untouched."""
    keys = [delivery.pk for delivery in deliveries]
    rows = Delivery.objects.filter(pk__in=keys, owner=owner, state=State.SENDING)
    rows.update(state=State.QUEUED, owner="", claimed_at=None, attempts=F("attempts") - 1)


def settle_stale(now: datetime) -> int:
    """Record as unknown what was sending when its worker died, and return how many there were."""
    stale = Delivery.objects.filter(state=State.SENDING, claimed_at__lt=now - STALE_AFTER)
    return stale.update(state=State.UNKNOWN, ended_at=now, error="the worker ended while this mail was going out")


def _send(
    delivery: Delivery, compose: Compose, outbox: Outbox, owner: str, clock: Callable[[], datetime]
) -> tuple[State, bool]:
    """Hand one claimed mail over and record what became of it; also say whether the server itself failed."""
    now = clock()
    if now - delivery.due_at > EXPIRES_AFTER:
        return _record(delivery, owner, State.EXPIRED, now, "too old to be worth sending"), False
    mail = compose(delivery)
    if mail is None:
        return _record(delivery, owner, State.LEFT, now), False
    try:
        outbox.hand_over(mail)
    except NotTaken as refused:
        return _record_refusal(delivery, owner, refused, clock()), refused.is_server
    return _record(delivery, owner, State.SENT, clock()), False


def _record_refusal(delivery: Delivery, owner: str, refused: NotTaken, now: datetime) -> State:
    """Queue again what may be tried again, later each time; a server that is away costs a mail none of its attempts."""
    said = str(refused)
    if refused.fate is Fate.UNKNOWN:
        return _record(delivery, owner, State.UNKNOWN, now, said)
    if refused.fate is Fate.NEVER:
        return _record(delivery, owner, State.FAILED, now, said)
    if not refused.is_server and delivery.attempts >= MOST_ATTEMPTS:
        return _record(delivery, owner, State.FAILED, now, f"{said}; tried {delivery.attempts} times")
    wait = timedelta(minutes=2 ** min(delivery.attempts, 7))
    rows = Delivery.objects.filter(pk=delivery.pk, owner=owner, state=State.SENDING)
    attempts = F("attempts") - 1 if refused.is_server else F("attempts")
    rows.update(state=State.QUEUED, owner="", claimed_at=None, next_at=now + wait, attempts=attempts, error=said[:500])
    delivery.error = said
    return State.QUEUED


def _record(delivery: Delivery, owner: str, state: State, now: datetime, error: str = "") -> State:
    rows = Delivery.objects.filter(pk=delivery.pk, owner=owner, state=State.SENDING)
    rows.update(state=state, ended_at=now, error=error[:500])
    delivery.error = error
    return state
