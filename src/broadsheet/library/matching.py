"""Which paper is a record about? By a common name first, then by title, first author and year."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from broadsheet.papers import Identifier, Record, Version
from broadsheet.papers.text import fold, title_key

_PREFERENCE = ("arxiv", "doi", "acl", "pubmed", "openreview", "s2", "s2corpus", "openalex")
_DISTINCTIVE_LETTERS, _DISTINCTIVE_WORDS = 20, 4


@dataclass(frozen=True, slots=True)
class Marks:
    """What a text is recognised by: a digest of its folded title, its first author's family name, its year."""

    title: str
    author: str
    year: int | None
    is_distinctive: bool

    @classmethod
    def of(cls, version: Version) -> "Marks":
        """Take the marks of a text."""
        digest, is_distinctive = _title_mark(version.title)
        author = version.authors[0].key[:100] if version.authors else ""
        return cls(digest, author, version.day.year if version.day else None, is_distinctive)

    def agree_with(self, author: str, year: int | None) -> bool:
        """Whether a paper of the same title can be this one: equal author and year.

        Where one side is silent the title must be distinctive, since many papers are called "Introduction".
        """
        if author == self.author and year == self.year:
            return True
        is_open = not author or not self.author or year is None or self.year is None
        is_compatible = (not author or not self.author or author == self.author) and (
            year is None or self.year is None or year == self.year
        )
        return is_open and is_compatible and self.is_distinctive


def title_name(title: str) -> str:
    """What a record without any identifier is known by among others of its source.

    >>> title_name("Paging: a study") == title_name("PAGING, A STUDY.")
    True
    """
    return f"title:{_title_mark(title)[0]}"


@lru_cache(maxsize=4_096)
def _title_mark(title: str) -> tuple[str, bool]:
    key = title_key(title)
    is_distinctive = len(key) >= _DISTINCTIVE_LETTERS and len(key.split()) >= _DISTINCTIVE_WORDS
    return hashlib.sha256(key.encode()).hexdigest()[:32], is_distinctive


def by_preference(identifiers: Iterable[Identifier]) -> list[Identifier]:
    """Order identifiers from the one that names a work best: arXiv, DOI, …, a collection's numbers, web addresses."""

    def rank(identifier: Identifier) -> tuple[int, str]:
        if identifier.scheme in _PREFERENCE:
            return _PREFERENCE.index(identifier.scheme), ""
        return (len(_PREFERENCE) + (identifier.scheme == "url")), identifier.scheme

    return sorted(identifiers, key=rank)


def clash(ours: Iterable[Identifier], theirs: Iterable[Identifier]) -> bool:
    """Whether two sets of names cannot belong to one work."""
    theirs = list(theirs)
    return any(one.clashes_with(other) for one in ours for other in theirs)


def resource_of(record: Record) -> Identifier | None:
    """The address by which the site that a record is of names it, if it is of a site; see ResourceSync."""
    last = record.identifiers[-1] if record.identifiers else None
    return last if last and is_at(last, record.source) else None


def is_at(name: Identifier, site: str) -> bool:
    """Whether a name is an address on a site.

    >>> is_at(Identifier("url", "https://papers.example.org/a/1.json"), "papers.example.org")
    True
    """
    return name.scheme == "url" and name.value.partition("://")[2].partition("/")[0] == site


def key_for(record: Record, version: Version) -> str:
    """The address that a new paper gets for ever: its best name, else its title and a digest.

    >>> text = Version("Paging with Succinct Predictions")
    >>> key_for(Record("pages", (), text), text)
    'paging-with-succinct-predictions-a5851624'
    """
    for identifier in by_preference(record.identifiers):
        if identifier.scheme != "url":
            return identifier.key
    marks = Marks.of(version)
    digest = hashlib.sha256(f"{marks.title}|{marks.author}|{marks.year or ''}".encode()).hexdigest()[:8]
    slug = re.sub(r"[^a-z0-9]+", "-", fold(title_key(version.title)))[:60].strip("-")
    return f"{slug or 'paper'}-{digest}"
