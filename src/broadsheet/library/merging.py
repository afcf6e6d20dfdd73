"""Saying that two papers are one work, by the hand of an editor, and taking that back; both in the journal's order."""

from collections.abc import Collection
from datetime import datetime

from broadsheet.library.errors import LibraryError
from broadsheet.library.journal import Pen, appending
from broadsheet.library.matching import by_preference, title_name
from broadsheet.library.models import Block, Change, Fingerprint, Merge, Name, Paper, Statement, Version
from broadsheet.library.removing import take_out
from broadsheet.library.rewriting import mark, retell
from broadsheet.library.saying import shown
from broadsheet.library.statements import Spot, move, sayings_of, spot_of
from broadsheet.papers import Identifier
from broadsheet.papers import Version as Text


def merge(alias: str, kept: Paper, other: Paper, now: datetime) -> bool:
    """Make one paper of two; say whether anything changed, which it does not if they were made one before.

    The kept one has the names and the words of both from now on, so the sources of either lead to it. The other is
    withdrawn and its address leads to the kept one; searches as of earlier find both. Raises LibraryError for a paper
    and itself, and for papers that were withdrawn or erased.
    """
    with appending(alias, now) as pen:
        rows = Paper.objects.using(alias).select_for_update().filter(pk__in={kept.pk, other.pk})
        papers = {paper.pk: paper for paper in rows.order_by("pk")}
        kept, other = papers[kept.pk], papers[other.pk]
        if Merge.objects.using(alias).filter(absorbed=other, kept=kept).exists():
            return False
        if kept == other:
            raise LibraryError(f"{kept.key} is one paper already; name two")
        for paper in (kept, other):
            _require_standing(alias, paper)
        moved = Merge(absorbed=other, kept=kept)
        moved.seq = take_out(pen, other)
        moved.names = [str(name) for name in by_preference(_names(alias, other))]
        moved.statements = _move_statements(alias, kept, other)
        Name.objects.using(alias).filter(paper=other).update(paper=kept)
        Fingerprint.objects.using(alias).filter(paper=other).update(paper=kept)
        _move_blocks(alias, kept, other)
        moved.save(using=alias)
        _tell(pen, kept)
    return True


def absorbed(alias: str, paper: Paper) -> list[Merge]:
    """The papers that were made one with a paper and can be taken out of it again, the latest first. One query."""
    return list(Merge.objects.using(alias).filter(kept=paper).select_related("absorbed").order_by("-seq"))


def take_apart(pen: Pen, moved: Merge) -> str:
    """Undo a merge in the pen's transaction: the absorbed paper stands again, with its address, names and words."""
    alias, kept, other = pen.alias, moved.kept, moved.absorbed
    sayings, abouts = (
        sayings_of(alias, _last(alias, kept)),
        {(source, after): before for source, before, after in moved.statements},
    )
    for row in Statement.objects.using(alias).filter(paper=kept):
        if (spot := spot_of(row)) in abouts:
            move(alias, row, sayings.get(spot), other, abouts[spot])
    given_back = [Identifier(*name.split(":", 1)) for name in moved.names]
    for name in given_back:
        rows = Name.objects.using(alias).filter(paper=kept, scheme=name.scheme, value=name.value)
        rows.update(paper=other)
    moved.delete(using=alias)
    other.withdrawn_at, other.withdrawn_by = None, ""
    other.save(using=alias, update_fields=["withdrawn_at", "withdrawn_by"])
    for paper, kind in ((kept, None), (other, Change.Kind.RESTORED)):
        _tell(pen, paper, kind)
        mark(alias, paper, _texts(alias, paper))
    return other.key


def _require_standing(alias: str, paper: Paper) -> None:
    into = Merge.objects.using(alias).filter(absorbed=paper).select_related("kept").first()
    if into:
        raise LibraryError(f"{paper.key} is one with {into.kept.key} already")
    if paper.withdrawn_at or paper.erased_at:
        raise LibraryError(f"{paper.key} was {'erased' if paper.erased_at else 'withdrawn'}, so it is not made one")


def _names(alias: str, paper: Paper) -> list[Identifier]:
    return [row.identifier for row in Name.objects.using(alias).filter(paper=paper)]


def _move_statements(alias: str, kept: Paper, other: Paper) -> list[tuple[str, str, str]]:
    """Move what was said of the other, each record of a source that has one of both under a name of its own."""
    taken = {spot_of(row) for row in Statement.objects.using(alias).filter(paper=kept)}
    names, title = _names(alias, other), title_name(_last(alias, other).title)
    ours, sayings = _names(alias, kept), sayings_of(alias, _last(alias, other))
    moved = []
    for row in Statement.objects.using(alias).filter(paper=other).order_by("pk"):
        before = spot_of(row)
        about = row.about if before not in taken else _tell_apart(row, names, ours, taken) or title
        if (row.source, about) in taken:  # neither name nor title tells them apart: its word on the kept one stays
            row.delete(using=alias)
            continue
        taken.add((row.source, about))
        move(alias, row, sayings.get(before), kept, about)
        moved.append((*before, about))
    return moved


def _tell_apart(
    row: Statement, names: Collection[Identifier], ours: Collection[Identifier], taken: Collection[Spot]
) -> str:
    """The name that a source's record of the other most likely bears, and its record of the kept one does not."""
    free = [name for name in by_preference(names) if (row.source, str(name)) not in taken]
    schemes = {name.scheme for name in ours}
    free.sort(key=lambda name: (name.scheme != row.source, name.scheme not in schemes, name.scheme == "url"))
    return str(free[0]) if free else ""


def _last(alias: str, paper: Paper) -> Version:
    """The version that is open, or was last."""
    return Version.objects.using(alias).filter(paper=paper).order_by("-born")[0]


def _move_blocks(alias: str, kept: Paper, other: Paper) -> None:
    rows = Block.objects.using(alias).filter(paper=other)
    Block.note(alias, [(key, kept.pk) for key in rows.values_list("key", flat=True)])
    rows.delete()


def _tell(pen: Pen, paper: Paper, kind: Change.Kind | None = None) -> None:
    """Open a version of a paper from what its sources say."""
    last = _last(pen.alias, paper)
    said = sayings_of(pen.alias, last).values()
    retell(pen, paper, last.source, shown(said) if said else last.text, _names(pen.alias, paper), kind)


def _texts(alias: str, paper: Paper) -> list[Text]:
    last = _last(alias, paper)
    return [last.text, *(each.text for each in sayings_of(alias, last).values())]
