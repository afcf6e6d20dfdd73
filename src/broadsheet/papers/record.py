"""Records and versions: what one source says of one work, checked once, here, for every way in."""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import date

from broadsheet.papers.author import Author
from broadsheet.papers.errors import RecordError
from broadsheet.papers.identifier import Identifier
from broadsheet.papers.text import clean

TITLE_LIMIT = 2_000
ABSTRACT_LIMIT = 100_000
NAME_LIMIT = 500
AUTHORS_LIMIT = 10_000
TOPICS_LIMIT = 200
URL_LIMIT = 2_000
IDENTIFIER_LIMIT = 600
SOURCE_LIMIT = 100
FIRST_YEAR, LAST_YEAR = 1400, 2200


@dataclass(frozen=True, slots=True)
class Link:
    """An address that belongs to a version; `kind` is a word such as pdf, code, project, data."""

    kind: str
    url: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "url", clean(self.url, f"{self.kind} link", URL_LIMIT))
        if not self.url.lower().startswith(("http://", "https://")):
            raise RecordError(f"the {self.kind} link is not a web address: {self.url[:60]!r}")


@dataclass(frozen=True, slots=True)
class Version:
    """One dated text of a paper with what describes it. Made clean, or not at all: raises RecordError.

    `published` is the work's first day, `updated` the day of this text, `announced` the day the source listed it.
    """

    title: str
    abstract: str = ""
    authors: tuple[Author, ...] = ()
    topics: tuple[str, ...] = ()
    published: date | None = None
    updated: date | None = None
    announced: date | None = None
    comment: str = ""
    venue: str = ""
    language: str = ""
    links: tuple[Link, ...] = ()

    @property
    def day(self) -> date | None:
        """The work's first day, or else the best known."""
        return self.published or self.announced or self.updated

    def __post_init__(self) -> None:
        title = clean(self.title, "title", TITLE_LIMIT)
        if not title:
            raise RecordError("the record has no title")
        _set(self, "title", title)
        _set(self, "abstract", clean(self.abstract, "abstract", ABSTRACT_LIMIT))
        _set(self, "comment", clean(self.comment, "comment", ABSTRACT_LIMIT))
        _set(self, "venue", clean(self.venue, "venue", TITLE_LIMIT))
        _set(self, "language", clean(self.language, "language", 40))
        _set(self, "authors", _clean_authors(self.authors))
        _set(self, "topics", _clean_topics(self.topics))
        for name in ("published", "updated", "announced"):
            day = getattr(self, name)
            if day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR:
                raise RecordError(f"the {name} date {day.isoformat()} is not between {FIRST_YEAR} and {LAST_YEAR}")

    def text_digest(self) -> str:
        """A fingerprint of what the authors wrote (title, abstract, author names): a new one is a new version."""
        return _digest([self.title, self.abstract, [author.name for author in self.authors]])

    def digest(self) -> str:
        """A fingerprint of everything shown: a new one is a change of description at least."""
        return _digest(
            [
                self.text_digest(),
                [[author.affiliation, author.orcid] for author in self.authors],
                self.topics,
                [day and day.isoformat() for day in (self.published, self.updated, self.announced)],
                [self.comment, self.venue, self.language],
                [[link.kind, link.url] for link in self.links],
            ]
        )


@dataclass(frozen=True, slots=True)
class Record:
    """What one source says of one work: who it is (identifiers) and its text, or that it was withdrawn.

    `version` is None exactly when the source says that the work is gone. `number` is the source's own version number.
    """

    source: str
    identifiers: tuple[Identifier, ...]
    version: Version | None
    number: int | None = None
    place: str = field(default="", compare=False)
    """Where the record stood, for messages: "line 40,000" or an OAI identifier."""
    is_guess: bool = field(default=False, compare=False)
    """Whether its text was read by how a page looks, so that it only fills what no other source says."""

    def __post_init__(self) -> None:
        _set(self, "identifiers", tuple(dict.fromkeys(self.identifiers)))
        if self.version is None and not self.identifiers:
            raise RecordError("a withdrawn record must name its paper")
        for identifier in self.identifiers:
            clean(str(identifier), "identifier", IDENTIFIER_LIMIT)
        _set(self, "source", clean(self.source, "source name", SOURCE_LIMIT))
        if not self.source:
            raise RecordError("a record must name its source")

    @property
    def is_withdrawn(self) -> bool:
        """Whether the source says that the work is gone."""
        return self.version is None


def _clean_authors(authors: tuple[Author, ...]) -> tuple[Author, ...]:
    if len(authors) > AUTHORS_LIMIT:
        raise RecordError(f"the record names {len(authors):,} authors, more than {AUTHORS_LIMIT:,}")
    cleaned = (
        Author(
            clean(author.name, "author", NAME_LIMIT),
            clean(author.affiliation, "affiliation", TITLE_LIMIT),
            clean(author.orcid, "ORCID", 40),
        )
        for author in authors
    )
    return tuple(author for author in cleaned if author.name)


def _clean_topics(topics: tuple[str, ...]) -> tuple[str, ...]:
    if len(topics) > TOPICS_LIMIT:
        raise RecordError(f"the record has {len(topics):,} topics, more than {TOPICS_LIMIT}")
    cleaned = (clean(topic, "topic", 200) for topic in topics)
    return tuple(dict.fromkeys(topic for topic in cleaned if topic))


def _digest(parts: object) -> str:
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()


def _set(frozen: object, name: str, value: object) -> None:
    object.__setattr__(frozen, name, value)
