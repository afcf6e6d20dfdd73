"""The orders that an answer may have besides relevance."""

from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from broadsheet.library.models import Paper
from broadsheet.search import Query, Ranked, Vector
from broadsheet.search.engine import Key, search_sorted
from broadsheet.search.index import Found, Index

Sort = Literal["relevance", "date", "trending"]
SORTS: tuple[Sort, ...] = get_args(Sort)


def ranked_by(
    sort: Sort, alias: str, index: Index, query: Query, vector: Vector | None, limit: int, offset: int, at: int
) -> Ranked:
    """A page of the best papers by date or by what trends. What trends is a number of now, whatever `at` is."""
    key: Key = _days if sort == "date" else lambda found: _trending(alias, found)
    return search_sorted(index, query, vector, key, limit=limit, offset=offset, at=at)


def _days(found: Found) -> NDArray[np.float64]:
    """The newest first, papers without a day last."""
    return found.days.astype(np.float64)


def _trending(alias: str, found: Found) -> NDArray[np.float64]:
    """The stored numbers of the papers found. One query."""
    numbers = found.papers.tolist()
    known = dict(Paper.objects.using(alias).filter(pk__in=numbers).values_list("pk", "trending"))
    return np.array([known.get(number, -np.inf) for number in numbers], np.float64)
