"""A search page offers the query as it may have been meant, and searches what was asked."""

import pytest


@pytest.fixture
def papers(library, record):
    library.put([record(f"Paging, part {n}", f"2611.{n:05}") for n in range(8)])
    return library


def test_a_misspelled_query_is_offered_put_right_and_searched_as_it_is(client, papers, parsed):
    page = parsed(client.get("/search?q=pagign&sort=date"))
    assert "Did you mean paging?" in page.text
    assert "/search?q=paging&sort=date" in page.links()
    assert "No paper matches" in page.text
    assert "Did you mean" not in parsed(client.get("/search?q=paging")).text


def test_what_is_offered_is_escaped(client, papers):
    content = client.get("/search", {"q": 'pagign "<b>part" '}).content
    assert b"<b>part" not in content
