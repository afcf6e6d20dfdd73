"""Fusion: one score from two halves, with an explanation whose parts add up."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.search import Match, Query, parse
from broadsheet.search.fusion import Scale

shares = st.dictionaries(st.sampled_from(["cat", "dog", "bird"]), st.floats(1e-6, 20), max_size=3)
found = st.lists(
    st.builds(
        lambda terms, cosine: Match(1, sum(terms.values()), cosine, terms),
        shares,
        st.none() | st.floats(-1, 1, allow_subnormal=False),
    ),
    min_size=1,
    max_size=8,
)


@pytest.mark.slow
@given(found)
def test_the_parts_of_every_score_add_up(matches):
    query, scale = parse("cats dogs birds"), Scale.of(matches)
    for match in matches:
        explanation = scale.explain(match, query)
        assert explanation.score == scale.fuse(match.words, match.meaning)
        parts = explanation.to_json()["parts"]
        assert sum(part["value"] for part in parts) == pytest.approx(explanation.score, rel=1e-12)
        assert sum(parts[0]["terms"].values()) == pytest.approx(parts[0]["value"], rel=1e-12)
        assert -1e-12 <= explanation.score <= 1 + 1e-12


@pytest.mark.slow
@given(found, shares, st.floats(-1, 1), st.floats(0, 3), st.floats(0, 1))
def test_a_score_grows_with_both_halves(matches, terms, cosine, more_words, more_meaning):
    scale, words = Scale.of(matches), sum(terms.values())
    assert scale.fuse(words + more_words, cosine + more_meaning) >= scale.fuse(words, cosine)
    assert scale.fuse(words + more_words, None) >= scale.fuse(words, None)


def test_each_half_counts_half():
    scale = Scale.of([Match(1, 4.0, 0.25), Match(2, 0.0, 0.75)])
    assert [scale.fuse(4.0, 0.25), scale.fuse(0.0, 0.75), scale.fuse(4.0, 0.75)] == [0.5, 0.5, 1.0]


def test_one_half_alone_counts_whole():
    assert Scale.of([Match(1, 4.0, None), Match(2, 1.0, None)]).fuse(1.0, None) == 0.25
    assert Scale.of([Match(1, 0.0, 0.5), Match(2, 0.0, 0.25)]).fuse(0.0, 0.5) == 1.0


def test_a_paper_without_a_vector_is_scored_by_its_words_alone():
    scale = Scale.of([Match(1, 4.0, 0.75), Match(2, 2.0, 0.25), Match(3, 3.0, None)])
    assert scale.fuse(4.0, 0.75) > scale.fuse(3.0, None) > scale.fuse(2.0, 0.25)


def test_an_explanation_names_the_words_as_typed_and_is_json():
    query = parse("Caching cats")
    match = Match(1, 3.0, 0.5, {"cach": 2.0, "cat": 1.0})
    explanation = Scale.of([match]).explain(match, query).to_json()
    assert explanation == {
        "parts": [
            {
                "part": "words",
                "value": 0.5,
                "bm25": 3.0,
                "terms": {"Caching": pytest.approx(1 / 3), "cats": pytest.approx(1 / 6)},
            },
            {"part": "meaning", "value": 0.5, "cosine": 0.5},
        ]
    }
    assert json.loads(json.dumps(explanation)) == explanation


def test_conditions_alone_score_nothing_and_have_no_parts():
    match = Match(1, 0.0, None)
    explanation = Scale.of([match]).explain(match, Query("topic:cs"))
    assert (explanation.score, explanation.to_json()) == (0, {"parts": []})


def test_nothing_found_makes_a_scale_too():
    assert Scale.of([]).fuse(0.0, None) == 0
