"""CSL-JSON: a list of works as Zotero and citeproc write them."""

import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from broadsheet.papers import Author, Identifier, PaperError, Record, RecordError, Version
from broadsheet.sources.errors import SourceError
from broadsheet.sources.identifiers import name_work, parse_known
from broadsheet.sources.json_members import Members, object_in, objects_in, text_in
from broadsheet.sources.names import is_name
from broadsheet.sources.paging import Found
from broadsheet.sources.source import Fault

_ARXIV = re.compile(r"(?i)arxiv:\s?(\d{4}\.\d{4,5}|[a-z-]+(?:\.[a-z]{2})?/\d{7})")
_MARKUP = re.compile(r"</?(?:i|b|em|strong|sub|sup|span|p|jats:\w+)\b[^<>]{0,200}>")


def parse_csl(text: str, collection: str, place: str) -> Iterator[Found]:
    """Yield a record for each object of a list, or of the list under "items", and a fault for each that is unusable.

    Raises SourceError for what is not such a list. Source: Citation Style Language, JSON schema 1.0.2.

    >>> [found] = parse_csl('[{"title": "A title", "DOI": "10.1000/x", "author": [{"family": "Lee"}]}]', "mine", "a")
    >>> found.version.title, str(found.identifiers[0]), found.version.authors[0].name
    ('A title', 'doi:10.1000/x', 'Lee')
    """
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{place} is not JSON that can be read: {str(error)[:200]}") from error
    works = whole.get("items") if isinstance(whole, dict) else whole
    if not isinstance(works, list):
        raise SourceError(f"{place} is JSON, but not a list of works")
    for number, work in enumerate(works, 1):
        here = f"{place} work {number:,}"
        try:
            if not isinstance(work, dict):
                raise RecordError("this is not an object in braces")
            yield _read(work, collection, here)
        except PaperError as error:
            yield Fault(here, str(error))


def _read(work: Members, collection: str, place: str) -> Record:
    version = Version(
        title=_MARKUP.sub("", text_in(work, ("title",))),
        abstract=_MARKUP.sub("", text_in(work, ("abstract",))),
        authors=tuple(author for one in objects_in(work, "author") if (author := _author(one))),
        published=_day(object_in(work, "issued")),
        venue=_text(work, "container-title"),
        language=_text(work, "language")[:40],
    )
    return Record(collection, _names(work), version, place=place)


def _names(work: Members) -> tuple[Identifier, ...]:
    found = [("doi", _text(work, "DOI")), ("pubmed", _text(work, "PMID"))]
    for name in ("number", "archive_location", "note", "publisher"):
        if stamp := _ARXIV.search(_text(work, name)[:2_000]):
            found.append(("arxiv", stamp[1]))
    if known := parse_known(_text(work, "URL")):
        found.append((known[0].scheme, str(known[0])))
    return name_work(found)


def _author(one: Members) -> Author | None:
    parts = [_text(one, name) for name in ("given", "dropping-particle", "non-dropping-particle", "family", "suffix")]
    name = _text(one, "literal") or " ".join(filter(None, parts))
    return Author(name) if is_name(name) else None


def _day(issued: Members) -> date | None:
    parts = issued.get("date-parts")
    first = parts[0] if isinstance(parts, list) and parts and isinstance(parts[0], list) else []
    numbers = [_number(part) for part in first[:3]]
    if not numbers or numbers[0] is None:
        return None
    try:
        return date(numbers[0], *(number or 1 for number in [*numbers[1:], 1, 1][:2]))
    except ValueError:
        return None


def _number(part: Any) -> int | None:
    text = str(part)
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else None


def _text(members: Members, name: str) -> str:
    """What a member says; numbers are written as text by some programs and not by others."""
    value = members.get(name)
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
