"""A server of one's own on loopback, and a transport that may go there."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpcore2
import pytest

from broadsheet.sources import Politeness, Transport

Answer = tuple[int, dict[str, str], bytes]


class Loopback:
    """An HTTP server whose answers a test decides; `asked` holds each request's path and headers, `told` what came."""

    def __init__(self, answer: Callable[[str, dict[str, str]], Answer]) -> None:
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.told: list[bytes] = []
        asked, told = self.asked, self.told

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                headers = {name.lower(): value for name, value in self.headers.items()}
                asked.append((self.path, headers))
                status, own, body = answer(self.path, headers)
                self.send_response(status)
                for name, value in own.items():
                    self.send_header(name, value)
                if "Content-Length" not in own:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self) -> None:
                told.append(self.rfile.read(int(self.headers["Content-Length"])))
                self.do_GET()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.authority = f"127.0.0.1:{self._server.server_port}"
        self.url = f"http://{self.authority}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def serve() -> Iterator[Callable[[Callable[[str, dict[str, str]], Answer]], Loopback]]:
    """Start a server for this test: serve(answer), where answer(path, headers) gives (status, headers, body)."""
    servers: list[Loopback] = []

    def start(answer: Callable[[str, dict[str, str]], Answer]) -> Loopback:
        servers.append(Loopback(answer))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


class Waits(list):
    """Stands for sleep: remembers how long it was told to, and takes no time."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


@pytest.fixture
def waits() -> Waits:
    """A sleep that takes no time."""
    return Waits()


@pytest.fixture
def transport_to(waits: Waits) -> Callable[..., Transport]:
    """Make a transport that may go to these servers of the test, with no pause between requests."""

    def make(*servers: "Loopback | str", **options: object) -> Transport:
        allow = [server if isinstance(server, str) else server.authority for server in servers]
        options = {"politeness": Politeness(intervals={}, interval=0), "sleep": waits, "deadline": 20.0, **options}
        return Transport(allow=allow, **options)

    return make


class Recorder(httpcore2.NetworkBackend):
    """Stands for the network: remembers where connections were asked for, and answers each alike."""

    def __init__(self, answer: list[bytes], refuse: tuple[str, ...]) -> None:
        self.reached: list[tuple[str, int]] = []
        self._answer = answer
        self._refuse = refuse

    def connect_tcp(self, host, port, timeout=None, local_address=None, socket_options=None):
        self.reached.append((host, port))
        if host in self._refuse:
            raise httpcore2.ConnectError("refused")
        return httpcore2.MockStream(list(self._answer))


@pytest.fixture
def record_network() -> Callable[..., Recorder]:
    """Make a stand-in for the network that answers with these bytes and refuses these hosts."""

    def make(*answer: bytes, refuse: tuple[str, ...] = ()) -> Recorder:
        return Recorder(list(answer) or [b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", b"ok"], refuse)

    return make


@pytest.fixture
def public_transport() -> Callable[..., Transport]:
    """Make a transport for which every host has one public address, played by a recorder."""

    def make(recorder: Recorder, **options: object) -> Transport:
        options = {"resolve": lambda *_: ["93.184.216.34"], "politeness": Politeness({}, 0), **options}
        return Transport(backend=recorder, **options)

    return make
