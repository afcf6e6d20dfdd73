"""The engines that are measured, one class each; a class's module imports what it measures when it is made."""

from importlib import import_module
from pathlib import Path

from broadsheet.bench.errors import BenchError
from broadsheet.bench.peers.peer import Peer

ENGINES = {
    "broadsheet": "own:Broadsheet",
    "bm25s": "static:Bm25s",
    "tantivy": "keyword:Tantivy",
    "fts5": "keyword:Fts5",
    "faiss": "vectors:Faiss",
    "usearch": "vectors:Usearch",
    "hnswlib": "vectors:Hnswlib",
    "diskannpy": "vectors:Diskannpy",
    "qdrant-edge": "qdrant:QdrantEdge",
    "zvec": "zvec:Zvec",
    "lancedb": "lance:Lancedb",
    "txtai": "txtai:Txtai",
    "rank_bm25": "static:RankBm25",
    "sqlite-vec": "vectors:SqliteVec",
}
USUAL = tuple(name for name in ENGINES if name not in ("rank_bm25", "sqlite-vec"))
"""Those measured unless told otherwise: the others take time and memory that grow out of proportion."""


def make(name: str, folder: Path, papers: int, dimension: int) -> Peer:
    """An empty engine that keeps its files in a folder. Raises BenchError for one that is not installed."""
    module, kind = ENGINES[name].split(":")
    try:
        peer: Peer = getattr(import_module(f"broadsheet.bench.peers.{module}"), kind)(folder, papers, dimension)
    except ImportError as error:
        raise BenchError(f"not installed: {error}") from error
    return peer


__all__ = ["ENGINES", "USUAL", "Peer", "make"]
