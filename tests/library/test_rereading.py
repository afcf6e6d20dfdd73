"""Deep searches of a library: the first papers are reread, the rest stays, and an answer can be repeated."""

import pytest

from broadsheet.library import Library
from broadsheet.library.rereading import Rereader, Rereading
from rerankers import ByLargestNumber


@pytest.fixture
def reranker() -> ByLargestNumber:
    return ByLargestNumber()


@pytest.fixture
def library(database_url, clock, reranker, record):
    opened = Library.open(database_url, model="none", clock=clock)
    opened.rereader = Rereader(opened.alias, lambda: reranker)
    opened.put([record(f"Updates, part {n:02}", f"2104.{n:05}") for n in range(30)])
    yield opened
    opened.close()


def titles(answer) -> list[str]:
    return [hit.title for hit in answer.hits]


def parts(*numbers: int) -> list[str]:
    return [f"Updates, part {n:02}" for n in numbers]


def test_the_first_twenty_stand_as_they_read_and_the_rest_as_before(library):
    assert titles(library.search("updates", limit=30)) == parts(*range(30))
    answer = library.search("updates", limit=30, deep=True)
    assert titles(answer) == parts(*range(19, -1, -1), *range(20, 30))
    assert answer.rereading == Rereading("largest-number", 20, 20)
    assert answer.to_json()["deep"] == {"reranker": "largest-number", "read": 20, "first": 20}


def test_pages_are_cut_from_one_deep_order(library):
    whole = titles(library.search("updates", limit=30, deep=True))
    pages = [library.search("updates", limit=8, offset=offset, deep=True) for offset in range(0, 30, 8)]
    assert [title for page in pages for title in titles(page)] == whole
    assert [page.rereading.first for page in pages] == [20, 20, 20, 0]


def test_only_a_deep_search_rereads(library, reranker):
    assert library.search("updates").rereading is None
    assert library.search("updates").to_json()["deep"] is None
    library.search("updates", offset=20, deep=True)
    assert reranker.read == []


def test_what_was_read_once_is_not_read_again(library, reranker):
    first = library.search("updates", deep=True).to_json()
    assert library.search("updates", deep=True).to_json() == first
    assert len(reranker.read) == 20


def test_a_deep_search_as_of_an_earlier_change_gives_what_it_gave_then(library, record):
    then = library.search("updates", deep=True).to_json()
    library.put([record("Updates, part 99", "2104.00003"), record("Updates of part 100", "2105.00001")])
    library.withdraw("2104.00019")
    assert titles(library.search("updates", deep=True)) != [hit["title"] for hit in then["hits"]]
    assert library.search("updates", deep=True, at=then["at"]).to_json() == then


def test_the_reranker_reads_title_and_abstract_as_they_are_searched(library, reranker, record):
    library.put([record(r"Erd\H{o}s numbers", "2106.00001", abstract="On $\\sigma$-ideals.")])
    library.search('"Erdős numbers" after:1900 -updates', deep=True)
    assert reranker.read == [("Erdős numbers", "Erdős numbers. On σ-ideals.")]


def test_the_parts_of_each_score_add_up(library):
    for hit in library.search("updates", limit=30, deep=True).to_json()["hits"]:
        assert sum(part["value"] for part in hit["explanation"]["parts"]) == pytest.approx(hit["score"])


def test_without_time_the_first_order_stays_and_it_is_said(library):
    answer = library.search("updates", deep=True, patience=0.0)
    assert titles(answer) == titles(library.search("updates"))
    assert answer.rereading.read == 0


def test_who_waits_for_another_deep_search_waits_no_longer_than_there_is_time(library):
    with library.rereader._turn:
        answer = library.search("updates", deep=True, patience=0.01)
    assert titles(answer) == titles(library.search("updates"))
    assert library.search("updates", deep=True).rereading.read == 20


def test_without_a_reranker_the_first_order_stays_and_it_is_said(library):
    library.rereader = Rereader(library.alias, lambda: None)
    answer = library.search("updates", deep=True)
    assert titles(answer) == titles(library.search("updates"))
    assert answer.rereading.says == "There is no reranker here, so the papers stand in their first order"
    assert answer.to_json()["deep"] == {"reranker": None, "read": 0, "first": 20}


@pytest.mark.parametrize("query", ["topic:cs.DS", "after:1900", "nothingofthekind"])
def test_filters_alone_and_nothing_found_leave_nothing_to_read(library, reranker, query):
    assert library.search(query, deep=True).rereading.first == 0
    assert reranker.read == []


@pytest.mark.parametrize(
    ("rereading", "says"),
    [
        (Rereading("minilm", 20, 20), "The first 20 were read more closely"),
        (Rereading("minilm", 1, 1), "The paper was read more closely"),
        (Rereading("minilm", 7, 20), "7 of the first 20 were read more closely before the time was over"),
        (
            Rereading("minilm", 0, 20),
            "There was no time to read them more closely, so the papers stand in their first order",
        ),
        (Rereading("minilm", 0, 0), "There is nothing to read more closely here"),
    ],
)
def test_an_answer_says_what_became_of_it(rereading, says):
    assert rereading.says == says


def test_a_library_takes_the_reranker_that_the_option_names(database_url, monkeypatch):
    from django.conf import settings

    monkeypatch.setattr(settings, "RERANKER", "none")
    assert Library.open(database_url, model="none").rereader.reranker is None
