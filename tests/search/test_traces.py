"""Traces: a word that has a term shows it, so whoever looks for traces misses none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.search import highlight, parse
from broadsheet.search.analysis import WORD, terms_of
from broadsheet.search.compounds import _FORMS
from broadsheet.search.spelling import _LATIN, BY_WORD
from broadsheet.search.traces import traces

_STEMS = ("stabil", "organ", "colour", "cent", "catalog", "hop", "analys", "analyz", "defen", "happ", "l", "t", "vis")
_ENDS = (
    "", "s", "e", "ed", "ing", "er", "re", "red", "y", "ying", "ies", "ise", "ising", "isation", "ize", "ization",
    "ity", "ities", "ational", "ce", "ces", "se", "ue", "ued", "ness", "fulness", "iveness", "ly", "ization's",
)  # fmt: skip


def shows(word: str) -> bool:
    """Whether a word shows a trace of each of its terms."""
    return all(traces((term,), is_plain=word.isascii()).search(word.lower()) for term in terms_of(word))


def test_a_word_shows_its_terms_however_it_ends_and_is_spelled():
    words = [stem + end for stem in _STEMS for end in _ENDS]
    words += [word + end for word in BY_WORD for end in ("", "s")]
    words += [f"{other}{end}" for other in _LATIN for end in ("ic", "s") if other != "manoeuvr"]
    words += [f"{one}2{other}" for one in _FORMS.split("|") for other in ("code", "text")]
    words += ["manoeuvres", "manoeuvrability", "1,000,000", "2.5", "GPT4o", "lowrank", "TNFalpha", "ties", "topk"]
    assert [word for word in words if not shows(word)] == []


@given(st.text(st.characters(max_codepoint=127)) | st.text(st.sampled_from("aceghilnorstuyz'2,.")))
def test_any_plain_word_shows_its_terms(text):
    assert [word for word in WORD.findall(text) if not shows(word)] == []


@given(st.text(st.characters(exclude_categories=()), min_size=1))
def test_whatever_is_not_plain_may_hold_any_term(text):
    assert text.isascii() or traces(("cat",), is_plain=False).search(text)


def test_a_query_of_conditions_alone_marks_nothing():
    assert highlight("A study of cats", parse("topic:cs.LG")) == (("A study of cats", False),)


@pytest.mark.parametrize(
    ("text", "query"),
    [("the centres", "center"), ("Haemoglobin", "hemoglobin"), ("sulphates", "sulfate"), ("audio2code", "to"),
     ("1,000", "1000"), ("dying", "dies"), ("grey", "gray"), ("İ centre", "center"), ("Licenced", "license")],
)  # fmt: skip
def test_words_are_marked_however_they_are_spelled(text, query):
    assert any(is_match for _, is_match in highlight(text, parse(query)))
