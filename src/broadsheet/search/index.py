"""The port of the live index: what is applied to it, and what can be asked of it at any sequence number.

An index holds, for each version of each paper, the sequence numbers at which it was born and died. It is fed with
changes in journal order and never forgets unless told to erase, so a search at sequence number S sees exactly what a
fresh index fed with the changes up to S would see, in ids, order and scores.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from math import isnan
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from broadsheet.search.query import Query

FIELDS = ("title", "abstract")
"""The scored fields, in the order in which arrays over fields hold them."""


@dataclass(frozen=True, slots=True)
class Vector:
    """An embedding as stored: `codes` int8 of shape (dimension,), each times `scale` gives the component.

    The similarity of two vectors is the exact integer dot product of their codes times both scales, so every
    implementation gets the same number.
    """

    codes: NDArray[np.int8]
    scale: float


@dataclass(frozen=True, slots=True)
class Put:
    """At `seq`, `paper` reads so from now on; closes the version that was open. after: and before: test `day`."""

    seq: int
    paper: int
    title: str
    abstract: str
    authors: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = ()
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Embed:
    """At `seq`, the version of `paper` that is open then is found by meaning too; a closed paper ignores it."""

    seq: int
    paper: int
    vector: Vector


@dataclass(frozen=True, slots=True)
class Withdraw:
    """At `seq`, `paper` is not found any more; searches at earlier numbers still find it."""

    seq: int
    paper: int


@dataclass(frozen=True, slots=True)
class Erase:
    """At `seq`, every trace of `paper` goes, from searches at earlier numbers too."""

    seq: int
    paper: int


Change = Put | Embed | Withdraw | Erase


@dataclass(frozen=True, slots=True)
class Match:
    """One paper that an index found, with what it scored and why.

    `words` is its BM25F score and equals the sum of `terms` (term → share). `meaning` is the cosine with the query
    vector, None when the paper has no vector at that sequence number or the search gave none; `is_near` says whether it
    is one of the nearest that were asked for. `day` is the paper's day as a proleptic Gregorian ordinal, 0 when it has
    none: a query without words ranks by it.
    """

    paper: int
    words: float
    meaning: float | None
    terms: Mapping[str, float] = field(default_factory=dict)
    day: int = 0
    is_near: bool = False


@dataclass(frozen=True, eq=False)
class Found:
    """The answer of an index: `total` papers pass the query's filters and share a word with it; -1 if not counted.

    The columns, one value a paper, hold the best by words, the nearest in meaning, and the best by words of those that
    have no vector to compare, together, in no order, each scored both ways. They are what a `Match` says of one paper,
    with a NaN for what it has not; `words` is above zero for papers that share a word, `is_near` tells the nearest.
    `most_by_words` is what no paper can reach by words, however often it had every term; 0 for a query without terms.
    `shares` tells, for a place in the columns, the share of each term in `words`, NaN for terms that the paper has not.
    """

    total: int
    terms: tuple[str, ...]
    papers: NDArray[np.int64]
    words: NDArray[np.float64]
    meanings: NDArray[np.float64]
    days: NDArray[np.int32]
    is_near: NDArray[np.bool_]
    most_by_words: float
    shares: Callable[[int], Sequence[float]]

    @cached_property
    def matches(self) -> tuple[Match, ...]:
        """The papers found, one by one."""
        return tuple(self.match(place) for place in range(len(self.papers)))

    def match(self, place: int) -> Match:
        """The paper in one place of the columns."""
        meaning = float(self.meanings[place])
        shares = zip(self.terms, self.shares(place), strict=True)
        return Match(
            int(self.papers[place]),
            float(self.words[place]),
            None if isnan(meaning) else meaning,
            {term: share for term, share in shares if not isnan(share)},
            int(self.days[place]),
            bool(self.is_near[place]),
        )


class Index(Protocol):
    """The live index. One writer applies at a time; any number of threads search."""

    @property
    def position(self) -> int:
        """The sequence number of the last change applied, 0 when empty."""
        ...

    @property
    def size(self) -> int:
        """How many papers are open at `position`."""
        ...

    def apply(self, changes: Sequence[Change], position: int) -> None:
        """Apply changes in order and move to `position`, visible all at once. Changes at or before it are skipped."""
        ...

    def search(
        self,
        query: Query,
        vector: Vector | None = None,
        depth: int = 200,
        at: int | None = None,
        *,
        near: int | None = None,
        is_counted: bool = True,
    ) -> Found:
        """Find the best `depth` by words and the `near` nearest (see Found) that pass the query's filters at `at`.

        `near` defaults to `depth`, `at` to `position`. Ties are broken by paper number, lower first. Among more than a
        few thousand vectors the nearest may lack one in some hundreds. The total need not be told when it is not asked
        for.
        Raises PositionError for an `at` that is negative or not reached yet, SearchError for a depth below 1.
        """
        ...

    def nearest(self, paper: int, depth: int = 10, at: int | None = None) -> Sequence[tuple[int, float]]:
        """The papers closest in meaning to a paper, itself left out, best first, as (paper, cosine)."""
        ...

    def papers(self, at: int | None = None) -> Sequence[int]:
        """The papers open at `at`, in rising order, for checks."""
        ...
