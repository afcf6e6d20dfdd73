"""Our own harvester reads our own provider: what came from arXiv is read back as it came, in every format."""

from dataclasses import replace
from datetime import UTC, date, datetime
from xml.etree.ElementTree import fromstring

import pytest
from django.test import Client

from broadsheet.papers import Author, Identifier, Link, Record, Version
from broadsheet.sources import parse_oai
from broadsheet.web.oai import verbs

SAMPLES = "protocol_samples/arxiv_oai"


@pytest.fixture
def library(site_library, clock):
    clock.now = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
    return site_library


@pytest.fixture
def read_back(library):
    """Every record as our harvester reads it, page by page, in the order given."""
    client = Client(SERVER_NAME="localhost", raise_request_exception=False)

    def read(prefix: str) -> list[Record]:
        question, records = {"verb": "ListRecords", "metadataPrefix": prefix}, []
        while question:
            response = client.get("/oai", question)
            page = parse_oai(response.content, "our own")
            assert page.faults == ()
            records += page.records
            question = {"verb": "ListRecords", "resumptionToken": page.cursor} if page.cursor else {}
        return records

    return read


def text_of(record: Record) -> Record:
    """A record without its number, which only one format tells, and its DOIs in one order."""
    return replace(record, number=None, identifiers=tuple(sorted(record.identifiers)))


def paper(number: int, version: int | None = None, **fields) -> Record:
    value = f"2611.{number:05}"
    told = {
        "title": f"Paper {number}",
        "abstract": "We show it.",
        "links": (Link("pdf", f"https://arxiv.org/pdf/{value}"),),
    }
    told |= {"published": date(2026, 11, 1), "updated": date(2026, 11, 1)}
    identifiers = (Identifier("arxiv", value), *fields.pop("dois", ()))
    return Record("arxiv", identifiers, Version(**(told | fields)), version)


NAMES = (
    "Ada Byron", "Plato", "First de Last, Jr.", "R. W., IV", "Planck Collaboration", "P. von Neumann-Cosel", "O'Brien",
    "Émilie du Châtelet", "Peter H. N. de With", "Miles Davis Jr.", "The LIGO Scientific Collaboration", "王 小明", "X",
)  # fmt: skip
PAPERS = [
    paper(1, authors=tuple(Author(name) for name in NAMES)),
    paper(
        2,
        authors=(Author("Ada Byron", "Rome; Oslo (Norway)"), Author("Bo Chen")),
        topics=("cs.LG", "hep-th", "math.AG"),
    ),
    paper(3, updated=date(2026, 11, 9), comment="9 pages; see text", venue="J. Test 1 (2026)"),
    paper(4, dois=(Identifier("doi", "10.1000/x<y;z"),), title=r"On $a<b$ \& \textit{paging}", abstract="]]> & <b>"),
    paper(5, topics=("astro-ph.GA", "physics.optics", "quant-ph"), abstract=""),
]


@pytest.mark.parametrize("prefix", ["arXiv", "arXivRaw", "oai_dc"])
def test_what_came_from_arxiv_is_read_back_as_it_came(library, read_back, prefix, monkeypatch):
    monkeypatch.setattr(verbs, "PAGE", 2)
    library.put(PAPERS)
    found = [text_of(record) for record in read_back(prefix)]
    expected = [text_of(record) for record in PAPERS]
    if prefix == "oai_dc":  # which knows no affiliations
        expected = [replace(record, version=without_places(record.version)) for record in expected]
    assert found == expected


def without_places(version: Version) -> Version:
    return replace(version, authors=tuple(Author(author.name) for author in version.authors))


def test_raw_records_are_read_back_with_their_numbers(library, read_back):
    records = [paper(1, 1), paper(2, 7, updated=date(2026, 11, 9))]
    library.put(records)
    library.put([paper(3, number, title=f"Text {number}", updated=date(2026, 11, number)) for number in (2, 3, 5)])
    assert read_back("arXivRaw") == [*records, paper(3, 5, title="Text 5", updated=date(2026, 11, 5))]


def test_what_is_gone_is_read_back_as_withdrawn(library, read_back):
    library.put(PAPERS)
    library.withdraw("2611.00001")
    library.erase("2611.00002")
    gone = [record for record in read_back("arXiv") if record.is_withdrawn]
    assert [str(record.identifiers[0]) for record in gone] == ["arxiv:2611.00001", "arxiv:2611.00002"]


def test_a_library_that_harvests_another_holds_the_same(library, read_back, tmp_path):
    from broadsheet.library import Library

    library.put(PAPERS)
    library.withdraw("2611.00003")
    records = read_back("arXiv")
    other = Library.open(str(tmp_path / "other"), model="none")
    try:
        other.put(records)
        assert {v.paper.key: v.text for v in other.versions()} == {v.paper.key: v.text for v in library.versions()}
    finally:
        other.close()


@pytest.mark.parametrize("prefix", ["arXiv", "arXivRaw", "oai_dc"])
def test_real_records_of_arxiv_are_read_back_as_they_came(library, read_back, shared_data, prefix):
    records = {}
    for path in sorted((shared_data / SAMPLES).glob("*.xml")):
        for record in parse_oai(path.read_bytes(), path.name).records:
            if record.version:
                records[record.identifiers[0]] = record
    assert len(records) > 15
    library.put(records.values())
    found = {record.identifiers[0]: record for record in read_back(prefix)}
    assert found.keys() == records.keys()
    different = {}
    for name, record in records.items():
        came, went = text_of(record), text_of(found[name])
        if prefix == "oai_dc":
            came = replace(came, version=without_places(came.version))
        else:  # spaces stand between categories; some records came in Dublin Core, with topics of several words
            topics = tuple(topic for topic in came.version.topics if " " not in topic)
            came = replace(came, version=replace(came.version, topics=topics))
        if came != went:
            different[str(name)] = (came, went)
    assert different == {}


def test_papers_that_are_not_arxivs_are_told_apart_by_our_harvester(library, record):
    library.put([record("A paper of another collection", "notes:1"), *PAPERS[:1]])
    client = Client(SERVER_NAME="localhost", raise_request_exception=False)
    page = parse_oai(client.get("/oai?verb=ListRecords&metadataPrefix=arXiv").content, "our own")
    assert [len(page.records), len(page.faults)] == [1, 1]
    assert "not a paper of arXiv" in page.faults[0].reason
    assert fromstring(client.get("/oai?verb=Identify").content) is not None
