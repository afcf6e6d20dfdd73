"""Few papers are chosen out of many: worth much, unlike each other, within the quotas, and each with its reason."""

import math
import random
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from candidates import VECTORS, best_value, candidates, choose_slowly, keeps, many, numbers, quotas, sets, total
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from broadsheet.ranking import Candidate, Quotas, RankingError, bound, choose, value
from broadsheet.ranking.choosing import climb

sizes = st.integers(0, 4)


@given(sets(), candidates(numbers=st.just(99)))
def test_one_more_paper_never_lowers_the_value(papers, more):
    assert value([*papers, more]) >= value(papers)


@given(sets(), candidates(numbers=st.just(99)), st.integers(0, 9))
def test_a_paper_gains_no_more_by_a_larger_set(papers, more, cut):
    few = papers[:cut]
    gained, gained_by_few = value([*papers, more]) - value(papers), value([*few, more]) - value(few)
    assert gained <= gained_by_few + 1e-9


@given(sets(), st.randoms(use_true_random=False))
def test_the_value_of_a_set_has_no_order(papers, dice):
    assert value(dice.sample(papers, len(papers))) == pytest.approx(value(papers))


def test_no_papers_are_worth_nothing_and_alone_all_topics_sources_and_vectors_are_equal():
    assert value([]) == 0
    alone = [
        Candidate(1, 4, topics, source, "", vector)
        for topics, source in [((), ""), (("a", "b"), "HAL")]
        for vector in [None, *VECTORS]
    ]
    assert [value([paper]) for paper in alone] == pytest.approx([6.0] * len(alone))


@given(sets(), sizes, quotas)
def test_the_bound_is_met_and_quotas_are_never_broken(papers, size, given_quotas):
    chosen = choose(papers, size, given_quotas)
    assert len(chosen) <= size
    assert keeps([choice.candidate for choice in chosen], given_quotas)
    assert total(chosen) >= bound(given_quotas) * best_value(papers, size, given_quotas) - 1e-9


@pytest.mark.parametrize(
    ("has_quotas", "best_of_200", "worst"), [(True, 160, 0.622), (False, 191, 0.96)], ids=["quotas", "no quotas"]
)
def test_the_greedy_choice_is_the_best_one_as_often_as_told(has_quotas, best_of_200, worst):
    """Of small cases drawn at random: four papers of eight."""
    dice, reached = random.Random(1), []
    for _ in range(200):
        papers = [small(n, dice) for n in range(8)]
        limits = Quotas(*(dice.choice([None, 1, 2]) for _ in range(3)))
        limits = limits if has_quotas else Quotas()
        reached.append(total(choose(papers, 4, limits)) / best_value(papers, 4, limits))
    assert sum(ratio > 1 - 1e-9 for ratio in reached) == best_of_200
    assert round(min(reached), 3) == worst


def small(number, dice):
    worth, topic = dice.choice([1, 2, 3, 5, 9]), dice.choice("abc")
    source, author = dice.choice(["arXiv", "HAL"]), dice.choice(["ann", "bo", "cy"])
    return Candidate(number, worth, (topic,), source, author, dice.choice([None, *VECTORS]))


@settings(max_examples=50)
@given(sets(), sizes, quotas)
def test_not_asking_everybody_changes_nothing(papers, size, given_quotas):
    slowly = choose_slowly(papers, size, given_quotas)
    assert numbers(choose(papers, size, given_quotas)) == [candidate.paper for candidate in slowly]


@given(sets(), sizes, quotas, st.randoms(use_true_random=False))
def test_the_choice_is_the_same_whatever_the_order_of_arrival(papers, size, given_quotas, dice):
    again = choose(dice.sample(papers, len(papers)), size, given_quotas)
    assert again == choose(papers, size, given_quotas)


@given(sets(), sizes, quotas)
def test_gains_add_up_to_the_value_fall_from_choice_to_choice_and_are_made_of_shares(papers, size, given_quotas):
    chosen = choose(papers, size, given_quotas)
    assert total(chosen) == pytest.approx(value([choice.candidate for choice in chosen]))
    gains = [choice.gain for choice in chosen]
    assert all(later <= earlier + 1e-9 for earlier, later in pairwise(gains))
    for choice in chosen:
        assert [share.name for share in choice.shares] == ["worth", "topic", "source", "meaning"]
        assert math.fsum(share.gain for share in choice.shares) == choice.gain
        assert math.fsum(share.alone for share in choice.shares) == pytest.approx(value([choice.candidate]))


@given(sets(), sizes, quotas)
def test_a_factor_in_every_worth_changes_no_choice(papers, size, given_quotas):
    sixteenfold = [replace(paper, worth=16 * paper.worth) for paper in papers]
    assert numbers(choose(sixteenfold, size, given_quotas)) == numbers(choose(papers, size, given_quotas))


def near(vector, dice):
    moved = vector + dice.normal(size=vector.size) * 0.01
    return (moved / np.linalg.norm(moved)).astype(np.float32)


def test_ten_near_identical_best_papers_do_not_fill_an_issue():
    """They are worth twice as much as any other paper, and differ in nothing but their authors."""
    dice = np.random.default_rng(0)
    same, *others = dice.normal(size=(31, 64))
    same /= np.linalg.norm(same)
    papers = [Candidate(n, 2, ("cs.CL",), "arXiv", f"author {n}", near(same, dice)) for n in range(10)]
    topics = ["cs.CL", "cs.CV", "math.ST", "q-bio.NC", "hep-th"]
    papers += [
        Candidate(10 + n, 1, (topics[n % 5],), "arXiv", f"author {10 + n}", near(vector / np.linalg.norm(vector), dice))
        for n, vector in enumerate(others)
    ]
    chosen = choose(papers, 10)
    assert chosen[0].candidate.paper < 10
    assert sum(choice.candidate.paper < 10 for choice in chosen) <= 3
    assert len({choice.candidate.topic for choice in chosen}) == 5


@pytest.mark.parametrize("part", ["topics", "source", "vector"])
def test_of_two_papers_alike_but_in_one_respect_the_other_kind_comes_second(part):
    first = Candidate(1, 4, ("a",), "arXiv", "", VECTORS[0])
    alike = Candidate(2, 3, ("a",), "arXiv", "", VECTORS[0])
    unlike = replace(alike, paper=3, **{part: {"topics": ("b",), "source": "HAL", "vector": VECTORS[1]}[part]})
    assert numbers(choose([first, alike, unlike], 2)) == [1, 3]


def test_worth_decides_where_it_is_far_ahead():
    best = [Candidate(n, 100, ("a",)) for n in range(3)]
    assert numbers(choose([*best, Candidate(9, 1, ("b",))], 3)) == [0, 1, 2]


def test_only_the_first_topic_counts_and_the_unknown_has_no_quota():
    papers = [Candidate(1, 3, ("a", "b")), Candidate(2, 2, ("b", "a")), Candidate(3, 1, ("a",))]
    unknown = [Candidate(n, 0.25) for n in (4, 5, 6)]
    assert numbers(choose([*papers, *unknown], 9, Quotas(topic=1, source=1, author=1))) == [1, 2, 4, 5, 6]


def test_ties_go_to_the_higher_worth_then_to_the_lower_number():
    assert numbers(choose([Candidate(2, 1, ("a",)), Candidate(1, 1, ("b",))], 2)) == [1, 2]
    assert numbers(choose([Candidate(3, 0), Candidate(1, 0), Candidate(2, 0)], 2)) == [1, 2]


def test_few_are_asked_out_of_many():
    papers = sorted(many(20_000, has_vectors=True), key=lambda paper: (-paper.worth, paper.paper))
    chosen, evaluations = climb(papers, 10, Quotas(3, 8, 1))
    assert len(chosen) == 10
    assert evaluations < len(papers) / 10


@given(candidates())
def test_a_reason_names_every_part(paper):
    assume(paper.worth)
    told = choose([paper], 1)[0].explain()
    assert [told.count(f"{name} ") for name in ("worth", "topic", "source", "meaning")] == [1, 1, 1, 1]


@pytest.mark.parametrize("worth", [-1, math.nan, math.inf])
def test_a_worth_below_zero_or_without_end_is_refused(worth):
    with pytest.raises(RankingError, match="paper 7 cannot be worth"):
        Candidate(7, worth)


@pytest.mark.parametrize("vector", [np.zeros(3), np.eye(2), np.array([np.nan, 1]), np.array([3.0, 4.0])])
def test_a_vector_that_is_not_of_length_one_is_refused(vector):
    with pytest.raises(RankingError, match="vector of paper 7"):
        Candidate(7, 1, vector=vector)


def test_a_paper_told_twice_a_size_and_a_quota_below_zero_are_refused():
    with pytest.raises(RankingError, match="only once"):
        choose([Candidate(1, 1), Candidate(1, 2)], 2)
    with pytest.raises(RankingError, match="-1 papers cannot be chosen"):
        choose([], -1)
    with pytest.raises(RankingError, match="a quota of -2 for each author"):
        Quotas(author=-2)


def test_vectors_of_two_models_stand_beside_each_other_without_being_compared():
    papers = [Candidate(1, 1, ("a",), vector=VECTORS[0]), Candidate(2, 1, ("a",), vector=np.array([1.0, 0.0]))]
    assert value(papers) == pytest.approx(0.25 * 2 + 1.25 * math.sqrt(2) + 1.5 * 2)


@settings(max_examples=20)
@given(st.integers(0, 2**32))
def test_vectors_in_general_position_keep_to_the_slow_way_too(seed):
    papers = many(25, has_vectors=True, seed=seed)
    slowly = choose_slowly(papers, 6, Quotas(2, 4, 1))
    assert numbers(choose(papers, 6, Quotas(2, 4, 1))) == [candidate.paper for candidate in slowly]
