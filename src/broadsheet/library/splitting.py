"""Taking two works apart that were taken for one, by the hand of an editor; both stay in the journal's order."""

from collections.abc import Collection, Sequence
from datetime import datetime

from broadsheet.library.errors import LibraryError
from broadsheet.library.journal import Pen, appending
from broadsheet.library.likeness import Traits
from broadsheet.library.matching import Marks, by_preference
from broadsheet.library.models import Block, Change, Fingerprint, Name, Paper, Statement, Version
from broadsheet.papers import Identifier
from broadsheet.ranking import trending


def split(alias: str, paper: Paper, names: Collection[Identifier], now: datetime) -> str:
    """Give some of a paper's names, with the text of the source that brought them, to a new paper; return its key.

    The paper keeps what other sources said last, and all that readers made of it. As each has names of its own, the
    next harvest finds both apart. Raises LibraryError if the paper does not have these names, has no other, has its
    address from one of them, or if no other source told of it.
    """
    with appending(alias, now) as pen:
        paper = Paper.objects.using(alias).get(pk=paper.pk)
        if paper.withdrawn_at or paper.erased_at:
            raise LibraryError(f"{paper.key} is withdrawn, so there is nothing to take apart")
        owned = {row.identifier: row for row in Name.objects.using(alias).filter(paper=paper)}
        _check(paper, names, owned.keys())
        versions = list(Version.objects.using(alias).filter(paper=paper).order_by("born"))
        theirs, ours = _texts(paper, versions, {str(name) for name in names})
        key = by_preference(names)[0].key
        day = theirs.announced or theirs.published or theirs.updated or pen.day
        other = Paper(key=key, day=day, added_at=pen.at, trending=trending(day).score)
        other.save(using=alias)
        _close(alias, versions[-1], pen.seq + 1)
        left = [name for name in owned if name not in names]
        number = versions[-1].number + (versions[-1].text_digest != ours.text_digest)
        kind = Change.Kind.DESCRIBED if number == versions[-1].number else Change.Kind.REVISED
        _open(pen, ours, paper, number, left, kind)
        _open(pen, theirs, other, 1, names, Change.Kind.ADDED)
        Name.objects.using(alias).filter(pk__in=[owned[name].pk for name in names]).update(paper=other)
        Statement.objects.using(alias).filter(paper=paper, source=theirs.source).update(paper=other)
        for one, text in ((paper, ours), (other, theirs)):
            _mark(alias, one, text)
    return key


def _check(paper: Paper, names: Collection[Identifier], owned: Collection[Identifier]) -> None:
    if not names:
        raise LibraryError("name what is another work by one of its identifiers")
    if strange := [str(name) for name in names if name not in owned]:
        raise LibraryError(f"{paper.key} is not called {', '.join(strange)}")
    if len(names) == len(owned):
        raise LibraryError(f"{paper.key} has no other names than these: nothing would be left")
    if any(name.key == paper.key for name in names):
        raise LibraryError(f"{paper.key} is this paper's address, which it keeps: split off its other names")


def _texts(paper: Paper, versions: Sequence[Version], names: Collection[str]) -> tuple[Version, Version]:
    """The last text of the source that brought the names, and the last that another source brought."""
    bringer = next(version for version in versions if not set(version.identifiers).isdisjoint(names))
    theirs = [version for version in versions if version.source == bringer.source]
    ours = [version for version in versions if version.source != bringer.source]
    if not ours:
        raise LibraryError(f"{bringer.source} brought all of {paper.key}: a source's own papers are not taken apart")
    return theirs[-1], ours[-1]


def _close(alias: str, version: Version, seq: int) -> None:
    version.died = seq
    version.save(using=alias, update_fields=["died"])


def _open(pen: Pen, text: Version, paper: Paper, number: int, names: Collection[Identifier], kind: Change.Kind) -> None:
    """Write a text that was there before as a version of a paper."""
    fields = {field.attname: getattr(text, field.attname) for field in Version._meta.concrete_fields}
    version = Version(
        **fields | {"id": None, "paper_id": paper.pk, "number": number, "died": None, "is_embedded": False}
    )
    version.identifiers = [str(name) for name in by_preference(names)]
    version.born = pen.write(kind, paper, version)
    version.save(using=pen.alias)


def _mark(alias: str, paper: Paper, text: Version) -> None:
    """Have a paper recognised by this text alone."""
    Fingerprint.objects.using(alias).filter(paper=paper).delete()
    Block.objects.using(alias).filter(paper=paper).delete()
    marks = Marks.of(text.text)
    Fingerprint.objects.using(alias).create(title=marks.title, author=marks.author, year=marks.year, paper=paper)
    Block.note(alias, ((key, paper.pk) for key in Traits.of(text.text).blocks))
