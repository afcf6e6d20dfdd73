"""``broadsheet search`` with --sort, --facets and --at."""

import json
from datetime import date

import pytest


@pytest.fixture
def papers(library_on_sqlite, record):
    library_on_sqlite.put(
        [
            record(f"Paging, part {n}", f"2611.0000{n}", authors=["Ada Byron"], published=date(2026, 1, 1 + n))
            for n in range(5)
        ]
    )
    return library_on_sqlite


def test_the_newest_come_first_where_that_is_asked_for(invoke, papers):
    answer = json.loads(invoke("search", "paging", "--sort", "date", "--limit", "3", "--json").stdout)
    assert [hit["id"][-1] for hit in answer["hits"]] == ["4", "3", "2"]
    assert (answer["sort"], answer["since"]) == ("date", None)
    assert invoke("search", "paging", "--sort", "votes").exit_code == 2


def test_facets_are_printed_with_the_queries_to_copy(invoke, papers):
    printed = invoke("search", "paging", "--facets").stdout
    assert '5  Ada Byron   paging author:"Ada Byron"' in printed
    assert "5  2026   paging after:2026 before:2027" in printed
    assert json.loads(invoke("search", "paging", "--facets", "--json").stdout)["total"] == 5


def test_an_earlier_answer_says_what_became_of_it(invoke, papers, record):
    papers.put([record("Paging, part 0, corrected", "2611.00000"), record("Paging anew")])
    done = invoke("search", "paging", "--at", "5")
    assert "since then 1 of these have newer versions, 0 were withdrawn, 1 paper came later" in " ".join(
        done.stderr.split()
    )
    answer = json.loads(invoke("search", "paging", "--at", "5", "--json").stdout)
    assert answer["since"] == {"head": 7, "revised": 1, "withdrawn": 0, "later": 1}
