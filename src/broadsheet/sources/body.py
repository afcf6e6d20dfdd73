"""The body of an answer, inflated as it arrives and never beyond a limit."""

import zlib
from collections.abc import Iterable, Iterator

from broadsheet.sources.errors import FetchError

_GZIP = 31  # zlib's window bits for a gzip header and trailer


def read_body(chunks: Iterable[bytes], encoding: str, limit: int) -> bytes:
    """Return the whole body as it was before its content encoding, at most `limit` bytes of it.

    Only gzip is asked for and undone, once: layers of compression are how a few bytes become gigabytes. Raises
    FetchError over the limit, for any other encoding, and for gzip that is damaged or cut off.
    """
    encoding = encoding.strip().lower()
    if encoding in ("gzip", "x-gzip"):
        chunks = _inflate(chunks, limit)
    elif encoding not in ("", "identity"):
        raise FetchError(f"the answer is encoded as {encoding[:40]!r}, which was not asked for")
    parts, size = [], 0
    for chunk in chunks:
        size += len(chunk)
        if size > limit:
            raise FetchError(f"the answer is larger than {limit:,} bytes")
        parts.append(chunk)
    return b"".join(parts)


def _inflate(chunks: Iterable[bytes], limit: int) -> Iterator[bytes]:
    """Inflate gzip members one after another, at most `limit` bytes and one in a step."""
    member, begun = zlib.decompressobj(_GZIP), False
    try:
        for chunk in chunks:
            while chunk:
                if member.eof:
                    member, begun = zlib.decompressobj(_GZIP), False
                begun = True
                yield member.decompress(chunk, limit + 1)
                chunk = member.unused_data if member.eof else member.unconsumed_tail  # noqa: PLW2901
    except zlib.error as error:
        raise FetchError(f"the answer's gzip is damaged: {error}") from error
    if begun and not member.eof:
        raise FetchError("the answer's gzip is cut off")
