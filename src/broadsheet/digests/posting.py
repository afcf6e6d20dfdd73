"""Posting: one turn of a worker, from whose issue is due to the mail in the server's hands."""

import os
import socket
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from functools import cache

from django.conf import settings

from broadsheet.digests import bounces, issuing
from broadsheet.digests.composing import compose
from broadsheet.digests.delivering import deliver
from broadsheet.digests.models import Delivery
from broadsheet.digests.outbox import open_outbox
from broadsheet.digests.pacing import Pace
from broadsheet.digests.reports import kind_of
from broadsheet.library import Library


def post(
    library: Library, clock: Callable[[], datetime], may_go_on: Callable[[], bool]
) -> tuple[int, Counter[Delivery.State]]:
    """Queue what is due and hand over what is queued: how many mails were queued, and what became of those sent.

    Safe to do in any number of processes at once and to kill at any moment. Raises ServerTroubled.
    """
    queued = issuing.queue_due(library, clock())
    outbox = open_outbox()

    def bounced(delivery: Delivery, said: str) -> None:
        bounces.note(delivery.subscriber, delivery, kind_of(said), said, clock())

    try:
        owner = f"{socket.gethostname()}:{os.getpid()}"
        return queued, deliver(compose, outbox, owner, clock, may_go_on, bounced, _pace())
    finally:
        outbox.close()


@cache
def _pace() -> Pace:
    """The pace of this process, from one turn to the next."""
    return Pace(settings.MAIL_PACE)
