"""English analysis: what is the same term, and that nothing breaks it."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.search.analysis import MAX_TERM_LENGTH, STOP_WORDS, WORD, analyse, analyse_spans, parts_of, terms_of
from broadsheet.search.names import name_words, topic_key, topic_keys
from broadsheet.search.spelling import american


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("low-rank", "Low rank"),
        ("low\u2013rank", "low rank"),
        (r"Erd\H{o}s--R\'enyi", "erdos renyi"),
        ("Gödel’s theorem", "godel theorem"),
        ("models", "MODEL"),
        ("\ufb01nite", "finite"),
        ("infor\u00admation", "information"),
        ("CO$_2$", "co2"),
        ("Straße", "STRASSE"),
        ("ναί Σοφίας", "ΝΑΙ ΣΟΦΙΑΣ"),
        ("İstanbul", "istanbul"),
        ("e\u0301tale", "étale"),
    ],
)
def test_texts_that_say_the_same_have_the_same_terms(one, other):
    assert analyse(one) == analyse(other)


def test_digits_and_decimals_are_words():
    assert analyse("GPT-3.5, Qwen2.5-VL and 7B in 2026.") == [
        "gpt",
        "3.5",
        "qwen",
        "2.5",
        "vl",
        "and",
        "7b",
        "in",
        "2026",
    ]


def test_commas_that_set_off_thousands_belong_to_the_number():
    assert analyse("1,000 of 1,234,567") == ["1000", "of", "1234567"]
    assert analyse("1,2,3 and 2019,2020 or 3,1415") == ["1", "2", "3", "and", "2019", "2020", "or", "3", "1415"]


def test_greek_words_are_no_letters_and_units_no_names():
    assert analyse("ναί, αβ, 5 μm, ΔΔCt") == ["ναι", "alpha", "beta", "5", "μm", "δδ", "ct"]


def test_the_parts_of_a_compound_are_shown_as_they_are_written():
    assert parts_of("LowRank") == ["Low", "Rank"]
    assert parts_of("GPT4o") == ["GPT", "4o"]
    assert parts_of("cats") == ["cats"]
    assert parts_of("text2image") == ("text", "to", "image")


@pytest.mark.parametrize(
    "word",
    ["noise", "raise", "precise", "supervised", "otherwise", "promise", "surprising", "crises", "size", "four", "hour",
     "contour", "journal", "acre", "there", "sentence", "sequence", "league", "whose", "rising", "advised"],
)  # fmt: skip
def test_words_that_both_spell_alike_are_left_alone(word):
    assert american(word) == word


@given(st.text(st.characters(exclude_categories=())))
def test_a_word_has_as_many_parts_as_terms(text):
    for word in WORD.findall(text):
        assert len(parts_of(word)) == len(terms_of(word)) >= 1
        assert all(parts_of(word))


def test_stop_words_keep_their_place():
    assert analyse("State of the Art") == ["state", "of", "the", "art"]


def test_a_word_whose_stem_looks_like_a_stop_word_stays_itself():
    assert analyse("ITS ATs ANDs") == ["its", "ats", "ands"]
    assert "ats" not in STOP_WORDS


def test_ideographs_are_words_of_their_own():
    assert analyse("深度 learning") == ["深", "度", "learn"]


def test_a_word_of_any_length_is_cut():
    assert analyse("x" * 100_000) == ["x" * MAX_TERM_LENGTH]


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_has_terms_and_the_same_ones_again(text):
    terms = analyse(text)
    assert terms == analyse(text)
    assert all(terms)


@given(st.text(st.characters(exclude_categories=())))
def test_spans_point_at_the_words_of_a_text(text):
    end = 0
    for start, last, term in analyse_spans(text):
        assert end <= start < last <= len(text)
        assert term == terms_of(text[start:last])
        end = last


def test_threads_analyse_at_once():
    texts = [" ".join(f"word{n}ings{m}" for m in range(50)) for n in range(40)]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(analyse, texts * 4)) == [analyse(text) for text in texts * 4]


def test_names_are_compared_folded_and_without_points():
    assert name_words("Smith, J.-P. O’Neill") == ["j", "p", "oneill", "smith"]
    assert name_words("Smith, John, Jr.") == ["smith", "john", "jr"]
    assert name_words(r"Paul Erd\H{o}s") == ["paul", "erdos"]
    assert name_words("...") == []


def test_topics_are_found_by_what_stands_before_a_dot():
    assert topic_key("Machine_Learning  ") == "machine learning"
    assert topic_keys("cs.LG") == ["cs.lg", "cs"]
    assert topic_keys("a.b.c") == ["a.b.c", "a", "a.b"]
    assert topic_keys("no. 5") == ["no. 5"]
    assert topic_keys(" ") == []
