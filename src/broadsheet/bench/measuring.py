"""Measuring one engine, in a process that does nothing else: ``python -m broadsheet.bench.measuring``.

It is told the engine's name, the folder of the collection, a folder to keep files in and a pipe, to which it writes a
JSON object a line: how far it is, what it found, what failed. So what it found before it crashed is known.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from itertools import count, cycle, islice
from pathlib import Path
from threading import Event, Thread
from typing import Any

from broadsheet.bench import peers
from broadsheet.bench.corpus import NEAREST, Corpus
from broadsheet.bench.machine import on_disk, resident
from broadsheet.bench.papers import Paper, Question
from broadsheet.bench.peers import Peer
from broadsheet.bench.timing import WARM_UP, percentile, take_times

SECONDS = 30.0
"""How long each kind of search is measured at most, and writing half as long."""
INSERTS = 500
LOOKS = 100
PATIENCE = 5.0
"""Seconds after which a paper that is not found is given up."""
WRITERS = 2
WRITES_A_SECOND = 500
"""How many papers each writer writes at most while searches are measured."""

Figures = dict[str, float | int | None]
Tell = Callable[..., None]


class Measurement:
    """One engine and one collection, and the steps that are taken with them, each giving figures."""

    def __init__(self, peer: Peer, corpus: Corpus, tell: Tell) -> None:
        self.peer = peer
        self.corpus = corpus
        self.tell = tell
        self.papers = corpus.facts.papers
        self.before = resident()

    def build(self) -> Figures:
        """Feed it all papers; what is timed is what the engine does with them."""
        seconds = 0.0
        for batch in self.corpus.batches():
            prepared = self.peer.prepare(batch)
            began = time.perf_counter()
            self.peer.add(prepared)
            seconds += time.perf_counter() - began
            self.tell(step="build", done=batch.first + len(batch), total=self.papers)
        began = time.perf_counter()
        self.peer.finish()
        seconds += time.perf_counter() - began
        return {"build_per_s": round(self.papers / seconds), "build_s": round(seconds, 3)}

    def keyword(self) -> Figures:
        """Search by words; how often the paper is found whose words were asked tells who cuts corners."""
        answers, times = self._search(lambda question: self.peer.keyword(question.text, NEAREST))
        pairs = zip(self.corpus.questions, answers, strict=False)
        meant = [question.meant in answer for question, answer in pairs if question.meant >= 0]
        return {
            "keyword_p50_ms": percentile(times, 50),
            "keyword_p99_ms": percentile(times, 99),
            "keyword_meant10": round(sum(meant) / len(meant), 4) if meant else None,
        }

    def meaning(self) -> Figures:
        """Search by meaning, with the share of the exact ten that is found."""
        answers, times = self._search(lambda question: self.peer.meaning(question.vector, NEAREST))
        pairs = zip(self.corpus.nearest.tolist(), answers, strict=False)
        shares = [len(set(exact) & set(answer)) / len(exact) for exact, answer in pairs]
        return {
            "meaning_p50_ms": percentile(times, 50),
            "meaning_p99_ms": percentile(times, 99),
            "meaning_recall10": round(sum(shares) / len(shares), 4),
        }

    def hybrid(self) -> Figures:
        """Search by both."""
        _, times = self._search(self._ask_both)
        return {"hybrid_p50_ms": percentile(times, 50), "hybrid_p99_ms": percentile(times, 99)}

    def memory(self) -> Figures:
        """What it holds once it was searched, and what lies on disk."""
        held = max(0, resident() - self.before)
        return {
            "bytes_per_paper": round(held / self.papers),
            "disk_per_paper": round(on_disk(self.peer.folder) / self.papers),
        }

    def insert(self) -> Figures:
        """Write one paper after the other; and how long it takes from before a write until a search finds the paper."""
        fresh = self._fresh()
        inserts = min(INSERTS, self.corpus.facts.fresh // 2)
        times = take_times(self.peer.insert, islice(fresh, inserts), SECONDS / 2)
        self.peer.publish()
        looks = take_times(self._write_and_find, islice(fresh, LOOKS), SECONDS / 2, at_least=5)
        return {
            "insert_p50_ms": percentile(times, 50),
            "insert_p99_ms": percentile(times, 99),
            "visible_p50_ms": percentile(looks, 50),
            "visible_p99_ms": percentile(looks, 99),
        }

    def hybrid_writers(self) -> Figures:
        """Search by both while two threads write."""
        fresh, stopping, failures = self._fresh(first=self.papers + 1_000_000), Event(), []
        written = count()

        def write() -> None:
            try:
                while not stopping.wait(1 / WRITES_A_SECOND):
                    self.peer.insert(next(fresh))
                    self.peer.publish()
                    next(written)
            except Exception as error:  # noqa: BLE001 (an engine may raise anything; it is told below)
                failures.append(error)

        writers = [Thread(target=write, daemon=True) for _ in range(WRITERS)]
        began = time.perf_counter()
        for writer in writers:
            writer.start()
        try:
            _, times = self._search(self._ask_both)
        finally:
            stopping.set()
            for writer in writers:
                writer.join()
        if failures:
            raise failures[0]
        return {
            "hybrid_writers_p50_ms": percentile(times, 50),
            "hybrid_writers_p99_ms": percentile(times, 99),
            "hybrid_writers_per_s": round(next(written) / (time.perf_counter() - began)),
        }

    def _ask_both(self, question: Question) -> Any:
        return self.peer.hybrid(question.text, question.vector, NEAREST)

    def _search(self, ask: Callable[[Question], Any]) -> tuple[list[Any], list[float]]:
        """What each question is answered and the milliseconds it takes, a warm-up left out."""
        for question in self.corpus.questions[:WARM_UP]:
            ask(question)
        answers: list[Any] = []
        times = take_times(lambda question: answers.append(ask(question)), self.corpus.questions, SECONDS)
        return answers, times

    def _fresh(self, first: int | None = None) -> Iterator[Paper]:
        """The papers kept back; with a number to begin at, the same ones over and over under new numbers."""
        kept = self.corpus.fresh()
        if first is None:
            return iter(kept)
        numbers = count(first)
        return (Paper(next(numbers), paper.title, paper.abstract, paper.vector) for paper in cycle(kept))

    def _write_and_find(self, paper: Paper) -> None:
        self.peer.insert(paper)
        self.peer.publish()
        end = time.perf_counter() + PATIENCE
        while paper.number not in self._look_for(paper):
            if time.perf_counter() > end:
                raise LookupError(f"a paper that was written was not found within {PATIENCE:.0f} seconds")

    def _look_for(self, paper: Paper) -> Any:
        if "keyword" in self.peer.does:
            return self.peer.keyword(paper.title.rpartition(" ")[2], NEAREST)
        return self.peer.meaning(paper.vector, NEAREST)


STEPS = ("build", "keyword", "meaning", "hybrid", "memory", "insert", "hybrid_writers")
_NEEDS = {"build": set(), "memory": set(), "hybrid_writers": {"hybrid", "insert"}}


def measure(peer: Peer, corpus: Corpus, tell: Tell) -> None:
    """Take every step that the engine can take; tell the figures of each, or why it failed. Without papers, no more."""
    measurement = Measurement(peer, corpus, tell)
    for step in STEPS:
        if not _NEEDS.get(step, {step}) <= peer.does:
            continue
        tell(step=step, done=0, total=1)
        try:
            tell(figures=getattr(measurement, step)())
        except Exception as error:  # noqa: BLE001 (an engine may raise anything; told, and the next step taken)
            tell(error=f"{step}: {type(error).__name__}: {error}")
            if step == "build":
                return
    peer.close()


def main(name: str, collection: str, folder: str, pipe: str) -> None:
    """Measure one engine and end."""
    with os.fdopen(int(pipe), "w", buffering=1) as answers:

        def tell(**line: Any) -> None:
            answers.write(json.dumps(line) + "\n")

        corpus = Corpus(Path(collection))
        papers, dimension = corpus.facts.papers, corpus.facts.dimension
        try:
            peer = peers.make(name, Path(folder), papers, dimension)
        except Exception as error:  # noqa: BLE001 (an engine may raise anything; told)
            tell(error=str(error))
            return
        measure(peer, corpus, tell)


if __name__ == "__main__":
    main(*sys.argv[1:])
