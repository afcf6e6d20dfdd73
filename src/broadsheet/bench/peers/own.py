"""Broadsheet's own index, called as a search on the web calls it, below the database."""

from pathlib import Path

from broadsheet.bench.live import LiveIndex, apply, best, nearest
from broadsheet.bench.papers import Batch, Paper, Vectors
from broadsheet.bench.peers.peer import Numbers, Peer
from broadsheet.search import Query, Vector, quantise, search


class Broadsheet(Peer):
    """The live index through its port, and `search.engine.search` for both halves together.

    Texts come as strings and are analysed here; vectors come as int8, as a library stores them. A query comes as text
    and float32.
    """

    does = frozenset({"keyword", "meaning", "hybrid", "insert"})

    def __init__(self, folder: Path, papers: int, dimension: int) -> None:
        super().__init__(folder, papers, dimension)
        self.index = LiveIndex()

    def prepare(self, batch: Batch) -> tuple[Batch, list[Vector]]:
        """Quantise the vectors."""
        return batch, [quantise(vector) for vector in batch.vectors]

    def add(self, prepared: tuple[Batch, list[Vector]]) -> None:
        """Apply the changes that bring a batch."""
        apply(self.index, *prepared)

    def finish(self) -> None:
        """Pack what grew last, as a snapshot does."""
        self.index.compact()

    def keyword(self, text: str, limit: int) -> Numbers:
        """The best papers by words."""
        return best(self.index, text, limit)

    def meaning(self, vector: Vectors, limit: int) -> Numbers:
        """The papers whose vectors are nearest."""
        return nearest(self.index, vector, limit)

    def hybrid(self, text: str, vector: Vectors, limit: int) -> Numbers:
        """The first page of a search."""
        page = search(self.index, Query.parse(text), quantise(vector), limit=limit, is_counted=False)
        return [hit.paper for hit in page.hits]

    def insert(self, paper: Paper) -> None:
        """Apply the two changes that bring one paper."""
        apply(self.index, [paper], [quantise(paper.vector)])
