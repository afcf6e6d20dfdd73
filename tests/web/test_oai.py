"""OAI-PMH as a harvester sees it: the six verbs, their errors, and the order of the elements in the schema."""

from datetime import date
from xml.etree.ElementTree import fromstring

import pytest

from broadsheet.library import journal
from broadsheet.library.models import Change, Paper
from broadsheet.papers import Identifier, Record
from each import each

OAI = "{http://www.openarchives.org/OAI/2.0/}"
DC = "{http://purl.org/dc/elements/1.1/}"
RAW = "{http://arxiv.org/OAI/arXivRaw/}"
ARXIV = "{http://arxiv.org/OAI/arXiv/}"


@pytest.fixture
def library(library_at_noon):
    return library_at_noon


@pytest.fixture
def ask(client):
    """Ask by GET, and by POST too: the same is answered. The root of the answer."""

    def answer(verb="", **arguments):
        question = {name.rstrip("_"): value for name, value in {"verb": verb, **arguments}.items() if value is not None}
        response = client.get("/oai", question)
        assert response.status_code == 200
        assert response["Content-Type"] == "text/xml; charset=utf-8"
        assert client.post("/oai", question).content == response.content
        return fromstring(response.content)

    return answer


@pytest.fixture
def refused(ask):
    """The code of an error, and the attributes that the question is repeated with."""

    def answer(*args, **arguments):
        root = ask(*args, **arguments)
        assert [child.tag for child in root] == [f"{OAI}responseDate", f"{OAI}request", f"{OAI}error"]
        assert root[2].text
        return root[2].get("code"), dict(root[1].attrib)

    return answer


@pytest.fixture
def papers(library, record, clock):
    """Three papers a minute apart: one of arXiv's, one with a DOI alone, one without any name."""
    records = [
        record(
            "On caches & <paging>",
            "2611.00001",
            "doi:10.1000/a<b",
            source="arxiv",
            number=2,
            authors=["Ada Byron", "First de Last, Jr.", "Plato"],
            abstract="We show $a<b$.",
            topics=("cs.DS", "physics.optics", "graph theory"),
            published=date(2026, 11, 1),
            updated=date(2026, 11, 20),
            comment="9 pages",
            venue="J. Test 1 (2026)",
        ),
        record("A paper with a DOI", "doi:10.1000/x<y", topics=("cs.LG",)),
        record("A paper that nobody numbered"),
    ]
    for one in records:
        library.put([one])
        clock.forward(minutes=1)
    return library


def unnumbered():
    return Paper.objects.get(versions__title="A paper that nobody numbered")


def texts(root, name):
    return [element.text for element in root.iter(f"{OAI}{name}")]


def code_of(root):
    found = root.find(f"{OAI}error")
    return None if found is None else found.get("code")


def test_the_repository_identifies_itself(ask, papers):
    root = ask("Identify")
    assert [child.tag for child in root] == [f"{OAI}responseDate", f"{OAI}request", f"{OAI}Identify"]
    assert {child.tag.removeprefix(OAI): child.text for child in root[2]} == {
        "repositoryName": "Broadsheet",
        "baseURL": "http://localhost/oai",
        "protocolVersion": "2.0",
        "adminEmail": "broadsheet@localhost",
        "earliestDatestamp": "2026-11-21T12:00:00Z",
        "deletedRecord": "persistent",
        "granularity": "YYYY-MM-DDThh:mm:ssZ",
    }
    assert root[1].text == "http://localhost/oai"
    assert root[1].attrib == {"verb": "Identify"}


def test_a_site_with_a_domain_tells_the_form_of_its_identifiers(ask, papers, options):
    options(SITE="https://papers.example.org")
    described = ask("Identify").find(f"{OAI}Identify/{OAI}description")[0]
    assert [child.text for child in described] == [
        "oai",
        "papers.example.org",
        ":",
        "oai:papers.example.org:2104.12255",
    ]
    found = ask("GetRecord", identifier="oai:papers.example.org:2611.00001", metadataPrefix="oai_dc")
    assert texts(found, "identifier") == ["oai:papers.example.org:2611.00001"]


def test_the_formats_are_those_of_every_paper_that_stands(ask, refused, papers):
    prefixes = ["oai_dc", "arXiv", "arXivRaw"]
    assert texts(ask("ListMetadataFormats"), "metadataPrefix") == prefixes
    name = "oai:localhost:2611.00001"
    root = ask("ListMetadataFormats", identifier=name)
    assert texts(root, "metadataPrefix") == prefixes
    assert [child.tag.removeprefix(OAI) for child in root[2][0]] == ["metadataPrefix", "schema", "metadataNamespace"]
    papers.withdraw("2611.00001")
    assert refused("ListMetadataFormats", identifier=name)[0] == "noMetadataFormats"
    assert refused("ListMetadataFormats", identifier="oai:localhost:x")[0] == "idDoesNotExist"


def test_a_record_has_a_header_then_its_metadata(ask, papers):
    root = ask("GetRecord", identifier="oai:localhost:2611.00001", metadataPrefix="oai_dc")
    assert root[1].attrib == {
        "verb": "GetRecord", "identifier": "oai:localhost:2611.00001", "metadataPrefix": "oai_dc",
    }  # fmt: skip
    (found,) = root[2]
    header, metadata = found
    assert [(child.tag.removeprefix(OAI), child.text) for child in header] == [
        ("identifier", "oai:localhost:2611.00001"),
        ("datestamp", "2026-11-21T12:00:00Z"),
        ("setSpec", "cs:cs:DS"),
        ("setSpec", "physics:physics:optics"),
        ("setSpec", "topic:graph~20theory"),
        ("setSpec", "source:arxiv"),
    ]
    (dublin_core,) = metadata
    assert [(child.tag.removeprefix(DC), child.text) for child in dublin_core] == [
        ("title", "On caches & <paging>"),
        ("creator", "Byron, Ada"),
        ("creator", "de Last, First, Jr."),
        ("creator", "Plato"),
        ("subject", "cs.DS"),
        ("subject", "physics.optics"),
        ("subject", "graph theory"),
        ("description", "We show $a<b$."),
        ("description", "Comment: 9 pages"),
        ("date", "2026-11-01"),
        ("date", "2026-11-20"),
        ("type", "text"),
        ("identifier", "http://localhost/papers/2611.00001"),
        ("identifier", "https://arxiv.org/abs/2611.00001"),
        ("identifier", "J. Test 1 (2026)"),
        ("identifier", "doi:10.1000/a<b"),
    ]


def test_arxivs_formats_have_arxivs_elements_in_arxivs_order(ask, papers):
    name = "oai:localhost:2611.00001"
    ((_, (plain,)),) = ask("GetRecord", identifier=name, metadataPrefix="arXiv")[2]
    assert [child.tag.removeprefix(ARXIV) for child in plain] == (
        "id created updated authors title categories comments journal-ref doi abstract".split()
    )
    assert [[part.text for part in author] for author in plain.find(f"{ARXIV}authors")] == [
        ["Byron", "Ada"], ["de Last", "First", "Jr."], ["Plato"],
    ]  # fmt: skip
    ((_, (raw,)),) = ask("GetRecord", identifier=name, metadataPrefix="arXivRaw")[2]
    assert [child.tag.removeprefix(RAW) for child in raw] == (
        "id submitter version version title authors categories comments journal-ref doi abstract".split()
    )
    versions = [(version.get("version"), version[0].text) for version in raw.iter(f"{RAW}version")]
    assert versions == [("v1", "Sun, 01 Nov 2026 00:00:00 GMT"), ("v2", "Fri, 20 Nov 2026 00:00:00 GMT")]
    assert raw.find(f"{RAW}categories").text == "cs.DS physics.optics"


def test_raw_records_tell_of_every_version_that_was_seen(ask, library, record):
    for number, day in ((1, 3), (2, 5), (4, 9)):
        library.put(
            [
                record(
                    f"Paging, text {number}",
                    "2611.00001",
                    source="arxiv",
                    number=number,
                    published=date(2026, 11, 3),
                    updated=date(2026, 11, day),
                )
            ]
        )
    root = ask("GetRecord", identifier="oai:localhost:2611.00001", metadataPrefix="arXivRaw")
    versions = [(version.get("version"), version[0].text[5:7]) for version in root.iter(f"{RAW}version")]
    assert versions == [("v1", "03"), ("v2", "05"), ("v4", "09")]


def test_papers_are_named_by_their_keys_and_those_without_a_name_by_number(ask, papers):
    number = unnumbered().pk
    names = texts(ask("ListIdentifiers", metadataPrefix="oai_dc"), "identifier")
    assert names == ["oai:localhost:2611.00001", "oai:localhost:10.1000/x%3Cy", f"oai:localhost:paper-{number}"]
    for name in names:
        assert texts(ask("GetRecord", identifier=name, metadataPrefix="arXiv"), "identifier") == [name]


@each(
    "identifier",
    [
        "oai:localhost:9911.00001",
        "oai:elsewhere:2611.00001",
        "2611.00001",
        "oai:localhost:arxiv:2611.00001",
        "oai:localhost:2611.00001v1",
        "oai:localhost:10.1000/x<y",
        "oai:localhost:10.1000/X%3CY",
        "oai:localhost:%00",
        "oai:localhost:paper-0",
        "oai:localhost:paper-999999999999999999999999",
        "oai:localhost:paper-1",  # which has a name of its own
        "oai:localhost:a-paper-that-nobody-numbered",
        "oai:localhost:]]>\x00\ufffe\u202e'\"<",
        "oai:localhost:" + "9" * 7_000,
    ],
)
def test_a_paper_has_one_name_and_no_other(refused, papers, identifier):
    code, repeated = refused("GetRecord", identifier=identifier, metadataPrefix="oai_dc")
    assert code == "idDoesNotExist"
    assert repeated["metadataPrefix"] == "oai_dc"


def test_what_was_withdrawn_or_erased_is_told_to_be_gone_and_nothing_of_it(ask, papers, clock):
    name = texts(ask("ListIdentifiers", metadataPrefix="oai_dc"), "identifier")[2]
    papers.withdraw("2611.00001")
    clock.forward(minutes=1)
    papers.erase(unnumbered().key)
    root = ask("ListRecords", metadataPrefix="oai_dc", from_="2026-11-21T12:02:30Z")
    withdrawn, erased = root[2]
    assert [child.tag for found in (withdrawn, erased) for child in found] == [f"{OAI}header"] * 2
    assert [found[0].get("status") for found in (withdrawn, erased)] == ["deleted"] * 2
    assert [child.text for child in withdrawn[0]][:3] == [
        "oai:localhost:2611.00001",
        "2026-11-21T12:03:00Z",
        "cs:cs:DS",
    ]
    assert [child.text for child in erased[0]] == [name, "2026-11-21T12:04:00Z"]
    found = ask("GetRecord", identifier=name, metadataPrefix="arXiv")
    assert [child.text for child in found[2][0][0]] == [name, "2026-11-21T12:04:00Z"]


def test_a_paper_that_comes_back_is_no_longer_gone(ask, library, record):
    library.put([record("Paging", "2611.00001", source="arxiv")])
    library.put([Record("arxiv", (Identifier("arxiv", "2611.00001"),), None)])
    assert [found[0].get("status") for found in ask("ListRecords", metadataPrefix="arXiv")[2]] == ["deleted"]
    library.put([record("Paging", "2611.00001", source="arxiv")])
    assert [len(found) for found in ask("ListRecords", metadataPrefix="arXiv")[2]] == [2]


@each(
    "dates, expected",
    [
        ({"from": "2026-11-21T12:01:00Z"}, 2),
        ({"from": "2026-11-21T12:01:01Z"}, 1),
        ({"until": "2026-11-21T12:01:00Z"}, 2),
        ({"until": "2026-11-21T12:00:59Z"}, 1),
        ({"from": "2026-11-21T12:01:00Z", "until": "2026-11-21T12:01:00Z"}, 1),
        ({"from": "2026-11-21"}, 3),
        ({"until": "2026-11-21"}, 3),
        ({"from": "2026-11-21", "until": "2026-11-21"}, 3),
        ({"from": "0001-01-01", "until": "9999-12-31"}, 3),
        ({"until": "9999-12-31T23:59:59Z"}, 3),
        ({"from": "2026-11-22"}, 0),
        ({"until": "2026-11-20"}, 0),
        ({"from": "2026-11-21T12:02:01Z"}, 0),
        ({"until": "2026-11-21T11:59:59Z"}, 0),
    ],
)
def test_dates_are_inclusive(ask, papers, dates, expected):
    root = ask("ListIdentifiers", metadataPrefix="oai_dc", **dates)
    assert len(texts(root, "identifier")) == expected
    assert code_of(root) == (None if expected else "noRecordsMatch")


def test_a_change_moves_a_paper_and_an_embedding_does_not(ask, papers, record):
    with journal.appending(papers.alias, papers.clock()) as pen:
        pen.write(Change.Kind.EMBEDDED, Paper.objects.get(key="2611.00001"))
    papers.put([record("A paper with a DOI, revised", "doi:10.1000/x<y")])
    root = ask("ListIdentifiers", metadataPrefix="oai_dc")
    assert texts(root, "identifier")[0] == "oai:localhost:2611.00001"
    assert texts(root, "identifier")[2] == "oai:localhost:10.1000/x%3Cy"
    assert texts(root, "datestamp") == ["2026-11-21T12:00:00Z", "2026-11-21T12:02:00Z", "2026-11-21T12:03:00Z"]


@each(
    "name, titles",
    [
        ("cs:cs:DS", 1),
        ("cs:cs:LG", 1),
        ("cs:cs", 2),
        ("cs", 2),
        ("physics", 1),
        ("physics:physics", 1),
        ("physics:physics:optics", 1),
        ("topic:graph~20theory", 1),
        ("source:arxiv", 1),
        ("source:notes", 2),
        ("math", 0),
        ("cs:cs:D", 0),
        ("cs:CS:DS", 0),
        ("cs:cs:DS:X", 0),
        ("cs:hep-th", 0),
        ("source:", None),
        ("source:nobody", 0),
        ("topic:cs.DS", 0),
        ("topic:graph~20theor~79", 0),
        ("topic:~FF", 0),
        ("topic:~00", 0),
        ("topic:~", 0),
        ("nothing", 0),
        ("cs cs", None),
        ("cs::DS", None),
        ("cs' OR 1=1 --", None),
        ("\x00", None),
    ],
)
def test_a_set_holds_its_papers(ask, papers, name, titles):
    root = ask("ListIdentifiers", metadataPrefix="oai_dc", set=name)
    assert code_of(root) == ("badArgument" if titles is None else None if titles else "noRecordsMatch")
    assert len(texts(root, "identifier")) == (titles or 0)


def test_a_set_hears_of_what_left_it_by_being_taken_out(ask, papers):
    papers.withdraw("doi:10.1000/x<y")
    papers.erase("2611.00001")
    headers = ask("ListIdentifiers", metadataPrefix="oai_dc", set="cs:cs:LG")[2]
    assert [(header.get("status"), header[0].text) for header in headers] == [
        ("deleted", "oai:localhost:10.1000/x%3Cy"),
        ("deleted", "oai:localhost:2611.00001"),  # nobody knows any more of which topic it was
    ]


def test_the_sets_are_sources_archives_and_topics(ask, papers, record):
    papers.put([record("More", topics=("hep-th", "Ünïcode 主题", "math"))])
    root = ask("ListSets")
    assert all([child.tag.removeprefix(OAI) for child in found] == ["setSpec", "setName"] for found in root[2])
    assert dict(zip(texts(root, "setSpec"), texts(root, "setName"), strict=True)) == {
        "source:arxiv": "From arxiv",
        "source:notes": "From notes",
        "cs": "Computer Science",
        "cs:cs": "cs",
        "math": "Mathematics",
        "math:math": "math",
        "physics": "Physics",
        "physics:hep-th": "hep-th",
        "physics:physics": "physics",
        "cs:cs:DS": "cs.DS",
        "cs:cs:LG": "cs.LG",
        "topic:graph~20theory": "graph theory",
        "physics:physics:optics": "physics.optics",
        "topic:~C3~9Cn~C3~AFcode~20~E4~B8~BB~E9~A2~98": "Ünïcode 主题",
    }
