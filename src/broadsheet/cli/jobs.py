"""What the worker does again and again: jobs that know nothing of each other, so that none stops the others."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Event, Thread

from django.db import DatabaseError, connections

from broadsheet.cli.printing import err, out, shown

PATIENCE = 5.0
LONGEST_PATIENCE = 300.0
_TICK = 1.0
"""Seconds from a round in which nothing was due to the next."""


@dataclass(slots=True)
class Job:
    """A piece of work that `do` does if it is due, and says what it did or ""; at least `pause` seconds lie between.

    One that fails is left alone for a while, twice as long each time it fails again.
    """

    name: str
    do: Callable[[], str]
    pause: float = 0.0
    failures: int = 0
    rests_until: float = 0.0

    def tick(self, clock: Callable[[], float] = time.monotonic) -> bool:
        """Do the work, unless the job rests, and tell if any was done; whatever goes wrong is told and tried later."""
        if clock() < self.rests_until:
            return False
        try:
            said = self.do()
        except Exception as error:  # noqa: BLE001 (told here; the other jobs go on)
            rest = min(PATIENCE * 2 ** min(self.failures, 10), LONGEST_PATIENCE)
            self.failures, self.rests_until = self.failures + 1, clock() + rest
            err.print(f"{_blamed(self.name, error)}, trying again in {rest:.0f} seconds: {_told(error)}")
            connections.close_all()
            return False
        self.failures, self.rests_until = 0, clock() + self.pause
        if said:
            out.print(said)
        return bool(said)


def work(lines: Sequence[Sequence[Job]], stopping: Event) -> None:
    """Do what is due of each job until told to stop: those of a line in turn, the lines side by side."""
    threads = [Thread(target=_go_round, args=(jobs, stopping)) for jobs in lines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _go_round(jobs: Sequence[Job], stopping: Event) -> None:
    while not stopping.is_set():
        was_due = False
        for job in jobs:
            was_due |= not stopping.is_set() and job.tick()
        if not was_due:
            stopping.wait(_TICK)
    connections.close_all()  # those of this thread


def _blamed(name: str, error: Exception) -> str:
    return "The database does not answer" if isinstance(error, DatabaseError) else f"{name} failed"


def _told(error: Exception) -> str:
    return shown(f"{type(error).__name__}: {error}".strip().replace("\n", " "))
