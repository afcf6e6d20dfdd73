"""arXiv by its search API: the papers that answer a query or carry given identifiers, as an Atom feed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode
from xml.etree.ElementTree import Element

from broadsheet.papers import Identifier, PaperError, Record, RecordError, Version
from broadsheet.papers.identifier import parse_versioned
from broadsheet.sources.arxiv import SOURCE, day_of, links_of, name_authors, name_work
from broadsheet.sources.errors import FetchError, SourceError
from broadsheet.sources.source import Fault, Page
from broadsheet.sources.transport import Transport
from broadsheet.sources.xml import children, name_of, parse_xml, text_of, texts_of

ENDPOINT = "https://export.arxiv.org/api/query"
MAX_PAPERS = 1_000_000
_ERROR = "/api/errors"


def parse_atom(payload: bytes, place: str) -> Page:
    """Read one answer of arXiv's search API into a page of records in order, without a cursor.

    The page's total is the number of papers that match; `done` says how many lie before and on this page. An entry
    that cannot be used is a fault. Raises SourceError for anything but such an answer, and for the entry by which
    arXiv reports an error, with its words. Source: arXiv API User's Manual, sections 3.3 and 3.4.
    """
    return read_atom(parse_xml(payload, place), place)


def read_atom(root: Element, place: str) -> Page:
    """Do as parse_atom does, from the root of an answer that was parsed already."""
    if name_of(root) != "feed":
        raise SourceError(f"{place} is not an Atom feed: it begins with <{name_of(root)[:40]}>")
    entries = children(root, "entry")
    records: list[Record] = []
    faults: list[Fault] = []
    for number, entry in enumerate(entries, 1):
        address = text_of(entry, "id")
        if _ERROR in address:
            raise SourceError(f"{place}: arXiv answered {text_of(entry, 'summary')[:300] or address[:300]!r}")
        here = address or f"{place} entry {number:,}"
        try:
            records.append(_read_entry(entry, here))
        except PaperError as error:
            faults.append(Fault(here, str(error)))
    start = _count(root, "startIndex") or 0
    return Page(tuple(records), tuple(faults), total=_count(root, "totalResults"), done=start + len(entries))


@dataclass
class ArxivApi:
    """The papers of arXiv that match a query ("cat:cs.LG AND ti:pruning"), a list of identifiers, or both.

    Newest first. Raises SourceError at once if neither is given, or if the limit is not positive.
    """

    transport: Transport
    query: str = ""
    identifiers: Sequence[str] = ()
    limit: int | None = None
    """How many papers to bring at most, counted from the first match; all if None."""
    per_page: int = 100
    endpoint: str = ENDPOINT
    name: str = SOURCE

    def __post_init__(self) -> None:
        if not self.query.strip() and not self.identifiers:
            raise SourceError("arXiv's search needs a query or identifiers")
        if self.limit is not None and self.limit < 1:
            raise SourceError(f"a limit of {self.limit:,} papers brings none")

    def harvest(self, cursor: str | None = None) -> Iterator[Page]:
        """Yield pages from the first match, or from the place in the list that the cursor names. Raises SourceError."""
        start = _start_at(cursor)
        while self.limit is None or start < self.limit:
            page = self._fetch(start, min(self.per_page, (self.limit or MAX_PAPERS) - start))
            if (total := page.total) is None:
                raise SourceError(f"{self.endpoint} does not say how many papers match")
            end = min(total, self.limit or total)
            count = len(page.records) + len(page.faults)
            if count == 0 and start < end:
                raise SourceError(
                    f"{self.endpoint} answered an empty page at {start:,} of {total:,} papers; try again later"
                )
            start += count
            yield replace(page, cursor=str(start) if start < end else None, total=end, done=start)
            if start >= end:
                return

    def _fetch(self, start: int, size: int) -> Page:
        question = {"search_query": self.query.strip(), "id_list": ",".join(self.identifiers)}
        question = {name: text for name, text in question.items() if text}
        if self.query.strip():
            question |= {"sortBy": "submittedDate", "sortOrder": "descending"}
        question |= {"start": str(start), "max_results": str(size)}
        try:
            payload = self.transport.get(f"{self.endpoint}?{urlencode(question)}").body
        except FetchError as error:
            if error.body:
                _raise_named_error(error, self.endpoint)
            raise
        return parse_atom(payload, self.endpoint)


def _raise_named_error(error: FetchError, place: str) -> None:
    """Raise what arXiv wrote in the answer to a bad request, if that is what came."""
    try:
        parse_atom(error.body, place)
    except SourceError as named:
        if "arXiv answered" in str(named):
            raise named from error


def _read_entry(entry: Element, place: str) -> Record:
    identifier, number = parse_versioned(text_of(entry, "id"))
    if identifier.scheme != SOURCE:
        raise RecordError(f"{identifier} is not a paper of arXiv")
    dois = [link.get("href", "") for link in children(entry, "link") if link.get("title") == "doi"]
    version = Version(
        title=text_of(entry, "title"),
        abstract=text_of(entry, "summary"),
        authors=name_authors(
            [(text_of(author, "name"), texts_of(author, "affiliation")) for author in children(entry, "author")]
        ),
        topics=_topics(entry),
        published=day_of(entry, "published"),
        updated=day_of(entry, "updated"),
        comment=text_of(entry, "comment"),
        venue=text_of(entry, "journal_ref"),
        links=links_of(identifier),
    )
    named: tuple[Identifier, ...] = name_work(identifier, " ".join([*texts_of(entry, "doi"), *dois]))
    return Record(SOURCE, named, version, number, place)


def _topics(entry: Element) -> tuple[str, ...]:
    """The primary category first, as OAI-PMH lists them."""
    categories = [*children(entry, "primary_category"), *children(entry, "category")]
    return tuple(term for term in (category.get("term", "") for category in categories) if term)


def _start_at(cursor: str | None) -> int:
    if cursor is None:
        return 0
    if not (cursor.isascii() and cursor.isdigit()):
        raise SourceError(f"{cursor[:40]!r} is not a place in a list of search results")
    return int(cursor)


def _count(root: Element, name: str) -> int | None:
    text = text_of(root, name)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else None
