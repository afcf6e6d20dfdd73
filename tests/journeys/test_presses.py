"""Presses: search pages come from processes of their own, and come as well when one of these hangs or dies."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from homes import put_titles
from sites import environment

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc")
PATIENCE = 60


def wait_until(is_so: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.1)


class Server:
    """A server with one press."""

    def __init__(self, home: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        command = [sys.executable, "-m", "broadsheet", "serve", "--port", str(self.port), "--presses", "1"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.process = subprocess.Popen(command, env=environment(home), **quiet)

    def page(self, path: str) -> str:
        try:
            with urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=PATIENCE) as answer:
                return re.sub("</?mark>", "", answer.read().decode())
        except URLError:  # not there yet
            return ""

    def presses(self) -> list[int]:
        pid = self.process.pid
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def work_of(self, press: int) -> int:
        """The processor time that a press has used, in ticks."""
        return sum(map(int, Path(f"/proc/{press}/stat").read_text().rpartition(")")[2].split()[11:13]))

    def makes_pages_in(self, press: int) -> bool:
        """Whether a press, done with its start, works when pages are asked for."""
        before = self.work_of(press)
        time.sleep(1)
        if self.work_of(press) > before:
            return False
        for number in range(20):
            self.page(f"/search?q=paging+{number}")
        return self.work_of(press) > before + 5


@pytest.fixture
def server(tmp_path, furnish):
    furnish(tmp_path)
    put_titles(tmp_path, 1, "Paging with predictions")
    started = Server(tmp_path)
    yield started
    started.process.terminate()
    started.process.wait(PATIENCE)


def test_search_pages_are_there_whatever_becomes_of_a_press(server, tmp_path):
    wait_until(lambda: "Paging with predictions" in server.page("/search?q=paging"))
    [press] = server.presses()
    wait_until(lambda: server.makes_pages_in(press))
    put_titles(tmp_path, 2, "Paging again")
    assert "Paging again" in server.page("/search?q=again")

    os.kill(press, signal.SIGSTOP)
    put_titles(tmp_path, 3, "Paging while the press hangs")
    assert "Paging while the press hangs" in server.page("/search?q=hangs")
    wait_until(lambda: server.presses() and press not in server.presses())

    [another] = server.presses()
    os.kill(another, signal.SIGKILL)
    put_titles(tmp_path, 4, "Paging after the press died")
    assert "Paging after the press died" in server.page("/search?q=died")


def test_presses_end_with_their_server_however_it_ends(server):
    wait_until(lambda: server.page("/search?q=paging"))
    [press] = server.presses()
    server.process.kill()
    wait_until(lambda: not Path(f"/proc/{press}").exists() or "Z" in Path(f"/proc/{press}/stat").read_text().split()[2])
