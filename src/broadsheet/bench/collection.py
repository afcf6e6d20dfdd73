"""Real papers: a folder with ``docs.jsonl`` and perhaps ``queries.jsonl``, embedded by the real encoder.

What was embedded is kept, for one abstract takes as long as thousands of searches.
"""

import hashlib
import json
import re
import sqlite3
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np

from broadsheet.bench.errors import BenchError
from broadsheet.bench.papers import Batch, Question, Vectors
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
        self._vectors = _KeptVectors(cache, embedder)

    @property
    def count(self) -> int:
        """How many papers there are."""
        return len(self._versions)

    def batches(self) -> Iterator[Batch]:
        """Yield the papers in order, the first with the number 0, a bounded number at a time."""
        for first in range(0, self.count, _AT_ONCE):
            some = self._versions[first : first + _AT_ONCE]
            vectors = self._vectors.of([passage(version.title, version.abstract) for version in some])
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
        path = next(iter(sorted([*self.folder.glob("docs*.jsonl*"), *self.folder.glob("papers*.jsonl*")])), None)
        if path is None:
            raise BenchError(f"{self.folder} has no docs.jsonl")
        records = (record for page in open_file(path).harvest() for record in page.records)
        return [record.version for record in records if record.version]

    def _queries(self) -> list[tuple[str, int]]:
        path = self.folder / "queries.jsonl"
        if not path.exists():
            return []
        return [(json.loads(line)["text"], -1) for line in path.read_text(encoding="utf-8").splitlines() if line]

    def _titles(self, within: int) -> list[tuple[str, int]]:
        return [(version.title, number) for number, version in enumerate(self._versions[:within])]


class _KeptVectors:
    """Vectors of one encoder by text, on disk."""

    def __init__(self, cache: Path, embedder: Embedder) -> None:
        cache.mkdir(parents=True, exist_ok=True)
        self.embedder = embedder
        self.rows = sqlite3.connect(cache / "vectors.sqlite3")
        self.rows.execute("CREATE TABLE IF NOT EXISTS vectors (text BLOB PRIMARY KEY, codes BLOB, scale REAL)")

    def of(self, texts: Sequence[str]) -> Vectors:
        """The vectors of some texts, those that are not kept yet being made."""
        keys = [hashlib.sha256(f"{self.embedder.name}\0{text}".encode("utf-8", "replace")).digest() for text in texts]
        known = {key: vector for key in keys if (vector := self._read(key))}
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        if missing:
            made = dict(zip(missing, self.embedder.embed_passages(list(missing.values())), strict=True))
            with self.rows:
                rows = ((key, vector.codes.tobytes(), vector.scale) for key, vector in made.items())
                self.rows.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", rows)
            known |= made
        return np.array([_wide(known[key]) for key in keys])

    def _read(self, key: bytes) -> Vector | None:
        row = self.rows.execute("SELECT codes, scale FROM vectors WHERE text = ?", (key,)).fetchone()
        return Vector(np.frombuffer(row[0], np.int8), row[1]) if row else None


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
