"""Vector engines, each as its own manual sets it up for vectors compared by cosine."""

import os
import sqlite3
from pathlib import Path

import numpy as np

from broadsheet.bench.errors import BenchError
from broadsheet.bench.papers import Batch, Paper, Vectors
from broadsheet.bench.peers.peer import Numbers, Peer

_SPARE = 100_000
"""How many papers more than announced an engine of fixed size makes room for."""


class Faiss(Peer):
    """FAISS product quantisation with fast scan, the best 500 rescored from int8. It learns from the first papers."""

    does = frozenset({"meaning", "insert"})
    learns_from = 100_000

    def __init__(self, folder: Path, papers: int, dimension: int) -> None:
        super().__init__(folder, papers, dimension)
        import faiss

        kind = f"PQ{dimension // 4}x4fs,Refine(SQ8)"
        self.index = faiss.index_factory(dimension, kind, faiss.METRIC_INNER_PRODUCT)
        self.index.k_factor = 50
        self.waiting: list[Vectors] = []

    def add(self, prepared: Batch) -> None:
        """Add vectors, or keep them until there are enough to learn from."""
        if self.index.is_trained:
            self.index.add(prepared.vectors)
            return
        self.waiting.append(prepared.vectors)
        if sum(map(len, self.waiting)) >= min(self.papers, self.learns_from):
            first = np.concatenate(self.waiting)
            self.index.train(first)
            self.index.add(first)
            self.waiting = []

    def meaning(self, vector: Vectors, limit: int) -> Numbers:
        """The papers whose vectors are nearest."""
        numbers: list[int] = self.index.search(vector[None], limit)[1][0].tolist()
        return numbers

    def insert(self, paper: Paper) -> None:
        """Add one vector."""
        self.index.add(paper.vector[None])


class Usearch(Peer):
    """usearch's HNSW graph over int8 vectors."""

    does = frozenset({"meaning", "insert"})

    def __init__(self, folder: Path, papers: int, dimension: int) -> None:
        super().__init__(folder, papers, dimension)
        from usearch.index import Index

        self.index = Index(ndim=dimension, metric="cos", dtype="i8")

    def add(self, prepared: Batch) -> None:
        """Add vectors."""
        self.index.add(prepared.numbers, prepared.vectors)

    def meaning(self, vector: Vectors, limit: int) -> Numbers:
        """The papers whose vectors are nearest."""
        numbers: list[int] = self.index.search(vector, limit).keys.tolist()
        return numbers

    def insert(self, paper: Paper) -> None:
        """Add one vector."""
        self.index.add(paper.number, paper.vector)


class Hnswlib(Peer):
    """hnswlib's HNSW graph over float32 vectors."""

    does = frozenset({"meaning", "insert"})

    def __init__(self, folder: Path, papers: int, dimension: int) -> None:
        super().__init__(folder, papers, dimension)
        import hnswlib

        self.index = hnswlib.Index(space="cosine", dim=dimension)
        self.index.init_index(max_elements=papers + _SPARE, ef_construction=200, M=16)
        self.index.set_ef(50)

    def add(self, prepared: Batch) -> None:
        """Add vectors."""
        self.index.add_items(prepared.vectors, prepared.numbers)

    def meaning(self, vector: Vectors, limit: int) -> Numbers:
        """The papers whose vectors are nearest."""
        numbers: list[int] = self.index.knn_query(vector, limit, num_threads=1)[0][0].tolist()
        return numbers

    def insert(self, paper: Paper) -> None:
        """Add one vector."""
        self.index.add_items(paper.vector, paper.number)


class Diskannpy(Peer):
    """DiskANN's graph in memory that takes and gives up vectors, 64 wide. Its labels start at 1.

    A query goes as a batch of one: with NumPy 2 the call for one query repeats its first answer.
    """

    does = frozenset({"meaning", "insert"})
    breadth = 64

    def __init__(self, folder: Path, papers: int, dimension: int) -> None:
        super().__init__(folder, papers, dimension)
        import diskannpy

        self.threads = os.cpu_count() or 1
        self.index = diskannpy.DynamicMemoryIndex(
            "cosine", np.float32, dimension, papers + _SPARE, complexity=self.breadth, graph_degree=self.breadth
        )

    def add(self, prepared: Batch) -> None:
        """Add vectors."""
        self.index.batch_insert(prepared.vectors, (prepared.numbers + 1).astype(np.uint32), self.threads)

    def meaning(self, vector: Vectors, limit: int) -> Numbers:
        """The papers whose vectors are nearest."""
        labels = self.index.batch_search(vector[None], limit, self.breadth, 1).identifiers[0]
        return [label - 1 for label in labels.tolist()]

    def insert(self, paper: Paper) -> None:
        """Add one vector."""
        self.index.insert(paper.vector, np.uint32(paper.number + 1))


class SqliteVec(Peer):
    """sqlite-vec: every vector is compared."""

    does = frozenset({"meaning", "insert"})

    def __init__(self, folder: Path, papers: int, dimension: int) -> None:
        super().__init__(folder, papers, dimension)
        import sqlite_vec

        self.database = sqlite3.connect(folder / "vectors.sqlite3", check_same_thread=False)
        if not hasattr(self.database, "enable_load_extension"):
            raise BenchError("this Python's sqlite3 loads no extensions")
        self.database.enable_load_extension(True)
        sqlite_vec.load(self.database)
        self.database.execute("PRAGMA journal_mode=WAL")
        self.database.execute("PRAGMA synchronous=NORMAL")
        self.database.execute(
            f"CREATE VIRTUAL TABLE vectors USING vec0(vector float[{dimension}] distance_metric=cosine)"
        )

    def add(self, prepared: Batch) -> None:
        """Insert vectors in one transaction."""
        with self.database:
            rows = zip(prepared.numbers.tolist(), map(bytes, prepared.vectors), strict=True)
            self.database.executemany("INSERT INTO vectors(rowid, vector) VALUES (?, ?)", rows)

    def meaning(self, vector: Vectors, limit: int) -> Numbers:
        """The papers whose vectors are nearest."""
        rows = self.database.execute(
            "SELECT rowid FROM vectors WHERE vector MATCH ? AND k = ? ORDER BY distance", (vector.tobytes(), limit)
        )
        return [number for (number,) in rows]

    def insert(self, paper: Paper) -> None:
        """Insert one vector in a transaction of its own."""
        with self.database:
            row = (paper.number, paper.vector.tobytes())
            self.database.execute("INSERT INTO vectors(rowid, vector) VALUES (?, ?)", row)

    def close(self) -> None:
        """Close the database."""
        self.database.close()
