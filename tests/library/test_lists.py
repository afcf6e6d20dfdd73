"""Lists read from the tables: their order, their bounds, and that they are read from an index."""

from datetime import date, timedelta

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from broadsheet.library.embedding import count_pending, pending, waiting_since
from broadsheet.library.models import Paper

MONDAY, SUNDAY = date(2026, 11, 16), date(2026, 11, 22)


@pytest.fixture
def library(site_library, clock):
    """The clock stands at noon of Saturday 21 November 2026."""
    return site_library


@pytest.fixture
def put(library, record):
    """Put papers on days: put({"2026-11-16": 2}), with titles "2026-11-16 0" and so on."""

    def put_papers(days: dict[str, int]) -> None:
        library.put(
            [
                record(f"{day} {number}", f"notes:{day}-{number}", announced=date.fromisoformat(day))
                for day, papers in days.items()
                for number in range(papers)
            ]
        )

    return put_papers


def titles(versions) -> list[str]:
    return [version.title for version in versions]


def give(title: str, **fields) -> None:
    Paper.objects.filter(versions__title=title).update(**fields)


def test_a_span_holds_its_days_and_no_other_by_votes_then_place(library, put):
    put({"2026-11-15": 1, "2026-11-16": 2, "2026-11-18": 2, "2026-11-21": 1})
    give("2026-11-18 1", votes=3)
    give("2026-11-18 0", is_featured=True)
    page = library.span_page(MONDAY, SUNDAY)
    assert titles(page.versions) == ["2026-11-18 1", "2026-11-18 0", "2026-11-16 0", "2026-11-16 1", "2026-11-21 0"]
    assert (page.total, page.earlier, page.later) == (5, date(2026, 11, 15), None)
    assert titles(library.span_page(MONDAY, SUNDAY, limit=2, offset=1).versions) == ["2026-11-18 0", "2026-11-16 0"]


def test_what_is_to_come_is_on_no_list_but_that_of_its_day(library, put):
    put({"2026-11-21": 1, "2026-11-22": 1})
    give("2026-11-22 0", trending=99_999.0, votes=9)
    assert titles(library.span_page(MONDAY, SUNDAY).versions) == ["2026-11-21 0"]
    assert library.span_page(MONDAY, SUNDAY).total == 1
    assert library.span_page(date(2026, 11, 9), date(2026, 11, 15)).later == date(2026, 11, 21)
    assert library.span_page(MONDAY, date(2026, 11, 21)).later is None
    assert titles(library.newest()) == titles(library.trending()) == ["2026-11-21 0"]
    assert titles(library.day_page().versions) == ["2026-11-21 0"]
    assert library.day_page().later is None
    assert library.day_page(until=date.max).later == date(2026, 11, 22)
    assert titles(library.day_page(date(2026, 11, 22)).versions) == ["2026-11-22 0"]


def test_what_was_withdrawn_or_erased_is_on_no_list(library, put):
    put({"2026-11-20": 3})
    library.withdraw("notes:2026-11-20-0")
    library.erase("notes:2026-11-20-1")
    left = ["2026-11-20 2"]
    assert titles(library.newest()) == titles(library.trending()) == left
    assert titles(library.span_page(MONDAY, SUNDAY).versions) == titles(library.day_page().versions) == left
    assert library.span_page(MONDAY, SUNDAY).total == library.day_page().total == 1


def test_trending_stands_by_the_stored_number_then_in_order_of_arrival(library, put):
    put({"2026-11-20": 3, "2026-11-21": 1})
    give("2026-11-20 2", trending=99_999.0)
    expected = ["2026-11-20 2", "2026-11-21 0", "2026-11-20 0", "2026-11-20 1"]
    assert titles(library.trending()) == expected
    assert titles(library.trending(limit=2, offset=1)) == expected[1:3]


def test_the_newest_come_first_whatever_their_votes(library, put):
    put({"2026-11-21": 2, "2026-11-20": 2})
    give("2026-11-20 0", votes=50)
    assert titles(library.newest()) == ["2026-11-21 1", "2026-11-21 0", "2026-11-20 1", "2026-11-20 0"]
    assert titles(library.newest(limit=1, offset=2)) == ["2026-11-20 1"]


def test_a_day_is_numbered_among_the_days_with_papers(library, put):
    put({"2026-11-01": 3, "2026-11-05": 1, "2026-11-09": 2})
    library.withdraw("notes:2026-11-05-0")
    assert [library.day_page(date(2026, 11, day)).number for day in (1, 4, 5, 9, 30)] == [1, 1, 1, 2, 2]


def test_lists_of_an_empty_library_are_empty(library):
    assert (library.newest(), library.trending()) == ([], [])
    page = library.span_page(MONDAY, SUNDAY)
    assert (page.versions, page.total, page.earlier, page.later) == ([], 0, None, None)


def test_topics_and_authors_are_read_from_the_live_index(library, record):
    topics = ("cs.IR", 'a "quoted" topic', "slash/ed", "Ünïcode 主题")
    library.put([record(f"Paper on {topic}", topics=(topic,), authors=["Lee, Ann"]) for topic in topics])
    from broadsheet.search import Query

    for topic in topics:
        assert [hit.title for hit in library.search(Query.of_topic(topic)).hits] == [f"Paper on {topic}"]
    for name in ("Lee, Ann", "Ann Lee", "A. Lee", "LEE"):
        assert library.search(Query.of_author(name)).total == len(topics)


PLANS = {
    "day_page": "standing_by_day",
    "span_page": "standing_by_day",
    "newest": "standing_by_day",
    "trending": "standing_by_trending",
}


def test_every_query_over_papers_reads_an_index(library):
    """Twenty thousand bare papers are enough for both databases to prefer the index they should."""
    connection = connections[library.alias]
    first = date(2026, 9, 1)
    rows = (
        Paper(key=f"p{n}", day=first + timedelta(days=n % 82), added_at=library.clock(), votes=n % 7, trending=float(n))
        for n in range(20_000)
    )
    Paper.objects.bulk_create(rows, batch_size=2_000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    for name, index in PLANS.items():
        with CaptureQueriesContext(connection) as queries:
            getattr(library, name)(*{"span_page": (MONDAY, SUNDAY)}.get(name, ()))
        asked = [query["sql"] for query in queries if "library_paper" in query["sql"]]
        assert asked, name
        for sql in asked:
            plan = planned(connection, sql)
            assert index in plan, f"{sql}\n{plan}"
            assert "Seq Scan on library_paper" not in plan
            assert "SCAN library_paper\n" not in f"{plan}\n"


def test_what_waits_for_a_vector_is_counted_by_the_index_of_that_alone(library_on_sqlite, record):
    library_on_sqlite.put([record("Paging")])
    connection = connections[library_on_sqlite.alias]
    for ask in (count_pending, waiting_since, lambda alias: list(pending(alias)[:10])):
        with CaptureQueriesContext(connection) as queries:
            ask(library_on_sqlite.alias)
        [asked] = [query["sql"] for query in queries if "is_embedded" in query["sql"]]
        assert "waiting_for_embedding" in planned(connection, asked)


def planned(connection, sql: str) -> str:
    """How the database would answer a query."""
    with connection.cursor() as cursor:
        cursor.execute(("EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN ") + sql)
        return "\n".join(str(row[-1]) for row in cursor.fetchall())
