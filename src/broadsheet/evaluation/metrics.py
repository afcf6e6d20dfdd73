"""How good is one ranking? The three figures of each query, as trec_eval computes them.

A ranking is a list of ids, best first. Judgements give ids their relevance; what is not in them counts as irrelevant,
and so does what they give zero or less.
"""

from collections.abc import Callable, Mapping, Sequence
from math import log2

Judged = Mapping[str, float]
"""Relevance by id, for one query."""


def ndcg(ranked: Sequence[str], judged: Judged, depth: int = 10) -> float:
    """The gain of the first `depth`, each divided by log2(place + 1), over that of the best order there could be.

    The gain is the relevance itself. Whatever is judged belongs to the best order, be it in the collection or not.
    Source: Järvelin, Kekäläinen, "Cumulated gain-based evaluation of IR techniques", TOIS 2002.

    >>> round(ndcg(["b", "x", "a"], {"a": 2, "b": 1}), 4)
    0.7602
    """
    best = _discounted(sorted(judged.values(), reverse=True)[:depth])
    return _discounted([judged.get(name, 0.0) for name in ranked[:depth]]) / best if best else 0.0


def recall(ranked: Sequence[str], judged: Judged, depth: int = 100) -> float:
    """The share of what is relevant that is among the first `depth`.

    >>> recall(["b", "x", "a"], {"a": 2, "b": 1, "c": 1, "d": 0}, depth=2)
    0.3333333333333333
    """
    relevant = {name for name, relevance in judged.items() if relevance > 0}
    return len(relevant.intersection(ranked[:depth])) / len(relevant) if relevant else 0.0


def reciprocal_rank(ranked: Sequence[str], judged: Judged, depth: int = 10) -> float:
    """One over the place of the first that is relevant; 0 where none of the first `depth` is.

    >>> reciprocal_rank(["x", "a"], {"a": 1})
    0.5
    """
    places = (place for place, name in enumerate(ranked[:depth], 1) if judged.get(name, 0.0) > 0)
    return next((1 / place for place in places), 0.0)


METRICS: Mapping[str, Callable[[Sequence[str], Judged], float]] = {
    "ndcg@10": ndcg,
    "recall@100": recall,
    "mrr@10": reciprocal_rank,
}
"""The figures of a query by name, each of a ranking and its judgements."""

DEEPEST = 100
"""How many of a ranking are looked at."""


def _discounted(gains: Sequence[float]) -> float:
    return sum(max(gain, 0.0) / log2(place + 1) for place, gain in enumerate(gains, 1))
