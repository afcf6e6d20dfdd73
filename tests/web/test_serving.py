"""The site as a server calls it: requests are answered whole, in threads that stay."""

import asyncio
from http import HTTPStatus
from pathlib import Path

import pytest
from django.db import connections
from django.db.backends.signals import connection_created

STYLE = "/static/web/style.css"


def scope(path="/", method="GET", **headers):
    names = {"host": "localhost"} | headers
    return {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in names.items()],
        "server": ("localhost", 80),
        "client": ("127.0.0.1", 5),
        "scheme": "http",
        "http_version": "1.1",
    }


async def answer_of(site, asked, *messages):
    """The messages that a request is answered with."""
    coming = list(messages) or [{"type": "http.request", "body": b"", "more_body": False}]
    sent = []

    async def receive():
        return coming.pop(0)

    async def send(message):
        sent.append(message)

    await site(asked, receive, send)
    return sent


@pytest.fixture
def ask(library, client):
    """Asks one site for pages, one after the other."""
    from broadsheet.config.serving import Site

    site = Site(threads=1)
    yield lambda *args, messages=(), **kwargs: asyncio.run(answer_of(site, scope(*args, **kwargs), *messages))
    site.threads.submit(connections.close_all).result()
    site.threads.shutdown()


def test_a_page_comes_whole_with_its_headers(ask):
    start, body = ask("/healthz")
    assert start["status"] == HTTPStatus.OK
    assert (b"X-Content-Type-Options", b"nosniff") in start["headers"]
    assert body["body"] == b"ok\n"
    assert not body.get("more_body")


def test_a_page_may_set_cookies(ask):
    start, _ = ask("/accounts/login/")
    assert [name for name, value in start["headers"] if value.startswith(b"csrftoken=")] == [b"Set-Cookie"]


def test_a_file_is_streamed_to_its_end(ask):
    from django.contrib.staticfiles import finders

    start, *parts = ask(STYLE)
    assert start["status"] == HTTPStatus.OK
    assert b"".join(part.get("body", b"") for part in parts) == Path(finders.find("web/style.css")).read_bytes()
    assert [part.get("more_body", False) for part in parts] == [True] * (len(parts) - 1) + [False]


def test_a_body_that_comes_in_pieces_is_read_whole(ask):
    pieces = [{"type": "http.request", "body": b"a=", "more_body": True}, {"type": "http.request", "body": b"b"}]
    start, _ = ask("/accounts/login/", "POST", messages=pieces)
    assert start["status"] == HTTPStatus.FORBIDDEN  # no token


def test_who_leaves_before_the_end_of_the_request_gets_no_answer(ask):
    assert ask("/", messages=[{"type": "http.disconnect"}]) == []


def test_requests_share_the_connection_of_their_thread(ask):
    opened = []
    note = lambda **_: opened.append(1)  # noqa: E731
    connection_created.connect(note)
    try:
        for _ in range(3):
            assert ask("/healthz")[0]["status"] == HTTPStatus.OK
    finally:
        connection_created.disconnect(note)
    assert len(opened) == 1


def test_other_protocols_are_refused(ask):
    from broadsheet.config.serving import Site

    with pytest.raises(ValueError, match="HTTP"):
        asyncio.run(answer_of(Site(threads=1), {"type": "websocket"}))
