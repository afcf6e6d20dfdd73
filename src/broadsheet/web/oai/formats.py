"""The formats in which a paper is told: Dublin Core, and arXiv's own two, which our harvester reads back.

Sources: OAI-PMH 2.0, section 3.4; arXiv's answers to ListRecords, whose elements and their order these are.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from functools import lru_cache

from broadsheet.library.changes_since import State
from broadsheet.library.models import Version
from broadsheet.papers import Author
from broadsheet.sources.citation_names import read_name
from broadsheet.web.oai.writing import XSI, schema
from broadsheet.web.xml import Writer

_DC = "http://purl.org/dc/elements/1.1/"


@dataclass(frozen=True, slots=True)
class Format:
    """A metadata format: where it is defined, its element, and how a paper at an address is told in it."""

    schema: str
    namespace: str
    element: str
    write: Callable[[Writer, State, str], None]
    namespaces: Mapping[str, str]
    has_history: bool = False

    def write_metadata(self, writer: Writer, state: State, address: str) -> None:
        """Write what is known of a paper."""
        where = {"xmlns:xsi": XSI, "xsi:schemaLocation": schema(self.namespace, self.schema)}
        with writer.within(self.element, {**self.namespaces, **where}):
            self.write(writer, state, address)


def _write_dublin_core(writer: Writer, state: State, address: str) -> None:
    version, names = state.version, state.version.names
    dois = [str(name) for name in names if name.scheme == "doi"]
    pages = [name.url for name in names if name.scheme != "doi" and name.url]
    days = [day.isoformat() for day in (version.published, version.updated) if day]
    texts = {
        "title": [version.title],
        "creator": [_inverted(name) for name in version.author_names],
        "subject": version.topics,
        "description": [version.abstract, f"Comment: {version.comment}" if version.comment else ""],
        "date": list(dict.fromkeys(days)),
        "type": ["text"],
        "identifier": [address, *pages, version.venue, *dois],
        "language": [version.language],
    }
    for name, values in texts.items():
        writer.write_each(f"dc:{name}", values)


def _write_arxiv(writer: Writer, state: State, address: str) -> None:
    version = state.version
    writer.write("id", state.paper.key)
    created = version.published or version.date or state.paper.day
    writer.write("created", created.isoformat())
    if version.updated and version.updated != created:
        writer.write("updated", version.updated.isoformat())
    with writer.within("authors"):
        for author in version.text.authors:
            _write_author(writer, author)
    writer.write("title", version.title)
    writer.write("categories", _categories(version))
    _write_rest(writer, state)


def _write_arxiv_raw(writer: Writer, state: State, address: str) -> None:
    version = state.version
    writer.write("id", state.paper.key)
    writer.write("submitter")  # nobody knows here
    for number, day in sorted(_numbered_days(state).items()):
        with writer.within("version", {"version": f"v{number}"}):
            writer.write("date", format_datetime(datetime.combine(day, time(), UTC), usegmt=True))
            writer.write("size")
    writer.write("title", version.title)
    writer.write("authors", ", ".join(_with_affiliation(author) for author in version.text.authors))
    writer.write("categories", _categories(version))
    _write_rest(writer, state)


def _write_rest(writer: Writer, state: State) -> None:
    """What both of arXiv's formats end with."""
    version = state.version
    dois = " ".join(sorted(name.value for name in state.version.names if name.scheme == "doi"))
    for name, text in (("comments", version.comment), ("journal-ref", version.venue), ("doi", dois)):
        if text:
            writer.write(name, text)
    writer.write("abstract", version.abstract)


def _categories(version: Version) -> str:
    """The topics that are one word: spaces stand between categories."""
    return " ".join(topic for topic in version.topics if " " not in topic)


@lru_cache(4_096)
def _inverted(name: str) -> str:
    """A name with the family's first, where it is surely known; what it is read back as is the name itself."""
    parts = read_name(Author(name))
    again = f"{parts.family_and_suffix}, {parts.given}"
    if parts.has_comma:
        again = f"{parts.family}, {parts.given}, {parts.suffix}"
    return again if parts.given and Author.parse(again).name == name else name


def _write_author(writer: Writer, author: Author) -> None:
    parts = read_name(author)
    suffix = parts.suffix if parts.has_comma else ""
    again = f"{parts.given} {parts.family_and_suffix}" + (f", {suffix}" if suffix else "")
    is_known = bool(parts.given) and again == author.name
    with writer.within("author"):
        writer.write("keyname", parts.family_and_suffix if is_known else author.name)
        if is_known:
            writer.write("forenames", parts.given)
        if is_known and suffix:
            writer.write("suffix", suffix)
        if author.affiliation:
            writer.write("affiliation", author.affiliation)


def _with_affiliation(author: Author) -> str:
    return f"{author.name} ({author.affiliation})" if author.affiliation else author.name


def _numbered_days(state: State) -> dict[int, date]:
    """The days of a paper's versions by their numbers: the source's where it says them, else this library's.

    Of versions that came before the library knew the paper only the first is told, by the day the work was published.
    """
    version = state.version
    day = version.updated or version.published or state.paper.day
    first = version.published or day
    last = version.source_number or version.number
    if last == 1 and first != day:
        last = 2
    days = {last: day} if last == 1 else {1: first, last: day}
    for row in state.history:
        number = row.source_number or row.number
        if number < last and row.updated:
            days.setdefault(number, row.updated)
    return days


FORMATS: Mapping[str, Format] = {
    "oai_dc": Format(
        "http://www.openarchives.org/OAI/2.0/oai_dc.xsd",
        "http://www.openarchives.org/OAI/2.0/oai_dc/",
        "oai_dc:dc",
        _write_dublin_core,
        {"xmlns:oai_dc": "http://www.openarchives.org/OAI/2.0/oai_dc/", "xmlns:dc": _DC},
    ),
    "arXiv": Format(
        "http://arxiv.org/OAI/arXiv.xsd",
        "http://arxiv.org/OAI/arXiv/",
        "arXiv",
        _write_arxiv,
        {"xmlns": "http://arxiv.org/OAI/arXiv/"},
    ),
    "arXivRaw": Format(
        "http://arxiv.org/OAI/arXivRaw.xsd",
        "http://arxiv.org/OAI/arXivRaw/",
        "arXivRaw",
        _write_arxiv_raw,
        {"xmlns": "http://arxiv.org/OAI/arXivRaw/"},
        has_history=True,
    ),
}
