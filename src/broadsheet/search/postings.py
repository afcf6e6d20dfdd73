"""Postings: for each term, where it stands, in one growing array of packed places.

A place is one integer: the slot in its upper bits, and 32 bits for where in the slot. Slots are given in rising order,
so every array is sorted, and everything else is derived from it: in which slots a term stands, how often in each field,
and whether terms stand side by side.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.int64]

SLOT_BITS = 32


class _Places(dict[str, "array[int]"]):
    """Term → places; a term not met before has none yet."""

    def __missing__(self, term: str) -> "array[int]":
        places = self[term] = array("q")
        return places


class Postings:
    """Term → places, sorted."""

    def __init__(self) -> None:
        self._places = _Places()

    def __len__(self) -> int:
        return len(self._places)

    def add(self, term: str, place: int) -> None:
        """Note that `term` stands at `place`, which comes after every place noted before for this term."""
        self._places[term].append(place)

    def add_run(self, terms: Iterable[str], first: int) -> None:
        """Note terms that stand side by side from the place `first` on."""
        places = self._places
        for place, term in enumerate(terms, first):
            places[term].append(place)

    def places(self, term: str) -> Places:
        """Where a term stands, in rising order, as a copy."""
        return np.array(self._places.get(term, ()), np.int64)

    def slots(self, term: str) -> Places:
        """The slots in which a term stands, each once, in rising order."""
        return distinct(self.places(term) >> SLOT_BITS)

    def purge(self, slots: Iterable[int]) -> None:
        """Remove every trace of these slots; terms that stand nowhere else go too. Reads the whole dictionary."""
        spans = [(slot << SLOT_BITS, (slot + 1) << SLOT_BITS) for slot in slots]
        for term, places in list(self._places.items()):
            for first, last in spans:
                start = bisect_left(places, first)
                del places[start : bisect_left(places, last, start)]
            if not places:
                del self._places[term]


def distinct(ordered: Places) -> Places:
    """The different values of a sorted array.

    >>> distinct(np.array([1, 1, 3])).tolist()
    [1, 3]
    """
    if not len(ordered):
        return ordered
    return ordered[np.concatenate(([True], ordered[1:] != ordered[:-1]))]


def within(values: Places, ordered: Places) -> NDArray[np.bool_]:
    """For each value, whether a sorted array holds it.

    >>> within(np.array([1, 2]), np.array([2, 5])).tolist()
    [False, True]
    """
    if not len(ordered):
        return np.zeros(len(values), np.bool_)
    found: NDArray[np.bool_] = ordered[np.minimum(np.searchsorted(ordered, values), len(ordered) - 1)] == values
    return found
