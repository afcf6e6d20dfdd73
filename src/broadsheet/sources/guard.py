"""The last step before the network: connect only to checked addresses, and only until the deadline."""

import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, cast

import httpcore2
import httpx2

from broadsheet.sources.addresses import is_public
from broadsheet.sources.errors import FetchError, HostError

Resolve = Callable[[str, int], Sequence[str]]
"""Turn a host and a port into the IP addresses that they stand for, or raise OSError."""


def resolve(host: str, port: int) -> list[str]:
    """Ask the system's resolver, which also reads 2130706433 and 0x7f.1 as addresses. Raises OSError."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except ValueError as error:
        raise OSError(f"{host!r} is not a host name") from error
    return list(dict.fromkeys(str(address[4][0]) for address in found))


class Deadline:
    """A moment that a whole fetch must not pass, however often the other side sends one more byte."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self._clock = clock
        self._ends_at = clock() + seconds

    def give(self, seconds: float) -> None:
        """Put the moment off by the time spent waiting for our turn."""
        self._ends_at += seconds

    def remaining(self) -> float:
        """The seconds left. Raises FetchError when there are none."""
        left = self._ends_at - self._clock()
        if left <= 0:
            raise self.error()
        return left

    def error(self) -> FetchError:
        """The error that says how long it was allowed to take."""
        return FetchError(f"it took longer than {self.seconds:g} seconds in all")


class GuardedBackend(httpcore2.NetworkBackend):
    """Connects to a host only if every address that it resolves to is public, and to one of those very addresses.

    Since name and address are looked up once and used as looked up, a name that changes between check and connection
    gains nothing. With `private` the addresses are not checked. Raises FetchError.
    """

    def __init__(
        self,
        deadline: Deadline,
        private: bool = False,
        resolve: Resolve = resolve,
        inner: httpcore2.NetworkBackend | None = None,
    ) -> None:
        self._deadline = deadline
        self._private = private
        self._resolve = resolve
        self._inner = inner or httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        """Resolve, check all addresses, and connect to the first that answers."""
        failure: Exception | None = None
        for address in self._checked_addresses(host, port):
            left = self._deadline.remaining()
            try:
                stream = self._inner.connect_tcp(address, port, left, local_address, socket_options)
            except (httpcore2.NetworkError, httpcore2.TimeoutException) as error:
                failure = error
            else:
                return _TimedStream(stream, self._deadline)
        raise FetchError(f"no connection to {host} port {port}: {failure}") from failure

    def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore2.NetworkStream:
        """Refuse: no web address leads to a socket file."""
        raise FetchError("a socket file is not a web address")

    def _checked_addresses(self, host: str, port: int) -> Sequence[str]:
        try:
            addresses = self._resolve(host, port)
        except OSError as error:
            raise HostError(f"the host {host} cannot be found: {error.strerror or error}") from error
        if not addresses:
            raise HostError(f"the host {host} has no address")
        for address in addresses:
            if not self._private and not is_public(address):
                raise HostError(f"the host {host} leads to {address}, which is not a public address")
        return addresses


class _TimedStream(httpcore2.NetworkStream):
    def __init__(self, inner: httpcore2.NetworkStream, deadline: Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._deadline.remaining())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._deadline.remaining())

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        inner = self._inner.start_tls(ssl_context, server_hostname, self._deadline.remaining())
        return _TimedStream(inner, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class GuardedTransport(httpx2.BaseTransport):
    """Sends one HTTP/1.1 request through a guarded backend, with no proxy and nothing read from the environment."""

    def __init__(self, backend: GuardedBackend, ssl_context: ssl.SSLContext | None) -> None:
        self._pool = httpcore2.ConnectionPool(
            ssl_context=ssl_context, max_connections=1, max_keepalive_connections=0, network_backend=backend
        )

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send the request and return the answer, its body not yet read."""
        url = request.url
        answer = self._pool.handle_request(
            httpcore2.Request(
                method=request.method,
                url=httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                headers=request.headers.raw,
                content=cast(httpx2.SyncByteStream, request.stream),
            )
        )
        return httpx2.Response(answer.status, headers=answer.headers, stream=_Body(answer))

    def close(self) -> None:
        """Close the connection."""
        self._pool.close()


class _Body(httpx2.SyncByteStream):
    def __init__(self, answer: httpcore2.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        return self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()
