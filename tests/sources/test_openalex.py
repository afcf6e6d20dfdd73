"""OpenAlex: real answers into records, and harvests against a server of one's own."""

import json
from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest

from broadsheet.papers import Author, Link, RecordError
from broadsheet.sources import FetchError, OpenAlex, SourceError, parse_openalex
from broadsheet.sources.openalex import read_inverted

SAMPLES = "protocol_samples/openalex"


def work(number: int, **more) -> dict:
    about = {"id": f"https://openalex.org/W{number}", "title": f"Paper {number}", "publication_date": "2026-11-01"}
    return about | more


def answer(*works: object, cursor: str | None = None) -> bytes:
    return json.dumps({"meta": {"count": 7, "next_cursor": cursor}, "results": list(works)}).encode()


def question(path: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}


def test_a_real_work_gives_every_field(shared_data):
    pages = [parse_openalex(path.read_bytes(), "x") for path in (shared_data / SAMPLES).glob("*title_search*.json")]
    by_title = {record.version.title: record for page in pages for record in page.records}
    chemcrow = by_title["Augmenting large language models with chemistry tools"]
    assert [str(name) for name in chemcrow.identifiers] == [
        "openalex:W4396723768", "doi:10.1038/s42256-024-00832-8", "pubmed:38799228",
    ]  # fmt: skip
    version = chemcrow.version
    assert version.abstract.startswith("Large language models (LLMs) have shown strong performance in tasks across")
    assert version.authors[0].affiliation.endswith("EPFL, Lausanne, Switzerland")
    assert version.authors[-1].orcid == "0000-0003-3046-6576"
    assert version.topics[0] == "Machine Learning in Materials Science"
    assert (version.published, version.venue) == (date(2024, 5, 8), "Nature Machine Intelligence")
    assert version.links == (Link("pdf", "https://www.nature.com/articles/s42256-024-00832-8.pdf"),)
    paperqa = by_title["PaperQA: Retrieval-Augmented Generative Agent for Scientific Research"]
    assert "arxiv:2312.07559" in [str(name) for name in paperqa.identifiers]


def test_every_real_work_is_read(shared_data):
    read = 0
    for path in sorted((shared_data / SAMPLES).glob("*.200.json")):
        payload = path.read_bytes()
        if b"/authors" in payload[:200] or b'"works_count"' in payload:
            continue  # an answer about people
        try:
            page = parse_openalex(payload, path.name)
        except SourceError as error:
            assert "did not answer with a list of works" in str(error)
            continue
        assert not page.faults
        read += len(page.records)
    assert read >= 8


def test_an_abstract_is_put_together_from_its_index():
    index = {"Abstract": [0], "We": [1], "find": [2, 4], "and": [3], "<i>it</i>.": [9]}
    (found,) = parse_openalex(answer(work(1, abstract_inverted_index=index)), "x").records
    assert found.version.abstract == "We find and find it."
    assert read_inverted(None) == read_inverted({}) == ""


@pytest.mark.parametrize("index", [7, "text", [1], {"a": ["b"]}, {"a": [-1]}, {"a": [1.5]}, {"a": None}, {"a": [True]}])
def test_an_index_that_is_none_is_refused(index):
    with pytest.raises(RecordError):
        read_inverted(index)


def test_an_index_of_more_words_than_fit_is_refused():
    with pytest.raises(RecordError, match="more than 100,000 words"):
        read_inverted({"a": list(range(100_001))})


def test_a_retracted_work_is_a_withdrawn_record():
    page = parse_openalex(answer(work(1, is_retracted=True), work(2, is_retracted=False)), "x")
    assert [record.is_withdrawn for record in page.records] == [True, False]


def test_names_come_from_every_place_that_has_them():
    places = [{"landing_page_url": "https://doi.org/10.1/x"}, {"landing_page_url": "http://arxiv.org/abs/2401.00001v3"}]
    odd = work(1, doi="https://doi.org/10.1000/X", ids={"pmid": "https://pubmed.ncbi.nlm.nih.gov/77"}, locations=places)
    (found,) = parse_openalex(answer(odd), "x").records
    assert [str(name) for name in found.identifiers] == [
        "openalex:W1",
        "doi:10.1000/x",
        "pubmed:77",
        "arxiv:2401.00001",
    ]


def test_authors_without_a_written_affiliation_have_their_institutions():
    person = {
        "author": {"display_name": "One, Ann"},
        "institutions": [{"display_name": "Rome"}, {"display_name": "Oslo"}],
    }
    (found,) = parse_openalex(answer(work(1, authorships=[person])), "x").records
    assert found.version.authors == (Author("Ann One", "Rome; Oslo"),)


def test_what_cannot_be_used_is_a_fault_beside_the_good_ones():
    broken = [work(2, title=None), {"title": "No name"}, work(3, publication_date="someday"), 7]
    page = parse_openalex(answer(work(1), *broken), "list")
    assert len(page.records) == 1
    assert [fault.reason for fault in page.faults] == [
        "the record has no title",
        "the work has no name of a known kind",
        "the publication_date is not usable: 'someday' is not a date such as 2026, 2026-11 or 2026-11-21",
        "the work is not an object in braces",
    ]


@pytest.mark.parametrize("payload", [b"", b"[]", b"<html>", b'{"results": 7}', b'{"error": "x"}'])
def test_what_is_no_list_of_works_is_refused(payload):
    with pytest.raises(SourceError, match="list"):
        parse_openalex(payload, "list")


def test_a_harvest_follows_the_cursor_with_key_and_contact(serve, transport_to):
    pages = {"*": answer(work(1), cursor="Ab=="), "Ab==": answer(work(2), cursor="Cd"), "Cd": answer()}
    server = serve(lambda path, _: (200, {}, pages[question(path)["cursor"]]))
    transport = transport_to(server, contact="papers@example.org")
    source = OpenAlex(transport, "graphs", date(2026, 11, 1), "type:article", key="k3y", endpoint=server.url)
    found = list(source.harvest())
    assert [len(page.records) for page in found] == [1, 1, 0]
    assert [page.cursor for page in found] == ["1 Ab==", "2 Cd", None]
    assert question(server.asked[0][0]) == {
        "search": "graphs",
        "filter": "type:article,from_updated_date:2026-11-01,is_paratext:false",
        "per_page": "100",
        "cursor": "*",
        "mailto": "papers@example.org",
        "api_key": "k3y",
    }
    assert list(source.harvest()) == found
    assert list(source.harvest(found[0].cursor)) == found[1:]


def test_an_error_has_the_words_of_the_service_and_not_the_key(serve, transport_to):
    server = serve(lambda *_: (403, {}, b'{"error": "Invalid key", "message": "k3y-of-ours is not a key"}'))
    source = OpenAlex(transport_to(server), "graphs", key="k3y-of-ours", endpoint=server.url)
    with pytest.raises(FetchError, match=r"403 Forbidden \(… is not a key\)") as raised:
        list(source.harvest())
    assert "k3y" not in str(raised.value)


def test_all_of_openalex_is_not_asked_for(transport_to):
    with pytest.raises(SourceError, match="needs a query"):
        OpenAlex(transport_to(), " ")
