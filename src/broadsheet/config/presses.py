"""Presses: processes of a web server that make its search pages, one page at a time each.

A search page is work for the processor, and a Python process does such work one thing at a time: threads that all have
some only hinder each other. So the server hands these pages out, one to each press that is idle, and does all else
itself; what is counted in its memory, such as rate limits, is counted once.

``python -m broadsheet.config.presses FD`` is a press. It reads requests from a socket until its server is gone.
"""

import asyncio
import gc
import logging
import os
import pickle
import signal
import socket
import subprocess
import sys
from collections.abc import Coroutine, Mapping, MutableMapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from zlib import crc32

log = logging.getLogger(__name__)

PATIENCE = 5.0
"""Seconds that a page waits for a press; then the server makes it itself."""
HANGING = 15.0
"""Seconds that a press may take for a page; then it is taken for one that hangs, and ended."""
PAGES = frozenset({"/search"})
"""The paths of pages that presses make."""

_ASKED = ("type", "http_version", "method", "scheme", "path", "raw_path", "query_string", "root_path", "headers")
_PLACES = ("client", "server")
_PREFERENCE = 1
_SIZE = 4
_READY = b"ready"


class Printed(NamedTuple):
    """An answer as a press made it."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


class _Press(NamedTuple):
    process: "subprocess.Popen[bytes]"
    ours: socket.socket


@dataclass(eq=False)
class _Line:
    """What a press is spoken to by, and how many pages it has to make."""

    press: _Press
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    asked: int = 0


class Presses:
    """So many presses of one server. They start with this object and end with its process, however it ends."""

    def __init__(self, count: int) -> None:
        self._starting = [_start() for _ in range(count)]
        self._lines: list[_Line] = []
        self._tasks: set[asyncio.Task[object]] = set()

    async def answer(self, scope: MutableMapping[str, Any]) -> Printed | None:
        """Have a page made; None if no press is there for it, or none in good time."""
        self._open_lines()
        if not (self._lines and is_for_presses(scope)):
            return None
        asked = {name: scope[name] for name in _ASKED if name in scope}
        places = {name: tuple(scope[name]) for name in _PLACES if scope.get(name)}
        line = self._choose(scope["query_string"])
        line.asked += 1
        try:
            async with asyncio.timeout(PATIENCE):
                await line.turn.acquire()
            async with asyncio.timeout(HANGING):
                return await self._print(line, asked | places)
        except (OSError, EOFError):  # a TimeoutError is an OSError
            return None
        finally:
            line.asked -= 1

    def _choose(self, query: bytes) -> _Line:
        """The press that made pages of the same query before, and remembers, unless another is far less busy."""
        usual = self._lines[crc32(query.partition(b"&")[0]) % len(self._lines)]
        idlest = min(self._lines, key=lambda line: line.asked)
        return usual if usual.asked <= idlest.asked + _PREFERENCE else idlest

    async def _print(self, line: _Line, asked: Mapping[str, Any]) -> Printed:
        try:
            if line not in self._lines:
                raise EOFError("the press broke off while others waited for it")
            line.writer.write(_packed(asked))
            printed: Printed = pickle.loads(await _read(line.reader))  # noqa: S301 (from a process of our own)
        except BaseException:  # also if nobody waits for the page any more: what comes would be taken for the next
            self._lose(line)
            raise
        finally:
            line.turn.release()
        return printed

    def _open_lines(self) -> None:
        while self._starting:
            self._begin(self._open_line(self._starting.pop()))

    def _begin(self, work: Coroutine[Any, Any, object]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _open_line(self, press: _Press) -> None:
        line = _Line(press, *await asyncio.open_connection(sock=press.ours))
        try:
            await _read(line.reader)
        except (OSError, EOFError):
            log.error("A process for search pages did not start; this one makes them.")
            press.process.kill()
            await asyncio.to_thread(press.process.wait)
            return
        self._lines.append(line)

    def _lose(self, line: _Line) -> None:
        """Leave a press alone that broke off in the middle of a page, and start another."""
        if line not in self._lines:
            return
        self._lines.remove(line)
        log.warning("A process for search pages broke off; starting another.")
        line.writer.close()
        line.press.process.kill()
        self._begin(asyncio.to_thread(line.press.process.wait))
        self._starting.append(_start())


def is_for_presses(scope: Mapping[str, Any]) -> bool:
    """Whether presses make this page: not what waits, or changes anything."""
    return scope["method"] in ("GET", "HEAD") and scope["path"] in PAGES and b"deep=" not in scope["query_string"]


def _start() -> _Press:
    ours, theirs = socket.socketpair()
    command = [sys.executable, "-m", "broadsheet.config.presses", str(theirs.fileno())]
    process = subprocess.Popen(command, pass_fds=[theirs.fileno()])  # noqa: S603
    theirs.close()
    ours.setblocking(False)
    return _Press(process, ours)


def _packed(message: object) -> bytes:
    body = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    return len(body).to_bytes(_SIZE) + body


async def _read(reader: asyncio.StreamReader) -> bytes:
    """One message. Raises EOFError where the other side is gone."""
    return await reader.readexactly(int.from_bytes(await reader.readexactly(_SIZE)))


def press(descriptor: int) -> None:
    """Make pages until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to all; the server's end is what ends this
    from django.template.loader import get_template
    from django.urls import get_resolver

    from broadsheet.config.asgi import application
    from broadsheet.library import shared

    shared().catch_up()
    get_template("web/search.html")  # loaded now, not while the first reader waits
    _ = get_resolver().url_patterns
    gc.collect()
    gc.freeze()  # what is there now stays, so no reader waits while all of it is looked through for garbage
    with suppress(ConnectionError), socket.socket(fileno=descriptor) as line, line.makefile("rb") as asking:
        line.sendall(_packed(_READY))
        while size := asking.read(_SIZE):
            scope = pickle.loads(asking.read(int.from_bytes(size)))  # noqa: S301 (from the process that started us)
            line.sendall(_packed(application.printed(scope)))
    os._exit(0)  # the thread that follows the journal may be in the middle of something, which nobody needs


if __name__ == "__main__":
    press(int(sys.argv[1]))
