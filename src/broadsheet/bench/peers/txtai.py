"""txtai: words by its BM25 term index, meaning by its default vector index, both by its weighted sum."""

from pathlib import Path

import numpy as np

from broadsheet.bench.papers import Batch, Paper, Vectors
from broadsheet.bench.peers.peer import Numbers, Peer


class Txtai(Peer):
    """A hybrid index without a copy of the texts. It asks for vectors by text, so they are laid out for it before."""

    does = frozenset({"keyword", "meaning", "hybrid", "insert"})

    def __init__(self, folder: Path, papers: int, dimension: int) -> None:
        super().__init__(folder, papers, dimension)
        from txtai import Embeddings

        self.laid_out: dict[str, Vectors] = {}
        self.texts: list[tuple[int, str]] = []
        look_up = lambda texts: self._vectors(texts)  # noqa: E731, PLW0108 (it takes a plain function only)
        self.engine = Embeddings(method="external", transform=look_up, hybrid=True)

    def add(self, prepared: Batch) -> None:
        """Keep papers; the index is made of all at the end."""
        texts = prepared.texts
        self.laid_out.update(zip(texts, prepared.vectors, strict=True))
        self.texts += zip(prepared.numbers.tolist(), texts, strict=True)

    def finish(self) -> None:
        """Make the index."""
        self.engine.index(self.texts)
        self.texts, self.laid_out = [], {}

    def keyword(self, text: str, limit: int) -> Numbers:
        """The best papers by words: what its search asks its term index."""
        return [number for number, _ in self.engine.scoring.search(text, limit)]

    def meaning(self, vector: Vectors, limit: int) -> Numbers:
        """The papers whose vectors are nearest: what its search asks its vector index."""
        return [number for number, _ in self.engine.ann.search(vector[None], limit)[0]]

    def hybrid(self, text: str, vector: Vectors, limit: int) -> Numbers:
        """The best papers of both, each half as heavy."""
        self.laid_out = {text: vector}
        return [number for number, _ in self.engine.search(text, limit)]

    def insert(self, paper: Paper) -> None:
        """Upsert one paper."""
        self.laid_out = {paper.text: paper.vector}
        self.engine.upsert([(paper.number, paper.text)])

    def close(self) -> None:
        """Close the index."""
        self.engine.close()

    def _vectors(self, texts: list[str]) -> Vectors:
        return np.array([self.laid_out[text] for text in texts], np.float32)
