"""The bytes of a file: opened, inflated where it is gzip, and read whole only up to a limit."""

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from broadsheet.sources.errors import SourceError

MAX_BYTES = 256 << 20
"""The most that a format which must be read whole may hold, after inflation."""

_GZIP_MAGIC = b"\x1f\x8b"
_CHUNK = 1 << 20


@contextmanager
def open_payload(path: Path) -> Iterator[io.BufferedIOBase]:
    """Open a file for reading, inflating it if its first bytes are those of gzip, whatever its name.

    Raises SourceError, here or while the block reads, for a file that is missing, not a regular file, unreadable, or
    whose gzip is damaged or cut off.
    """
    try:
        if not path.is_file():
            raise SourceError(_why_not_a_file(path))
        with io.BufferedReader(path.open("rb", buffering=0), _CHUNK) as plain:
            if plain.peek(2)[:2] == _GZIP_MAGIC:
                with gzip.GzipFile(fileobj=plain) as inflated:
                    yield inflated
            else:
                yield plain
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise SourceError(f"{path} cannot be inflated: {error}") from error
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror or error}") from error


def read_payload(path: Path, limit: int = MAX_BYTES) -> bytes:
    """The whole of a file, inflated. Raises SourceError as open_payload does, and over `limit` bytes.

    At most `limit` bytes and one chunk are ever held, so that a small file which inflates to gigabytes is harmless.
    """
    parts, size = [], 0
    with open_payload(path) as stream:
        while part := stream.read(_CHUNK):
            size += len(part)
            if size > limit:
                raise SourceError(f"{path} holds more than {limit:,} bytes, the most that is read of such a file")
            parts.append(part)
    return b"".join(parts)


def read_head(path: Path, size: int = 4096) -> bytes:
    """The first bytes of a file, inflated. Raises SourceError as open_payload does."""
    with open_payload(path) as stream:
        return stream.read(size)


def decode(payload: bytes, place: str) -> str:
    """UTF-8 text with plain line ends. Raises SourceError, naming the line, for other bytes or a NUL."""
    payload = payload.removeprefix(b"\xef\xbb\xbf")
    try:
        text = payload.decode("utf-8")
    except UnicodeDecodeError as error:
        line = payload.count(b"\n", 0, error.start) + 1
        raise SourceError(f"{place} line {line:,} is not UTF-8; save the file in that encoding") from error
    if "\0" in text:
        raise SourceError(f"{place} line {text.count(chr(10), 0, text.index(chr(0))) + 1:,} holds a NUL byte")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _why_not_a_file(path: Path) -> str:
    if path.is_dir():
        return f"{path} is a folder; name one of its files"
    return f"{path} is not a regular file" if path.exists() else f"there is no file {path}"
