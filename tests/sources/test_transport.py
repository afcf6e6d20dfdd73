"""Fetching addresses that strangers wrote, from servers of one's own and from hostile ones."""

import gzip
import socket
import threading
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet import __version__
from broadsheet.sources import FetchError, Politeness, Transport
from broadsheet.sources.transport import MAX_URL, check_url


def ok(*_):
    return 200, {"ETag": '"1"', "Last-Modified": "Sat, 21 Nov 2026 06:00:00 GMT"}, b"hello"


def test_an_answer_comes_with_its_validators(serve, transport_to):
    server = serve(ok)
    response = transport_to(server).get(f"{server.url}/feed?x=1#part")
    assert (response.status, response.body, response.not_modified) == (200, b"hello", False)
    assert response.url == f"{server.url}/feed?x=1#part"
    assert (response.etag, response.last_modified) == ('"1"', "Sat, 21 Nov 2026 06:00:00 GMT")
    assert server.asked[0][0] == "/feed?x=1"


def test_every_server_is_told_who_asks(serve, transport_to):
    server = serve(ok)
    transport_to(server, contact="https://papers.example/about").get(server.url)
    transport_to(server).get(server.url)
    agents = [headers["user-agent"] for _, headers in server.asked]
    assert agents == [f"Broadsheet/{__version__} (+https://papers.example/about)", f"Broadsheet/{__version__}"]


@pytest.mark.parametrize("contact", ["a\r\nX-Evil: 1", "ü", "x" * 201])
def test_a_contact_that_would_break_the_header_is_refused(contact):
    with pytest.raises(ValueError, match="contact"):
        Transport(contact=contact)


def test_what_did_not_change_is_not_sent_again(serve, transport_to):
    def reply(_path, headers):
        return (304, {"ETag": '"1"'}, b"") if headers.get("if-none-match") == '"1"' else ok()

    server = serve(reply)
    transport = transport_to(server)
    first = transport.get(server.url)
    second = transport.get(server.url, etag=first.etag, last_modified=first.last_modified)
    assert second.not_modified
    assert (second.body, second.etag) == (b"", '"1"')
    assert server.asked[1][1]["if-modified-since"] == "Sat, 21 Nov 2026 06:00:00 GMT"
    assert not transport.get(server.url, etag='"0"').not_modified


def test_validators_that_no_header_can_hold_are_left_out(serve, transport_to):
    server = serve(ok)
    transport_to(server).get(server.url, etag='"ü"')
    assert "if-none-match" not in server.asked[0][1]


def test_the_environments_proxies_are_ignored(serve, monkeypatch, transport_to):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    server = serve(ok)
    assert transport_to(server).get(server.url).body == b"hello"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "x",
        "file:///etc/passwd",
        "ftp://example.org/",
        "gopher://example.org/",
        "//example.org/",
        "http:",
        "http:///x",
        "javascript:alert(1)",
        "http://exa mple.org/",
        "http://example.org/\r\nX: 1",
        "http://example.org/\0",
        "http://a\\b/",
        "http://[::1",
        "http://example.org:banana/",
        "http://example.org:80:80/",
        "https://" + "a" * MAX_URL,
    ],
)
def test_what_is_no_web_address_is_refused_unasked(url, public_transport, record_network):
    recorder = record_network()
    with pytest.raises(FetchError, match=r"is not an? (web|http)"):
        public_transport(recorder).get(url)
    assert recorder.reached == []


@pytest.mark.parametrize("port", [0, 1, 22, 25, 3306, 6379, 8000, 8443, 65536])
def test_ports_that_are_not_the_webs_are_refused(port, public_transport, record_network):
    with pytest.raises(FetchError, match="not one of the web's own ports"):
        public_transport(record_network()).get(f"http://example.org:{port}/")


@pytest.mark.parametrize("url", ["http://u@e.org/", "http://u:secret@e.org/", "https://127.0.0.1%2f@e.org/"])
def test_names_and_passwords_in_an_address_are_refused_and_not_repeated(url, public_transport, record_network):
    with pytest.raises(FetchError, match="carries a user name or password") as raised:
        public_transport(record_network()).get(url)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "2130706433", "0x7f.0.0.1", "0x7f000001", "127.1", "0", "[::1]", "[::ffff:127.0.0.1]",
     "[::ffff:7f00:1]", "[::127.0.0.1]", "169.254.169.254", "10.0.0.1", "[fd00:ec2::254]", "[fec0::1]",
     "[64:ff9b::7f00:1]", "[2002:7f00:1::]"],
)  # fmt: skip
@pytest.mark.parametrize("port", ["", ":443"])
def test_private_hosts_are_refused_however_they_are_written(host, port, record_network):
    recorder = record_network()
    with pytest.raises(FetchError, match=r"not a public address|cannot be found"):
        Transport(politeness=Politeness({}, 0), backend=recorder).get(f"http://{host}{port}/latest/meta-data/")
    assert recorder.reached == []


def test_a_name_that_rebinds_is_checked_at_every_connection(public_transport, record_network):
    answers = iter([["93.184.216.34"], ["127.0.0.1"]])
    recorder = record_network()
    transport = public_transport(recorder, resolve=lambda *_: next(answers))
    assert transport.get("http://rebinding.example/").body == b"ok"
    with pytest.raises(FetchError, match="leads to 127"):
        transport.get("http://rebinding.example/")
    assert recorder.reached == [("93.184.216.34", 80)]


def test_an_exempted_address_is_exempt_with_its_port_only(serve, transport_to):
    server, other = serve(ok), serve(ok)
    transport = transport_to(server)
    assert transport.get(server.url).body == b"hello"
    with pytest.raises(FetchError, match="not one of the web's own ports"):
        transport.get(other.url)
    assert other.asked == []


def redirecting(location: str, status: int = 302):
    return lambda *_: (status, {"Location": location}, b"")


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1/",
        "http://127.0.0.1:22/",
        "file:///etc/passwd",
        "http://u:p@example.org/",
        "http://[::1",
        "gopher://x/",
        "//169.254.169.254/latest/",
        "http://2130706433/",
        "\\\\evil",
    ],
)
def test_a_redirect_is_checked_like_the_first_address(location, public_transport, record_network):
    recorder = record_network(f"HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode())
    transport = public_transport(
        recorder, resolve=lambda host, _: ["93.184.216.34"] if host == "example.org" else ["127.0.0.1"]
    )
    with pytest.raises(FetchError):
        transport.get("http://example.org/")
    assert {address for address, _ in recorder.reached} == {"93.184.216.34"}


def test_a_public_address_cannot_redirect_to_an_exempted_one(serve, public_transport, record_network):
    inside = serve(ok)

    outside = record_network(f"HTTP/1.1 302 Found\r\nLocation: {inside.url}/admin\r\n\r\n".encode())
    with pytest.raises(FetchError, match="redirects to where it must not"):
        public_transport(outside, allow=[inside.authority]).get("http://example.org/")
    assert inside.asked == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_three_redirects_are_followed_and_the_end_is_named(serve, status, transport_to):
    def reply(path, _headers):
        step = int(path.rpartition("/")[2])
        return ok() if step == 0 else (status, {"Location": f"{step - 1}"}, b"")

    server = serve(reply)
    transport = transport_to(server)
    assert transport.get(f"{server.url}/go/3").url == f"{server.url}/go/0"
    with pytest.raises(FetchError, match="redirects more than 3 times"):
        transport.get(f"{server.url}/go/4")


def test_a_redirect_in_circles_ends(serve, transport_to):
    server = serve(redirecting("/"))
    with pytest.raises(FetchError, match="redirects more than 3 times"):
        transport_to(server).get(server.url)
    assert len(server.asked) == 4


def test_headers_of_the_caller_stay_with_the_first_server(serve, transport_to):
    second = serve(ok)
    first = serve(lambda path, _: (302, {"Location": "/b" if path == "/a" else second.url}, b""))
    transport = transport_to(first, second)
    transport.get(f"{first.url}/a", headers={"Authorization": "Bearer secret"}, etag='"7"')
    assert [headers.get("authorization") for _, headers in first.asked] == ["Bearer secret", "Bearer secret"]
    assert "authorization" not in second.asked[0][1]
    assert second.asked[0][1]["if-none-match"] == '"7"'


def test_cookies_are_neither_kept_nor_sent(serve, transport_to):
    def reply(path, _headers):
        return (302, {"Location": "/b", "Set-Cookie": "a=b"}, b"") if path == "/a" else ok()

    server = serve(reply)
    transport_to(server).get(f"{server.url}/a")
    assert all("cookie" not in headers for _, headers in server.asked)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 418, 500, 502, 504])
def test_an_error_answer_is_told_by_its_status_and_keeps_its_body(serve, status, transport_to):
    server = serve(lambda *_: (status, {}, b"why"))
    with pytest.raises(FetchError, match=rf"^{server.url}.*: it answered {status}") as raised:
        transport_to(server).get(server.url)
    assert (raised.value.status, raised.value.body) == (status, b"why")


def test_a_redirect_without_a_place_is_an_error_answer(serve, transport_to):
    server = serve(lambda *_: (302, {}, b""))
    with pytest.raises(FetchError, match="302 Found"):
        transport_to(server).get(server.url)


def test_a_body_over_the_limit_is_refused_by_what_it_says(serve, transport_to):
    server = serve(lambda *_: (200, {}, b"x" * 2_000))
    with pytest.raises(FetchError, match=r"has 2,000 bytes, more than 1,000"):
        transport_to(server, limit=1_000).get(server.url)


def test_a_body_over_the_limit_is_refused_by_what_it_is(public_transport, record_network):
    chunks = [b"64\r\n" + b"x" * 100 + b"\r\n"] * 100
    endless = record_network(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", *chunks)
    with pytest.raises(FetchError, match="larger than 1,000 bytes"):
        public_transport(endless, limit=1_000).get("http://example.org/")


def test_a_small_body_that_inflates_over_the_limit_is_refused(serve, transport_to):
    bomb = gzip.compress(b"\0" * 20_000_000)
    server = serve(lambda *_: (200, {"Content-Encoding": "gzip"}, bomb))
    with pytest.raises(FetchError, match="larger than 1,000,000 bytes"):
        transport_to(server, limit=1_000_000).get(server.url)
    assert len(bomb) < 50_000


def test_gzip_is_asked_for_and_undone(serve, transport_to):
    server = serve(lambda *_: (200, {"Content-Encoding": "gzip"}, gzip.compress(b"hello")))
    assert transport_to(server).get(server.url).body == b"hello"
    assert server.asked[0][1]["accept-encoding"] == "gzip"


def test_a_body_shorter_than_it_said_is_an_error(serve, transport_to):
    server = serve(lambda *_: (200, {"Content-Length": "100"}, b"short"))
    with pytest.raises(FetchError, match="connection failed"):
        transport_to(server).get(server.url)


@pytest.fixture
def raw_server():
    """A listening socket on loopback, for a server that does not keep to HTTP: raw_server(talk) gives its address."""
    listening = socket.create_server(("127.0.0.1", 0))
    stop, threads = threading.Event(), []

    def start(talk):
        def run() -> None:
            connection, _ = listening.accept()
            with connection:
                try:
                    connection.recv(65_536)
                    talk(connection, stop)
                except OSError:
                    pass

        threads.append(threading.Thread(target=run))
        threads[-1].start()
        return f"127.0.0.1:{listening.getsockname()[1]}"

    yield start
    stop.set()
    for thread in threads:
        thread.join()
    listening.close()


def drip(start: bytes):
    def talk(connection: socket.socket, stop: threading.Event) -> None:
        connection.sendall(start)
        while not stop.wait(0.01):
            connection.sendall(b"x")

    return talk


@pytest.mark.slow
@pytest.mark.parametrize(
    "start",
    [b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", b"HTTP/1.1 200 OK\r\nX-Slow: ", b"HT"],
    ids=["body", "header", "status"],
)
def test_a_server_that_sends_a_byte_now_and_then_hits_the_deadline(raw_server, start, transport_to):
    authority = raw_server(drip(start))
    with pytest.raises(FetchError, match=r"longer than 0\.3 seconds in all"):
        transport_to(authority, deadline=0.3).get(f"http://{authority}/")


def test_a_server_that_says_nothing_hits_the_deadline(raw_server, transport_to):
    authority = raw_server(lambda _, stop: stop.wait())
    with pytest.raises(FetchError, match=r"longer than 0\.2 seconds"):
        transport_to(authority, deadline=0.2).get(f"http://{authority}/")


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\0" * 50,
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 999999 X\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\nA: " + b"x" * 300_000,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
    ],
)
def test_a_server_that_does_not_speak_http_is_an_error(raw_server, answer, transport_to):
    authority = raw_server(lambda connection, _: connection.sendall(answer))
    with pytest.raises(FetchError, match=rf"^http://{authority}.*: "):
        transport_to(authority).get(f"http://{authority}/")


def test_a_server_without_tls_is_an_error_on_https(serve, transport_to):
    server = serve(ok)
    with pytest.raises(FetchError, match=r"connection failed|no connection"):
        transport_to(server).get(server.url.replace("http:", "https:"))


def test_a_closed_port_is_an_error(transport_to):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        authority = f"127.0.0.1:{listening.getsockname()[1]}"
    with pytest.raises(FetchError, match="no connection"):
        transport_to(authority).get(f"http://{authority}/")


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_is_asked_again_as_often_as_allowed_and_no_more(serve, status, transport_to, waits):
    server = serve(lambda *_: (status, {"Retry-After": "2"}, b""))
    now = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
    with pytest.raises(FetchError, match=rf"it answered {status} .*asked again from 2026-11-21 06:00:02 UTC") as raised:
        transport_to(server, retries=2, now=lambda: now).get(server.url)
    assert raised.value.status == status
    assert raised.value.retry_at.isoformat() == "2026-11-21T06:00:02+00:00"
    assert waits == [2, 2]
    assert len(server.asked) == 3


def test_a_date_to_retry_after_counts_from_now(serve, transport_to, waits):
    def reply(*_):
        return ok() if len(server.asked) > 1 else (503, {"Retry-After": "Sat, 21 Nov 2026 06:00:30 GMT"}, b"")

    server = serve(reply)
    now = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
    assert transport_to(server, now=lambda: now).get(server.url).body == b"hello"
    assert waits == [30]


def test_waiting_for_a_turn_does_not_count_against_the_deadline(public_transport, record_network):
    moments = iter([0.0, 0.0, 0.0, 100.0, 100.0, 100.0])
    clock = lambda: next(moments, 100.0)  # noqa: E731
    politeness = Politeness({"example.org": 1_000.0}, 0, clock=clock, sleep=lambda _: None)
    transport = public_transport(record_network(), politeness=politeness, clock=lambda: 0.0, deadline=5.0)
    assert transport.get("http://example.org/").body == b"ok"


@given(
    st.text(max_size=60), st.sampled_from(["", "http://", "https://", "http://example.org/", "http://[", "HTTP://a@"])
)
def test_any_text_is_an_address_or_a_clear_refusal(text, start):
    try:
        target = check_url(start + text)
    except FetchError as refusal:
        assert len(str(refusal)) > 20
    else:
        assert target.url.scheme in ("http", "https")
        assert not target.is_exempt
