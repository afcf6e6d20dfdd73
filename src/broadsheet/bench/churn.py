"""Churn: papers come and go in the live index while others are searched for, and recall must not decay.

Every answer that recall is judged by is noted with the sequence number it was given at, so it can be compared with the
papers that stood at that very number.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import cycle
from threading import Event, Thread
from typing import Any

import numpy as np
from numpy.typing import NDArray

from broadsheet.bench.corpus import BATCH, NEAREST, Tell
from broadsheet.bench.drawing import DrawnPapers
from broadsheet.bench.live import LiveIndex, apply, nearest, puts
from broadsheet.bench.papers import Question, Vectors
from broadsheet.bench.timing import percentile
from broadsheet.search import Change, Index, Put, Query, Withdraw, quantise, search

SHARE = 0.3
"""Of the papers, how many are replaced."""
AT_ONCE = 100
"""How many papers come, and as many go, in one batch."""
READERS = 2
_ASKED = 500
_JUDGED = 200
_JUDGED_EVERY = 5
_NEVER = np.iinfo(np.int64).max


@dataclass
class _Lives:
    """When each paper came and went, by sequence number, with its vector: what exact answers are made of."""

    vectors: Vectors
    born: NDArray[np.int64]
    died: NDArray[np.int64]

    def recall(self, question: Question, answer: Sequence[int], at: int) -> float:
        """The share of the exact nearest at a sequence number that an answer holds."""
        cosines = self.vectors @ question.vector
        cosines[(self.born > at) | (self.died <= at)] = -np.inf
        exact = np.argpartition(-cosines, NEAREST - 1)[:NEAREST]
        return len(set(exact.tolist()) & set(answer)) / NEAREST


@dataclass
class _Reading:
    """What reader threads did."""

    times: list[float] = field(default_factory=list)
    judged: list[tuple[Question, list[int], int]] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)


def churn(papers: int, per_s: int, seed: int, tell: Tell) -> dict[str, Any]:
    """Replace 30 % of the papers, `per_s` at most coming and as many going a second (0: as many as can be)."""
    coming = max(1, round(papers * SHARE))
    drawn = DrawnPapers(papers + coming, seed)
    index: Index = LiveIndex()
    lives = _fill(index, drawn, papers, tell)
    questions = drawn.questions(_ASKED, papers)
    batches = _batches(drawn, papers, index.position, lives, seed)
    before = _judge(index, questions, lives)
    reading, stopping = _Reading(), Event()
    readers = [Thread(target=_read, args=(index, questions, reading, stopping, part)) for part in range(READERS)]
    for reader in readers:
        reader.start()
    try:
        seconds = _write(index, batches, per_s, tell)
    finally:
        stopping.set()
        for reader in readers:
            reader.join()
    if reading.failures:
        raise reading.failures[0]
    during = [lives.recall(*judged) for judged in reading.judged[:: max(1, len(reading.judged) // _JUDGED)]]
    return {
        "papers": papers,
        "replaced": coming,
        "seconds": round(seconds, 3),
        "inserts_per_s": round(coming / seconds),
        "deletes_per_s": round(coming / seconds),
        "searches_per_s": round(len(reading.times) / seconds),
        "search_p50_ms": percentile(reading.times, 50),
        "search_p99_ms": percentile(reading.times, 99),
        "recall10_before": before,
        "recall10_during": round(sum(during) / len(during), 4) if during else None,
        "recall10_after": _judge(index, questions, lives),
    }


def _fill(index: Index, drawn: DrawnPapers, papers: int, tell: Tell) -> _Lives:
    vectors = np.empty((drawn.count, drawn.dimension), np.float32)
    born = np.full(drawn.count, _NEVER)
    for batch in drawn.batches():
        vectors[batch.first : batch.first + len(batch)] = batch.vectors
        for start in range(0, min(len(batch), papers - batch.first), BATCH):
            some = [batch[place] for place in range(start, min(start + BATCH, papers - batch.first, len(batch)))]
            apply(index, some, [quantise(paper.vector) for paper in some])
            born[some[0].number : some[-1].number + 1] = index.position
        tell("build", min(batch.first + len(batch), papers), papers)
    return _Lives(vectors, born, np.full(drawn.count, _NEVER))


def _batches(drawn: DrawnPapers, papers: int, position: int, lives: _Lives, seed: int) -> list[list[Change]]:
    """The changes to come, made before any is timed; what they do is noted in `lives`."""
    going = np.random.default_rng([seed, 4]).permutation(papers)[: drawn.count - papers].tolist()
    coming = [paper for batch in drawn.batches() for paper in batch if paper.number >= papers]
    batches = []
    for start in range(0, len(coming), AT_ONCE):
        some = coming[start : start + AT_ONCE]
        changes = puts(some, [quantise(paper.vector) for paper in some], position)
        for change in changes:
            if isinstance(change, Put):
                lives.born[change.paper] = change.seq + 1  # the next change brings its vector
        position = changes[-1].seq
        for paper in going[start : start + AT_ONCE]:
            position += 1
            changes.append(Withdraw(position, paper))
            lives.died[paper] = position
        batches.append(changes)
    return batches


def _write(index: Index, batches: Sequence[list[Change]], per_s: int, tell: Tell) -> float:
    began = time.perf_counter()
    for number, changes in enumerate(batches, start=1):
        index.apply(changes, changes[-1].seq)
        ahead = number * AT_ONCE / per_s - (time.perf_counter() - began) if per_s else 0
        if ahead > 0:
            time.sleep(ahead)
        tell("churn", number, len(batches))
    return time.perf_counter() - began


def _read(index: Index, questions: Sequence[Question], reading: _Reading, stopping: Event, part: int) -> None:
    """Search by words and meaning until told to stop; every fifth answer is by meaning alone and kept."""
    try:
        for number, question in enumerate(cycle([*questions[part:], *questions[:part]])):
            if stopping.is_set():
                return
            began = time.perf_counter()
            if number % _JUDGED_EVERY:
                search(index, Query.parse(question.text), quantise(question.vector), limit=NEAREST)
            else:
                at = index.position
                reading.judged.append((question, nearest(index, question.vector, NEAREST, at), at))
            reading.times.append(1e3 * (time.perf_counter() - began))
    except Exception as error:  # noqa: BLE001 (raised by who started the thread)
        reading.failures.append(error)


def _judge(index: Index, questions: Sequence[Question], lives: _Lives) -> float:
    at = index.position
    shares = [lives.recall(one, nearest(index, one.vector, NEAREST, at), at) for one in questions[:_JUDGED]]
    return round(sum(shares) / len(shares), 4)
