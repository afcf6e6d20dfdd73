"""The resource of a paper: its record as one line of JSON, at an address of its own for ever.

The address is made of the paper's number, so that it says nothing that an erasure has to take back, and is a plain file
name for whoever keeps resources as files. The bytes depend on the version alone; with them go length and SHA-256.
"""

import hashlib
from dataclasses import dataclass

from broadsheet.library.models import Version
from broadsheet.sources import record_to_json

MEDIA_TYPE = "application/json"


@dataclass(frozen=True, slots=True)
class Resource:
    """What is served at the address of a paper, to the byte."""

    body: bytes

    @classmethod
    def of(cls, version: Version) -> "Resource":
        """The record as `broadsheet import` reads it back, and the number of the text here, which never falls."""
        line = record_to_json(version.names, version.text, version.source, version.source_number)
        return cls(f'{line[:-1]}, "version": {version.number}}}\n'.encode())

    @property
    def sha256(self) -> str:
        """The hash of the bytes, in hexadecimal."""
        return hashlib.sha256(self.body).hexdigest()

    @property
    def description(self) -> dict[str, str]:
        """The attributes by which lists tell of it."""
        return {"hash": f"sha-256:{self.sha256}", "length": str(len(self.body)), "type": MEDIA_TYPE}
