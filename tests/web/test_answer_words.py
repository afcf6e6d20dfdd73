"""The words of a search page, from answers made by hand."""

from types import SimpleNamespace

import pytest

from broadsheet.search import Explanation
from broadsheet.search.fusion import MeaningPart, WordsPart
from broadsheet.web.answers import notices, sentence, suggestions
from broadsheet.web.why import why


def answer(**parts):
    return SimpleNamespace(
        **{
            "query": "q",
            "at": 48_211,
            "head": 48_211,
            "behind": 0,
            "pending": 0,
            "by_meaning": True,
            "total": 0,
            "hits": (),
            "sort": "relevance",
            "length": 0,
        }
        | parts
    )


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"total": 1_204}, "1,204 papers match; by words and meaning; as of today, change #48,211"),
        ({"total": 1, "by_meaning": False}, "1 paper matches; by words; as of today, change #48,211"),
        ({}, "No paper matches; by words and meaning; as of today, change #48,211"),
        (
            {"hits": (1,)},
            "No paper has any of these words, so check their spelling; these are the closest in meaning; as of today",
        ),
        ({"total": 2, "at": 48_000}, "2 papers match; by words and meaning; as of change #48,000, 211 changes ago"),
        (
            {"total": 2, "at": 48_000, "behind": 211},
            "2 papers match; by words and meaning; as of today, change #48,000",
        ),
    ],
)
def test_the_sentence_says_what_was_found_how_and_as_of_when(parts, said):
    assert sentence(answer(**parts)).startswith(said)


def test_a_search_by_filters_alone_says_its_order():
    hit = SimpleNamespace(explanation=Explanation())
    assert sentence(answer(total=1, by_meaning=False, hits=(hit,))).startswith("1 paper matches; newest first;")


def test_what_may_be_missing_is_said_in_words():
    assert notices(answer(), 557) == []
    assert notices(answer(pending=33, behind=1), 557) == [
        "1 change of the last moments is not in this answer yet; reload to see them.",
        "33 of 557 papers are not yet found by meaning.",
    ]


def test_why_names_the_words_as_written_and_its_parts_add_up():
    explanation = Explanation(WordsPart(1.5, 9.0, {"updat": 1.0, "simultan": 0.5}), MeaningPart(0.5, 0.71))
    hit = SimpleNamespace(
        explanation=explanation,
        title_segments=(("Simultaneous", True), (" ", False), ("updates", True)),
        snippet=(),
    )
    lines = why(hit, 1.5)
    assert [line.label for line in lines] == ["matched words", "updates", "Simultaneous", "closeness in meaning"]
    assert sum(float(line.value) for line in lines if not line.is_detail) == explanation.score
    assert [line.bar for line in lines] == [120, 80, 40, 40]
    assert lines[-1].note == "cosine 0.71"


def test_a_hit_without_explanation_has_no_why():
    assert why(SimpleNamespace(explanation=None), 1.0) == []


def test_wider_searches_drop_filters_first_and_then_words():
    assert [one.words for one in suggestions('deep "x y" author:"Ada B" -survey learning')] == [
        'without filters: deep "x y" learning',
        "only deep",
        "only learning",
    ]
    assert suggestions("single") == []
