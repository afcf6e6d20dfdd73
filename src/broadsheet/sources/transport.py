"""The one way to the network: addresses from strangers, asked and told within limits and with manners."""

import re
import ssl
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from http import HTTPStatus
from typing import cast

import httpcore2
import httpx2

from broadsheet import __version__
from broadsheet.sources.body import read_body
from broadsheet.sources.errors import FetchError
from broadsheet.sources.guard import (
    Deadline,
    GuardedBackend,
    GuardedTransport,
    Resolve,
    resolve,
)
from broadsheet.sources.politeness import Politeness
from broadsheet.sources.retry import BUSY, BusyError, phrase, seconds_to_wait

MAX_REDIRECTS = 3
MAX_URL = 4_000

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PORTS = {"http": 80, "https": 443}
_ERROR_BODY = 64 << 10
_UNFIT = re.compile(r"[\x00-\x20\x7f\\]")
_CONTACT = re.compile(r"[\x20-\x7e]{0,200}")
_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Response:
    """What an address answered: `url` is where it was found after redirects.

    `etag` and `last_modified` are for the next call to get(), which may then find `not_modified`, with an empty body.
    """

    url: str
    status: int
    body: bytes
    etag: str | None = None
    last_modified: str | None = None
    not_modified: bool = False


@dataclass(frozen=True, slots=True)
class _Target:
    """An address that passed the checks on its writing, and whether the operator exempts it from the others."""

    url: httpx2.URL
    is_exempt: bool

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.url.scheme, self.url.host, _port_of(self.url)


@dataclass
class Transport:
    """Fetches, and posts to, web addresses that strangers may have written. Safe to share between threads.

    It goes to http and https on ports 80 and 443 only, and only to hosts all of whose addresses are public. `allow`
    lists the "host:port" pairs ("[::1]:8000" for IPv6) that the operator exempts from both rules; a redirect leads to
    them only from one of themselves. `contact`, a web or mail address, is told to every server.
    """

    contact: str = ""
    allow: Collection[str] = ()
    limit: int = 64 << 20
    """Most bytes of a body, counted after inflation while it arrives."""
    deadline: float = 180.0
    """Most seconds for one answer, redirects included, waiting for our turn excluded."""
    retries: int = 3
    """How often a server that says it is busy (429, 503) is asked again."""
    longest_wait: float = 300.0
    """Most seconds waited before asking again; a server that wants more is left for another run."""
    politeness: Politeness = field(default_factory=Politeness)
    resolve: Resolve = resolve
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ssl_context: ssl.SSLContext | None = None
    backend: httpcore2.NetworkBackend | None = None

    def __post_init__(self) -> None:
        if not _CONTACT.fullmatch(self.contact):
            raise ValueError("the contact must be at most 200 plain characters, such as a web or mail address")

    def get(
        self,
        url: str,
        *,
        etag: str | None = None,
        last_modified: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Fetch an address, following at most MAX_REDIRECTS redirects, each checked like the first.

        With `etag` or `last_modified` of an earlier answer the server may say that nothing changed. `headers` go to the
        first address's own server only. Raises FetchError, naming the address, when the address is refused, the answer
        is an error, too large or too slow, or the server is busy for longer than we wait. Source: RFC 9110.
        """
        asked = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        validators = {name: value for name, value in asked.items() if value and value.isascii()}
        for attempt in range(self.retries + 1):
            try:
                return self._follow(url, validators, headers or {})
            except BusyError as busy:
                wait = seconds_to_wait(busy.retry_after, attempt, self.now())
                if attempt == self.retries or wait > self.longest_wait:
                    retry_at = self.now() + timedelta(seconds=wait)
                    message = f"{busy}; it may be asked again from {retry_at:%Y-%m-%d %H:%M:%S} UTC"
                    raise FetchError(message, status=busy.status, retry_at=retry_at) from busy
                self.sleep(wait)
        raise FetchError(f"{url[:_SHOWN]} was not asked: the number of retries is negative")

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Send `body` to an address once and return the status of the answer, which is a success.

        The address is checked like any other. Nothing else of the answer is read, and no redirect is followed: what is
        sent is meant for this address. Raises FetchError, naming the address, for anything but a success.
        """
        deadline, target = Deadline(self.deadline, self.clock), check_url(url, self.allow)
        try:
            with self._sent(target, headers, deadline, body) as answer:
                status = answer.status_code
            if status in _REDIRECTS:
                raise FetchError("it redirects, which is not followed", status=status)
            if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
                raise FetchError(f"it answered {phrase(status)}", status=status)
        except FetchError as error:
            error.args = (f"{str(target.url)[:_SHOWN]}: {error}",)
            raise
        return status

    def _follow(self, url: str, validators: Mapping[str, str], headers: Mapping[str, str]) -> Response:
        deadline = Deadline(self.deadline, self.clock)
        first = target = check_url(url, self.allow)
        for _ in range(MAX_REDIRECTS + 1):
            own = headers if target.origin == first.origin else {}
            try:
                response, location = self._ask(target, {**own, **validators}, deadline)
            except FetchError as error:
                error.args = (f"{str(target.url)[:_SHOWN]}: {error}",)
                raise
            if location is None:
                return response
            target = _follow_location(target, location, self.allow if first.is_exempt else ())
        raise FetchError(f"{str(first.url)[:_SHOWN]} redirects more than {MAX_REDIRECTS} times")

    def _ask(self, target: _Target, headers: Mapping[str, str], deadline: Deadline) -> tuple[Response, str | None]:
        """Send one request; the second value is where a redirect leads."""
        with self._sent(target, headers, deadline) as answer:
            return self._read(target.url, answer)

    @contextmanager
    def _sent(
        self, target: _Target, headers: Mapping[str, str], deadline: Deadline, body: bytes | None = None
    ) -> Iterator[httpx2.Response]:
        """The answer to one request, not yet read: a POST if there is something to send."""
        with self.politeness.turn(target.url.host) as waited:
            deadline.give(waited)
            backend = GuardedBackend(deadline, target.is_exempt, self.resolve, self.backend)
            transport = GuardedTransport(backend, self._tls if target.url.scheme == "https" else None)
            try:
                method = "GET" if body is None else "POST"
                request = httpx2.Request(method, target.url, headers={**self._own_headers, **headers}, content=body)
                yield transport.handle_request(request)
            except httpcore2.TimeoutException as error:
                raise deadline.error() from error
            except (httpcore2.NetworkError, httpcore2.ProtocolError) as error:
                raise FetchError(f"the connection failed: {error or type(error).__name__}") from error
            finally:
                transport.close()

    def _read(self, url: httpx2.URL, answer: httpx2.Response) -> tuple[Response, str | None]:
        status, headers = answer.status_code, answer.headers
        if status in _REDIRECTS and "location" in headers:
            return Response(str(url), status, b""), headers["location"]
        if status in BUSY:
            raise BusyError(status, headers.get("retry-after", ""))
        stream = cast(httpx2.SyncByteStream, answer.stream)
        encoding = headers.get("content-encoding", "")
        response = Response(str(url), status, b"", headers.get("etag"), headers.get("last-modified"))
        if status == HTTPStatus.NOT_MODIFIED:
            return replace(response, not_modified=True), None
        if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            raise FetchError(f"it answered {phrase(status)}", status=status, body=_error_body(stream, encoding))
        length = headers.get("content-length", "")
        if length.isascii() and length.isdigit() and int(length) > self.limit:
            raise FetchError(f"the answer has {int(length):,} bytes, more than {self.limit:,}")
        return replace(response, body=read_body(stream, encoding, self.limit)), None

    @cached_property
    def _own_headers(self) -> dict[str, str]:
        agent = f"Broadsheet/{__version__} (+{self.contact})" if self.contact else f"Broadsheet/{__version__}"
        return {"User-Agent": agent, "Accept": "*/*", "Accept-Encoding": "gzip", "Connection": "close"}

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return self.ssl_context or httpx2.create_ssl_context(trust_env=False)


def check_url(text: str, allow: Collection[str] = ()) -> _Target:
    """Read a web address exactly as it will be used. Raises FetchError if its writing alone rules it out."""
    shown = repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "...")
    if len(text) > MAX_URL or _UNFIT.search(text):
        raise FetchError(f"{shown} is not a web address")
    try:
        url = httpx2.URL(text)
    except (httpx2.InvalidURL, ValueError) as error:
        raise FetchError(f"{shown} is not a web address: {error}") from error
    if url.userinfo:
        raise FetchError(f"an address at {url.host} carries a user name or password, which is refused")
    if url.scheme not in _PORTS or not url.host:
        raise FetchError(f"{shown} is not an http or https address")
    port = _port_of(url)
    host = f"[{url.host}]" if ":" in url.host else url.host
    is_exempt = f"{host}:{port}" in allow
    if not is_exempt and port not in _PORTS.values():
        raise FetchError(f"{shown} is refused: {port} is not one of the web's own ports, 80 and 443")
    return _Target(url, is_exempt)


def _follow_location(target: _Target, location: str, allow: Collection[str]) -> _Target:
    try:
        return check_url(str(target.url.join(location)), allow)
    except (FetchError, httpx2.InvalidURL, ValueError) as error:
        raise FetchError(f"{str(target.url)[:_SHOWN]} redirects to where it must not: {error}") from error


def _port_of(url: httpx2.URL) -> int:
    return _PORTS[url.scheme] if url.port is None else url.port


def _error_body(stream: httpx2.SyncByteStream, encoding: str) -> bytes:
    try:
        return read_body(stream, encoding, _ERROR_BODY)
    except FetchError:
        return b""
