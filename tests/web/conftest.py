"""A small library on SQLite, by words only, that the views are given instead of the process's own."""

from collections.abc import Callable
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest


@pytest.fixture
def clock(clock):
    """The views read the real time, so the library's is near it."""
    clock.now = datetime.now(UTC)
    return clock


@pytest.fixture
def library(library_on_sqlite) -> "Library":  # noqa: F821
    return library_on_sqlite


@pytest.fixture
def library_at_noon(site_library, clock) -> "Library":  # noqa: F821
    """The site's library, on either database; its clock stands a moment after noon of 21 November 2026."""
    clock.now = datetime(2026, 11, 21, 12, 0, 0, 250_000, tzinfo=UTC)
    return site_library


@pytest.fixture
def client(library) -> "Client":  # noqa: F821
    from django.test import Client

    return Client(SERVER_NAME="localhost", raise_request_exception=False)


@pytest.fixture
def signed_in(library, reader) -> Callable[..., "Client"]:  # noqa: F821
    """The client of a reader who is signed in; with `checks` a form needs its token."""
    from django.test import Client

    def sign_in(who: object = "ann", checks: bool = False, **fields: object) -> Client:
        client = Client(SERVER_NAME="localhost", raise_request_exception=False, enforce_csrf_checks=checks)
        client.force_login(reader(who, **fields) if isinstance(who, str) else who)
        return client

    return sign_in


@pytest.fixture
def put_numbered(library, record) -> Callable[..., None]:
    """Put papers of numbers, each with a text: put_numbered(1, 2, text="second", source="arxiv")."""

    def put(*numbers: int, text: str = "first", source: str = "notes") -> None:
        library.put([record(f"Paper {n}, {text}", f"2611.{n:05}", source=source, topics=("cs.LG",)) for n in numbers])

    return put


@pytest.fixture
def short_oai_pages(monkeypatch) -> None:
    """Lists of OAI-PMH come in pages of three."""
    from broadsheet.web.oai import verbs

    monkeypatch.setattr(verbs, "PAGE", 3)


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


@pytest.fixture
def options(monkeypatch) -> Callable[..., None]:
    """Set Django's settings for one test: options(SIGN_UP=("closed",))."""
    from django.conf import settings

    def set_options(**values: object) -> None:
        for name, value in values.items():
            monkeypatch.setattr(settings, name, value)

    return set_options


@pytest.fixture
def mailbox(options) -> list["EmailMessage"]:  # noqa: F821
    """The mails that the site sends in this test; no limit of mails remembers another test."""
    from django.core import mail
    from django.core.cache import cache

    options(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend")
    cache.clear()
    mail.outbox = []
    return mail.outbox
