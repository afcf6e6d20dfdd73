"""A small library on SQLite, by words only, that the views are given instead of the process's own."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest

from broadsheet.papers import Author, Identifier, Link, Record, Version


class Clock:
    """A clock that tests set; it never runs by itself."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **duration: float) -> None:
        self.now += timedelta(**duration)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def library(tmp_path, clock, monkeypatch, sqlite_template) -> Iterator["Library"]:  # noqa: F821
    from broadsheet.library import Library
    from broadsheet.web import views

    opened = Library.open(shutil.copy(sqlite_template, tmp_path), model="none", clock=clock)
    monkeypatch.setattr(views, "shared", lambda: opened)
    yield opened
    opened.close()


@pytest.fixture
def client(library) -> "Client":  # noqa: F821
    from django.test import Client

    return Client(SERVER_NAME="localhost", raise_request_exception=False)


@pytest.fixture
def record() -> Callable[..., Record]:
    """Make a record in one line: record("A title", "2104.12255", abstract="…", authors=["Ann Lee"], links=["…"])."""

    def make(title: str, *names: str, source: str = "notes", authors=(), links=(), **fields) -> Record:
        version = Version(
            title,
            authors=tuple(Author(author) for author in authors),
            links=tuple(Link("code", link) for link in links),
            **fields,
        )
        return Record(source, tuple(Identifier.parse(name) for name in names), version)

    return make


class Tags(HTMLParser):
    """The tags of a page with their attributes, as a parser sees them, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def links(self) -> list[str]:
        return [attributes.get("href") or "" for tag, attributes in self.tags if tag == "a"]


@pytest.fixture
def parsed() -> Callable[..., Tags]:
    """Parse a response into tags and text."""
    return lambda response: Tags(response.content.decode())
