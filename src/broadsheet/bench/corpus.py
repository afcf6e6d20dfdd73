"""One collection of papers on disk, written once and read by every engine in its own process.

It is read, never mapped, so that it does not count as an engine's memory.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from broadsheet.bench.errors import BenchError
from broadsheet.bench.papers import Batch, Paper, Papers, Question, Vectors
from broadsheet.bench.vocabulary import marker

FRESH = 1_000
"""How many papers are kept back, to be written while an engine is measured."""
QUESTIONS = 1_000
NEAREST = 10
BATCH = 1_000
"""How many papers an engine is fed at once."""

Tell = Callable[[str, int, int], None]
"""Hears how far some work is: its name, what is done, and how much there is to do."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a collection holds: papers to build from, papers kept back, and how long their vectors are."""

    papers: int
    fresh: int
    dimension: int
    origin: str


@dataclass(frozen=True)
class Corpus:
    """A collection in a folder."""

    folder: Path

    @classmethod
    def write(cls, folder: Path, papers: Papers, tell: Tell, count: int, questions: int = QUESTIONS) -> "Corpus":
        """Write papers, those after the first `count` being kept back, and questions with their exact answers."""
        if not 0 < count <= papers.count:
            raise BenchError(f"{count:,} papers were wanted, and there are {papers.count:,}")
        with (folder / "papers.txt").open("w", encoding="utf-8") as texts, (folder / "vectors.f32").open("wb") as rows:
            for batch in papers.batches():
                lines = zip(batch.titles, batch.abstracts, strict=True)
                texts.writelines(f"{_line(title)}\t{_line(abstract)}\n" for title, abstract in lines)
                rows.write(batch.vectors.astype(np.float32).tobytes())
                tell("papers", batch.first + len(batch), papers.count)
        corpus = cls(folder)
        facts = Facts(count, papers.count - count, papers.dimension, papers.origin)
        _write_json(folder / "facts.json", asdict(facts))
        asked = papers.questions(questions, count)
        np.array([question.vector for question in asked], np.float32).tofile(folder / "asked.f32")
        _write_json(folder / "asked.json", [[question.text, question.meant] for question in asked])
        corpus._nearest(tell).tofile(folder / "nearest.i64")
        return corpus

    @cached_property
    def facts(self) -> Facts:
        """What the collection holds."""
        return Facts(**json.loads((self.folder / "facts.json").read_text()))

    def batches(self, size: int = BATCH) -> Iterator[Batch]:
        """Yield the papers to build from, `size` at a time."""
        return self._read(0, self.facts.papers, size)

    def fresh(self) -> list[Paper]:
        """The papers kept back, each with a word in its title that no other has."""
        facts = self.facts
        papers = (paper for batch in self._read(facts.papers, facts.fresh, BATCH) for paper in batch)
        return [replace(paper, title=f"{paper.title} {marker(paper.number)}") for paper in papers]

    @cached_property
    def questions(self) -> list[Question]:
        """What is asked of every engine, in the same order."""
        vectors = np.fromfile(self.folder / "asked.f32", np.float32).reshape(-1, self.facts.dimension)
        asked = json.loads((self.folder / "asked.json").read_text())
        return [Question(text, vector, meant) for (text, meant), vector in zip(asked, vectors, strict=True)]

    @cached_property
    def nearest(self) -> NDArray[np.int64]:
        """For each question the numbers of the papers nearest in meaning, by exact search in float32."""
        return np.fromfile(self.folder / "nearest.i64", np.int64).reshape(len(self.questions), -1)

    def _read(self, first: int, count: int, size: int) -> Iterator[Batch]:
        width = self.facts.dimension * np.dtype(np.float32).itemsize
        with (
            (self.folder / "papers.txt").open(encoding="utf-8") as texts,
            (self.folder / "vectors.f32").open("rb") as rows,
        ):
            for _ in range(first):
                next(texts)
            rows.seek(first * width)
            for start in range(first, first + count, size):
                length = min(size, first + count - start)
                lines = [next(texts).rstrip("\n").split("\t") for _ in range(length)]
                vectors: Vectors = np.frombuffer(rows.read(length * width), np.float32).reshape(length, -1)
                yield Batch(start, [title for title, _ in lines], [abstract for _, abstract in lines], vectors)

    def _nearest(self, tell: Tell) -> NDArray[np.int64]:
        asked = np.array([question.vector for question in self.questions])
        best = np.full((len(asked), 0), -1, np.int64)
        cosines = np.empty((len(asked), 0), np.float32)
        for batch in self.batches(10 * BATCH):
            best = np.hstack([best, np.broadcast_to(batch.numbers, (len(asked), len(batch)))])
            cosines = np.hstack([cosines, asked @ batch.vectors.T])
            kept = np.argpartition(-cosines, min(NEAREST, cosines.shape[1]) - 1, axis=1)[:, :NEAREST]
            best, cosines = np.take_along_axis(best, kept, 1), np.take_along_axis(cosines, kept, 1)
            tell("exact answers", batch.first + len(batch), self.facts.papers)
        return np.take_along_axis(best, np.argsort(-cosines, axis=1), 1)


def _line(text: str) -> str:
    return " ".join(text.split())


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
