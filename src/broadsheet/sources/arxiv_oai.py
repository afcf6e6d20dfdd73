"""arXiv by OAI-PMH: every change to every paper of a set, page by page, resumable."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode
from xml.etree.ElementTree import Element

from broadsheet.papers import Identifier, IdentifierError, PaperError, Record, RecordError
from broadsheet.papers.identifier import parse_versioned
from broadsheet.sources.arxiv import SOURCE
from broadsheet.sources.arxiv_metadata import Header, describe
from broadsheet.sources.days import parse_day
from broadsheet.sources.errors import OaiError, SourceError
from broadsheet.sources.source import Fault, Page
from broadsheet.sources.transport import Transport
from broadsheet.sources.xml import (
    child,
    children,
    name_of,
    parse_xml,
    text_of,
    whole_text,
)

ENDPOINT = "https://oaipmh.arxiv.org/oai"
_KEPT_ELSEWHERE = re.compile(r"oai:(?!arxiv\.org:)[^:]+:(.+)", re.I)
_SHOWN = 80
MAX_RESTARTS = 3
"""How often one run begins again because its token expired: arXiv's tokens live until its next midnight."""


def parse_oai(payload: bytes, place: str) -> Page:
    """Read an answer to ListRecords or GetRecord, or one bare record, into a page of records in order.

    The page's cursor is the resumption token; its total is known only where the server says completeListSize. "No
    records match" is an empty page. A record that cannot be used is a fault. Raises SourceError for anything that is
    not such an answer, and OaiError for an error that the server names. Source: OAI-PMH 2.0, sections 3.5 and 3.6.
    """
    return read_oai(parse_xml(payload, place), place)


def read_oai(root: Element, place: str) -> Page:
    """Do as parse_oai does, from the root of an answer that was parsed already."""
    if name_of(root) == "record":
        return _collect([root], place)
    if name_of(root) != "OAI-PMH":
        raise SourceError(f"{place} is not an OAI-PMH answer: it begins with <{name_of(root)[:40]}>")
    if errors := children(root, "error"):
        return _read_error(errors[0], place)
    answer = next((found for found in root if name_of(found) in ("ListRecords", "GetRecord")), None)
    if answer is None:
        raise SourceError(f"{place} is an OAI-PMH answer without records, and names no error")
    page = _collect(children(answer, "record"), place)
    token = child(answer, "resumptionToken")
    if token is None:
        return page
    size = token.get("completeListSize", "")
    total = int(size) if size.isascii() and size.isdigit() and len(size) < 12 else None
    return replace(page, cursor=whole_text(token) or None, total=total)


@dataclass
class ArxivOai:
    """The papers of one arXiv set that changed between two days, both included; all of arXiv if no set is named.

    `set_name` is a set as arXiv writes it (cs:cs:LG). When an expired token is refused the harvest begins again at
    `since`, which brings some records a second time, and says so in a fault.
    """

    transport: Transport
    set_name: str = ""
    since: date | None = None
    until: date | None = None
    endpoint: str = ENDPOINT
    prefix: str = "arXiv"
    name: str = SOURCE
    responded_on: date | None = None
    """The server's own day when the last run began: where the next run's `since` belongs, so that nothing is missed."""

    def harvest(self, cursor: str | None = None) -> Iterator[Page]:
        """Yield a page for each answer, from the first day or from a resumption token. Raises SourceError."""
        token, done, restarts = cursor, 0, 0
        seen: set[str] = {token} if token else set()
        notes: tuple[Fault, ...] = ()
        while True:
            try:
                page = self._fetch(token)
            except OaiError as error:
                if error.code != "badResumptionToken" or token is None or restarts == MAX_RESTARTS:
                    raise
                restarts += 1
                notes = (*notes, Fault(self.endpoint, f"the run began again at its first day: {error}"))
                token, done, seen = None, 0, set()
                continue
            if page.cursor and page.cursor in seen:
                raise SourceError(
                    f"{self.endpoint} gave the resumption token {page.cursor[:80]!r} twice: it goes in circles"
                )
            done += len(page.records)
            yield replace(page, faults=(*notes, *page.faults), done=done)
            if page.cursor is None:
                return
            token, notes = page.cursor, ()
            seen.add(token)

    def _fetch(self, token: str | None) -> Page:
        root = parse_xml(self.transport.get(self._address(token)).body, self.endpoint)
        page = read_oai(root, self.endpoint)
        if token is None:
            stamp = text_of(root, "responseDate")
            self.responded_on = parse_day(stamp) if stamp else None
        return page

    def _address(self, token: str | None) -> str:
        question = {"verb": "ListRecords"}
        if token is not None:
            question["resumptionToken"] = token
        else:
            question["metadataPrefix"] = self.prefix
            days = {"from": self.since, "until": self.until}
            question.update({name: day.isoformat() for name, day in days.items() if day})
            if self.set_name:
                question["set"] = self.set_name
        return f"{self.endpoint}?{urlencode(question)}"


def _read_error(error: Element, place: str) -> Page:
    code, reason = error.get("code", "unnamed"), whole_text(error)
    if code == "noRecordsMatch":
        return Page(records=(), total=0)
    raise OaiError(f"{place} answered {code[:40]}: {reason[:300] or 'without a reason'}", code)


def _collect(elements: list[Element], place: str) -> Page:
    records: list[Record] = []
    faults: list[Fault] = []
    for number, element in enumerate(elements, 1):
        header = child(element, "header")
        named = text_of(header, "identifier") if header is not None else ""
        here = named or f"{place} record {number:,}"
        try:
            records.append(_read_record(element, header, here))
        except PaperError as error:
            faults.append(Fault(here, str(error)))
    return Page(tuple(records), tuple(faults), done=len(records))


def _identify(text: str) -> Identifier:
    """The paper that a record is of, in any repository that keeps arXiv's numbers: oai:papers.example.org:2401.00001.

    Raises IdentifierError, or RecordError for what another repository numbers itself.
    """
    kept = _KEPT_ELSEWHERE.fullmatch(text)
    try:
        return parse_versioned(kept[1] if kept else text)[0]
    except IdentifierError as error:
        if kept is None:
            raise
        raise RecordError(f"{text[:_SHOWN]!r} is not a paper of arXiv") from error


def _read_record(element: Element, header: Element | None, place: str) -> Record:
    if header is None:
        raise RecordError("the record has no header")
    identifier = _identify(text_of(header, "identifier"))
    if identifier.scheme != SOURCE:
        raise RecordError(f"{identifier} is not a paper of arXiv")
    if header.get("status") == "deleted":
        return Record(SOURCE, (identifier,), None, place=place)
    metadata = child(element, "metadata")
    if metadata is None or len(metadata) == 0:
        raise RecordError("the record has no metadata")
    sets = tuple(whole_text(found) for found in children(header, "setSpec"))
    described = describe(metadata[0], Header(identifier, parse_day(text_of(header, "datestamp")), sets))
    return Record(SOURCE, described.identifiers, described.version, described.number, place)
