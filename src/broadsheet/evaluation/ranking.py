"""The ways of ranking that are measured: by words, by meaning, by both, and any other that takes what is asked."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from broadsheet.evaluation.asking import words_alone
from broadsheet.evaluation.collection import Collection, Paper, Question
from broadsheet.evaluation.metrics import DEEPEST
from broadsheet.evaluation.published import PublishedBM25
from broadsheet.evaluation.telling import Tell, silently
from broadsheet.evaluation.vectors import KeptVectors
from broadsheet.search import Change, Embed, Hit, Index, NativeIndex, Put, Query, Vector, passage, search
from broadsheet.search.deep import FIRST, reread
from broadsheet.search.reranker import Reranker

MODES = ("words", "meaning", "hybrid", "deep")
"""The ways in which a reader can search, in the order in which they are told."""

PUBLISHED = "published bm25"
"""The mode that reproduces what others publish."""

_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with what is searched by: its words, and its vector where there is an encoder."""

    question: Question
    query: Query
    vector: Vector | None


Ranker = Callable[[Asked], Sequence[int]]
"""Gives the places of papers in the collection, best first; what comes after the first hundred does not count."""


class Prepared:
    """A collection ready to be searched: its index, and its questions with their words and vectors."""

    def __init__(self, collection: Collection, kept: KeptVectors | None = None, tell: Tell = silently) -> None:
        """Embed papers and questions, where vectors are `kept`, and build the index."""
        self.collection = collection
        texts = [passage(paper.title, paper.abstract) for paper in collection.papers]
        self.vectors = kept.of_passages(texts, tell) if kept else []
        queries = [words_alone(question.text) for question in collection.questions]
        asked = kept.of_queries([query.plain for query in queries], tell) if kept else [None] * len(queries)
        self.asked = tuple(map(Asked, collection.questions, queries, asked))
        self._tell = tell

    @cached_property
    def index(self) -> Index:
        """The live index of the collection; the paper at place 0 has the number 0."""
        return build(NativeIndex(), self.collection.papers, self.vectors, self._tell)

    def rankers(self, reranker: Reranker | None = None) -> dict[str, Ranker]:
        """The ways in which this collection can be searched, by name.

        Only words are left where nothing was embedded; `deep` needs a reranker, and rereads what words give there.
        """
        ways = {"words": by_words(self.index)}
        if self.vectors:
            ways |= {"meaning": by_meaning(self.index), "hybrid": by_both(self.index)}
        if reranker:
            ways["deep"] = by_rereading(self.index, self.collection.papers, reranker)
        return ways


def build(index: Index, papers: Sequence[Paper], vectors: Sequence[Vector], tell: Tell = silently) -> Index:
    """Feed an empty index with papers, numbered from 0, and their vectors if there are any."""
    for first in range(0, len(papers), _AT_ONCE):
        tell("building the index", first, len(papers))
        last = min(first + _AT_ONCE, len(papers))
        position = 2 * last
        index.apply([change for number in range(first, last) for change in _changes(number, papers, vectors)], position)
    return index


def _changes(number: int, papers: Sequence[Paper], vectors: Sequence[Vector]) -> Iterable[Change]:
    yield Put(2 * number + 1, number, papers[number].title, papers[number].abstract)
    if vectors:
        yield Embed(2 * number + 2, number, vectors[number])


def by_words(index: Index) -> Ranker:
    """Rank by words alone, as a library without an encoder does."""
    return lambda asked: _numbers(_hits(index, asked.query, None))


def by_both(index: Index, at: int | None = None) -> Ranker:
    """Rank by words and meaning, as a library with an encoder does; as of a sequence number."""
    return lambda asked: _numbers(_hits(index, asked.query, asked.vector, at))


def by_meaning(index: Index, at: int | None = None) -> Ranker:
    """Rank by the closeness of the vectors alone; as of a sequence number."""

    def rank(asked: Asked) -> list[int]:
        found = index.search(replace(asked.query, terms=(), words=()), asked.vector, DEEPEST, at, is_counted=False)
        order = np.lexsort((found.papers, -found.meanings))
        papers: list[int] = found.papers[order[~np.isnan(found.meanings[order])]].tolist()
        return papers

    return rank


def by_rereading(index: Index, papers: Sequence[Paper], reranker: Reranker) -> Ranker:
    """Rank by words and meaning, and then the first anew by what a reranker says of them."""

    def rank(asked: Asked) -> list[int]:
        hits = _hits(index, asked.query, asked.vector)
        first = [papers[hit.paper] for hit in hits[:FIRST]]
        scores = reranker.score(asked.query.plain, [passage(paper.title, paper.abstract) for paper in first])
        return _numbers(reread(hits, scores))

    return rank


def by_published_bm25(papers: Sequence[Paper]) -> Ranker:
    """Rank as others publish BM25, whatever is done here."""
    ranking = PublishedBM25(papers)
    return lambda asked: ranking.rank(asked.question.text)


def _hits(index: Index, query: Query, vector: Vector | None, at: int | None = None) -> tuple[Hit, ...]:
    if not query.terms and vector is None:
        return ()
    return search(index, query, vector, limit=DEEPEST, at=at, is_counted=False).hits


def _numbers(hits: Sequence[Hit]) -> list[int]:
    return [hit.paper for hit in hits]
