"""Moderating: readers report comments; moderators settle reports, and act on comments, readers and discussions.

Every act needs a reason and is a line of the audit log, written in the same transaction.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from django.db import transaction

from broadsheet.community import audit, voting
from broadsheet.community.comments import take_out
from broadsheet.community.errors import CommunityError, Missing, NotAllowed
from broadsheet.community.models import Comment, Lock, Reader, Report, Role
from broadsheet.community.threads import find
from broadsheet.library import attention
from broadsheet.library.models import Paper, Version

REASON_LIMIT = 300
REPORT_LIMIT = 1_000
CASES = 50
"""How many comments the queue shows at once."""

_SITE = "default"
_P = ParamSpec("_P")
_R = TypeVar("_R")


@dataclass(frozen=True, slots=True)
class Case:
    """A comment with its open reports, oldest first, and the title of its paper."""

    comment: Comment
    reports: list[Report]
    title: str


def report(reader: Reader, comment_id: int, reason: str, now: datetime) -> Report:
    """Report a comment to the moderators; a second report by the same reader changes nothing."""
    reason = _said(reason, REPORT_LIMIT)
    comment = find(comment_id, reader)
    if comment.deleted_at:
        raise NotAllowed("This comment was deleted")
    if comment.reader_id == reader.pk:
        raise NotAllowed("This comment is your own; you can delete it")
    made, _ = Report.objects.get_or_create(
        reader=reader, comment=comment, defaults={"paper": comment.paper, "reason": reason, "at": now}
    )
    return made


def cases(limit: int = CASES) -> list[Case]:
    """The comments with open reports, the longest waiting first; reports by limited readers are not told.

    Three queries.
    """
    waiting = (
        Report.objects.filter(settled_at__isnull=True, comment__isnull=False, comment__deleted_at__isnull=True)
        .filter(paper__withdrawn_at__isnull=True, paper__erased_at__isnull=True)
        .exclude(reader__is_limited=True)
        .select_related("reader")
        .order_by("at", "pk")
    )
    reports: dict[int, list[Report]] = {}
    for row in waiting:
        if row.comment_id in reports or len(reports) < limit:
            reports.setdefault(row.comment_id or 0, []).append(row)
    comments = Comment.objects.select_related("reader", "paper", "parent__reader").in_bulk(reports)
    papers = [comment.paper_id for comment in comments.values()]
    titles = dict(Version.objects.filter(paper__in=papers, died__isnull=True).values_list("paper", "title"))
    return [
        Case(comments[pk], rows, titles.get(comments[pk].paper_id, comments[pk].paper.key))
        for pk, rows in reports.items()
    ]


def _by_moderators(
    act: Callable[Concatenate[Reader, _P], _R],
) -> Callable[Concatenate[Reader, _P], _R]:
    """Make an act one transaction that only moderators begin, as the table knows them at this moment."""

    @wraps(act)
    def begun(moderator: Reader, /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
        with transaction.atomic():
            if not Reader.objects.get(pk=moderator.pk).is_moderator:
                raise NotAllowed("Only moderators do this")
            return act(moderator, *args, **kwargs)

    return begun


@_by_moderators
def dismiss(moderator: Reader, comment_id: int, reason: str, now: datetime) -> None:
    """Settle the reports of a comment that may stay."""
    reason, comment = _said(reason), find(comment_id, moderator)
    if not _settle(comment, moderator, "dismissed", now):
        raise Missing("No report of this comment is open")
    audit.note(moderator, "dismissed reports of", _about(comment), now, reason)


@_by_moderators
def remove(moderator: Reader, comment_id: int, reason: str, now: datetime) -> Comment:
    """Erase a comment's text and history; its place says that a moderator did."""
    reason, comment = _said(reason), find(comment_id, moderator)
    comment.paper = attention.lock(_SITE, comment.paper_id)
    comment.refresh_from_db(fields=["deleted_at", "is_shown"])
    if comment.deleted_at:
        raise NotAllowed("This comment was deleted already")
    if comment.reader is not None:
        _require_acts_on(moderator, comment.reader)
    _settle(comment, moderator, "removed", now)
    take_out(comment, Comment.DeletedBy.MODERATOR, now)
    audit.note(moderator, "removed", _about(comment), now, reason)
    return comment


@_by_moderators
def limit(moderator: Reader, handle: str, is_limited: bool, reason: str, now: datetime) -> Reader:
    """Let a reader's votes and comments be seen by nobody else from now on, or lift that limit."""
    reason, reader = _said(reason), _lock_reader(moderator, handle)
    if reader.is_limited == is_limited:
        raise NotAllowed(f"@{handle} is {'limited' if is_limited else 'not limited'} already")
    reader.is_limited = is_limited
    reader.save(update_fields=["is_limited"])
    voting.reweigh(reader)
    audit.note(moderator, "limited" if is_limited else "lifted the limit of", f"@{handle}", now, reason)
    return reader


@_by_moderators
def close_account(moderator: Reader, handle: str, is_closed: bool, reason: str, now: datetime) -> Reader:
    """Keep a reader from signing in and end their sessions, or let them in again."""
    reason, reader = _said(reason), _lock_reader(moderator, handle)
    if reader.is_active != is_closed:
        raise NotAllowed(f"The account of @{handle} is {'closed' if is_closed else 'open'} already")
    reader.is_active = not is_closed
    reader.credentials += is_closed  # no session outlives that, even when the account is opened again
    reader.save(update_fields=["is_active", "credentials"])
    audit.note(
        moderator, "closed the account of" if is_closed else "reopened the account of", f"@{handle}", now, reason
    )
    return reader


@_by_moderators
def close_discussion(moderator: Reader, paper_id: int, reason: str, now: datetime) -> Lock:
    """Let nobody but moderators add to a paper's discussion."""
    reason, paper = _said(reason), _lock_paper(paper_id)
    closed, is_new = Lock.objects.get_or_create(
        paper=paper, defaults={"moderator": moderator, "reason": reason, "at": now}
    )
    if not is_new:
        raise NotAllowed("This discussion is closed already")
    audit.note(moderator, "closed the discussion of", paper.key, now, reason)
    return closed


@_by_moderators
def open_discussion(moderator: Reader, paper_id: int, reason: str, now: datetime) -> None:
    """Let everybody write in a paper's discussion again."""
    reason, paper = _said(reason), _lock_paper(paper_id)
    removed, _ = Lock.objects.filter(paper=paper).delete()
    if not removed:
        raise NotAllowed("This discussion is open already")
    audit.note(moderator, "reopened the discussion of", paper.key, now, reason)


def may_act_on(moderator: Reader, reader: Reader) -> bool:
    """Whether a moderator may act on a reader: not on themselves, and not on an admin."""
    return moderator.is_moderator and reader.pk != moderator.pk and reader.role != Role.ADMIN


def _require_acts_on(moderator: Reader, reader: Reader) -> None:
    if reader.pk == moderator.pk:
        raise NotAllowed("Nobody moderates themselves")
    if not may_act_on(moderator, reader):
        raise NotAllowed("Moderators do not act on admins")


def _lock_reader(moderator: Reader, handle: str) -> Reader:
    reader = Reader.objects.select_for_update(no_key=True).filter(username=handle).first()
    if reader is None:
        raise Missing(f"No reader is called @{handle}")
    _require_acts_on(moderator, reader)
    return reader


def _lock_paper(paper_id: int) -> Paper:
    try:
        return attention.lock(_SITE, paper_id)
    except Paper.DoesNotExist as error:
        raise Missing("There is no such paper") from error


def _settle(comment: Comment, moderator: Reader, outcome: str, now: datetime) -> int:
    waiting = Report.objects.filter(comment=comment, settled_at__isnull=True)
    return waiting.update(settled_at=now, settled_by=moderator, outcome=outcome)


def _about(comment: Comment) -> str:
    by = f"@{comment.reader.username}" if comment.reader else "a reader who left"
    return f"comment {comment.pk} by {by} on {comment.paper.key}"


def _said(reason: str, limit: int = REASON_LIMIT) -> str:
    said = " ".join("".join(char if char.isprintable() else " " for char in reason).split())
    if not said:
        raise CommunityError("Give a reason")
    if len(said) > limit:
        raise CommunityError(f"A reason has at most {limit:,} characters, this one has {len(said):,}")
    return said
