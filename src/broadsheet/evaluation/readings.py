"""Readings that are kept: what a reranker said of a query and a passage."""

from collections.abc import Sequence
from pathlib import Path

from broadsheet.evaluation.keeping import Kept, key_of
from broadsheet.search.reranker import Reranker, Stop, never


class KeptReadings:
    """A reranker that remembers on disk, under its name and the hash of both texts."""

    def __init__(self, folder: Path, reranker: Reranker) -> None:
        self.name = reranker.name
        self._reranker = reranker
        self._kept = Kept(folder, "readings", "pair BLOB PRIMARY KEY, score REAL")

    def close(self) -> None:
        """Let go of the file."""
        self._kept.close()

    def score(self, query: str, passages: Sequence[str], stop: Stop = never) -> list[float]:
        """How well each passage answers the query, in their order; nothing stops it, so that runs stay equal."""
        keys = [key_of(self.name, query, passage) for passage in passages]
        known = {key: score for key, (score,) in self._kept.read(keys).items()}
        missing = {key: passage for key, passage in zip(keys, passages, strict=True) if key not in known}
        if missing:
            made = dict(zip(missing, self._reranker.score(query, list(missing.values())), strict=True))
            self._kept.keep({key: (score,) for key, score in made.items()})
            known |= made
        return [known[key] for key in keys]
