"""What changed since an answer as of an earlier change."""

import pytest


@pytest.fixture
def library(site_library, record):
    site_library.put([record(f"Paging, part {n}", f"2611.0000{n}") for n in (1, 2, 3)])
    return site_library


def test_an_answer_of_now_has_nothing_to_tell(library):
    assert library.since(library.search("paging")) is None


def test_newer_versions_withdrawn_papers_and_later_ones_are_told(library, record):
    at = library.search("paging").at
    library.put([record("Paging, part 1, corrected", "2611.00001")])
    library.put([record("Paging, part 2", "2611.00002", topics=("caching",))])  # described anew, the same text
    library.withdraw("2611.00003")
    library.put([record("Paging, the sequel", "2611.00004"), record("Graphs", "2611.00005")])
    answer = library.search("paging", at=at)
    since = library.since(answer)
    assert since.to_json() == {"head": 8, "revised": 1, "withdrawn": 1, "later": 1}
    assert since.is_counted


def test_a_paper_that_matches_by_now_but_was_here_did_not_come_later(library, record):
    library.put([record("Graphs", "2611.00007")])
    at = library.search("paging").at
    library.put([record("Graphs and paging", "2611.00007")])
    assert library.since(library.search("paging", at=at)).later == 0


def test_papers_that_only_pass_conditions_come_later_too(library, record):
    library.put([record("Graphs", "2611.00007", topics=("cs.DS",))])
    at = library.search("topic:cs.DS").at
    library.put([record("Trees", "2611.00008", topics=("cs.DS",)), record("Seas", "2611.00009", topics=("math",))])
    assert library.since(library.search("topic:cs.DS", at=at)).later == 1


def test_what_happened_to_other_pages_is_not_told(library, record):
    at = library.search("paging").at
    library.put([record("Paging, part 3, corrected", "2611.00003")])
    answer = library.search("paging", limit=1, at=at)
    assert library.since(answer).revised == (answer.hits[0].id == "2611.00003")
