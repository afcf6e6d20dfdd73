"""Qdrant Edge: words by its own BM25 sparse vectors, meaning by HNSW, both by reciprocal rank fusion."""

from pathlib import Path
from typing import Any

from broadsheet.bench.papers import Batch, Paper, Vectors
from broadsheet.bench.peers.peer import Numbers, Peer

_EACH = 50
"""How many of each half are fused."""
_RRF = 60


class QdrantEdge(Peer):
    """A shard in a folder, as its manual sets up hybrid search; optimised once all is in."""

    does = frozenset({"keyword", "meaning", "hybrid", "insert"})

    def __init__(self, folder: Path, papers: int, dimension: int) -> None:
        super().__init__(folder, papers, dimension)
        import qdrant_edge as edge

        config = edge.EdgeConfig(
            vectors={"meaning": edge.EdgeVectorParams(size=dimension, distance=edge.Distance.Cosine)},
            sparse_vectors={"words": edge.EdgeSparseVectorParams(modifier=edge.Modifier.Idf)},
        )
        self.edge = edge
        self.shard = edge.EdgeShard.create(str(folder / "shard"), config)
        self.words = edge.Bm25(edge.Bm25Config(language="english"))

    def add(self, prepared: Batch) -> None:
        """Upsert papers in one operation."""
        self.shard.update(self.edge.UpdateOperation.upsert_points([self._point(paper) for paper in prepared]))

    def finish(self) -> None:
        """Build the graph."""
        self.shard.optimize()

    def keyword(self, text: str, limit: int) -> Numbers:
        """The best papers by words."""
        return self._ask(query=self._by_words(text), limit=limit)

    def meaning(self, vector: Vectors, limit: int) -> Numbers:
        """The papers whose vectors are nearest."""
        return self._ask(query=self._by_meaning(vector), limit=limit)

    def hybrid(self, text: str, vector: Vectors, limit: int) -> Numbers:
        """The best papers of both, fused."""
        halves = [
            self.edge.Prefetch(limit=_EACH, query=query) for query in (self._by_words(text), self._by_meaning(vector))
        ]
        return self._ask(prefetches=halves, query=self.edge.Fusion.Rrf(k=_RRF), limit=limit)

    def insert(self, paper: Paper) -> None:
        """Upsert one paper."""
        self.shard.update(self.edge.UpdateOperation.upsert_points([self._point(paper)]))

    def close(self) -> None:
        """Close the shard."""
        self.shard.close()

    def _point(self, paper: Paper) -> Any:
        vectors = {"meaning": paper.vector.tolist(), "words": self.words.embed_document(paper.text)}
        return self.edge.Point(id=paper.number, vector=vectors)

    def _by_words(self, text: str) -> Any:
        return self.edge.Query.Nearest(self.words.embed_query(text), using="words")

    def _by_meaning(self, vector: Vectors) -> Any:
        return self.edge.Query.Nearest(vector.tolist(), using="meaning")

    def _ask(self, **request: Any) -> Numbers:
        return [point.id for point in self.shard.query(self.edge.QueryRequest(**request))]
