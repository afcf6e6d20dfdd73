"""Feedback: a subscriber's word on a paper, more like it or less, which the next issues follow."""

from datetime import datetime

from django.db import transaction

from broadsheet.digests.errors import DigestError
from broadsheet.digests.models import Feedback, Subscriber
from broadsheet.library.models import Paper


@transaction.atomic
def say(subscriber: Subscriber, paper: Paper, wants_more: bool, now: datetime) -> Feedback:
    """Keep a subscriber's word on a paper; a later one takes its place. Raises DigestError for who has left."""
    row = Subscriber.objects.select_for_update(of=("self",)).filter(pk=subscriber.pk, left_at=None).first()
    if row is None or row.confirmed_at is None:
        raise DigestError("This subscription has ended. Subscribe again to begin another")
    said = {"wants_more": wants_more, "at": now}
    return Feedback.objects.update_or_create(subscriber=row, paper=paper, defaults=said)[0]
