"""What arXiv's two doors have in common, so that one paper reads the same whichever it came through."""

from datetime import date
from xml.etree.ElementTree import Element

from broadsheet.papers import Author, Identifier, Link
from broadsheet.papers.record import TITLE_LIMIT
from broadsheet.papers.tex import tex_to_unicode
from broadsheet.sources.days import parse_day
from broadsheet.sources.identifiers import parse_dois
from broadsheet.sources.names import is_name
from broadsheet.sources.xml import text_of

SOURCE = "arxiv"
"""The source's name, whether a record came by OAI-PMH or by the search API: they revise each other."""


def name_work(identifier: Identifier, doi: str) -> tuple[Identifier, ...]:
    """The arXiv identifier first, then the DOIs that its authors gave; words in the DOI field are left out."""
    return (identifier, *parse_dois(doi))


def links_of(identifier: Identifier) -> tuple[Link, ...]:
    """The PDF of the newest version: the address without a number, since only one of the two doors knows it."""
    return (Link("pdf", f"https://arxiv.org/pdf/{identifier.value}"),)


def name_authors(named: list[tuple[str, list[str]]]) -> tuple[Author, ...]:
    """Authors from names in reading order, each with as many affiliations as fit.

    Where a collaboration's name ends some lists have a ":" as a name of its own, which is left out.
    """
    return tuple(Author(tex_to_unicode(name), _join_places(places)) for name, places in named if is_name(name))


def _join_places(places: list[str]) -> str:
    joined = ""
    for place in places:
        longer = f"{joined}; {tex_to_unicode(place)}" if joined else tex_to_unicode(place)
        if len(longer) > TITLE_LIMIT:
            break
        joined = longer
    return joined


def day_of(element: Element, name: str) -> date | None:
    """The day that a child of this name holds, None if there is none. Raises RecordError."""
    text = text_of(element, name)
    return parse_day(text) if text else None
