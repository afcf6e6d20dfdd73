"""Putting records into the library: one transaction a batch, a fixed number of queries, every record answered."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice

from broadsheet.library.generations import vectors_in_use
from broadsheet.library.journal import Pen
from broadsheet.library.likeness import Traits
from broadsheet.library.matching import Marks, is_at, key_for, resource_of
from broadsheet.library.models import Block, Change, Embedding, Fingerprint, Name, Paper, Statement, Version
from broadsheet.library.rewriting import has_code, version_of
from broadsheet.library.saying import reworded, written
from broadsheet.library.shelf import Shelf, Shelved
from broadsheet.papers import Identifier, Record
from broadsheet.papers import Version as Text
from broadsheet.ranking import trending


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
    how alike title and authors are. It makes a new version only if what is shown differs (see `saying`); a source that
    repeats what it said last changes nothing.
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
        self.statements: dict[tuple[str, str, str], Statement] = {}
        self.unsaid: set[tuple[str, str, str]] = set()

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
        if taken := _other_address(shelved, record):
            reason = f"{record.source} has {key} at {taken.value} already; what it has here stays out"
            return Placement(Outcome.REFUSED, key, reason)
        return self._revise(shelved, record, record.version)

    def _add(self, record: Record, text: Text) -> Placement:
        key = self.shelf.free_key(key_for(record, text), self.pen.seq + 1)
        day = text.announced or text.published or text.updated or self.pen.day
        paper = Paper(key=key, day=day, added_at=self.pen.at, trending=trending(day).score)
        shelved = self.shelf.add(paper)
        self.papers.append(paper)
        self._name(shelved, record, text)
        self._state(shelved, record, text)
        self._open(shelved, record, text, Change.Kind.ADDED)
        return Placement(Outcome.ADDED, key)

    def _revise(self, shelved: Shelved, record: Record, text: Text) -> Placement:
        key, current = shelved.paper.key, shelved.latest
        gained = self._name(shelved, record, text)
        if not self._is_repeated(shelved, record, text) and not self._is_older(shelved, record, text):
            self._state(shelved, record, text)
        elif not gained:
            return Placement(Outcome.UNCHANGED, key)
        told = shelved.shown
        if not gained and told.digest() == current.digest:
            return Placement(Outcome.UNCHANGED, key)
        return Placement(self._reopen(shelved, record, told), key)

    def _reopen(self, shelved: Shelved, record: Record, text: Text) -> Outcome:
        """Close a paper's version for one of another text or description."""
        is_new_text = text.text_digest() != shelved.latest.text_digest
        self._close(shelved.latest, self.pen.seq + 1)
        self._open(shelved, record, text, Change.Kind.REVISED if is_new_text else Change.Kind.DESCRIBED)
        return Outcome.REVISED if is_new_text else Outcome.DESCRIBED

    def _withdraw(self, shelved: Shelved | None, record: Record) -> Placement:
        if shelved is None:
            return Placement(Outcome.UNCHANGED)
        key = shelved.paper.key
        if shelved.paper.withdrawn_at or shelved.paper.erased_at:
            return Placement(Outcome.UNCHANGED, key)
        spot = shelved.spot(record)
        others = shelved.others(spot)
        is_known = others or spot in shelved.statements
        if not is_known and all(name.scheme != record.source for name in record.identifiers):
            return Placement(Outcome.REFUSED, key, f"{record.source} withdraws {key}, which it did not bring")
        if others:
            return Placement(self._take_back(shelved, record), key)
        self._close(shelved.latest, self.pen.write(Change.Kind.WITHDRAWN, shelved.paper, shelved.latest))
        shelved.paper.withdrawn_at = self.pen.at
        shelved.paper.withdrawn_by = record.source
        self._touch(shelved.paper)
        return Placement(Outcome.WITHDRAWN, key)

    def _take_back(self, shelved: Shelved, record: Record) -> Outcome:
        """Forget one of several records that a source has of a paper, which stays."""
        spot, sayings = shelved.spot(record), shelved.sayings
        self.unsaid.add((shelved.paper.key, *spot))
        self.statements.pop((shelved.paper.key, *spot), None)
        shelved.statements.pop(spot, None)
        if sayings.pop(spot, None) is None or not sayings:
            return Outcome.UNCHANGED
        text = shelved.shown
        return Outcome.UNCHANGED if text.digest() == shelved.latest.digest else self._reopen(shelved, record, text)

    def _restore(self, shelved: Shelved, record: Record, text: Text) -> Placement:
        shelved.paper.withdrawn_at = None
        shelved.paper.withdrawn_by = ""
        self._touch(shelved.paper)
        self._name(shelved, record, text)
        self._state(shelved, record, text)
        self._open(shelved, record, shelved.shown, Change.Kind.RESTORED)
        return Placement(Outcome.RESTORED, shelved.paper.key)

    def _is_repeated(self, shelved: Shelved, record: Record, text: Text) -> bool:
        """Whether a source says what it said last."""
        spot = shelved.spot(record)
        said = shelved.statements.get(spot)
        if said is None or said.digest != text.digest():
            return False
        if not shelved.is_kept(said) and (saying := shelved.sayings.get(spot)):  # now it is; nothing shown changes
            said.said, said.seq, said.since = written(text), saying.seq, dict(saying.since)
            shelved.sayings[spot] = replace(saying, text=text, is_exact=True)
            self.statements[(shelved.paper.key, *spot)] = said
        return True

    def _is_older(self, shelved: Shelved, record: Record, text: Text) -> bool:
        """Whether a source sends an earlier text than it did already: by its own numbers, else by dates."""
        spot = shelved.spot(record)
        said = shelved.statements.get(spot)
        if said and said.number and record.number:
            return record.number < said.number
        saying = shelved.sayings.get(spot)
        return bool(saying and _is_dated_before(text, saying.text))

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
        previous = shelved.latest if shelved.versions else None
        is_same_text = previous is not None and previous.text_digest == text.text_digest()
        number = (previous.number if previous else 0) + (not is_same_text)
        version = version_of(shelved.paper, record.source, record.number, text, number, shelved.names)
        version.born = self.pen.write(kind, shelved.paper, version)
        if previous is not None and is_same_text and previous.is_embedded:
            self._inherit(previous, version)
        if has_code(text) and not shelved.paper.stars_due_at:
            shelved.paper.stars_due_at = self.pen.at
            self._touch(shelved.paper)
        self.versions.append(version)
        shelved.versions.append(version)

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

    def _state(self, shelved: Shelved, record: Record, text: Text) -> None:
        """Note what a source says now. What is dated before the text that is shown only fills what nobody says."""
        is_late = bool(shelved.versions) and _is_dated_before(text, shelved.latest.text)
        self._keep(shelved, record, text, is_late=is_late)

    def _keep(self, shelved: Shelved, record: Record, text: Text, *, is_late: bool) -> None:
        spot = shelved.spot(record)
        said_of_it = shelved.sayings  # read before what is said now
        saying = reworded(
            said_of_it.get(spot), *spot, text, self.pen.seq + 1, is_late=is_late, is_guess=record.is_guess
        )
        said_of_it[spot] = saying
        said = Statement(paper=shelved.paper, source=record.source, about=spot[1], digest=text.digest())
        said.number, said.seq = record.number, saying.seq
        said.since = None if set(saying.since.values()) == {saying.seq} else dict(saying.since)
        told = shelved.shown
        said.said = None if told is text or told.digest() == said.digest else written(saying.text)
        shelved.statements[spot] = self.statements[(shelved.paper.key, *spot)] = said

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
            unique_fields=["paper", "source", "about"],
            update_fields=["digest", "number", "seq", "since", "said"],
        )
        for key, source, about in self.unsaid - self.statements.keys():
            Statement.objects.using(using).filter(paper__key=key, source=source, about=about).delete()
        self._carry_embeddings()

    def _carry_embeddings(self) -> None:
        """A version with the text of the one before keeps its embedding: no model has to read it again."""
        if not self.heirs:
            return
        copies = []
        for row in vectors_in_use(self.pen.alias, self.heirs):
            version = self.heirs[row.version_id]
            born = self.pen.write(Change.Kind.EMBEDDED, version.paper, version)
            copies.append(Embedding(version=version, born=born, model=row.model, codes=row.codes, scale=row.scale))
        Embedding.objects.using(self.pen.alias).bulk_create(copies)


def _other_address(shelved: Shelved, record: Record) -> Identifier | None:
    """Where else a site has the paper of which it tells here: it would take back its own word each time."""
    address = resource_of(record)
    if not address or address in shelved.names or shelved.spot(record) not in shelved.statements:
        return None
    known = sorted(name for name in shelved.names if is_at(name, record.source) and name not in record.identifiers)
    return known[0] if known else None


def _is_dated_before(text: Text, other: Text) -> bool:
    return bool(text.updated and other.updated and text.updated < other.updated)
