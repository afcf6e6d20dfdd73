"""One PDF read by a process of its own that can do no harm: what it says is bounded, checked, and else a reason."""

import json
import math
import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from broadsheet.sources.confined import Confined
from broadsheet.sources.errors import SourceError
from broadsheet.sources.pdf_lines import Span
from broadsheet.sources.pdf_paper import Sheet
from broadsheet.sources.pdf_spans import FORMAT, MEMORY, PASSWORD, SECONDS, SECURITY, TOLD

MOST_BYTES = 512 << 20
"""How large a PDF is read; only the parts that its first pages need are."""
PATIENCE = SECONDS + 10.0
_WIDEST = 100_000.0
_TOO_LONG = f"it is left unread, since reading its first pages takes more than {SECONDS} seconds"
_BROKE = f"it breaks the reader of PDFs, or needs more than {MEMORY >> 30} GB of memory to be read"
_READER = Confined(
    Path(__file__).with_name("pdf_spans.py"),
    _TOO_LONG,
    _BROKE,
    most_said=8 << 20,
    why={
        FORMAT: "it is no PDF, or a damaged one",
        PASSWORD: "it cannot be read without its password",
        SECURITY: "it is encrypted in a way that cannot be read",
    },
)


def require_reader() -> None:
    """Raise SourceError where the package that reads PDFs is not installed."""
    if find_spec("pypdfium2") is None:
        raise SourceError("PDFs cannot be read here: install the extra broadsheet[pdf]")


def read_pdf(file: int, patience: float = PATIENCE) -> Sheet:
    """Read an open file. Raises SourceError, with the reason alone, for one that cannot be read."""
    size = os.fstat(file).st_size
    if not size:
        raise SourceError("it is empty")
    if size > MOST_BYTES:
        raise SourceError(f"it has {size:,} bytes, more than the {MOST_BYTES:,} that are read")
    return _check(_READER.read(file, patience))


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
