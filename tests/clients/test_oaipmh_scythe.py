"""The real oaipmh-scythe harvests a real server by GET and by POST, while another process writes."""

from collections.abc import Iterator

import pytest
from homes import inside
from oai_library import PAPERS, Copy, being_written, contents, fill  # noqa: F401 (`filled_home` is filled by it)
from oaipmh_scythe import Scythe
from oaipmh_scythe.config import HTTPConfig
from oaipmh_scythe.exceptions import (
    BadArgument,
    BadResumptionToken,
    CannotDisseminateFormat,
    IdDoesNotExist,
    NoRecordsMatch,
)
from oaipmh_scythe.iterator import OAIResponseIterator


@pytest.fixture(params=["GET", "POST"])
def scythe(filled_site, request) -> Iterator[Scythe]:
    with Scythe(f"{filled_site}/oai", http_config=HTTPConfig(http_method=request.param)) as client:
        yield client


def harvest(scythe: Scythe, prefix: str, copy: Copy, since: str | None = None) -> str:
    """Bring a copy up to date, answer by answer; the last response date, which is as good as the first."""
    given = []
    scythe.iterator = OAIResponseIterator
    try:
        for response in scythe.list_records(metadata_prefix=prefix, from_=since):
            since = response.xml.find(f"{scythe.oai_namespace}responseDate").text
            for element in response.xml.iterfind(f".//{scythe.oai_namespace}record"):
                record = scythe.class_mapping["ListRecords"](element)
                given.append(record.header.identifier)
                copy[record.header.identifier] = None if record.header.deleted else record.metadata["title"][0]
    except NoRecordsMatch:
        pass
    assert len(given) == len(set(given)), "a record was given twice within one list"
    return since


@pytest.mark.parametrize(
    ("scythe", "prefix"), [("POST", "oai_dc"), ("GET", "arXiv"), ("POST", "arXivRaw")], indirect=["scythe"]
)  # sickle tries the others
def test_a_copy_made_while_others_write_is_exactly_the_library_after_one_more_harvest(scythe, filled_home, prefix):
    copy: Copy = {}
    with being_written(filled_home, 10 + len(prefix)) as writes:
        since = harvest(scythe, prefix, copy)
        assert len(copy) > PAPERS
    assert writes[0] > 1
    harvest(scythe, prefix, copy, since)
    assert copy == inside(filled_home, contents)


def test_headers_alone_are_harvested_too(scythe, filled_home):
    headers = {header.identifier: header.deleted for header in scythe.list_identifiers(metadata_prefix="oai_dc")}
    assert headers == {name: title is None for name, title in inside(filled_home, contents).items()}


def test_the_other_verbs_are_read(scythe, filled_home, filled_site):
    told = scythe.identify()
    assert (told.repositoryName, told.baseURL, told.deletedRecord) == ("Broadsheet", f"{filled_site}/oai", "persistent")
    formats = [form.metadataPrefix for form in scythe.list_metadata_formats()]
    assert formats == ["oai_dc", "arXiv", "arXivRaw"]
    sets = {found.setSpec: found.setName for found in scythe.list_sets()}
    assert sets["cs:cs:DS"] == "cs.DS"
    copy = inside(filled_home, contents)
    name = next(name for name, title in copy.items() if title)
    record = scythe.get_record(identifier=name, metadata_prefix="arXiv")
    assert record.metadata["title"] == [copy[name]]


def test_a_set_is_harvested(scythe):
    (found,) = scythe.list_records(metadata_prefix="oai_dc", set_="topic:graph~20theory", ignore_deleted=True)
    assert found.metadata["title"] == ["A paper that nobody numbered"]


def test_errors_are_those_of_the_protocol(scythe):
    with pytest.raises(NoRecordsMatch):
        list(scythe.list_records(from_="2999-01-01"))
    with pytest.raises(BadArgument):
        list(scythe.list_records(until="yesterday"))
    with pytest.raises(BadResumptionToken):
        list(scythe.list_records(resumption_token="mine"))
    with pytest.raises(CannotDisseminateFormat):
        list(scythe.list_records(metadata_prefix="marc21"))
    with pytest.raises(IdDoesNotExist):
        scythe.get_record(identifier="oai:localhost:9911.00001")
