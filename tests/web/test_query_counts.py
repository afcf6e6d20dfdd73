"""A page costs a fixed number of queries, whatever it shows."""

from datetime import date

import pytest

PAGES = {
    "/": 6,
    "/date/2026-11-01": 5,
    "/search?q=paper": 3,
    "/search": 0,
    "/papers/2611.00001": 7,
    "/status": 8,
    "/healthz": 1,
}
"""The most queries that each page may cost."""


@pytest.mark.parametrize("address", PAGES)
def test_a_page_of_fifty_papers_costs_as_many_queries_as_one_of_five(client, library, record, address):
    from django.db import connections
    from django.test.utils import CaptureQueriesContext

    def cost():
        assert client.get(address).status_code == 200  # the index follows once
        with CaptureQueriesContext(connections[library.alias]) as queries:
            client.get(address)
        return len(queries)

    def put(numbers):
        library.put(
            [
                record(
                    f"Paper {n}",
                    f"2611.{n:05}",
                    authors=["Ann Lee", "Bo Chen"],
                    topics=("cs.IR",),
                    announced=date(2026, 11, 1),
                    links=["https://code.example/"],
                )
                for n in numbers
            ]
        )

    put(range(1, 6))
    few = cost()
    put(range(6, 51))
    assert cost() == few
    assert few <= PAGES[address]
