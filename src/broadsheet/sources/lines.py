"""Lines of a stream whose length nobody promised."""

from collections.abc import Iterator
from io import BufferedIOBase

MAX_LINE = 4 << 20


def read_lines(stream: BufferedIOBase, limit: int = MAX_LINE) -> Iterator[bytes | None]:
    """Yield each line without its line end, or None for a line over `limit` bytes.

    Such a line is passed over a piece at a time: no more than `limit` bytes of it are ever held.
    """
    while line := stream.readline(limit + 1):
        if line.endswith(b"\n") or len(line) <= limit:
            yield line.rstrip(b"\r\n")
            continue
        while (rest := stream.readline(limit)) and not rest.endswith(b"\n"):
            pass
        yield None
