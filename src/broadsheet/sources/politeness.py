"""Politeness: one connection at a time to each host, and a pause between requests."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

ARXIV_INTERVALS = {"arxiv.org": 3.0}
"""Seconds between requests to a domain and all below it. Source: arXiv, Terms of Use for arXiv APIs."""


@dataclass
class _Turn:
    interval: float
    lock: threading.Lock = field(default_factory=threading.Lock)
    next_at: float = float("-inf")


@dataclass
class Politeness:
    """Gives each thread its turn at a host: after the last one is done, and an interval after it began.

    `intervals` names domains that share one turn with all hosts below them; any other host has its own.
    """

    intervals: Mapping[str, float] = field(default_factory=lambda: dict(ARXIV_INTERVALS))
    interval: float = 1.0
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _turns: dict[str, _Turn] = field(default_factory=dict, init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    @contextmanager
    def turn(self, host: str) -> Iterator[float]:
        """Wait for this host's turn and hold it within the block; gives the seconds waited."""
        begun_at = self.clock()
        turn = self._turn_of(host)
        with turn.lock:
            early = turn.next_at - self.clock()
            if early > 0:
                self.sleep(early)
            now = self.clock()
            turn.next_at = now + turn.interval
            yield now - begun_at

    def _turn_of(self, host: str) -> _Turn:
        host = host.rstrip(".").lower()
        domain = next((name for name in self.intervals if host == name or host.endswith(f".{name}")), host)
        with self._lock:
            return self._turns.setdefault(domain, _Turn(self.intervals.get(domain, self.interval)))
