"""Fusion: one score from words and meaning, which explains itself.

Each half is brought to the range 0 to 1 over the best of one search, and a paper scores a convex mix of both. Such a
mix beats merging by rank, since how much better one paper is than the next counts. The last of the nearest sets the 0
of meaning, so a paper beyond them gains nothing by it, and need not be looked at. A paper that has only the commonest
of the words gains little by that, less than in proportion.

How much each half counts is told by how sure it is. Meaning gets more the farther its nearest paper stands out from the
tenth: then it knows what was meant. Words get more the nearer their best paper comes to all that was asked for: where
one has every word, as for the name of a field, words decide which papers are meant.
Sources: Bruch, Gai, Ingber, "An analysis of fusion functions for hybrid retrieval", TOIS 2023; for telling a half's
worth by its scores: Cronen-Townsend, Zhou, Croft, "Predicting query performance", SIGIR 2002. What was compared is told
in docs/explanation/fusion.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import isnan
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from broadsheet.search.index import Found
from broadsheet.search.query import Query

Values = TypeVar("Values", float, NDArray[np.float64])

STANDING_OUT = 10
"""The place of the paper that the first one is compared with."""

_EQUAL, _LEAST, _MOST = 0.5, 0.15, 0.8
"""The weight of meaning when its nearest paper stands out by _GAP and the best by words covers _COVERED; its bounds."""
_GAP, _RISE = 0.07, 6.0
"""How much less the cosine of the tenth nearest is then, and how fast the weight rises with it."""
_COVERED, _FALL = 0.4, 0.5
"""How much of what words could score the best paper does then, and how fast the weight falls with it."""


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
    first and the last of the nearest, both None when there is no meaning to compare. `weight` is that of meaning where
    both halves can be told; words have the rest.
    """

    best: float
    nearest: float | None = None
    farthest: float | None = None
    weight: float = _EQUAL

    @classmethod
    def of(cls, found: Found) -> "Scale":
        """Read the range of both halves off an answer: from nothing to the best by words, and over the nearest."""
        best = float(found.words.max(initial=0.0))
        cosines = found.meanings[found.is_near]
        if not len(cosines):
            return cls(best)
        scale = cls(best, float(cosines.max()), float(cosines.min()))
        if not best or len(cosines) < STANDING_OUT:
            return scale
        gap = float(cosines.max() + np.partition(-cosines, STANDING_OUT - 1)[STANDING_OUT - 1])
        weight = _EQUAL + _RISE * (gap - _GAP) - _FALL * (best / found.most_by_words - _COVERED)
        return replace(scale, weight=min(max(weight, _LEAST), _MOST))

    def fuse(self, found: Found) -> NDArray[np.float64]:
        """The scores of all papers of an answer, each as `explain` tells it.

        Only the nearest gain by their meaning. A paper without a vector is scored by its words alone, and a query whose
        words no paper shares by meaning alone.
        """
        weights = np.where(np.isnan(found.meanings), 1.0, 1 - self.weight)
        scores = weights * self._sharpened(found.words) if self.best else np.zeros(len(weights))
        near = np.flatnonzero(found.is_near)
        if len(near):
            scores[near] += (self.weight if self.best else 1.0) * self._nearness(found.meanings[near])
        return scores

    def explain(self, found: Found, place: int, query: Query) -> Explanation:
        """The score of the paper in a place of an answer, in parts, terms named by the words of the query."""
        score, cosine = float(found.words[place]), float(found.meanings[place])
        is_blind = isnan(cosine)
        weight = 1.0 if is_blind else 1 - self.weight
        words = None
        if query.terms:
            shares = zip(query.words, found.shares(place), strict=True)
            value = float(weight * self._sharpened(score)) if self.best else 0.0
            terms = {word: share / score * value for word, share in shares if not isnan(share)}
            words = WordsPart(value, score, terms)
        if is_blind:
            return Explanation(words)
        gained = (self.weight if self.best else 1.0) * self._nearness(cosine) if found.is_near[place] else 0.0
        return Explanation(words, MeaningPart(gained, cosine))

    def _sharpened(self, words: Values) -> Values:
        """Scores by words between 0 and the best, at 1, less than in proportion: to the power of 1.75."""
        share = words / self.best
        sharpened: Values = share * np.sqrt(share * np.sqrt(share))
        return sharpened

    def _nearness(self, cosines: Values) -> Values:
        """Where cosines stand between the farthest, at 0, and the nearest, at 1."""
        if self.nearest is None or self.farthest is None or self.nearest == self.farthest:
            return cosines * 0 + 1.0
        return (cosines - self.farthest) / (self.nearest - self.farthest)
