"""One JSON object into a record, whichever of the common names its keys have, and a record into one line of JSON."""

import json
from collections.abc import Callable, Iterable
from typing import Any

from broadsheet.papers import Author, Identifier, Link, Record, RecordError, Version
from broadsheet.papers.identifier import parse_versioned
from broadsheet.sources.identifiers import parse_dois, parse_known
from broadsheet.sources.json_members import (
    Members,
    day_in,
    first_in,
    number_or_text_in,
    text_in,
    texts_in,
    wrong_type,
)
from broadsheet.sources.names import parse_author_line

_ABSTRACT = ("abstract", "summary")
_TOPICS = ("topics", "categories", "tags", "keywords")
_COMMENT = ("comment", "comments")
_VENUE = ("venue", "journal", "journal-ref", "booktitle")
_LANGUAGE = ("language", "lang")
_PUBLISHED = ("published", "date", "arxiv_day", "year")
_UPDATED = ("updated", "update_date")
_ANNOUNCED = ("announced", "first_seen", "first_day", "bookmarked")
_GONE = ("withdrawn", "retracted")
_LINKS = {"github": "code", "pdf": "pdf", "pdf_url": "pdf", "project_page": "project"}


def read_json_record(members: Members, collection: str, place: str) -> Record:
    """Make a record of one JSON object. Raises PaperError, in a sentence, for wrong types and unusable values.

    With a key `identifiers` the object is in the layout that record_to_json writes, and is taken as it stands: its
    `source` too, so that what was exported and imported again goes on revising the same records. Any other object is
    one of `collection`, whose `id` is an identifier that means the same everywhere (arXiv, DOI, ACL, …) or the
    collection's own. `retracted` as true or as a reason makes the record a withdrawn one.
    """
    own = "identifiers" in members
    named, number = _own_names(members) if own else _names(members, collection)
    source = text_in(members, ("source",)) if own else ""
    gone = _is_gone(members)
    if gone and not named:
        raise RecordError("the record is withdrawn but does not say which paper it was")
    version = None if gone else _version(members, own)
    return Record(source or collection, named, version, number, place)


def record_to_json(
    identifiers: Iterable[Identifier], version: Version | None, source: str, number: int | None = None
) -> str:
    """Write one line of JSON, without its line end, that read_json_record turns into an equal record.

    Empty fields are left out; a version of None is written as withdrawn.

    >>> record_to_json([Identifier("arxiv", "2104.12255")], Version("A title"), "arxiv", 2)
    '{"identifiers": ["arxiv:2104.12255"], "source": "arxiv", "number": 2, "title": "A title"}'
    """
    members: Members = {"identifiers": [str(identifier) for identifier in identifiers], "source": source}
    if number is not None:
        members["number"] = number
    members |= {"withdrawn": True} if version is None else _members(version)
    return json.dumps(members, ensure_ascii=False, allow_nan=False)


def _members(version: Version) -> Members:
    days = {name: getattr(version, name) for name in ("published", "updated", "announced")}
    members: Members = {
        "title": version.title,
        "abstract": version.abstract,
        "authors": [
            _without_empty({"name": a.name, "affiliation": a.affiliation, "orcid": a.orcid}) for a in version.authors
        ],
        "topics": list(version.topics),
        **{name: day.isoformat() for name, day in days.items() if day},
        "comment": version.comment,
        "venue": version.venue,
        "language": version.language,
        "links": [{"kind": link.kind, "url": link.url} for link in version.links],
    }
    return _without_empty(members)


def _without_empty(members: Members) -> Members:
    return {name: value for name, value in members.items() if value}


def _version(members: Members, own: bool) -> Version:
    return Version(
        title=text_in(members, ("title",)),
        abstract=text_in(members, _ABSTRACT),
        authors=_authors(members, own),
        topics=tuple(texts_in(members, _TOPICS, split_words=True)),
        published=day_in(members, _PUBLISHED),
        updated=day_in(members, _UPDATED),
        announced=day_in(members, _ANNOUNCED),
        comment=text_in(members, _COMMENT),
        venue=", ".join(texts_in(members, _VENUE)),
        language=text_in(members, _LANGUAGE),
        links=tuple(_links(members)),
    )


def _names(members: Members, collection: str) -> tuple[tuple[Identifier, ...], int | None]:
    named: list[Identifier] = []
    number = None
    if text := number_or_text_in(members, "id"):
        known = parse_known(text)
        if known is None and text.lower().startswith(("http://", "https://")):
            known = parse_versioned(text)
        identifier, number = known or (Identifier.local(collection, text), None)
        named.append(identifier)
    named.extend(parse_dois(text_in(members, ("doi",))))
    if known := parse_known(text_in(members, ("url",))):
        named.append(known[0])
        number = number or known[1]
    return tuple(dict.fromkeys(named)), number


def _own_names(members: Members) -> tuple[tuple[Identifier, ...], int | None]:
    number = members.get("number")
    if number is not None and (type(number) is not int or not 0 < number < 1 << 31):
        raise RecordError("the number of the version is not a whole number from 1")
    return tuple(Identifier.parse(text) for text in texts_in(members, ("identifiers",))), number


def _is_gone(members: Members) -> bool:
    name, value = first_in(members, _GONE)
    if value is not None and not isinstance(value, bool | str):
        raise wrong_type(name, value, "true or false")
    return bool(value)


def _authors(members: Members, exact: bool) -> tuple[Author, ...]:
    value = members.get("authors")
    if value is None:
        return ()
    if isinstance(value, str):
        return parse_author_line(value)
    if not isinstance(value, list):
        raise wrong_type("authors", value, "a list")
    read: Callable[[str], Author] = Author if exact else _read_name
    return tuple(_author(one, read) for one in value)


def _author(value: Any, read: Callable[[str], Author]) -> Author:
    if isinstance(value, str):
        return read(value)
    if not isinstance(value, dict):
        raise wrong_type("author", value, "text")
    name = read(text_in(value, ("name",))).name
    return Author(name, text_in(value, ("affiliation",)), text_in(value, ("orcid",)))


def _read_name(name: str) -> Author:
    return Author.parse(name) if "," in name else Author(name)


def _links(members: Members) -> Iterable[Link]:
    links = members.get("links") or []
    if not isinstance(links, list):
        raise wrong_type("links", links, "a list")
    for link in links:
        if not isinstance(link, dict):
            raise wrong_type("link", link, "an object")
        yield Link(text_in(link, ("kind",)), text_in(link, ("url",)))
    for name, kind in _LINKS.items():
        for url in texts_in(members, (name,)) if name in members else ():
            yield Link(kind, url)
    url = text_in(members, ("url",))
    if url and not parse_known(url):
        yield Link("page", url)
