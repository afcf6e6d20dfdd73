"""A real server of the library that is measured, in a process of its own."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path

from broadsheet.bench.clients import Visitor
from broadsheet.bench.corpus import Tell
from broadsheet.bench.errors import BenchError

PATIENCE = 1_800.0
"""Seconds after which a server that does not find a paper is given up: it reads the journal first."""
_LOOK_EVERY = 0.2


@contextmanager
def serving(home: Path, tell: Tell) -> Iterator[tuple["subprocess.Popen[bytes]", int]]:
    """A server of the library of this home on a free port of loopback."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    tell("start the server", 0, 1)
    with (home / "server.log").open("wb") as said:
        command = [sys.executable, "-m", "broadsheet", "serve", "--port", str(port)]
        server = subprocess.Popen(command, stdout=said, stderr=said)  # noqa: S603
        try:
            yield server, port
        finally:
            server.terminate()
            server.wait()


def wait_until_found(server: "subprocess.Popen[bytes]", port: int, asked: str, shown: str, tell: Tell) -> None:
    """Wait until the server has read the journal, so that it finds its last paper."""
    visitor = Visitor("127.0.0.1", port)
    began = time.perf_counter()
    while True:
        status, page = visitor.search(asked)
        if shown.encode() in page:
            return
        if server.poll() is not None:
            raise BenchError(f"the server ended with exit code {server.returncode}")
        if status not in (0, HTTPStatus.OK):
            raise BenchError(f"the server answers a search with status {status}")
        if time.perf_counter() - began > PATIENCE:
            raise BenchError(f"the server did not find its last paper within {PATIENCE:.0f} seconds")
        time.sleep(_LOOK_EVERY)
        tell("wait for the server's index", 0, 1)
