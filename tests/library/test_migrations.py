"""The tables are what the models say, and a library of an earlier Broadsheet comes along."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

from broadsheet.library.likeness import Traits
from broadsheet.library.models import Block
from broadsheet.ranking import trending

AT = datetime(2026, 11, 21, tzinfo=UTC)
DAYS = (date(2021, 4, 25), date(2021, 4, 26))


@pytest.fixture(params=["sqlite", "postgresql"])
def bare_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without tables."""
    if request.param == "sqlite":
        yield str(tmp_path / "bare.sqlite3")
        return
    server = request.getfixturevalue("postgresql")
    yield server.create("bare")
    server.drop("bare")


def test_no_model_waits_for_a_migration():
    known = MigrationLoader(None)
    changes = MigrationAutodetector(known.project_state(), ProjectState.from_apps(apps)).changes(graph=known.graph)
    assert changes == {}


def test_papers_of_an_earlier_broadsheet_get_their_trending_number_their_blocks_and_their_code_is_due(
    bare_database, as_site
):
    with as_site(bare_database):
        fill(migrated("0001_journal_and_papers"))
        papers = migrated().get_model("library", "Paper").objects.order_by("pk")
        assert [paper.key for paper in papers] == ["linked", "bare"]
        assert [paper.trending for paper in papers] == [trending(day).score for day in DAYS]
        assert [bool(paper.stars_due_at) for paper in papers] == [True, False]
        noted = {(block.key, block.paper.key) for block in Block.objects.select_related("paper")}
        assert noted == {(key, paper) for paper in ("linked", "bare") for key in Traits.read(paper, (), None).blocks}


def test_a_library_that_has_vectors_is_searched_by_them_from_the_beginning(bare_database, as_site):
    with as_site(bare_database):
        then = migrated("0008_waiting_first")
        paper = then.get_model("library", "Paper").objects.create(key="a", day=DAYS[0], added_at=AT, trending=0.0)
        version = then.get_model("library", "Version").objects.create(paper=paper, number=1, born=1, title="A")
        then.get_model("library", "Embedding").objects.create(version=version, born=2, model="m@1", codes=b"a", scale=1)
        found = migrated().get_model("library", "Generation").objects.get()
        assert (found.model, found.since, found.is_kept) == ("m@1", 0, True)


def migrated(name: str | None = None):
    """Bring the library's own tables to a migration, else to the latest; the models of then."""
    executor = MigrationExecutor(connection)
    goal = ("library", name) if name else executor.loader.graph.leaf_nodes("library")[0]
    return executor.migrate([goal]).apps


def fill(then) -> None:
    """Put two papers into the tables as they were at first; one of them links to code."""
    for number, (key, day) in enumerate(zip(("linked", "bare"), DAYS, strict=True)):
        paper = then.get_model("library", "Paper").objects.create(key=key, day=day, added_at=AT)
        links = [{"kind": "code", "url": "https://github.com/ann/paging"}] if key == "linked" else []
        then.get_model("library", "Version").objects.create(paper=paper, number=1, born=number, title=key, links=links)
