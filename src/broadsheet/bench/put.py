"""Put: one paper at a time into a real library, from its commit until a search finds it, while threads search."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from broadsheet.bench.corpus import Tell
from broadsheet.bench.drawing import DrawnPapers
from broadsheet.bench.errors import BenchError
from broadsheet.bench.home import filled_library, fresh_records
from broadsheet.bench.timing import percentile

if TYPE_CHECKING:
    from broadsheet.library import Library

THREADS = 8
PATIENCE = 10.0
_ASKED = 500


@dataclass
class _Searching:
    """What the searching threads did."""

    times: list[float] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)


def put(papers: int, writes: int, searches_per_s: float, seed: int, tell: Tell) -> dict[str, Any]:
    """Write so many papers one by one; all threads together search so often a second at most (0: without a pause)."""
    library = filled_library(papers, seed, tell)
    asked = [question.text for question in DrawnPapers(papers, seed).questions(_ASKED, papers)]
    searching, stopping = _Searching(), Event()
    pause = THREADS / searches_per_s if searches_per_s else 0.0
    threads = [
        Thread(target=_search, args=(library, asked[part:] + asked[:part], pause, searching, stopping))
        for part in range(THREADS)
    ]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    try:
        commits, founds = _write(library, writes, seed, tell)
    finally:
        stopping.set()
        for thread in threads:
            thread.join()
    seconds = time.perf_counter() - began
    if searching.failures:
        raise searching.failures[0]
    return {
        "papers": library.count(),
        "by_meaning": library.embedder is not None,
        "writes": len(commits),
        "put_p50_ms": percentile(commits, 50),
        "put_p99_ms": percentile(commits, 99),
        "found_p50_ms": percentile(founds, 50),
        "found_p99_ms": percentile(founds, 99),
        "searches_per_s": round(len(searching.times) / seconds, 1),
        "search_p50_ms": percentile(searching.times, 50),
        "search_p99_ms": percentile(searching.times, 99),
    }


def _write(library: "Library", writes: int, seed: int, tell: Tell) -> tuple[list[float], list[float]]:
    """The milliseconds that each put took to its commit, and those from there until a search found the paper."""
    commits: list[float] = []
    founds: list[float] = []
    label = f"p{time.time_ns()}x"  # a folder that is kept has the papers of earlier runs
    for number, (word, _, record) in enumerate(islice(fresh_records(seed, label), writes), start=1):
        began = time.perf_counter()
        library.put([record])
        committed = time.perf_counter()
        while not any(word in hit.title for hit in library.search(word, limit=1).hits):
            if time.perf_counter() > committed + PATIENCE:
                raise BenchError(f"a paper was not found within {PATIENCE:.0f} seconds of its commit")
        commits.append(1e3 * (committed - began))
        founds.append(1e3 * (time.perf_counter() - committed))
        tell("put", number, writes)
    return commits, founds


def _search(library: "Library", asked: Sequence[str], pause: float, searching: _Searching, stopping: Event) -> None:
    try:
        for text in cycle(asked):
            if stopping.wait(pause) if pause else stopping.is_set():
                return
            began = time.perf_counter()
            library.search(text, limit=10)
            searching.times.append(1e3 * (time.perf_counter() - began))
    except Exception as error:  # noqa: BLE001 (raised by who started the thread)
        searching.failures.append(error)
    finally:
        library.close()
