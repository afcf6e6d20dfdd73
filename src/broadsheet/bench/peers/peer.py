"""What every engine under measurement can be asked to do."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from broadsheet.bench.errors import BenchError
from broadsheet.bench.papers import Batch, Paper, Vectors

Numbers = Sequence[int]
"""Papers by number, best first."""


class Peer:
    """An engine. `does` names what it can do out of keyword, meaning, hybrid and insert; the rest raises BenchError.

    What is timed is each of the verbs below but `prepare`.
    """

    does: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, folder: Path, papers: int, dimension: int) -> None:
        """Make it empty, for so many papers, with files (if any) in an empty folder. Raises ImportError."""
        self.folder = folder
        self.papers = papers
        self.dimension = dimension

    def prepare(self, batch: Batch) -> Any:
        """Put papers into the form in which the engine would find them where it is used."""
        return batch

    def add(self, prepared: Any) -> None:
        """Take a prepared batch in, one after the other, before anything is searched."""
        raise BenchError("cannot be built")

    def finish(self) -> None:
        """Get ready to be searched."""

    def keyword(self, text: str, limit: int) -> Numbers:
        """The best papers by words, any of which may match."""
        raise BenchError("has no search by words")

    def meaning(self, vector: Vectors, limit: int) -> Numbers:
        """The papers whose vectors are nearest."""
        raise BenchError("has no search by meaning")

    def hybrid(self, text: str, vector: Vectors, limit: int) -> Numbers:
        """The best papers by words and meaning together."""
        raise BenchError("has no search by both")

    def insert(self, paper: Paper) -> None:
        """Take in one more paper, to be found once published."""
        raise BenchError("cannot take one more")

    def publish(self) -> None:
        """Make what was inserted findable, where inserting does not."""

    def close(self) -> None:
        """Let go of files and threads."""
