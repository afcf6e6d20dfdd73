"""Searches by a pasted abstract, or by a BibTeX file."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test.utils import CaptureQueriesContext

from broadsheet.community import limits

ABSTRACT = "We study page eviction when succinct predictions of one bit come with each request of a page."
BIBTEX = """
@article{one, title = {Paging with predictions}, abstract = {Eviction with one bit.}, author = {Byron, Ada}}
@article{two, title = {Learned cache eviction}}
"""


@pytest.fixture
def papers(library, record):
    library.put(
        [
            record("Paging with predictions", "2611.00001", abstract="Page eviction with one bit of prediction."),
            record("Evicting pages by oracles", "2611.00002", abstract="Each request comes with a bit."),
            record("Colouring graphs", "2611.00003", abstract="We study graphs with few colours."),
        ]
        + [record(f"We study bread, part {n}", abstract="Each of the loaves.") for n in range(20)]
    )
    return library


def titles(page) -> list[str]:
    return [
        attributes["href"].rpartition("/")[2]
        for tag, attributes in page.tags
        if tag == "a" and "data-open" in attributes
    ]


def send(client, text: str = "", content: bytes | None = None, **more):
    sent = {"text": text} | ({"file": SimpleUploadedFile("own.bib", content)} if content is not None else {})
    return client.post("/search/like", sent, **more)


def test_papers_near_to_a_pasted_abstract_are_found(client, papers, parsed):
    response = send(client, ABSTRACT)
    page = parsed(response)
    assert response.status_code == 200
    assert titles(page)[:2] == ["2611.00001", "2611.00002"]
    assert "The nearest to your text, by words." in page.text
    assert "why this" in page.text
    assert "no-store" in response["Cache-Control"]


def test_papers_near_to_those_of_a_file_are_found_but_not_these_again(client, papers, parsed):
    page = parsed(send(client, content=BIBTEX.encode()))
    assert titles(page)[0] == "2611.00002"
    assert "2611.00001" not in titles(page)
    assert "The nearest to 2 papers, by words." in page.text


@pytest.mark.parametrize(
    "content", [b"TY  - JOUR\nTI  - Paging with predictions\nER  -\n", b'[{"title": "Paging with predictions"}]']
)
def test_references_in_other_forms_are_examples_too(client, papers, parsed, content):
    assert titles(parsed(send(client, content=content)))[0] == "2611.00002"


@pytest.mark.parametrize(
    ("text", "content", "said"),
    [
        ("", None, "Paste a text or choose a file."),
        ("short", None, "This is short for an example"),
        ("x" * 8_001, None, "8000"),
        ("", b"no entries at all", "The file is neither BibTeX nor RIS nor CSL-JSON"),
        ("", b"@article{a, year = 1999}", "There is no reference with a title in the file."),
        ("", b"\xff\xfe\x00", "is not UTF-8"),
        ("", b"@article{a, title = {x}}" * 20_000, "larger than 256 kB"),
        ("", b"", "empty"),
        ("", b"@" * 200_000, "The file is neither BibTeX nor RIS nor CSL-JSON"),
        ("", b"[" * 200_000, "is not JSON that can be read"),
    ],
)
def test_what_is_no_example_is_refused_in_words(client, papers, parsed, text, content, said):
    response = send(client, text, content)
    assert response.status_code == 400
    assert said in parsed(response).text


@pytest.mark.parametrize(
    "text", ["?! " * 40, "zebra unicorn " * 20, "<script>alert(1)</script> " * 9, "\x00paging " * 9]
)
def test_odd_texts_get_an_answer(client, papers, text):
    response = send(client, text)
    assert response.status_code in (200, 400)
    assert b"<script>alert" not in response.content


def test_a_query_too_long_for_the_field_is_offered_as_an_example(client, papers, parsed):
    response = client.get("/search", {"q": ABSTRACT * 20})
    assert response.status_code == 400
    page = parsed(response)
    assert "Find papers like this text" in page.text
    [text] = [attributes["value"] for tag, attributes in page.tags if attributes.get("name") == "text"]
    assert titles(parsed(send(client, text)))[0] == "2611.00001"


def test_an_example_is_taken_from_pages_of_this_site_alone_and_not_too_often(client, papers, monkeypatch):
    from django.test import Client

    stranger = Client(SERVER_NAME="localhost", raise_request_exception=False, enforce_csrf_checks=True)
    assert send(stranger, ABSTRACT).status_code == 403
    monkeypatch.setitem(limits.RATES, "example", ("1 per minute", "1 per minute"))
    assert [send(client, ABSTRACT).status_code for _ in range(2)] == [200, 429]


def test_a_search_by_example_costs_a_fixed_number_of_queries(client, papers, record):
    def cost() -> int:
        papers.catch_up()
        with CaptureQueriesContext(connections[papers.alias]) as queries:
            send(client, ABSTRACT)
        return len(queries)

    few = cost()
    papers.put([record(f"Page eviction {n}") for n in range(100)])
    assert cost() == few <= 3
