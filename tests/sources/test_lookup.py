"""One paper by its name, from arXiv, Crossref or DataCite, as their servers really answer."""

import json
from datetime import date
from urllib.parse import unquote

import pytest

from broadsheet.papers import Author, Identifier, Link, RecordError
from broadsheet.sources import CannotLookUp, FetchError, NotFoundAtSource, Places, SourceError, look_up, read_name
from broadsheet.sources.crossref import parse_work
from broadsheet.sources.datacite import parse_doi
from broadsheet.sources.markup import strip_markup

NO_ENTRY = b'<feed xmlns="http://www.w3.org/2005/Atom"><totalResults>0</totalResults></feed>'
DATASET = {
    "data": {
        "id": "10.5281/zenodo.17",
        "type": "dois",
        "attributes": {
            "doi": "10.5281/zenodo.17",
            "creators": [
                {
                    "name": "Lee, Ann",
                    "nameType": "Personal",
                    "givenName": "Ann",
                    "familyName": "Lee",
                    "affiliation": ["University of Oslo", {"name": "Simula"}],
                    "nameIdentifiers": [
                        {"nameIdentifier": "https://orcid.org/0000-0002-1825-0097", "nameIdentifierScheme": "ORCID"}
                    ],
                },
                {"name": "Chen, Bo"},
                {"name": "The Paging Group, Oslo", "nameType": "Organizational"},
            ],
            "titles": [{"title": "Ein anderer Titel", "titleType": "TranslatedTitle"}, {"title": "Traces of paging"}],
            "publisher": {"name": "Zenodo"},
            "container": {},
            "publicationYear": 2026,
            "subjects": [{"subject": "caching"}, {"subject": "caching"}, {"subject": "paging"}],
            "dates": [{"date": "2026-11", "dateType": "Issued"}, {"date": "2026-12-24", "dateType": "Updated"}],
            "registered": "2026-11-20T09:00:00.000Z",
            "language": "en",
            "descriptions": [
                {"description": "How to read it.", "descriptionType": "TechnicalInfo"},
                {"description": "<p>Pages, evicted.</p>", "descriptionType": "Abstract"},
            ],
        },
    }
}


@pytest.fixture
def crossref(shared_data):
    return shared_data / "protocol_samples/crossref"


@pytest.fixture
def asked_at(serve, transport_to):
    """Look a name up at a server whose answers are given by path: a body, or a status alone."""

    def ask(text, answers):
        def answer(path, headers):
            found = next((body for part, body in answers.items() if part in unquote(path)), 404)
            return (found, {}, b"{}") if isinstance(found, int) else (200, {}, found)

        server = serve(answer)
        try:
            return look_up(read_name(text), transport_to(server, retries=0), Places.at(server.url))
        finally:
            ask.asked = [unquote(path) for path, _ in server.asked]

    return ask


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("2104.12255v2", "arxiv:2104.12255"),
        ("https://arxiv.org/pdf/2104.12255v1.pdf", "arxiv:2104.12255"),
        ("https://huggingface.co/papers/2104.12255", "arxiv:2104.12255"),
        ("https://doi.org/10.48550/arXiv.2104.12255", "arxiv:2104.12255"),
        ("10.48550/ARXIV.HEP-TH/9901001", "arxiv:hep-th/9901001"),
        ("https://doi.org/10.1145/3292500", "doi:10.1145/3292500"),
        ("https://dl.acm.org/doi/abs/10.1145/3292500", "doi:10.1145/3292500"),
        ("https://link.springer.com/article/10.1007/s11263-015-0816-y", "doi:10.1007/s11263-015-0816-y"),
        ("https://www.biorxiv.org/content/10.1101/2024.04.01.587366v1.full.pdf", "doi:10.1101/2024.04.01.587366"),
        ("https://aclanthology.org/P18-1001.pdf", "acl:P18-1001"),
    ],
)
def test_what_people_paste_is_read_into_a_name_that_can_be_looked_up(text, name):
    assert str(read_name(text)) == name


@pytest.mark.parametrize(
    "text",
    [
        "",
        "deep learning",
        "javascript:alert(1)",
        "http://127.0.0.1/",
        "http://2130706433/",
        "http://0x7f.1:8000/admin",
        "http://[::1]/",
        "http://169.254.169.254/latest/meta-data/",
        "file:///etc/passwd",
        "https://openreview.net/forum?id=abcdefgh",
        "pubmed:17284678",
        "scifact:4983",
        "x" * 5_000,
    ],
)
def test_everything_else_is_refused_with_what_can_be_looked_up(text):
    with pytest.raises(CannotLookUp, match="an arXiv id, a DOI, an ACL Anthology id, or a link to one of these"):
        read_name(text)


def test_no_address_but_the_sources_own_is_ever_asked(transport_to):
    with pytest.raises(CannotLookUp):
        look_up(Identifier("url", "http://127.0.0.1:1/"), transport_to())


def test_an_arxiv_id_is_asked_of_arxiv_alone(asked_at, shared_data):
    sample = shared_data / "protocol_samples/arxiv_api/id_2104.12255v1_s0_m100_6ae69987ffe1.200.xml"
    found = asked_at("https://arxiv.org/abs/2104.12255", {"/api/query": sample.read_bytes()})
    assert (found.source, found.identifiers) == ("arxiv", (Identifier("arxiv", "2104.12255"),))
    assert found.version.authors == (Author("Quan Thoi Minh Nguyen"),)
    assert asked_at.asked == ["/api/query?id_list=2104.12255&start=0&max_results=1"]


def test_an_arxiv_id_that_nobody_has_is_not_found(asked_at):
    with pytest.raises(NotFoundAtSource, match="arXiv does not know"):
        asked_at("2601.00001", {"/api/query": NO_ENTRY})


def test_an_answer_about_another_paper_is_not_taken_for_the_one_asked(asked_at, shared_data):
    sample = shared_data / "protocol_samples/arxiv_api/id_2104.12255v1_s0_m100_6ae69987ffe1.200.xml"
    with pytest.raises(NotFoundAtSource):
        asked_at("2601.00001", {"/api/query": sample.read_bytes()})


def test_a_doi_gives_every_field_that_crossref_has(asked_at, crossref):
    sample = crossref / "paperqa_test_bulk_doi_search_6.200.json"
    found = asked_at("10.1101/2024.04.01.587366", {"/works/10.1101/2024.04.01.587366": sample.read_bytes()})
    assert (found.source, found.identifiers) == ("crossref", (Identifier("doi", "10.1101/2024.04.01.587366"),))
    version = found.version
    assert version.title == "High-throughput screening of human genetic variants by pooled prime editing"
    assert version.abstract.startswith("Understanding the effects of rare genetic variants remains challenging")
    assert "<" not in version.abstract
    assert version.authors[-1] == Author("Gregory M. Findlay", orcid="0000-0002-7767-8608")
    assert (version.published, version.venue) == (date(2024, 4, 1), "bioRxiv")
    assert asked_at.asked == ["/works/10.1101/2024.04.01.587366"]


def test_every_real_work_of_crossref_is_read_without_a_tag_left(crossref):
    works = {}

    def collect(value):
        if isinstance(value, dict):
            if {"DOI", "type", "title", "created"} <= set(value):
                works[value["DOI"]] = value
            value = list(value.values())
        for one in value if isinstance(value, list) else ():
            collect(one)

    for sample in crossref.glob("*.200.json"):
        if sample.read_bytes()[:1] == b"{":
            collect(json.loads(sample.read_bytes()))
    assert len(works) > 250
    for work in works.values():
        version = parse_work(json.dumps({"message": work}).encode(), "x").version
        assert version.published
        assert not any(tag in f"{version.title} {version.abstract}" for tag in ("</", "jats:", "&lt;", "<p>", "<i>"))


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("<sup>89</sup>Zr and <jats:sub>HI</jats:sub>", "$^{89}$Zr and $_{HI}$"),
        ("1<i>H</i>-indole &amp; more", "1H-indole & more"),
        ("<jats:title>Abstract</jats:title>\n<jats:p>One.</jats:p><jats:p>Two &lt;5%.</jats:p>", "One. Two <5%."),
        ("&lt;p&gt;Once &lt;em&gt;too&lt;/em&gt; often&lt;/p&gt;", "Once too often"),
        ("a < b > c and <3", "a < b > c and <3"),
        ("<" * 50_000, "<" * 50_000),
    ],
)
def test_markup_goes_and_meaning_stays(sent, kept):
    assert strip_markup(sent) == kept


def test_a_day_is_the_works_first_and_a_year_alone_gives_way_to_the_day_the_doi_was_made():
    def published(**days):
        work = {"DOI": "10.1000/x", "title": ["A title"], **{name: {"date-parts": [day]} for name, day in days.items()}}
        return parse_work(json.dumps({"message": work}).encode(), "x").version.published

    assert published(published=[2026], created=[2026, 11, 20]) == date(2026, 11, 20)
    assert published(published=[2026, 3], created=[2026, 11, 20]) == date(2026, 3, 1)
    assert published(published=[2027, 1, 1], created=[2026, 11, 20]) == date(2026, 11, 20)
    assert published(published=[1970, 8, 14], created=[2006, 10, 5]) == date(1970, 8, 14)
    assert published(issued=[None], created=[2007, 9, 8]) == date(2007, 9, 8)
    assert published() is None
    with pytest.raises(RecordError, match="is not a day"):
        published(published=[2026, 13, 40])


def test_a_doi_that_crossref_does_not_know_is_asked_of_datacite(asked_at):
    found = asked_at("10.5281/zenodo.17", {"/dois/10.5281/zenodo.17": json.dumps(DATASET).encode()})
    assert (found.source, found.identifiers) == ("datacite", (Identifier("doi", "10.5281/zenodo.17"),))
    version = found.version
    assert (version.title, version.abstract, version.venue) == ("Traces of paging", "Pages, evicted.", "Zenodo")
    assert version.authors == (
        Author("Ann Lee", "University of Oslo; Simula", "0000-0002-1825-0097"),
        Author("Bo Chen"),
        Author("The Paging Group, Oslo"),
    )
    assert (version.published, version.topics) == (date(2026, 11, 20), ("caching", "paging"))
    assert [path.split("/")[1] for path in asked_at.asked] == ["works", "dois"]


def test_a_doi_that_nobody_knows_is_not_found(asked_at):
    with pytest.raises(NotFoundAtSource, match=r"Neither Crossref nor DataCite knows doi:10\.1145/3292500"):
        asked_at("10.1145/3292500", {})


def test_an_acl_id_is_looked_up_by_its_doi_and_keeps_its_name(asked_at):
    work = {"DOI": "10.18653/v1/p18-1001", "title": ["Probabilistic FastText"], "container-title": ["ACL"]}
    answers = {"/works/10.18653/v1/p18-1001": json.dumps({"message": work}).encode()}
    found = asked_at("https://aclanthology.org/P18-1001", answers)
    assert set(found.identifiers) == {Identifier("doi", "10.18653/v1/p18-1001"), Identifier("acl", "P18-1001")}
    assert asked_at("10.18653/v1/P18-1001", answers).identifiers[1:] == (Identifier("acl", "P18-1001"),)


def test_only_links_to_pdfs_on_the_web_are_kept():
    links = [
        {"URL": "https://a.example/x.pdf", "content-type": "application/pdf"},
        {"URL": "https://a.example/x.xml", "content-type": "application/xml"},
        {"URL": "javascript:alert(1)", "content-type": "application/pdf"},
    ]
    work = {"DOI": "10.1000/x", "title": ["A title"], "link": links}
    assert parse_work(json.dumps({"message": work}).encode(), "x").version.links == (
        Link("pdf", "https://a.example/x.pdf"),
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        b'{"message": []}',
        b'{"message": {"DOI": "10.1145/3292500"}}',
        b'{"message": {"DOI": "10.1145/3292500", "title": "' + b"x" * 3_000 + b'"}}',
        b'{"message": {"DOI": 7, "title": ["x"]}}',
        b'{"message": ' + b"[" * 100_000,
    ],
)
def test_an_answer_that_cannot_be_read_is_an_error_of_the_source(asked_at, body):
    with pytest.raises(SourceError, match="3292500"):
        asked_at("10.1145/3292500", {"/works/": body})


@pytest.mark.parametrize("body", [b"{}", b'{"data": {}}', b'{"data": {"attributes": {"doi": "10.1000/x"}}}'])
def test_what_is_no_work_of_datacite_is_refused(body):
    with pytest.raises(RecordError):
        parse_doi(body, "x")


@pytest.mark.parametrize("status", [500, 503, 429, 403])
def test_a_source_that_does_not_answer_is_told_from_one_that_does_not_know(asked_at, status):
    with pytest.raises(FetchError):
        asked_at("10.1145/3292500", {"/works/": status})


def test_a_source_that_leads_into_our_own_network_is_refused_before_any_connection(serve, transport_to):
    inside = serve(lambda path, headers: (200, {}, b"secret"))
    for target in (
        f"{inside.url}/secret",
        "http://169.254.169.254/latest/",
        "http://2130706433/",
        "file:///etc/passwd",
    ):
        source = serve(lambda path, headers, target=target: (302, {"Location": target}, b""))
        with pytest.raises(FetchError):
            look_up(read_name("10.1145/3292500"), transport_to(source, retries=0), Places.at(source.url))
    assert inside.asked == []
