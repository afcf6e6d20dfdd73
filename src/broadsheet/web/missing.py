"""What to say where a paper is not shown: unknown, withdrawn or erased. Never a word of its text."""

from http import HTTPStatus
from urllib.parse import urlsplit

from broadsheet.library import Library, NotFound
from broadsheet.papers import Identifier, IdentifierError
from broadsheet.sources import CannotLookUp, read_name
from broadsheet.web.addresses import is_web
from broadsheet.web.errors import Problem
from broadsheet.web.words import short_day


def problem(library: Library, key: str) -> Problem:
    """The page for an address that leads to no open paper."""
    try:
        paper = library.find_paper(key)
    except NotFound:
        return _unknown(key)
    if paper.erased_at:
        said = f"It was removed from this library for good on {short_day(paper.erased_at)}."
        return Problem(HTTPStatus.GONE, "This paper was erased", (said,))
    by = f" by {paper.withdrawn_by}" if paper.withdrawn_by else ""
    when = f" on {short_day(paper.withdrawn_at)}" if paper.withdrawn_at else ""
    said = f"It was withdrawn{when}{by}. Searches as of an earlier change still find it."
    return Problem(HTTPStatus.GONE, "This paper was withdrawn", (said,))


def _unknown(key: str) -> Problem:
    try:
        identifier = Identifier.parse(key)
    except IdentifierError:
        advice = (
            "An address here ends in an identifier: an arXiv id such as 2104.12255 or cs/0701001, a DOI such as "
            "10.1145/3292500, an ACL id such as acl:P18-1001, or the key of a collection such as scifact:4983.",
        )
        return Problem(HTTPStatus.NOT_FOUND, "No paper has this address", advice, query=key[:256])
    advice = (f"{identifier} is a good identifier, but this library does not hold it; it may not be harvested yet.",)
    url = identifier.url or ""
    link = (f"Look for it at {urlsplit(url).hostname}", url) if is_web(url) else None
    return Problem(HTTPStatus.NOT_FOUND, "This paper is not here", advice, link=link, fetch=_fetched_by(identifier))


def _fetched_by(identifier: Identifier) -> str:
    """The key by which a source can be asked for the paper, or nothing."""
    try:
        return read_name(str(identifier)).key
    except CannotLookUp:
        return ""
