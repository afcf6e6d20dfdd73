"""RIS: tagged lines from TY to ER, as reference managers and publishers write them."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import rispy

from broadsheet.papers import (
    Author,
    Identifier,
    Link,
    PaperError,
    Record,
    RecordError,
    Version,
)
from broadsheet.sources.days import parse_day
from broadsheet.sources.identifiers import parse_as, parse_dois, parse_known
from broadsheet.sources.names import is_name
from broadsheet.sources.paging import Found
from broadsheet.sources.source import Fault

_TAG = re.compile(r"([A-Z][A-Z0-9])  -(?: |$)")
_DAY = re.compile(r"([0-9]{4})(?:[/-]([0-9]{1,2}))?(?:[/-]([0-9]{1,2}))?")
_MOST_LINES = 25_000
_WEB = re.compile(r"https?://\S", re.I)
_TITLES = ("title", "primary_title", "translated_title", "short_title")
_ABSTRACTS = ("abstract", "notes_abstract")
_VENUES = ("journal_name", "secondary_title", "alternate_title3", "alternate_title2", "publisher")
_AUTHORS = ("authors", "first_authors")
_DAYS = ("date", "publication_year", "year")


def parse_ris(text: str, collection: str, place: str) -> Iterator[Found]:
    """Yield a record for each TY … ER, in order, and a fault for each that is cut off, stray or unusable.

    Source: Research Information Systems, RIS Format Specifications.
    """
    for line, block, complaint in _divide(text):
        here = f"{place} line {line:,}"
        if complaint:
            yield Fault(here, complaint)
            continue
        try:
            yield _read(_tags(block), collection, here)
        except PaperError as error:
            yield Fault(here, str(error))


def _divide(text: str) -> Iterator[tuple[int, list[str], str]]:
    """Each record's first line, its lines, and why it is damaged if it is. Text around the records is passed over."""
    block: list[str] = []
    start = 0
    for number, line in enumerate(text.split("\n"), 1):
        found = _TAG.match(line.rstrip() + " ")
        tag = found[1] if found else ""
        if tag == "TY" or (tag and not block):
            if block:
                yield start, block, _cut_off(block)
            block, start = [], number
        if block or tag:
            block.append(line)
        if tag == "ER":
            yield start, block, "" if block[0].startswith("TY") else "the record does not begin with TY"
            block = []
    if block:
        yield start, block, _cut_off(block)


def _cut_off(block: list[str]) -> str:
    return "the record has no end (ER)" if block[0].startswith("TY") else "these lines belong to no record"


def _tags(block: list[str]) -> dict[str, Any]:
    if len(block) > _MOST_LINES:
        raise RecordError(f"the record has {len(block):,} lines, more than {_MOST_LINES:,}")
    try:
        (tags,) = rispy.loads("\n".join(block))
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise RecordError(f"the record's lines cannot be read: {error}") from error
    return dict(tags)


def _read(tags: dict[str, Any], collection: str, place: str) -> Record:
    urls = [url.strip() for url in tags.get("urls", []) if url.strip()]
    version = Version(
        title=_first(tags, _TITLES),
        abstract=_first(tags, _ABSTRACTS),
        authors=tuple(Author.parse(name) for name in _several(tags, _AUTHORS) if is_name(name)),
        topics=tuple(tags.get("keywords", [])),
        published=_published(tags),
        comment=" ".join(tags.get("notes", [])),
        venue=_first(tags, _VENUES),
        language=_first(tags, ("language",)),
        links=tuple(Link("page", url) for url in urls if _WEB.match(url) and not parse_known(url)),
    )
    named = [*parse_dois(_first(tags, ("doi",)))]
    named.extend(known[0] for url in urls if (known := parse_known(url)))
    if _first(tags, ("name_of_database",)).lower() in ("pubmed", "medline") and (
        pubmed := parse_as("pubmed", _first(tags, ("accession_number",)))
    ):
        named.append(pubmed)
    if own := _first(tags, ("id",)):
        named.append(Identifier.local(collection, own))
    return Record(collection, tuple(named), version, place=place)


def _published(tags: dict[str, Any]) -> date | None:
    """The most exact of DA, Y1 and PY, which are written 2005/07/21 or 2005///."""
    found = [match for name in _DAYS if (match := _DAY.match(_first(tags, (name,))))]
    if not found:
        return None
    best = max(found, key=lambda match: sum(part is not None for part in match.groups()))
    return parse_day("-".join(f"{int(part):02d}" if len(part) < 3 else part for part in best.groups() if part))


def _several(tags: dict[str, Any], names: tuple[str, ...]) -> list[str]:
    return next((tags[name] for name in names if tags.get(name)), [])


def _first(tags: dict[str, Any], names: tuple[str, ...]) -> str:
    """The first of these tags that says something; a tag that stands twice has its texts joined."""
    value = next((tags[name] for name in names if tags.get(name)), "")
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)
