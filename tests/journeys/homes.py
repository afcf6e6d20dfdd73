"""Homes of sites that journeys visit: what is put into them, by this process, beside the server that reads them."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TypeVar

from databases import as_the_site

Answer = TypeVar("Answer")
HOSTILE = Path(__file__).resolve().parents[1] / "web" / "hostile.json"


def inside(home: Path | str, act: Callable[[], Answer]) -> Answer:
    """Do something to the library of a home, or at an address, as its site.

    It is done in a thread of its own: the browser's driver leaves a running loop in this one, where Django asks no
    database.
    """

    def do() -> Answer:
        with as_the_site(str(home)):
            return act()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(do).result()


def fill(home: Path | str, papers: list[dict[str, object]]) -> None:
    """Put papers, given as `sample_papers` gives them."""
    from broadsheet.library import Library
    from broadsheet.papers import Author, Identifier, Record, Version

    def record(paper: dict) -> Record:
        fields = {name: value for name, value in paper.items() if name != "id"}
        fields["announced"] = date.fromisoformat(paper["announced"])
        fields["authors"] = tuple(Author(name) for name in paper["authors"])
        fields["topics"] = tuple(paper["topics"])
        return Record("arxiv", (Identifier.parse(paper["id"]),), Version(**fields))

    inside(home, lambda: Library.open(model="none").put([record(paper) for paper in papers]))


def put_titles(home: Path | str, first: int, *titles: str) -> list[str]:
    """Put papers that have a title only, numbered from `first`; their keys."""
    from broadsheet.library import Library
    from broadsheet.papers import Identifier, Record, Version

    keys = [f"2611.{number:05}" for number in range(first, first + len(titles))]

    named = zip(keys, titles, strict=True)
    records = [Record("arxiv", (Identifier("arxiv", key),), Version(title)) for key, title in named]
    inside(home, lambda: Library.open(model="none").put(records))
    return keys


def sample_papers() -> list[dict[str, object]]:
    """A dozen readable papers of today, and on a day of 2001 a paper for every hostile text."""
    abstract = "We study how a page is chosen for eviction when a prediction of $O(\\log n)$ bits comes with it. " * 5
    readable = [
        {
            "id": f"2611.{n:05}",
            "title": f"Paging with succinct predictions, part {n}, for $n$ requests",
            "abstract": abstract,
            "authors": ["Ada Byron", "Émilie du Châtelet"],
            "topics": ["caching", "online algorithms"],
            "announced": datetime.now(UTC).date().isoformat(),
        }
        for n in range(1, 13)
    ]
    return readable + [
        {
            "id": f"0101.{n:04}",
            "title": f"{text} title"[:2_000],
            "abstract": f"{text} abstract",
            "authors": [text[:500]],
            "topics": [text[:200]],
            "comment": text,
            "announced": "2001-01-02",
        }
        for n, text in enumerate(json.loads(HOSTILE.read_text()), 1)
    ]
