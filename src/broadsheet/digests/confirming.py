"""Confirming: the mails about a subscription itself, sent by the worker, each once.

A mail is marked as sent before it goes out, so a crash between the two loses one, and whoever waits asks again the day
after; where the server surely did not take it the mark is taken back. Nothing that anybody typed stands in these mails.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.template.loader import render_to_string

from broadsheet.digests import links
from broadsheet.digests.addresses import domain_of, mailbox
from broadsheet.digests.errors import DigestError
from broadsheet.digests.letter import Letter, host
from broadsheet.digests.models import Subscriber
from broadsheet.digests.outbox import Fate, NotTaken, Outbox, open_outbox
from broadsheet.digests.subscribing import KEEP_PENDING, MAIL_AGAIN_AFTER
from broadsheet.digests.suppressing import suppressed

AT_ONCE = 50
LOOKED_AT = 1_000
"""How many waiting mails are looked at to find those that may go out."""
TRY_AGAIN_AFTER = timedelta(minutes=10)

log = logging.getLogger(__name__)


def send_due(now: datetime, open_: Callable[[], Outbox] = open_outbox) -> int:
    """Send what is due, the longest waiting first, and return how many mails went out.

    A mailbox gets one such mail a day, however its address is written behind a plus; a mail domain gets
    `settings.CONFIRMATIONS`, and what is above that waits. Raises NotTaken if the mail server answers to nothing.
    """
    chosen = list(_choose(now))
    if not chosen:
        return 0
    outbox = open_()
    try:
        return sum(_send(row, outbox, now) for row in chosen)
    finally:
        outbox.close()


def _choose(now: datetime) -> Iterator[Subscriber]:
    """Take what is due within the limits of mailboxes and domains."""
    due = Subscriber.objects.filter(mail_at__lte=now, left_at=None).order_by("mail_at", "pk")
    rows = list(due[:LOOKED_AT])
    if not rows:
        return
    unwanted = suppressed(row.address for row in rows)
    recent = Subscriber.objects.filter(mailed_at__gt=now - MAIL_AGAIN_AFTER).values_list("address", flat=True)
    mailboxes, domains = Counter(map(mailbox, recent)), Counter(map(domain_of, recent))
    found = 0
    for row in rows:
        box, domain = mailbox(row.address), domain_of(row.address)
        if row.address in unwanted:
            Subscriber.objects.filter(pk=row.pk).update(mail_at=None)
        elif not mailboxes[box] and domains[domain] < settings.CONFIRMATIONS and found < AT_ONCE:
            mailboxes[box] += 1
            domains[domain] += 1
            found += 1
            yield row


def _send(row: Subscriber, outbox: Outbox, now: datetime) -> bool:
    """Send one mail, if no other worker does; whether the server has it."""
    ours = Subscriber.objects.filter(pk=row.pk, mail_at=row.mail_at, left_at=None)
    before = row.mailed_at
    if not ours.update(mail_at=None, mailed_at=now):
        return False
    row.refresh_from_db()  # it may have been confirmed since it was chosen
    try:
        outbox.hand_over(compose(row))
    except DigestError as error:  # one address that no mail can name keeps nobody else waiting
        log.error("the mail to subscriber %d cannot be written: %s", row.pk, error)
        return False
    except NotTaken as refused:
        if refused.fate is Fate.LATER:
            again = Subscriber.objects.filter(pk=row.pk, mail_at=None, mailed_at=now)
            wait = timedelta() if refused.is_server else TRY_AGAIN_AFTER
            again.update(mail_at=now + wait, mailed_at=before)
        log.warning("the mail to subscriber %d did not go out: %s", row.pk, refused)
        if refused.is_server:
            raise
        return False
    Subscriber.objects.filter(pk=row.pk, confirmed_at=None).update(asked_at=now)  # its link is good from now on
    return True


def compose(row: Subscriber) -> Letter:
    """The mail that asks to confirm, or the one that says that all is confirmed already. Raises DigestError."""
    name = "confirm" if row.confirmed_at is None else "subscribed"
    context = {
        "host": host(),
        "days": KEEP_PENDING.days,
        **{f"{purpose}_link": f"{settings.SITE}/d/{purpose}/{links.seal(row, purpose)}" for purpose in _LINKS[name]},
    }
    text, page = (render_to_string(f"digests/{name}.{form}", context) for form in ("txt", "html"))
    return Letter(_SUBJECTS[name], text, row.address, page)


_SUBJECTS = {"confirm": "Confirm your subscription", "subscribed": "You are subscribed already"}
_LINKS = {"confirm": ("confirm",), "subscribed": ("change", "leave")}
