"""What the worker does about harvests that come again: one at a time, each in a process of its own."""

import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import IO, TYPE_CHECKING

from broadsheet.cli.scheduling import arguments_of

if TYPE_CHECKING:
    from broadsheet.library import Library
    from broadsheet.library.models import Schedule

_HOLD_EVERY = timedelta(minutes=1)
_STOP_WITHIN = 5.0
_SHOWN = 300


@dataclass
class _Run:
    """A run under way: its order, its process, where it speaks to, and since when its claim is held."""

    row: "Schedule"
    child: "subprocess.Popen[bytes]"
    said: IO[bytes]
    complained: IO[bytes]
    held_at: datetime


@dataclass
class Repeating:
    """Starts the harvests that are due, one after the other, and writes down how each ended.

    A run is a process of its own, so that a long one keeps nothing waiting and a killed worker leaves none behind: it
    ends with its standard input. `command` is what is started, before the words of the order.
    """

    library: "Library"
    command: Sequence[str] = (sys.executable, "-m", "broadsheet", "harvest", "--leash")
    chance: Callable[[], float] = random.random
    owner: str = field(default_factory=lambda: f"{random.getrandbits(32):08x}@{socket.gethostname()}:{os.getpid()}")
    _run: _Run | None = None

    def tick(self, now: datetime) -> str:
        """Start what is due, or look after what runs; says in a line what came to an end."""
        from broadsheet.library import scheduling

        if self._run is None:
            row = scheduling.claim(self.library.alias, self.owner, now, _may_live)
            if row:
                self._start(row, now)
            return ""
        run = self._run
        if run.child.poll() is not None:
            return self._settle(run, now)
        if now - run.held_at >= _HOLD_EVERY:
            if scheduling.hold(self.library.alias, run.row, now):
                run.held_at = now
            else:
                self._end(run)
                return f"Harvest {run.row.pk} was ended: it does not come again, or another worker has it"
        return ""

    def stop(self) -> None:
        """End what runs; it goes on where it was when a worker runs again."""
        from broadsheet.library import scheduling

        if self._run:
            run = self._run
            self._end(run)
            scheduling.release(self.library.alias, run.row)

    def _start(self, row: "Schedule", now: datetime) -> None:
        said, complained = tempfile.TemporaryFile(), tempfile.TemporaryFile()  # noqa: SIM115 (closed with the run)
        child = subprocess.Popen(
            [*self.command, *arguments_of(row)], stdin=subprocess.PIPE, stdout=said, stderr=complained
        )
        self._run = _Run(row, child, said, complained, now)

    def _settle(self, run: _Run, now: datetime) -> str:
        from broadsheet.library import scheduling

        found = _read_json(run.said)
        error = "" if run.child.returncode == 0 else _why(found, run)
        self._end(run)
        scheduling.settle(self.library.alias, run.row, error, now, self.chance)
        name = run.row.command[:_SHOWN]
        return f"{name} failed: {error}" if error else f"{name}: {found.get('added', 0):,} new papers"

    def _end(self, run: _Run) -> None:
        if run.child.poll() is None:
            run.child.terminate()
            try:
                run.child.wait(_STOP_WITHIN)
            except subprocess.TimeoutExpired:
                run.child.kill()
                run.child.wait()
        for stream in (run.child.stdin, run.said, run.complained):
            if stream:
                stream.close()
        self._run = None


def _may_live(owner: str) -> bool:
    from broadsheet.library.harvesting import may_live

    return may_live(owner.partition("@")[2])


def end_with_standard_input() -> None:
    """Have this process end when its standard input does, as it does when whoever started it dies."""

    def wait() -> None:
        while os.read(0, 1 << 16):
            pass
        os._exit(1)  # whatever is under way: a harvest is safe to kill

    threading.Thread(target=wait, name="leash", daemon=True).start()


def _why(found: "dict[str, object]", run: _Run) -> str:
    """Why a run failed: what it says itself, else the last line of its complaints."""
    if found.get("error"):
        return str(found["error"])
    run.complained.seek(0, os.SEEK_END)
    run.complained.seek(max(0, run.complained.tell() - 4_000))
    lines = run.complained.read().decode("utf-8", "replace").split("\n")
    told = [line.strip() for line in lines if line.strip()]
    return told[-1].removeprefix("Error: ")[:_SHOWN] if told else f"it ended with exit code {run.child.returncode}"


def _read_json(said: IO[bytes]) -> "dict[str, object]":
    said.seek(0)
    try:
        found = json.loads(said.read(1 << 22) or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
