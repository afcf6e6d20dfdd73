"""Searching: from a query to one page of its ranking.

A query has one ranking at one sequence number, whatever page is asked for: the papers that share a word with it, and
the NEAREST in meaning, by their fused score. A page is cut from it without ranking all: who is none of the nearest
scores by words alone, so besides them only as many of the best by words are looked at as the page ends at.
"""

from dataclasses import dataclass

import numpy as np

from broadsheet.search.errors import SearchError
from broadsheet.search.fusion import STANDING_OUT, Explanation, Scale
from broadsheet.search.index import Index, Vector
from broadsheet.search.query import Query

NEAREST = 200
"""How many papers gain by their meaning, and may be found by it alone."""

WINDOW = 10_000
"""How far a ranking can be paged through; who wants more asks for more."""


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
    end = min(offset + limit, WINDOW)
    at = index.position if at is None else at
    found = index.search(query, vector, max(end, STANDING_OUT), at, near=NEAREST, is_counted=is_counted)
    scale = Scale.of(found)
    scores = scale.fuse(found)
    newest = np.zeros(len(scores)) if query.terms else -found.days
    order = np.lexsort((found.papers, newest, -scores))
    hits = tuple(
        Hit(int(found.papers[place]), float(scores[place]), scale.explain(found, place, query))
        for place in order[offset:end].tolist()
    )
    by_meaning_alone = int(np.count_nonzero(found.words == 0)) if query.needs_word else 0
    length = min(found.total + by_meaning_alone, WINDOW) if is_counted else len(order)
    return Ranked(hits, found.total, length, at, scale.nearest is not None)
