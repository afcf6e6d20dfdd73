"""Crossref: what it says of one DOI, as JSON, into a record."""

from calendar import monthrange
from datetime import date
from typing import Any

from broadsheet.papers import Author, Link, Record, RecordError, Version
from broadsheet.sources.identifiers import name_work, parse_as
from broadsheet.sources.json_members import Members, objects_in, text_in, texts_in
from broadsheet.sources.jsonl import parse_object
from broadsheet.sources.markup import strip_markup

SOURCE = "crossref"
ENDPOINT = "https://api.crossref.org/works/"

_DAYS = ("published", "posted", "issued")


def parse_work(payload: bytes, place: str) -> Record:
    """Read Crossref's answer about one DOI. Raises PaperError for anything else, and for a work without a title.

    The day is the work's first: a year or a month alone gives way to the day on which the DOI was made, if it lies
    within. Source: Crossref REST API, format of a work (api.crossref.org).
    """
    work = parse_object(payload, what="the answer").get("message")
    if not isinstance(work, dict):
        raise RecordError(f"{place} does not describe a work")
    return read_work(work, place)


def read_work(work: Members, place: str) -> Record:
    """Read one work of an answer that was parsed already. Raises PaperError for a work without a DOI or a title."""
    doi = parse_as("doi", text_in(work, ("DOI",)))
    if doi is None:
        raise RecordError(f"{place} describes a work without a DOI")
    version = Version(
        title=_title(work),
        abstract=strip_markup(text_in(work, ("abstract",))),
        authors=tuple(_author(one) for one in objects_in(work, "author")),
        topics=tuple(texts_in(work, ("subject",))),
        published=_published(work),
        venue=_venue(work),
        language=text_in(work, ("language",)),
        links=tuple(_links(work)),
    )
    return Record(SOURCE, name_work([("doi", doi.value)]), version, place=place)


def orcid_in(text: str) -> str:
    """The ORCID at the end of an address or alone, else nothing.

    >>> orcid_in("http://orcid.org/0000-0002-4869-9338"), orcid_in("none")
    ('0000-0002-4869-9338', '')
    """
    last = text.strip().rstrip("/").rsplit("/", 1)[-1].upper()
    is_one = len(last) == 19 and last.count("-") == 3 and last.replace("-", "")[:15].isdigit()
    return last if is_one else ""


def narrow(partial: list[int], made: date | None) -> date:
    """A day from year, month and day, of which the last may be missing. Raises ValueError for no day at all.

    >>> narrow([2026, 11], date(2026, 11, 20)), narrow([2026], date(2024, 1, 5)), narrow([2026, 3, 2], None)
    (datetime.date(2026, 11, 20), datetime.date(2026, 1, 1), datetime.date(2026, 3, 2))
    """
    year, month, day = (*partial, 0, 0)[:3]
    first = date(year, month or 1, day or 1)
    last = date(year, month or 12, day or monthrange(year, month or 12)[1])
    return made if made and first <= made <= last else first


def _title(work: Members) -> str:
    titles, subtitles = (texts_in(work, (name,)) for name in ("title", "subtitle"))
    title = strip_markup(titles[0]) if titles else ""
    subtitle = strip_markup(subtitles[0]) if subtitles else ""
    return f"{title}: {subtitle}" if subtitle and title and subtitle.casefold() not in title.casefold() else title


def _author(one: Members) -> Author:
    name = " ".join(part for part in (text_in(one, ("given",)), text_in(one, ("family",))) if part)
    suffix = text_in(one, ("suffix",))
    named = f"{name}, {suffix}" if suffix and name else name or text_in(one, ("name",))
    places = "; ".join(filter(None, (text_in(place, ("name",)) for place in objects_in(one, "affiliation"))))
    return Author(strip_markup(named), strip_markup(places), orcid_in(text_in(one, ("ORCID",))))


def _published(work: Members) -> date | None:
    made = _day(work.get("created"), None)
    days = (_day(work.get(name), made) for name in _DAYS)
    found = next((day for day in days if day), None)
    return min(found, made) if found and made else found or made


def _day(value: Any, made: date | None) -> date | None:
    parts = value.get("date-parts") if isinstance(value, dict) else None
    first = parts[0] if isinstance(parts, list) and parts else None
    if not isinstance(first, list) or not first or not all(type(part) is int for part in first):
        return None
    try:
        return narrow(first, made)
    except (ValueError, OverflowError) as error:
        raise RecordError(f"the date {first[:3]} is not a day") from error


def _venue(work: Members) -> str:
    named = texts_in(work, ("container-title",))
    if named:
        return strip_markup(named[0])
    return next((text_in(place, ("name",)) for place in objects_in(work, "institution")), "")


def _links(work: Members) -> list[Link]:
    found = [link for link in objects_in(work, "link") if text_in(link, ("content-type",)) == "application/pdf"]
    urls = dict.fromkeys(text_in(link, ("URL",)) for link in found)
    return [Link("pdf", url) for url in urls if url.lower().startswith(("http://", "https://"))]
