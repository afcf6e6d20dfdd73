"""A paper in the forms that programs read: by the ending of its address, or by what they accept."""

import json
from datetime import date
from urllib.parse import quote

import pytest

TYPES = {
    "bib": "application/x-bibtex; charset=utf-8",
    "ris": "application/x-research-info-systems; charset=utf-8",
    "json": "application/vnd.citationstyles.csl+json; charset=utf-8",
    "md": "text/markdown; charset=utf-8",
}


@pytest.fixture
def paper(library, record):
    library.put(
        [
            record(
                r"Colouring graphs of degree $\Delta$",
                "2611.01234",
                "10.1145/3292500.3330919",
                abstract="It works.",
                authors=["Ada Byron", "Émilie du Châtelet"],
                published=date(2026, 11, 3),
                venue="Proceedings of the 30th Conference on Graphs",
            )
        ]
    )
    return library


@pytest.mark.parametrize(("ending", "content_type"), TYPES.items())
def test_a_paper_is_given_in_every_form_with_its_type_and_a_safe_file_name(client, paper, ending, content_type):
    response = client.get(f"/papers/2611.01234.{ending}")
    assert (response.status_code, response["Content-Type"]) == (200, content_type)
    assert response["Content-Disposition"] == f'inline; filename="2611.01234.{ending}"'
    text = response.content.decode()
    assert "Byron" in text and "Châtelet" in text and "2611.01234" in text
    assert response["X-Content-Type-Options"] == "nosniff"


def test_the_forms_are_what_their_readers_expect(client, paper):
    bib, ris, csl, md = (client.get(f"/papers/2611.01234.{ending}").content.decode() for ending in TYPES)
    assert bib.startswith("@inproceedings{byron2026colouring,")
    assert ris.startswith("TY  - CPAPER\r\n") and ris.endswith("ER  - \r\n")
    [work] = json.loads(csl)
    assert (work["type"], work["DOI"]) == ("paper-conference", "10.1145/3292500.3330919")
    assert md.startswith("# Colouring graphs of degree $\\Delta$\n")
    assert "<http://localhost/papers/2611.01234>" in md


@pytest.mark.parametrize(("ending", "content_type"), TYPES.items())
def test_a_program_gets_the_form_it_accepts_at_the_papers_own_address(client, paper, ending, content_type):
    accepted = content_type.partition(";")[0]
    response = client.get("/papers/2611.01234", headers={"Accept": f"{accepted}, text/html;q=0.5"})
    assert (response.status_code, response["Content-Type"]) == (200, content_type)
    assert response.content == client.get(f"/papers/2611.01234.{ending}").content
    assert "Accept" in response["Vary"]


@pytest.mark.parametrize(
    "accept",
    ["", "*/*", "text/html", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "application/json",
     "text/*", "image/png", "text/html, text/markdown;q=0.9", ",,;;=", "text/markdown;q=0"],
)  # fmt: skip
def test_browsers_and_the_undecided_get_the_page(client, paper, accept):
    response = client.get("/papers/2611.01234", headers={"Accept": accept} if accept else {})
    assert response["Content-Type"].startswith("text/html")
    assert "Accept" in response["Vary"]


def test_any_other_identifier_leads_to_the_one_address(client, paper):
    response = client.get("/papers/10.1145/3292500.3330919.bib")
    assert (response.status_code, response["Location"]) == (301, "/papers/2611.01234.bib")
    response = client.get("/papers/arXiv:2611.01234v2", headers={"Accept": "text/markdown"})
    assert (response.status_code, response["Location"]) == (301, "/papers/2611.01234.md")


@pytest.mark.parametrize("ending", TYPES)
def test_a_key_that_ends_like_a_form_keeps_its_page_and_has_its_forms(client, library, record, ending):
    key = f"10.1234/notes.{ending}"
    library.put([record("The longer name", key), record("The shorter name", "10.1234/notes")])
    assert "The longer name" in client.get(f"/papers/{key}").content.decode()
    assert "The longer name" in client.get(f"/papers/{key}.md").content.decode()
    library.erase(key)
    assert client.get(f"/papers/{key}").status_code == 410
    other = next(each for each in TYPES if each != ending)
    assert "The shorter name" in client.get(f"/papers/10.1234/notes.{other}").content.decode()


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("cs/0701001", "cs-0701001"),
        ("10.1002/(sici)1097-0258(19980815)17:15<1661::aid-sim968>3.0.co;2-2",
         "10.1002-sici-1097-0258-19980815-17-15-1661-aid-sim968-3.0.co-2-2"),
        ('10.1000/a"b\\c', "10.1000-a-b-c"),
        ("10.1000/ä-ö", "10.1000-a-o"),
        ("10.1000/../../x", "10.1000-..-..-x"),
    ],
)  # fmt: skip
def test_a_file_name_holds_nothing_that_a_header_or_a_disk_could_trip_over(client, library, record, key, name):
    library.put([record("An odd identifier", key)])
    response = client.get(f"/papers/{quote(key)}.bib")
    assert response["Content-Disposition"] == f'inline; filename="{name}.bib"'


@pytest.mark.parametrize("key", ["2601.00001", "nonsense", "%00", "x" * 3000])
def test_an_unknown_paper_is_a_404_in_plain_text(client, paper, key):
    response = client.get(f"/papers/{key}.bib")
    assert (response.status_code, response["Content-Type"]) == (404, "text/plain; charset=utf-8")


@pytest.mark.parametrize("address", ["/papers/%00", "/papers/x%00y", "/papers/%00.bib", "/api/v1/papers/%00"])
def test_a_nul_in_an_address_is_a_404_on_every_database(site_library, address):
    from django.test import Client

    assert Client(SERVER_NAME="localhost", raise_request_exception=False).get(address).status_code == 404


def test_a_form_of_an_unknown_hostile_name_is_plain_text(client, paper):
    response = client.get("/papers/%3Cscript%3Ealert(1)%3C/script%3E.md")
    assert (response.status_code, response["Content-Type"]) == (404, "text/plain; charset=utf-8")
    assert response["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("end", ["withdraw", "erase"])
def test_a_paper_that_is_gone_is_a_410_without_a_word_of_it_in_every_form(client, paper, end):
    getattr(paper, end)("2611.01234")
    for ending, content_type in TYPES.items():
        for response in (
            client.get(f"/papers/2611.01234.{ending}"),
            client.get("/papers/2611.01234", headers={"Accept": content_type.partition(";")[0]}),
        ):
            assert (response.status_code, response["Content-Type"]) == (410, "text/plain; charset=utf-8")
            assert "Colouring" not in response.content.decode()
            assert "no-store" in response["Cache-Control"]


def test_a_form_that_has_not_changed_is_a_304_and_one_that_has_is_not(client, paper, record):
    first = client.get("/papers/2611.01234.bib")
    tag = {"If-None-Match": first["ETag"]}
    assert client.get("/papers/2611.01234.bib", headers=tag).status_code == 304
    paper.put([record("Another title", "2611.01234")])
    assert client.get("/papers/2611.01234.bib", headers=tag).status_code == 200


def test_reading_a_form_is_not_reading_the_page(signed_in, paper):
    from broadsheet.community.models import Read

    ann = signed_in("ann")
    ann.get("/papers/2611.01234.bib")
    assert not Read.objects.exists()


def test_a_paper_without_an_address_elsewhere_is_cited_by_its_page(client, library, record):
    library.put([record("A note", "notes:7")])
    assert "http://localhost/papers/notes:7" in client.get("/papers/notes:7.bib").content.decode()
    library.put([record("A paper", "2611.00001")])
    assert "localhost" not in client.get("/papers/2611.00001.bib").content.decode()


def test_the_page_offers_every_form_and_the_line_to_copy(client, paper, parsed):
    page = parsed(client.get("/papers/2611.01234"))
    assert {f"/papers/2611.01234.{ending}" for ending in TYPES} <= set(page.links())
    assert any("data-citation" in attributes for _, attributes in page.tags)


def test_a_form_costs_a_fixed_number_of_queries(client, paper):
    from django.db import connections
    from django.test.utils import CaptureQueriesContext

    client.get("/papers/2611.01234.bib")
    with CaptureQueriesContext(connections[paper.alias]) as queries:
        client.get("/papers/2611.01234.bib")
    assert len(queries) <= 5
