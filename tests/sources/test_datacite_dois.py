"""DataCite's list of DOIs: answers into records, and harvests against a server of one's own."""

import json
from datetime import date
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from broadsheet.sources import DataciteDois, SourceError, parse_datacite_dois


def work(number: int, doi: str = "", **more) -> dict:
    about = {
        "doi": doi or f"10.5281/zenodo.{number}",
        "titles": [{"title": f"Paper {number}"}],
        "publicationYear": 2026,
    }
    return {"id": "x", "type": "dois", "attributes": about | more}


def answer(*works: object, cursor: str | None = None, host: str = "https://api.datacite.org") -> bytes:
    links = {"self": "x"} | (
        {"next": f"{host}/dois?page%5Bcursor%5D={quote(cursor)}&page%5Bsize%5D=2"} if cursor else {}
    )
    return json.dumps({"data": list(works), "meta": {"total": 9}, "links": links}).encode()


def question(path: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}


def test_a_preprint_of_arxiv_has_both_its_names():
    (found,) = parse_datacite_dois(answer(work(1, "10.48550/arXiv.2104.12255")), "x").records
    assert [str(name) for name in found.identifiers] == ["doi:10.48550/arxiv.2104.12255", "arxiv:2104.12255"]


def test_a_work_with_a_day_of_withdrawal_is_a_withdrawn_record():
    gone = work(
        1, dates=[{"date": "2026-01-01", "dateType": "Issued"}, {"date": "2026-02-01", "dateType": "Withdrawn"}]
    )
    assert [record.is_withdrawn for record in parse_datacite_dois(answer(gone, work(2)), "x").records] == [True, False]


def test_what_cannot_be_used_is_a_fault_beside_the_good_ones():
    broken = [work(2, titles=None), {"attributes": None}, work(3, creators=[{"name": "A", "affiliation": 7}]), 7]
    page = parse_datacite_dois(answer(work(1), *broken), "list")
    assert [record.version.title for record in page.records] == ["Paper 1", "Paper 3"]
    assert [fault.reason for fault in page.faults] == [
        "the record has no title", "the work has no DOI", "the work is not an object in braces",
    ]  # fmt: skip


@pytest.mark.parametrize("payload", [b"", b"[]", b"<html>", b'{"data": {}}', b'{"errors": [{"title": "x"}]}'])
def test_what_is_no_list_is_refused(payload):
    with pytest.raises(SourceError, match="list"):
        parse_datacite_dois(payload, "list")


def test_a_link_that_is_no_address_is_refused():
    with pytest.raises(SourceError, match="names a next page that is no address"):
        parse_datacite_dois(
            json.dumps({"data": [work(1)], "links": {"next": "http://[x?page[cursor]=1"}}).encode(), "x"
        )


def test_a_harvest_asks_the_server_it_was_given_whatever_the_links_say(serve, transport_to):
    pages = {"1": answer(work(1), cursor="MTU==", host="http://inside.example"), "MTU==": answer(work(2))}
    server = serve(lambda path, _: (200, {}, pages[question(path)["page[cursor]"]]))
    source = DataciteDois(transport_to(server), "publisher:Zenodo", date(2026, 11, 1), endpoint=server.url)
    found = list(source.harvest())
    assert [page.cursor for page in found] == ["1 MTU==", None]
    assert question(server.asked[0][0]) == {
        "query": "(publisher:Zenodo) AND updated:[2026-11-01 TO *]",
        "resource-type-id": "text,preprint,journal-article,conference-paper,dissertation,report",
        "page[size]": "200",
        "page[cursor]": "1",
    }
    assert list(source.harvest()) == found
    assert list(source.harvest("1 MTU==")) == found[1:]


def test_all_of_datacite_is_not_asked_for(transport_to):
    with pytest.raises(SourceError, match="needs a query"):
        DataciteDois(transport_to())
