"""Queries of collections are read as words alone, whatever signs they have and however long they are."""

from hypothesis import given
from hypothesis import strategies as some

from broadsheet.evaluation import words_alone
from broadsheet.search import NativeIndex, Put, search


def test_quotes_minus_signs_and_fields_are_no_commands():
    query = words_alone('The “low-rank” -adapters, title:lora "open author: x after:2020 −(−)-epicatechin')
    assert (query.required, query.excluded) == ((), ())
    assert set(words_alone("low rank adapters lora open epicatechin 2020").terms) <= set(query.terms)


def test_short_texts_are_read_as_any_query_is():
    from broadsheet.search import Query

    for text in ("0-dimensional biomaterials lack inductive properties.", "the of", "GPT-4o and k-NN", "naïve Bayes"):
        query = words_alone(text)
        assert (query.terms, query.words) == (Query.parse(text).terms, Query.parse(text).words)
        assert query.plain == text


def test_a_text_as_long_as_an_abstract_gives_all_its_words_once():
    words = [f"w{number}" for number in range(200)]
    query = words_alone(" ".join(words) + " the " + " ".join(words))
    assert list(query.terms) == words
    assert "the" not in query.terms


def test_a_word_longer_than_any_query_may_be_does_no_harm():
    assert words_alone("x" * 5_000 + " paging").terms[-1] == "page"


def test_no_letters_give_no_terms_and_no_error():
    assert words_alone("?? … !").terms == ()
    assert words_alone("").terms == ()


@given(some.text(max_size=600))
def test_whatever_a_query_is_it_can_be_searched_for(text):
    index = NativeIndex()
    index.apply([Put(1, 1, "Paging", "with predictions")], 1)
    query = words_alone(text)
    assert (query.required, query.excluded) == ((), ()) or not query.terms
    search(index, query)
