"""Searching: from a query to one page of its ranking.

A query has one ranking at one sequence number, whatever page is asked for: the papers that share a word with it, and
the NEAREST in meaning, by their fused score. A page is cut from it without ranking all: who is none of the nearest
scores by words alone, so besides them only as many of the best by words are looked at as the page ends at.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from broadsheet.search.errors import SearchError
from broadsheet.search.fusion import Explanation, Scale
from broadsheet.search.index import Found, Index, Vector
from broadsheet.search.query import Query

NEAREST = 200
"""How many papers gain by their meaning, and may be found by it alone."""

WINDOW = 10_000
"""How far a ranking can be paged through; who wants more asks for more."""

SORTED = 2_000
"""How many of the best are sorted anew. The worst of a long ranking share a common word with the query and no more."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A paper that was found: its score, and why; the parts of the explanation add up to the score."""

    paper: int
    score: float
    explanation: Explanation


@dataclass(frozen=True, slots=True)
class Ranked:
    """One page of a ranking, best first.

    `total` papers pass the query's clauses and share a word with it; `length` is how many hits the ranking has, those
    found by meaning alone included, up to WINDOW. `at` is the sequence number searched. `by_meaning` says whether the
    meaning of any paper was compared.
    """

    hits: tuple[Hit, ...]
    total: int
    length: int
    at: int
    by_meaning: bool


Key = Callable[[Found], NDArray[np.float64]]
"""What papers are sorted by, a number for each paper found, the largest first."""


def search(
    index: Index,
    query: Query,
    vector: Vector | None = None,
    *,
    limit: int = 20,
    offset: int = 0,
    at: int | None = None,
    is_counted: bool = True,
) -> Ranked:
    """Give hits `offset` to `offset + limit` of a query's ranking, by words, and by meaning if its vector is given.

    Ties go to the lower paper number. A query of clauses only gives all that pass, scored 0, newest first. A
    ranking that is not counted tells neither its total nor its full length. Raises
    PositionError for an `at` that the index has not reached, SearchError for a negative limit or offset.
    """
    _check_page(limit, offset)
    end = min(offset + limit, WINDOW)
    at = index.position if at is None else at
    found = index.search(query, vector, max(end, 1), at, near=NEAREST, is_counted=is_counted)
    ranking = _Ranking.of(found, query)
    by_meaning_alone = int(np.count_nonzero(found.words == 0)) if query.needs_word else 0
    length = min(found.total + by_meaning_alone, WINDOW) if is_counted else len(ranking.order)
    return ranking.page(ranking.order[offset:end], length, at)


def search_sorted(
    index: Index, query: Query, vector: Vector | None, key: Key, *, limit: int, offset: int, at: int
) -> Ranked:
    """Give hits `offset` to `offset + limit` of the SORTED best, sorted by a key; equal ones stand as in the ranking.

    Scores and explanations are those of the ranking. Raises PositionError for an `at` that the index has not reached,
    SearchError for a negative limit or offset.
    """
    _check_page(limit, offset)
    found = index.search(query, vector, SORTED, at, near=NEAREST)
    ranking = _Ranking.of(found, query)
    best = ranking.order[:SORTED]
    order = best[np.argsort(-key(found)[best], kind="stable")]
    return ranking.page(order[offset : offset + limit], len(order), at)


def count_matching(index: Index, query: Query, at: int | None = None) -> int:
    """How many papers pass a query's clauses and share a word with it."""
    return index.search(query, None, 1, at, near=1).total


@dataclass(frozen=True, slots=True)
class _Ranking:
    """An answer of the index with the score of each place, and the places in their order, best first."""

    found: Found
    query: Query
    scale: Scale
    scores: NDArray[np.float64]
    order: NDArray[np.intp]

    @classmethod
    def of(cls, found: Found, query: Query) -> "_Ranking":
        """Rank by score, then the newest if the query has no words, then the lower paper number."""
        scale = Scale.of(found)
        scores = scale.fuse(found)
        newest = np.zeros(len(scores)) if query.terms else -found.days
        return cls(found, query, scale, scores, np.lexsort((found.papers, newest, -scores)))

    def page(self, places: NDArray[np.intp], length: int, at: int) -> Ranked:
        """The hits in some places, with their explanations."""
        hits = tuple(
            Hit(
                int(self.found.papers[place]),
                float(self.scores[place]),
                self.scale.explain(self.found, place, self.query),
            )
            for place in places.tolist()
        )
        return Ranked(hits, self.found.total, length, at, self.scale.nearest is not None)


def _check_page(limit: int, offset: int) -> None:
    if limit < 0 or offset < 0:
        raise SearchError(f"a page cannot have the limit {limit} and the offset {offset}")
