"""Reading the first of a ranking more closely: arithmetic, ties, what was not read, and parts that add up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.search import Hit
from broadsheet.search.deep import WEIGHT, reread
from broadsheet.search.fusion import Explanation, MeaningPart, WordsPart


def hits(*scores: float) -> list[Hit]:
    """Hits numbered from 0, each scored half by words and half by meaning."""
    parts = [Explanation(WordsPart(score / 2, 1.0), MeaningPart(score / 2, 0.5)) for score in scores]
    return [Hit(number, score, part) for number, (score, part) in enumerate(zip(scores, parts, strict=True))]


def order(found) -> list[int]:
    return [hit.paper for hit in found]


def test_a_paper_gains_what_the_reranker_is_sure_of():
    found = reread(hits(0.9, 0.8, 0.3), [0.0, 1.0, 0.5])
    assert order(found) == [1, 0, 2]
    assert [hit.score for hit in found] == pytest.approx([0.8 + WEIGHT, 0.9, 0.3 + WEIGHT / 2])


def test_rereading_has_a_say_and_not_the_last_word():
    assert order(reread(hits(0.9, 0.1), [0.0, 1.0])) == [0, 1]


def test_ties_keep_the_first_order():
    assert order(reread(hits(0.5, 0.5, 0.5), [0.7, 0.7, 0.7])) == [0, 1, 2]


def test_what_was_not_read_keeps_its_place_and_its_score_after_what_was():
    found = reread(hits(0.9, 0.8, 0.7, 0.6), [0.1, 0.9])
    assert order(found) == [1, 0, 2, 3]
    assert [hit.score for hit in found[2:]] == [0.7, 0.6]
    assert [hit.explanation.reread for hit in found[2:]] == [None, None]


def test_nothing_read_changes_nothing():
    assert reread(hits(0.9, 0.8), []) == tuple(hits(0.9, 0.8))


def test_the_explanation_tells_what_the_reranker_said():
    [best, _] = reread(hits(0.9, 0.8), [0.5, 0.25])
    part = best.explanation.to_json()["parts"][-1]
    assert part == {"part": "reread", "value": pytest.approx(WEIGHT / 2), "reranker_score": 0.5}


@given(st.lists(st.floats(0, 1), max_size=25), st.lists(st.floats(0, 1), min_size=0, max_size=30))
def test_hits_are_put_in_order_none_is_lost_and_parts_add_up(scores, first):
    before = hits(*sorted(first, reverse=True))
    after = reread(before, scores[: len(before)])
    assert sorted(order(after)) == order(before)
    assert [hit.score for hit in after] == sorted((hit.score for hit in after), reverse=True)
    for hit in after:
        assert hit.explanation.score == pytest.approx(hit.score)
        assert sum(part["value"] for part in hit.explanation.to_json()["parts"]) == pytest.approx(hit.score)
    assert order(after[len(scores) :]) == order(before[len(scores) :])
