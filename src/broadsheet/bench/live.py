"""The live index that is measured, and how papers of the bench get into it."""

from collections.abc import Iterable, Sequence

import numpy as np

from broadsheet.bench.papers import Paper, Vectors
from broadsheet.search import Change, Embed, Index, Put, Query, Vector, quantise
from broadsheet.search import NativeIndex as LiveIndex

__all__ = ["LiveIndex", "apply", "best", "nearest", "puts"]

_NO_WORDS = Query("", terms=("",))
"""A query whose only term no paper has, so that papers are found by meaning alone."""


def apply(index: Index, papers: Iterable[Paper], vectors: Sequence[Vector]) -> None:
    """Put papers into an index, each with its vector, all visible at once."""
    changes = puts(papers, vectors, index.position)
    index.apply(changes, changes[-1].seq)


def puts(papers: Iterable[Paper], vectors: Sequence[Vector], after: int) -> list[Change]:
    """The changes that put papers, two for each, numbered from `after` on."""
    changes: list[Change] = []
    for paper, vector in zip(papers, vectors, strict=True):
        changes.append(Put(after + 1, paper.number, paper.title, paper.abstract))
        changes.append(Embed(after + 2, paper.number, vector))
        after += 2
    return changes


def best(index: Index, text: str, limit: int) -> list[int]:
    """The papers of an index that are the best by words, best first."""
    found = index.search(Query.parse(text), None, limit, is_counted=False)
    return [int(paper) for paper in found.papers[np.lexsort((found.papers, -found.words))[:limit]]]


def nearest(index: Index, vector: Vectors, limit: int, at: int | None = None) -> list[int]:
    """The papers of an index whose vectors are nearest, best first."""
    found = index.search(_NO_WORDS, quantise(vector), limit, at, is_counted=False)
    return [int(paper) for paper in found.papers[np.lexsort((found.papers, -found.meanings))[:limit]]]
