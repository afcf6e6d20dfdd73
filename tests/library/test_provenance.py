"""Of each field the sources are told that say what is shown, and what else others say."""

import pytest

from broadsheet.library.models import Statement


@pytest.fixture
def told(library, record):
    arxiv = record("Paging", "2611.00001", source="arxiv", abstract="Ours.", authors=["Ann Lee"], topics=("cs.DS",))
    crossref = record("On paging", "10.1000/7", "2611.00001", source="crossref", authors=["Ann Lee"], venue="A journal")
    library.put([arxiv, crossref])
    return library


def origins(library, key="2611.00001"):
    return {
        origin.field: [(each.value, each.sources, each.is_shown) for each in origin.values]
        for origin in library.provenance(library.find(key))
    }


def test_each_field_names_its_sources_and_what_others_say(told):
    found = origins(told)
    assert found["title"] == [("On paging", ("crossref",), True), ("Paging", ("arxiv",), False)]
    assert found["abstract"] == [("Ours.", ("arxiv",), True)]
    assert found["authors"] == [(["Ann Lee"], ("crossref", "arxiv"), True)]
    assert found["venue"] == [("A journal", ("crossref",), True)]
    assert found["identifiers"] == [("arxiv:2611.00001", ("arxiv",), True), ("doi:10.1000/7", ("crossref",), True)]
    assert "links" not in found


def test_a_paper_of_one_source_has_one_source_in_each_field(library, record):
    library.put([record("Paging", "2611.00001", source="arxiv", links=["https://code.example/a"])])
    assert origins(library) == {
        "title": [("Paging", ("arxiv",), True)],
        "identifiers": [("arxiv:2611.00001", ("arxiv",), True)],
        "links": [("https://code.example/a", ("arxiv",), True)],
    }
    assert Statement.objects.using(library.alias).get().said is None  # the version has its text already


def test_what_a_merge_brought_keeps_its_source(told, record):
    told.put([record("Foresight", "openalex:W7", source="openalex", links=["https://code.example/a"])])
    told.merge("2611.00001", "openalex:W7")
    found = origins(told)
    assert found["title"][0] == ("Foresight", ("openalex",), True)
    assert found["title"][1:] == [("On paging", ("crossref",), False), ("Paging", ("arxiv",), False)]
    assert found["identifiers"][-1] == ("openalex:W7", ("openalex",), True)
    assert found["links"] == [("https://code.example/a", ("openalex",), True)]


def test_what_an_earlier_broadsheet_did_not_keep_is_known_when_it_is_said_again(library, record):
    arxiv = record("Paging", "2611.00001", source="arxiv", abstract="Ours.")
    crossref = record("On paging", "2611.00001", source="crossref")
    library.put([arxiv, crossref])
    Statement.objects.using(library.alias).update(seq=0, since=None, said=None)
    assert origins(library)["abstract"] == [("Ours.", ("crossref", "arxiv"), True)]
    assert [each.outcome for each in library.put([crossref, arxiv])] == ["unchanged"] * 2
    assert origins(library)["abstract"] == [("Ours.", ("arxiv",), True)]
    assert origins(library)["title"] == [("On paging", ("crossref",), True), ("Paging", ("arxiv",), False)]


def test_a_source_that_loses_its_abstract_takes_nobody_elses_away(told, record):
    """The same source twice in a row once took what the other had said."""
    told.put([record("On paging again", "10.1000/7", source="crossref", authors=["Ann Lee"])])
    version = told.find("2611.00001")
    assert (version.title, version.abstract, version.venue) == ("On paging again", "Ours.", "A journal")
