"""Semantic Scholar: real answers into records, and harvests against a server of one's own."""

import json
from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest

from broadsheet.papers import Link
from broadsheet.sources import FetchError, SemanticScholar, SourceError, parse_semantic_scholar

SAMPLES = "protocol_samples/semantic_scholar"


def paper(number: int, **more) -> dict:
    return {"paperId": f"{number:040x}", "title": f"Paper {number}", **more}


def answer(*papers: object, token: str | None = None) -> bytes:
    return json.dumps({"total": 9, "token": token, "data": list(papers)}).encode()


def question(path: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}


def test_real_pages_of_a_bulk_search_lead_on(shared_data):
    first = (shared_data / SAMPLES / "s2_test_search_paper_bulk_retrieval_0.200.json").read_bytes()
    page = parse_semantic_scholar(first, "x")
    assert (len(page.records), len(page.faults), page.total) == (1000, 0, 2674)
    assert page.cursor.startswith("PCOKWVSKJJGM4TWNJNI3EUSQJIWVNUSRKBFEYK2JFUBHFI4VJRJU2DOMSMGI")
    assert str(page.records[0].identifiers[0]) == "s2:0018ce3db8f9957b520d6b7e0cec84abfa230e1c"


def test_every_real_list_of_papers_is_read(shared_data):
    read = 0
    for path in sorted((shared_data / SAMPLES).glob("*search_paper*.200.json")):
        page = parse_semantic_scholar(path.read_bytes(), path.name)
        read += len(page.records)
        assert {fault.reason for fault in page.faults} <= {"the record has no title"}  # where no title was asked for
    assert read > 3_000


def test_every_name_of_a_paper_counts():
    external = {"ArXiv": "2401.00001", "DOI": "10.1000/X", "ACL": "P18-1001", "PubMed": 77, "MAG": "5", "CorpusId": 12}
    (found,) = parse_semantic_scholar(answer(paper(7, externalIds=external)), "x").records
    assert [str(name) for name in found.identifiers] == [
        "arxiv:2401.00001", "doi:10.1000/x", "acl:P18-1001", "pubmed:77", f"s2:{7:040x}", "s2corpus:12",
    ]  # fmt: skip


def test_a_paper_gives_every_field():
    whole = paper(
        7,
        abstract="We <i>show</i> it.",
        authors=[{"authorId": "1", "name": "Ann One"}, {"authorId": None, "name": "Bob Two"}],
        venue="SIGIR",
        year=2024,
        publicationDate="2024-02-03",
        fieldsOfStudy=["Computer Science"],
        s2FieldsOfStudy=[{"category": "Computer Science"}, {"category": "Law"}],
        openAccessPdf={"url": "https://a.example/7.pdf"},
    )
    (found,) = parse_semantic_scholar(answer(whole), "x").records
    version = found.version
    assert version.abstract == "We show it."
    assert [author.name for author in version.authors] == ["Ann One", "Bob Two"]
    assert (version.venue, version.published) == ("SIGIR", date(2024, 2, 3))
    assert version.topics == ("Computer Science", "Law")
    assert version.links == (Link("pdf", "https://a.example/7.pdf"),)
    (found,) = parse_semantic_scholar(
        answer(paper(8, year=2023, publicationDate=None, openAccessPdf={"url": ""})), "x"
    ).records
    assert (found.version.published, found.version.links) == (date(2023, 1, 1), ())


def test_what_cannot_be_used_is_a_fault_beside_the_good_ones():
    page = parse_semantic_scholar(answer(paper(1), None, {"title": "No name"}, paper(2, title=None), paper(3)), "list")
    assert [record.version.title for record in page.records] == ["Paper 1", "Paper 3"]
    assert [fault.place for fault in page.faults] == ["list work 2", "list work 3", "list work 4"]


@pytest.mark.parametrize("payload", [b"", b"[]", b"<html>", b'{"data": 7}', b'{"error": "x"}'])
def test_what_is_no_list_of_papers_is_refused(payload):
    with pytest.raises(SourceError, match="list"):
        parse_semantic_scholar(payload, "list")


def test_a_harvest_follows_the_tokens_with_its_key_in_a_header(serve, transport_to):
    pages = {None: answer(paper(1), token="T1"), "T1": answer(paper(2), token=None)}
    server = serve(lambda path, _: (200, {}, pages[question(path).get("token")]))
    source = SemanticScholar(transport_to(server), "dense retrieval", date(2026, 1, 1), "k3y", endpoint=server.url)
    found = list(source.harvest())
    assert [page.cursor for page in found] == ["1 T1", None]
    asked, headers = server.asked[0]
    assert question(asked)["query"] == "dense retrieval"
    assert question(asked)["publicationDateOrYear"] == "2026-01-01:"
    assert "externalIds" in question(asked)["fields"]
    assert headers["x-api-key"] == "k3y"
    assert "k3y" not in asked
    assert list(source.harvest("1 T1")) == found[1:]


def test_a_busy_pool_is_asked_again_when_it_says(serve, transport_to, waits):
    server = serve(
        lambda *_: (429, {"Retry-After": "7"}, b"") if len(server.asked) == 1 else (200, {}, answer(paper(1)))
    )
    (page,) = SemanticScholar(transport_to(server), "x", endpoint=server.url).harvest()
    assert len(page.records) == 1
    assert waits == [7.0]


def test_the_service_s_own_words_are_in_the_error(serve, transport_to, shared_data):
    body = (shared_data / SAMPLES / "s2_test_bad_query_parameters_0.400.json").read_bytes()
    server = serve(lambda *_: (400, {}, body))
    with pytest.raises(FetchError, match=r"400 Bad Request \(Unrecognized or unsupported fields: \[unknown\]\)"):
        list(SemanticScholar(transport_to(server), "x", endpoint=server.url).harvest())
    with pytest.raises(SourceError, match="needs a query"):
        SemanticScholar(transport_to())
