"""Digest: mails that one worker queues, writes and hands over a second, to a mail server in a process of its own."""

import multiprocessing
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from broadsheet.bench.corpus import Tell
from broadsheet.bench.drawing import DrawnPapers
from broadsheet.bench.errors import BenchError
from broadsheet.bench.home import live_in
from broadsheet.papers import Author, Identifier, Record, Version

if TYPE_CHECKING:
    from broadsheet.library import Library

PAPERS = 600
"""How many papers the day has."""
TOPICS = tuple(f"cs.{first}{second}" for first in "ABC" for second in "DEFG")
_READY_WITHIN = 60.0


def digest(subscribers: int, home: Path, seed: int, tell: Tell) -> dict[str, Any]:
    """Fill a day and a list of subscribers whose issue is due, then queue and hand over."""
    with _mail_server() as port:
        live_in(home, MAIL=f"smtp://127.0.0.1:{port}", MODEL="none")
        from broadsheet.library import Library

        library = Library.open()
        tell("papers", 0, PAPERS)
        library.put(_todays(library, seed))
        now = datetime.now(UTC)
        tell("subscribers", 0, subscribers)
        _subscribe(subscribers, now)
        tell("queue", 0, subscribers)
        queueing = _queue(library)
        tell("write and hand over", 0, subscribers)
        handing, fates = _hand_over(library)
    return {
        "subscribers": subscribers,
        "papers": PAPERS,
        "queued_per_s": round(subscribers / queueing[0], 1),
        "queued_per_cpu_s": round(subscribers / queueing[1], 1),
        "handed_over_per_s": round(subscribers / handing[0], 1),
        "handed_over_per_cpu_s": round(subscribers / handing[1], 1),
        "fates": fates,
    }


def _todays(library: "Library", seed: int) -> Iterator[Record]:
    """Papers of today in twelve topics, each author with a dozen or so."""
    (batch,) = DrawnPapers(PAPERS, seed).batches()
    day = library.today()
    for paper in batch:
        authors = (Author(f"Author {paper.number % 40}"),)
        version = Version(paper.title, paper.abstract, authors, (TOPICS[paper.number % len(TOPICS)],), announced=day)
        yield Record("bench", (Identifier("arxiv", f"2611.{paper.number + 1:05}"),), version)


def _subscribe(count: int, now: datetime) -> None:
    """Subscribers of one topic and of what trends, whose issue is due now."""
    from broadsheet.digests.models import Interest, Subscriber

    asked = now - timedelta(days=2)
    Subscriber.objects.bulk_create(
        Subscriber(address=f"r{n}@example.org", key=f"{n:022}", asked_at=asked, confirmed_at=asked, next_at=now)
        for n in range(count)
    )
    Interest.objects.bulk_create(
        Interest(subscriber=subscriber, kind=kind, value=value)
        for n, subscriber in enumerate(Subscriber.objects.order_by("pk"))
        for kind, value in ((Interest.Kind.TOPIC, TOPICS[n % len(TOPICS)]), (Interest.Kind.TRENDING, ""))
    )


def _queue(library: "Library") -> tuple[float, float]:
    """Seconds on the clock and of the processor that queueing took."""
    from broadsheet.digests import issuing

    wall, cpu = time.perf_counter(), time.process_time()
    issuing.queue_due(library, datetime.now(UTC))
    return time.perf_counter() - wall, time.process_time() - cpu


def _hand_over(library: "Library") -> tuple[tuple[float, float], dict[str, int]]:
    """Seconds on the clock and of the processor that handing over took, and what became of the mails."""
    from broadsheet.digests.posting import post

    wall, cpu = time.perf_counter(), time.process_time()
    _, fates = post(library, lambda: datetime.now(UTC), lambda: True)
    return (time.perf_counter() - wall, time.process_time() - cpu), {
        str(fate): number for fate, number in fates.items()
    }


@contextmanager
def _mail_server() -> Iterator[int]:
    """A mail server on loopback that takes every mail; its port. Raises BenchError where aiosmtpd is not installed."""
    here, there = multiprocessing.Pipe(duplex=False)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = multiprocessing.get_context("spawn").Process(target=_take_mails, args=(port, there), daemon=True)
    server.start()
    there.close()
    try:
        _wait_until_ready(here)
        yield port
    finally:
        server.terminate()
        server.join()


def _wait_until_ready(server: Connection) -> None:
    try:
        if server.poll(_READY_WITHIN) and server.recv():
            return
    except EOFError:
        pass
    raise BenchError("the mail server did not start; the extra bench installs aiosmtpd")


def _take_mails(port: int, ready: Connection) -> None:
    from aiosmtpd.controller import Controller

    class Taking:
        async def handle_DATA(self, *_: object) -> str:  # noqa: N802 (aiosmtpd's name)
            return "250 taken"

    controller = Controller(Taking(), hostname="127.0.0.1", port=port)
    controller.start()
    ready.send(True)
    ready.close()
    time.sleep(24 * 3_600)  # until it is ended
