"""Sites that journeys visit: servers and workers in processes of their own."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

ROOT = Path(__file__).resolve().parents[2]


def environment(home: Path, model: str = "none") -> dict[str, str]:
    """The options of a process whose home is this folder."""
    path = os.pathsep.join(filter(None, [str(ROOT / "src"), os.environ.get("PYTHONPATH", "")]))
    return {**os.environ, "BROADSHEET_HOME": str(home), "BROADSHEET_MODEL": model, "PYTHONPATH": path}


@contextmanager
def serving(home: Path, model: str = "none") -> Iterator[str]:
    """A server process on a free port; the address of the site as soon as it listens."""
    application = ["uvicorn", "broadsheet.config.asgi:application", "--port", "0", "--lifespan", "off"]
    with subprocess.Popen(
        [sys.executable, "-m", *application],
        env=environment(home, model),
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    ) as server:
        try:
            lines = iter(server.stderr.readline, "")
            address = next((found[1] for line in lines if (found := re.search(r"running on (http://\S+)", line))), None)
            assert address, "the server ended before it listened"
            Thread(target=server.stderr.read, daemon=True).start()  # so that the pipe never fills
            yield address
        finally:
            server.terminate()
            server.wait(10)


@contextmanager
def working(home: Path, **options: str) -> Iterator["subprocess.Popen[str]"]:
    """A worker process, asked to stop at the end unless it has ended."""
    command = [sys.executable, "-m", "broadsheet", "worker"]
    with subprocess.Popen(
        command, env=environment(home) | options, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as worker:
        try:
            yield worker
        finally:
            if worker.poll() is None:
                worker.terminate()
            worker.communicate(timeout=40)
