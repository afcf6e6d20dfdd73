"""Snippets and highlights: the passage that shows why, cut with care, whatever the text."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.search import highlight, parse, snippet
from broadsheet.search.units import units

FILLER = "Nothing of note happens in this sentence at all. "


def written(segments):
    return "".join(text for text, _ in segments)


def matches(segments):
    return [text for text, is_match in segments if is_match]


def test_words_are_marked_by_their_stem_in_the_text_as_written():
    assert highlight("Updating the “Low-Rank” caches", parse("update rank")) == (
        ("Updating", True),
        (" the “Low-", False),
        ("Rank", True),
        ("” caches", False),
    )


def test_matches_side_by_side_are_one():
    assert matches(highlight("A low-rank update of ranks", parse("low rank updates"))) == ["low-rank update", "ranks"]


def test_stop_words_are_marked_within_a_phrase_only():
    marked = highlight("The state of the art of the field", parse('"state of the art"'))
    assert matches(marked) == ["state of the art"]


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        (r"On G\"odel's theorem", "godel", [r"G\"odel's"]),
        (r"The $\sigma$-ideals of $x^2 + y$", "ideals", [r"$\sigma$-ideals"]),
        (r"The $O(n \log n)$ bound", "log", [r"$O(n \log n)$"]),
        (r"An \emph{online learning} bound", "learning", [r"\emph{online learning}"]),
        (r"For $5 or $10 learning", "learning", ["learning"]),
        ("The \ufb01nite case", "finite", ["\ufb01nite"]),
        ("The e\u0301tale case", "etale", ["e\u0301tale"]),
        ("深度学习", "度", ["度"]),
    ],
)
def test_marks_stand_where_the_words_are_in_the_original(text, query, expected):
    assert matches(highlight(text, parse(query))) == expected


def test_a_short_text_is_shown_whole():
    assert snippet("Cats sleep.", parse("dogs")) == (("Cats sleep.", False),)
    assert snippet("", parse("dogs")) == ()


def test_a_text_without_a_match_shows_its_beginning():
    shown = written(snippet(FILLER * 20, parse("cats")))
    assert shown.startswith("Nothing of note")
    assert shown.endswith(" …")
    assert len(shown) <= 302


def test_the_passage_with_most_of_the_words_is_chosen_and_begins_with_its_sentence():
    text = FILLER * 8 + "Cats sleep. " + FILLER * 8 + "Here cats meet many dogs. " + FILLER * 8
    shown = snippet(text, parse("cats dogs"), 120)
    assert written(shown).startswith("… Here cats meet many dogs.")
    assert matches(shown) == ["cats", "dogs"]


def test_two_passages_are_shown_when_no_single_one_has_the_words():
    text = FILLER * 4 + "Cats sleep. " + FILLER * 8 + "Dogs wake. " + FILLER * 4
    shown = snippet(text, parse("dogs cats"), 120)
    assert matches(shown) == ["Cats", "Dogs"]
    assert written(shown).count("…") == 3


def test_a_match_late_in_a_long_sentence_is_shown_with_words_before_it():
    text = "word " * 200 + "cats " + "word " * 200
    shown = snippet(text, parse("cats"), 100)
    assert matches(shown) == ["cats"]
    assert written(shown).startswith("… word")


def test_a_formula_is_never_cut():
    text = "cats " + FILLER * 2 + r"so $a + b + c + d + e + f + g + h + i + j$ holds. " + FILLER * 9
    for length in range(20, 200):
        shown = written(snippet(text, parse("cats"), length))
        assert shown.count("$") in (0, 2)
        assert "$" not in shown or r"$a + b + c + d + e + f + g + h + i + j$" in shown


anything = st.text(st.characters(exclude_categories=()), max_size=200)
pieces = st.sampled_from(
    [
        "cats",
        "Dogs.",
        " ",
        " ",
        " ",
        "$",
        "{",
        "}",
        "\\(",
        "\\)",
        "\\[",
        "$$",
        "\\",
        "low-",
        "深",
        "é",
        "x" * 30,
        "\0",
        "\ud800",
        ". ",
        "--",
    ]
)
hostile = anything | st.lists(pieces, max_size=80).map("".join)
queries = st.sampled_from(
    [parse(text) for text in ("cats", "dog cats", '"cats dogs"', "low x", "$", '"of the"') if text != "$"]
)


@given(hostile, queries)
def test_a_highlighted_text_is_the_text(text, query):
    segments = highlight(text, query)
    assert written(segments) == text
    assert all(part for part, _ in segments)
    assert all(one[1] != other[1] for one, other in pairwise(segments))


@given(hostile, queries, st.integers(1, 90))
def test_a_snippet_of_any_text_is_bounded_and_quotes_it(text, query, length):
    segments = snippet(text, query, length)
    shown = written(segments)
    assert len(shown) <= length + len("…  …  …")
    for passage in re.split(r"\s*…\s*", shown):
        assert passage in text or "…" in text


@given(hostile)
def test_units_are_in_order_and_within_their_bounds(text):
    end = 0
    for unit in units(text):
        assert end <= unit.left <= unit.start < unit.end <= unit.right <= len(text)
        assert unit.terms
        end = unit.right


@pytest.mark.slow
@pytest.mark.parametrize("sign", ["$", "{", "\\(", "$x ", "{ ", "\\[ ", "}{", "a.", "cats ", "x", "深"])
def test_long_hostile_texts_take_no_long_time(sign):
    text = sign * (20_000 // len(sign))
    assert len(written(snippet(text, parse("cats dogs"), 100))) <= 110
    assert written(highlight(text, parse("cats"))) == text
