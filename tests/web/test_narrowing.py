"""The ways on from an answer: facets, orders, conditions taken away, what changed since."""

from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext


@pytest.fixture
def papers(library, record):
    library.put(
        [
            record(
                f"Paging, part {n:02}",
                f"2611.{n:05}",
                authors=["Ada Byron", "Bo <Chen>"][: 1 + n % 2],
                topics=("cs.DS", 'on "lines"', "online algorithms")[: 1 + n % 3],
                published=date(2024 + n % 3, 1, 1 + n),
            )
            for n in range(25)
        ]
    )
    return library


def to_search(found_on, /, **wanted: str) -> list[dict[str, str]]:
    """The parameters of the links to searches that have all of these."""
    found = [
        {name: values[0] for name, values in parse_qs(urlsplit(link).query).items()}
        for link in found_on.links()
        if urlsplit(link).path in ("", "/search")
    ]
    return [each for each in found if wanted.items() <= each.items()]


def titles(page) -> list[str]:
    return [attributes["href"][-2:] for tag, attributes in page.tags if tag == "a" and "data-open" in attributes]


def test_the_plain_page_leads_to_facets_and_does_not_pay_for_them(client, papers, parsed):
    page = parsed(client.get("/search?q=paging"))
    assert to_search(page, facets="1") == [{"q": "paging", "facets": "1"}]
    assert not any(tag == "aside" and attributes["class"] == "narrow" for tag, attributes in page.tags)


def test_facets_are_links_that_add_a_condition_and_tell_how_many_papers_it_leaves(client, papers, parsed):
    page = parsed(client.get("/search?q=paging&facets=1"))
    queries = [each["q"] for each in to_search(page, facets="1")]
    assert 'paging author:"Ada Byron"' in queries
    assert "paging topic:cs.DS" in queries
    assert 'paging topic:"online algorithms"' in queries
    assert not any("lines" in query for query in queries)  # a query cannot say a quote
    assert "paging after:2024 before:2025" in queries
    narrower = parsed(client.get("/search", {"q": 'paging author:"Bo <Chen>"', "facets": 1}))
    assert "12 papers match" in narrower.text
    assert to_search(narrower, facets="1", q="paging")  # which takes the condition away


def test_facets_keep_the_order_and_the_change_that_is_searched(client, papers, parsed):
    page = parsed(client.get("/search?q=paging&facets=1&sort=date&at=20"))
    assert to_search(page, q="paging topic:cs.DS", at="20", sort="date", facets="1")
    assert "20 papers match" in page.text


def test_names_of_authors_are_escaped(client, papers):
    assert b"<Chen>" not in client.get("/search?q=paging&facets=1").content


def test_a_condition_can_be_taken_away_alone(client, papers, parsed):
    page = parsed(client.get("/search", {"q": "paging topic:cs.DS -graphs", "sort": "date"}))
    queries = [each["q"] for each in to_search(page, sort="date")]
    assert {"paging topic:cs.DS", "paging -graphs"} <= set(queries)


def test_an_answer_can_be_put_in_the_order_of_dates(client, papers, parsed):
    page = parsed(client.get("/search?q=paging&sort=date"))
    assert titles(page)[:4] == ["23", "20", "17", "14"]
    assert "by words, the newest first" in page.text
    assert to_search(page, q="paging") != []
    assert "Read the first" not in page.text


def test_an_unknown_order_reads_as_relevance_and_no_order_is_a_deep_one(client, papers, parsed):
    plain = titles(parsed(client.get("/search?q=paging")))
    assert titles(parsed(client.get("/search?q=paging&sort=votes"))) == plain
    assert client.get("/search?q=paging&sort=date&deep=1").status_code == 200


def test_the_pages_of_an_answer_stand_still_while_papers_come(client, papers, parsed, record):
    for sort in ("relevance", "date", "trending"):
        first = parsed(client.get("/search", {"q": "paging", "sort": sort}))
        [way] = to_search(first, page="2")
        papers.put([record(f"Paging, come while {sort} was read", published=date(2026, 11, 20))])
        second = parsed(client.get("/search", way))
        assert len(set(titles(first)) | set(titles(second))) == len(titles(first)) + len(titles(second))
        assert "1 paper that matches came later" in second.text
        hidden = {attributes.get("name") for tag, attributes in second.tags if attributes.get("type") == "hidden"}
        assert "at" not in hidden  # another query is asked of today


def test_the_reproducible_link_leads_to_exactly_this_page(client, papers, parsed, record):
    page = parsed(client.get("/search?q=paging&sort=date&page=2&at=25"))
    [link] = [attributes["href"] for tag, attributes in page.tags if "data-copylink" in attributes]
    papers.put([record("Paging anew", published=date(2026, 11, 20))])
    assert titles(parsed(client.get(link))) == titles(page) != []


def test_a_pinned_page_says_what_changed_since(client, papers, parsed, record):
    assert "since then" not in parsed(client.get("/search?q=paging&at=25")).text.lower()
    papers.put([record("Paging, part 24, corrected", "2611.00024"), record("Paging now", "2611.00099")])
    page = parsed(client.get("/search?q=paging&at=25"))
    assert "Since then 1 paper that matches came later." in page.text
    page = parsed(client.get("/search?q=paging&at=25&page=2"))
    assert "Since then 1 of these papers has a newer version and 1 paper that matches came later." in page.text
    papers.put([record("Graphs", "2611.00098")])
    now = parsed(client.get("/search?q=paging&at=27&sort=date"))
    assert "Nothing that concerns this page has changed since then" in now.text


def test_a_day_can_be_chosen_without_javascript(client, papers, parsed):
    page = parsed(client.get("/search?q=paging&sort=date"))
    assert any(attributes.get("type") == "date" and attributes.get("name") == "at" for _, attributes in page.tags)


@pytest.mark.parametrize(
    "address,most",
    [
        ("/search?q=paging&facets=1", 5),
        ("/search?q=paging&sort=date", 3),
        ("/search?q=paging&sort=trending", 4),
        ("/search?q=paging&at=20", 4),
    ],
)
def test_each_way_costs_a_fixed_number_of_queries(client, papers, record, address, most):
    def cost() -> int:
        papers.catch_up()
        with CaptureQueriesContext(connections[papers.alias]) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    few = cost()
    assert few <= most
    papers.put([record(f"Paging, more {n}", f"2612.{n:05}", topics=(f"t{n}",), authors=[f"A {n}"]) for n in range(300)])
    papers.put([record(f"Paging, anew {n}", f"2611.{n:05}") for n in range(20)])
    assert cost() <= most
