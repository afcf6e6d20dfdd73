"""Searches in another order, what they can be narrowed to, and what became of an earlier answer."""

from datetime import date

import pytest


@pytest.fixture
def papers(library, record):
    library.put(
        [
            record(
                f"Paging, part {n}",
                f"2611.{n:05}",
                authors=["Ada Byron"],
                topics=("cs.DS",) if n % 2 else ("caching",),
                published=date(2026, 1, 1 + n),
            )
            for n in range(12)
        ]
    )
    return library


def ids(answer) -> list[str]:
    return [hit["paper"]["id"][-2:] for hit in answer["hits"]]


def test_an_answer_in_the_order_of_dates_is_paged_on_the_change_it_began_with(anybody, papers, record):
    first = anybody.get("/search?q=paging&sort=date&limit=5").json()
    assert (first["sort"], first["since"], ids(first)) == ("date", None, ["11", "10", "09", "08", "07"])
    papers.put([record("Paging anew", "2611.00099", published=date(2026, 5, 5))])
    second = anybody.get(first["next"].partition("/api/v1")[2]).json()
    assert ids(second) == ["06", "05", "04", "03", "02"]
    assert second["since"] == {"head": 13, "revised": 0, "withdrawn": 0, "later": 1}


@pytest.mark.parametrize("query", ["sort=votes", "sort=", "sort=date&sort=x"])
def test_an_unknown_order_is_refused(anybody, papers, query):
    refused = anybody.get(f"/search?q=paging&{query}")
    assert (refused.status_code, refused.json()["where"]) == (422, "sort")


def test_a_deep_search_in_another_order_is_refused(anybody, papers):
    assert anybody.get("/search?q=paging&sort=trending&deep=true").status_code == 400


def test_facets_tell_the_queries_that_narrow_and_what_they_find(anybody, papers):
    found = anybody.get("/search/facets?q=paging").json()
    assert (found["total"], found["considered"]) == (12, 12)
    assert found["topics"] == [
        {"value": "caching", "query": "paging topic:caching", "papers": 6},
        {"value": "cs.DS", "query": "paging topic:cs.DS", "papers": 6},
    ]
    for facet in found["years"] + found["authors"]:
        assert anybody.client.get("/api/v1/search", {"q": facet["query"]}).json()["total"] == facet["papers"]


@pytest.mark.parametrize("query", ["q=author:", "q=paging&at=99", "q=paging&at=soon", "q="])
def test_facets_of_what_cannot_be_searched_are_refused(anybody, papers, query):
    assert anybody.get(f"/search/facets?{query}").status_code == 400
