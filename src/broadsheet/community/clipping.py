"""Clippings: a paper into a collection and out of it, its note and its place, with the count of who saved it."""

import secrets
from datetime import datetime

from django.db import transaction
from django.db.models import Max, Min

from broadsheet.community.errors import CommunityError, Missing
from broadsheet.community.models import Clipping, Collection, Reader
from broadsheet.library import attention
from broadsheet.library.models import Paper

PAPERS_LIMIT = 5_000
"""Most papers of a collection."""
NOTE_LIMIT = 2_000
MOVES = ("up", "down", "top", "bottom")

_SITE = "default"


@transaction.atomic
def save(reader: Reader, paper_id: int, now: datetime) -> Paper:
    """Put a paper into a reader's default collection and return the paper; saving twice changes nothing."""
    return clip(default(reader, now), paper_id, now)


def default(reader: Reader, now: datetime) -> Collection:
    """The collection that takes what a reader saves by one key, made at the first save."""
    made = {"slug": new_slug(), "title": "Saved", "created_at": now, "changed_at": now}
    return Collection.objects.get_or_create(reader=reader, is_default=True, defaults=made)[0]


def new_slug() -> str:
    """An address that nobody can guess: 128 bits in 22 characters."""
    return secrets.token_urlsafe(16)


@transaction.atomic
def unsave(reader: Reader, paper_id: int, now: datetime) -> Paper:
    """Take a paper out of a reader's default collection and return the paper."""
    collection = Collection.objects.filter(reader=reader, is_default=True).first()
    if collection is None:
        return attention.lock(_SITE, paper_id)
    return unclip(collection, paper_id, now)


@transaction.atomic
def clip(collection: Collection, paper_id: int, now: datetime) -> Paper:
    """Put a paper into a collection: at the head of the default one, at the end of any other.

    Raises CommunityError beyond the limit, Missing for a paper that was withdrawn or erased.
    """
    lock(collection)
    paper = attention.lock(_SITE, paper_id)
    inside = Clipping.objects.filter(collection=collection)
    if inside.filter(paper=paper).exists():
        return paper
    if paper.withdrawn_at or paper.erased_at:
        raise Missing("This paper is not here any more")
    if inside.count() >= PAPERS_LIMIT:
        raise CommunityError(f"A collection holds at most {PAPERS_LIMIT:,} papers; begin another one")
    is_first = not _is_saved(collection, paper.pk)
    Clipping.objects.create(collection=collection, paper=paper, place=_new_place(collection), at=now)
    if is_first and counts(collection):
        attention.count(paper, {"saves": 1})
    _touch(collection, now)
    return paper


@transaction.atomic
def unclip(collection: Collection, paper_id: int, now: datetime) -> Paper:
    """Take a paper out of a collection and return the paper; nothing changes if it was not in it."""
    lock(collection)
    paper = attention.lock(_SITE, paper_id)
    taken, _ = Clipping.objects.filter(collection=collection, paper=paper).delete()
    if taken and counts(collection) and not _is_saved(collection, paper.pk):
        attention.count(paper, {"saves": -1})
    _touch(collection, now)
    return paper


@transaction.atomic
def annotate(collection: Collection, paper_id: int, note: str, now: datetime) -> Clipping:
    """Give a paper in a collection another note, or none. Raises CommunityError for its length."""
    note = note.replace("\0", "").strip()
    if len(note) > NOTE_LIMIT:
        raise CommunityError(f"A note here has at most {NOTE_LIMIT:,} characters, this one has {len(note):,}")
    lock(collection)
    clipping = _find(collection, paper_id)
    clipping.note = note
    clipping.save(update_fields=["note"])
    _touch(collection, now)
    return clipping


@transaction.atomic
def move(collection: Collection, paper_id: int, where: str, now: datetime) -> Clipping:
    """Move a paper one place up or down, or to the top or bottom, of what is there at this moment.

    Of several moves at once each finds the order that the one before has left, so none is lost and no place is
    taken twice. At the end of the list a move changes nothing.
    """
    lock(collection)
    clipping = _find(collection, paper_id)
    rows = Clipping.objects.filter(collection=collection)
    if where == "up":
        _swap(clipping, rows.filter(place__lt=clipping.place).order_by("-place").first())
    elif where == "down":
        _swap(clipping, rows.filter(place__gt=clipping.place).order_by("place").first())
    elif where == "top":
        _put_at(clipping, rows.exclude(pk=clipping.pk).aggregate(end=Min("place"))["end"], -1)
    elif where == "bottom":
        _put_at(clipping, rows.exclude(pk=clipping.pk).aggregate(end=Max("place"))["end"], 1)
    else:
        raise CommunityError("A paper moves up, down, to the top or to the bottom")
    _touch(collection, now)
    return clipping


def lock(collection: Collection) -> None:
    """Take all collections of the same reader for the rest of the transaction, before any paper. Raises Missing.

    One act of a reader at a time, so that whether a paper is saved at all can be asked and counted. The lock leaves
    the reader's row free to be named by new rows, such as a vote given meanwhile.
    """
    Reader.objects.select_for_update(no_key=True).get(pk=collection.reader_id)
    if not Collection.objects.filter(pk=collection.pk).exists():
        raise Missing("There is no such collection any more")


def counts(collection: Collection) -> bool:
    """Whether what this collection's reader does is counted, as it stands at this moment."""
    return Reader.objects.filter(pk=collection.reader_id, is_limited=False).exists()


def _find(collection: Collection, paper_id: int) -> Clipping:
    found = Clipping.objects.filter(collection=collection, paper=paper_id).first()
    if found is None:
        raise Missing("This paper is not in the collection any more")
    return found


def _swap(one: Clipping, other: Clipping | None) -> None:
    if other is None:
        return
    one.place, other.place = other.place, one.place
    Clipping.objects.bulk_update([one, other], ["place"])


def _put_at(clipping: Clipping, end: int | None, step: int) -> None:
    if end is not None and (clipping.place - end) * step < 0:
        clipping.place = end + step
        clipping.save(update_fields=["place"])


def _new_place(collection: Collection) -> int:
    ends = Clipping.objects.filter(collection=collection).aggregate(first=Min("place"), last=Max("place"))
    if ends["first"] is None:
        return 0
    return int(ends["first"] - 1 if collection.is_default else ends["last"] + 1)


def _is_saved(collection: Collection, paper_id: int) -> bool:
    """Whether any collection of the same reader holds the paper."""
    return Clipping.objects.filter(collection__reader=collection.reader_id, paper=paper_id).exists()


def _touch(collection: Collection, now: datetime) -> None:
    collection.changed_at = now
    collection.save(update_fields=["changed_at"])
