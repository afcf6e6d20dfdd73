"""Figures of one ranking: computed by hand, and compared with the slowest way of computing them."""

from itertools import permutations
from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as some

from broadsheet.evaluation import METRICS, ndcg, recall, reciprocal_rank

names = some.sampled_from("abcdefgh")
rankings = some.lists(names, unique=True)
judgements = some.dictionaries(names, some.integers(-1, 3), max_size=5)


def naive_gain(order, judged, depth):
    """The discounted gain, place by place."""
    total = 0.0
    for place in range(min(depth, len(order))):
        gain = judged.get(order[place], 0)
        if gain > 0:
            total += gain * log(2) / log(place + 2)
    return total


@given(rankings, judgements, some.integers(1, 4))
def test_ndcg_is_the_gain_over_that_of_the_best_of_all_orders(ranked, judged, depth):
    best = max(naive_gain(order, judged, depth) for order in permutations(judged))
    expected = naive_gain(ranked, judged, depth) / best if best else 0.0
    assert ndcg(ranked, judged, depth) == pytest.approx(expected)


@given(rankings, judgements, some.integers(1, 9))
def test_recall_and_reciprocal_rank_are_those_of_looking_at_each_place(ranked, judged, depth):
    hits = [place for place in range(len(ranked)) if place < depth and judged.get(ranked[place], 0) > 0]
    relevant = sum(1 for relevance in judged.values() if relevance > 0)
    assert recall(ranked, judged, depth) == (len(hits) / relevant if relevant else 0.0)
    assert reciprocal_rank(ranked, judged, depth) == (1 / (hits[0] + 1) if hits else 0.0)


def test_ndcg_by_hand():
    judged = {"a": 3, "b": 2, "c": 1}
    found = (2 / 1 + 3 / 2) / (3 / 1 + 2 / (log(3) / log(2)) + 1 / 2)  # b first, a third, c nowhere
    assert ndcg(["b", "x", "a"], judged) == pytest.approx(found)


def test_what_is_judged_and_not_in_the_collection_counts_as_not_found():
    assert ndcg(["a"], {"a": 1, "gone": 1}) == pytest.approx(1 / (1 + log(2) / log(3)))
    assert recall(["a"], {"a": 1, "gone": 1}) == 0.5


def test_an_eleventh_place_is_too_late_for_the_first_ten_and_a_hundred_and_first_for_recall():
    ranked = [str(number) for number in range(101)]
    assert [metric(ranked, {"10": 1}) for metric in METRICS.values()] == [0.0, 1.0, 0.0]
    assert [metric(ranked, {"100": 1}) for metric in METRICS.values()] == [0.0, 0.0, 0.0]
    assert METRICS["ndcg@10"](ranked, {"9": 1}) == pytest.approx(log(2) / log(11))
    assert METRICS["mrr@10"](ranked, {"9": 1}) == pytest.approx(0.1)


def test_nothing_found_is_zero():
    assert [metric([], {"a": 1}) for metric in METRICS.values()] == [0.0, 0.0, 0.0]
