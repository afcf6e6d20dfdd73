"""Keyword engines that are built once: one more paper means building again."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from broadsheet.bench.papers import Batch
from broadsheet.bench.peers.peer import Numbers, Peer
from broadsheet.search.analysis import STOP_WORDS, analyse


class Bm25s(Peer):
    """bm25s on Numba, with its own tokenizer, its English stop words and PyStemmer's English stems."""

    does = frozenset({"keyword"})

    def __init__(self, folder: Path, papers: int, dimension: int) -> None:
        super().__init__(folder, papers, dimension)
        import bm25s
        import Stemmer
        from bm25s.tokenization import Tokenizer

        self.tokenizer = Tokenizer(stemmer=Stemmer.Stemmer("english"), stopwords="english")
        self.engine = bm25s.BM25(backend="numba")
        self.tokens: list[list[int]] = []

    def add(self, prepared: Batch) -> None:
        """Tokenize; the index is made of all at the end."""
        self.tokens += self.tokenizer.tokenize(
            prepared.texts, update_vocab=True, show_progress=False, return_as="ids", allow_empty=False
        )

    def finish(self) -> None:
        """Make the index."""
        self.engine.index((self.tokens, self.tokenizer.get_vocab_dict()), show_progress=False)
        self.tokens = []

    def keyword(self, text: str, limit: int) -> Numbers:
        """The best papers by words."""
        asked = self.tokenizer.tokenize([text], update_vocab=False, show_progress=False, return_as="ids")
        papers: list[int] = self.engine.retrieve(asked, k=limit, show_progress=False, return_as="documents")[0].tolist()
        return papers


class RankBm25(Peer):
    """rank_bm25's BM25Okapi over Broadsheet's own terms, as it brings none."""

    does = frozenset({"keyword"})

    def __init__(self, folder: Path, papers: int, dimension: int) -> None:
        super().__init__(folder, papers, dimension)
        from rank_bm25 import BM25Okapi

        self.kind: Any = BM25Okapi
        self.tokens: list[list[str]] = []

    def add(self, prepared: Batch) -> None:
        """Analyse; the index is made of all at the end."""
        self.tokens += map(_ranked_terms, prepared.texts)

    def finish(self) -> None:
        """Make the index."""
        self.engine = self.kind(self.tokens)
        self.tokens = []

    def keyword(self, text: str, limit: int) -> Numbers:
        """The best papers by words."""
        scores = self.engine.get_scores(_ranked_terms(text))
        return best(scores, limit)


def best(scores: Any, limit: int) -> list[int]:
    """The places of the highest scores, highest first."""
    top = np.argpartition(-scores, min(limit, len(scores)) - 1)[:limit]
    places: list[int] = top[np.argsort(-scores[top], kind="stable")].tolist()
    return places


def _ranked_terms(text: str) -> list[str]:
    terms: Iterable[str] = analyse(text)
    return [term for term in terms if term not in STOP_WORDS]
