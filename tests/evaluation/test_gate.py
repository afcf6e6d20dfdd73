"""What speaks against an upgrade, of two runs that were compared."""

import pytest

from broadsheet.evaluation import Answer, compare, objections

QUERIES = 100


def run(places: list[int | None]) -> list[Answer]:
    return [
        Answer(f"q{n}", f"text {n}", {"ndcg@10": rank, "recall@100": 1.0, "mrr@10": rank}, ())
        for n, rank in enumerate(1 / place if place else 0.0 for place in places)
    ]


def found(before: list[int | None], after: list[int | None], most_lost: float = 2.0) -> list[str]:
    return objections(compare(run(before), run(after)), most_lost)


def test_nothing_speaks_against_what_finds_the_same_or_more():
    assert found([1] * QUERIES, [1] * QUERIES) == []
    assert found([None, 3] * 50, [3, 1] * 50) == []


def test_queries_that_lose_their_paper_count_however_much_better_the_mean():
    before, after = [3] * 97 + [1] * 3, [1] * 97 + [None] * 3
    assert found(before, after) == ["3 of 100 queries (3.0 %) lose the paper that they had found"]
    assert found(before, after, most_lost=3.0) == []
    assert found(before, [1] * 99 + [None], most_lost=0.0) == [
        "1 of 100 queries (1.0 %) lose the paper that they had found"
    ]


@pytest.mark.parametrize(("fallen", "is_told"), [(1, False), (40, True)])
def test_a_mean_that_falls_counts_where_its_interval_leaves_no_doubt(fallen, is_told):
    said = found([1] * QUERIES, [2] * fallen + [1] * (QUERIES - fallen))
    assert [text.startswith("nDCG@10 falls by 0.200, between 0.1") for text in said] == [True] * is_told


def test_a_query_that_was_wrong_before_cannot_lose():
    assert found([None] * QUERIES, [None] * QUERIES, most_lost=0.0) == []
