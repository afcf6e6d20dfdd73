"""Wanting: whether somebody wants a mail, asked when it is queued and again in the statement that lets it go."""

import logging
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Prefetch

from broadsheet.digests.models import Delivery, Interest, Subscriber
from broadsheet.digests.suppressing import digests_of

log = logging.getLogger(__name__)

INTERESTS = Prefetch("interests", Interest.objects.order_by("pk"))
"""What subscribers want, in the order in which they named it: one query for many."""


def is_paused(subscriber: Subscriber, now: datetime) -> bool:
    """Whether a subscriber wants nothing yet, by the day where they live."""
    if subscriber.paused_until is None:
        return False
    return now.astimezone(zone_of(subscriber)).date() < subscriber.paused_until


def still_wants(delivery: Delivery) -> tuple[str, list[int | str]]:
    """The condition, in SQL, that whom a mail is for has not left or paused and may get mail; and its values."""
    due_on = delivery.due_at.astimezone(zone_of(delivery.subscriber)).date()
    digests = digests_of(delivery.subscriber.address)
    places = ", ".join(["%s"] * len(digests))
    return _STILL_WANTS.format(places), [delivery.subscriber_id, due_on.isoformat(), *digests]


def zone_of(subscriber: Subscriber) -> ZoneInfo:
    """Where a subscriber lives; a zone that this machine does not know (any more) must not keep others waiting."""
    try:
        return ZoneInfo(subscriber.time_zone)
    except (KeyError, ValueError, OSError):
        log.error("subscriber %d lives in an unknown time zone: %r", subscriber.pk, subscriber.time_zone)
        return ZoneInfo("UTC")


_STILL_WANTS = """
EXISTS (
    SELECT 1 FROM digests_subscriber
    WHERE id = %s AND confirmed_at IS NOT NULL AND left_at IS NULL AND (paused_until IS NULL OR paused_until <= %s)
) AND NOT EXISTS (SELECT 1 FROM digests_suppression WHERE digest IN ({}))
"""
