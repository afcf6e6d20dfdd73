"""Web: a real server, real clients in processes of their own, and a writer whose papers the next search must find."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from broadsheet.bench.corpus import Tell
from broadsheet.bench.drawing import DrawnPapers
from broadsheet.bench.errors import BenchError
from broadsheet.bench.home import filled_library, fresh_records
from broadsheet.bench.site import serving, wait_until_found
from broadsheet.bench.timing import percentile

CLIENTS = 2
CONNECTIONS = 4
"""Processes that search, and how many connections each keeps busy."""
_ASKED = 1_000


def web(papers: int, writes_per_s: float, seconds: float, home: Path, seed: int, tell: Tell) -> dict[str, Any]:
    """Fill the library of this home, serve it, and search and write for some seconds."""
    library = filled_library(papers, seed, tell)
    by_meaning = library.embedder is not None
    asked, shown, probe = next(fresh_records(seed, f"s{time.time_ns()}x"))
    library.put([probe])
    standing = library.count()
    library.close()
    texts = [question.text for question in DrawnPapers(papers, seed).questions(_ASKED, papers)]
    questions = home / "questions.json"
    questions.write_text(json.dumps(texts))
    with serving(home, tell) as (server, port):
        began = time.perf_counter()
        wait_until_found(server, port, asked, shown, tell)
        ready = time.perf_counter() - began
        tell("search and write", 0, 1)
        spent = _cpu_seconds(server.pid)
        clients = [_client("ask", port, questions, CONNECTIONS, part * CONNECTIONS, seconds) for part in range(CLIENTS)]
        writers = [_client("write", port, seed, writes_per_s, seconds)] if writes_per_s else []
        answers = [_answer(client) for client in clients]
        written: dict[str, Any] = _answer(writers[0]) if writers else {"commits": [], "founds": [], "missed": 0}
        spent = _cpu_seconds(server.pid) - spent
    times = [taken for answer in answers for taken in answer["times"]]
    requests = len(times) + len(written["founds"]) + written["missed"]
    return {
        "papers": standing,
        "by_meaning": by_meaning,
        "ready_s": round(ready, 1),
        "requests_per_s": round(len(times) / seconds, 1),
        "p50_ms": percentile(times, 50),
        "p99_ms": percentile(times, 99),
        "cpu_ms_per_request": round(1e3 * spent / max(1, requests), 3),
        "bytes_per_answer": round(sum(answer["bytes"] for answer in answers) / max(1, len(times))),
        "errors": sum(answer["errors"] for answer in answers),
        "writes_per_s": round(len(written["commits"]) / seconds, 1),
        "write_p50_ms": percentile(written["commits"], 50),
        "writes_missed": written["missed"],
        "found_p50_ms": percentile(written["founds"], 50),
        "found_p99_ms": percentile(written["founds"], 99),
    }


def _client(*words: object) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "broadsheet.bench.clients", *map(str, words)]
    return subprocess.Popen(command, stdout=subprocess.PIPE)  # noqa: S603


def _answer(client: "subprocess.Popen[bytes]") -> dict[str, Any]:
    said, _ = client.communicate()
    if client.returncode:
        raise BenchError(f"a client ended with exit code {client.returncode}")
    answer: dict[str, Any] = json.loads(said)
    return answer


def _cpu_seconds(process: int) -> float:
    """Seconds of processor time that a process and those it started have used; 0 where the system does not tell."""
    status = Path(f"/proc/{process}/stat")
    if not status.exists():
        return 0.0
    columns = status.read_text().rpartition(")")[2].split()
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    own = (int(columns[11]) + int(columns[12])) / os.sysconf("SC_CLK_TCK")
    return own + sum(_cpu_seconds(int(child)) for child in children)
