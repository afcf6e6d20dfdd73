"""One PDF read by a process of its own that can do no harm: what it says is bounded, checked, and else a reason."""

import json
import math
import os
import selectors
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from broadsheet.sources.errors import SourceError
from broadsheet.sources.pdf_lines import Span
from broadsheet.sources.pdf_paper import Sheet
from broadsheet.sources.pdf_spans import FORMAT, MEMORY, PASSWORD, SECONDS, SECURITY, TOLD

MOST_BYTES = 512 << 20
"""How large a PDF is read; only the parts that its first pages need are."""
PATIENCE = SECONDS + 10.0
_MOST_SAID = 8 << 20
_WIDEST = 100_000.0
_READER = Path(__file__).with_name("pdf_spans.py")
_TOO_LONG = f"it is left unread, since reading its first pages takes more than {SECONDS} seconds"
_BROKE = f"it breaks the reader of PDFs, or needs more than {MEMORY >> 30} GB of memory to be read"
_WHY = {
    FORMAT: "it is no PDF, or a damaged one",
    PASSWORD: "it cannot be read without its password",
    SECURITY: "it is encrypted in a way that cannot be read",
}


def require_reader() -> None:
    """Raise SourceError where the package that reads PDFs is not installed."""
    if find_spec("pypdfium2") is None:
        raise SourceError("PDFs cannot be read here: install the extra broadsheet[pdf]")


def read_pdf(file: int, patience: float = PATIENCE) -> Sheet:
    """Read an open file. Raises SourceError, with the reason alone, for one that cannot be read.

    The process gets the open file and nothing else: no name, no environment, no socket.
    """
    size = os.fstat(file).st_size
    if not size:
        raise SourceError("it is empty")
    if size > MOST_BYTES:
        raise SourceError(f"it has {size:,} bytes, more than the {MOST_BYTES:,} that are read")
    with subprocess.Popen(  # noqa: S603
        [sys.executable, "-I", str(_READER)],
        stdin=file,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={},
        cwd="/",
        start_new_session=True,
    ) as reader:
        try:
            said = _listen(reader, patience)
        finally:
            reader.kill()
        code = reader.wait()
    if code == -24:  # SIGXCPU
        raise SourceError(_TOO_LONG)
    if code:
        raise SourceError(_WHY.get(code, _BROKE))
    return _check(said)


def _listen(reader: "subprocess.Popen[bytes]", patience: float) -> bytes:
    """All that the reader says until it ends. Raises SourceError where that is too much, or takes too long."""
    assert reader.stdout is not None
    end = time.monotonic() + patience
    said = bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(reader.stdout, selectors.EVENT_READ)
        while True:
            if not selector.select(max(0.0, end - time.monotonic())):
                raise SourceError(_TOO_LONG)
            part = os.read(reader.stdout.fileno(), 1 << 16)
            if not part:
                break
            said += part
            if len(said) > _MOST_SAID:
                raise SourceError(_BROKE)
    try:
        reader.wait(max(0.1, end - time.monotonic()))
    except subprocess.TimeoutExpired:
        raise SourceError(_TOO_LONG) from None
    return bytes(said)


def _check(said: bytes) -> Sheet:
    """What the reader said, if it is in its form; what read a hostile file may say anything."""
    try:
        found = json.loads(said)
        told = {name: str(found["told"].get(name, ""))[:2_000] for name in TOLD}
        return Sheet(told, tuple(tuple(map(_span, page["spans"])) for page in found["pages"][:2]))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise SourceError(_BROKE) from error


def _span(said: Any) -> Span:
    text, left, baseline, right, size, angle, font, weight = said
    if not all(math.isfinite(place) and abs(place) < _WIDEST for place in map(float, (left, baseline, right, size))):
        left = baseline = right = size = 0.0  # so small that it is passed over
    return Span(
        _without_halves(str(text)), float(left), float(baseline), float(right), float(size), int(angle), str(font),
        int(weight),
    )  # fmt: skip


def _without_halves(text: str) -> str:
    """A text without the halves of characters that JSON may hold."""
    return text.encode("utf-8", "ignore").decode().replace("\0", "")
