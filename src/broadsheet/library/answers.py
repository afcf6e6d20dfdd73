"""What a search answers: hits with their papers, and how fresh the answer is."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from broadsheet.library.models import Version
from broadsheet.library.rereading import Rereading
from broadsheet.library.rows import versions_at
from broadsheet.library.sorting import Sort
from broadsheet.search import Explanation, Query, Ranked, Segments, highlight, snippet


@dataclass(frozen=True)
class Hit:
    """A paper that a search found: its version at the searched sequence number, its score, and why."""

    version: Version
    score: float
    explanation: Explanation | None = None
    query: Query | None = None

    @cached_property
    def title_segments(self) -> Segments:
        """The title in pieces, what matches the query marked."""
        return highlight(self.title, self.query) if self.query else ((self.title, False),)

    @cached_property
    def snippet(self) -> Segments:
        """The passages of the abstract that match the query best; none for a hit without a query."""
        return snippet(self.version.abstract, self.query) if self.query else ()

    @property
    def id(self) -> str:
        """The paper's key."""
        return self.version.paper.key

    @property
    def title(self) -> str:
        """The title as its authors wrote it."""
        return self.version.title

    def to_json(self) -> dict[str, Any]:
        """The hit for programs; the parts of `explanation` add up to `score`."""
        version = self.version
        return {
            "id": self.id,
            "title": self.title,
            "score": self.score,
            "explanation": self.explanation.to_json() if self.explanation else None,
            "snippet": "".join(text for text, _ in self.snippet),
            "authors": version.author_names,
            "date": version.date.isoformat() if version.date else None,
            "topics": version.topics,
            "identifiers": version.identifiers,
            "version": version.number,
        }


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a query at one sequence number.

    `behind` counts changes that the index had not followed yet, `pending` versions not yet found by meaning;
    `by_meaning` says whether meaning took part. `total` papers share a word with the query; `length` is how
    many hits there are to page through, those found by meaning alone included. `rereading` tells what
    a deep search did besides; it is None where none was asked for. `sort` is the order that the best stand in.
    """

    query: str
    at: int
    head: int
    behind: int
    pending: int
    by_meaning: bool
    total: int
    length: int
    hits: tuple[Hit, ...]
    rereading: Rereading | None = None
    sort: Sort = "relevance"

    def to_json(self) -> dict[str, Any]:
        """The answer for programs."""
        return {
            "query": self.query,
            "at": self.at,
            "behind": self.behind,
            "pending": self.pending,
            "by_meaning": self.by_meaning,
            "total": self.total,
            "sort": self.sort,
            "deep": self.rereading.to_json() if self.rereading else None,
            "hits": [hit.to_json() for hit in self.hits],
        }


def hits_of(alias: str, ranked: Ranked, query: Query) -> tuple[Hit, ...]:
    """The hits of a ranking with their versions as of the number searched. One query."""
    versions = versions_at(alias, [hit.paper for hit in ranked.hits], ranked.at)
    return tuple(
        Hit(version, hit.score, hit.explanation, query) for hit in ranked.hits if (version := versions.get(hit.paper))
    )
