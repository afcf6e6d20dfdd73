"""An archive of a source's dump: its manifest and its files, never more of them than they say and than is allowed."""

import zlib
from collections.abc import Iterator
from io import BytesIO
from zipfile import BadZipFile, ZipFile

from broadsheet.sources.errors import SourceError
from broadsheet.sources.resourcesync_lists import MAX_BYTES as MOST_OF_MANIFEST
from broadsheet.sources.resourcesync_lists import Listed, Listing, read_listing
from broadsheet.sources.resourcesync_resources import MAX_BYTES, Refused

MAX_FILES = 60_000
_DAMAGE = (BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError)


class Archive:
    """One ZIP archive, opened from its bytes. Raises SourceError for what is none."""

    def __init__(self, body: bytes, address: str) -> None:
        self.address = address
        try:
            self._pack = ZipFile(BytesIO(body))
            self._sizes = {info.filename: info.file_size for info in self._pack.infolist()}
        except _DAMAGE as error:
            raise SourceError(f"{address} is no archive that can be read: {error}") from error
        if len(self._sizes) > MAX_FILES:
            raise SourceError(f"{address} holds {len(self._sizes):,} files, more than {MAX_FILES:,}")
        self.manifest: Listing = read_listing(self._read("manifest.xml", MOST_OF_MANIFEST), address)

    def body(self, listed: Listed) -> bytes:
        """The file that the manifest says is an address's. Raises Refused."""
        try:
            return self._read(listed.path.removeprefix("/"), MAX_BYTES)
        except SourceError as error:
            raise Refused(str(error)) from error

    def __iter__(self) -> Iterator[Listed]:
        return iter(self.manifest.rows)

    def _read(self, name: str, limit: int) -> bytes:
        if name not in self._sizes:
            raise SourceError(f"{self.address} does not hold {name[:200]!r}")
        try:
            with self._pack.open(name) as file:
                body = file.read(limit + 1)
        except _DAMAGE as error:
            raise SourceError(f"{name[:200]!r} of {self.address} cannot be read: {error}") from error
        if len(body) > limit:
            raise SourceError(f"{name[:200]!r} of {self.address} has more than {limit:,} bytes")
        return body
