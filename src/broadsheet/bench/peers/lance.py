"""LanceDB: words by its full-text index, meaning by its vector index, both by its reciprocal rank fusion."""

import os
from pathlib import Path
from typing import Any

from broadsheet.bench.papers import Batch, Paper, Vectors
from broadsheet.bench.peers.peer import Numbers, Peer

_TRAINS_FROM = 256
"""Papers below which its vector index cannot be made; then every vector is compared."""


class Lancedb(Peer):
    """A table in a folder, indexed once all is in. What comes later is found by looking through it."""

    does = frozenset({"keyword", "meaning", "hybrid", "insert"})

    def __init__(self, folder: Path, papers: int, dimension: int) -> None:
        super().__init__(folder, papers, dimension)
        os.environ["LANCEDB_LOG"] = "error"  # else it warns at each query of columns that come unasked
        import lancedb
        import pyarrow
        from lancedb.rerankers import RRFReranker

        schema = pyarrow.schema(
            [
                pyarrow.field("number", pyarrow.int64()),
                pyarrow.field("text", pyarrow.string()),
                pyarrow.field("vector", pyarrow.list_(pyarrow.float32(), dimension)),
            ]
        )
        self.arrow = pyarrow
        self.lancedb = lancedb
        self.table = lancedb.connect(folder).create_table("papers", schema=schema)
        self.fusion = RRFReranker()

    def add(self, prepared: Batch) -> None:
        """Append papers."""
        self.table.add(self._rows(prepared.numbers.tolist(), prepared.texts, prepared.vectors))

    def finish(self) -> None:
        """Merge fragments and make both indexes."""
        self.table.optimize()
        self.table.create_index("text", config=self.lancedb.index.FTS())
        if self.papers >= _TRAINS_FROM:
            self.table.create_index("vector", config=self.lancedb.index.HnswSq(distance_type="cosine"))

    def keyword(self, text: str, limit: int) -> Numbers:
        """The best papers by words."""
        return self._numbers(self.table.search(text, query_type="fts").limit(limit))

    def meaning(self, vector: Vectors, limit: int) -> Numbers:
        """The papers whose vectors are nearest."""
        return self._numbers(self.table.search(vector, query_type="vector").distance_type("cosine").limit(limit))

    def hybrid(self, text: str, vector: Vectors, limit: int) -> Numbers:
        """The best papers of both, fused."""
        asked = self.table.search(query_type="hybrid").vector(vector).text(text).distance_type("cosine")
        return self._numbers(asked.rerank(self.fusion).limit(limit))

    def insert(self, paper: Paper) -> None:
        """Append one paper."""
        self.table.add(self._rows([paper.number], [paper.text], paper.vector[None]))

    def _rows(self, numbers: list[int], texts: list[str], vectors: Vectors) -> Any:
        rows = self.arrow.FixedSizeListArray.from_arrays(self.arrow.array(vectors.ravel()), self.dimension)
        return self.arrow.table({"number": numbers, "text": texts, "vector": rows})

    def _numbers(self, asked: Any) -> Numbers:
        numbers: list[int] = asked.select(["number"]).to_arrow()["number"].to_pylist()
        return numbers
