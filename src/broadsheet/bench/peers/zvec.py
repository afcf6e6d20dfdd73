"""zvec: words by its full-text index, meaning by HNSW, both by its reciprocal rank fusion."""

from pathlib import Path
from typing import Any

from broadsheet.bench.errors import BenchError
from broadsheet.bench.papers import Batch, Paper, Vectors
from broadsheet.bench.peers.peer import Numbers, Peer


class Zvec(Peer):
    """A collection in a folder with English stems; optimised once all is in."""

    does = frozenset({"keyword", "meaning", "hybrid", "insert"})

    def __init__(self, folder: Path, papers: int, dimension: int) -> None:
        super().__init__(folder, papers, dimension)
        import zvec

        words = zvec.FtsIndexParam(tokenizer_name="standard", filters=["lowercase", "stemmer"])
        near = zvec.HnswIndexParam(metric_type=zvec.MetricType.COSINE)
        schema = zvec.CollectionSchema(
            name="papers",
            fields=[zvec.FieldSchema("text", zvec.DataType.STRING, index_param=words)],
            vectors=[zvec.VectorSchema("vector", zvec.DataType.VECTOR_FP32, dimension, index_param=near)],
        )
        self.zvec = zvec
        self.collection = zvec.create_and_open(str(folder / "papers"), schema)
        self.fusion = zvec.RrfReRanker()

    def add(self, prepared: Batch) -> None:
        """Insert papers in one call."""
        for status in self.collection.insert([self._row(paper) for paper in prepared]):
            _require(status)

    def finish(self) -> None:
        """Merge segments and build the graph."""
        self.collection.optimize()

    def keyword(self, text: str, limit: int) -> Numbers:
        """The best papers by words."""
        return self._ask(self._by_words(text), limit)

    def meaning(self, vector: Vectors, limit: int) -> Numbers:
        """The papers whose vectors are nearest."""
        return self._ask(self._by_meaning(vector), limit)

    def hybrid(self, text: str, vector: Vectors, limit: int) -> Numbers:
        """The best papers of both, fused."""
        return self._ask([self._by_meaning(vector), self._by_words(text)], limit, reranker=self.fusion)

    def insert(self, paper: Paper) -> None:
        """Insert one paper."""
        _require(self.collection.insert(self._row(paper)))

    def close(self) -> None:
        """Close the collection."""
        self.collection.close()

    def _row(self, paper: Paper) -> Any:
        return self.zvec.Doc(id=str(paper.number), vectors={"vector": paper.vector}, fields={"text": paper.text})

    def _by_words(self, text: str) -> Any:
        return self.zvec.Query("text", fts=self.zvec.Fts(match_string=text))

    def _by_meaning(self, vector: Vectors) -> Any:
        return self.zvec.Query("vector", vector=vector)

    def _ask(self, queries: Any, limit: int, **options: Any) -> Numbers:
        rows = self.collection.query(queries, topk=limit, output_fields=[], **options)
        return [int(row.id) for row in rows]


def _require(status: Any) -> None:
    if not status.ok():
        raise BenchError(f"refused a paper: {status.message()}")
