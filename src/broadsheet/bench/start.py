"""Start: how soon a new process answers, from a snapshot of the index on disk."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from broadsheet.bench.corpus import BATCH, Corpus, Tell
from broadsheet.bench.drawing import DrawnPapers
from broadsheet.bench.errors import BenchError
from broadsheet.bench.live import LiveIndex, apply
from broadsheet.bench.timing import percentile
from broadsheet.search import Query, quantise, search

IDENTITY = "bench"
STARTS = 5


def start(papers: int, folder: Path, seed: int, tell: Tell) -> dict[str, Any]:
    """Build an index, write its snapshot, and start new processes that answer from it, one after the other."""
    corpus = Corpus.write(folder, DrawnPapers(papers, seed), tell, papers, questions=STARTS)
    snapshot = folder / "snapshot"
    saved = _build_and_save(corpus, snapshot, tell)
    answers = []
    for number in range(STARTS):
        answers.append(_start_apart(snapshot, folder, number))
        tell("start", number + 1, STARTS)
    return {
        "papers": papers,
        "save_s": round(saved, 3),
        "snapshot_bytes_per_paper": round(snapshot.stat().st_size / papers),
        "first_answer_s": max(answer["first_answer_s"] for answer in answers),
        "first_answer_p50_s": percentile([answer["first_answer_s"] for answer in answers], 50),
        "load_p50_s": percentile([answer["load_s"] for answer in answers], 50),
        "first_search_p50_s": percentile([answer["search_s"] for answer in answers], 50),
    }


def _build_and_save(corpus: Corpus, snapshot: Path, tell: Tell) -> float:
    index = LiveIndex()
    for batch in corpus.batches(BATCH):
        apply(index, batch, [quantise(vector) for vector in batch.vectors])
        tell("build", batch.first + len(batch), corpus.facts.papers)
    began = time.perf_counter()
    index.save(snapshot, IDENTITY)
    return time.perf_counter() - began


def _start_apart(snapshot: Path, folder: Path, number: int) -> dict[str, float]:
    """Start a process and take the time from before it exists until it has answered."""
    began = time.time()
    command = [sys.executable, "-m", "broadsheet.bench.start", str(snapshot), str(folder), str(number)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        last = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        raise BenchError(f"a new process could not answer from the snapshot: {last[-1]}")
    answer: dict[str, float] = json.loads(done.stdout)
    return {**answer, "first_answer_s": round(answer["answered_at"] - began, 3)}


def answer(snapshot: str, folder: str, number: str) -> dict[str, float]:
    """Load the snapshot and answer one question, with the seconds that each took."""
    question = Corpus(Path(folder)).questions[int(number)]
    began = time.perf_counter()
    index = LiveIndex.load(Path(snapshot), IDENTITY)
    loaded = time.perf_counter()
    found = search(index, Query.parse(question.text), quantise(question.vector), limit=10)
    searched = time.perf_counter()
    if not found.hits:
        raise BenchError("the snapshot answers nothing")
    return {"load_s": loaded - began, "search_s": searched - loaded, "answered_at": time.time()}


if __name__ == "__main__":
    print(json.dumps(answer(*sys.argv[1:])))  # noqa: T201 (read by the process that started this one)
