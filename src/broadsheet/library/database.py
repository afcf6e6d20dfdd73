"""Where the library lives: a folder or file (SQLite in WAL mode) or a PostgreSQL address."""

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from broadsheet.library.errors import LibraryError

FILE_NAME = "broadsheet.sqlite3"
_PRAGMAS = ";".join(
    (
        "PRAGMA journal_mode=WAL",
        "PRAGMA synchronous=FULL",  # a commit outlives a power cut: votes do, and mails are sent once
        "PRAGMA cache_size=-32000",  # kibibytes
        "PRAGMA secure_delete=ON",  # what is erased is overwritten
    )
)
_SET_UP_LOCK = 0x62726F6164  # any constant, the same in every process


def connection_settings(where: str | Path) -> dict[str, Any]:
    """Read a folder, a file or a ``postgresql://`` address into Django's settings of one database.

    Raises LibraryError for an address of another kind.

    >>> connection_settings("/srv/papers")["NAME"]
    '/srv/papers/broadsheet.sqlite3'
    >>> connection_settings("postgresql://ann@db:5433/papers")["PORT"]
    5433
    """
    text = str(where)
    if text.startswith(("postgresql://", "postgres://")):
        return _postgresql(text)
    if "://" in text and not text.startswith("sqlite:///"):
        raise LibraryError(
            f"{text!r} is no library: give a folder, a file, sqlite:///PATH or postgresql://USER@HOST/NAME"
        )
    path = Path(text.removeprefix("sqlite://")).expanduser().absolute()
    if path.suffix not in (".sqlite3", ".sqlite", ".db"):
        path = path / FILE_NAME
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 60,
            "init_command": _PRAGMAS,
        },
    }


def register(where: str | Path) -> str:
    """Make a database known to Django and return its alias; the same place has the same alias. Raises LibraryError."""
    found = connection_settings(where)
    place = "|".join(str(found.get(part, "")) for part in ("ENGINE", "HOST", "PORT", "NAME", "USER"))
    alias = f"library-{hashlib.sha256(place.encode()).hexdigest()[:12]}"
    if alias not in connections.settings:
        connections.settings[alias] = connections.configure_settings({**settings.DATABASES, alias: found})[alias]
    return alias


def path_beside(alias: str, end: str) -> Path:
    """Where what is made from a library lies: beside an SQLite file, else in this machine's own folder."""
    connection = connections[alias].settings_dict
    if connections[alias].vendor == "sqlite":
        return Path(f"{connection['NAME']}{end}")
    place = "|".join(str(connection.get(part, "")) for part in ("HOST", "PORT", "NAME"))
    return Path(settings.HOME) / f"{hashlib.sha256(place.encode()).hexdigest()[:12]}{end}"


class Libraries:
    """Django's router of several libraries in one process: every query names its own, so rows of one always relate."""

    def allow_relation(self, *_rows: object, **_hints: object) -> bool:
        """Rows are made before they are saved, and so before Django knows whose they are."""
        return True


def set_up(alias: str) -> None:
    """Create the database's tables or bring them up to date; safe to call from several processes at once."""
    connection = connections[alias]
    if connection.vendor == "sqlite":
        Path(connection.settings_dict["NAME"]).parent.mkdir(parents=True, exist_ok=True)
    if not _is_behind(alias):
        return
    with _alone(alias):
        if _is_behind(alias):
            call_command("migrate", database=alias, verbosity=0, interactive=False)


def _is_behind(alias: str) -> bool:
    executor = MigrationExecutor(connections[alias])
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


@contextmanager
def _alone(alias: str) -> Iterator[None]:
    connection = connections[alias]
    if connection.vendor == "sqlite":
        with Path(f"{connection.settings_dict['NAME']}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_SET_UP_LOCK])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_SET_UP_LOCK])


def _postgresql(url: str) -> dict[str, Any]:
    try:
        parts = urlsplit(url)
        port = parts.port or ""
    except ValueError as error:
        raise LibraryError(f"{url!r} is not a database address: {error}") from error
    name = unquote(parts.path.strip("/"))
    if not name:
        raise LibraryError(f"{url!r} names no database: end it with /NAME")
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", None) or unquote(parts.hostname or ""),
        "PORT": options.pop("port", None) or port,
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }
