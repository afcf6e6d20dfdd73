"""Earlier texts of a paper can be read at addresses that stay, by people and not by search engines."""

from datetime import date

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

KEY = "2611.01234"
PAGE = f"/papers/{KEY}"


@pytest.fixture
def library(library_at_noon):
    return library_at_noon


@pytest.fixture
def put(library, record):
    """Put a text of the paper."""

    def put(title, abstract="It works.", **more):
        names = (KEY, "10.1145/7")
        library.put([record(title, *names, source="arxiv", abstract=abstract, published=date(2026, 11, 3), **more)])

    return put


@pytest.fixture
def three(put):
    """A paper of three texts, the second of which was described anew."""
    put("Colouring <b>graphs</b> of degree $\\Delta$", "It is slow.")
    put("Colouring trees", "It is fast.")
    put("Colouring trees", "It is fast.", links=["https://code.example/2"])
    put("Colouring all")


def test_every_earlier_text_is_read_at_its_address_with_a_way_to_the_newest(client, three, parsed):
    page = parsed(client.get(PAGE))
    assert {f"{PAGE}?version=1", f"{PAGE}?version=2"} <= set(page.links())
    assert f"{PAGE}?version=3" not in page.links()
    first, second = (client.get(f"{PAGE}?version={number}") for number in (1, 2))
    text = " ".join(parsed(first).text.split())
    assert "Colouring <b>graphs</b> of degree" in text
    assert "It is slow." in text
    assert "Colouring trees" not in text
    assert "Version 1 of 3, until" in text
    assert "the next one changed the title and 1 sentence of the abstract. Read the newest version" in text
    assert {PAGE, f"{PAGE}?version=2", "https://code.example/2"} <= {*parsed(first).links(), *parsed(second).links()}
    assert "It is fast." in parsed(second).text
    assert "https://code.example/2" in parsed(second).links()


def test_search_engines_are_sent_to_the_newest_and_keep_no_other(client, three):
    response = client.get(f"{PAGE}?version=1")
    body = response.content.decode()
    assert response["X-Robots-Tag"] == "noindex"
    assert '<meta name="robots" content="noindex">' in body
    assert f'<link rel="canonical" href="http://localhost{PAGE}">' in body
    assert "citation_title" not in body
    assert "noindex" not in client.get(PAGE).content.decode()


def test_the_newest_has_the_paper_s_own_address_until_there_is_a_newer_one(client, put, three):
    response = client.get(f"{PAGE}?version=3")
    assert (response.status_code, response["Location"]) == (302, PAGE)
    put("Colouring nothing")
    assert "Colouring all" in client.get(f"{PAGE}?version=3").content.decode()


def test_other_names_of_the_paper_lead_to_it(client, three):
    assert client.get("/papers/10.1145/7?version=1")["Location"] == PAGE


def test_what_is_no_version_is_not_found_in_words(client, three, parsed):
    for asked in ("0", "4", "-1", "x", "²", "1" * 5_000, "1 OR 1=1", "\0", "<script>alert(1)</script>"):
        response = client.get(PAGE, {"version": asked})
        assert response.status_code == 404, asked
        assert "It has versions 1 to 3." in parsed(response).text
        assert "alert(1)" not in response.content.decode()


def test_withdrawn_and_erased_nothing_of_any_version_is_shown(client, library, three):
    for act, said in ((library.withdraw, "withdrawn"), (library.erase, "erased")):
        act(KEY)
        for number in ("1", "2", "3"):
            response = client.get(PAGE, {"version": number})
            assert response.status_code == 410
            assert f"This paper was {said}" in response.content.decode()
            assert "Colouring" not in response.content.decode()


def test_versions_of_what_became_part_of_another_lead_to_that(client, library, record, three):
    library.put([record("Trees", "2611.00001", source="acm")])
    library.merge("2611.00001", KEY)
    assert client.get(f"{PAGE}?version=1")["Location"] == "/papers/2611.00001"


def test_more_versions_cost_no_more_queries(client, library, put, three):
    def cost():
        with CaptureQueriesContext(connections[library.alias]) as queries:
            assert client.get(f"{PAGE}?version=1").status_code == 200
        return len(queries)

    client.get(PAGE)
    few = cost()
    for number in range(6):
        put(f"Colouring {number}")
    assert cost() == few
