"""A fresh library on each database, by words only unless a test asks for more."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from broadsheet.papers import Author, Identifier, Record, Version


class Clock:
    """A clock that tests set; it never runs by itself."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **duration: float) -> None:
        self.now += timedelta(**duration)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def library(database_url: str, clock: Clock) -> Iterator["Library"]:  # noqa: F821
    from broadsheet.library import Library

    opened = Library.open(database_url, model="none", clock=clock)
    yield opened
    opened.close()


@pytest.fixture
def record() -> Callable[..., Record]:
    """Make a record in one line: record("A title", "2104.12255", abstract="…", authors=["Ann Lee"], source="arxiv")."""

    def make(title: str, *names: str, source: str = "notes", number: int | None = None, authors=(), **fields) -> Record:
        version = Version(title, authors=tuple(Author.parse(author) for author in authors), **fields)
        return Record(source, tuple(Identifier.parse(name) for name in names), version, number)

    return make
