"""Notifications: readers hear of replies to them and of comments that name them, once a comment."""

from datetime import datetime

from django.db.models import QuerySet

from broadsheet.community.mentions import readers_named
from broadsheet.community.models import Comment, Notification, Reader
from broadsheet.community.notification_mail import send_pending

__all__ = ["forget", "mark_seen", "send_pending", "tell", "told", "unseen_count"]

LIMIT = 11
"""How many readers hear of one comment, however often it is edited: those it names, and the one it answers."""


def tell(comment: Comment, now: datetime) -> None:
    """Note whom a comment concerns, in the transaction that wrote it; who knows of it already hears nothing more."""
    if not comment.is_shown:
        return
    known = set(Notification.objects.filter(comment=comment).values_list("reader", flat=True))
    answered = comment.parent.reader if comment.parent else None
    kinds = {answered.pk: Notification.Kind.REPLY} if answered is not None and answered.is_active else {}
    for reader in readers_named(comment.text):
        kinds.setdefault(reader.pk, Notification.Kind.MENTION)
    new = [pk for pk in kinds if pk not in known and pk != comment.reader_id][: max(0, LIMIT - len(known))]
    rows = [Notification(reader_id=pk, comment=comment, kind=kinds[pk], at=now) for pk in new]
    Notification.objects.bulk_create(rows, ignore_conflicts=True)


def forget(comment: Comment) -> None:
    """Tell nobody of a comment that is gone."""
    Notification.objects.filter(comment=comment).delete()


def told(reader: Reader) -> "QuerySet[Notification]":
    """What a reader was told of and may still see, the newest first."""
    rows = Notification.objects.filter(reader=reader, comment__is_shown=True, comment__deleted_at__isnull=True)
    rows = rows.filter(comment__paper__withdrawn_at__isnull=True, comment__paper__erased_at__isnull=True)
    return rows.select_related("comment__reader", "comment__paper", "comment__parent__reader").order_by("-at", "-pk")


def unseen_count(reader: Reader) -> int:
    """How many notifications a reader has not seen. One query on a small index."""
    return told(reader).filter(seen_at__isnull=True).order_by().count()


def mark_seen(reader: Reader, now: datetime) -> int:
    """Mark all that a reader was told of as seen; return how many were not."""
    return Notification.objects.filter(reader=reader, seen_at__isnull=True).update(seen_at=now)
