"""arXiv by its search API."""

from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest

from broadsheet.papers import Author, Identifier, Link
from broadsheet.sources import ArxivApi, FetchError, SourceError, parse_atom, parse_oai

ENTRY = (
    "<entry><id>http://arxiv.org/abs/2401.{0:05d}v3</id><title>Paper {0}</title><summary>Text.</summary>"
    "<published>2024-01-01T00:00:00Z</published><updated>2024-02-01T00:00:00Z</updated>"
    "<author><name>Ann Bee</name></author></entry>"
)


def feed(total: int, *entries: str, start: int = 0) -> bytes:
    counts = f"<totalResults>{total}</totalResults><startIndex>{start}</startIndex>"
    return f'<feed xmlns="http://www.w3.org/2005/Atom">{counts}{"".join(entries)}</feed>'.encode()


def samples(shared_data):
    return shared_data / "protocol_samples/arxiv_api"


def test_an_entry_gives_every_field(shared_data):
    page = parse_atom((samples(shared_data) / "id_astro-ph_0601001_s0_m100_3150dca9dc76.200.xml").read_bytes(), "x")
    (found,) = page.records
    assert (page.total, page.done, page.faults) == (1, 1, ())
    assert (found.source, found.number) == ("arxiv", 1)
    assert found.identifiers == (Identifier("arxiv", "astro-ph/0601001"),)
    version = found.version
    assert version.title.startswith("Frequency of Hot Jupiters and Very Hot Jupiters")
    assert version.abstract.startswith("We derive the frequencies of hot Jupiters")
    assert version.authors[2] == Author("B. Scott Gaudi", "CfA")
    assert version.topics == ("astro-ph",)
    assert version.venue == "ActaAstron.56:1-50,2006"
    assert version.comment.startswith("62 pages including 16 figures")
    assert (version.published, version.updated) == (date(2006, 1, 2), date(2006, 1, 2))
    assert version.links == (Link("pdf", "https://arxiv.org/pdf/astro-ph/0601001"),)


def test_every_entry_of_a_real_result_list_is_read(shared_data):
    page = parse_atom((samples(shared_data) / "q_testing_s0_m100_cfe7536492ca.200.xml").read_bytes(), "x")
    assert (len(page.records), page.faults) == (100, ())
    assert all(found.version.abstract and found.version.authors and found.version.topics for found in page.records)
    assert sum(len(found.identifiers) > 1 for found in page.records) > 20


def test_the_two_doors_of_arxiv_describe_one_paper_alike(shared_data):
    (atom,) = parse_atom(
        (samples(shared_data) / "id_2104.12255v1_s0_m100_6ae69987ffe1.200.xml").read_bytes(), "x"
    ).records
    version = atom.version
    parts = [(author.family, author.name.removesuffix(author.family)) for author in version.authors]
    authors = "".join(f"<author><keyname>{a}</keyname><forenames>{b}</forenames></author>" for a, b in parts)
    oai = f"""<record>
    <header><identifier>oai:arXiv.org:2104.12255</identifier><datestamp>2022-01-01</datestamp></header>
    <metadata><arXiv><id>2104.12255</id><created>{version.published}</created><updated>{version.updated}</updated>
    <authors>{authors}</authors><title>{version.title}</title><categories>{" ".join(version.topics)}</categories>
    <comments>{version.comment}</comments><abstract>{version.abstract}</abstract></arXiv></metadata></record>"""
    (other,) = parse_oai(oai.encode(), "x").records
    assert other.version.digest() == version.digest()
    assert other.identifiers == atom.identifiers


def test_an_identifier_that_nobody_has_gives_an_empty_page(shared_data):
    page = parse_atom((samples(shared_data) / "id_0000.0000_s0_m100_8b51d9633a68.200.xml").read_bytes(), "x")
    assert (page.records, page.total) == ((), 0)


def test_an_error_entry_is_raised_with_arxivs_words(shared_data):
    with pytest.raises(SourceError, match="incorrect id format for abc"):
        parse_atom((samples(shared_data) / "id_abc_s0_m100_b79c8dcf6bc3.400.xml").read_bytes(), "x")


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (ENTRY.format(1).replace("Paper 1", ""), "no title"),
        (ENTRY.format(1).replace("2024-01-01T", "2024-99-01T"), "is not a date"),
        (ENTRY.format(1).replace("arxiv.org", "example.org"), "is not a paper of arXiv"),
        ("<entry/>", "empty text"),
    ],
)
def test_a_broken_entry_is_a_fault_beside_the_good_ones(broken, reason):
    page = parse_atom(feed(3, ENTRY.format(2), broken, ENTRY.format(3)), "x")
    assert len(page.records) == 2
    assert reason in page.faults[0].reason


@pytest.mark.parametrize("payload", [b"<rss/>", b"<OAI-PMH/>", b"<entry/>"])
def test_what_is_no_feed_is_refused(payload):
    with pytest.raises(SourceError, match="is not an Atom feed"):
        parse_atom(payload, "x")


def list_of(total: int):
    def reply(path, _headers):
        asked = parse_qs(urlsplit(path).query)
        start, size = int(asked["start"][0]), int(asked["max_results"][0])
        entries = [ENTRY.format(number) for number in range(start, min(start + size, total))]
        return 200, {}, feed(total, *entries, start=start)

    return reply


def test_a_search_is_paged_to_its_end(serve, transport_to):
    server = serve(list_of(5))
    source = ArxivApi(transport_to(server), query=" cat:cs.LG ", per_page=2, endpoint=server.url)
    pages = list(source.harvest())
    assert [(len(page.records), page.cursor, page.total, page.done) for page in pages] == [
        (2, "2", 5, 2), (2, "4", 5, 4), (1, None, 5, 5),
    ]  # fmt: skip
    asked = parse_qs(urlsplit(server.asked[0][0]).query)
    assert asked["search_query"] == ["cat:cs.LG"]
    assert asked["sortBy"] == ["submittedDate"]
    assert "id_list" not in asked


def test_a_search_continues_from_a_cursor_and_stops_at_its_limit(serve, transport_to):
    server = serve(list_of(50))
    source = ArxivApi(transport_to(server), query="x", per_page=2, limit=5, endpoint=server.url)
    assert [page.done for page in source.harvest("2")] == [4, 5]
    assert list(source.harvest("5")) == []


def test_a_list_of_identifiers_needs_no_query(serve, transport_to):
    server = serve(list_of(0))
    (page,) = ArxivApi(transport_to(server), identifiers=["2401.00001", "2401.00002"], endpoint=server.url).harvest()
    assert (page.records, page.cursor, page.total) == ((), None, 0)
    assert parse_qs(urlsplit(server.asked[0][0]).query)["id_list"] == ["2401.00001,2401.00002"]


def test_an_empty_page_in_the_middle_of_a_list_is_an_error_not_an_end(serve, transport_to):
    def reply(path, headers):
        return (200, {}, feed(9, start=2)) if "start=2" in path else list_of(9)(path, headers)

    server = serve(reply)
    pages = ArxivApi(transport_to(server), query="x", per_page=2, endpoint=server.url).harvest()
    assert len(next(pages).records) == 2
    with pytest.raises(SourceError, match="empty page at 2 of 9"):
        next(pages)


def test_a_bad_request_is_told_in_arxivs_words(serve, shared_data, transport_to):
    body = (samples(shared_data) / "id_abc_s0_m100_b79c8dcf6bc3.400.xml").read_bytes()
    server = serve(lambda *_: (400, {}, body))
    with pytest.raises(SourceError, match="incorrect id format for abc"):
        list(ArxivApi(transport_to(server), identifiers=["abc"], endpoint=server.url).harvest())


def test_any_other_refusal_is_told_by_its_status(serve, transport_to):
    server = serve(lambda *_: (500, {}, b"<html>sorry"))
    with pytest.raises(FetchError, match="500 Internal Server Error"):
        list(ArxivApi(transport_to(server), query="x", endpoint=server.url).harvest())


@pytest.mark.parametrize(("query", "limit"), [("", None), ("  ", None), ("x", 0), ("x", -1)])
def test_a_search_for_nothing_is_refused_at_once(query, limit, transport_to):
    with pytest.raises(SourceError):
        ArxivApi(transport_to(), query=query, limit=limit)


def test_a_cursor_of_another_source_is_refused(transport_to):
    with pytest.raises(SourceError, match="not a place in a list"):
        list(ArxivApi(transport_to(), query="x").harvest("t|1"))


def test_a_list_that_does_not_say_its_length_is_refused(serve, transport_to):
    server = serve(lambda *_: (200, {}, b"<feed/>"))
    with pytest.raises(SourceError, match="how many papers match"):
        list(ArxivApi(transport_to(server), query="x", endpoint=server.url).harvest())
