"""The ACL Anthology: the XML of its collections, each the papers of one conference or journal in one year."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from xml.etree.ElementTree import Element

from broadsheet.papers import Author, Identifier, Link, PaperError, Record, RecordError, Version
from broadsheet.sources.errors import SourceError
from broadsheet.sources.identifiers import name_work, parse_as
from broadsheet.sources.source import Fault, Page
from broadsheet.sources.transport import Transport
from broadsheet.sources.xml import child, children, name_of, parse_xml, text_of, texts_of

SOURCE = "acl-anthology"
ENDPOINT = "https://raw.githubusercontent.com/acl-org/acl-anthology/master/data/xml/"
LISTING = "https://api.github.com/repos/acl-org/acl-anthology/git/trees/master:data/xml"

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,60}")
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_LONGEST_TOPIC, _MOST_TOPICS = 40, 20
_MONTHS = "january february march april may june july august september october november december".split()


def parse_acl_anthology(payload: bytes, place: str, since: date | None = None) -> Page:
    """Read one collection into a page of records in order, of the volumes taken in since a day if one is given.

    A paper that was retracted or removed is a withdrawn record. Raises SourceError for anything but a collection.
    Source: ACL Anthology, data/xml/schema.rnc.
    """
    root = parse_xml(payload, place)
    if name_of(root) != "collection":
        raise SourceError(f"{place} is not a collection of the ACL Anthology: it begins with <{name_of(root)[:40]}>")
    records: list[Record] = []
    faults: list[Fault] = []
    for volume in children(root, "volume"):
        if since and volume.get("ingest-date", "9999-99-99") < since.isoformat():
            continue
        meta = child(volume, "meta")
        about = _About.read(Element("meta") if meta is None else meta, volume.get("id", ""))
        for paper in children(volume, "paper"):
            try:
                records.append(_read(paper, about, root.get("id", "")))
            except PaperError as error:
                here = f"{place} volume {volume.get('id', '')[:40]} paper {paper.get('id', '')[:40]}"
                faults.append(Fault(here, str(error)))
    return Page(tuple(records), tuple(faults), done=len(records) + len(faults))


def number(collection: str, volume: str, paper: str) -> str:
    """The Anthology's own number of a paper, whose form depends on the age of its collection.

    >>> number("2024.acl", "long", "1"), number("P18", "1", "1"), number("W18", "5", "12"), number("D19", "50", "3")
    ('2024.acl-long.1', 'P18-1001', 'W18-0512', 'D19-5003')
    """
    if "." in collection:
        return f"{collection}-{volume}.{paper}"
    is_wide = collection.startswith("W") or collection == "C69" or (collection == "D19" and len(volume) == 2)
    return f"{collection}-{volume:0>2}{paper:0>2}" if is_wide else f"{collection}-{volume}{paper:0>3}"


@dataclass
class AclAnthology:
    """The papers of named collections (2024.acl, P18), or of all, in the order of their names.

    With `since` only volumes taken into the Anthology from that day on; every collection is still asked for, so name
    the collections where you can.
    """

    transport: Transport
    collections: Sequence[str] = ()
    since: date | None = None
    limit: int | None = None
    endpoint: str = ENDPOINT
    listing: str = LISTING
    name: str = SOURCE

    def __post_init__(self) -> None:
        for name in self.collections:
            if not _NAME.fullmatch(name):
                raise SourceError(f"{name[:60]!r} is not a collection of the ACL Anthology, such as 2024.acl or P18")

    def harvest(self, cursor: str | None = None) -> Iterator[Page]:
        """Yield a page for each collection, from the first or from behind the one that a cursor names."""
        done = 0
        names = sorted(set(self.collections or self._list()))
        ahead = [name for name in names if cursor is None or name > cursor]
        for name in ahead:
            where = f"{self.endpoint}{name}.xml"
            page = parse_acl_anthology(self.transport.get(where).body, where, self.since)
            if self.limit is not None:
                page = replace(page, records=page.records[: self.limit - done])
            done += len(page.records) + len(page.faults)
            is_last = name == ahead[-1] or (self.limit is not None and done >= self.limit)
            yield replace(page, cursor=None if is_last else name, done=done)
            if is_last:
                return
        if not ahead:
            yield Page(())

    def _list(self) -> list[str]:
        payload = self.transport.get(self.listing, headers={"Accept": "application/vnd.github+json"}).body
        return parse_listing(payload, self.listing)


def parse_listing(payload: bytes, place: str) -> list[str]:
    """The names of the collections in a folder as GitHub lists it. Raises SourceError for anything else."""
    try:
        tree = json.loads(payload)["tree"]
        paths = [one["path"] for one in tree]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise SourceError(f"{place} did not answer with a list of files") from error
    names = [path.removesuffix(".xml") for path in paths if isinstance(path, str) and path.endswith(".xml")]
    found = [name for name in names if _NAME.fullmatch(name)]
    if not found:
        raise SourceError(f"{place} lists no collections")
    return found


@dataclass(frozen=True, slots=True)
class _About:
    """What a volume says of all its papers, read once."""

    volume: str
    venue: str
    topics: tuple[str, ...]
    day: date | None

    @classmethod
    def read(cls, meta: Element, volume: str) -> "_About":
        topics = [topic for topic in texts_of(meta, "venue") if len(topic) <= _LONGEST_TOPIC][:_MOST_TOPICS]
        return cls(volume, text_of(meta, "booktitle") or text_of(meta, "journal-title"), tuple(topics), _day(meta))


def _read(paper: Element, about: _About, collection: str) -> Record:
    own = parse_as("acl", text_of(paper, "url")) or parse_as(
        "acl", number(collection, about.volume, paper.get("id", ""))
    )
    if own is None:
        raise RecordError("the paper has no number of the ACL Anthology")
    names = _names(own, text_of(paper, "doi"))
    if any(child(paper, word) is not None for word in ("retracted", "removed")):
        return Record(SOURCE, names, None, place=str(own))
    version = Version(
        title=text_of(paper, "title"),
        abstract=text_of(paper, "abstract"),
        authors=tuple(_author(one) for one in children(paper, "author")),
        topics=about.topics,
        published=about.day,
        venue=about.venue,
        language=text_of(paper, "language"),
        links=(Link("pdf", f"https://aclanthology.org/{own.value}.pdf"),),
    )
    return Record(SOURCE, names, version, place=str(own))


def _names(own: Identifier, doi: str) -> tuple[Identifier, ...]:
    return tuple(dict.fromkeys((own, *(name for name in name_work([("doi", doi)]) if name.scheme == "doi"))))


def _author(one: Element) -> Author:
    name = " ".join(part for part in (text_of(one, "first"), text_of(one, "last")) if part)
    return Author(name or text_of(one, "name"), "; ".join(texts_of(one, "affiliation")), one.get("orcid", ""))


def _day(meta: Element) -> date | None:
    """The first day of the volume's month: volumes name "June" or "7–12 August" and a year. None for no year."""
    year, month = text_of(meta, "year"), text_of(meta, "month").lower()
    if not _YEAR.fullmatch(year):
        return None
    return date(int(year), next((at for at, name in enumerate(_MONTHS, 1) if name in month), 1), 1)
