"""Taking two works apart that were taken for one, by the hand of an editor; both stay in the journal's order."""

from collections.abc import Collection
from datetime import datetime

from broadsheet.library.errors import LibraryError
from broadsheet.library.journal import Pen, appending
from broadsheet.library.matching import by_preference
from broadsheet.library.merging import take_apart
from broadsheet.library.models import Change, Merge, Name, Paper, Statement, Version
from broadsheet.library.rewriting import mark, retell
from broadsheet.library.saying import Saying, shown
from broadsheet.library.statements import Spot, move, sayings_of, spot_of
from broadsheet.papers import Identifier, IdentifierError
from broadsheet.ranking import trending


def split(alias: str, paper: Paper, names: Collection[str], now: datetime) -> str:
    """Give some of a paper's names, with the words of the source that brought them, to a new paper; return its key.

    The paper keeps what other sources say, and all that readers made of it. As each has names of its own, the next
    harvest finds both apart. If one of the names is the address that a paper had before it was made one with this, that
    paper is taken out as it came. Raises LibraryError if the paper does not have these names, has no other, has its
    address from one of them, or if no other source told of it.
    """
    with appending(alias, now) as pen:
        paper = Paper.objects.using(alias).select_for_update().get(pk=paper.pk)
        if paper.withdrawn_at or paper.erased_at:
            raise LibraryError(f"{paper.key} is withdrawn, so there is nothing to take apart")
        if moved := _merged(alias, paper, names):
            return take_apart(pen, moved)
        return _split_off(pen, paper, {_read(paper, name) for name in names})


def _merged(alias: str, paper: Paper, names: Collection[str]) -> Merge | None:
    """The merge that brought a paper with one of these addresses; all other names must have come with it."""
    merges = {row.absorbed.key: row for row in Merge.objects.using(alias).filter(kept=paper).select_related("absorbed")}
    keys = {name: name if name in merges else _read(paper, name).key for name in names}
    for key, moved in merges.items():
        others = [name for name in names if keys[name] != key]
        strange = [name for name in others if name in merges or str(_read(paper, name)) not in moved.names]
        if key not in keys.values():
            if len(strange) < len(others):
                raise LibraryError(f"{', '.join(set(others) - set(strange))} came with {key}: split off {key}")
            continue
        if strange:
            raise LibraryError(f"{', '.join(strange)} did not come with {key}: split off one paper at a time")
        moved.kept = paper
        return moved
    return None


def _read(paper: Paper, name: str) -> Identifier:
    try:
        return Identifier.parse(name)
    except IdentifierError as error:
        what = "one of its identifiers, or the address of a paper that was merged into it"
        raise LibraryError(f"{paper.key} has no part that is called {name[:80]!r}: name {what}") from error


def _split_off(pen: Pen, paper: Paper, names: Collection[Identifier]) -> str:
    alias = pen.alias
    owned = {row.identifier: row for row in Name.objects.using(alias).filter(paper=paper)}
    _check(paper, names, owned.keys())
    versions = list(Version.objects.using(alias).filter(paper=paper).order_by("born"))
    bringer = _bringer(versions, {str(name) for name in names})
    theirs, ours = _parts(paper, bringer, sayings_of(alias, versions[-1]), {str(name) for name in names})
    text = shown(theirs.values()) if theirs else bringer.text
    key = by_preference(names)[0].key
    if Paper.objects.using(alias).filter(key=key).exists():
        key = f"{key}-{pen.seq + 1}"
    day = text.announced or text.published or text.updated or pen.day
    other = Paper(key=key, day=day, added_at=pen.at, trending=trending(day).score)
    other.save(using=alias)
    for row in Statement.objects.using(alias).filter(paper=paper):
        if spot_of(row) in theirs:
            move(alias, row, theirs[spot_of(row)], other, row.about)
    Name.objects.using(alias).filter(pk__in=[owned[name].pk for name in names]).update(paper=other)
    left = [name for name in owned if name not in names]
    source = max(ours.values(), key=lambda each: each.seq).source
    retell(pen, paper, source, shown(ours.values()), left)
    retell(pen, other, bringer.source, text, names, Change.Kind.ADDED)
    for one, sayings in ((paper, ours), (other, theirs)):
        open_one = Version.objects.using(alias).get(paper=one, died__isnull=True)
        mark(alias, one, [open_one.text, *(each.text for each in sayings.values())])
    return key


def _bringer(versions: list[Version], names: Collection[str]) -> Version:
    """The last version of the source that brought the names."""
    first = next(version for version in versions if not set(version.identifiers).isdisjoint(names))
    return [version for version in versions if version.source == first.source][-1]


def _parts(
    paper: Paper, bringer: Version, sayings: dict[Spot, Saying], names: Collection[str]
) -> tuple[dict[Spot, Saying], dict[Spot, Saying]]:
    """What is said of the other work, and what of this one."""
    theirs = {spot: each for spot, each in sayings.items() if spot[1] in names}
    if not theirs:
        theirs = {spot: each for spot, each in sayings.items() if spot[0] == bringer.source}
    ours = {spot: each for spot, each in sayings.items() if spot not in theirs}
    if not ours:
        raise LibraryError(f"{bringer.source} brought all of {paper.key}: a source's own papers are not taken apart")
    return theirs, ours


def _check(paper: Paper, names: Collection[Identifier], owned: Collection[Identifier]) -> None:
    if not names:
        raise LibraryError("name what is another work by one of its identifiers")
    if strange := [str(name) for name in names if name not in owned]:
        raise LibraryError(f"{paper.key} is not called {', '.join(strange)}")
    if len(names) == len(owned):
        raise LibraryError(f"{paper.key} has no other names than these: nothing would be left")
    if any(name.key == paper.key for name in names):
        raise LibraryError(f"{paper.key} is this paper's address, which it keeps: split off its other names")
