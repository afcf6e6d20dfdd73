"""The door at /mcp as a server calls it: who is let in, how much, how often; and what is there without the extra."""

import asyncio
import json
import os
import subprocess
import sys
from http import HTTPStatus

import pytest
from django.db import connections

PING = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
JSON = {"content-type": "application/json", "accept": "application/json, text/event-stream"}


async def answer_of(site, scope, pieces):
    coming = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces[:-1]]
    coming.append({"type": "http.request", "body": pieces[-1], "more_body": False})
    sent = []

    async def receive():
        return coming.pop(0) if coming else {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    await site(scope, receive, send)
    return sent


class Answer:
    def __init__(self, messages):
        self.status = messages[0]["status"]
        self.headers = {name.decode().lower(): value.decode() for name, value in messages[0]["headers"]}
        self.body = b"".join(message.get("body", b"") for message in messages[1:])

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def error(self):
        return self.json["error"]["message"]


@pytest.fixture
def library(library_on_sqlite, shelf):
    library_on_sqlite.put(shelf(library_on_sqlite.today()))
    return library_on_sqlite


@pytest.fixture
def site(library):
    from broadsheet.config.serving import Site

    site = Site(threads=1)
    yield site
    site.threads.submit(connections.close_all).result()
    site.threads.shutdown()


@pytest.fixture
def ask(site):
    def ask(message=PING, method="POST", path="/mcp", client="192.0.2.1", **headers):
        pieces = message if isinstance(message, list) else [json.dumps(message).encode()]
        given = {"host": "localhost", **JSON, **{name.replace("_", "-"): value for name, value in headers.items()}}
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": b"",
            "headers": [(name.encode(), value.encode()) for name, value in given.items() if value is not None],
            "server": ("localhost", 80),
            "client": (client, 5),
            "scheme": "http",
            "http_version": "1.1",
        }
        return Answer(asyncio.run(answer_of(site, scope, pieces)))

    return ask


@pytest.fixture
def allow(monkeypatch):
    from django.conf import settings

    return lambda *hosts: monkeypatch.setattr(settings, "ALLOWED_HOSTS", list(hosts))


@pytest.mark.parametrize("path", ["/mcp", "/mcp/"])
def test_a_message_is_answered_whole_as_json_without_a_session(ask, path):
    answer = ask(path=path)
    assert (answer.status, answer.json) == (HTTPStatus.OK, {"jsonrpc": "2.0", "id": 1, "result": {}})
    assert answer.headers["content-type"] == "application/json"
    assert (answer.headers["cache-control"], answer.headers["x-content-type-options"]) == ("no-store", "nosniff")
    assert "mcp-session-id" not in answer.headers


def test_a_message_may_come_in_pieces(ask):
    text = json.dumps(PING).encode()
    assert ask([text[:9], text[9:20], text[20:]]).json["result"] == {}


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "localhost@evil.example", "", None, "[::2]"]
)
def test_a_foreign_host_is_misdirected(ask, host):
    answer = ask(host=host)
    assert answer.status == HTTPStatus.MISDIRECTED_REQUEST
    assert answer.error == "This site does not answer to this host name."


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "[::1]:8000", "LOCALHOST"])
def test_the_hosts_of_the_site_are_answered(ask, host):
    assert ask(host=host).status == HTTPStatus.OK


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "null",
        "https://localhost.evil.example",
        "file://localhost",
        "localhost",
        "http://[",
        "http:///",
    ],
)
def test_a_page_of_another_site_may_not_ask(ask, origin):
    answer = ask(origin=origin)
    assert (answer.status, answer.error) == (HTTPStatus.FORBIDDEN, "Pages of other sites may not ask here.")


def test_a_page_of_this_site_may_ask(ask, allow):
    allow("papers.example", ".lab.example")
    assert ask(host="papers.example", origin="https://papers.example").status == HTTPStatus.OK
    assert ask(host="a.lab.example:8000", origin="https://b.lab.example").status == HTTPStatus.OK
    assert ask(host="papers.example", origin="http://localhost").status == HTTPStatus.FORBIDDEN


def test_a_site_of_any_host_still_refuses_pages_of_others(ask, allow):
    allow("*")
    assert ask(host="papers.example", origin="https://papers.example").status == HTTPStatus.OK
    assert ask(host="papers.example", origin="https://evil.example").status == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT", "OPTIONS", "HEAD"])
def test_only_post_is_answered_so_no_stream_is_held_open(ask, method):
    answer = ask(method=method)
    assert (answer.status, answer.headers["allow"]) == (HTTPStatus.METHOD_NOT_ALLOWED, "POST")
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", None])
def test_what_a_form_of_another_site_can_send_is_refused(ask, kind):
    assert ask(content_type=kind).status == HTTPStatus.UNSUPPORTED_MEDIA_TYPE


def test_a_body_over_the_limit_is_refused_however_it_comes(ask):
    from broadsheet.mcp.http import BODY_LIMIT

    for pieces in ([b" " * (BODY_LIMIT + 1)], [b" " * 65_536] * 17):
        answer = ask(pieces)
        assert (answer.status, answer.error) == (413, "A message has 1,048,576 bytes at most.")
    text = json.dumps(PING).encode()
    assert ask([text + b" " * (BODY_LIMIT - len(text))]).status == HTTPStatus.OK


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b"[" * 100_000, b'{"jsonrpc": "2.0"}', b"\xff\xfe", b'{"a": NaN}', b"9" * 5_000],
    ids=lambda body: body[:20].decode("latin-1"),
)
@pytest.mark.parametrize("version", [None, "2025-11-25", "2026-07-28", "1999-01-01"])
def test_what_is_no_message_is_refused_without_a_trace(ask, body, version):
    answer = ask([body], mcp_protocol_version=version)
    assert answer.status in (HTTPStatus.OK, HTTPStatus.BAD_REQUEST)
    assert answer.json["error"]["code"] < 0
    assert "Traceback" not in answer.error


def test_who_asks_too_often_waits(ask):
    from broadsheet.community import limits

    for _ in range(600):
        limits.spend("read", None, "192.0.2.1")
    answer = ask()
    assert answer.status == HTTPStatus.TOO_MANY_REQUESTS
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    assert answer.error == f"That was a lot of reads in a short time; go on in {answer.headers['retry-after']} seconds."
    assert ask(client="192.0.2.2").status == HTTPStatus.OK


def called(ask, tool, **headers):
    params = {"name": tool, "arguments": {}}
    return ask({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}, **headers).json["result"]


def test_addresses_are_of_the_host_that_was_asked_or_of_the_named_site(ask, monkeypatch):
    from django.conf import settings

    asked = called(ask, "trending", host="127.0.0.1:9000")["structuredContent"]["papers"][0]
    assert asked["url"] == "http://127.0.0.1:9000/papers/2611.00001"
    monkeypatch.setattr(settings, "SITE", "https://papers.example")
    named = called(ask, "trending", host="127.0.0.1:9000")["structuredContent"]["papers"][0]
    assert named["url"] == "https://papers.example/papers/2611.00001"


def test_a_token_is_neither_needed_nor_looked_at(ask):
    assert called(ask, "status", authorization="Bearer bs_nonsense") == called(ask, "status")


def test_who_leaves_before_the_end_of_the_message_gets_no_answer(site):
    async def receive():
        return {"type": "http.disconnect"}

    sent = []

    async def send(message):
        sent.append(message)

    headers = [(b"host", b"localhost"), (b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": "/mcp", "headers": headers, "client": None, "scheme": "http"}
    asyncio.run(site(scope, receive, send))
    assert sent == []


def test_without_the_extra_there_is_nothing_and_it_is_said(ask, monkeypatch):
    monkeypatch.setitem(sys.modules, "mcp", None)
    answer = ask()
    assert answer.status == HTTPStatus.NOT_FOUND
    assert (
        answer.body
        == b"This site does not speak the Model Context Protocol; the extra mcp of Broadsheet is not installed.\n"
    )


def test_without_the_extra_the_command_says_what_to_install(furnish, tmp_path):
    start = "import sys; sys.modules['mcp'] = None; from broadsheet.cli import main; main(['mcp'])"
    options = {**os.environ, "BROADSHEET_HOME": str(furnish(tmp_path / "home")), "BROADSHEET_MODEL": "none"}
    done = subprocess.run([sys.executable, "-c", start], env=options, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "Error: this needs the extra mcp: pip install 'broadsheet[mcp]'\n"


def test_pages_beside_the_door_are_as_they_were(ask):
    assert ask(method="GET", path="/healthz").body == b"ok\n"
    assert ask(method="GET", path="/mcp/x").status == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("uri", [None, "paper://2611.00001"])
def test_a_fault_of_ours_is_told_without_a_word_of_it_to_older_clients_too(ask, library, monkeypatch, uri):
    monkeypatch.delattr(type(library), "find_paper")
    params = {"uri": uri} if uri else {"name": "paper", "arguments": {"id": "2611.00001"}}
    answer = ask({"jsonrpc": "2.0", "id": 1, "method": "resources/read" if uri else "tools/call", "params": params})
    assert answer.json["error"] == {"code": -32603, "message": "The fault is ours and is in the server's log."}
