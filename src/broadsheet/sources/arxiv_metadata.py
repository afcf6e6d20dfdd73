"""One record's metadata in the three formats that arXiv's OAI-PMH offers, each into a version of a paper."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from xml.etree.ElementTree import Element

from broadsheet.papers import Author, Identifier, RecordError, Version
from broadsheet.papers.identifier import parse_versioned
from broadsheet.sources.arxiv import day_of, links_of, name_authors, name_work
from broadsheet.sources.days import parse_day, parse_mail_day
from broadsheet.sources.names import parse_author_line
from broadsheet.sources.xml import child, children, name_of, text_of, texts_of

_COMMENT = "Comment:"
_LONGEST_SUBJECT = 200
_NO_CATEGORY = ("source:", "topic:")
"""How sets of another Broadsheet begin that are no categories of arXiv's."""
_VERSION_NUMBER = re.compile(r"[1-9][0-9]{0,3}")


@dataclass(frozen=True, slots=True)
class Header:
    """The envelope of an OAI-PMH record: `datestamp` is the day of its last change, for whatever reason."""

    identifier: Identifier
    datestamp: date
    sets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Described:
    """What a format says of one paper: who it is, its text, and the number of that text where it is known."""

    identifiers: tuple[Identifier, ...]
    version: Version
    number: int | None = None


def describe(metadata: Element, header: Header) -> Described:
    """Read an `arXiv`, `arXivRaw` or `dc` element. Raises PaperError for another format or unusable content.

    Source: arXiv, "Open Archives Initiative" (info.arxiv.org/help/oa), with the schemas arXiv.xsd and arXivRaw.xsd.
    """
    read = _FORMATS.get(name_of(metadata))
    if read is None:
        raise RecordError(f"the metadata format {name_of(metadata)[:40]!r} is not one of arXiv, arXivRaw and oai_dc")
    described = read(metadata, header)
    return replace(described, identifiers=tuple(dict.fromkeys(described.identifiers)))


def _describe_arxiv(metadata: Element, header: Header) -> Described:
    identifier = _own_identifier(metadata, header)
    created = day_of(metadata, "created")
    version = Version(
        title=text_of(metadata, "title"),
        abstract=text_of(metadata, "abstract"),
        authors=_authors(child(metadata, "authors")),
        topics=tuple(text_of(metadata, "categories").split()),
        published=created,
        updated=day_of(metadata, "updated") or created or header.datestamp,
        comment=text_of(metadata, "comments"),
        venue=text_of(metadata, "journal-ref"),
        links=links_of(identifier),
    )
    return Described(name_work(identifier, text_of(metadata, "doi")), version)


def _describe_raw(metadata: Element, header: Header) -> Described:
    identifier = _own_identifier(metadata, header)
    history = sorted(_number_and_day(version) for version in children(metadata, "version"))
    version = Version(
        title=text_of(metadata, "title"),
        abstract=text_of(metadata, "abstract"),
        authors=parse_author_line(text_of(metadata, "authors")),
        topics=tuple(text_of(metadata, "categories").split()),
        published=history[0][1] if history else None,
        updated=history[-1][1] if history else header.datestamp,
        comment=text_of(metadata, "comments"),
        venue=text_of(metadata, "journal-ref"),
        links=links_of(identifier),
    )
    number = history[-1][0] if history else None
    return Described(name_work(identifier, text_of(metadata, "doi")), version, number)


def _describe_dublin_core(metadata: Element, header: Header) -> Described:
    descriptions = texts_of(metadata, "description")
    comments = [text for text in descriptions if text.startswith(_COMMENT)]
    names = texts_of(metadata, "identifier")
    dois = [name for name in names if name.lower().startswith("doi:")]
    references = [name for name in names if not name.lower().startswith(("doi:", "http:", "https:"))]
    days = sorted(parse_day(text) for text in texts_of(metadata, "date"))
    version = Version(
        title=text_of(metadata, "title"),
        abstract=" ".join(text for text in descriptions if text not in comments),
        authors=name_authors([(Author.parse(name).name, []) for name in texts_of(metadata, "creator")]),
        topics=(
            *_subjects(metadata),
            *(category_of(name) for name in header.sets if not name.startswith(_NO_CATEGORY)),
        ),
        published=days[0] if days else None,
        updated=days[-1] if days else header.datestamp,
        comment=" ".join(text.removeprefix(_COMMENT).strip() for text in comments),
        venue="; ".join(references),
        links=links_of(header.identifier),
    )
    return Described(name_work(header.identifier, " ".join(dois)), version)


def category_of(set_name: str) -> str:
    """The category that a set stands for: sets are named group:archive:CATEGORY.

    >>> [category_of(name) for name in ("cs:cs:LG", "physics:hep-th", "physics:astro-ph:GA", "q-bio")]
    ['cs.LG', 'hep-th', 'astro-ph.GA', 'q-bio']
    """
    parts = set_name.split(":")
    return ".".join(parts[1:3]) if len(parts) > 1 else set_name


def _subjects(metadata: Element) -> list[str]:
    """The subjects that can be topics; a long list of classification numbers is none."""
    return [subject for subject in texts_of(metadata, "subject") if len(subject) <= _LONGEST_SUBJECT]


def _own_identifier(metadata: Element, header: Header) -> Identifier:
    text = text_of(metadata, "id")
    identifier = parse_versioned(f"arxiv:{text}")[0] if text else header.identifier
    if identifier != header.identifier:
        raise RecordError(f"the header names {header.identifier} but the metadata {identifier}")
    return identifier


def _number_and_day(version: Element) -> tuple[int, date]:
    text = version.get("version", "").removeprefix("v")
    if not _VERSION_NUMBER.fullmatch(text):
        raise RecordError(f"{text[:20]!r} is not the number of a version")
    return int(text), parse_mail_day(text_of(version, "date"))


def _authors(element: Element | None) -> tuple[Author, ...]:
    if element is None:
        return ()
    return name_authors(
        [(_full_name(author), texts_of(author, "affiliation")) for author in children(element, "author")]
    )


def _full_name(author: Element) -> str:
    name = f"{text_of(author, 'forenames')} {text_of(author, 'keyname')}".strip()
    suffix = text_of(author, "suffix")
    return f"{name}, {suffix}" if suffix else name


_FORMATS: dict[str, Callable[[Element, Header], Described]] = {
    "arXiv": _describe_arxiv,
    "arXivRaw": _describe_raw,
    "dc": _describe_dublin_core,
}
