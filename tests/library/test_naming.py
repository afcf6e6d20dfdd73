"""Whatever people see as the address of a paper finds it: what its page's address ends with, and that address whole."""

import pytest

from broadsheet.papers import Identifier, Record, Version
from broadsheet.search import QueryError

PAGE = "https://papers.example.org/papers/"


@pytest.fixture
def keys(library, record):
    """The keys of papers with an arXiv id, with a DOI, with a web page alone, and without any name."""
    url = Identifier.parse("https://journal.example/papers/offices.html")
    placements = library.put(
        [
            record("Paging with predictions", "2104.12255"),
            record("Foresight for caches", "10.1145/7"),
            Record("feed", (url,), Version("On offices")),
            Record("notes", (), Version("Walls and doors")),
        ]
    )
    return [placement.key for placement in placements]


def found(library, query, at=None):
    return [hit.version.paper.key for hit in library.search(query, at=at).hits]


def test_every_key_finds_its_paper(library, keys):
    assert keys[:2] == ["2104.12255", "10.1145/7"]
    for key in keys:
        assert found(library, f"id:{key}") == [key]
        assert library.facets(f"id:{key}").total == 1


def test_the_address_of_a_page_is_enough(library, keys):
    for key in keys:
        for address in (f"{PAGE}{key}", f"http://localhost:8000/papers/{key}?version=2#discussion", f"{PAGE}{key}.bib"):
            assert found(library, address) == [key]
            assert found(library, f"id:{address}") == [key]


def test_a_page_elsewhere_that_is_a_paper_s_own_name_finds_that(library, keys):
    assert found(library, "https://journal.example/papers/offices.html") == [keys[2]]


def test_what_leads_nowhere_finds_nothing_or_is_no_identifier(library, keys):
    for query in (f"{PAGE}unknown", f"{PAGE}%00", "id:on-walls-1f2e3d4c", f"id:{PAGE}..%2F..", f"{PAGE}{'a' * 200}"):
        assert found(library, query) == []
    for query in ("id:offices", "id:on_offices", "id:-"):
        with pytest.raises(QueryError, match="is not an identifier"):
            library.search(query)


def test_a_retired_address_finds_what_the_paper_became_and_as_of_before_itself(library, keys):
    before = library.search("offices").at
    library.merge(keys[0], keys[3])
    library.merge(keys[0], keys[1])
    for key in (keys[3], keys[1]):
        assert found(library, f"id:{key}") == found(library, f"{PAGE}{key}") == [keys[0]]
        assert found(library, f"{PAGE}{key}", before) == [key]
    library.split(keys[0], [keys[3]])
    assert found(library, f"id:{keys[3]}") == [keys[3]]


def test_a_paper_that_gets_an_identifier_keeps_its_address(library, keys, record):
    library.put([Record("notes", (Identifier.parse("10.1000/walls"),), Version("Walls and doors"))])
    assert found(library, f"id:{keys[3]}") == found(library, "10.1000/walls") == [keys[3]]


def test_words_are_looked_up_nowhere(library, keys):
    from django.db import connections
    from django.test.utils import CaptureQueriesContext

    library.search("offices")
    with CaptureQueriesContext(connections[library.alias]) as plain:
        library.search("offices")
    with CaptureQueriesContext(connections[library.alias]) as named:
        library.search("id:2104.12255")
    assert len(named) == len(plain)
