"""Unpaywall: real answers into links, and harvests against a server of one's own."""

import json
from datetime import date

import pytest

from broadsheet.papers import Link
from broadsheet.sources import SourceError, Unpaywall, parse_unpaywall

SAMPLES = "protocol_samples/unpaywall"


def answer(doi: str, **more) -> bytes:
    about = {
        "doi": doi,
        "title": f"Paper {doi}",
        "is_oa": True,
        "best_oa_location": {"url_for_pdf": "https://a.example/1"},
    }
    return json.dumps(about | more).encode()


def test_real_answers_give_the_pdf_else_the_page_else_nothing(shared_data):
    found = {}
    for number in range(5):
        path = shared_data / SAMPLES / f"paperqa_test_doi_search_paper_attributes{number}__1.200.json"
        record = parse_unpaywall(path.read_bytes(), path.name)
        found[number] = record and record.version.links[0]
        if record:
            assert record.identifiers[0].scheme == "doi"
            assert record.version.published
    assert found[1] is found[2] is None
    assert found[0] == Link("full text", "https://doi.org/10.1016/j.xgen.2025.100814")
    assert found[4] == Link("pdf", "https://www.pnas.org/content/pnas/111/45/E4832.full.pdf")


def test_a_paper_that_is_known_keeps_its_title():
    record = parse_unpaywall(answer("10.1000/x", year=2020, journal_name="J"), "x", "The Title As Known")
    assert (record.version.title, record.version.venue, record.version.published) == ("The Title As Known", "", None)
    record = parse_unpaywall(answer("10.1000/x", year=2020, journal_name="J"), "x")
    assert (record.version.title, record.version.venue) == ("Paper 10.1000/x", "J")
    assert record.version.published == date(2020, 1, 1)


@pytest.mark.parametrize("payload", [b"", b"[]", b"{}", b"<html>", b'{"doi": "none"}'])
def test_what_is_no_work_is_refused(payload):
    with pytest.raises(SourceError):
        parse_unpaywall(payload, "https://unpaywall.example/x")


def test_a_harvest_asks_for_one_work_after_another_and_goes_on(serve, transport_to):
    def reply(path, _headers):
        doi = path.removeprefix("/").partition("?")[0].replace("%2F", "/")
        if doi == "10.1000/3":
            return 404, {}, b'{"error": true, "message": "not found"}'
        return 200, {}, answer(doi, is_oa=doi != "10.1000/4", title=None if doi == "10.1000/5" else "T")

    server = serve(reply)
    transport = transport_to(server, contact="papers@example.org")
    works = [(f"10.1000/{number}", "") for number in range(25)]
    source = Unpaywall(transport, works, endpoint=f"{server.url}/")
    first, second = source.harvest()
    assert (len(first.records), first.cursor, first.total, first.done) == (17, "10.1000/19", 25, 20)
    assert [(fault.place, fault.reason) for fault in first.faults] == [
        ("doi:10.1000/3", "Unpaywall does not know it"), ("doi:10.1000/5", "the record has no title"),
    ]  # fmt: skip
    assert (len(second.records), second.cursor, second.done) == (5, None, 25)
    assert server.asked[0][0] == "/10.1000%2F0?email=papers%40example.org"
    assert list(source.harvest("10.1000/19")) == [second]
    assert list(source.harvest("10.1000/gone")) == [first, second]
    assert [page.records for page in Unpaywall(transport, [], endpoint=server.url).harvest()] == [()]


def test_without_a_mail_address_nothing_is_asked(transport_to):
    with pytest.raises(SourceError, match="BROADSHEET_CONTACT"):
        Unpaywall(transport_to(contact="https://papers.example"), [])
