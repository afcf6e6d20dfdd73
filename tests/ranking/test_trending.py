"""Trending is one number that never needs a clock, and tells what it is made of."""

import math
from dataclasses import fields, replace
from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from broadsheet.ranking import RankingError, Signals, Trend, trending
from broadsheet.ranking.trending import TENFOLD_DAYS

NAMES = [field.name for field in fields(Signals)]
LIMITS = {"stars": 9, "comments": 3, "saves": 3, "reads": 1}  # in votes
DAY = date(2026, 3, 2)

counts = st.integers(0, 10**7)
signals = st.builds(Signals, **dict.fromkeys(NAMES, counts))
days = st.dates(date(1991, 8, 14), date(2100, 1, 1))


def value(trend: Trend, name: str) -> float:
    return next(part.value for part in trend.parts if part.name == name)


@given(days, signals)
def test_parts_add_up_to_the_score_and_stand_in_one_order(day, given_signals):
    trend = trending(day, given_signals)
    assert math.fsum(part.value for part in trend.parts) == trend.score
    assert [part.name for part in trend.parts] == ["votes", "code stars", "comments", "saves", "reads", "day"]
    assert [part.amount for part in trend.parts[:5]] == [getattr(given_signals, name) for name in NAMES]
    assert trend.parts[5].amount == 0


@given(days, signals, st.sampled_from(NAMES), counts)
def test_no_signal_ever_lowers_a_score(day, given_signals, name, more):
    raised = replace(given_signals, **{name: getattr(given_signals, name) + more})
    assert trending(day, raised).score >= trending(day, given_signals).score


@given(days, signals, st.integers(1, 10_000))
def test_a_vote_and_a_day_always_raise_a_score(day, given_signals, later):
    score = trending(day, given_signals).score
    assert trending(day, replace(given_signals, votes=given_signals.votes + 1)).score > score
    assert trending(day + timedelta(later), given_signals).score > score


@given(days, signals, st.sampled_from(sorted(LIMITS)))
def test_no_signal_but_votes_does_more_than_its_limit_in_votes(day, given_signals, name):
    alone = Signals(**{name: getattr(given_signals, name)})
    assert trending(day, alone).score <= trending(day, Signals(votes=LIMITS[name])).score
    assert trending(day, alone).score < trending(day, Signals(votes=10)).score


@pytest.mark.parametrize(("name", "enough"), [("stars", 99), ("comments", 15), ("saves", 15), ("reads", 1023)])
def test_a_limit_is_reached_where_it_is_told_and_not_before(name, enough):
    limit = trending(DAY, Signals(votes=LIMITS[name])).score
    assert trending(DAY, Signals(**{name: enough})).score == pytest.approx(limit, abs=1e-9)
    assert trending(DAY, Signals(**{name: enough - 1})).score < limit
    assert trending(DAY, Signals(**{name: 10**400})).score == limit


def test_all_limits_together_do_as_much_as_320_times_the_votes():
    everything = trending(DAY, Signals(votes=0, stars=10**9, comments=10**9, saves=10**9, reads=10**9))
    assert everything.score == pytest.approx(trending(DAY, Signals(votes=319)).score, abs=1e-9)


@given(days, st.integers(0, 10**6))
def test_ten_times_the_votes_are_worth_five_days(day, votes):
    tenfold = trending(day, Signals(votes=10 * (votes + 1) - 1)).score
    assert tenfold == pytest.approx(trending(day + timedelta(days=5), Signals(votes=votes)).score, abs=1e-9)
    assert TENFOLD_DAYS == 5


@given(days, signals, days, signals, days, days)
def test_the_order_of_two_papers_is_the_same_on_every_day(one, its, other, others, today, then):
    first, second = trending(one, its), trending(other, others)
    assume(abs(first.score - second.score) > 1e-9)
    for looked_at in (today, then):
        told = first.since(looked_at).score > second.since(looked_at).score
        assert told == (first.score > second.score)


@given(days, signals, st.integers(-400, 20_000))
def test_parts_for_people_tell_the_age_and_add_up(day, given_signals, age):
    trend = trending(day, given_signals)
    told = trend.since(day + timedelta(days=age))
    assert told.parts[:5] == trend.parts[:5]
    assert (told.parts[5].name, told.parts[5].amount, told.parts[5].value) == ("day", age, -age / TENFOLD_DAYS)
    assert math.fsum(part.value for part in told.parts) == told.score


@given(days, signals, st.integers(-3, 400))
def test_the_numbers_of_the_sentence_add_up_as_a_reader_adds_them(day, given_signals, age):
    assume(age or any(getattr(given_signals, name) for name in NAMES))
    total, _, told = trending(day, given_signals).explain(day + timedelta(days=age)).replace("−", "-").partition(" = ")
    shown = [part.rpartition(" ")[2] for part in told.split(", ")]
    assert sum(round(float(number) * 100) for number in shown) == round(float(total) * 100)


@pytest.mark.parametrize(
    ("age", "sentence"),
    [
        (0, "1.30 = votes +1.30"),
        (1, "1.10 = votes +1.30, 1 day old −0.20"),
        (10, "−0.70 = votes +1.30, 10 days old −2.00"),
        (-1, "1.50 = votes +1.30, 1 day ahead +0.20"),
    ],
)
def test_the_sentence_tells_the_age(age, sentence):
    assert trending(DAY, Signals(votes=19)).explain(DAY + timedelta(days=age)) == sentence


def test_the_sentence_leaves_out_what_adds_nothing():
    assert trending(DAY).explain(DAY) == "0.00 = nothing yet"
    told = trending(DAY, Signals(2, 3, 1, 1, 30)).explain(DAY)
    assert told == "1.23 = votes +0.48, code stars +0.30, comments +0.15, saves +0.15, reads +0.15"


@pytest.mark.parametrize("name", NAMES)
def test_a_negative_count_is_refused_with_its_name(name):
    with pytest.raises(ValueError, match=f"a paper cannot have -2 {name}") as refused:
        trending(DAY, Signals(**{name: -2}))
    assert isinstance(refused.value, RankingError)


def test_one_more_vote_outranks_a_paper_of_the_day_before_only_by_what_it_is_worth():
    """One vote is worth a day and a half: the log of 2, of which the log of 10 is five days."""
    voted = Signals(votes=1)
    assert trending(DAY, voted).score > trending(DAY + timedelta(days=1)).score
    assert trending(DAY, voted).score < trending(DAY + timedelta(days=2)).score
