"""A library of the bench's own: a home that no option of the reader's leads away from, filled with drawn papers."""

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from broadsheet.bench.corpus import Tell
from broadsheet.bench.drawing import DIMENSION, DrawnPapers
from broadsheet.bench.errors import BenchError
from broadsheet.bench.papers import Paper
from broadsheet.papers import Author, Identifier, Record, Version
from broadsheet.search import Embedder, Vector, quantise

if TYPE_CHECKING:
    from broadsheet.library import Library

_CLEARED = "DATABASE MAIL MAIL_PACE HTTPS HOSTS SITE PROXIES FEED_DAY OIDC BOUNCES DEBUG".split()
_SOURCE = "bench"
_A_MONTH = 50_000
_DAYS = 3_650
_LAST_DAY = date(2026, 11, 20)


def live_in(folder: Path, **options: str) -> None:
    """Make a folder the home of this process and of those it starts; of the reader's options the model alone stays.

    Raises BenchError where the options were read before: then the library of the reader would be written to.
    """
    from django.conf import settings

    if settings.configured:
        raise BenchError("this measures in a library of its own, and the options of this process are read already")
    chosen = dict.fromkeys(_CLEARED, "") | {"HOME": str(folder)} | options
    for name, value in chosen.items():
        os.environ[f"BROADSHEET_{name}"] = value


def filled_library(papers: int, seed: int, tell: Tell) -> "Library":
    """The library of this home with so many papers at least, each with a vector if there is an encoder."""
    from broadsheet.library import Library

    opened = Library.open()
    real = opened.embedder
    library = Library(opened.alias, lambda: DrawnEmbedder(real, seed)) if real else opened
    standing = library.count()
    drawn = DrawnPapers(papers, seed)
    batches = (batch for batch in drawn.batches() if batch.first + len(batch) > standing)
    for batch in batches:
        library.put(record(paper) for paper in batch)
        tell("store", batch.first + len(batch), papers)
    library.embed(lambda done, total: tell("vectors", done, total))
    library.catch_up(progress=lambda position, head: tell("index", position, head))
    library.keep_snapshot()  # as a worker would: the next process starts from it
    return library


def record(paper: Paper) -> Record:
    """A paper as a source would bring it: with an identifier, authors, topics and a day."""
    month, number = divmod(paper.number, _A_MONTH)
    name = Identifier("arxiv", f"{15 + month // 12:02}{month % 12 + 1:02}.{number:05}")
    words = paper.title.split()
    authors = tuple(Author(f"{given.title()} {family.title()}") for given, family in pairwise(words[:3]))
    day = _LAST_DAY - timedelta(days=paper.number * 7919 % _DAYS)
    topics = (f"cs.{chr(65 + paper.number % 26)}{chr(65 + paper.number // 26 % 3)}",)
    version = Version(paper.title, paper.abstract, authors, topics, published=day, announced=day)
    return Record(_SOURCE, (name,), version)


def fresh_records(seed: int, label: str) -> Iterator[tuple[str, str, Record]]:
    """Papers that no library has, endlessly: a word to ask for, another that only the answer shows, and the record.

    Two labels never give the same.
    """
    drawn = DrawnPapers(1_000, seed + 1)
    number = 0
    while True:
        for batch in drawn.batches():
            for paper in batch:
                number += 1
                asked, shown = f"z{number}ask{label}x", f"z{number}show{label}x"
                title = f"{paper.title} {asked} {shown}"
                yield asked, shown, Record(_SOURCE, (), Version(title, paper.abstract, published=_LAST_DAY))


class DrawnEmbedder:
    """An encoder whose passages get vectors drawn from their text, in no time; queries are embedded by the real one.

    So a library of any size has vectors of the real kind and number, and a search costs what it costs.
    """

    def __init__(self, real: Embedder, seed: int) -> None:
        if real.dimension != DIMENSION:
            raise BenchError(f"drawn vectors have {DIMENSION} components, those of {real.name} {real.dimension}")
        self.name = real.name
        self.dimension = real.dimension
        self.embed_query: Callable[[str], Vector] = real.embed_query
        self._drawn = DrawnPapers(0, seed)

    def embed_passages(self, texts: Sequence[str]) -> list[Vector]:
        """Draw a vector for each text, the same for the same."""
        seeds = (int.from_bytes(hashlib.sha256(text.encode("utf-8", "replace")).digest()[:8]) for text in texts)
        return [quantise(self._drawn.vector(seed)) for seed in seeds]
