"""Crossref's list of works: real answers into records, and harvests against a server of one's own."""

import json
from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest

from broadsheet.papers import Identifier
from broadsheet.sources import CrossrefWorks, FetchError, SourceError, parse_crossref_works

SAMPLES = "protocol_samples/crossref"


def work(number: int, **more) -> dict:
    return {"DOI": f"10.1000/{number}", "title": [f"Paper <i>{number}</i>"], "type": "journal-article", **more}


def answer(*works: object, cursor: str | None = None, total: int = 7) -> bytes:
    message = {"total-results": total, "items": list(works)}
    return json.dumps({"status": "ok", "message": message | ({"next-cursor": cursor} if cursor else {})}).encode()


def question(path: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}


def test_a_real_page_says_how_many_match_and_where_it_goes_on(shared_data):
    page = parse_crossref_works((shared_data / SAMPLES / "habanero_test_cursor_0.200.json").read_bytes(), "x")
    assert (len(page.records), len(page.faults), page.total) == (20, 0, 454)
    assert page.cursor.startswith("DnF1ZXJ5VGhlbkZldGNo")


def test_every_real_list_of_works_is_read(shared_data):
    read = refused = 0
    for path in sorted((shared_data / SAMPLES).glob("*.200.json")):
        try:
            page = parse_crossref_works(path.read_bytes(), path.name)
        except SourceError as error:
            assert "did not answer with a list" in str(error) or "not JSON" in str(error)
            continue
        read += len(page.records)
        refused += len(page.faults)
        assert {fault.reason for fault in page.faults} <= {"the work has no DOI", "the record has no title"}
    assert read > 300
    assert refused < read


def test_a_retracted_work_is_a_withdrawn_record_and_the_notice_stands():
    gone = work(1, **{"updated-by": [{"type": "correction"}, {"type": "retraction", "DOI": "10.1000/2"}]})
    notice = work(2, **{"update-to": [{"type": "retraction", "DOI": "10.1000/1"}]})
    corrected = work(3, **{"updated-by": [{"type": "correction"}]})
    page = parse_crossref_works(answer(gone, notice, corrected), "x")
    assert [record.is_withdrawn for record in page.records] == [True, False, False]
    assert page.records[0].identifiers == (Identifier("doi", "10.1000/1"),)


def test_what_cannot_be_used_is_a_fault_beside_the_good_ones():
    broken = [work(2, title=[]), {"title": ["No DOI"]}, "text", work(3, issued={"date-parts": [[10**30]]})]
    page = parse_crossref_works(answer(work(1), *broken, work(4)), "list")
    assert [record.version.title for record in page.records] == ["Paper 1", "Paper 4"]
    assert [fault.place for fault in page.faults] == [f"list work {number}" for number in (2, 3, 4, 5)]
    assert [fault.reason for fault in page.faults][:3] == [
        "the record has no title", "the work has no DOI", "the work is not an object in braces",
    ]  # fmt: skip


@pytest.mark.parametrize("payload", [b"", b"[]", b"<html>", b'{"message": []}', b'{"message": {"items": 7}}', b"\xff"])
def test_what_is_no_list_of_works_is_refused(payload):
    with pytest.raises(SourceError, match="list"):
        parse_crossref_works(payload, "list")


def test_more_works_than_any_service_gives_at_once_are_refused():
    with pytest.raises(SourceError, match="list answered 10,001 works at once, more than 10,000"):
        parse_crossref_works(answer(*[None] * 10_001), "list")


def test_a_harvest_asks_for_what_was_named_with_the_contact_and_follows_the_cursor(serve, transport_to):
    pages = {"*": answer(*(work(n) for n in range(200)), cursor="AoJ/b=="), "AoJ/b==": answer(work(900), cursor="z")}
    server = serve(lambda path, _: (200, {}, pages[question(path)["cursor"]]))
    source = CrossrefWorks(
        transport_to(server, contact="papers@example.org"),
        "graph search",
        issns=["1234-5679"],
        since=date(2026, 11, 1),
        endpoint=server.url,
    )
    found = list(source.harvest())
    assert [len(page.records) for page in found] == [200, 1]
    assert found[0].cursor == "200 AoJ/b=="
    assert found[-1].cursor is None
    assert question(server.asked[0][0]) == {
        "query": "graph search",
        "filter": "from-index-date:2026-11-01,issn:1234-5679,type:journal-article,type:proceedings-article,"
        "type:posted-content",
        "rows": "200",
        "cursor": "*",
        "mailto": "papers@example.org",
    }
    assert server.asked[0][1]["user-agent"].endswith("(+papers@example.org)")
    (rest,) = source.harvest("200 AoJ/b==")
    assert rest.records == found[1].records
    assert list(source.harvest()) == found


def test_a_filter_that_names_a_type_takes_the_place_of_ours(serve, transport_to):
    server = serve(lambda *_: (200, {}, answer()))
    list(CrossrefWorks(transport_to(server), filters="type:dissertation", endpoint=server.url).harvest())
    assert question(server.asked[0][0])["filter"] == "type:dissertation"
    assert "mailto" not in question(server.asked[0][0])


def test_the_server_s_own_words_are_in_the_error(serve, transport_to, shared_data):
    body = (shared_data / SAMPLES / "habanero_test_funders_fail_limit_0.400.json").read_bytes()
    server = serve(lambda *_: (400, {}, body))
    with pytest.raises(FetchError, match=r"400 Bad Request \(Integer specified as things but must be a positive"):
        list(CrossrefWorks(transport_to(server), "x", endpoint=server.url).harvest())


def test_a_cursor_that_crossref_forgot_begins_the_run_again(serve, transport_to, shared_data):
    forgotten = (shared_data / SAMPLES / "habanero_test_cursor_fails_cursor_value_0.404.json").read_bytes()

    def reply(path, _):
        return (404, {}, forgotten) if question(path)["cursor"] == "old" else (200, {}, answer(work(1)))

    server = serve(reply)
    (page,) = CrossrefWorks(transport_to(server), "x", endpoint=server.url).harvest("400 old")
    assert page.done == 1
    assert "Cursor specified but it is invalid" in page.faults[0].reason


def test_all_of_crossref_is_not_asked_for(transport_to):
    with pytest.raises(SourceError, match="needs a query"):
        CrossrefWorks(transport_to(), " ")
