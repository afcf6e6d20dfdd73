"""The search page whose first papers were read more closely."""

import pytest

from broadsheet.library.rereading import Rereader
from rerankers import ByLargestNumber


@pytest.fixture
def papers(library, record):
    library.rereader = Rereader(library.alias, ByLargestNumber)
    library.put([record(f"Paging, part {n:02}", f"2611.{n:05}") for n in range(25)])
    return library


def deep_links(page) -> list[str]:
    return [link for link in page.links() if "deep=1" in link]


def titles(page) -> list[str]:
    return [
        attributes["href"].partition("?")[0][-2:]
        for tag, attributes in page.tags
        if tag == "a" and "data-open" in attributes
    ]


def test_a_search_offers_to_read_the_first_more_closely(client, papers, parsed):
    page = parsed(client.get("/search", {"q": "paging"}))
    assert "Read the first 20 more closely" in page.text
    assert deep_links(page) == ["/search?q=paging&deep=1"]
    [link] = [attributes for tag, attributes in page.tags if attributes.get("href") == "/search?q=paging&deep=1"]
    assert link["rel"] == "nofollow"


def test_the_link_leads_to_the_page_in_its_new_order(client, papers, parsed):
    page = parsed(client.get("/search?q=paging&deep=1"))
    assert titles(page) == [f"{n:02}" for n in range(19, -1, -1)]
    assert "The first 20 were read more closely." in page.text
    assert "Read the first" not in page.text


def test_every_paper_tells_what_rereading_added(client, papers, parsed):
    assert "read more closely" not in parsed(client.get("/search?q=paging")).text.partition("why this")[2]
    assert parsed(client.get("/search?q=paging&deep=1")).text.count("read more closely") == 21


def test_pages_beyond_the_first_are_as_they_were_and_lead_back_to_the_deep_one(client, papers, parsed):
    page = parsed(client.get("/search?q=paging&deep=1&page=2"))
    assert titles(page) == titles(parsed(client.get("/search?q=paging&page=2"))) == [f"{n:02}" for n in range(20, 25)]
    assert "?q=paging&deep=1&at=25&page=1" in page.links()
    assert "read more closely" not in page.text


def test_the_reproducible_link_keeps_the_order(client, papers, parsed, record):
    page = parsed(client.get("/search?q=paging&deep=1"))
    link = next(link for link in deep_links(page) if "at=25" in link)
    papers.put([record("Paging, part 99", "2612.00001"), record("Paging, part 98", "2611.00003")])
    again = parsed(client.get(link))
    assert titles(again) == titles(page)
    assert "/search?q=paging&deep=1" in again.links()


def test_a_pinned_search_is_read_more_closely_as_of_its_change(client, papers, parsed):
    assert "/search?q=paging&at=25&deep=1" in deep_links(parsed(client.get("/search?q=paging&at=25")))


@pytest.mark.parametrize("asked", ["q=after:1900", "q=nothingofthekind", "q=part+07+%22part+07%22", "q=paging&page=2"])
def test_where_there_is_nothing_to_reread_nothing_is_offered(client, papers, parsed, asked):
    assert deep_links(parsed(client.get(f"/search?{asked}"))) == []


def test_without_a_reranker_nothing_is_offered_and_who_asks_is_told(client, papers, parsed):
    papers.rereader = Rereader(papers.alias, lambda: None)
    plain = parsed(client.get("/search?q=paging"))
    assert deep_links(plain) == []
    asked = parsed(client.get("/search?q=paging&deep=1"))
    assert "There is no reranker here, so the papers stand in their first order." in asked.text
    assert titles(asked) == titles(plain)


def test_a_damaged_reranker_is_told_in_one_sentence(client, papers, parsed, tmp_path):
    from broadsheet.search.reranker import OnnxReranker
    from broadsheet.search.reranker_model import OFFLINE_RERANKER, RerankerModel

    papers.rereader = Rereader(papers.alias, lambda: OnnxReranker(RerankerModel(tmp_path, OFFLINE_RERANKER)))
    response = client.get("/search?q=paging&deep=1")
    assert response.status_code == 500
    assert "The papers cannot be read more closely: the model file" in parsed(response).text


@pytest.mark.parametrize("odd", ["0", "2", "yes", "", "\x00"])
def test_any_other_value_asks_for_nothing(client, papers, parsed, odd):
    page = parsed(client.get("/search", {"q": "paging", "deep": odd}))
    assert "Read the first 20 more closely" in page.text


def test_a_deep_search_costs_one_query_more(client, papers):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def cost(address: str) -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    assert cost("/search?q=paging&deep=1") == cost("/search?q=paging") + 1
