"""On pages that had no say in its constants, trending shows early what rises later; its page of the manual is true."""

import math
from pathlib import Path

import pytest
from replay import (
    LIMITS,
    RANKERS,
    WEIGHTS,
    by_trending,
    fading,
    judge_all,
    lead,
    mean,
    mix,
    order,
    read_days,
    report,
    split,
    votes_at,
)

from broadsheet.ranking import Signals, trending
from broadsheet.ranking.trending import TENFOLD_DAYS

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "trending.md"


@pytest.fixture(scope="module")
def folder(shared_data):
    return shared_data / "hf_daily"


def test_the_replay_meets_enough_papers_again(folder):
    first, held_out = split(folder)
    assert (len(read_days(folder)), len(first), len(held_out)) == (260, 37, 25)
    assert (sum(len(page.seen) for page in first), sum(len(page.seen) for page in held_out)) == (1194, 738)


@pytest.mark.parametrize("rival", [name for name in RANKERS if name != "trending"])
def test_trending_beats_each_single_signal_on_the_pages_held_out(folder, rival):
    _, held_out = split(folder)
    by, low, _ = lead(held_out, by_trending, RANKERS[rival])
    assert by > 0.02
    assert low > 0


def test_no_single_signal_is_as_good_at_both_kinds_of_attention(folder):
    """Each leads where it is the signal itself; trending gives up little there and wins the other by far."""
    _, held_out = split(folder)
    stars, votes = (
        {
            name: math.fsum(getattr(judged, what) for judged in judge_all(held_out, ranker)) / len(held_out)
            for name, ranker in RANKERS.items()
        }
        for what in ("stars", "votes")
    )
    for loss, gain in [
        (votes["votes (place)"] - votes["trending"], stars["trending"] - stars["votes (place)"]),
        (stars["code stars, then votes"] - stars["trending"], votes["trending"] - votes["code stars, then votes"]),
    ]:
        assert 0 < loss < gain / 2


@pytest.mark.parametrize("first", [30, 100, 300])
@pytest.mark.parametrize("steepness", [0.5, 1.0, 1.5])
def test_the_lead_does_not_hang_on_the_votes_assumed_for_a_place(folder, first, steepness):
    def ranker(day, seen):
        return trending(day, Signals(votes=votes_at(seen.place, first, steepness), stars=seen.stars)).score

    _, held_out = split(folder)
    for rival, other in RANKERS.items():
        if rival != "trending":
            assert lead(held_out, ranker, other)[0] > 0.01, rival


def test_the_weight_and_limit_of_stars_are_those_that_the_first_pages_choose(folder):
    first, _ = split(folder)
    reached = {(weight, limit): mean(judge_all(first, mix(weight, limit))) for weight in WEIGHTS for limit in LIMITS}
    assert max(reached, key=reached.__getitem__) == (0.5, 9)
    assert all(order(page, mix(0.5, 9)) == order(page, by_trending) for page in first)


def test_five_days_lie_within_what_the_fading_of_stars_allows(folder):
    _, low, high = fading(folder)
    quickest, slowest = (math.log(10) / -math.log(ratio) for ratio in (low, high))
    assert quickest < TENFOLD_DAYS < slowest


def test_the_page_of_the_manual_holds_the_tables_as_the_replay_prints_them(folder):
    tables = [part for part in report(folder).split("\n\n") if part.startswith("|")]
    assert len(tables) == 4
    assert [table for table in tables if table not in PAGE.read_text(encoding="utf-8")] == []
