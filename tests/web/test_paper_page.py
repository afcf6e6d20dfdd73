"""The page of a paper, and what stands in its place where there is none."""

from datetime import date

import pytest


@pytest.fixture
def paper(library, record):
    """A paper of two versions and a change of its links, known by an arXiv id and a DOI."""

    def text(abstract, links):
        return record(
            r"Colouring graphs of degree $\Delta$",
            "2611.01234",
            "10.1145/3292500.3330919",
            source="arxiv",
            abstract=abstract,
            authors=["Ada Byron", "Émilie du Châtelet"],
            topics=("cs.DS", "online algorithms"),
            published=date(2026, 11, 3),
            links=links,
        )

    for abstract, links in [
        ("It is slow. It works.", ["https://code.example/1"]),
        ("It is fast. It works.", ["https://code.example/1"]),
        ("It is fast. It works.", ["https://code.example/1", "https://code.example/2"]),
    ]:
        library.put([text(abstract, links)])
    return library


def test_a_paper_shows_its_text_links_identifiers_and_citation(client, paper, parsed):
    response = client.get("/papers/2611.01234")
    page = parsed(response)
    assert response.status_code == 200
    assert "It is fast." in page.text
    assert {"https://arxiv.org/abs/2611.01234", "https://code.example/2"} <= set(page.links())
    assert {"/topics/cs.DS", "/topics/online%20algorithms"} <= set(page.links())
    assert "arxiv:2611.01234" in page.text
    assert "Ada Byron, Émilie du Châtelet (2026). Colouring graphs of degree Δ. arXiv:2611.01234." in page.text
    assert "<title>Colouring graphs of degree Δ · Broadsheet</title>" in response.content.decode()
    assert '<math display="inline">' in response.content.decode()


def test_links_out_neither_pass_on_rank_nor_hand_over_the_window(client, paper, parsed):
    out = [attributes for tag, attributes in parsed(client.get("/papers/2611.01234")).tags if tag == "a"]
    for attributes in out:
        if attributes["href"].startswith("http"):
            assert {"noopener", "nofollow"} <= set(attributes["rel"].split())


def test_the_timeline_says_what_each_version_changed(client, paper, parsed):
    text = " ".join(parsed(client.get("/papers/2611.01234")).text.split())
    steps = text[text.index("Versions") :]
    order = ["v2", "changed the links", "changed 1 sentence of the abstract", "v1", "3 November 2026 first text"]
    assert [steps.index(part) for part in order] == sorted(steps.index(part) for part in order)


@pytest.mark.parametrize(
    "other",
    ["2611.01234v2", "arXiv:2611.01234", "10.1145/3292500.3330919", "DOI:10.1145/3292500.3330919",
     "https://arxiv.org/pdf/2611.01234v1", "https://doi.org/10.1145/3292500.3330919"],
)  # fmt: skip
def test_any_other_identifier_leads_to_the_one_address(client, paper, other):
    response = client.get(f"/papers/{other}")
    assert (response.status_code, response["Location"]) == (301, "/papers/2611.01234")


@pytest.mark.parametrize(
    "doi", ["10.1002/(sici)1097-0258(19980815)17:15<1661::aid-sim968>3.0.co;2-2", "10.1000/a?b#c%20d", "10.1000/ä-ö"]
)
def test_a_key_of_odd_characters_has_an_address_that_works(client, library, record, parsed, doi):
    library.put([record("An odd identifier", f"doi:{doi}")])
    link = next(link for link in parsed(client.get("/")).links() if link.startswith("/papers/"))
    assert client.get(link).status_code == 200


@pytest.mark.parametrize("key", ["2601.00001", "10.1234/unknown", "scifact:1"])
def test_an_unknown_paper_is_a_404_with_a_search_field(client, paper, parsed, key):
    response = client.get(f"/papers/{key}")
    assert response.status_code == 404
    page = parsed(response)
    assert "this library does not hold it" in page.text
    assert any(attributes.get("name") == "q" for tag, attributes in page.tags if tag == "input")


@pytest.mark.parametrize(
    "key", ["nonsense", "x" * 3000, "..%2f..%2fetc%2fpasswd", "//e.example/", "\\e.example", "%00"]
)
def test_what_is_no_identifier_is_a_404_that_says_how_one_looks(client, paper, parsed, key):
    response = client.get(f"/papers/{key}")
    assert response.status_code == 404
    assert "such as 2104.12255" in parsed(response).text


def test_a_withdrawn_paper_is_gone_and_its_text_with_it(client, paper, parsed):
    paper.withdraw("2611.01234")
    for address in ("/papers/2611.01234", "/papers/10.1145/3292500.3330919"):
        response = client.get(address)
        assert response.status_code == 410
        assert "was withdrawn" in parsed(response).text
        assert "Colouring" not in response.content.decode()
        assert "no-store" in response["Cache-Control"]


def test_an_erased_paper_is_gone_and_its_text_with_it(client, paper, parsed):
    paper.erase("2611.01234")
    response = client.get("/papers/2611.01234")
    assert response.status_code == 410
    assert "was erased" in parsed(response).text
    assert "Colouring" not in response.content.decode()


def test_a_paper_without_anything_but_a_title_has_a_page(client, library, record, parsed):
    library.put([record("Only a title")])
    link = next(link for link in parsed(client.get("/")).links() if link.startswith("/papers/"))
    assert "The source gives no abstract." in parsed(client.get(link)).text
