"""Reading the first of a ranking more closely: what a reranker says of them joins what words and meaning said.

A reranker that learned from web searches is not always right about science, so it has a say and not the last word. Its
part is added to the score by words and meaning and is never negative, so the papers that were not reread stay below
those that were, in the order that they had.
"""

from collections.abc import Sequence
from dataclasses import replace

from broadsheet.search.engine import Hit
from broadsheet.search.fusion import Explanation, RereadPart

FIRST = 20
"""How many hits of a ranking are reread."""

WEIGHT = 1.0
"""What rereading adds to the score of the best; words and meaning give a paper 1 at most."""


def reread(hits: Sequence[Hit], scores: Sequence[float]) -> tuple[Hit, ...]:
    """The hits of a ranking in their new order, the reranker having given `scores` to the first of them.

    Ties keep the first order.
    """
    values = weigh(scores)
    read = [_with_part(hit, value, score) for hit, value, score in zip(hits, values, scores, strict=False)]
    read.sort(key=lambda hit: -hit.score)
    return (*read, *hits[len(read) :])


def weigh(scores: Sequence[float]) -> list[float]:
    """What rereading adds to each score: nothing for the worst, WEIGHT for the best, in proportion in between.

    >>> weigh([-11.0, 1.0, -5.0]), weigh([3.0, 3.0])
    ([0.0, 1.0, 0.5], [0.0, 0.0])
    """
    if not scores:
        return []
    worst, best = min(scores), max(scores)
    return [WEIGHT * (score - worst) / (best - worst) if best > worst else 0.0 for score in scores]


def _with_part(hit: Hit, value: float, score: float) -> Hit:
    explanation = hit.explanation or Explanation()
    return replace(hit, score=hit.score + value, explanation=replace(explanation, reread=RereadPart(value, score)))
