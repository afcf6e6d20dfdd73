"""Putting records into the library: one transaction a batch, a fixed number of queries, every record answered."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum
from itertools import islice

from broadsheet.library.journal import Pen
from broadsheet.library.likeness import Traits
from broadsheet.library.matching import Marks, by_preference, key_for
from broadsheet.library.models import Block, Change, Embedding, Fingerprint, Name, Paper, Statement, Version
from broadsheet.library.shelf import Shelf, Shelved
from broadsheet.papers import Identifier, Record
from broadsheet.papers import Version as Text
from broadsheet.ranking import trending
from broadsheet.sources import repository


class Outcome(StrEnum):
    """What became of a record."""

    ADDED = "added"
    REVISED = "revised"
    DESCRIBED = "described"
    WITHDRAWN = "withdrawn"
    RESTORED = "restored"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a record went: the paper's key, what became of it, and the reason if it was refused."""

    outcome: Outcome
    key: str = ""
    reason: str = ""
    place: str = ""


def tally(placements: Iterable[Placement]) -> Counter[Outcome]:
    """Count placements by outcome."""
    return Counter(placement.outcome for placement in placements)


def batched(records: Iterable[Record], size: int) -> Iterator[list[Record]]:
    """Records in lists of at most so many, each for one transaction."""
    remaining = iter(records)
    while batch := list(islice(remaining, size)):
        yield batch


def put(pen: Pen, records: Sequence[Record]) -> list[Placement]:
    """Place each record, in order, inside the pen's transaction. The caller commits.

    A record matches a paper by identifier, then, where no identifier clashes, by title, first author and year, then by
    how alike title and authors are. It makes a new version only if its text differs; a source that repeats what it said
    last changes nothing.
    """
    batch = _Batch(pen, Shelf.load(pen.alias, records))
    placements = [batch.answer(record) for record in records]
    batch.save()
    return placements


class _Batch:
    def __init__(self, pen: Pen, shelf: Shelf) -> None:
        self.pen = pen
        self.shelf = shelf
        self.papers: list[Paper] = []
        self.versions: list[Version] = []
        self.names: list[Name] = []
        self.fingerprints: list[Fingerprint] = []
        self.blocks: list[tuple[int, Paper]] = []
        self.heirs: dict[int, Version] = {}
        self.closed: dict[int, Version] = {}
        self.changed: dict[int, Paper] = {}
        self.statements: dict[tuple[str, str], Statement] = {}

    def answer(self, record: Record) -> Placement:
        shelved = self.shelf.find(record)
        placement = replace(self.place(shelved, record), place=record.place)
        if placement.reason or shelved is None:
            return placement
        named = (name for name in record.identifiers if name.scheme != "url")
        others = {self.shelf.owner(name) for name in named} - {shelved, None}
        if not others:
            return placement
        keys = ", ".join(sorted(other.paper.key for other in others if other))
        return replace(placement, reason=f"names of {placement.key} belong to {keys} here; the two stay apart")

    def place(self, shelved: Shelved | None, record: Record) -> Placement:
        if record.version is None:
            return self._withdraw(shelved, record)
        if shelved is None:
            return self._add(record, record.version)
        key = shelved.paper.key
        if shelved.paper.erased_at:
            return Placement(Outcome.REFUSED, key, f"{key} was erased here on {shelved.paper.erased_at:%Y-%m-%d}")
        if shelved.paper.withdrawn_at:
            if shelved.paper.withdrawn_by != record.source:
                return Placement(Outcome.UNCHANGED, key)
            return self._restore(shelved, record, record.version)
        return self._revise(shelved, record, record.version)

    def _add(self, record: Record, text: Text) -> Placement:
        key = self.shelf.free_key(key_for(record, text), self.pen.seq + 1)
        day = text.announced or text.published or text.updated or self.pen.day
        paper = Paper(key=key, day=day, added_at=self.pen.at, trending=trending(day).score)
        shelved = self.shelf.add(paper)
        self.papers.append(paper)
        self._name(shelved, record, text)
        self._open(shelved, record, text, Change.Kind.ADDED)
        return Placement(Outcome.ADDED, key)

    def _revise(self, shelved: Shelved, record: Record, text: Text) -> Placement:
        key, current = shelved.paper.key, shelved.latest
        said = shelved.statements.get(record.source)
        is_repeated = said is not None and said.digest == text.digest()
        gained = self._name(shelved, record, text)
        if not gained and (is_repeated or self._is_older(shelved, record, text)):
            return Placement(Outcome.UNCHANGED, key)
        if is_repeated:
            text = current.text
        elif current.source != record.source:
            text = _fill(text, current.text)
        if not gained and text.digest() == current.digest:
            self._state(shelved, record)
            return Placement(Outcome.UNCHANGED, key)
        is_new_text = text.text_digest() != current.text_digest
        self._close(current, self.pen.seq + 1)
        self._open(shelved, record, text, Change.Kind.REVISED if is_new_text else Change.Kind.DESCRIBED)
        return Placement(Outcome.REVISED if is_new_text else Outcome.DESCRIBED, key)

    def _withdraw(self, shelved: Shelved | None, record: Record) -> Placement:
        if shelved is None:
            return Placement(Outcome.UNCHANGED)
        key = shelved.paper.key
        if shelved.paper.withdrawn_at or shelved.paper.erased_at:
            return Placement(Outcome.UNCHANGED, key)
        if record.source not in shelved.statements and all(name.scheme != record.source for name in record.identifiers):
            return Placement(Outcome.REFUSED, key, f"{record.source} withdraws {key}, which it did not bring")
        self._close(shelved.latest, self.pen.write(Change.Kind.WITHDRAWN, shelved.paper, shelved.latest))
        shelved.paper.withdrawn_at = self.pen.at
        shelved.paper.withdrawn_by = record.source
        self._touch(shelved.paper)
        return Placement(Outcome.WITHDRAWN, key)

    def _restore(self, shelved: Shelved, record: Record, text: Text) -> Placement:
        shelved.paper.withdrawn_at = None
        shelved.paper.withdrawn_by = ""
        self._touch(shelved.paper)
        self._name(shelved, record, text)
        self._open(shelved, record, text, Change.Kind.RESTORED)
        return Placement(Outcome.RESTORED, shelved.paper.key)

    def _is_older(self, shelved: Shelved, record: Record, text: Text) -> bool:
        """Whether the library already has a later text: by the source's own numbers, else by dates."""
        said = shelved.statements.get(record.source)
        if said and said.number and record.number:
            return record.number < said.number
        updated = shelved.latest.updated
        return bool(updated and text.updated and text.updated < updated)

    def _name(self, shelved: Shelved, record: Record, text: Text) -> bool:
        """Add the names and marks that the paper did not have; say whether any name is new."""
        new = [name for name in record.identifiers if self.shelf.claim(name, shelved)]
        self.names += [Name(scheme=name.scheme, value=name.value, paper=shelved.paper) for name in new]
        marks = Marks.of(text)
        if self.shelf.mark(marks, shelved):
            row = Fingerprint(title=marks.title, author=marks.author, year=marks.year, paper=shelved.paper)
            self.fingerprints.append(row)
            traits = Traits.of(text)
            self.shelf.block(traits, shelved)
            self.blocks += [(key, shelved.paper) for key in traits.blocks]
        return bool(new)

    def _open(self, shelved: Shelved, record: Record, text: Text, kind: Change.Kind) -> None:
        previous = shelved.versions[-1] if shelved.versions else None
        is_same_text = previous is not None and previous.text_digest == text.text_digest()
        number = (previous.number if previous else 0) + (not is_same_text)
        version = _row(shelved.paper, record, text, number, shelved.names)
        version.born = self.pen.write(kind, shelved.paper, version)
        if previous is not None and is_same_text and previous.is_embedded:
            self._inherit(previous, version)
        if any(repository(link.url) for link in text.links) and not shelved.paper.stars_due_at:
            shelved.paper.stars_due_at = self.pen.at
            self._touch(shelved.paper)
        self.versions.append(version)
        shelved.versions.append(version)
        self._state(shelved, record)

    def _inherit(self, previous: Version, version: Version) -> None:
        """Have a version take over the embedding of the one before; of several in one batch the last does."""
        owner = next((pk for pk, heir in self.heirs.items() if heir is previous), previous.pk)
        if not previous.pk:
            previous.is_embedded = False
        version.is_embedded = True
        self.heirs[owner] = version

    def _close(self, version: Version, seq: int) -> None:
        version.died = seq
        if version.pk:
            self.closed[version.pk] = version

    def _state(self, shelved: Shelved, record: Record) -> None:
        assert record.version is not None
        said = Statement(
            paper=shelved.paper, source=record.source, digest=record.version.digest(), number=record.number
        )
        shelved.statements[record.source] = said
        self.statements[shelved.paper.key, record.source] = said

    def _touch(self, paper: Paper) -> None:
        if paper.pk:
            self.changed[paper.pk] = paper

    def save(self) -> None:
        """Write everything in an order that keeps every constraint true, a fixed number of statements."""
        using = self.pen.alias
        Version.objects.using(using).bulk_update(self.closed.values(), ["died"])
        Paper.objects.using(using).bulk_update(self.changed.values(), ["withdrawn_at", "withdrawn_by", "stars_due_at"])
        Paper.objects.using(using).bulk_create(self.papers)
        Name.objects.using(using).bulk_create(self.names)
        Fingerprint.objects.using(using).bulk_create(self.fingerprints)
        Block.note(using, ((key, paper.pk) for key, paper in self.blocks))
        Version.objects.using(using).bulk_create(self.versions)
        Statement.objects.using(using).bulk_create(
            self.statements.values(),
            update_conflicts=True,
            unique_fields=["paper", "source"],
            update_fields=["digest", "number"],
        )
        self._carry_embeddings()

    def _carry_embeddings(self) -> None:
        """A version with the text of the one before keeps its embedding: no model has to read it again."""
        if not self.heirs:
            return
        copies = []
        for row in Embedding.objects.using(self.pen.alias).filter(version__in=self.heirs).order_by("version"):
            version = self.heirs[row.version_id]
            born = self.pen.write(Change.Kind.EMBEDDED, version.paper, version)
            copies.append(Embedding(version=version, born=born, model=row.model, codes=row.codes, scale=row.scale))
        Embedding.objects.using(self.pen.alias).bulk_create(copies)


def _row(paper: Paper, record: Record, text: Text, number: int, names: Iterable[Identifier]) -> Version:
    return Version(
        paper=paper,
        number=number,
        source=record.source,
        source_number=record.number,
        title=text.title,
        abstract=text.abstract,
        authors=[asdict(author) for author in text.authors],
        topics=list(text.topics),
        links=[asdict(link) for link in text.links],
        identifiers=[str(name) for name in by_preference(names)],
        published=text.published,
        updated=text.updated,
        announced=text.announced,
        comment=text.comment,
        venue=text.venue,
        language=text.language,
        text_digest=text.text_digest(),
        digest=text.digest(),
    )


def _fill(text: Text, current: Text) -> Text:
    """What another source leaves out stays as it was; what it says replaces, but links are added to those there."""
    silent = [each.name for each in fields(text) if not getattr(text, each.name)]
    known = {link.url for link in text.links}
    links = (*text.links, *(link for link in current.links if link.url not in known))
    return replace(text, **{name: getattr(current, name) for name in silent} | {"links": links})
