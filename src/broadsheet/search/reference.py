"""The index in NumPy: exact, complete, small enough to read; the measure of every faster one."""

import threading
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from broadsheet.search.analysis import analyse
from broadsheet.search.bm25 import Statistics, Weights, idf, shares
from broadsheet.search.changes import fresh_changes
from broadsheet.search.contents import Contents, Texts
from broadsheet.search.errors import PositionError, SearchError
from broadsheet.search.index import Change, Embed, Erase, Found, Put, Vector, Withdraw
from broadsheet.search.postings import Places, within
from broadsheet.search.query import Query
from broadsheet.search.vectors import Vectors

Mask = NDArray[np.bool_]
Scores = NDArray[np.float64]


class ReferenceIndex:
    """The `Index` port with exact BM25F and an exact scan of the vectors.

    A search takes time linear in the postings of its terms and in the number of versions; it sees one state, since
    changes wait for it and it for them.
    """

    def __init__(self, weights: Weights | None = None) -> None:
        self._weights = weights or Weights()
        self._lock = threading.Lock()
        self._contents = Contents()
        self._vectors = Vectors()
        self._position = 0

    @property
    def position(self) -> int:
        """The sequence number of the last change applied, 0 when empty."""
        return self._position

    @property
    def size(self) -> int:
        """How many papers are open at `position`."""
        return self._contents.slots.open_count

    def apply(self, changes: Sequence[Change], position: int) -> None:
        """Apply changes in order and move to `position`, visible all at once. Changes at or before it are skipped.

        Raises ChangeError, with nothing applied, when a change is out of order, beyond `position` or damaged.
        """
        fresh = fresh_changes(changes, self._position, position)
        texts = [_analysed(change) for change in fresh]
        with self._lock:
            emptied: list[int] = []
            for change, terms in zip(fresh, texts, strict=True):
                emptied += self._apply(change, terms)
            if emptied:
                self._contents.purge(emptied)
                self._vectors.purge(emptied)
            self._position = max(self._position, position)

    def _apply(self, change: Change, texts: Texts) -> list[int]:
        slots = self._contents.slots
        match change:
            case Put():
                self._contents.start(change, texts)
            case Embed(seq, paper, vector):
                if (slot := slots.open_slot(paper)) is not None:
                    self._vectors.add(seq, slot, vector)
            case Withdraw(seq, paper):
                slots.close(seq, paper)
            case Erase(_, paper):
                return slots.forget(paper)
        return []

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
        """Find the best `depth` by words and `near` by meaning (see Found) that pass the query's filters at `at`.

        Raises PositionError for an `at` that is negative or not reached yet.
        """
        near = depth if near is None else near
        _check_depth(min(depth, near))
        with self._lock:
            one = _Search(self._contents, self._vectors, self._weights, self._checked(at))
            return one.run(query, vector, depth, near)

    def nearest(self, paper: int, depth: int = 10, at: int | None = None) -> Sequence[tuple[int, float]]:
        """The papers closest in meaning to a paper, itself left out, best first; none while it has no vector."""
        _check_depth(depth)
        with self._lock:
            at = self._checked(at)
            papers, is_open = self._contents.slots.papers, self._contents.slots.open_at(at)
            own = np.flatnonzero(is_open & (papers == paper))
            vector = self._vectors.get(int(own[0]), at) if len(own) else None
            if vector is None:
                return []
            is_open[own] = False
            slots, cosines = self._vectors.cosines(vector, is_open, at)
            best = _best(cosines, papers[slots], depth)
            return list(zip(papers[slots[best]].tolist(), cosines[best].tolist(), strict=True))

    def papers(self, at: int | None = None) -> Sequence[int]:
        """The papers open at `at`, in rising order, for checks."""
        with self._lock:
            slots = self._contents.slots
            papers: list[int] = np.sort(slots.papers[slots.open_at(self._checked(at))]).tolist()
            return papers

    def _checked(self, at: int | None) -> int:
        if at is None:
            return self._position
        if not 0 <= at <= self._position:
            raise PositionError(f"the index knows the changes from 0 to {self._position:,}, not {at:,}")
        return at


class _Search:
    """One search, at one sequence number."""

    def __init__(self, contents: Contents, vectors: Vectors, weights: Weights, at: int) -> None:
        self.contents, self.vectors, self.weights, self.at = contents, vectors, weights, at
        self.papers = contents.slots.papers
        self.is_open = contents.slots.open_at(at)

    def run(self, query: Query, vector: Vector | None, depth: int, near: int) -> Found:
        allowed = self._allowed(query)
        worths, shared = self._shares(query.terms, allowed)
        words = np.zeros(len(allowed))
        is_candidate = np.zeros(len(allowed), np.bool_) if query.needs_word else allowed.copy()
        for slots, share in shared:
            words[slots] += share
            is_candidate[slots] = True
        candidates = np.flatnonzero(is_candidate)
        cosines = np.full(len(allowed), np.nan)
        seen, similar = self.vectors.cosines(vector, allowed, self.at) if vector else (candidates[:0], words[:0])
        cosines[seen] = similar
        keys = words if query.terms else self.contents.slots.days.astype(np.float64)
        blind = candidates[np.isnan(cosines[candidates])]
        nearest = self._best(seen, cosines[seen], near)
        best = [self._best(slots, keys[slots], depth) for slots in (candidates, blind)]
        chosen = np.unique(np.concatenate([nearest, *best]))
        return Found(
            len(candidates),
            query.terms,
            self.papers[chosen],
            words[chosen],
            cosines[chosen],
            self.contents.slots.days[chosen],
            within(chosen, np.sort(nearest)),
            sum(worths, 0.0),
            _table(chosen, shared).tolist().__getitem__,
        )

    def _best(self, slots: Places, keys: Scores, depth: int) -> Places:
        return slots[_best(keys, self.papers[slots], depth)]

    def _allowed(self, query: Query) -> Mask:
        allowed = self.is_open.copy()
        for clause in query.required:
            allowed &= self.contents.holding(clause)
        for clause in query.excluded:
            allowed &= ~self.contents.holding(clause)
        return allowed

    def _shares(self, terms: Iterable[str], allowed: Mask) -> tuple[list[float], list[tuple[Places, Scores]]]:
        """What each term is worth, and the allowed slots that hold it with its share in their scores."""
        lengths = self.contents.slots.lengths
        statistics = Statistics.of(lengths[self.is_open])
        worths, found = [], []
        for term in terms:
            slots, counts = self.contents.counts(term)
            worth = idf(statistics.papers, int(np.count_nonzero(self.is_open[slots])))
            scored = allowed[slots]
            slots = slots[scored]
            worths.append(worth)
            found.append((slots, shares(counts[scored], lengths[slots], worth, statistics, self.weights)))
        return worths, found


def _table(slots: Places, shared: list[tuple[Places, Scores]]) -> Scores:
    """The share of each term in the score of each slot, shape (slots, terms); NaN where the term is not held."""
    table = np.full((len(slots), len(shared)), np.nan)
    for number, (holders, share) in enumerate(shared):
        is_held = within(slots, holders)
        table[is_held, number] = share[np.searchsorted(holders, slots[is_held])]
    return table


def _check_depth(depth: int) -> None:
    if depth < 1:
        raise SearchError(f"a search has a depth of at least 1, not {depth}")


def _analysed(change: Change) -> Texts:
    return (analyse(change.title), analyse(change.abstract)) if isinstance(change, Put) else ()


def _best(keys: Scores, papers: NDArray[np.int64], depth: int) -> NDArray[np.int64]:
    """The places of the `depth` highest keys, highest first, ties by paper."""
    places = np.arange(len(keys))
    if len(keys) > depth:
        bar = np.partition(keys, len(keys) - depth)[len(keys) - depth]
        places = np.flatnonzero(keys >= bar)
    order = places[np.lexsort((papers[places], -keys[places]))]
    return order[:depth]
