"""Papers drawn by chance from a seed: any number of them, in bounded memory, the same on every run.

A vector is the sum of what all papers share, a field, a topic within it and what is the paper's own. The last three are
not alike in all directions: their components fall off, in axes that are turned away from the dimensions. The weights
are those at which 5,183 papers lie as far apart, and are as hard to rank by their signs alone, as SciFact's abstracts
embedded by bge-small-en-v1.5: cosines of a question with the 1st, 10th, 100th and 1,000th nearest paper of .84, .68,
.63 and .57 against .80, .71, .66 and .60, and .89 against .92 of the exact ten among the first 50 by sign bits.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from broadsheet.bench.papers import Batch, Paper, Question, Vectors, unit
from broadsheet.bench.vocabulary import lots, words

DIMENSION = 384
ABSTRACT_WORDS = (150, 180)
TITLE_WORDS = (6, 14)
QUERY_WORDS = (2, 8)
"""Fewest and most."""

_AT_ONCE = 2_000
_ASKED_BATCHES = 8
_FIELDS, _TOPICS = 100, 1_000
_SHARED, _OF_FIELD, _OF_TOPIC, _OWN, _OF_READER = 1.13, 0.5, 0.5, 0.55, 0.65
_FALL = 0.4


class DrawnPapers:
    """`count` papers drawn from `seed`. The first N of them are the same whatever `count` is."""

    dimension = DIMENSION

    def __init__(self, count: int, seed: int = 1) -> None:
        self.count = count
        self.seed = seed
        self.origin = f"drawn from seed {seed}"
        chance = np.random.default_rng([seed, 0])
        self._words = _language()
        turn = np.linalg.qr(chance.standard_normal((DIMENSION, DIMENSION)))[0]
        fall = np.arange(1, DIMENSION + 1) ** -_FALL
        self._axes = (turn * (fall / np.linalg.norm(fall))[:, None]).astype(np.float32)
        fields = self._strayed(chance, _FIELDS)[chance.integers(_FIELDS, size=_TOPICS)]
        shared = unit(chance.standard_normal(DIMENSION, dtype=np.float32))
        self._topics = _SHARED * shared + _OF_FIELD * fields + _OF_TOPIC * self._strayed(chance, _TOPICS)

    def batches(self) -> Iterator[Batch]:
        """Yield the papers in order, the first with the number 0, a bounded number at a time."""
        for first in range(0, self.count, _AT_ONCE):
            yield self._batch(first, min(_AT_ONCE, self.count - first))

    def questions(self, count: int, within: int) -> Sequence[Question]:
        """`count` questions: some words of one of the first `within` papers, and a vector near its own."""
        chance = np.random.default_rng([self.seed, 1])
        firsts = np.arange(0, within, _AT_ONCE)
        asked = chance.choice(firsts, size=min(_ASKED_BATCHES, len(firsts)), replace=False)
        questions: list[Question] = []
        for place, first in enumerate(asked.tolist(), start=1):
            batch = self._batch(first, min(_AT_ONCE, within - first))
            for meant in chance.integers(len(batch), size=count * place // len(asked) - len(questions)).tolist():
                questions.append(self._question(chance, batch[meant]))
        return questions

    def vector(self, seed: int) -> Vectors:
        """One vector of this kind, of shape (dimension,), drawn from a seed of its own."""
        chance = np.random.default_rng(seed)
        return unit(self._topics[chance.integers(_TOPICS)] + _OWN * self._strayed(chance, 1)[0])

    def _question(self, chance: np.random.Generator, paper: Paper) -> Question:
        known = list(dict.fromkeys(paper.text.split()))
        picked = chance.choice(len(known), size=chance.integers(QUERY_WORDS[0], QUERY_WORDS[1] + 1), replace=False)
        strayed = paper.vector + _OF_READER * self._strayed(chance, 1)[0]
        return Question(" ".join(known[place] for place in picked), unit(strayed), paper.number)

    def _batch(self, first: int, size: int) -> Batch:
        chance = np.random.default_rng([self.seed, 3, first])
        lengths = np.empty((_AT_ONCE, 2), np.int64)
        lengths[:, 0] = chance.integers(TITLE_WORDS[0], TITLE_WORDS[1] + 1, size=_AT_ONCE)
        lengths[:, 1] = chance.integers(ABSTRACT_WORDS[0], ABSTRACT_WORDS[1] + 1, size=_AT_ONCE)
        ends = np.cumsum(lengths.ravel()).tolist()
        drawn = lots()[chance.integers(len(lots()), size=ends[-1], dtype=np.uint32)]
        spoken = self._words[drawn].tolist()
        parts = [" ".join(spoken[start:end]) for start, end in zip([0, *ends], ends, strict=False)]
        return Batch(first, parts[: 2 * size : 2], parts[1 : 2 * size : 2], self._vectors(chance)[:size])

    def _vectors(self, chance: np.random.Generator) -> Vectors:
        topics = self._topics[chance.integers(_TOPICS, size=_AT_ONCE)]
        return unit(topics + _OWN * self._strayed(chance, _AT_ONCE))

    def _strayed(self, chance: np.random.Generator, rows: int) -> Vectors:
        """Steps of about length 1 in directions drawn by chance, farther along the first axes than along the last."""
        steps: Vectors = chance.standard_normal((rows, DIMENSION), dtype=np.float32) @ self._axes
        return steps


@cache
def _language() -> NDArray[Any]:
    return np.array(words(), dtype=object)
