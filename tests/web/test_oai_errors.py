"""What OAI-PMH answers to questions that are wrong, and to hostile ones: its own errors, in XML that can be read."""

import json
from datetime import UTC, datetime
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest
from django.test import Client

from broadsheet.library.models import Change
from broadsheet.web.oai import verbs
from each import each

OAI = "{http://www.openarchives.org/OAI/2.0/}"
HOSTILE = json.loads(Path(__file__).with_name("hostile.json").read_text())
GOOD = "metadataPrefix=oai_dc"
BAD = {
    "badVerb": [
        "",
        "verb=",
        "verb=listrecords",
        "verb=Harvest",
        "verb=Identify&verb=Identify",
        "metadataPrefix=oai_dc",
        "verb=%00%EF%BF%BE%3C]]%3E",
    ],
    "badArgument": [
        "verb=Identify&x=1",
        "verb=Identify&metadataPrefix=oai_dc",
        "verb=ListMetadataFormats&set=cs",
        "verb=ListMetadataFormats&identifier=",
        "verb=GetRecord",
        "verb=GetRecord&identifier=oai:localhost:2611.00001",
        f"verb=GetRecord&{GOOD}",
        f"verb=GetRecord&{GOOD}&identifier=a&identifier=a",
        f"verb=GetRecord&{GOOD}&identifier=a&from=2026-11-21",
        f"verb=GetRecord&{GOOD}&identifier={'a' * 9_000}",
        "verb=ListRecords",
        "verb=ListRecords&metadataPrefix=",
        "verb=ListIdentifiers&set=cs",
        f"verb=ListRecords&{GOOD}&{GOOD}",
        f"verb=ListRecords&{GOOD}&resumptionToken=x",
        "verb=ListRecords&resumptionToken=x&set=cs",
        "verb=ListRecords&resumptionToken=",
        "verb=ListRecords&resumptionToken=x&resumptionToken=x",
        "verb=ListSets&set=cs",
        "verb=GetRecord&resumptionToken=x",
        "verb=ListMetadataFormats&resumptionToken=x",
        f"verb=ListRecords&{GOOD}&from=",
        f"verb=ListRecords&{GOOD}&from=yesterday",
        f"verb=ListRecords&{GOOD}&from=2026",
        f"verb=ListRecords&{GOOD}&from=2026-11",
        f"verb=ListRecords&{GOOD}&from=2026-02-30",
        f"verb=ListRecords&{GOOD}&from=0000-01-01",
        f"verb=ListRecords&{GOOD}&from=2026-11-21T12:00:00",
        f"verb=ListRecords&{GOOD}&from=2026-11-21T12:00Z",
        f"verb=ListRecords&{GOOD}&from=2026-11-21T12:00:00.5Z",
        f"verb=ListRecords&{GOOD}&from=2026-11-21T25:00:00Z",
        f"verb=ListRecords&{GOOD}&from=2026-11-21T12:00:60Z",
        f"verb=ListRecords&{GOOD}&from=2026-11-21T12:00:00%2B01:00",
        f"verb=ListRecords&{GOOD}&from=2026-W47-6",
        f"verb=ListRecords&{GOOD}&from=20261121",
        f"verb=ListRecords&{GOOD}&from=%D9%A2%D9%A0%D9%A2%D9%A6-11-21",
        f"verb=ListRecords&{GOOD}&until=2026-13-01",
        f"verb=ListRecords&{GOOD}&from=2026-11-21&until=2026-11-21T12:00:00Z",
        f"verb=ListRecords&{GOOD}&from=2026-11-22&until=2026-11-21",
        f"verb=ListRecords&{GOOD}&from=2026-11-21T12:00:01Z&until=2026-11-21T12:00:00Z",
        f"verb=ListRecords&{GOOD}&set=",
        f"verb=ListRecords&{GOOD}&set=cs:",
        f"verb=ListRecords&{GOOD}&set=%25",
        f"verb=ListRecords&{GOOD}&" + "&".join(f"x{n}=1" for n in range(1_200)),
    ],
    "cannotDisseminateFormat": [
        "verb=ListRecords&metadataPrefix=marc21",
        "verb=ListIdentifiers&metadataPrefix=OAI_DC",
        "verb=GetRecord&metadataPrefix=%00]]%3E&identifier=oai:localhost:2611.00001",
    ],
    "idDoesNotExist": [
        f"verb=GetRecord&{GOOD}&identifier=oai:localhost:9911.00001",
        "verb=ListMetadataFormats&identifier=%3Cscript%3E",
    ],
    "noRecordsMatch": [
        f"verb=ListRecords&{GOOD}&set=stat",
        f"verb=ListRecords&{GOOD}&set={'a:' * 99}a",
        f"verb=ListRecords&{GOOD}&set=topic:{'a' * 3_000}",
        f"verb=ListRecords&{GOOD}&from=2999-01-01",
    ],
    "badResumptionToken": [
        "verb=ListRecords&resumptionToken=x",
        "verb=ListSets&resumptionToken=%F0%9F%92%A9",
    ],
}  # fmt: skip
CASES = [(code, query) for code, queries in BAD.items() for query in queries]


@pytest.fixture
def library(site_library, record, clock):
    clock.now = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
    site_library.put([record("Paging", "2611.00001", source="arxiv", topics=("cs.DS",))])
    return site_library


@pytest.fixture
def client(library):
    return Client(SERVER_NAME="localhost", raise_request_exception=False, enforce_csrf_checks=True)


@each("code, query", CASES)
def test_what_is_wrong_is_said_with_the_code_of_the_protocol(client, code, query):
    answers = [
        client.get(f"/oai?{query}"),
        client.post("/oai", query, content_type="application/x-www-form-urlencoded"),
    ]
    for response in answers:
        assert response.status_code == 200
        assert response["Content-Type"] == "text/xml; charset=utf-8"
        root = fromstring(response.content)
        assert [child.tag for child in root] == [f"{OAI}responseDate", f"{OAI}request", f"{OAI}error"]
        assert root[1].text == "http://localhost/oai"
        assert root[2].get("code") == code
        assert root[2].text
        assert bool(root[1].attrib) == (code not in ("badVerb", "badArgument"))


def test_an_empty_library_says_that_nothing_matches_and_that_there_are_no_sets(site_library):
    client = Client(SERVER_NAME="localhost", raise_request_exception=False)
    codes = {
        query: fromstring(client.get(f"/oai?verb={query}").content).find(f"{OAI}error")
        for query in ("Identify", "ListMetadataFormats", "ListSets", f"ListRecords&{GOOD}", f"ListIdentifiers&{GOOD}")
    }
    assert [None if error is None else error.get("code") for error in codes.values()] == [
        None, None, "noSetHierarchy", "noRecordsMatch", "noRecordsMatch",
    ]  # fmt: skip
    root = fromstring(client.get("/oai?verb=Identify").content)
    assert (
        root.find(f".//{OAI}earliestDatestamp").text == root.find(f"{OAI}responseDate").text == "1970-01-01T00:00:00Z"
    )


def test_a_form_from_anywhere_is_answered_and_changes_nothing(client):
    before = list(Change.objects.values())
    response = client.post("/oai", {"verb": "Identify"}, headers={"Origin": "https://elsewhere.example"})
    assert fromstring(response.content)[2].tag == f"{OAI}Identify"
    assert not response.cookies
    assert list(Change.objects.values()) == before


def test_arguments_of_the_address_and_of_the_form_are_one_question(client):
    found = client.post("/oai?verb=ListIdentifiers", {"metadataPrefix": "arXiv"})
    assert fromstring(found.content)[2].tag == f"{OAI}ListIdentifiers"
    twice = client.post("/oai?verb=Identify", {"verb": "Identify"})
    assert fromstring(twice.content).find(f"{OAI}error").get("code") == "badVerb"


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_are_not_answered(client, method):
    assert getattr(client, method)("/oai?verb=Identify").status_code == 405


def test_only_the_head_is_sent_to_who_asks_for_no_more(client):
    response = client.head("/oai?verb=Identify")
    assert (response.status_code, response.content) == (200, b"")


@each(
    "body",
    [
        ("{}", "application/json"),
        ("<verb>Identify</verb>", "text/xml"),
        ("--x\r\nno part\r\n", "multipart/form-data; boundary=x"),
        ("", "multipart/form-data"),
        ("x" * (5 << 20), "application/x-www-form-urlencoded"),
        ("verb=%", "application/x-www-form-urlencoded"),
        ("verb=Identify&a=%ED%A0%80", "application/x-www-form-urlencoded"),
        (b"verb=\xff\xfe\x00", "application/x-www-form-urlencoded"),
        ("verb=Identify", "application/x-www-form-urlencoded; charset=utf-16"),
    ],
)
def test_a_body_that_is_no_question_is_told_so(client, body):
    text, kind = body
    response = client.post("/oai", text, content_type=kind)
    assert response.status_code == 200
    assert fromstring(response.content).find(f"{OAI}error").get("code") in ("badVerb", "badArgument")


def test_hostile_text_leaves_xml_that_can_be_read_in_every_format(client, library, record, monkeypatch):
    monkeypatch.setattr(verbs, "PAGE", 1_000)
    more = [
        "form\x0cfeed, noncharacter\ufffe\uffff, bell\x07",
        "]]>",
        "<![CDATA[",
        "&#0;&amp;",
        "\u202eevil\u2066",
        "🎉\U000fffff",
    ]
    texts = [text for text in (*HOSTILE, *more) if text.strip("\x00\x07\x0c ") and "\0" not in text]
    made = []
    for number, text in enumerate(texts):
        fields = {
            "abstract": text,
            "comment": text,
            "venue": text[:2_000],
            "topics": (text[:200],),
            "language": text[:40],
        }
        names = [f"notes:{number}", f"hostile:{text[:200]}"]
        made.append(record(f"{text} title"[:2_000], *names, authors=[f"{text[:300]} A"], **fields))
    library.put(made)
    for prefix in ("oai_dc", "arXiv", "arXivRaw"):
        response = client.get("/oai", {"verb": "ListRecords", "metadataPrefix": prefix})
        assert b"<!DOCTYPE" not in response.content
        root = fromstring(response.content)
        assert len(root.findall(f".//{OAI}metadata")) == len(texts) + 1
        for found in root.iter(f"{OAI}identifier"):
            one = client.get("/oai", {"verb": "GetRecord", "metadataPrefix": prefix, "identifier": found.text})
            assert fromstring(one.content).find(f".//{OAI}identifier").text == found.text
    sets = fromstring(client.get("/oai?verb=ListSets").content)
    for spec in {found.text for found in root.iter(f"{OAI}setSpec")}:
        listed = client.get("/oai", {"verb": "ListIdentifiers", "metadataPrefix": "oai_dc", "set": spec})
        assert fromstring(listed.content).find(f"{OAI}error") is None, spec
    assert len(list(sets.iter(f"{OAI}setSpec"))) > len(texts) / 2
