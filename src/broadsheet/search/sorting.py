"""The best papers of a ranking in another order: by day, or by any number that the caller knows of them."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from broadsheet.search.engine import NEAREST, Hit, Ranked
from broadsheet.search.errors import SearchError
from broadsheet.search.fusion import Scale
from broadsheet.search.index import Found, Index, Vector
from broadsheet.search.query import Query

SORTED = 2_000
"""How many of the best are sorted anew. The worst of a long ranking share a common word with the query and no more."""

Key = Callable[[Found], NDArray[np.float64]]
"""What papers are sorted by, a number for each paper found, the largest first."""


def by_day(found: Found) -> NDArray[np.float64]:
    """The newest first, papers without a day last."""
    return found.days.astype(np.float64)


def search_sorted(
    index: Index, query: Query, vector: Vector | None, key: Key, *, limit: int, offset: int, at: int
) -> Ranked:
    """Give hits `offset` to `offset + limit` of the SORTED best, sorted by a key; equal ones stand as in the ranking.

    Scores and explanations are those of the ranking. Raises PositionError for an `at` that the index has not reached,
    SearchError for a negative limit or offset.
    """
    if limit < 0 or offset < 0:
        raise SearchError(f"a page cannot have the limit {limit} and the offset {offset}")
    found = index.search(query, vector, SORTED, at, near=NEAREST)
    scale = Scale.of(found)
    scores = scale.fuse(found)
    newest = np.zeros(len(scores)) if query.terms else -found.days
    best = np.lexsort((found.papers, newest, -scores))[:SORTED]
    order = best[np.argsort(-key(found)[best], kind="stable")]
    hits = tuple(
        Hit(int(found.papers[place]), float(scores[place]), scale.explain(found, place, query))
        for place in order[offset : offset + limit].tolist()
    )
    return Ranked(hits, found.total, len(order), at, scale.nearest is not None)
