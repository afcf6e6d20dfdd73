"""A page costs a fixed number of queries, whatever it shows and however many papers there are."""

from datetime import timedelta

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

PAGES = {
    "/": 7,
    "/date/{day}": 6,
    "/week": 5,
    "/week/{week}": 5,
    "/month": 5,
    "/trending": 2,
    "/trending?page=2": 2,
    "/newest": 2,
    "/topics/cs.IR": 4,
    "/authors/Ann%20Lee": 4,
    "/search?q=paper": 3,
    "/search": 0,
    "/papers/2611.00001": 12,
    "/status": 17,
    "/healthz": 1,
    "/feeds/daily.atom": 7,
    "/feeds/week.rss": 5,
    "/feeds/month.json": 5,
    "/feeds/trending.atom": 2,
    "/feeds/newest.atom": 2,
    "/feeds/topic.atom?t=cs.IR": 4,
    "/feeds/author.json?name=Ann+Lee": 4,
    "/feeds/search.json?q=paper": 4,
}
"""The most queries that each page may cost a visitor."""
LISTS = ("/", "/date/{day}", "/week", "/month", "/trending", "/newest", "/topics/cs.IR", "/authors/Ann%20Lee")
FEW, MANY = 60, 1_000


@pytest.fixture
def put(library, record):
    """Put papers of today's list, all alike but for their numbers."""

    def put_papers(*numbers: int) -> None:
        library.put(
            record(
                f"Paper {n}",
                f"2611.{n:05}",
                authors=["Ann Lee", "Bo Chen"],
                topics=("cs.IR",),
                announced=library.today(),
                links=["https://code.example/"],
            )
            for n in range(*numbers)
        )

    return put_papers


@pytest.fixture
def cost(library):
    """How many queries a client's request costs once the index has followed."""

    def count(client, template: str) -> int:
        day = library.today()
        year, week, _ = day.isocalendar()
        address = template.format(day=day.isoformat(), week=f"{year}-W{week:02}")
        library.catch_up()
        with CaptureQueriesContext(connections[library.alias]) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    return count


def test_a_page_costs_as_many_queries_among_a_thousand_papers_as_among_a_few(client, put, cost):
    put(1, FEW)
    few = {address: cost(client, address) for address in PAGES}
    assert {address: cost for address, cost in few.items() if cost > PAGES[address]} == {}
    put(FEW, MANY)
    assert {address: cost(client, address) for address in PAGES} == few


def test_being_signed_in_costs_five_queries_more(put, cost, signed_in):
    """The session, the reader, their news, and which of the papers they voted for and saved."""
    put(1, FEW)
    ann = signed_in("ann")
    few = {address: cost(ann, address) for address in LISTS}
    assert {address: cost for address, cost in few.items() if cost > PAGES[address] + 5} == {}
    put(FEW, 3 * FEW)
    assert {address: cost(ann, address) for address in LISTS} == few


def test_days_before_cost_no_queries(client, library, record, cost):
    library.put([record("Today", announced=library.today())])
    few = cost(client, "/")
    library.put([record(f"Paper {n}", announced=library.today() - timedelta(days=n)) for n in range(1, 300)])
    assert cost(client, "/") - few <= 1  # the one is the way to the day before, read whether or not there is one
