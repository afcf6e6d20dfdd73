"""What a model said is kept on disk: it says the same of the same text every time, and takes long to say it."""

import hashlib
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from broadsheet.evaluation.errors import EvaluationError

CACHE = Path("~/.cache/broadsheet")
"""The folder where it is kept unless another is named."""

_AT_ONCE = 256
_PATIENCE = 60.0  # seconds that one process waits while another writes


class Kept:
    """Rows by the hash of what they were made of, in one file; processes may share it.

    Raises EvaluationError for a file that is damaged or cannot be written.
    """

    def __init__(self, folder: Path, name: str, columns: str) -> None:
        """Open or make ``NAME.sqlite3`` in a folder, with a table of that name whose first column is the key."""
        self.path = folder.expanduser() / f"{name}.sqlite3"
        self._name = name
        self._key = columns.split()[0]
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._rows = sqlite3.connect(self.path, timeout=_PATIENCE)
            self._rows.execute("PRAGMA journal_mode = WAL")
            self._rows.execute("PRAGMA synchronous = NORMAL")
            self._rows.execute(f"CREATE TABLE IF NOT EXISTS {name} ({columns})")
        except (OSError, sqlite3.Error) as error:
            raise self._refusal(error) from error

    def close(self) -> None:
        """Let go of the file."""
        self._rows.close()

    def read(self, keys: Sequence[bytes]) -> dict[bytes, tuple[Any, ...]]:
        """The rows that are kept under some keys, by key."""
        found = {}
        try:
            for first in range(0, len(keys), _AT_ONCE):
                some = keys[first : first + _AT_ONCE]
                asked = f"SELECT * FROM {self._name} WHERE {self._key} IN ({', '.join('?' * len(some))})"  # noqa: S608
                found.update({key: tuple(row) for key, *row in self._rows.execute(asked, some)})
        except sqlite3.Error as error:
            raise self._refusal(error) from error
        return found

    def keep(self, rows: Mapping[bytes, tuple[Any, ...]]) -> None:
        """Keep rows by key, all of them or none."""
        marks = ", ".join("?" * (1 + len(next(iter(rows.values()), ()))))
        put = f"INSERT OR REPLACE INTO {self._name} VALUES ({marks})"  # noqa: S608
        try:
            with self._rows:
                self._rows.executemany(put, ((key, *row) for key, row in rows.items()))
        except sqlite3.Error as error:
            raise self._refusal(error) from error

    def _refusal(self, error: Exception) -> EvaluationError:
        return EvaluationError(f"{self.path}, where {self._name} are kept, cannot be used: {error}; remove or move it")


def key_of(*parts: str) -> bytes:
    """The key of what was made of these texts."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).digest()
