"""Vectors: the embeddings of slots, each with the sequence number from which it is the slot's.

Similarity is the dot product of the int8 codes, exact as an integer, times both scales. Vectors of another dimension,
as another model makes them, live in a space of their own and are never compared.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from broadsheet.search.growing import Growing
from broadsheet.search.index import Vector
from broadsheet.search.slots import NEVER

_BLOCK = 512
_EXACT_IN_FLOAT32 = 1024
"""Up to this many products of two int8 add up to less than 2**24, which float32 holds exactly in any order."""


@dataclass(slots=True)
class _Space:
    """The vectors of one dimension, a row each."""

    codes: Growing
    scales: Growing = field(default_factory=lambda: Growing(np.float64))
    slots: Growing = field(default_factory=lambda: Growing(np.int64))
    born: Growing = field(default_factory=lambda: Growing(np.int64))
    died: Growing = field(default_factory=lambda: Growing(np.int64))


class Vectors:
    """Slot → vector, at any sequence number."""

    def __init__(self) -> None:
        self._spaces: dict[int, _Space] = {}
        self._current: dict[int, tuple[int, int]] = {}

    def add(self, seq: int, slot: int, vector: Vector) -> None:
        """From `seq` on, a slot has this vector, in place of the one it had."""
        if old := self._current.get(slot):
            self._spaces[old[0]].died.rows[old[1]] = seq
        dimension = len(vector.codes)
        space = self._spaces.get(dimension)
        if space is None:
            space = self._spaces[dimension] = _Space(Growing(np.int8, dimension))
        self._current[slot] = dimension, len(space.slots)
        space.codes.append(vector.codes)
        space.scales.append(vector.scale)
        space.slots.append(slot)
        space.born.append(seq)
        space.died.append(NEVER)

    def get(self, slot: int, at: int) -> Vector | None:
        """The vector that a slot had at a sequence number."""
        for space in self._spaces.values():
            rows = np.flatnonzero((space.slots.rows == slot) & (space.born.rows <= at) & (at < space.died.rows))
            if len(rows):
                return Vector(space.codes.rows[rows[0]].copy(), float(space.scales.rows[rows[0]]))
        return None

    def cosines(
        self, query: Vector, allowed: NDArray[np.bool_], at: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The allowed slots that have a vector to compare at a sequence number, and how similar each is.

        `allowed` has the shape (slots,); both answers have one value for each such slot, in no order.
        """
        space = self._spaces.get(len(query.codes))
        if space is None:
            return np.zeros(0, np.int64), np.zeros(0)
        rows = np.flatnonzero((space.born.rows <= at) & (at < space.died.rows) & allowed[space.slots.rows])
        dots = _dots(space.codes.rows, rows, query.codes)
        return space.slots.rows[rows], dots * (query.scale * space.scales.rows[rows])

    def purge(self, slots: Iterable[int]) -> None:
        """Remove the vectors of these slots."""
        gone = list(slots)
        for slot in gone:
            self._current.pop(slot, None)
        for space in self._spaces.values():
            rows = np.flatnonzero(np.isin(space.slots.rows, gone))
            for column in (space.codes, space.scales, space.born, space.died):
                column.rows[rows] = 0


def _dots(codes: NDArray[np.int8], rows: NDArray[np.int64], query: NDArray[np.int8]) -> NDArray[np.float64]:
    """The exact integer dot products of some rows with a query, computed as floats wide enough to hold them."""
    wide: np.dtype[Any] = np.dtype(np.float32 if len(query) <= _EXACT_IN_FLOAT32 else np.float64)
    target = query.astype(wide)
    dots = np.empty(len(rows))
    is_dense = len(rows) == len(codes)
    for start in range(0, len(rows), _BLOCK):
        block = codes[start : start + _BLOCK] if is_dense else codes[rows[start : start + _BLOCK]]
        dots[start : start + _BLOCK] = np.vecdot(block.astype(wide), target)
    return dots
