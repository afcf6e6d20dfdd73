"""A stranger's file read by a process of its own that can do no harm: how it is started, heard and ended."""

import os
import selectors
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from broadsheet.sources.errors import SourceError

_OUT_OF_TIME = -24  # SIGXCPU


@dataclass(frozen=True, slots=True)
class Confined:
    """A script that reads standard input and writes what stands in it; it gives up all rights itself (pdf_spans.py).

    `too_long` and `broke` are the reasons given where it takes too long and where it fails, `why` those of its own exit
    codes; `most_said` bounds the bytes that it may write.
    """

    script: Path
    too_long: str
    broke: str
    most_said: int
    why: Mapping[int, str] = field(default_factory=dict)

    def read(self, file: int, patience: float, *arguments: str) -> bytes:
        """What the script says of an open file within so many seconds. Raises SourceError, with the reason alone.

        The process gets the open file and nothing else: no name, no environment, no socket.
        """
        with subprocess.Popen(  # noqa: S603
            [sys.executable, "-I", str(self.script), *arguments],
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            cwd="/",
            start_new_session=True,
        ) as running:
            try:
                said = self._listen(running, patience)
            finally:
                running.kill()
            code = running.wait()
        if code == _OUT_OF_TIME:
            raise SourceError(self.too_long)
        if code:
            raise SourceError(self.why.get(code, self.broke))
        return said

    def _listen(self, running: "subprocess.Popen[bytes]", patience: float) -> bytes:
        """All that the script says until it ends. Raises SourceError where that is too much, or takes too long."""
        assert running.stdout is not None
        end = time.monotonic() + patience
        said = bytearray()
        with selectors.DefaultSelector() as selector:
            selector.register(running.stdout, selectors.EVENT_READ)
            while True:
                if not selector.select(max(0.0, end - time.monotonic())):
                    raise SourceError(self.too_long)
                part = os.read(running.stdout.fileno(), 1 << 16)
                if not part:
                    break
                said += part
                if len(said) > self.most_said:
                    raise SourceError(self.broke)
        try:
            running.wait(max(0.1, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            raise SourceError(self.too_long) from None
        return bytes(said)
