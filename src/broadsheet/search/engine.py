"""Searching: from a query to one page of its ranking.

A query has one ranking at one sequence number, whatever page is asked for: the papers that share a word with it, and
the DEPTH nearest in meaning, by their fused score. A page is cut from it without ranking all: the index gives the best
by each half, and goes deeper only until no paper that it has not given can belong before the page's end.
Source: Fagin, Lotem, Naor, "Optimal aggregation algorithms for middleware", PODS 2001 (the threshold algorithm).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from broadsheet.search.errors import SearchError
from broadsheet.search.fusion import Explanation, Scale
from broadsheet.search.index import Found, Index, Vector
from broadsheet.search.query import Query

DEPTH = 200
"""How many of the best by words and by meaning set the scale, and how many a paper may be found by meaning alone."""

WINDOW = 10_000
"""How far a ranking can be paged through; who wants more asks for more."""

_DEEPER = 4


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
    if limit < 0 or offset < 0:
        raise SearchError(f"a page cannot have the limit {limit} and the offset {offset}")
    at = index.position if at is None else at
    end = min(offset + limit, WINDOW)
    depth = DEPTH
    found = index.search(query, vector, depth, at, is_counted=is_counted)
    total, scale = found.total, Scale.of_found(found)
    near = found.papers[~_sharing(found, query)]
    ranking = _Ranking.of(found, near, query, scale)
    while not ranking.is_settled(found, depth, end, scale):
        depth = max(_DEEPER * depth, end)
        found = index.search(query, vector, depth, at, is_counted=False)
        ranking = _Ranking.of(found, near, query, scale)
    hits = tuple(
        Hit(match.paper, score, scale.explain(match, query))
        for score, match in ((float(ranking.scores[place]), found.match(place)) for place in ranking.order[offset:end])
    )
    length = min(total + len(near), WINDOW) if is_counted else len(ranking.order)
    return Ranked(hits, total, length, at, scale.nearest is not None)


def _sharing(found: Found, query: Query) -> NDArray[np.bool_]:
    """Which papers share a word with the query, or need not."""
    if not query.needs_word:
        return np.ones(len(found.papers), np.bool_)
    is_sharing: NDArray[np.bool_] = found.words > 0
    return is_sharing


@dataclass(frozen=True, slots=True)
class _Ranking:
    """The places of an answer's columns, best first, and the score of each; `sharing` of them share a word."""

    order: NDArray[np.intp]
    scores: NDArray[np.float64]
    sharing: int

    @classmethod
    def of(cls, found: Found, near: NDArray[np.int64], query: Query, scale: Scale) -> "_Ranking":
        """Rank what shares a word, and `near`: by score, then the newest if the query has no words, the lower paper."""
        is_sharing = _sharing(found, query)
        is_ranked = is_sharing | np.isin(found.papers, near)
        scores = scale.fuse_all(found.words, found.meanings)
        newest = np.zeros(len(scores)) if query.terms else -found.days
        order = np.lexsort((found.papers, newest, -scores))
        return cls(order[is_ranked[order]], scores, int(np.count_nonzero(is_sharing)))

    def is_settled(self, found: Found, depth: int, end: int, scale: Scale) -> bool:
        """Whether no paper that the index did not give can belong among the first `end`."""
        if found.total in range(depth + 1) or self.sharing < depth or end == 0:
            return True
        is_blind = np.isnan(found.meanings)
        cosines = found.meanings[~is_blind]
        if not len(cosines):
            return depth >= end  # ranked as the index ranks
        if len(self.order) < end:
            return False
        words = -np.partition(-found.words, depth - 1)[depth - 1]
        bar = (
            scale.fuse(float(words), float(-np.partition(-cosines, depth - 1)[depth - 1]))
            if len(cosines) >= depth
            else 0.0
        )
        blind = found.words[is_blind]
        if len(blind) >= depth:
            bar = max(bar, scale.fuse(float(-np.partition(-blind, depth - 1)[depth - 1]), None))
        return bool(self.scores[self.order[end - 1]] > bar)
