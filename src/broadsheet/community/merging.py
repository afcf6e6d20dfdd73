"""Merging: an editor says that two papers are one work, or that one is two; what readers made of them follows.

The library's rows and these lie in one database, so both change in one transaction: whoever is killed in between has
changed nothing.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from urllib.parse import unquote

from django.db import models, transaction

from broadsheet.community import audit, counting
from broadsheet.community.errors import CommunityError, Missing, NotAllowed
from broadsheet.community.models import (
    Claim,
    Clipping,
    Comment,
    Feature,
    Lock,
    Move,
    Read,
    Reader,
    Reference,
    Report,
    Submission,
    Vote,
)
from broadsheet.library import Library, LibraryError, NotFound, attention
from broadsheet.library.models import Paper

_SITE = "default"
_TABLES: dict[type[models.Model], str] = {
    Vote: "reader",
    Read: "reader",
    Claim: "reader",
    Clipping: "collection",
    Reference: "bibliography",
    Comment: "",
    Report: "",
    Submission: "paper",
    Lock: "paper",
}
"""What a paper has one row of: for each reader, each collection or bibliography, in all, or of anything."""


@transaction.atomic
def merge(editor: Reader | None, library: Library, kept: str, other: str, now: datetime) -> Paper:
    """Make one paper of two and return it; the other's votes, comments and places in collections are its own then.

    What a reader gave to both counts once. Made one already, nothing changes, but for votes and comments that stayed
    behind because `Library.merge` was called by itself. Without an editor the terminal acts.
    Raises NotAllowed, Missing, and CommunityError for what cannot be made one.
    """
    _require_editor(editor)
    paper, absorbed = _find(library, kept), _find(library, other, is_own=True)
    _lock_collections(paper, absorbed)
    try:
        is_new = library.merge(paper.key, absorbed.key)
    except LibraryError as error:
        raise CommunityError(str(error)) from error
    if not is_new and Move.objects.filter(absorbed=absorbed).exists():
        return paper
    paper, absorbed = _lock(paper, absorbed)
    moved = {table.__name__: _move(table, one, absorbed, paper) for table, one in _TABLES.items()}
    Move.objects.create(absorbed=absorbed, kept=paper, rows=moved | _move_feature(absorbed, paper), at=now)
    for each in (paper, absorbed):
        counting.recount(each)
    audit.note(editor, "merged", paper.key, now, f"took in {absorbed.key}")
    return paper


@transaction.atomic
def split(editor: Reader | None, library: Library, text: str, names: Sequence[str], now: datetime) -> Paper:
    """Take a paper's part with these names out of it and return that; what came with it when they were merged goes too.

    Raises NotAllowed, Missing, and CommunityError for what cannot be taken apart.
    """
    _require_editor(editor)
    kept = _find(library, text)
    try:
        other = Paper.objects.get(key=library.split(kept.key, names))
    except LibraryError as error:
        raise CommunityError(str(error)) from error
    kept, other = _lock(kept, other)
    move = Move.objects.filter(absorbed=other, kept=kept).first()
    if move:
        for table in _TABLES:
            table._default_manager.filter(paper=kept, pk__in=move.rows.get(table.__name__, ())).update(paper=other)
        _return_feature(move.rows, kept, other)
        move.delete()
        for each in (kept, other):
            counting.recount(each)
    audit.note(editor, "split", kept.key, now, f"gave back {other.key}" if move else f"made {other.key} of a part")
    return other


def find_other(library: Library, text: str) -> Paper:
    """The paper that an editor names by its address on this site, an identifier or a link. Raises Missing."""
    text = text.strip()
    _, _, key = text.partition("/papers/")
    try:
        return library.find_paper(unquote(key) or text)
    except NotFound:
        pass
    try:
        return library.find_paper(text)
    except NotFound as error:
        raise Missing(f"Not found: {error}") from error


def _find(library: Library, text: str, *, is_own: bool = False) -> Paper:
    try:
        return library.find_own_paper(text) if is_own else library.find_paper(text)
    except NotFound as error:
        raise Missing(str(error)) from error


def _lock(*papers: Paper) -> list[Paper]:
    """Take papers for the rest of the transaction in the order that everybody does; return them as they stand."""
    found = {number: attention.lock(_SITE, number) for number in sorted(paper.pk for paper in papers)}
    return [found[paper.pk] for paper in papers]


def _lock_collections(*papers: Paper) -> None:
    """Take the collections that hold these papers, before the papers, as everybody does."""
    keepers = Clipping.objects.filter(paper__in=papers).values("collection__reader")
    list(Reader.objects.select_for_update(no_key=True).filter(pk__in=keepers).order_by("pk"))


def _move(table: type[models.Model], one: str, absorbed: Paper, kept: Paper) -> list[int]:
    """Move rows from a paper to another but where that has one of the same; return the keys of those that moved."""
    rows = table._default_manager.filter(paper=absorbed)
    theirs = table._default_manager.filter(paper=kept)
    if one == "paper" and theirs.exists():
        return []
    if one and one != "paper":
        rows = rows.exclude(**{f"{one}__in": list(theirs.values_list(one, flat=True))})
    keys = list(rows.order_by("pk").values_list("pk", flat=True))
    table._default_manager.filter(pk__in=keys).update(paper=kept)
    return keys


def _move_feature(absorbed: Paper, kept: Paper) -> dict[str, Any]:
    """Have what editors featured stay featured, on the same day."""
    row = Feature.objects.filter(paper=absorbed).first()
    if row is None or Feature.objects.filter(paper=kept).exists():
        return {}
    former, row.paper, row.former_day = row.former_day, kept, kept.day
    row.save(update_fields=["paper", "former_day"])
    _put_on(kept, row.day, is_featured=True)
    _put_on(absorbed, former, is_featured=False)
    return {"Feature": row.pk, "former_day": former.isoformat()}


def _return_feature(rows: dict[str, Any], kept: Paper, other: Paper) -> None:
    row = Feature.objects.filter(pk=rows.get("Feature", 0), paper=kept).first()
    if row is None:
        return
    _put_on(kept, row.former_day, is_featured=False)
    _put_on(other, row.day, is_featured=True)
    row.paper, row.former_day = other, date.fromisoformat(rows["former_day"])
    row.save(update_fields=["paper", "former_day"])


def _put_on(paper: Paper, day: date, *, is_featured: bool) -> None:
    paper.day, paper.is_featured = day, is_featured
    paper.save(update_fields=["day", "is_featured"])


def _require_editor(editor: Reader | None) -> None:
    if editor is not None and not Reader.objects.get(pk=editor.pk).is_editor:
        raise NotAllowed("Only editors say which papers are one work")
