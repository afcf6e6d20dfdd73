"""The door at /mcp: Streamable HTTP without sessions, each request answered whole and remembered by nobody.

So it works behind any number of server processes, opens no streams, and needs nothing to be started or stopped with the
site. Host, origin, pace and size are looked at before anything is read as a message.
"""

import json
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import split_domain_port, validate_host
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp_types import INVALID_REQUEST

from broadsheet.community import limits
from broadsheet.community.errors import LimitReached
from broadsheet.library import Library
from broadsheet.mcp.server import Place, Work, make_server

BODY_LIMIT = 1024 * 1024
BUDGET = 1.0
"""Seconds that a question waits for the index to follow the journal."""

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_HEADERS = [
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
]


class Refused(Exception):
    """A request that is not let in: the answer's status, why, and headers of it."""

    def __init__(self, status: HTTPStatus, message: str, **headers: str) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers


class Door:
    """An ASGI application that speaks the Model Context Protocol."""

    def __init__(self, work: Work, library: Callable[[], Library]) -> None:
        self.server = make_server(Place(work, library, lambda request: site_address(request.scope), BUDGET))

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            host = _admit(scope)
            body = await _read(receive)
        except Refused as refusal:
            await _refuse(send, refusal)
            return
        if body is None:
            return
        inside = StreamableHTTPSessionManager(
            self.server, json_response=True, stateless=True, max_request_body_size=BODY_LIMIT
        )
        async with inside.run():
            await inside.handle_request({**scope, "state": {"host": host}}, _replay(body, receive), _guarded(send))


def site_address(scope: Mapping[str, Any]) -> str:
    """The address of the site: BROADSHEET_SITE if it is set, else where the request came in."""
    if f"http://localhost:{settings.WEB_PORT}" != settings.SITE:
        return str(settings.SITE)
    scheme = "https" if settings.SESSION_COOKIE_SECURE else scope["scheme"]
    return f"{scheme}://{scope['state']['host']}"


def _admit(scope: Mapping[str, Any]) -> str:
    """The host that a request asks for, if it may come in. Raises Refused."""
    headers: dict[str, str] = {
        name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]
    }
    host = headers.get("host", "")
    domain: str = split_domain_port(host)[0]
    if not domain or not validate_host(domain, settings.ALLOWED_HOSTS):
        raise Refused(HTTPStatus.MISDIRECTED_REQUEST, "This site does not answer to this host name")
    if "origin" in headers and not _is_ours(headers["origin"], domain):
        raise Refused(HTTPStatus.FORBIDDEN, "Pages of other sites may not ask here")
    try:
        limits.spend("read", None, str((scope.get("client") or ("",))[0]))
    except LimitReached as error:
        wait = str(int(error.wait.total_seconds()))
        message = f"{error}; go on in {wait} seconds"
        raise Refused(HTTPStatus.TOO_MANY_REQUESTS, message, **{"Retry-After": wait}) from None
    if scope["method"] != "POST":
        message = "Programs that speak the Model Context Protocol send POST here; there is nothing else to see"
        raise Refused(HTTPStatus.METHOD_NOT_ALLOWED, message, Allow="POST")
    if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send JSON, with Content-Type: application/json")
    return host


def _is_ours(origin: str, domain: str) -> bool:
    """Whether a page of this origin is one of this site. A site that answers to any host is one at a time."""
    try:
        parts = urlsplit(origin)
        theirs, _ = split_domain_port(parts.netloc)
    except ValueError:
        return False
    named = [host for host in settings.ALLOWED_HOSTS if host != "*"]
    is_known = theirs == domain or validate_host(theirs, named)
    return bool(theirs) and is_known and parts.scheme in ("http", "https")


async def _read(receive: Receive) -> bytes | None:
    """The body; None if whoever asks left before its end. Raises Refused."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        body += message.get("body", b"")
        if len(body) > BODY_LIMIT:
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"A message has {BODY_LIMIT:,} bytes at most")
        if not message.get("more_body", False):
            return bytes(body)


def _replay(body: bytes, receive: Receive) -> Receive:
    coming: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def give() -> Message:
        return coming.pop() if coming else await receive()

    return give


def _guarded(send: Send) -> Send:
    """Send with the headers that every answer of the site has."""

    async def give(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), *_HEADERS]}
        await send(message)

    return give


async def _refuse(send: Send, refusal: Refused) -> None:
    """Say why a request was not let in, in the protocol's own shape."""
    error = {"code": INVALID_REQUEST, "message": f"{refusal}."}
    body = json.dumps({"jsonrpc": "2.0", "id": None, "error": error}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()), *_HEADERS]
    headers += [(name.lower().encode(), value.encode()) for name, value in refusal.headers.items()]
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
