"""JSON Lines: one object a line, read as a stream however large the file or a line of it is."""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from io import BufferedIOBase
from pathlib import Path
from typing import Any, NoReturn, cast

from broadsheet.papers import PaperError
from broadsheet.sources.errors import SourceError
from broadsheet.sources.json_record import read_json_record
from broadsheet.sources.lines import MAX_LINE, read_lines
from broadsheet.sources.paging import Found, paged, position_in
from broadsheet.sources.payload import open_payload
from broadsheet.sources.source import Fault, Page


@dataclass
class JsonLines:
    """A file of one JSON object a line, plain or gzip; see read_json_record for the keys.

    A page's cursor is the number of lines taken in. A line that cannot be used is a fault and does not stop the rest;
    a damaged or shortened file raises SourceError after the records before the damage. `done` counts each line that an
    earlier run took in as one record; `total` is an estimate until the last page.
    """

    path: Path
    name: str
    _stream: BufferedIOBase | None = field(default=None, init=False, repr=False)

    def harvest(self, cursor: str | None = None) -> Iterator[Page]:
        """Yield pages from the first line, or from the line that the cursor names. Raises SourceError."""
        start = position_in(cursor)
        for page in paged(self._find(start), done=start):
            yield replace(page, total=page.done if page.cursor is None else self._estimate(page.done))

    def _estimate(self, done: int) -> int | None:
        """How many records the file holds, judged by how much of it was read to find `done`."""
        raw = self._stream.fileobj if isinstance(self._stream, gzip.GzipFile) else self._stream
        if raw is None:
            return None
        consumed = cast(BufferedIOBase, raw).tell()
        return round(done * self.path.stat().st_size / consumed) if consumed else None

    def _find(self, start: int) -> Iterator[tuple[int, Found]]:
        number = 0
        try:
            with open_payload(self.path) as stream:
                self._stream = stream
                for number, line in enumerate(read_lines(stream), 1):
                    if number > start and (line is None or line.strip()):
                        yield number, self._read(line, number)
            self._stream = None
        except SourceError as error:
            self._stream = None
            raise SourceError(f"{error}, after line {number:,}" if number else str(error)) from error
        if number < start:
            raise SourceError(f"{self.path} has {number:,} lines, but {start:,} were taken in before: it has changed")

    def _read(self, line: bytes | None, number: int) -> Found:
        place = f"{self.path.name} line {number:,}"
        if line is None:
            return Fault(place, f"the line is longer than {MAX_LINE >> 20} MiB and was passed over")
        try:
            return read_json_record(parse_object(line, first=number == 1), self.name, place)
        except PaperError as error:
            return Fault(place, str(error))


class JsonError(PaperError):
    """A line is not one JSON object."""


def parse_object(line: bytes, first: bool = False, what: str = "the line") -> dict[str, Any]:
    """Read one line of UTF-8 as one JSON object. Raises JsonError. Source: RFC 8259, without its NaN-like extensions.

    Only the first line of a file may begin with a byte order mark. `what` is what the error calls it.
    """
    try:
        text = line.removeprefix(b"\xef\xbb\xbf" if first else b"").decode("utf-8")
        members = _DECODER.decode(text)
    except UnicodeDecodeError as error:
        raise JsonError(f"{what} is not UTF-8: byte {error.start + 1:,} cannot be read") from error
    except _NotANumberError as error:
        raise JsonError(f"{what} is not JSON: {error} is not a number") from error
    except json.JSONDecodeError as error:
        raise JsonError(f"{what} is not JSON: {error.msg} at character {error.pos + 1:,}") from error
    except (ValueError, RecursionError) as error:
        raise JsonError(f"{what} is not usable JSON: {error}") from error
    if not isinstance(members, dict):
        raise JsonError(f"{what} is JSON but not an object in braces")
    return members


class _NotANumberError(ValueError):
    """NaN or an infinity, which Python reads and JSON does not have."""


def _refuse(word: str) -> NoReturn:
    raise _NotANumberError(word)


_DECODER = json.JSONDecoder(parse_constant=_refuse)
