"""The site as ASGI servers call it: each request is answered in one turn of a thread, by Django's sync handler.

Django's own ASGI handler gives each request a thread of its own and crosses over to it and back for every middleware;
so each request also opens the database anew. Here threads stay, and their connections with them.

Programs that speak the Model Context Protocol have a door of their own, whose work is done in the same threads.
"""

from asyncio import get_running_loop
from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http import HTTPStatus
from io import BytesIO
from typing import IO, Any, TypeVar

from django.core import signals
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.core.handlers.base import BaseHandler
from django.http import HttpResponseBase
from django.urls import set_script_prefix

from broadsheet.config.presses import Presses, Printed

THREADS = 20
"""How many requests are worked on at once; most of them wait, for a database or for a server elsewhere."""

MCP = frozenset({"/mcp", "/mcp/"})
_NO_MCP = b"This site does not speak the Model Context Protocol; the extra mcp of Broadsheet is not installed.\n"

Done = TypeVar("Done")
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[..., Awaitable[None]]


class Site(ASGIHandler):
    """Django as an ASGI application. Bodies are read, and answers sent, without holding a thread."""

    def __init__(self, threads: int = THREADS, presses: int = 0) -> None:
        BaseHandler.__init__(self)
        self.load_middleware(is_async=False)
        self.threads = ThreadPoolExecutor(threads, thread_name_prefix="site")
        self.presses = Presses(presses) if presses else None
        self.mcp: Application | None = None

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            raise ValueError(f"this site speaks HTTP, not {scope['type']}")
        if scope["path"] in MCP:
            if self.mcp is None:
                self.mcp = await self.work(self._open_mcp)
            await self.mcp(scope, receive, send)
            return
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        if self.presses and (printed := await self.presses.answer(scope)):
            body.close()
            await _send_start(send, printed.status, printed.headers)
            await send({"type": "http.response.body", "body": printed.body})
            return
        work = partial(get_running_loop().run_in_executor, self.threads)
        response = await work(self._answer, scope, body)
        await _send_start(send, response.status_code, _headers(response))
        if not response.streaming:
            await send({"type": "http.response.body", "body": response.content})
            return
        try:
            parts: Iterator[bytes] = iter(response)
            while (part := await work(next, parts, None)) is not None:
                await send({"type": "http.response.body", "body": part, "more_body": True})
            await send({"type": "http.response.body"})
        finally:
            await work(response.close)

    async def work(self, act: Callable[[], Done]) -> Done:
        """Do something besides requests that may ask the database, in a thread that stays."""
        return await get_running_loop().run_in_executor(self.threads, in_turn, act)

    def _open_mcp(self) -> Application:
        """The door for models; it takes a second to load, which sites that nobody asks by it are spared."""
        from broadsheet import mcp
        from broadsheet.library import shared

        if not mcp.is_installed():
            return _no_mcp
        from broadsheet.mcp.http import Door

        return Door(self.work, shared)

    def printed(self, scope: Message) -> Printed:
        """The whole answer to a request that has no body."""
        response = self._answer(scope, BytesIO())
        return Printed(response.status_code, _headers(response), response.content)

    def _answer(self, scope: Message, body: IO[bytes]) -> Any:
        """The response to a request, closed unless it is streamed."""
        set_script_prefix(get_script_prefix(scope))
        signals.request_started.send(sender=self.__class__, scope=scope)
        response: Any
        request, response = self.create_request(scope, body)  # a response if the request cannot be read
        if request is not None:
            response = self.get_response(request)
        if not response.streaming:
            response.close()
            body.close()
        return response


def in_turn(act: Callable[[], Done]) -> Done:
    """Do something as Django does a request: connections that broke or are too old are closed before and after."""
    signals.request_started.send(sender=Site)
    try:
        return act()
    finally:
        signals.request_finished.send(sender=Site)


async def _no_mcp(scope: Message, receive: Receive, send: Send) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
    await _send_start(send, HTTPStatus.NOT_FOUND, headers)
    await send({"type": "http.response.body", "body": _NO_MCP})


async def _send_start(send: Send, status: int, headers: list[tuple[bytes, bytes]]) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})


def _headers(response: HttpResponseBase) -> list[tuple[bytes, bytes]]:
    headers = [(name.encode("ascii"), value.encode("latin1")) for name, value in response.items()]
    return headers + [(b"Set-Cookie", cookie.OutputString().encode("ascii")) for cookie in response.cookies.values()]
