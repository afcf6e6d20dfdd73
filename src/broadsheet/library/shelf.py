"""The part of the library that a batch of records touches, loaded in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import Q

from broadsheet.library.alike import find_alike
from broadsheet.library.likeness import LIKELY, Traits, likeness
from broadsheet.library.matching import Marks, by_preference, clash, key_for, title_name
from broadsheet.library.models import Fingerprint, Name, Paper, Statement, Version
from broadsheet.library.saying import Saying, shown
from broadsheet.library.statements import Spot, is_kept, sayings, spot_of, versions_behind
from broadsheet.papers import Identifier, Record
from broadsheet.papers import Version as Text


@dataclass(eq=False)
class Shelved:
    """One paper at work: its row, names and newest versions (newest last), and what each source said last."""

    paper: Paper
    names: set[Identifier] = field(default_factory=set)
    versions: list[Version] = field(default_factory=list)
    statements: dict[Spot, Statement] = field(default_factory=dict)
    behind: Sequence[Version] = ()
    marks: set[tuple[str, str, int | None]] = field(default_factory=set)

    @property
    def latest(self) -> Version:
        """The newest version, open unless the paper was withdrawn."""
        return self.versions[-1]

    @cached_property
    def sayings(self) -> dict[Spot, Saying]:
        """What each source says: read when it is asked for, since most say what they said."""
        return sayings(self.statements.values(), self.behind)

    def is_kept(self, said: Statement) -> bool:
        """Whether it is known what exactly one of the statements says."""
        return is_kept(said, (*self.behind, *self.versions))

    @property
    def shown(self) -> Text:
        """The text that its sources make together."""
        return shown(self.sayings.values())

    def spot(self, record: Record) -> Spot:
        """Where what a record says is kept: among several records of its source with the one that bears its name."""
        abouts = [about for source, about in self.statements if source == record.source and about]
        if not abouts:
            return record.source, ""
        names = {str(name) for name in record.identifiers}
        if record.version:
            names.add(title_name(record.version.title))
        return record.source, next((about for about in abouts if about in names), "")

    def others(self, spot: Spot) -> list[Spot]:
        """Where other records of the same source are kept."""
        return [other for other in self.statements if other[0] == spot[0] and other != spot]


class Shelf:
    """Papers by name and by title, as they stand in the transaction, the batch's own additions included."""

    def __init__(self) -> None:
        self._by_name: dict[Identifier, Shelved] = {}
        self._by_title: defaultdict[str, list[Shelved]] = defaultdict(list)
        self._by_block: defaultdict[int, dict[Shelved, Traits]] = defaultdict(dict)
        self._alike: dict[int, Shelved] = {}
        self._keys: set[str] = set()

    @classmethod
    def load(cls, alias: str, records: Sequence[Record]) -> "Shelf":
        """Read every paper that one of the records could be about: a fixed number of queries, whatever the batch."""
        shelf = cls()
        wanted = {name for record in records for name in record.identifiers}
        texts = [record.version for record in records if record.version]
        named = list(Name.objects.using(alias).filter(_any_of(wanted))) if wanted else []
        titled = list(Fingerprint.objects.using(alias).filter(title__in={Marks.of(text).title for text in texts}))
        papers = shelf._take(alias, {name.paper_id for name in named} | {row.paper_id for row in titled})
        for name in named:
            shelf._by_name[name.identifier] = papers[name.paper_id]
        for row in titled:
            shelf._remember(papers[row.paper_id], (row.title, row.author, row.year))
        shelf._take_alike(alias, records, papers)
        keys = {key_for(record, record.version) for record in records if record.version}
        shelf._keys = set(Paper.objects.using(alias).filter(key__in=keys).values_list("key", flat=True))
        return shelf

    def _take_alike(self, alias: str, records: Sequence[Record], papers: dict[int, Shelved]) -> None:
        """Read the papers that the records are likely about which no name or title tells of."""
        unknown: list[Record] = []
        taken: defaultdict[int, list[Record]] = defaultdict(list)
        for record in records:
            if shelved := self.find(record):
                taken[shelved.paper.pk].append(record)
            elif record.version:
                unknown.append(record)
        found = find_alike(alias, unknown, taken)
        papers |= self._take(alias, set(found.values()) - papers.keys())
        self._alike = {id(unknown[place]): papers[paper] for place, paper in found.items()}

    @staticmethod
    def _take(alias: str, ids: AbstractSet[int]) -> dict[int, Shelved]:
        """Papers with their names, their newest versions and what was said of them."""
        if not ids:
            return {}
        papers = {paper.pk: Shelved(paper) for paper in Paper.objects.using(alias).filter(pk__in=ids)}
        for name in Name.objects.using(alias).filter(paper__in=ids):
            papers[name.paper_id].names.add(name.identifier)
        said = list(Statement.objects.using(alias).filter(paper__in=ids))
        for row in said:
            papers[row.paper_id].statements[spot_of(row)] = row
        for version in Version.objects.using(alias).filter(paper__in=ids, died__isnull=True):
            papers[version.paper_id].versions.append(version)
        closed = [pk for pk, shelved in papers.items() if not shelved.versions]
        for version in Version.objects.using(alias).filter(paper__in=closed).order_by("born"):
            papers[version.paper_id].versions.append(version)
        latest = [shelved.latest for shelved in papers.values()]
        for paper, versions in versions_behind(alias, said, latest).items():
            papers[paper].behind = versions
        for shelved in papers.values():  # the row's own object, so that a change to it is seen everywhere
            for version in shelved.versions:
                version.paper = shelved.paper
        return papers

    def find(self, record: Record) -> Shelved | None:
        """The paper that a record is about: by its best name, else by its title or a like one, unless names clash.

        A paper that stands goes before one that was withdrawn: a site that made one of both says so of each.
        """
        gone = None
        for name in by_preference(record.identifiers):
            shelved = self._by_name.get(name)
            if shelved and (name.scheme != "url" or self._has_title(shelved, record)):
                if not shelved.paper.withdrawn_at:
                    return shelved
                gone = gone or shelved
        return gone or self._find_by_title(record) or self._alike.get(id(record)) or self._find_alike(record)

    def owner(self, name: Identifier) -> Shelved | None:
        """The paper that bears a name."""
        return self._by_name.get(name)

    def add(self, paper: Paper) -> Shelved:
        """Put a new paper on the shelf."""
        self._keys.add(paper.key)
        return Shelved(paper)

    def claim(self, name: Identifier, shelved: Shelved) -> bool:
        """Give a name to a paper; False if it bears it already or another paper does."""
        if name in self._by_name:
            return False
        self._by_name[name] = shelved
        shelved.names.add(name)
        return True

    def mark(self, marks: Marks, shelved: Shelved) -> bool:
        """Remember a title under which a paper came; False if it was known."""
        mark = (marks.title, marks.author, marks.year)
        if mark in shelved.marks:
            return False
        self._remember(shelved, mark)
        return True

    def block(self, traits: Traits, shelved: Shelved) -> None:
        """Remember a text that is new by what like ones share with it."""
        for key in traits.blocks:
            self._by_block[key][shelved] = traits

    def free_key(self, key: str, seq: int) -> str:
        """The key, or if another paper has it (two works of one title) the key with a number that no other has."""
        return key if key not in self._keys else f"{key}-{seq}"

    def _remember(self, shelved: Shelved, mark: tuple[str, str, int | None]) -> None:
        shelved.marks.add(mark)
        if shelved not in self._by_title[mark[0]]:
            self._by_title[mark[0]].append(shelved)

    def _has_title(self, shelved: Shelved, record: Record) -> bool:
        return record.version is None or any(title == Marks.of(record.version).title for title, _, _ in shelved.marks)

    def _find_by_title(self, record: Record) -> Shelved | None:
        if record.version is None:
            return None
        marks = Marks.of(record.version)
        exact = (marks.title, marks.author, marks.year)
        candidates = [
            shelved for shelved in self._by_title.get(marks.title, ()) if not clash(record.identifiers, shelved.names)
        ]
        for shelved in candidates:
            if exact in shelved.marks:
                return shelved
        agreeing = [
            shelved
            for shelved in candidates
            if any(marks.agree_with(author, year) for title, author, year in shelved.marks if title == marks.title)
        ]
        return agreeing[0] if len(agreeing) == 1 else None

    def _find_alike(self, record: Record) -> Shelved | None:
        """The paper new in this batch whose title and authors are most like a record's, if they likely are one work."""
        if record.version is None or not self._by_block:
            return None
        ours = Traits.of(record.version)
        candidates = {shelved: traits for key in ours.blocks for shelved, traits in self._by_block.get(key, {}).items()}
        likely = [
            (likeness(ours, theirs), shelved)
            for shelved, theirs in candidates.items()
            if not clash(record.identifiers, shelved.names)
        ]
        most, best = max(likely, key=lambda pair: pair[0], default=(0.0, None))
        return best if most >= LIKELY else None


def _any_of(names: Iterable[Identifier]) -> Q:
    by_scheme: defaultdict[str, list[str]] = defaultdict(list)
    for name in names:
        by_scheme[name.scheme].append(name.value)
    condition = Q()
    for scheme, values in by_scheme.items():
        condition |= Q(scheme=scheme, value__in=values)
    return condition
