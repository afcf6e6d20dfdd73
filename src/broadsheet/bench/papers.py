"""Papers to measure with: what engines are fed, and what they are asked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
"""Embeddings of length 1, of shape (papers, dimension)."""


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper, with its number and its embedding of shape (dimension,)."""

    number: int
    title: str
    abstract: str
    vector: Vectors

    @property
    def text(self) -> str:
        """Title and abstract, for engines that know one text a paper."""
        return f"{self.title} {self.abstract}"


@dataclass(frozen=True, slots=True)
class Batch:
    """Papers whose numbers follow each other, the first of them `first`."""

    first: int
    titles: Sequence[str]
    abstracts: Sequence[str]
    vectors: Vectors

    def __len__(self) -> int:
        return len(self.titles)

    def __getitem__(self, place: int) -> Paper:
        return Paper(self.first + place, self.titles[place], self.abstracts[place], self.vectors[place])

    def __iter__(self) -> Iterator[Paper]:
        return map(self.__getitem__, range(len(self)))

    @property
    def numbers(self) -> NDArray[np.int64]:
        """The papers' numbers."""
        return np.arange(self.first, self.first + len(self))

    @property
    def texts(self) -> list[str]:
        """Title and abstract of each paper, for engines that know one text a paper."""
        return [f"{title} {abstract}" for title, abstract in zip(self.titles, self.abstracts, strict=True)]


@dataclass(frozen=True, slots=True)
class Question:
    """What a reader asks for: words, their embedding, and the paper that was meant, -1 where nobody knows."""

    text: str
    vector: Vectors
    meant: int


class Papers(Protocol):
    """Where papers to measure with come from."""

    @property
    def count(self) -> int:
        """How many papers there are."""
        ...

    @property
    def dimension(self) -> int:
        """How many components each vector has."""
        ...

    @property
    def origin(self) -> str:
        """What the papers are, in some words."""
        ...

    def batches(self) -> Iterator[Batch]:
        """Yield the papers in order, the first with the number 0, a bounded number at a time."""
        ...

    def questions(self, count: int, within: int) -> Sequence[Question]:
        """Up to `count` questions that the first `within` papers answer, once all of them were yielded."""
        ...


def unit(vectors: Vectors) -> Vectors:
    """The same directions at length 1."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    directions: Vectors = (vectors / np.maximum(lengths, np.finfo(np.float32).tiny)).astype(np.float32)
    return directions
