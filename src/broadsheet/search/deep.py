"""Reading the first of a ranking more closely: what a reranker says of them joins what words and meaning said.

A reranker that learned from web searches is often wrong about science, except where it is very sure. So it has a say
and not the last word: how sure it is of a paper, times WEIGHT, is added to the score by words and meaning. That is
never negative, so the papers that were not reread stay below those that were, in the order that they had; and it
depends on nothing but the query and the paper. docs/explanation/deep.md compares it with other mixes.
"""

from collections.abc import Sequence
from dataclasses import replace

from broadsheet.search.engine import Hit
from broadsheet.search.fusion import RereadPart

FIRST = 20
"""How many hits of a ranking are reread."""

WEIGHT = 0.3
"""What rereading adds at most; words and meaning together give a paper 1 at most."""


def reread(hits: Sequence[Hit], scores: Sequence[float]) -> tuple[Hit, ...]:
    """The hits of a ranking in their new order, the reranker having given `scores` to the first of them.

    Ties keep the first order.
    """
    read = [_with_part(hit, score) for hit, score in zip(hits, scores, strict=False)]
    read.sort(key=lambda hit: -hit.score)
    return (*read, *hits[len(read) :])


def _with_part(hit: Hit, score: float) -> Hit:
    part = RereadPart(WEIGHT * score, score)
    return replace(hit, score=hit.score + part.value, explanation=replace(hit.explanation, reread=part))
