"""arXiv by OAI-PMH: real answers into records, and harvests against a server of one's own."""

from datetime import UTC, date, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from broadsheet.papers import Author, Identifier, Link
from broadsheet.sources import ArxivOai, FetchError, OaiError, SourceError, parse_oai

RAW = """<record><header><identifier>oai:arXiv.org:0804.2273</identifier><datestamp>2020-01-01</datestamp></header>
<metadata><arXivRaw xmlns="http://arxiv.org/OAI/arXivRaw/"><id>0804.2273</id><submitter>J. Halpern</submitter>
<version version="v1"><date>Mon, 14 Apr 2008 20:15:28 GMT</date><size>117kb</size></version>
<version version="v10"><date>Thu, 1 May 2008 03:00:00 GMT</date><size>120kb</size></version>
<version version="v2"><date>Tue, 15 Apr 2008 03:00:00 GMT</date><size>120kb</size></version>
<title>On  {0}</title><authors>A. Erd\\H{{o}}s, B. Two (Rome)</authors><categories>cs.LO cs.AI</categories>
<comments>9 pages</comments><journal-ref>J. Test 1</journal-ref><doi>10.1000/x</doi>
<abstract>  We show it.\n  Twice.</abstract></arXivRaw></metadata></record>"""


def record(number: int, status: str = "") -> str:
    named = f"oai:arXiv.org:2401.{number:05d}"
    header = f"<header{status}><identifier>{named}</identifier><datestamp>2024-01-02</datestamp></header>"
    if status:
        return f"<record>{header}</record>"
    return (
        f"<record>{header}<metadata><arXiv><id>2401.{number:05d}</id><created>2024-01-01</created>"
        f"<title>Paper {number}</title><abstract>Text.</abstract></arXiv></metadata></record>"
    )


def answer(*parts: str, token: str | None = None, wrap: str = "ListRecords") -> bytes:
    tail = "" if token is None else f"<resumptionToken>{token}</resumptionToken>"
    return (
        '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2026-11-20T22:10:00Z</responseDate>'
        f"<{wrap}>{''.join(parts)}{tail}</{wrap}></OAI-PMH>"
    ).encode()


def error(code: str, text: str = "because") -> bytes:
    return f'<OAI-PMH><error code="{code}">{text}</error></OAI-PMH>'.encode()


def question(path: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}


def test_the_arxiv_format_gives_every_field(shared_data):
    payload = (shared_data / "protocol_samples/arxiv_oai/hepcrawl_sample_arxiv_record.xml").read_bytes()
    page = parse_oai(payload, "sample")
    assert (len(page.records), page.faults, page.cursor, page.total) == (12, (), None, None)
    first = page.records[0]
    assert first.source == "arxiv"
    assert first.place == "oai:arXiv.org:1601.03238"
    assert first.identifiers == (
        Identifier("arxiv", "1601.03238"), Identifier("doi", "10.1103/physrevd.93.016005"),
    )  # fmt: skip
    assert first.number is None
    version = first.version
    assert version.title == "Irreversible degradation of quantum coherence under relativistic motion"
    assert version.abstract.startswith("We study the dynamics of quantum coherence under Unruh")
    assert [author.name for author in version.authors][:2] == ["Planck Collaboration", "Jieci Wang"]
    assert version.topics == ("quant-ph", "gr-qc", "hep-th")
    assert (version.published, version.updated) == (date(2016, 1, 13), date(2016, 1, 13))
    assert version.comment == "6 pages, 4 figures, conference paper"
    assert version.links == (Link("pdf", "https://arxiv.org/pdf/1601.03238"),)


def test_a_field_with_several_dois_gives_them_all(shared_data):
    payload = (shared_data / "protocol_samples/arxiv_oai/hepcrawl_sample_arxiv_record0.xml").read_bytes()
    (found,) = parse_oai(payload, "sample").records
    assert [identifier.scheme for identifier in found.identifiers] == ["arxiv", "doi", "doi", "doi"]


def test_authors_keep_their_affiliations_and_suffixes_and_a_colon_is_nobody(shared_data):
    folder = shared_data / "protocol_samples/arxiv_oai"
    (kamiokande,) = parse_oai((folder / "hepcrawl_sample_arxiv_record8.xml").read_bytes(), "x").records
    names = [author.name for author in kamiokande.version.authors]
    assert names[:2] == ["Super-Kamiokande Collaboration", "K. Abe"]
    assert names[-1] == "P. de Perio"
    assert kamiokande.version.authors[1] == Author(
        "K. Abe",
        "Kamioka Observatory, Institute for Cosmic Ray Research, University of Tokyo; "
        "Kavli Institute for the Physics and Mathematics of the Universe",
    )
    (bicep,) = parse_oai((folder / "hepcrawl_sample_arxiv_record4.xml").read_bytes(), "x").records
    assert "R. W., IV" in [author.name for author in bicep.version.authors]
    assert bicep.version.title.endswith("E/B Separation applied to BICEP2 and the Keck Array")


def test_dublin_core_gives_first_and_last_day_comment_and_reference(shared_data):
    folder = shared_data / "protocol_samples/arxiv_oai"
    (pygmy,) = parse_oai((folder / "ads_arxiv_0901_2443.xml").read_bytes(), "x").records
    assert pygmy.version.authors[3].name == "P. von Neumann-Cosel"
    assert pygmy.version.topics == ("Nuclear Experiment", "nucl-ex")
    assert pygmy.version.comment == "submitted to Phys. Lett. B"
    assert "Comment:" not in pygmy.version.abstract
    (lovasz,) = parse_oai((folder / "ads_arxiv_math_0306266.xml").read_bytes(), "x").records
    assert lovasz.identifiers == (
        Identifier("arxiv", "math/0306266"), Identifier("doi", "10.1017/s0963548305006826"),
    )  # fmt: skip
    assert lovasz.version.venue == "Combinatorics, Probability and Computing 14 (2005) 439 - 465"
    assert lovasz.version.published == lovasz.version.updated == date(2003, 6, 18)  # not the datestamp, 2017


def test_more_affiliations_and_subjects_than_fit_do_not_cost_the_paper():
    places = "".join(f"<affiliation>Institute {number} of a large country</affiliation>" for number in range(200))
    author = f"<authors><author><keyname>Bee</keyname>{places}</author></authors>"
    (found,) = parse_oai(record(1).replace("<title>", f"{author}<title>").encode(), "x").records
    assert found.version.authors[0].affiliation.startswith("Institute 0 of a large country; Institute 1")
    assert found.version.authors[0].affiliation.endswith("country")
    subjects = f"<subject>{'05C80, ' * 99}</subject><subject>Logic</subject>"
    header, _, _ = record(1).partition("<metadata>")
    payload = f"{header}<metadata><dc><title>T</title>{subjects}</dc></metadata></record>"
    (found,) = parse_oai(payload.encode(), "x").records
    assert found.version.topics == ("Logic",)
    assert (found.version.published, found.version.updated) == (None, date(2024, 1, 2))


def test_a_list_with_a_token_says_where_it_goes_on(shared_data):
    payload = (shared_data / "protocol_samples/arxiv_oai/ads_arxiv_multi_20230125.xml").read_bytes()
    page = parse_oai(payload, "x")
    assert (len(page.records), page.cursor, page.total, page.done) == (3, "6460044|1001", 1090, 3)


def test_the_raw_format_numbers_its_versions():
    (raw,) = parse_oai(RAW.format("Logic").encode(), "x").records
    assert raw.number == 10
    assert (raw.version.published, raw.version.updated) == (date(2008, 4, 14), date(2008, 5, 1))
    assert raw.version.title == "On Logic"
    assert raw.version.authors == (Author("A. Erdős"), Author("B. Two", "Rome"))
    assert raw.version.abstract == "We show it. Twice."


def test_a_deleted_record_is_a_withdrawn_one():
    (gone,) = parse_oai(answer(record(7, ' status="deleted"')), "x").records
    assert gone.is_withdrawn
    assert gone.identifiers == (Identifier("arxiv", "2401.00007"),)


def test_the_datestamp_stands_in_only_where_the_format_has_no_day():
    payload = record(1).replace("<created>2024-01-01</created>", "")
    (found,) = parse_oai(payload.encode(), "x").records
    assert (found.version.published, found.version.updated) == (None, date(2024, 1, 2))


def test_no_records_match_is_an_empty_page():
    page = parse_oai(error("noRecordsMatch"), "x")
    assert (page.records, page.faults, page.cursor, page.total) == ((), (), None, 0)


@pytest.mark.parametrize("code", ["badArgument", "badResumptionToken", "cannotDisseminateFormat", "noSetHierarchy"])
def test_other_errors_are_raised_with_their_code_and_text(code):
    with pytest.raises(OaiError, match=rf"place answered {code}: the reason") as raised:
        parse_oai(error(code, "the reason"), "place")
    assert raised.value.code == code


@pytest.mark.parametrize("payload", [b"<html/>", b"<OAI-PMH/>", b"<OAI-PMH><Identify/></OAI-PMH>", b"<feed/>"])
def test_what_is_no_list_of_records_is_refused(payload):
    with pytest.raises(SourceError, match="OAI-PMH answer"):
        parse_oai(payload, "x")


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (record(1).replace("Paper 1", " "), "no title"),
        (record(1).replace("2024-01-01", "0000-00-00"), "is not a date"),
        (record(1).replace("<id>2401.00001</id>", "<id>2401.00002</id>"), "but the metadata"),
        (record(1).replace("arXiv>", "marc>"), "not one of arXiv, arXivRaw"),
        (record(1).replace("oai:arXiv.org:2401.00001", "oai:elsewhere:1"), "is not a paper of arXiv"),
        (record(1).replace("oai:arXiv.org:2401.00001", ""), "empty text"),
        ("<record><metadata/></record>", "no header"),
        (record(1, " status='x'"), "no metadata"),
        (RAW.format("x").replace('"v10"', '"vv"'), "number of a version"),
        (RAW.format("x").replace("Mon, 14 Apr 2008", "once"), "is not a date"),
        (record(1).replace("Paper 1", "T" * 3_000), "3,000 characters"),
    ],
)
def test_a_broken_record_is_a_fault_beside_the_good_ones(broken, reason):
    page = parse_oai(answer(record(5), broken, record(6)), "x")
    assert [str(found.identifiers[0]) for found in page.records] == ["arxiv:2401.00005", "arxiv:2401.00006"]
    assert len(page.faults) == 1
    assert reason in page.faults[0].reason


def paged_answer(path: str, _headers: dict[str, str]):
    token = question(path).get("resumptionToken")
    pages = {None: answer(record(1), record(2), token="t|1"), "t|1": answer(record(3), token="t&amp;2"),
             "t&2": answer(record(4), token="")}  # fmt: skip
    return 200, {}, pages[token]


def test_a_harvest_follows_the_tokens_to_the_end(serve, transport_to):
    server = serve(paged_answer)
    source = ArxivOai(
        transport_to(server),
        set_name="cs:cs:LG",
        since=date(2026, 11, 1),
        until=date(2026, 11, 20),
        endpoint=server.url,
    )
    pages = list(source.harvest())
    assert [page.done for page in pages] == [2, 3, 4]
    assert [page.cursor for page in pages] == ["t|1", "t&2", None]
    assert source.name == "arxiv"
    assert source.responded_on == date(2026, 11, 20)
    questions = [question(path) for path, _ in server.asked]
    assert questions[0] == {
        "verb": "ListRecords",
        "metadataPrefix": "arXiv",
        "set": "cs:cs:LG",
        "from": "2026-11-01",
        "until": "2026-11-20",
    }
    assert questions[1] == {"verb": "ListRecords", "resumptionToken": "t|1"}


def test_a_harvest_continues_from_a_cursor(serve, transport_to):
    server = serve(paged_answer)
    pages = list(ArxivOai(transport_to(server), endpoint=server.url).harvest("t|1"))
    assert [len(page.records) for page in pages] == [1, 1]


def test_harvesting_twice_brings_the_same_records(serve, transport_to):
    server = serve(paged_answer)
    source = ArxivOai(transport_to(server), endpoint=server.url)
    assert list(source.harvest()) == list(source.harvest())


def test_an_expired_token_begins_the_run_again_and_says_so(serve, transport_to):
    expired = {"old"}

    def reply(path, headers):
        token = question(path).get("resumptionToken")
        return (200, {}, error("badResumptionToken", "expired")) if token in expired else paged_answer(path, headers)

    server = serve(reply)
    pages = list(ArxivOai(transport_to(server), endpoint=server.url).harvest("old"))
    assert sum(len(page.records) for page in pages) == 4
    assert "began again" in pages[0].faults[0].reason
    assert "expired" in pages[0].faults[0].reason
    assert not pages[1].faults


def test_a_server_that_refuses_every_token_is_given_up(serve, transport_to):
    def reply(path, headers):
        if "resumptionToken" in question(path):
            return 200, {}, error("badResumptionToken")
        return paged_answer(path, headers)

    server = serve(reply)
    with pytest.raises(OaiError, match="badResumptionToken"):
        list(ArxivOai(transport_to(server), endpoint=server.url).harvest())
    assert len(server.asked) == 8  # each of the first ask and three restarts, twice


def test_a_server_that_gives_a_token_twice_goes_in_circles(serve, transport_to):
    server = serve(lambda path, _: (200, {}, answer(record(1), token="again")))
    source = ArxivOai(transport_to(server), endpoint=server.url)
    with pytest.raises(SourceError, match="goes in circles"):
        list(source.harvest())
    assert len(server.asked) == 2


def test_a_busy_server_is_asked_again_when_it_says(serve, transport_to, waits):
    def reply(path, headers):
        if len(server.asked) == 1:
            return 503, {"Retry-After": "42"}, b"busy"
        return 200, {}, answer(record(1))

    server = serve(reply)
    (page,) = ArxivOai(transport_to(server), endpoint=server.url).harvest()
    assert len(page.records) == 1
    assert waits == [42.0]


def test_a_server_busy_for_hours_is_left_for_another_run(serve, transport_to):
    server = serve(lambda *_: (503, {"Retry-After": "7200"}, b""))
    now = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
    with pytest.raises(FetchError, match=r"503 Service Unavailable.*2026-11-21 08:00:00 UTC") as raised:
        list(ArxivOai(transport_to(server, now=lambda: now), endpoint=server.url).harvest())
    assert raised.value.retry_at == datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
    assert len(server.asked) == 1


def test_pages_before_a_failure_stay_good(serve, transport_to):
    def reply(path, headers):
        return (200, {}, b"<OAI-PMH><Lis") if "resumptionToken" in path else paged_answer(path, headers)

    server = serve(reply)
    pages = ArxivOai(transport_to(server), endpoint=server.url).harvest()
    assert len(next(pages).records) == 2
    with pytest.raises(SourceError, match="not well-formed"):
        next(pages)


@pytest.mark.parametrize("archive", ["papers.example.org", "localhost", "127.0.0.1", "ARXIV.ORG"])
def test_a_repository_that_keeps_arxivs_numbers_is_read_as_arxiv_is(archive):
    (found,) = parse_oai(record(7).replace("oai:arXiv.org:", f"oai:{archive}:").encode(), "x").records
    assert found.identifiers == (Identifier("arxiv", "2401.00007"),)


def test_sources_and_topics_of_another_broadsheet_are_no_categories():
    sets = "".join(f"<setSpec>{name}</setSpec>" for name in ("cs:cs:LG", "topic:graph~20theory", "source:arxiv"))
    header, _, _ = record(1).replace("</header>", f"{sets}</header>").partition("<metadata>")
    payload = f"{header}<metadata><dc><title>T</title><subject>graph theory</subject></dc></metadata></record>"
    (found,) = parse_oai(payload.encode(), "x").records
    assert found.version.topics == ("graph theory", "cs.LG")
