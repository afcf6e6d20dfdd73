"""A choice that follows its candidates is the one that choosing anew would make, without looking at all of them."""

import random
from dataclasses import replace

import numpy as np
import pytest
from candidates import AXES, WORTHS, best_value, candidates, keeps, many, numbers, quotas, sets, total
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.ranking import Candidate, Chooser, Quotas, RankingError, bound, choose, kept
from broadsheet.ranking.choosing import climb

sizes = st.integers(0, 4)


def acts(**options):
    """What happens: a candidate, which comes if it is new and changes if it is not, or a number, which goes."""
    return st.lists(candidates(**options) | st.integers(0, 30), max_size=40)


def follow(chooser, papers, act):
    """Do the act, and keep the plain list of candidates `papers` in step."""
    if isinstance(act, int):
        if papers.pop(act, None):
            chooser.withdraw(act)
    else:
        (chooser.change if act.paper in papers else chooser.insert)(act)
        papers[act.paper] = act


@given(sets(most=20, vectors=()), acts(vectors=()), sizes, quotas)
def test_without_vectors_it_is_after_every_act_what_choosing_anew_makes(first, acts, size, given_quotas):
    chooser, papers = Chooser(size, given_quotas, first), {paper.paper: paper for paper in first}
    assert chooser.chosen() == choose(first, size, given_quotas)
    for act in acts:
        follow(chooser, papers, act)
        assert chooser.chosen() == choose(papers.values(), size, given_quotas)
        assert (len(chooser), act in chooser if isinstance(act, int) else act.paper not in chooser) == (len(papers), 0)


@given(sets(most=20), acts(), sizes, quotas)
def test_the_past_plays_no_part(first, acts, size, given_quotas):
    chooser, papers = Chooser(size, given_quotas, first), {paper.paper: paper for paper in first}
    for act in acts:
        follow(chooser, papers, act)
        chosen = chooser.chosen()
        assert chosen == Chooser(size, given_quotas, papers.values()).chosen()
        assert keeps([choice.candidate for choice in chosen], given_quotas)


@given(sets(), acts(), sizes, quotas)
def test_with_vectors_it_keeps_what_is_promised_of_the_best_choice(first, acts, size, given_quotas):
    chooser, papers = Chooser(size, given_quotas, first), {paper.paper: paper for paper in first}
    for act in acts:
        if len(papers) < 9 or isinstance(act, int) or act.paper in papers:
            follow(chooser, papers, act)
    promised = kept(max(size, 1)) * bound(given_quotas) * best_value(papers.values(), size, given_quotas)
    assert total(chooser.chosen()) >= promised - 1e-9


@pytest.mark.parametrize("size", [2, 5, 10])
def test_the_price_of_a_class_full_of_the_same_is_within_what_is_promised(size):
    """As bad as it gets: those that stand are copies of each other, and just below them all differ."""
    copies = [Candidate(n, 1, ("a",), "arXiv", "", np.eye(20, dtype=np.float32)[0]) for n in range(size)]
    others = [Candidate(100 + n, 0.999, ("a",), "arXiv", "", np.eye(20, dtype=np.float32)[n]) for n in range(1, 20)]
    ratio = total(Chooser(size, candidates=[*copies, *others]).chosen()) / total(choose([*copies, *others], size))
    assert kept(size) <= ratio < kept(size) + 0.01


@pytest.mark.parametrize("limits", [Quotas(), Quotas(3, 8, 1), Quotas(author=2)])
def test_with_vectors_in_general_it_is_still_what_choosing_anew_makes(limits):
    for seed in range(5):
        papers = many(2_000, has_vectors=True, seed=seed)
        assert numbers(Chooser(10, limits, papers).chosen()) == numbers(choose(papers, 10, limits))


def test_an_author_with_hundreds_of_best_papers_keeps_nobody_else_from_standing():
    flood = [Candidate(n, 9 + n, ("a",), "arXiv", "ann") for n in range(300)]
    chooser = Chooser(3, Quotas(author=1), [*flood, Candidate(900, 1, ("a",), "arXiv", "bo")])
    assert numbers(chooser.chosen()) == [299, 900]
    chooser.withdraw(299)
    assert numbers(chooser.chosen()) == [298, 900]


def test_a_changed_vector_is_noticed():
    papers = [Candidate(n, worth, ("a",), vector=AXES[0]) for n, worth in [(1, 4), (2, 3), (3, 2.5)]]
    chooser = Chooser(2, candidates=papers)
    assert numbers(chooser.chosen()) == [1, 2]
    chooser.change(replace(papers[2], vector=AXES[1]))
    assert numbers(chooser.chosen()) == [1, 2]  # two stand for each class, and it is not among them
    chooser.change(replace(papers[2], topics=("b",)))
    assert numbers(chooser.chosen()) == [1, 3]


def test_what_is_given_out_is_not_what_is_kept():
    chooser = Chooser(2, candidates=[Candidate(1, 1)])
    chooser.chosen().clear()
    assert numbers(chooser.chosen()) == [1]


def test_coming_twice_going_twice_and_changing_what_is_not_there_are_refused():
    chooser = Chooser(2, candidates=[Candidate(1, 1)])
    with pytest.raises(RankingError, match="paper 1 is a candidate already"):
        chooser.insert(Candidate(1, 2))
    with pytest.raises(RankingError, match="paper 2 is not a candidate"):
        chooser.withdraw(2)
    with pytest.raises(RankingError, match="paper 2 is not a candidate"):
        chooser.change(Candidate(2, 1))
    with pytest.raises(RankingError, match="-1 papers cannot be chosen"):
        Chooser(-1)
    assert numbers(chooser.chosen()) == [1]


SIZE, LIMITS, CLASSES = 10, Quotas(3, 8, 1), 600  # 150 topics of four sources


def spent(chooser, act):
    """The gains that an act and the next look at the choice ask for, and whether the choice changed."""
    before, asked = numbers(chooser.chosen()), chooser.evaluations
    act()
    return (numbers(chooser.chosen()) == before, chooser.evaluations - asked)


@pytest.mark.parametrize("has_vectors", [False, True])
def test_at_100_000_papers_an_act_costs_far_less_than_choosing_anew_and_no_more_than_told(has_vectors):
    """Choosing anew looks at 100,000 papers to sort them. An act that leaves the choice asks one for each chosen."""
    dice, papers = random.Random(0), many(100_000, has_vectors)
    coming = many(300, has_vectors, seed=1, first=200_000)
    chooser = Chooser(SIZE, LIMITS, papers)
    assert numbers(chooser.chosen()) == numbers(climb(sorted(papers, key=worst_last), SIZE, LIMITS)[0])
    going, changing = dice.sample(papers, 600)[:300], dice.sample(papers[50_000:], 300)
    told = [spent(chooser, lambda paper=paper: chooser.insert(paper)) for paper in coming]
    told += [spent(chooser, lambda paper=paper: chooser.withdraw(paper.paper)) for paper in going]
    told += [
        spent(chooser, lambda paper=paper: chooser.change(replace(paper, worth=2 * paper.worth)))
        for paper in changing
        if paper.paper in chooser
    ]
    assert all(asked <= 2 * SIZE for is_same, asked in told if is_same)
    assert sum(asked for _, asked in told) < len(told)


@pytest.mark.parametrize("has_vectors", [False, True])
def test_an_act_that_changes_the_choice_asks_the_papers_that_stand_not_all(has_vectors):
    """The first choice of all goes, again and again: ten times the papers cost as much as there are more to stand."""
    asked = []
    for count in (4_000, 40_000):
        chooser = Chooser(SIZE, LIMITS, many(count, has_vectors))
        costs = [
            spent(chooser, lambda chooser=chooser: chooser.withdraw(numbers(chooser.chosen())[0])) for _ in range(8)
        ]
        assert not any(is_same for is_same, _ in costs)
        asked.append(max(cost for _, cost in costs))
        assert asked[-1] < SIZE * CLASSES
    assert asked[1] < 3 * asked[0]


def test_beyond_the_papers_that_stand_more_papers_cost_nothing():
    """All of one class and of the same worth, so that every paper is within reach of every other."""
    asked = []
    for count in (100, 1_000, 10_000):
        chooser = Chooser(SIZE, candidates=[Candidate(n, 1, ("a",), "arXiv") for n in range(count)])
        asked.append(max(spent(chooser, lambda n=n, chooser=chooser: chooser.withdraw(n))[1] for n in range(SIZE)))
    assert asked[0] == asked[1] == asked[2] <= SIZE * SIZE
    anew = climb([Candidate(n, 1, ("a",), "arXiv") for n in range(10_000)], SIZE, Quotas())[1]
    assert anew >= 10_000


def worst_last(paper):
    return -paper.worth, paper.paper


@given(sets(most=20), sizes, st.sampled_from(WORTHS))
def test_a_paper_that_was_there_for_a_moment_leaves_no_trace(papers, size, worth):
    chooser = Chooser(size, Quotas(), papers)
    before = chooser.chosen()
    chooser.insert(Candidate(99, worth, ("a",), "HAL"))
    chooser.chosen()
    chooser.withdraw(99)
    assert chooser.chosen() == before
