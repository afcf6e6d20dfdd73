"""Searching: from a query to one page of its ranking.

A query has one ranking at one sequence number, whatever page is asked for: the papers that share a word with it, and
the DEPTH nearest in meaning, by their fused score. A page is cut from it without ranking all: the index gives the best
by each half, and goes deeper only until no paper that it has not given can belong before the page's end.
Source: Fagin, Lotem, Naor, "Optimal aggregation algorithms for middleware", PODS 2001 (the threshold algorithm).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from broadsheet.search.errors import SearchError
from broadsheet.search.fusion import Explanation, Scale
from broadsheet.search.index import Found, Index, Match, Vector
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
    index: Index, query: Query, vector: Vector | None = None, *, limit: int = 20, offset: int = 0, at: int | None = None
) -> Ranked:
    """Give hits `offset` to `offset + limit` of a query's ranking, by words, and by meaning if its vector is given.

    Ties go to the lower paper number. A query of clauses only gives all that pass, scored 0, newest first. Raises
    PositionError for an `at` that the index has not reached, SearchError for a negative limit or offset.
    """
    if limit < 0 or offset < 0:
        raise SearchError(f"a page cannot have the limit {limit} and the offset {offset}")
    at = index.position if at is None else at
    end = min(offset + limit, WINDOW)
    depth = DEPTH
    found = index.search(query, vector, depth, at)
    scale = Scale.of(found.matches)
    near = {match.paper for match in found.matches if not _shares_a_word(match, query)}
    ranking = _rank(found.matches, query, scale)
    while not _is_settled(ranking, found, depth, end, scale):
        depth = max(_DEEPER * depth, end)
        found = index.search(query, vector, depth, at)
        reached = [match for match in found.matches if match.paper in near or _shares_a_word(match, query)]
        ranking = _rank(reached, query, scale)
    hits = tuple(Hit(match.paper, score, scale.explain(match, query)) for score, match in ranking[offset:end])
    return Ranked(hits, found.total, min(found.total + len(near), WINDOW), at, scale.nearest is not None)


def _shares_a_word(match: Match, query: Query) -> bool:
    return bool(match.terms) or not query.needs_word


def _rank(matches: Iterable[Match], query: Query, scale: Scale) -> list[tuple[float, Match]]:
    """Matches with their scores, best first; of equal ones the newest if there are no words, then the lower paper."""
    scored = [(scale.fuse(match.words, match.meaning), match) for match in matches]
    newest = 0 if query.terms else -1
    return sorted(scored, key=lambda pair: (-pair[0], newest * pair[1].day, pair[1].paper))


def _is_settled(ranking: list[tuple[float, Match]], found: Found, depth: int, end: int, scale: Scale) -> bool:
    """Whether no paper that the index did not give can belong among the first `end` of the ranking."""
    if found.total <= depth or end == 0:
        return True
    cosines = sorted((match.meaning for match in found.matches if match.meaning is not None), reverse=True)
    if not cosines:
        return depth >= end  # ranked as the index ranks
    if len(ranking) < end:
        return False
    words = sorted((match.words for match in found.matches), reverse=True)[depth - 1]
    bar = scale.fuse(words, cosines[depth - 1]) if len(cosines) >= depth else 0.0
    blind = sorted((match.words for match in found.matches if match.meaning is None), reverse=True)
    if len(blind) >= depth:
        bar = max(bar, scale.fuse(blind[depth - 1], None))
    return ranking[end - 1][0] > bar
