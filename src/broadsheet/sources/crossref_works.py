"""Crossref's list of works: journals, conferences and preprints whose publishers register DOIs there."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from broadsheet.papers import Record, RecordError
from broadsheet.sources.asking import ask, collect, count_in, mail_in, parse_answer
from broadsheet.sources.crossref import SOURCE, read_work
from broadsheet.sources.errors import SourceError
from broadsheet.sources.identifiers import name_work
from broadsheet.sources.json_members import Members, objects_in, text_in
from broadsheet.sources.source import Page
from broadsheet.sources.transport import Transport
from broadsheet.sources.walking import walk

ENDPOINT = "https://api.crossref.org/works"
KINDS = ("journal-article", "proceedings-article", "posted-content")
"""Crossref's types of work that are papers; there are also journals, grants, components and peer reviews."""
PER_PAGE = 200

_GONE = frozenset({"retraction", "withdrawal", "removal"})


def parse_crossref_works(payload: bytes, place: str) -> Page:
    """Read one answer of Crossref's list of works into a page of records in order.

    A work that was retracted, withdrawn or removed by a later notice is a withdrawn record. The cursor is the place of
    the next page, None on an empty one. Raises SourceError for anything but such an answer. Source: Crossref REST API.
    """
    message = parse_answer(payload, place).get("message")
    works = message.get("items") if isinstance(message, dict) else None
    if not isinstance(message, dict) or not isinstance(works, list):
        raise SourceError(f"{place} did not answer with a list of works")
    cursor = message.get("next-cursor")
    page = collect(works, _read, place)
    return replace(
        page, cursor=cursor if isinstance(cursor, str) and works else None, total=count_in(message, "total-results")
    )


@dataclass
class CrossrefWorks:
    """The works of Crossref that match a query, a journal's ISSN or a filter, or that changed since a day.

    `filters` are Crossref's own ("prefix:10.1145,has-abstract:true"). Raises SourceError at once where nothing is
    named: all of Crossref is more than a hundred million works.
    """

    transport: Transport
    query: str = ""
    issns: Sequence[str] = ()
    since: date | None = None
    filters: str = ""
    kinds: Sequence[str] = KINDS
    limit: int | None = None
    endpoint: str = ENDPOINT
    name: str = SOURCE

    def __post_init__(self) -> None:
        if not (self.query.strip() or self.issns or self.since or self.filters.strip()):
            raise SourceError("Crossref needs a query, an ISSN, a filter or a first day")

    def harvest(self, cursor: str | None = None) -> Iterator[Page]:
        """Yield a page for each answer, from the first match or from a cursor. Raises SourceError."""
        return walk(self._fetch, self.endpoint, cursor, self.limit)

    def _fetch(self, place: str | None) -> Page:
        kinds = [] if "type:" in self.filters else [f"type:{kind}" for kind in self.kinds]
        since = [f"from-index-date:{self.since.isoformat()}"] if self.since else []
        filters = [self.filters.strip(), *since, *(f"issn:{issn}" for issn in self.issns), *kinds]
        question = {
            "query": self.query.strip(),
            "filter": ",".join(one for one in filters if one),
            "rows": str(PER_PAGE),
            "cursor": place or "*",
            "mailto": mail_in(self.transport.contact),
        }
        page = parse_crossref_works(ask(self.transport, self.endpoint, question), self.endpoint)
        is_last = len(page.records) + len(page.faults) < PER_PAGE
        return replace(page, cursor=None) if is_last else page


def _read(work: Members, place: str) -> Record:
    names = name_work([("doi", text_in(work, ("DOI",)))])
    if not names:
        raise RecordError("the work has no DOI")
    if _is_gone(work):
        return Record(SOURCE, names, None, place=place)
    return read_work(work, str(names[0]))


def _is_gone(work: Members) -> bool:
    """Whether a later notice took the work back; the notice itself, which has "update-to", stands."""
    return any(text_in(notice, ("type",)).casefold() in _GONE for notice in objects_in(work, "updated-by"))
