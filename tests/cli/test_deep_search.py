"""``broadsheet search --deep``."""

import json

import pytest

from broadsheet.library.rereading import Rereader
from rerankers import ByLargestNumber


@pytest.fixture
def papers(library_on_sqlite, record):
    library_on_sqlite.rereader = Rereader(library_on_sqlite.alias, ByLargestNumber)
    library_on_sqlite.put([record(f"Paging, part {n:02}", f"2611.{n:05}") for n in range(25)])
    return library_on_sqlite


def test_a_deep_search_prints_the_new_order_and_what_was_read(invoke, papers):
    done = invoke("search", "paging", "--deep", "--limit", "3")
    assert [line.split()[3] for line in done.stdout.splitlines() if "Paging" in line] == ["19", "18", "17"]
    assert "The first 20 were read more closely" in done.stderr


def test_programs_are_told_too_and_parts_add_up(invoke, papers):
    answer = json.loads(invoke("search", "paging", "--deep", "--json").stdout)
    assert answer["deep"] == {"reranker": "largest-number", "read": 20, "first": 20}
    for hit in answer["hits"]:
        assert sum(part["value"] for part in hit["explanation"]["parts"]) == pytest.approx(hit["score"])


def test_as_of_an_earlier_change_the_order_is_the_same_again(invoke, papers, record):
    before = json.loads(invoke("search", "paging", "--deep", "--json").stdout)
    papers.put([record("Paging, part 99", "2611.00004")])
    again = json.loads(invoke("search", "paging", "--deep", "--json", "--at", str(before["at"])).stdout)
    assert again | {"since": None} == before


def test_without_a_reranker_one_line_says_so_and_the_papers_stay(invoke, papers):
    papers.rereader = Rereader(papers.alias, lambda: None)
    done = invoke("search", "paging", "--deep")
    assert done.exit_code == 0
    assert done.stderr.splitlines() == ["There is no reranker here, so the papers stand in their first order"]
    assert done.stdout == invoke("search", "paging").stdout
