"""A journal's RSS or Atom feed: its newest papers, as its publisher announces them, into records."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import unquote, urlsplit
from xml.etree.ElementTree import Element

from broadsheet.papers import Author, Identifier, IdentifierError, PaperError, Record, RecordError, Version
from broadsheet.papers.identifier import parse_versioned
from broadsheet.papers.record import SOURCE_LIMIT
from broadsheet.sources.days import parse_day, parse_mail_day
from broadsheet.sources.errors import SourceError
from broadsheet.sources.identifiers import name_work, parse_known
from broadsheet.sources.markup import strip_markup
from broadsheet.sources.names import parse_author_line
from broadsheet.sources.source import Fault, Page
from broadsheet.sources.transport import Transport
from broadsheet.sources.xml import child, children, name_of, parse_xml, text_of, texts_of

MOST_ENTRIES = 10_000

_DOI = re.compile(
    r"(10\.\d{4,9}/[^\s?#&\"<>]{1,300}?)(?:v\d{1,3})?(?:(?:\.full)?(?:\.pdf)?|/(?:full|pdf|abstract|html))/?(?=[\s?#&\"<>]|$)"
)
_WESTERN = re.compile(
    rb"""\s{0,99}<\?xml[^<>]{0,100}?\sencoding\s?=\s?["'](iso-8859-1|iso-8859-15|windows-1252)["'][^<>]{0,100}\?>""",
    re.I,
)
_UNFIT = re.compile(r"[^a-z0-9.-]")
_BEFORE_ABSTRACT = re.compile(r"\AarXiv:\S+ Announce Type: \S+ Abstract: ")
_ABSTRACTS = ("abstract", "encoded", "content", "summary", "description")
_LONGEST_NAME = 60


def parse_feed(payload: bytes, place: str, source: str) -> Page:
    """Read an RSS 0.91 to 2.0, RSS 1.0 or Atom feed into a page of records in order.

    A paper is named by a DOI or arXiv id in the fields that journals use or in its link; else the link is its name.
    Raises SourceError for anything but a feed. Source: RSS 2.0, RSS 1.0, RFC 4287, PRISM, Dublin Core.
    """
    root = parse_xml(_in_utf8(payload), place)
    entries, about = _entries(root)
    if entries is None:
        raise SourceError(f"{place} is not an RSS or Atom feed: it begins with <{name_of(root)[:40]}>")
    if len(entries) > MOST_ENTRIES:
        raise SourceError(f"{place} has {len(entries):,} entries, more than {MOST_ENTRIES:,}")
    records: list[Record] = []
    faults: list[Fault] = []
    journal = strip_markup(text_of(about, "title"))
    for number, entry in enumerate(entries, 1):
        here = _link(entry) or f"{place} entry {number:,}"
        try:
            records.append(_read(entry, journal, source, here))
        except PaperError as error:
            faults.append(Fault(here, str(error)))
    return Page(tuple(records), tuple(faults), total=len(entries), done=len(entries))


@dataclass
class JournalFeed:
    """The papers in a journal's feed at this moment; feeds hold the newest few dozen, so ask every day.

    `etag` and `last_modified` are those of the last answer; where nothing changed since, the page is empty. After a
    run they are those of this one.
    """

    transport: Transport
    address: str
    etag: str | None = None
    last_modified: str | None = None
    limit: int | None = None
    name: str = field(init=False)

    def __post_init__(self) -> None:
        self.name = feed_name(self.address)

    def harvest(self, cursor: str | None = None) -> Iterator[Page]:
        """Yield the one page that a feed is. Raises SourceError."""
        answer = self.transport.get(self.address, etag=self.etag, last_modified=self.last_modified)
        if answer.not_modified:
            yield Page((), total=0)
            return
        page = parse_feed(answer.body, self.address, self.name)
        self.etag, self.last_modified = answer.etag, answer.last_modified
        yield Page(page.records[: self.limit], page.faults[: self.limit], total=page.total, done=page.done)


def feed_name(address: str) -> str:
    """The source's name: its host, since a publisher's feeds tell of the same papers. Raises SourceError.

    >>> feed_name("https://www.nature.com/nature.rss")
    'feed-nature.com'
    """
    try:
        host = urlsplit(address).hostname or ""
    except ValueError as error:
        raise SourceError(f"{address[:200]!r} is not a web address: {error}") from error
    if not host:
        raise SourceError(f"{address[:200]!r} is not the web address of a feed")
    return f"feed-{_UNFIT.sub('-', host.removeprefix('www.'))}"[:SOURCE_LIMIT]


def _in_utf8(payload: bytes) -> bytes:
    """A payload that says it is in one of the old Western encodings, in UTF-8; any other as it is.

    Their first half is that of ASCII, so that nothing can hide in them as it can in UTF-7 or UTF-16.
    """
    declared = _WESTERN.match(payload)
    if not declared:
        return payload
    return payload[declared.end() :].decode(declared[1].decode().lower(), "replace").encode()


def _entries(root: Element) -> tuple[list[Element] | None, Element]:
    """The entries and the element that tells of the feed."""
    kind = name_of(root)
    if kind == "feed":
        return children(root, "entry"), root
    channel = child(root, "channel")
    about = root if channel is None else channel
    if kind == "RDF":
        return children(root, "item"), about
    if kind == "rss":
        return [*children(about, "item"), *(children(root, "item") if about is not root else [])], about
    return None, root


def _read(entry: Element, journal: str, source: str, place: str) -> Record:
    names, number = _names(entry)
    if not names:
        raise RecordError("the entry has no link and no name")
    version = Version(
        title=strip_markup(text_of(entry, "title")),
        abstract=_abstract(entry),
        authors=_authors(entry),
        topics=_topics(entry),
        published=_published(entry),
        venue=strip_markup(text_of(entry, "publicationName")) or journal,
    )
    return Record(source, names, version, number, place)


def _names(entry: Element) -> tuple[tuple[Identifier, ...], int | None]:
    """The DOI or arXiv id, and the number of the version where an arXiv id has one; else the link."""
    link = _link(entry)
    texts = [text_of(entry, "doi"), *texts_of(entry, "identifier"), text_of(entry, "guid"), text_of(entry, "id"), link]
    candidates: list[tuple[str, str]] = []
    number: int | None = None
    for text in texts:
        known = parse_known(text.removeprefix("doi:").strip()[:600])
        if known and known[0].scheme in ("arxiv", "doi"):
            candidates.append((known[0].scheme, known[0].value))
            number = number or known[1]
        elif within := doi_within(text):
            candidates.append(("doi", within))
    names = name_work(candidates)
    if names or not link:
        return names, number
    try:
        return (parse_versioned(link)[0],), None
    except IdentifierError as error:
        raise RecordError(str(error)) from error


def doi_within(link: str) -> str:
    """The DOI at the end of a publisher's link, or nothing.

    >>> doi_within("https://onlinelibrary.wiley.com/doi/full/10.1002/anie.202400001?af=R")
    '10.1002/anie.202400001'
    >>> doi_within("https://www.science.org/doi/abs/10.1126/science.abc1234/full")
    '10.1126/science.abc1234'
    """
    found = _DOI.search(unquote(link[:2_000]))
    return found[1] if found else ""


def _link(entry: Element) -> str:
    """The address of the paper's page: RSS writes it out, Atom points to it."""
    links = children(entry, "link")
    written = next((text for text in texts_of(entry, "link") if text), "")
    pointed = [one.get("href", "") for one in links if one.get("rel", "alternate") == "alternate"]
    guid = child(entry, "guid")
    permanent = text_of(entry, "guid") if guid is not None and guid.get("isPermaLink", "true") == "true" else ""
    found = written or next(filter(None, pointed), "") or permanent
    return found if found.lower().startswith(("http://", "https://")) and len(found) <= 500 else ""


def _abstract(entry: Element) -> str:
    """The longest text of those that feeds give, which is the abstract where there is one at all."""
    texts = [strip_markup(text_of(entry, name)) for name in _ABSTRACTS]
    return _BEFORE_ABSTRACT.sub("", max(texts, key=len))


def _authors(entry: Element) -> tuple[Author, ...]:
    """Names in elements of their own, or several in one."""
    people = [text_of(one, "name") for one in children(entry, "author")]
    written = list(filter(None, people)) or texts_of(entry, "creator") or texts_of(entry, "author")
    if len(written) == 1:
        return parse_author_line(strip_markup(written[0])[:20_000])
    return tuple(Author(Author.parse(strip_markup(name)).name) for name in written if len(name) <= 500)


def _topics(entry: Element) -> tuple[str, ...]:
    terms = [one.get("term") or text_of_own(one) for one in children(entry, "category")]
    found = [strip_markup(term) for term in [*terms, *texts_of(entry, "subject")]]
    return tuple(term for term in found if term and len(term) <= _LONGEST_NAME)[:50]


def text_of_own(element: Element) -> str:
    """The text of an element itself."""
    return " ".join((element.text or "").split())


def _published(entry: Element) -> date | None:
    """The first day that one of the fields names, in the way of the web or of mail."""
    for name in ("publicationDate", "date", "published", "pubDate", "updated"):
        text = text_of(entry, name)
        if not text:
            continue
        return parse_mail_day(text) if text[:1].isalpha() or text[1:2] == " " or text[2:3] == " " else parse_day(text)
    return None
