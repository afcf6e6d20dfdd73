"""DataCite: what it says of one DOI, as JSON, into a record."""

import re
from datetime import date
from typing import Any

from broadsheet.papers import Author, Record, RecordError, Version
from broadsheet.sources.crossref import narrow, orcid_in
from broadsheet.sources.identifiers import name_work, parse_as
from broadsheet.sources.json_members import Members, objects_in, text_in
from broadsheet.sources.jsonl import parse_object
from broadsheet.sources.markup import strip_markup

SOURCE = "datacite"
ENDPOINT = "https://api.datacite.org/dois/"

_DATED = ("Submitted", "Available", "Issued", "Created")
_DAY = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?(?![\d-])")


def parse_doi(payload: bytes, place: str) -> Record:
    """Read DataCite's answer about one DOI. Raises PaperError for anything else, and for a work without a title.

    Source: DataCite REST API (support.datacite.org/docs/api), Metadata Schema 4.
    """
    about = parse_object(payload, what="the answer").get("data")
    work = about.get("attributes") if isinstance(about, dict) else None
    if not isinstance(work, dict):
        raise RecordError(f"{place} does not describe a work")
    return read_attributes(work, place)


def read_attributes(work: Members, place: str) -> Record:
    """Read one work's attributes. Raises PaperError for a work without a DOI or a title."""
    doi = parse_as("doi", text_in(work, ("doi",)))
    if doi is None:
        raise RecordError(f"{place} describes a work without a DOI")
    version = Version(
        title=_title(work),
        abstract=" ".join(_texts(work, "descriptions", "description", "descriptionType", "Abstract")),
        authors=tuple(_author(one) for one in objects_in(work, "creators")),
        topics=tuple(dict.fromkeys(_texts(work, "subjects", "subject")[:50])),
        published=_published(work),
        venue=_name(work.get("container"), "title") or _name(work.get("publisher"), "name"),
        language=text_in(work, ("language",)),
    )
    return Record(SOURCE, name_work([("doi", doi.value)]), version, place=place)


def _title(work: Members) -> str:
    titles = objects_in(work, "titles")
    first = next((title for title in titles if not title.get("titleType")), titles[0] if titles else {})
    return strip_markup(text_in(first, ("title",)))


def _author(one: Members) -> Author:
    given, family = text_in(one, ("givenName",)), text_in(one, ("familyName",))
    whole = text_in(one, ("name",))
    is_person = text_in(one, ("nameType",)) != "Organizational"
    name = f"{given} {family}" if given and family else Author.parse(whole).name if is_person else whole
    names = one.get("affiliation")
    places = [_name(place, "name") for place in names] if isinstance(names, list) else []
    orcids = (orcid_in(text_in(each, ("nameIdentifier",))) for each in objects_in(one, "nameIdentifiers"))
    return Author(strip_markup(name), "; ".join(filter(None, places)), next(filter(None, orcids), ""))


def _published(work: Members) -> date | None:
    made = _day(text_in(work, ("registered",)), None)
    dates = objects_in(work, "dates")
    for kind in _DATED:
        for each in dates:
            if each.get("dateType") == kind and (day := _day(text_in(each, ("date",)), made)):
                return day
    year = work.get("publicationYear")
    return _day(str(year), made) if year else made


def _day(text: str, made: date | None) -> date | None:
    """The first day that a text names; a range "2020-01-01/2020-02-01" begins with it."""
    found = _DAY.match(text)
    if not found:
        return None
    try:
        return narrow([int(part) for part in found.groups() if part], made)
    except (ValueError, OverflowError) as error:
        raise RecordError(f"{text[:40]!r} is not a day") from error


def _texts(work: Members, name: str, member: str, kind: str = "", wanted: str = "") -> list[str]:
    found = [one for one in objects_in(work, name) if not kind or one.get(kind) == wanted]
    texts = (strip_markup(text_in(one, (member,))) for one in found)
    return [text for text in texts if text]


def _name(value: Any, member: str) -> str:
    if isinstance(value, str):
        return strip_markup(value)
    return strip_markup(text_in(value, (member,))) if isinstance(value, dict) else ""
