"""What a paper is worth to a reader grows with relevance and signals, and falls with age."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.ranking import RankingError, worth
from broadsheet.ranking.worth import HALF_LIFE_DAYS

relevances, trends, ages = st.floats(0, 1), st.floats(0, 10), st.floats(-10, 4000)


@given(relevances, relevances, trends, trends, ages, ages)
def test_more_relevant_more_trending_or_younger_is_never_worth_less(one, two, low, high, young, old):
    assert worth(max(one, two), low, old) >= worth(min(one, two), low, old)
    assert worth(one, max(low, high), old) >= worth(one, min(low, high), old)
    assert worth(one, low, min(young, old)) >= worth(one, low, max(young, old))


@given(relevances, trends, ages)
def test_it_is_finite_and_not_below_zero(relevance, trend, age):
    assert 0 <= worth(relevance, trend, age) <= 1 + trend


@given(relevances, trends, st.floats(0, 400))
def test_it_is_halved_by_every_week(relevance, trend, age):
    assert worth(relevance, trend, age + HALF_LIFE_DAYS) == pytest.approx(worth(relevance, trend, age) / 2)
    assert HALF_LIFE_DAYS == 7


def test_nine_votes_make_up_for_a_week_and_nothing_for_not_being_relevant():
    assert worth(0.5, math.log10(1 + 9), 7) == pytest.approx(worth(0.5, 0, 0))
    assert worth(0, 10, 0) == 0


def test_a_paper_dated_ahead_is_as_one_of_today():
    assert worth(0.5, 1, -3) == worth(0.5, 1, 0)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ((1.1, 0, 0), "relevance of 1.1"),
        ((-0.1, 0, 0), "relevance of -0.1"),
        ((math.nan, 0, 0), "relevance of nan"),
        ((1, -1, 0), "add -1"),
        ((1, math.inf, 0), "add inf"),
        ((1, 0, math.nan), "nan days"),
    ],
)
def test_numbers_out_of_range_are_refused(arguments, why):
    with pytest.raises(RankingError, match=why):
        worth(*arguments)
