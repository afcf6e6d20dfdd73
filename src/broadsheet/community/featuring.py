"""Featuring: an editor puts a paper on the list of a day, today or to come, ahead of those with as many votes."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import transaction

from broadsheet.community import audit
from broadsheet.community.errors import CommunityError, Missing, NotAllowed
from broadsheet.community.models import Feature, Reader
from broadsheet.library import attention
from broadsheet.library.models import Paper

NOTE_LIMIT = 300
AHEAD = timedelta(days=366)
"""How far ahead a paper may be scheduled."""

_SITE = "default"


@transaction.atomic
def feature(editor: Reader, paper_id: int, day: date, note: str, now: datetime, today: date) -> Feature:
    """Feature a paper on a day, or move it to another; unfeatured, it goes back to the day it came from.

    Raises NotAllowed for readers who are no editors, CommunityError for a day that was or is too far ahead.
    """
    _require_editor(editor)
    note = note.replace("\0", "").strip()
    if not today <= day <= today + AHEAD:
        raise CommunityError(f"A paper is featured today or on a day to come, at most {AHEAD.days} days ahead")
    if len(note) > NOTE_LIMIT:
        raise CommunityError(f"The editors' note has at most {NOTE_LIMIT} characters, this one has {len(note):,}")
    paper = _lock(paper_id)
    former = Feature.objects.filter(paper=paper).values_list("former_day", flat=True).first() or paper.day
    row, _ = Feature.objects.update_or_create(
        paper=paper,
        defaults={"editor": editor, "note": note, "day": day, "former_day": former, "at": now},
    )
    _move(paper, day, is_featured=True)
    audit.note(editor, "featured", paper.key, now, f"on {day.isoformat()}" + (f": {note}" if note else ""))
    return row


@transaction.atomic
def unfeature(editor: Reader, paper_id: int, now: datetime) -> Paper:
    """Take a paper off the editors' choice and put it back on the day it came from; nothing changes if it was not."""
    _require_editor(editor)
    paper = attention.lock(_SITE, paper_id)
    row = Feature.objects.filter(paper=paper).first()
    if row is not None:
        _move(paper, row.former_day, is_featured=False)
        row.delete()
        audit.note(editor, "unfeatured", paper.key, now, f"of {row.day.isoformat()}")
    return paper


def scheduled(today: date, limit: int = 200) -> list[Feature]:
    """What is featured today and on days to come, in order. One query."""
    rows = Feature.objects.filter(day__gte=today).select_related("paper", "editor").order_by("day", "pk")
    return list(rows[:limit])


def features(papers: Iterable[int]) -> dict[int, Feature]:
    """The features among these papers, by paper. One query."""
    found = Feature.objects.filter(paper__in=list(papers)).select_related("editor")
    return {row.paper_id: row for row in found}


def _move(paper: Paper, day: date, is_featured: bool) -> None:
    paper.day, paper.is_featured = day, is_featured
    attention.weigh(paper)
    paper.save(update_fields=["day", "is_featured", "trending"])


def _lock(paper_id: int) -> Paper:
    paper = attention.lock(_SITE, paper_id)
    if paper.withdrawn_at or paper.erased_at:
        raise Missing("This paper is not here any more")
    return paper


def _require_editor(reader: Reader) -> None:
    if not reader.is_editor:
        raise NotAllowed("Only editors feature papers")
