"""Which papers of the library are likely the same works as some records, though no name and no title tells so."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from broadsheet.library.likeness import COMMON, LIKELY, Traits, likeness
from broadsheet.library.matching import clash
from broadsheet.library.models import Block, Name, Version
from broadsheet.papers import Identifier, Record


def find_alike(alias: str, records: Sequence[Record], taken: Mapping[int, Sequence[Record]]) -> Mapping[int, int]:
    """Which paper each of these records is likely about, by the record's place in the list.

    The likeliest pairs come first, and a paper is given to no two records whose names clash; `taken` are papers that
    records are known to be about. Papers that have other names of the same kind as a record, as most papers of its own
    source do, are not compared. At most three queries.
    """
    asked = [Traits.of(record.version) if record.version else None for record in records]
    sharing = _sharing(alias, {key for traits in asked if traits for key in traits.blocks})
    pairs = {
        (place, paper)
        for place, traits in enumerate(asked)
        if traits
        for key in traits.blocks
        for paper in sharing.get(key, ())
    }
    names = _names(alias, {paper for _, paper in pairs})
    pairs = {(place, paper) for place, paper in pairs if not clash(records[place].identifiers, names[paper])}
    known = _traits(alias, {paper for _, paper in pairs})
    likely = [
        (likely, place, paper)
        for place, paper in pairs
        if paper in known and (traits := asked[place]) and (likely := likeness(traits, known[paper])) >= LIKELY
    ]
    given = defaultdict(list, {paper: list(others) for paper, others in taken.items()})
    found: dict[int, int] = {}
    for _, place, paper in sorted(likely, key=lambda one: (-one[0], one[1:])):
        ours = records[place].identifiers
        if place not in found and not any(clash(ours, other.identifiers) for other in given[paper]):
            found[place] = paper
            given[paper].append(records[place])
    return found


def _sharing(alias: str, keys: Collection[int]) -> dict[int, list[int]]:
    """The papers in each of these blocks, but in those that too many are in."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    for key, paper in Block.objects.using(alias).filter(key__in=keys).values_list("key", "paper_id") if keys else ():
        found[key].append(paper)
    return {key: papers for key, papers in found.items() if len(papers) <= COMMON}


def _names(alias: str, papers: Collection[int]) -> defaultdict[int, list[Identifier]]:
    """The names of papers."""
    found: defaultdict[int, list[Identifier]] = defaultdict(list)
    rows = (
        Name.objects.using(alias).filter(paper__in=papers).values_list("paper_id", "scheme", "value") if papers else ()
    )
    for paper, *name in rows:
        found[paper].append(Identifier(*name))
    return found


def _traits(alias: str, papers: Collection[int]) -> dict[int, Traits]:
    """The traits of papers as they stand open."""
    fields = ("paper_id", "title", "authors", "published", "announced", "updated")
    rows = (
        Version.objects.using(alias).filter(paper__in=papers, died__isnull=True).values_list(*fields) if papers else ()
    )
    found = {}
    for paper, title, authors, *days in rows:
        day = next(filter(None, days), None)
        found[paper] = Traits.read(title, (author["name"] for author in authors), day.year if day else None)
    return found
