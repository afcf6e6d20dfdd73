"""Real papers: a folder with ``docs.jsonl`` and perhaps ``queries.jsonl``, embedded by the real encoder.

What was embedded is kept, for one abstract takes as long as thousands of searches.
"""

import json
import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np

from broadsheet.bench.errors import BenchError
from broadsheet.bench.papers import Batch, Question, Vectors
from broadsheet.evaluation import KeptVectors
from broadsheet.papers import Version
from broadsheet.papers.text import searchable
from broadsheet.search import Embedder, Vector, find_embedder, passage
from broadsheet.sources import open_file

_AT_ONCE = 256
_SEED = 1
_WORD = re.compile(r"[^\W_]+")


class CollectedPapers:
    """The papers of a folder in the layout of ``docs.jsonl`` (`title`, `abstract`) and ``queries.jsonl`` (`text`).

    Without queries, titles of papers are asked. Words are asked in small letters without signs, so that no engine takes
    them for its own syntax. Raises BenchError for a folder without papers.
    """

    def __init__(self, folder: Path, embedder: Embedder, cache: Path) -> None:
        self.folder = folder
        self.embedder = embedder
        self.dimension = embedder.dimension
        self.origin = f"{folder.name}, embedded by {embedder.name}"
        self._vectors = KeptVectors(cache, embedder)

    @property
    def count(self) -> int:
        """How many papers there are."""
        return len(self._versions)

    def batches(self) -> Iterator[Batch]:
        """Yield the papers in order, the first with the number 0, a bounded number at a time."""
        for first in range(0, self.count, _AT_ONCE):
            some = self._versions[first : first + _AT_ONCE]
            kept = self._vectors.of_passages([passage(version.title, version.abstract) for version in some])
            vectors = np.array([_wide(vector) for vector in kept])
            yield Batch(first, [version.title for version in some], [version.abstract for version in some], vectors)

    def questions(self, count: int, within: int) -> Sequence[Question]:
        """Up to `count` questions: the collection's own, else titles of the first `within` papers."""
        asked = self._queries() or self._titles(within)
        chosen = np.random.default_rng(_SEED).permutation(len(asked))[:count].tolist()
        questions = []
        for text, meant in map(asked.__getitem__, chosen):
            words = " ".join(_WORD.findall(searchable(text).lower()))
            if words:
                questions.append(Question(words, _wide(self.embedder.embed_query(text)), meant))
        return questions

    @cached_property
    def _versions(self) -> list[Version]:
        return read_versions(self.folder)

    def _queries(self) -> list[tuple[str, int]]:
        path = self.folder / "queries.jsonl"
        if not path.exists():
            return []
        return [(json.loads(line)["text"], -1) for line in path.read_text(encoding="utf-8").splitlines() if line]

    def _titles(self, within: int) -> list[tuple[str, int]]:
        return [(version.title, number) for number, version in enumerate(self._versions[:within])]


def read_versions(folder: Path) -> list[Version]:
    """The papers of a folder, in order. Raises BenchError for one without."""
    path = next(iter(sorted([*folder.glob("docs*.jsonl*"), *folder.glob("papers*.jsonl*")])), None)
    if path is None:
        raise BenchError(f"{folder} has no docs.jsonl")
    records = (record for page in open_file(path).harvest() for record in page.records)
    return [record.version for record in records if record.version]


def _wide(vector: Vector) -> Vectors:
    return vector.codes.astype(np.float32) * np.float32(vector.scale)


def find_encoder() -> Embedder:
    """The sentence encoder that the options name. Raises BenchError without one."""
    from django.conf import settings

    from broadsheet.library import Library  # noqa: F401 (sets Django up, which reads the options)

    embedder = find_embedder(settings.MODEL)
    if embedder is None:
        raise BenchError("no sentence encoder is installed, and a collection cannot be embedded without")
    return embedder
