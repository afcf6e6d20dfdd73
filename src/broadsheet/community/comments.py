"""Comments: write, reply, edit, delete. Each is one transaction with the paper's counter and what readers are told."""

import re
import unicodedata
from datetime import datetime, timedelta

from django.db import transaction

from broadsheet.community import notifications
from broadsheet.community.errors import CommunityError, LimitReached, Missing, NotAllowed
from broadsheet.community.models import Comment, Lock, Reader, Report
from broadsheet.community.threads import Node, find, nodes, outline, thread, visible, walk
from broadsheet.library import attention
from broadsheet.library.models import Paper

__all__ = [
    "Node",
    "delete",
    "edit",
    "find",
    "lock_of",
    "nodes",
    "outline",
    "take_out",
    "thread",
    "visible",
    "walk",
    "write",
]

LENGTH_LIMIT = 20_000
TWICE_WITHIN = timedelta(minutes=1)
"""The same words sent again so soon are one comment: a form sent twice."""
NEW_FOR = timedelta(days=1)
NEW_READERS_LIMIT = 10
"""How many comments an account may write while it is new."""

_SITE = "default"
_BREAKS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")


def clean(text: str) -> str:
    """A comment's text fit to store: no control characters, lines ended one way. Raises CommunityError for its length.

    >>> clean(" a\\r\\nb\\x00\\x1b ")
    'a\\nb'
    """
    if len(text) > 2 * LENGTH_LIMIT:
        raise CommunityError(f"A comment has at most {LENGTH_LIMIT:,} characters, this one has {len(text):,}")
    kept = "".join(
        char for char in _BREAKS.sub("\n", text) if char in "\n\t" or unicodedata.category(char) not in _LOST
    )
    kept = kept.strip("\n").rstrip()
    if not any(unicodedata.category(char)[0] not in "ZC" for char in kept):
        raise CommunityError("A comment needs some words")
    if len(kept) > LENGTH_LIMIT:
        raise CommunityError(f"A comment has at most {LENGTH_LIMIT:,} characters, this one has {len(kept):,}")
    return kept


_LOST = ("Cc", "Cs")


@transaction.atomic
def write(reader: Reader, paper_id: int, text: str, now: datetime, parent_id: int | None = None) -> Comment:
    """Write a comment on a paper, or a reply, and tell whom it concerns. Raises CommunityError."""
    text = clean(text)
    reader, paper = _lock(reader, paper_id)
    _require_open(reader, paper)
    parent = _answered(reader, paper, parent_id) if parent_id is not None else None
    if written := _written_just_now(reader, paper, parent, text, now):
        return written
    _require_patience(reader, now)
    is_shown = not reader.is_limited and (parent is None or parent.is_shown)
    comment = Comment.objects.create(paper=paper, reader=reader, parent=parent, text=text, at=now, is_shown=is_shown)
    if is_shown:
        attention.count(paper, {"comments": 1})
    notifications.tell(comment, now)
    return comment


@transaction.atomic
def edit(reader: Reader, comment_id: int, text: str, now: datetime) -> Comment:
    """Give a reader's own comment another text; the one before stays readable. Raises CommunityError.

    What a limited reader edits, others see no longer.
    """
    text = clean(text)
    reader, comment = _lock_own(reader, comment_id)
    _require_open(reader, comment.paper)
    if comment.deleted_at:
        raise NotAllowed("This comment was deleted")
    if comment.text == text:
        return comment
    comment.earlier.create(text=comment.text, at=comment.edited_at or comment.at)
    if comment.is_shown and reader.is_limited:
        comment.is_shown = False
        attention.count(comment.paper, {"comments": -1})
    comment.text, comment.edited_at = text, now
    comment.save(update_fields=["text", "edited_at", "is_shown"])
    notifications.tell(comment, now)
    return comment


@transaction.atomic
def delete(reader: Reader, comment_id: int, now: datetime) -> Comment:
    """Erase the text and history of a reader's own comment; its place stays. Raises CommunityError."""
    _, comment = _lock_own(reader, comment_id)
    return take_out(comment, Comment.DeletedBy.READER, now)


def take_out(comment: Comment, by: Comment.DeletedBy, now: datetime) -> Comment:
    """Erase a comment whose paper is locked, count it out, and end what waits for it. Twice is once."""
    if comment.deleted_at:
        return comment
    comment.text, comment.edited_at, comment.deleted_at, comment.deleted_by = "", None, now, by
    comment.save(update_fields=["text", "edited_at", "deleted_at", "deleted_by"])
    comment.earlier.all().delete()
    notifications.forget(comment)
    Report.objects.filter(comment=comment, settled_at__isnull=True).update(settled_at=now, outcome="deleted")
    if comment.is_shown:
        attention.count(comment.paper, {"comments": -1})
    return comment


def lock_of(paper_id: int) -> Lock | None:
    """The lock of a paper's discussion, if a moderator closed it."""
    return Lock.objects.filter(paper=paper_id).select_related("moderator").first()


def _lock(reader: Reader, paper_id: int) -> tuple[Reader, Paper]:
    """Take the paper's row, and read the reader's again: what was decided about the reader a moment ago holds."""
    try:
        paper = attention.lock(_SITE, paper_id)
    except Paper.DoesNotExist as error:
        raise Missing("There is no such paper") from error
    known = Reader.objects.filter(pk=reader.pk, is_active=True).first()
    if known is None:
        raise NotAllowed("This account is closed")
    return known, paper


def _lock_own(reader: Reader, comment_id: int) -> tuple[Reader, Comment]:
    paper_id = find(comment_id, reader).paper_id
    reader, paper = _lock(reader, paper_id)
    comment = Comment.objects.get(pk=comment_id)
    comment.paper = paper
    if comment.reader_id != reader.pk:
        raise NotAllowed("This comment is by someone else")
    return reader, comment


def _require_open(reader: Reader, paper: Paper) -> None:
    if paper.withdrawn_at or paper.erased_at:
        raise Missing("This paper is not here any more, and nor is its discussion")
    closed = lock_of(paper.pk)
    if closed and not reader.is_moderator:
        because = f": {closed.reason}" if closed.reason else ""
        raise NotAllowed(f"A moderator closed this discussion{because}")


def _answered(reader: Reader, paper: Paper, parent_id: int) -> Comment:
    parent = visible(reader).filter(paper=paper, pk=parent_id).first()
    if parent is None:
        raise Missing("There is no such comment to reply to")
    if parent.deleted_at:
        raise NotAllowed("The comment to reply to was deleted")
    if not parent.is_shown and parent.reader_id != reader.pk:
        raise NotAllowed("Only its writer sees this comment, so nobody can reply to it")
    return parent


def _written_just_now(reader: Reader, paper: Paper, parent: Comment | None, text: str, now: datetime) -> Comment | None:
    same = Comment.objects.filter(reader=reader, paper=paper, parent=parent, text=text, deleted_at__isnull=True)
    return same.filter(at__gt=now - TWICE_WITHIN).first()


def _require_patience(reader: Reader, now: datetime) -> None:
    """Hold a new account to a few comments: who comes to flood a site comes with a new account."""
    grown_at = reader.joined_at + NEW_FOR
    if now < grown_at and reader.comments.count() >= NEW_READERS_LIMIT:
        raise LimitReached(
            f"A new account writes at most {NEW_READERS_LIMIT} comments on its first day", grown_at - now
        )
