"""Fusion: one score from words and meaning, which explains itself.

Each half is brought to the range 0 to 1 over the best of one search, and a paper scores half of each. Such a convex
mix beats merging by rank, since how much better one paper is than the next counts. The last of the nearest sets the 0
of meaning, so a paper beyond them gains nothing by it, and need not be looked at.
Source: Bruch, Gai, Ingber, "An analysis of fusion functions for hybrid retrieval", TOIS 2023.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isnan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from broadsheet.search.index import Found
from broadsheet.search.query import Query

MEANING = 0.5
"""The weight of meaning where both halves can be told; words have the rest."""


@dataclass(frozen=True, slots=True)
class WordsPart:
    """What words add to a score: `value`, which the shares in `terms` (word as typed → share) add up to.

    `bm25` is the BM25F score that `value` was scaled from.
    """

    value: float
    bm25: float
    terms: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MeaningPart:
    """What meaning adds to a score: `value`, scaled from the `cosine` of the paper with the query."""

    value: float
    cosine: float


@dataclass(frozen=True, slots=True)
class RereadPart:
    """What reading a paper more closely adds to a score: `value`, scaled from the `reranker_score` given to it."""

    value: float
    reranker_score: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a paper scored what it did: its parts add up to `score`. A part that could not be told is None."""

    words: WordsPart | None = None
    meaning: MeaningPart | None = None
    reread: RereadPart | None = None

    @property
    def score(self) -> float:
        """The sum of the parts."""
        return sum((part.value for part in (self.words, self.meaning, self.reread) if part), 0.0)

    def to_json(self) -> dict[str, Any]:
        """The parts for programs.

        >>> Explanation(meaning=MeaningPart(0.5, 0.8)).to_json()
        {'parts': [{'part': 'meaning', 'value': 0.5, 'cosine': 0.8}]}
        """
        parts: list[dict[str, Any]] = []
        if self.words:
            parts.append(
                {"part": "words", "value": self.words.value, "bm25": self.words.bm25, "terms": dict(self.words.terms)}
            )
        if self.meaning:
            parts.append({"part": "meaning", "value": self.meaning.value, "cosine": self.meaning.cosine})
        if self.reread:
            parts.append({"part": "reread", "value": self.reread.value, "reranker_score": self.reread.reranker_score})
        return {"parts": parts}


@dataclass(frozen=True, slots=True)
class Scale:
    """What brings the words and the meaning of the matches of one query to one range.

    `best` is the highest score by words, 0 when no word is shared; `nearest` and `farthest` are the cosines of the
    first and the last of the nearest, both None when there is no meaning to compare.
    """

    best: float
    nearest: float | None = None
    farthest: float | None = None

    @classmethod
    def of(cls, found: Found) -> "Scale":
        """Read the range of both halves off an answer: from nothing to the best by words, and over the nearest."""
        best = float(found.words.max()) if len(found.words) else 0.0
        cosines = found.meanings[found.is_near]
        return cls(best, float(cosines.max()), float(cosines.min())) if len(cosines) else cls(best)

    def fuse(self, found: Found) -> NDArray[np.float64]:
        """The scores of all papers of an answer, each as `explain` tells it.

        Only the nearest gain by their meaning. A paper without a vector is scored by its words alone, and a query whose
        words no paper shares by meaning alone.
        """
        is_blind = np.isnan(found.meanings)
        scores = (
            np.where(is_blind, 1.0, 1 - MEANING) * found.words / self.best if self.best else np.zeros(len(is_blind))
        )
        if self.nearest is None or self.farthest is None:
            return scores
        near = np.flatnonzero(found.is_near)
        weight = MEANING if self.best else 1.0
        if self.nearest == self.farthest:
            scores[near] += weight
        else:
            scores[near] += weight * ((found.meanings[near] - self.farthest) / (self.nearest - self.farthest))
        return scores

    def explain(self, found: Found, place: int, query: Query) -> Explanation:
        """The score of the paper in a place of an answer, in parts, terms named by the words of the query."""
        score, cosine = float(found.words[place]), float(found.meanings[place])
        is_blind = isnan(cosine)
        weight = 1.0 if is_blind else 1 - MEANING
        words = None
        if query.terms:
            shares = zip(query.words, found.shares(place), strict=True)
            terms = {word: self._words(share, weight) for word, share in shares if not isnan(share)}
            words = WordsPart(self._words(score, weight), score, terms)
        if is_blind:
            return Explanation(words)
        return Explanation(words, MeaningPart(self._meaning(cosine, bool(found.is_near[place])), cosine))

    def _words(self, words: float, weight: float) -> float:
        return weight * words / self.best if self.best else 0.0

    def _meaning(self, cosine: float, is_near: bool) -> float:
        weight = MEANING if self.best else 1.0
        if not is_near or self.nearest is None or self.farthest is None:
            return 0.0
        if self.nearest == self.farthest:
            return weight
        return weight * ((cosine - self.farthest) / (self.nearest - self.farthest))
