"""Fusion: one score from two halves, with an explanation whose parts add up."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.search import Found, Match, Query, parse
from broadsheet.search.fusion import Scale

TERMS = ("cat", "dog", "bird")

shares = st.dictionaries(st.sampled_from(TERMS), st.floats(1e-6, 20), max_size=3)
found = st.lists(
    st.builds(
        lambda terms, cosine, is_near: Match(1, sum(terms.values()), cosine, terms, 0, is_near and cosine is not None),
        shares,
        st.none() | st.floats(-1, 1, allow_subnormal=False),
        st.booleans(),
    ),
    min_size=1,
    max_size=8,
)


def answer(*matches, most_by_words=10.0):
    columns = [(match.paper, match.words, match.meaning, match.day, match.is_near) for match in matches]
    papers, words, meanings, days, near = zip(*columns, strict=True) if columns else ((),) * 5
    floats = np.array(words, float), np.array([np.nan if one is None else one for one in meanings], float)
    rest = np.array(days, np.int32), np.array(near, bool), most_by_words, lambda place: shares_of(matches[place])
    return Found(-1, TERMS, np.array(papers, np.int64), *floats, *rest)


def shares_of(match):
    return [match.terms.get(term, math.nan) for term in TERMS]


def paper(words, cosine):
    return Match(1, words, cosine, is_near=cosine is not None)


def fused(scale, words, cosine):
    score = scale.explain(answer(paper(words, cosine)), 0, parse("cats dogs birds")).score
    assert scale.fuse(answer(paper(words, cosine))).tolist() == [score]
    return score


@pytest.mark.slow
@given(found)
def test_the_parts_of_every_score_add_up(matches):
    query, scale = parse("cats dogs birds"), Scale.of(answer(*matches))
    for place, score in enumerate(scale.fuse(answer(*matches))):
        explanation = scale.explain(answer(*matches), place, query)
        assert explanation.score == score
        parts = explanation.to_json()["parts"]
        assert sum(part["value"] for part in parts) == pytest.approx(explanation.score, rel=1e-12)
        assert sum(parts[0]["terms"].values()) == pytest.approx(parts[0]["value"], rel=1e-12)
        assert -1e-12 <= explanation.score <= 1 + 1e-12


@pytest.mark.slow
@given(found, shares, st.floats(-1, 1), st.floats(0, 3), st.floats(0, 1))
def test_a_score_grows_with_both_halves(matches, terms, cosine, more_words, more_meaning):
    scale, words = Scale.of(answer(*matches)), sum(terms.values())
    assert fused(scale, words + more_words, cosine + more_meaning) >= fused(scale, words, cosine)
    assert fused(scale, words + more_words, None) >= fused(scale, words, None)


def test_each_half_counts_half():
    scale = Scale(best=4.0, nearest=0.75, farthest=0.25)
    assert [fused(scale, 4.0, 0.25), fused(scale, 0.0, 0.75), fused(scale, 4.0, 0.75)] == [0.5, 0.5, 1.0]


def test_one_half_alone_counts_whole():
    assert fused(Scale.of(answer(paper(4.0, None), paper(1.0, None))), 1.0, None) == pytest.approx(0.25**1.75)
    assert fused(Scale.of(answer(paper(0.0, 0.5), paper(0.0, 0.25))), 0.0, 0.5) == 1.0


def test_half_the_words_count_less_than_half():
    scale = Scale(best=4.0, nearest=0.75, farthest=0.25)
    assert fused(scale, 2.0, 0.25) == pytest.approx(0.5 * 0.5**1.75)
    assert fused(scale, 1.0, None) == pytest.approx(0.25**1.75)


def test_a_paper_without_a_vector_is_scored_by_its_words_alone():
    scale = Scale.of(answer(paper(4.0, 0.75), paper(2.0, 0.25), paper(3.0, None)))
    assert fused(scale, 4.0, 0.75) > fused(scale, 3.0, None) > fused(scale, 2.0, 0.25)


def test_a_paper_that_is_none_of_the_nearest_gains_nothing_by_its_meaning():
    far = Match(4, 4.0, 0.5, is_near=False)
    scale = Scale.of(answer(paper(2.0, 0.75), paper(0.0, 0.25), far))
    assert scale == Scale(4.0, 0.75, 0.25)
    assert scale.explain(answer(far), 0, parse("cats dogs birds")).score == 0.5


def weight_of(nearest, tenth, count=11, best=4.0):
    cosines = [nearest, *[tenth] * (count - 2), tenth - 0.1]
    return Scale.of(answer(*(paper(best, cosine) for cosine in cosines))).weight


def test_meaning_gets_more_of_the_weight_the_farther_its_nearest_stands_out_from_the_tenth():
    assert weight_of(0.80, 0.73) == pytest.approx(0.5)
    assert weight_of(0.80, 0.71) == pytest.approx(0.62)
    assert weight_of(0.80, 0.75) == pytest.approx(0.38)
    assert weight_of(0.80, 0.60) == 0.8


def test_words_get_more_of_the_weight_the_nearer_one_paper_comes_to_having_all_of_them():
    assert weight_of(0.80, 0.73, best=6.0) == pytest.approx(0.40)
    assert weight_of(0.80, 0.73, best=2.0) == pytest.approx(0.60)
    assert weight_of(0.80, 0.79, best=9.0) == 0.15


def test_of_fewer_than_ten_papers_both_halves_count_alike():
    assert weight_of(0.9, 0.2, count=9) == 0.5
    assert weight_of(0.9, 0.2, count=11) == 0.8


def test_an_explanation_names_the_words_as_typed_and_is_json():
    found = answer(Match(1, 3.0, 0.5, {"cat": 2.0, "bird": 1.0}, is_near=True))
    explanation = Scale.of(found).explain(found, 0, parse("Cats, dogs and birds")).to_json()
    assert explanation == {
        "parts": [
            {
                "part": "words",
                "value": 0.5,
                "bm25": 3.0,
                "terms": {"Cats": pytest.approx(1 / 3), "birds": pytest.approx(1 / 6)},
            },
            {"part": "meaning", "value": 0.5, "cosine": 0.5},
        ]
    }
    assert json.loads(json.dumps(explanation)) == explanation


def test_conditions_alone_score_nothing_and_have_no_parts():
    found = answer(Match(1, 0.0, None))
    explanation = Scale.of(found).explain(found, 0, Query("topic:cs"))
    assert (explanation.score, explanation.to_json()) == (0, {"parts": []})


def test_nothing_found_makes_a_scale_too():
    assert Scale.of(answer()) == Scale(0.0)
    assert fused(Scale(0.0), 0.0, None) == 0
