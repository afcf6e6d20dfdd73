"""PubMed's two steps: a search that its server remembers, and the citations that it found, part by part."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from http import HTTPStatus

from broadsheet.sources.asking import ask, count_in, mail_in, parse_answer
from broadsheet.sources.errors import FetchError, SourceError
from broadsheet.sources.json_members import object_in
from broadsheet.sources.pubmed import SOURCE, NoCitations, parse_pubmed
from broadsheet.sources.source import Page
from broadsheet.sources.transport import Transport
from broadsheet.sources.walking import walk

ENDPOINT = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils"
FIRST_DAY = date(1800, 1, 1)
MOST_FOUND = 9_999
"""How many citations of one search PubMed hands out; a longer list is asked for in shorter spans of days."""
PER_PAGE = 200

_SESSION = re.compile(r"[\w.@%-]{1,400}", re.A)
_NUMBER = re.compile(r"[0-9]{1,4}")
_PLACE = re.compile(
    r"(?P<first>\d{4}-\d\d-\d\d)/(?P<last>\d{4}-\d\d-\d\d)/(?P<count>\d{1,5})/(?P<start>\d{1,5})/"
    r"(?P<number>[0-9]{1,4})/(?P<session>[\w.@%-]{1,400})",
    re.A,
)


@dataclass(frozen=True, slots=True)
class Found:
    """A search that PubMed remembers for some hours: its days, how many it found, and where it is kept."""

    first: date
    last: date
    count: int
    number: str
    session: str

    def at(self, start: int) -> str:
        """The place in its list, for a cursor."""
        return f"{self.first}/{self.last}/{self.count}/{start}/{self.number}/{self.session}"


@dataclass
class PubMed:
    """The citations of PubMed that match a query, of those that changed between two days, both included.

    A long list is brought in spans of days, since PubMed hands out no more than MOST_FOUND of one search. `key` is an
    API key of NCBI's. Raises SourceError at once where nothing is named: all of PubMed is some forty million citations.
    """

    transport: Transport
    until: date
    query: str = ""
    since: date | None = None
    key: str = ""
    limit: int | None = None
    endpoint: str = ENDPOINT
    name: str = SOURCE

    def __post_init__(self) -> None:
        if not (self.query.strip() or self.since):
            raise SourceError("PubMed needs a query or a first day")
        if self.since and self.since > self.until:
            raise SourceError(f"{self.since} is later than {self.until}")

    def harvest(self, cursor: str | None = None) -> Iterator[Page]:
        """Yield a page for each part of the list, from its first day or from a cursor. Raises SourceError."""
        return walk(self._fetch, self.endpoint, cursor, self.limit)

    def _fetch(self, place: str | None) -> Page:
        if place is None:
            everything = self._search(self.since or FIRST_DAY, self.until)
            return replace(self._bring(self._shorten(everything), 0), total=everything.count)
        found, start = _read_place(place)
        try:
            return self._bring(found, start)
        except NoCitations as error:
            raise FetchError(str(error), status=HTTPStatus.GONE) from error

    def _bring(self, found: Found, start: int) -> Page:
        """Fetch a part of a search's list; the cursor is the next part, or the first of the next days."""
        page = Page(()) if start >= found.count else self._citations(found, start)
        if start + PER_PAGE < found.count:
            return replace(page, cursor=found.at(start + PER_PAGE))
        if found.last >= self.until:
            return replace(page, cursor=None)
        after = self._shorten(self._search(found.last + timedelta(1), self.until))
        return replace(page, cursor=after.at(0)) if after.count or after.last < self.until else page

    def _shorten(self, found: Found) -> Found:
        """Halve a search's days until PubMed hands out all that it found."""
        while found.count > MOST_FOUND:
            if found.first == found.last:
                raise SourceError(
                    f"{self.endpoint} found {found.count:,} citations that changed on {found.first}, more than the "
                    f"{MOST_FOUND:,} that it hands out: ask a narrower question"
                )
            found = self._search(found.first, found.first + (found.last - found.first) // 2)
        return found

    def _search(self, first: date, last: date) -> Found:
        question = {
            "db": "pubmed",
            "term": self.query.strip() or "all[sb]",
            "datetype": "mdat",
            "mindate": f"{first:%Y/%m/%d}",
            "maxdate": f"{last:%Y/%m/%d}",
            "usehistory": "y",
            "retmax": "0",
            "retmode": "json",
        }
        where = f"{self.endpoint}/esearch.fcgi"
        payload = ask(self.transport, where, question | self._manners(), secret=self.key)
        return replace(parse_search(payload, where), first=first, last=last)

    def _citations(self, found: Found, start: int) -> Page:
        question = {
            "db": "pubmed",
            "query_key": found.number,
            "WebEnv": found.session,
            "retstart": str(start),
            "retmax": str(PER_PAGE),
            "retmode": "xml",
        }
        where = f"{self.endpoint}/efetch.fcgi"
        return parse_pubmed(ask(self.transport, where, question | self._manners(), secret=self.key), where)

    def _manners(self) -> dict[str, str]:
        return {"tool": "broadsheet", "email": mail_in(self.transport.contact), "api_key": self.key}


def parse_search(payload: bytes, place: str) -> Found:
    """Read an answer of PubMed's ESearch with history, its days left open. Raises SourceError for anything else.

    Source: NCBI, E-utilities Help, "The E-utilities In-Depth".
    """
    answer = parse_answer(payload, place)
    result = object_in(answer, "esearchresult")
    count, number, session = count_in(result, "count"), result.get("querykey"), result.get("webenv")
    if reason := result.get("ERROR") or answer.get("error"):
        raise SourceError(f"{place} answered {str(reason)[:300]!r}")
    if count == 0:
        return Found(FIRST_DAY, FIRST_DAY, 0, "0", "none")
    if (
        count is None
        or not (isinstance(number, str) and _NUMBER.fullmatch(number))
        or not (isinstance(session, str) and _SESSION.fullmatch(session))
    ):
        raise SourceError(f"{place} did not answer with a search that it remembers")
    return Found(FIRST_DAY, FIRST_DAY, count, number, session)


def _read_place(place: str) -> tuple[Found, int]:
    found = _PLACE.fullmatch(place)
    try:
        if found:
            first, last = date.fromisoformat(found["first"]), date.fromisoformat(found["last"])
            return Found(first, last, int(found["count"]), found["number"], found["session"]), int(found["start"])
    except ValueError:
        pass
    raise SourceError(f"{place[:40]!r} is not a place in a list of PubMed; start the run again without it")
