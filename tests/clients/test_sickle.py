"""The real sickle harvests a real server by GET and by POST, while another process writes."""

import pytest
from homes import inside
from oai_library import PAPERS, Copy, being_written, contents, fill  # noqa: F401 (`filled_home` is filled by it)
from sickle import Sickle
from sickle.oaiexceptions import (
    BadArgument,
    BadResumptionToken,
    CannotDisseminateFormat,
    IdDoesNotExist,
    NoRecordsMatch,
)


@pytest.fixture(params=["GET", "POST"])
def sickle(filled_site, request) -> Sickle:
    return Sickle(f"{filled_site}/oai", http_method=request.param, timeout=60)


def harvest(sickle: Sickle, prefix: str, copy: Copy, **dates: str) -> str:
    """Bring a copy up to date; the first response date, to ask from the next time."""
    given = []
    try:
        records = sickle.ListRecords(metadataPrefix=prefix, **dates)
    except NoRecordsMatch:
        return dates["from"]
    since = records.oai_response.xml.find(f"{sickle.oai_namespace}responseDate").text
    for record in records:
        given.append(record.header.identifier)
        copy[record.header.identifier] = None if record.deleted else record.metadata["title"][0]
    assert len(given) == len(set(given)), "a record was given twice within one list"
    return since


@pytest.mark.parametrize(
    ("sickle", "prefix"), [("GET", "oai_dc"), ("POST", "arXiv"), ("GET", "arXivRaw")], indirect=["sickle"]
)  # scythe tries the others
def test_a_copy_made_while_others_write_is_exactly_the_library_after_one_more_harvest(sickle, filled_home, prefix):
    copy: Copy = {}
    with being_written(filled_home, len(prefix)) as writes:
        since = harvest(sickle, prefix, copy)
        assert len(copy) > PAPERS
        between = harvest(sickle, prefix, copy, **{"from": since})
    assert writes[0] > 1
    harvest(sickle, prefix, copy, **{"from": between})
    assert copy == inside(filled_home, contents)


def test_headers_alone_are_harvested_too(sickle, filled_home):
    headers = {header.identifier: header.deleted for header in sickle.ListIdentifiers(metadataPrefix="oai_dc")}
    assert headers == {name: title is None for name, title in inside(filled_home, contents).items()}
    kept = {header.identifier for header in sickle.ListIdentifiers(metadataPrefix="oai_dc", ignore_deleted=True)}
    assert kept == {name for name, title in inside(filled_home, contents).items() if title is not None}


def test_the_other_verbs_are_read(sickle, filled_home, filled_site):
    told = sickle.Identify()
    assert (told.repositoryName, told.baseURL, told.deletedRecord) == ("Broadsheet", f"{filled_site}/oai", "persistent")
    assert told.granularity == "YYYY-MM-DDThh:mm:ssZ"
    assert [form.metadataPrefix for form in sickle.ListMetadataFormats()] == ["oai_dc", "arXiv", "arXivRaw"]
    sets = {found.setSpec: found.setName for found in sickle.ListSets()}
    assert sets["cs:cs:DS"] == "cs.DS"
    assert sets["topic:graph~20theory"] == "graph theory"
    copy = inside(filled_home, contents)
    name = next(name for name, title in copy.items() if title)
    record = sickle.GetRecord(identifier=name, metadataPrefix="arXiv")
    assert record.metadata["title"] == [copy[name]]
    assert record.header.identifier == name


def test_a_set_is_harvested(sickle, filled_home):
    found = list(sickle.ListRecords(metadataPrefix="arXiv", set="topic:graph~20theory", ignore_deleted=True))
    assert [record.metadata["title"] for record in found] == [["A paper that nobody numbered"]]
    assert found[0].header.setSpecs == ["topic:graph~20theory", "source:notes"]


def test_errors_are_those_of_the_protocol(sickle):
    with pytest.raises(NoRecordsMatch):
        sickle.ListRecords(metadataPrefix="arXiv", **{"from": "2999-01-01"})
    with pytest.raises(BadArgument):
        sickle.ListRecords(metadataPrefix="arXiv", until="yesterday")
    with pytest.raises(BadResumptionToken):
        sickle.ListRecords(resumptionToken="mine")
    with pytest.raises(CannotDisseminateFormat):
        sickle.ListRecords(metadataPrefix="marc21")
    with pytest.raises(IdDoesNotExist):
        sickle.GetRecord(identifier="oai:localhost:9911.00001", metadataPrefix="arXiv")
