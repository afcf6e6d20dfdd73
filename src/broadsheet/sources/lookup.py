"""One paper by its name: asked of arXiv, Crossref or DataCite, whichever knows names of its kind."""

import re
from dataclasses import dataclass, replace
from http import HTTPStatus
from urllib.parse import quote, unquote, urlsplit

from broadsheet.papers import Identifier, IdentifierError, PaperError, Record
from broadsheet.sources import crossref, datacite
from broadsheet.sources.arxiv_atom import ENDPOINT as ARXIV
from broadsheet.sources.arxiv_atom import ArxivApi
from broadsheet.sources.errors import CannotLookUp, FetchError, NotFoundAtSource, SourceError
from broadsheet.sources.identifiers import ACL_DOI, ARXIV_DOI
from broadsheet.sources.transport import Transport

KNOWN = "an arXiv id, a DOI, an ACL Anthology id, or a link to one of these"
"""What can be looked up, for sentences."""

_DOI_IN_PATH = re.compile(r".*?/(10\.\d{4,9}/\S+?)(?:v\d+)?(?:(?:\.full)?(?:\.pdf)?|/(?:full|pdf|abstract|html))/?")


@dataclass(frozen=True, slots=True)
class Places:
    """Where the sources answer; what follows the address is added to it."""

    arxiv: str = ARXIV
    crossref: str = crossref.ENDPOINT
    datacite: str = datacite.ENDPOINT

    @classmethod
    def at(cls, site: str) -> "Places":
        """All three on one server, each at the path it has at home: a mirror, or a proxy that keeps answers."""
        return cls(f"{site}/api/query", f"{site}/works/", f"{site}/dois/")


def read_name(text: str) -> Identifier:
    """Read what a person pasted, an identifier or a link, into the name that can be looked up.

    A DOI within a publisher's link counts, and arXiv's own DOIs are arXiv ids. Raises CannotLookUp, saying what can be.

    >>> read_name("https://doi.org/10.48550/arXiv.2104.12255"), read_name("https://dl.acm.org/doi/pdf/10.1145/3292500")
    (Identifier(scheme='arxiv', value='2104.12255'), Identifier(scheme='doi', value='10.1145/3292500'))
    """
    try:
        identifier = Identifier.parse(text)
        if identifier.scheme == "url":
            identifier = _within_link(identifier.value) or identifier
        if identifier.scheme == "doi" and identifier.value.startswith(ARXIV_DOI):
            identifier = Identifier.parse(f"arxiv:{identifier.value.removeprefix(ARXIV_DOI)}")
    except IdentifierError as error:
        raise CannotLookUp(f"That is not a name of a paper: give {KNOWN}") from error
    if not is_known(identifier):
        kind = "the address of a web page" if identifier.scheme == "url" else f"a name in “{identifier.scheme}”"
        raise CannotLookUp(f"A paper cannot be looked up by {kind}: give {KNOWN}")
    return identifier


def is_known(identifier: Identifier) -> bool:
    """Whether a source can be asked for this name."""
    return identifier.scheme in ("arxiv", "doi", "acl")


def look_up(identifier: Identifier, transport: Transport, places: Places | None = None) -> Record:
    """Ask for one paper and return its record.

    Raises NotFoundAtSource where nobody knows the name, CannotLookUp for a name of another kind, and SourceError
    where a source does not answer, or answers what cannot be read. No address but those of `places` is asked.
    """
    places = places or Places()
    if identifier.scheme == "arxiv":
        return _ask_arxiv(identifier, transport, places.arxiv)
    if identifier.scheme == "doi":
        return _ask_registries(identifier, transport, places)
    if identifier.scheme == "acl":
        doi = Identifier("doi", f"{ACL_DOI}{identifier.value.lower()}")
        record = _ask_registries(doi, transport, places)
        return replace(record, identifiers=(*record.identifiers, identifier))
    raise CannotLookUp(f"{identifier} cannot be looked up: give {KNOWN}")


def _within_link(link: str) -> Identifier | None:
    """The DOI that ends a publisher's link."""
    found = _DOI_IN_PATH.fullmatch(unquote(urlsplit(link).path))
    return Identifier.parse(found[1]) if found else None


def _ask_arxiv(identifier: Identifier, transport: Transport, endpoint: str) -> Record:
    source = ArxivApi(transport, identifiers=[identifier.value], limit=1, per_page=1, endpoint=endpoint)
    try:
        pages = list(source.harvest())
    except SourceError as error:
        if "incorrect id format" in str(error):
            raise NotFoundAtSource(f"arXiv does not know {identifier}") from error
        raise
    records = [record for page in pages for record in page.records]
    faults = [fault for page in pages for fault in page.faults]
    if not records and faults:
        raise SourceError(f"arXiv's answer cannot be used: {faults[0].reason}")
    if not records or identifier not in records[0].identifiers:
        raise NotFoundAtSource(f"arXiv does not know {identifier}")
    return records[0]


def _ask_registries(doi: Identifier, transport: Transport, places: Places) -> Record:
    for endpoint, parse in ((places.crossref, crossref.parse_work), (places.datacite, datacite.parse_doi)):
        address = f"{endpoint}{quote(doi.value, safe='')}"
        try:
            record = parse(transport.get(address).body, address)
        except FetchError as error:
            if error.status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
                continue
            raise
        except PaperError as error:
            raise SourceError(f"{address}: {error}") from error
        return replace(record, identifiers=(doi, *record.identifiers))
    raise NotFoundAtSource(f"Neither Crossref nor DataCite knows {doi}")
