"""What a set of papers is worth to one who reads them all: of what was there already, more is worth less. Pure."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import fsum, isfinite, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from broadsheet.ranking.errors import RankingError

OWN, TOPIC, SOURCE, MEANING = 0.25, 1.0, 0.25, 1.5
"""What the parts of the value weigh. They were judged by hand on small cases, see docs/explanation/choosing.md."""

_TOTAL = OWN + TOPIC + SOURCE + MEANING
_UNIT = 0.01  # float32, or int8 scaled back, is not exactly of length 1

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A paper that may be chosen, and what it has in common with others; else RankingError.

    `worth` is finite and not below zero. The first of `topics` is the one that counts. `author` is the first author,
    folded. What is "" or missing is unknown. `vector` is one-dimensional and of length 1.
    """

    paper: int
    worth: float
    topics: tuple[str, ...] = ()
    source: str = ""
    author: str = ""
    vector: Floats | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        if not (isfinite(self.worth) and self.worth >= 0):
            raise RankingError(f"paper {self.paper} cannot be worth {self.worth}")
        if self.vector is not None and not (
            self.vector.ndim == 1 and abs(float(np.linalg.norm(self.vector)) - 1) <= _UNIT
        ):
            raise RankingError(f"the vector of paper {self.paper} is not of length 1")

    @property
    def topic(self) -> str:
        """The topic that counts, "" if unknown."""
        return self.topics[0] if self.topics else ""


@dataclass(frozen=True, slots=True)
class Share:
    """What one part of the value gained by a paper, `gain`, and what the paper would have gained `alone`.

    `name` is "worth", "topic", "source" or "meaning".
    """

    name: str
    gain: float
    alone: float


def value(chosen: Sequence[Candidate]) -> float:
    """How much these papers are worth together, in whatever order; 0 for none.

    With w(c) the worth of a paper c of the set S, and W(g) the sum of worth of those papers of S that are in g:

        value(S) = OWN     · sum over papers c            of sqrt(w(c))
                 + TOPIC   · sum over first topics g      of sqrt(W(g))
                 + SOURCE  · sum over sources g           of sqrt(W(g))
                 + MEANING · sum over signed coordinates j of sqrt(sum over c of w(c) · u(c, j)²)

    u(c, j) is the square of coordinate j of the paper's vector, its two signs being two places, so that the u of a
    paper add up to 1. The unknown is a topic, source or place of its own. A paper alone is worth the same fraction of
    sqrt(w) from every part, whatever its topic, source and vector; so all of them start equal, and what is multiplied
    into every worth changes no choice.

    Monotone and submodular: each square root is of a sum, over the papers of S, of numbers that are not negative and
    that depend on the paper alone. Such a sum never falls when S grows, and the square root never falls. Let A be a
    part of B, x and y the sums of the two under one root, x ≤ y, and m what a further paper adds there:
    sqrt(x + m) - sqrt(x) = m / (sqrt(x + m) + sqrt(x)) ≥ m / (sqrt(y + m) + sqrt(y)) = sqrt(y + m) - sqrt(y), so no
    paper gains more by B than by A. Sums of such functions with weights above zero are such functions again.

    >>> same, other = Candidate(2, 4, ("cs.CL",)), Candidate(3, 4, ("cs.CV",))
    >>> first = Candidate(1, 4, ("cs.CL",))
    >>> value([first]), value([first, same]) < value([first, other]) < 2 * value([first])
    (6.0, True)
    """
    topics: defaultdict[str, float] = defaultdict(float)
    sources: defaultdict[str, float] = defaultdict(float)
    places: dict[int, Floats] = {}
    for candidate in chosen:
        topics[candidate.topic] += candidate.worth
        sources[candidate.source] += candidate.worth
        if candidate.vector is not None:
            _add_meaning(places, candidate.worth, candidate.vector)
    without_vector = sqrt(fsum(candidate.worth for candidate in chosen if candidate.vector is None))
    return fsum(
        [
            OWN * fsum(sqrt(candidate.worth) for candidate in chosen),
            TOPIC * fsum(map(sqrt, topics.values())),
            SOURCE * fsum(map(sqrt, sources.values())),
            MEANING * fsum([without_vector, *(float(np.sqrt(sums).sum()) for sums in places.values())]),
        ]
    )


def alone(candidate: Candidate) -> float:
    """What a candidate is worth alone: the most that it can gain by any set."""
    return _TOTAL * sqrt(candidate.worth)


class Tally:
    """The sums of worth of the papers added so far, to tell what one more would gain; counts how often it told."""

    def __init__(self) -> None:
        self.evaluations = 0
        self._topics: defaultdict[str, float] = defaultdict(float)
        self._sources: defaultdict[str, float] = defaultdict(float)
        self._without_vector = 0.0
        self._places: dict[int, Floats] = {}

    def gain(self, candidate: Candidate) -> float:
        """By how much the value would grow."""
        self.evaluations += 1
        return fsum(self._parts(candidate))

    def shares(self, candidate: Candidate) -> tuple[Share, ...]:
        """By how much each part of the value would grow, in one order."""
        names = {"worth": OWN, "topic": TOPIC, "source": SOURCE, "meaning": MEANING}
        root = sqrt(candidate.worth)
        parts = zip(names.items(), self._parts(candidate), strict=True)
        return tuple(Share(name, part, weight * root) for (name, weight), part in parts)

    def add(self, candidate: Candidate) -> None:
        """Count a paper as chosen."""
        self._topics[candidate.topic] += candidate.worth
        self._sources[candidate.source] += candidate.worth
        if candidate.vector is None:
            self._without_vector += candidate.worth
        else:
            _add_meaning(self._places, candidate.worth, candidate.vector)

    def _parts(self, candidate: Candidate) -> tuple[float, float, float, float]:
        worth = candidate.worth
        return (
            OWN * sqrt(worth),
            TOPIC * _grow(self._topics.get(candidate.topic, 0), worth),
            SOURCE * _grow(self._sources.get(candidate.source, 0), worth),
            MEANING * self._meaning(worth, candidate.vector),
        )

    def _meaning(self, worth: float, vector: Floats | None) -> float:
        if vector is None:
            return _grow(self._without_vector, worth)
        if (places := self._places.get(vector.size)) is None:
            return sqrt(worth)
        before = np.where(vector < 0, places[1], places[0])
        return float((np.sqrt(before + worth * _spread(vector) ** 2) - np.sqrt(before)).sum())


def _grow(before: float, more: float) -> float:
    """sqrt(before + more) - sqrt(before), without the loss of digits."""
    return more / (sqrt(before + more) + sqrt(before)) if more else 0.0


def _add_meaning(places: dict[int, Floats], worth: float, vector: Floats) -> None:
    """Add the worth of a paper where its meaning lies; vectors of another length mean something else."""
    sums = places.setdefault(vector.size, np.zeros((2, vector.size)))
    spread = worth * _spread(vector) ** 2
    sums += np.where(vector < 0, [np.zeros_like(spread), spread], [spread, np.zeros_like(spread)])


def _spread(vector: Floats) -> Floats:
    """How the meaning of a paper is spread over the coordinates: numbers not below zero that add up to 1."""
    squares: Floats = np.square(vector, dtype=np.float64)
    squares /= squares.sum()
    return squares
