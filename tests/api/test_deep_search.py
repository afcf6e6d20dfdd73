"""Deep searches for programs."""

import pytest

from broadsheet.library.rereading import Rereader
from rerankers import ByLargestNumber


@pytest.fixture
def papers(library, record):
    library.rereader = Rereader(library.alias, ByLargestNumber)
    library.put([record(f"Paging, part {n:02}", f"2611.{n:05}") for n in range(25)])
    return library


def numbers(answer: dict) -> list[int]:
    return [int(hit["paper"]["id"][-2:]) for hit in answer["hits"]]


def test_a_deep_search_gives_the_new_order_and_says_what_was_read(anybody, papers):
    answer = anybody.get("/search?q=paging&deep=true&limit=25").json()
    assert numbers(answer) == [*range(19, -1, -1), *range(20, 25)]
    assert answer["deep"] == {"reranker": "largest-number", "read": 20, "first": 20}
    for hit in answer["hits"]:
        assert sum(part["value"] for part in hit["explanation"]["parts"]) == pytest.approx(hit["score"])
    assert answer["hits"][0]["explanation"]["parts"][-1]["part"] == "reread"


def test_its_pages_are_of_one_order_whatever_came_meanwhile(anybody, papers, record):
    first = anybody.get("/search?q=paging&deep=true&limit=15").json()
    papers.put([record("Paging, part 99", "2612.00001")])
    rest = anybody.get(first["next"].removeprefix("http://localhost/api/v1")).json()
    assert numbers(first) + numbers(rest) == [*range(19, -1, -1), *range(20, 25)]


def test_any_other_search_reads_nothing(anybody, papers):
    assert anybody.get("/search?q=paging").json()["deep"] is None
    assert numbers(anybody.get("/search?q=paging&deep=false").json()) == list(range(20))


def test_without_a_reranker_the_answer_says_so(anybody, papers):
    papers.rereader = Rereader(papers.alias, lambda: None)
    answer = anybody.get("/search?q=paging&deep=true").json()
    assert numbers(answer) == list(range(20))
    assert answer["deep"] == {"reranker": None, "read": 0, "first": 20}


def test_what_is_neither_yes_nor_no_is_refused(anybody, papers):
    response = anybody.get("/search?q=paging&deep=perhaps")
    assert (response.status_code, response.json()["where"]) == (422, "deep")
