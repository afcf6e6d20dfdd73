"""Lists of OAI-PMH are found and counted in indexes, however many papers and versions there are."""

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from broadsheet.library.changes_since import Span, Wanted, places, size
from broadsheet.library.models import Change, Paper, Version

MANY = 3_000
SPAN = Span(0, 2 * MANY, 2 * MANY)


@pytest.fixture
def library(site_library):
    """Many papers, each once revised, few of them from a second source."""
    made = (
        Paper(key=f"p{n}", day=site_library.today(), added_at=site_library.clock(), trending=0.0) for n in range(MANY)
    )
    Paper.objects.bulk_create(made, batch_size=2_000)
    papers = list(Paper.objects.order_by("pk"))
    rows = [
        Version(paper=paper, number=1, source="a", born=n, died=MANY + n, title="t")
        for n, paper in enumerate(papers, 1)
    ]
    rows += [
        Version(paper=paper, number=2, source="ba"[n % 50 > 0], born=MANY + n, title="t")
        for n, paper in enumerate(papers, 1)
    ]
    Version.objects.bulk_create(rows, batch_size=2_000)
    changes = (
        Change(seq=row.born, at=site_library.clock(), kind="added", paper_id=row.paper_id, version=row) for row in rows
    )
    Change.objects.bulk_create(changes, batch_size=2_000)
    with connections[site_library.alias].cursor() as cursor:
        cursor.execute("ANALYZE")
    return site_library


def test_what_is_closed_is_not_walked_over(library):
    connection = connections[library.alias]
    for wanted, index in ((None, "open_by_birth"), (Wanted(source="b"), "open_by_source")):
        with CaptureQueriesContext(connection) as queries:
            assert len(places(library.alias, SPAN, wanted, 50)) == 50
        plans = [planned(connection, query["sql"]) for query in queries]
        assert index in plans[0], plans[0]
        assert "removals" in plans[2], plans[2]
        for plan in plans:
            assert "Seq Scan" not in plan
            assert "SCAN library_version\n" not in f"{plan}\n"
            assert "SCAN library_change\n" not in f"{plan}\n"

    with CaptureQueriesContext(connection) as queries:
        assert (size(library.alias, SPAN, None), size(library.alias, SPAN, Wanted(source="b"))) == (MANY, MANY // 50)
    whole, of_source = [planned(connection, query["sql"]) for query in queries]
    assert "open_by_source" in of_source
    assert "removals" in of_source
    if connection.vendor == "sqlite":  # PostgreSQL may well read a table whole that has but a few pages
        assert "SEARCH library_version USING INDEX open_by_birth" in whole


def planned(connection, sql: str) -> str:
    """How the database would answer a query."""
    with connection.cursor() as cursor:
        cursor.execute(("EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN ") + sql)
        return "\n".join(str(row[-1]) for row in cursor.fetchall())
