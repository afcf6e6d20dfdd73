"""The search page: what was done, why a hit is there, and help where there is none."""

from datetime import date

import pytest


@pytest.fixture
def papers(library, record):
    library.put(
        [
            record(
                "Paging with predictions", "2611.00001", abstract="Page eviction with one bit.", authors=["Ada Byron"]
            ),
            record("Caching in practice", "2611.00002", abstract="On paging and caching.", topics=("caching",)),
            record("Graphs", "2611.00003", abstract="Colouring them.", published=date(2026, 1, 1)),
        ]
    )
    return library


def test_without_a_query_there_is_a_field_and_the_syntax(client, parsed):
    page = parsed(client.get("/search"))
    assert "What a query may hold" in page.text
    assert any(attributes.get("name") == "q" for tag, attributes in page.tags if tag == "input")


def test_a_search_says_what_was_done(client, papers, parsed):
    page = parsed(client.get("/search", {"q": "paging"}))
    assert "2 papers match; by words; as of today, change #3." in page.text
    assert "Paging with predictions" in page.text


def test_matches_are_highlighted(client, papers):
    assert b"<mark>Paging</mark> with predictions" in client.get("/search", {"q": "paging"}).content


def test_every_hit_explains_itself_with_the_words_as_written(client, papers, parsed):
    page = parsed(client.get("/search", {"q": "paging"}))
    assert "why this" in page.text
    assert "matched words" in page.text
    assert any(tag == "rect" and int(attributes["width"]) > 0 for tag, attributes in page.tags)


def test_a_reproducible_link_gives_the_same_page_after_changes(client, papers, parsed, record):
    link = next(link for link in parsed(client.get("/search", {"q": "paging"})).links() if "at=3" in link)
    papers.put([record("Paging again", "2611.00004")])
    assert "3 papers match" in parsed(client.get("/search", {"q": "paging"})).text
    pinned = parsed(client.get(link))
    assert "2 papers match; by words; as of change #3, 1 change ago." in pinned.text
    assert "/search?q=paging" in pinned.links()


@pytest.mark.parametrize("at", ["99", "-1", "soon", "1.5", "9" * 40, "2026-99-99", "0001-01-01T00:00+14:00", "\x00"])
def test_a_place_that_is_not_in_the_journal_is_refused_and_the_query_kept(client, papers, parsed, at):
    response = client.get("/search", {"q": "paging", "at": at})
    assert response.status_code == 400
    assert any(attributes.get("value") == "paging" for tag, attributes in parsed(response).tags if tag == "input")


def test_a_day_is_a_place_in_the_journal_too(client, papers, clock):
    assert client.get("/search", {"q": "paging", "at": clock.now.date().isoformat()}).status_code == 200


@pytest.mark.parametrize(
    "query",
    ['"never closed', "author:", "after:soon", "-only", "x" * 1_001, "word " * 201, "?!", "a\x00b", "title:( ("],
)
def test_a_bad_query_keeps_the_text_and_says_what_is_wrong(client, papers, parsed, query):
    response = client.get("/search", {"q": query})
    assert response.status_code in (200, 400)
    page = parsed(response)
    kept = [
        attributes.get("value") for tag, attributes in page.tags if tag == "input" and attributes.get("name") == "q"
    ]
    assert kept == [query.strip()]
    assert ('role="alert"' in response.content.decode()) == (response.status_code == 400)


def test_the_spot_of_a_bad_query_is_marked(client, papers):
    response = client.get("/search", {"q": 'graphs "never closed'})
    assert response.status_code == 400
    assert "<bdi>graphs </bdi><mark>&quot;never closed</mark>" in response.content.decode()


def test_an_empty_result_offers_wider_searches(client, papers, parsed):
    page = parsed(client.get("/search", {"q": "zebra unicorn topic:caching"}))
    assert "No paper matches" in page.text
    assert "Check the spelling" in page.text
    assert "/search?q=zebra+unicorn" in page.links()
    assert "/search?q=zebra" in page.links()
    assert "broadsheet harvest" in page.text


def test_hits_are_paged_by_twenty(client, library, record, parsed):
    library.put([record(f"Paging number {n}") for n in range(45)])
    first, last = (
        parsed(client.get("/search", {"q": "paging"})),
        parsed(client.get("/search", {"q": "paging", "page": 3})),
    )
    assert sum(tag == "article" for tag, _ in first.tags) == 20
    assert sum(tag == "article" for tag, _ in last.tags) == 5
    assert "?q=paging&at=45&page=2" in first.links()
    beyond = client.get("/search", {"q": "paging", "page": 9})
    assert beyond.status_code == 200
    assert "The list ends before page 9" in parsed(beyond).text


def test_searches_are_kept_by_no_shared_cache(client, papers):
    assert "private" in client.get("/search", {"q": "paging"})["Cache-Control"]


def test_a_hit_of_an_earlier_number_leads_to_the_text_that_was_found(client, papers, record, parsed):
    papers.put([record("Paging without predictions", "2611.00001")])
    earlier = parsed(client.get("/search", {"q": "paging", "at": 3})).links()
    assert "/papers/2611.00001?version=1" in earlier
    assert "Paging with predictions" in parsed(client.get("/papers/2611.00001?version=1")).text
    assert "/papers/2611.00001" in parsed(client.get("/search", {"q": "paging"})).links()


def test_a_withdrawn_paper_is_not_found_but_a_pinned_search_still_has_it(client, papers, parsed):
    papers.withdraw("2611.00001")
    assert "Paging with predictions" not in parsed(client.get("/search", {"q": "paging"})).text
    assert "Paging with predictions" in parsed(client.get("/search", {"q": "paging", "at": 3})).text
    papers.erase("2611.00001")
    assert "predictions" not in parsed(client.get("/search", {"q": "paging", "at": 3})).text
