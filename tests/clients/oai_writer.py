"""A program that writes to a library some twenty-five times a second until its input ends; it says when it has begun.

Usage: oai_writer.py FOLDER SEED. It adds, revises, redescribes, withdraws, brings back and erases papers.
"""

import os
import sys
from contextlib import suppress
from pathlib import Path
from random import Random
from threading import Event, Thread
from time import monotonic

A_SECOND = 25
"""How many writes are begun in a second, as long as they do not take longer than that."""


def write(home: str, seed: int) -> int:
    """Write until the input ends; how often."""
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "broadsheet.config.settings"
    os.environ["BROADSHEET_HOME"] = home
    django.setup()
    from broadsheet.library import Library
    from broadsheet.library.errors import NotFound
    from broadsheet.papers import Identifier, Record, Version

    library, chance, done, ended = Library.open(model="none"), Random(seed), 0, Event()
    Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    begun = monotonic()
    while not ended.wait(max(0.0, begun + done / A_SECOND - monotonic())):
        number, kind = chance.randrange(1_200), chance.random()
        identifier, topics = Identifier("arxiv", f"2611.{number:05}"), ("cs.LG", f"topic {done % 7}")
        if kind < 0.03:
            library.put([Record("arxiv", (identifier,), None)])
        elif kind < 0.05:
            with suppress(NotFound):
                (library.erase if kind < 0.035 else library.withdraw)(identifier.value)
        else:
            title = f"Paper {number}" if kind < 0.1 else f"Paper {number}, text {done}"
            library.put([Record("arxiv", (identifier,), Version(title, "Abstract. " * 60, topics=topics))])
        done += 1
        if done == 1:
            print("begun", flush=True)  # noqa: T201
    return done


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "src"))
    print(write(sys.argv[1], int(sys.argv[2])), flush=True)  # noqa: T201
