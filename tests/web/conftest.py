"""A small library on SQLite, by words only, that the views are given instead of the process's own."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest


@pytest.fixture
def clock(clock):
    """The views read the real time, so the library's is near it."""
    clock.now = datetime.now(UTC)
    return clock


@pytest.fixture
def library(tmp_path, clock, monkeypatch, sqlite_template) -> Iterator["Library"]:  # noqa: F821
    from broadsheet.library import Library
    from broadsheet.web import feeds, views

    opened = Library.open(shutil.copy(sqlite_template, tmp_path), model="none", clock=clock)
    for doors in (feeds, views):
        monkeypatch.setattr(doors, "shared", lambda: opened)
    yield opened
    opened.close()


@pytest.fixture
def client(library) -> "Client":  # noqa: F821
    from django.test import Client

    return Client(SERVER_NAME="localhost", raise_request_exception=False)


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
