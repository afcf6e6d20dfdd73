"""Slots: one for each version of each paper, with the sequence numbers at which it was born and died."""

from datetime import date

import numpy as np
from numpy.typing import NDArray

from broadsheet.search.growing import Growing

NEVER = 2**62
"""The death of a version that is still open."""

_NO_PAPER = -1


class Slots:
    """Columns over slots. A slot is open at a sequence number S when born ≤ S < died; a paper has at most one such."""

    def __init__(self) -> None:
        self._papers = Growing(np.int64)
        self._born = Growing(np.int64)
        self._died = Growing(np.int64)
        self._days = Growing(np.int32)
        self._lengths = Growing(np.int64, 2)
        self._open: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._papers)

    @property
    def papers(self) -> NDArray[np.int64]:
        """The paper of each slot, shape (slots,); -1 where it was erased."""
        return self._papers.rows

    @property
    def days(self) -> NDArray[np.int32]:
        """The day of each slot as a proleptic Gregorian ordinal, shape (slots,); 0 where none is known."""
        return self._days.rows

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Terms that are not stop words, shape (slots, 2): in the title, in the abstract."""
        return self._lengths.rows

    @property
    def open_count(self) -> int:
        """How many slots are open now."""
        return len(self._open)

    def open_at(self, at: int) -> NDArray[np.bool_]:
        """Which slots are open at a sequence number, shape (slots,)."""
        return (self._born.rows <= at) & (at < self._died.rows)

    def open_slot(self, paper: int) -> int | None:
        """The slot of a paper that is open now, if any."""
        return self._open.get(paper)

    def start(self, seq: int, paper: int, day: date | None, lengths: tuple[int, int]) -> int:
        """Close what is open of a paper and open a new slot for it, whose number is returned."""
        self.close(seq, paper)
        slot = len(self)
        self._papers.append(paper)
        self._born.append(seq)
        self._died.append(NEVER)
        self._days.append(day.toordinal() if day else 0)
        self._lengths.append(lengths)
        self._open[paper] = slot
        return slot

    def close(self, seq: int, paper: int) -> None:
        """Close what is open of a paper, if anything."""
        slot = self._open.pop(paper, None)
        if slot is not None:
            self._died.rows[slot] = seq

    def forget(self, paper: int) -> list[int]:
        """Empty every slot of a paper, for searches at any sequence number, and return their numbers."""
        self._open.pop(paper, None)
        slots = np.flatnonzero(self.papers == paper)
        for column, value in (
            (self._papers, _NO_PAPER),
            (self._born, 0),
            (self._died, 0),
            (self._days, 0),
            (self._lengths, 0),
        ):
            column.rows[slots] = value
        numbers: list[int] = slots.tolist()
        return numbers
