"""Turns: how many threads search at once, and in which order the others wait.

Threads of one Python process that all have work hinder each other: each waits for all others whenever it comes back
from the database or from the index. So few search at a time, and a turn is handed on, not fought for.
"""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from broadsheet.search.onnx import cores

_MOST = 4


class Turns:
    """So many turns at once; who waits gets one in the order of asking, those that are let ahead before all others."""

    def __init__(self, count: int = 0) -> None:
        """Without a count, one turn for each core, at most 4."""
        self._free = count or min(cores(), _MOST)
        self._waiting: deque[Lock] = deque()
        self._looking = Lock()

    @contextmanager
    def turn(self, *, is_ahead: bool = False) -> Iterator[None]:
        """Wait for a turn, and hand it on at the end."""
        if gate := self._gate(is_ahead):
            gate.acquire()
        try:
            yield
        finally:
            self._hand_on()

    def _gate(self, is_ahead: bool) -> "Lock | None":
        """What opens when the turn has come; None if it has."""
        with self._looking:
            if self._free:
                self._free -= 1
                return None
            gate = Lock()
            gate.acquire()
            (self._waiting.appendleft if is_ahead else self._waiting.append)(gate)
            return gate

    def _hand_on(self) -> None:
        with self._looking:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._free += 1
