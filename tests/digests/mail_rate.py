"""How many digests a second one worker queues, and how many it writes and hands to a mail server on loopback.

Run as a script, never as a test: python tests/digests/mail_rate.py [SUBSCRIBERS] [PAPERS] [PAPERS IN A MAIL]

Each subscriber names one of twelve topics and what trends. The server is aiosmtpd in a process of its own. By the clock
means all that happens on this machine; by its own time, the processor's seconds that this process alone took.
"""

import multiprocessing
import os
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta

TOPICS = [f"cs.{first}{second}" for first in "ABC" for second in "DEFG"]
ABSTRACT = "We show a bound. It is tight. " * 20


def take_all(port: int) -> None:
    """A mail server that takes whatever comes."""
    from aiosmtpd.controller import Controller

    class Taker:
        async def handle_DATA(self, server, session, envelope) -> str:
            return "250 taken"

    Controller(Taker(), hostname="127.0.0.1", port=port).start()
    multiprocessing.parent_process().join()


def start(port: int, home: str) -> None:
    """Set Broadsheet up in an empty home, with its mail going to a port of loopback."""
    os.environ |= {"BROADSHEET_HOME": home, "BROADSHEET_MODEL": "none", "BROADSHEET_MAIL": f"smtp://127.0.0.1:{port}"}
    os.environ["DJANGO_SETTINGS_MODULE"] = "broadsheet.config.settings"
    import django

    django.setup()


def fill(subscribers: int, papers: int, size: int) -> "Library":  # noqa: F821
    """A library with these papers on today's list, and subscribers who are due."""
    from broadsheet.digests.models import Interest, Subscriber
    from broadsheet.library import Library
    from broadsheet.papers import Author, Identifier, Record, Version

    library, now = Library.open(), datetime.now(UTC)
    library.put(
        Record(
            "arxiv",
            (Identifier.parse(f"2611.{n:05}"),),
            Version(
                f"Paper {n} of online algorithms with predictions",
                abstract=ABSTRACT,
                authors=(Author(f"Author {n % 997}"),),
                topics=(TOPICS[n % 12],),
                announced=library.today(),
            ),
            None,
        )
        for n in range(papers)
    )
    times = {"asked_at": now - timedelta(days=2), "confirmed_at": now - timedelta(days=2), "next_at": now}
    Subscriber.objects.bulk_create(
        Subscriber(address=f"reader-{n}@example.org", key=f"{n:022}", size=size, **times) for n in range(subscribers)
    )
    Interest.objects.bulk_create(
        Interest(subscriber=row, kind=kind, value=value)
        for n, row in enumerate(Subscriber.objects.order_by("pk"))
        for kind, value in ((Interest.Kind.TOPIC, TOPICS[n % 12]), (Interest.Kind.TRENDING, ""))
    )
    return library


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def timed(what: str, number: int, work: Callable[[], object]) -> None:
    """Do it and print how many a second there were."""
    by_clock, own = time.perf_counter(), time.process_time()
    done = work()
    by_clock, own = time.perf_counter() - by_clock, time.process_time() - own
    print(f"{what} {number:,}: {number / by_clock:.0f}/s by the clock, {number / own:.0f}/s by its own time ({done})")  # noqa: T201


def main(subscribers: int = 3_000, papers: int = 600, size: int = 10) -> None:
    """Queue and send one issue."""
    with socket.socket() as probe, tempfile.TemporaryDirectory() as home:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        server = multiprocessing.get_context("spawn").Process(target=take_all, args=(port,), daemon=True)
        server.start()
        start(port, home)
        library = fill(subscribers, papers, size)

        from broadsheet.digests import delivering, issuing
        from broadsheet.digests.composing import compose
        from broadsheet.digests.outbox import open_outbox

        def clock() -> datetime:
            return datetime.now(UTC)

        def send() -> dict[str, int]:
            with closing(open_outbox()) as outbox:
                fates = delivering.deliver(compose, outbox, "one", clock, lambda: True, lambda *_: None)
            return {state.value: count for state, count in fates.items()}

        while not listens(port):
            time.sleep(0.1)
        timed("queued", subscribers, lambda: issuing.queue_due(library, clock()))
        timed("sent", subscribers, send)
        server.terminate()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
