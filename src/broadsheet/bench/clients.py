"""Those who speak to a web server while it is measured, each in a process of its own.

``python -m broadsheet.bench.clients ask …`` searches again and again over connections that stay open;
``… write …`` puts papers at a steady pace and looks for each one with the next search. Both print one JSON object.
"""

import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPConnection, HTTPException
from itertools import cycle, islice
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any
from urllib.parse import quote_plus

TIMEOUT = 30.0
CHECKERS = 2


@dataclass
class Visitor:
    """One connection to the search page."""

    host: str
    port: int
    connection: HTTPConnection = field(init=False)

    def __post_init__(self) -> None:
        self.connection = HTTPConnection(self.host, self.port, timeout=TIMEOUT)

    def search(self, text: str) -> tuple[int, bytes]:
        """The status and the page that a query is answered with; 0 where there was no answer."""
        try:
            self.connection.request("GET", f"/search?q={quote_plus(text)}")
            answer = self.connection.getresponse()
            return answer.status, answer.read()
        except (OSError, HTTPException):
            self.connection.close()
            return 0, b""


def ask(port: int, questions: Path, threads: int, part: int, seconds: float) -> dict[str, Any]:
    """Search over so many connections at once: the milliseconds of each answer, errors, and bytes received."""
    texts: list[str] = json.loads(questions.read_text())
    times: list[float] = []
    received: list[int] = []
    errors: list[int] = []
    end = time.perf_counter() + seconds

    def visit(first: int) -> None:
        visitor = Visitor("127.0.0.1", port)
        for text in cycle(texts[first:] + texts[:first]):
            began = time.perf_counter()
            if began > end:
                return
            status, page = visitor.search(text)
            times.append(1e3 * (time.perf_counter() - began))
            received.append(len(page))
            errors.extend([status] if status != 200 else [])

    _in_threads([partial(visit, (part + place) * 61 % len(texts)) for place in range(threads)])
    return {"times": times, "bytes": sum(received), "errors": len(errors)}


def write(port: int, seed: int, per_s: float, seconds: float) -> dict[str, Any]:
    """Put papers at a pace; each is looked for by one search on the web right after its commit."""
    from broadsheet.bench.home import fresh_records
    from broadsheet.library import Library

    library = Library.open(model="none")  # it only writes
    coming = list(islice(fresh_records(seed, f"w{time.time_ns()}x"), round(per_s * seconds) + 1))
    committed: Queue[tuple[str, str] | None] = Queue()
    commits: list[float] = []
    founds: list[float] = []
    missed: list[str] = []

    def check() -> None:
        visitor = Visitor("127.0.0.1", port)
        while one := committed.get():
            asked, shown = one
            at = time.perf_counter()
            status, page = visitor.search(asked)
            if status == 200 and shown.encode() in page:
                founds.append(1e3 * (time.perf_counter() - at))
            else:
                missed.append(asked)

    def put() -> None:
        began = time.perf_counter()
        for number, (asked, shown, record) in enumerate(coming, start=1):
            at = time.perf_counter()
            if at > began + seconds:
                break
            library.put([record])
            done = time.perf_counter()
            commits.append(1e3 * (done - at))
            committed.put((asked, shown))
            time.sleep(max(0.0, began + number / per_s - time.perf_counter()))
        for _ in range(CHECKERS):
            committed.put(None)
        library.close()

    _in_threads([put, *[check] * CHECKERS])
    return {"commits": commits, "founds": founds, "missed": len(missed)}


def _in_threads(acts: list[Callable[[], None]]) -> None:
    threads = [Thread(target=act) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def main(kind: str, *words: str) -> None:
    """Do what the command line says and print what came of it."""
    if kind == "ask":
        port, questions, threads, part, seconds = words
        found = ask(int(port), Path(questions), int(threads), int(part), float(seconds))
    else:
        port, seed, per_s, seconds = words
        found = write(int(port), int(seed), float(per_s), float(seconds))
    print(json.dumps(found))  # noqa: T201 (read by the process that started this one)


if __name__ == "__main__":
    main(*sys.argv[1:])
