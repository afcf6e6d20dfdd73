"""Posting to addresses that strangers wrote: the same guard as for fetching, and nothing followed or read."""

import socket
import threading

import pytest

from broadsheet.sources import FetchError, HostError, Politeness, Transport

SAID = {"Content-Type": "application/json", "Webhook-Id": "msg_1"}


def ok(*_):
    return 204, {}, b""


def test_what_is_posted_arrives_whole_and_once(serve, transport_to):
    server = serve(ok)
    body = b'{"papers": []}' * 10_000
    assert transport_to(server).post(f"{server.url}/hook?x=1", body, SAID) == 204
    assert server.told == [body]
    [(path, headers)] = server.asked
    assert (path, headers["webhook-id"], headers["content-type"]) == ("/hook?x=1", "msg_1", "application/json")
    assert headers["user-agent"].startswith("Broadsheet/")


def test_an_empty_body_is_posted_too(serve, transport_to):
    server = serve(ok)
    transport_to(server).post(server.url, b"", {})
    assert server.told == [b""]


@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(serve, transport_to, status):
    other = serve(ok)
    server = serve(lambda *_: (status, {"Location": f"{other.url}/"}, b""))
    with pytest.raises(FetchError) as raised:
        transport_to(server, other).post(server.url, b"x", SAID)
    assert raised.value.status == status
    assert (len(server.told), other.asked) == (1, [])


@pytest.mark.parametrize("status", [400, 404, 410, 429, 500, 503])
def test_an_answer_that_is_no_success_says_so_and_is_not_asked_again(serve, transport_to, waits, status):
    server = serve(lambda *_: (status, {"Retry-After": "1"}, b"a secret of the inner network"))
    with pytest.raises(FetchError, match=str(status)) as raised:
        transport_to(server).post(server.url, b"x", SAID)
    assert (raised.value.status, raised.value.body, len(server.told), waits) == (status, b"", 1, [])


def test_a_long_answer_is_not_read(serve, transport_to):
    server = serve(lambda *_: (200, {"Content-Length": str(1 << 40)}, b"x"))
    assert transport_to(server, limit=10).post(server.url, b"x", SAID) == 200


def test_a_server_that_never_answers_is_left_at_the_deadline(transport_to):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        authority = f"127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(FetchError, match=r"longer than 0\.2 seconds"):
            transport_to(authority, deadline=0.2).post(f"http://{authority}/", b"x", SAID)


def test_a_server_that_sends_its_answer_a_byte_at_a_time_is_left_too(transport_to):
    ended = threading.Event()

    def drip(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            while not ended.wait(0.01):
                try:
                    connection.sendall(b"H")
                except OSError:
                    return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        dripping = threading.Thread(target=drip, args=(listener,))
        dripping.start()
        authority = f"127.0.0.1:{listener.getsockname()[1]}"
        try:
            with pytest.raises(FetchError):
                transport_to(authority, deadline=0.3).post(f"http://{authority}/", b"x", SAID)
        finally:
            ended.set()
            dripping.join()


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "2130706433", "0x7f.0.0.1", "127.1", "0", "[::1]", "[::ffff:127.0.0.1]",
     "169.254.169.254", "10.0.0.1", "192.168.1.1", "[fd00:ec2::254]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]"],
)  # fmt: skip
def test_private_hosts_are_refused_however_they_are_written(host, record_network):
    recorder = record_network()
    with pytest.raises(HostError):
        Transport(politeness=Politeness({}, 0), backend=recorder).post(f"http://{host}/latest/meta-data/", b"x", SAID)
    assert recorder.reached == []


def test_a_name_that_rebinds_is_checked_at_every_post(public_transport, record_network):
    answers = iter([["93.184.216.34"], ["169.254.169.254"]])
    recorder = record_network()
    transport = public_transport(recorder, resolve=lambda *_: next(answers))
    assert transport.post("http://rebinding.example/", b"x", SAID) == 200
    with pytest.raises(HostError, match="not a public address"):
        transport.post("http://rebinding.example/", b"x", SAID)
    assert recorder.reached == [("93.184.216.34", 80)]


@pytest.mark.parametrize(
    "url",
    [
        "ftp://e.org/",
        "http://e.org:22/",
        "http://u:p@e.org/",
        "http://e.org/\r\nX: 1",
        "http://0177.0.0.1/",
        "e.org",
        "",
    ],
)
def test_what_is_no_web_address_is_refused_unasked(url, public_transport, record_network):
    recorder = record_network()
    with pytest.raises(FetchError):
        public_transport(recorder).post(url, b"x", SAID)
    assert recorder.reached == []
