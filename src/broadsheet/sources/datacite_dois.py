"""DataCite's list of DOIs: preprints, theses and reports of repositories, arXiv and Zenodo among them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import parse_qs, urlsplit

from broadsheet.papers import Record, RecordError
from broadsheet.sources.asking import ask, collect, count_in, parse_answer
from broadsheet.sources.datacite import SOURCE, read_attributes
from broadsheet.sources.errors import SourceError
from broadsheet.sources.identifiers import name_work
from broadsheet.sources.json_members import Members, object_in, objects_in, text_in
from broadsheet.sources.source import Page
from broadsheet.sources.transport import Transport
from broadsheet.sources.walking import walk

ENDPOINT = "https://api.datacite.org/dois"
KINDS = "text,preprint,journal-article,conference-paper,dissertation,report"
"""DataCite's types of resource that are papers; there are also data sets, software and images."""
PER_PAGE = 200


def parse_datacite_dois(payload: bytes, place: str) -> Page:
    """Read one answer of DataCite's list of DOIs into a page of records in order.

    A work with a day of withdrawal is a withdrawn record. The cursor is that of the link to the next page, whatever
    server the link names. Raises SourceError for anything but such an answer. Source: DataCite REST API.
    """
    answer = parse_answer(payload, place)
    found = answer.get("data")
    if not isinstance(found, list):
        raise SourceError(f"{place} did not answer with a list of DOIs")
    link = object_in(answer, "links").get("next")
    return replace(
        collect(found, _read, place),
        cursor=_cursor_in(link, place) if isinstance(link, str) and found else None,
        total=count_in(object_in(answer, "meta"), "total"),
    )


@dataclass
class DataciteDois:
    """The works of DataCite that match a query in its own syntax, or that changed since a day.

    Raises SourceError at once where nothing is named: all of DataCite is some ten million texts.
    """

    transport: Transport
    query: str = ""
    since: date | None = None
    kinds: str = KINDS
    limit: int | None = None
    endpoint: str = ENDPOINT
    name: str = SOURCE

    def __post_init__(self) -> None:
        if not (self.query.strip() or self.since):
            raise SourceError("DataCite needs a query or a first day")

    def harvest(self, cursor: str | None = None) -> Iterator[Page]:
        """Yield a page for each answer, from the first match or from a cursor. Raises SourceError."""
        return walk(self._fetch, self.endpoint, cursor, self.limit)

    def _fetch(self, place: str | None) -> Page:
        since = f"updated:[{self.since.isoformat()} TO *]" if self.since else ""
        query = f"({self.query.strip()}) AND {since}" if self.query.strip() and since else self.query.strip() or since
        question = {
            "query": query,
            "resource-type-id": self.kinds,
            "page[size]": str(PER_PAGE),
            "page[cursor]": place or "1",
        }
        return parse_datacite_dois(ask(self.transport, self.endpoint, question), self.endpoint)


def _read(found: Members, place: str) -> Record:
    work = object_in(found, "attributes")
    names = name_work([("doi", text_in(work, ("doi",)))])
    if not names:
        raise RecordError("the work has no DOI")
    if any(day.get("dateType") == "Withdrawn" for day in objects_in(work, "dates")):
        return Record(SOURCE, names, None, place=place)
    return read_attributes(work, str(names[0]))


def _cursor_in(link: str, place: str) -> str | None:
    try:
        named = parse_qs(urlsplit(link).query).get("page[cursor]", [])
    except ValueError as error:
        raise SourceError(f"{place} names a next page that is no address: {link[:80]!r}") from error
    return named[0] if named else None
