"""Taking times: one act after the other, until enough are taken or the time is up."""

import time
from collections.abc import Callable, Iterable
from typing import TypeVar

import numpy as np

Given = TypeVar("Given")

WARM_UP = 20
"""Acts that are not counted: they load pages, fill caches and compile."""


def take_times(
    act: Callable[[Given], object], given: Iterable[Given], seconds: float, at_least: int = 30
) -> list[float]:
    """The milliseconds that an act takes with each of what is given.

    Once `seconds` are over it ends, though not before `at_least` acts.
    """
    times: list[float] = []
    end = time.perf_counter() + seconds
    for one in given:
        began = time.perf_counter()
        act(one)
        ended = time.perf_counter()
        times.append(1e3 * (ended - began))
        if ended > end and len(times) >= at_least:
            break
    return times


def percentile(times: Iterable[float], share: float) -> float | None:
    """The time that `share` percent do not exceed, in microsecond steps; None without any.

    >>> percentile([1.0, 2.0, 30.0], 50)
    2.0
    """
    taken = list(times)
    return round(float(np.percentile(taken, share)), 3) if taken else None
