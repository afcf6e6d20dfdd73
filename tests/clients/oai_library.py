"""A library that harvesters copy while another process writes to it, and what their copies must be."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

PAPERS = 1_100
WRITER = Path(__file__).with_name("oai_writer.py")

Copy = dict[str, str | None]
"""Titles by identifier, None for what is gone."""


def fill() -> None:
    """Put papers as arXiv has them, all of one transaction for each five hundred; and one without any name."""
    from broadsheet.library import Library
    from broadsheet.papers import Author, Identifier, Record, Version

    library = Library.open(model="none")
    texts = {
        "abstract": "We study how a page is chosen for eviction. " * 20,
        "authors": (Author("Ada Byron", "Rome"), Author("Émilie du Châtelet")),
        "topics": ("cs.DS", "hep-th"),
        "published": date(2026, 11, 1),
        "updated": date(2026, 11, 2),
    }
    library.put(
        Record("arxiv", (Identifier("arxiv", f"2611.{n:05}"),), Version(f"Paper {n}", **texts)) for n in range(PAPERS)
    )
    library.put([Record("notes", (), Version("A paper that nobody numbered", topics=("graph theory",)))])


def contents() -> Copy:
    """The library as a harvester should have it."""
    from broadsheet.library.changes_since import states
    from broadsheet.library.models import Paper
    from broadsheet.web.oai.identifiers import name_of

    numbers = list(Paper.objects.values_list("pk", flat=True))
    copy: Copy = {}
    for start in range(0, len(numbers), 500):
        for state in states("default", numbers[start : start + 500], is_brief=True).values():
            copy[name_of(state)] = None if state.is_gone else state.version.title
    return copy


@contextmanager
def being_written(home: Path, seed: int) -> Iterator[list[int]]:
    """A process that writes to a home throughout the block; afterwards the list holds how often it did."""
    writes: list[int] = []
    with subprocess.Popen(
        [sys.executable, str(WRITER), str(home), str(seed)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as writer:
        try:
            assert writer.stdout.readline() == "begun\n"
            yield writes
            told, _ = writer.communicate(timeout=60)
            assert writer.returncode == 0
            writes.append(int(told))
        finally:
            writer.kill()
