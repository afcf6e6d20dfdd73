"""The reference index inside: erasing leaves no trace in memory, and its parts do what they say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.search import Embed, Erase, Put, ReferenceIndex, Vector
from broadsheet.search.bm25 import Statistics, Weights, idf, shares
from broadsheet.search.growing import Growing
from broadsheet.search.postings import Postings, distinct, within


def test_an_erased_paper_leaves_no_trace_in_memory():
    index = ReferenceIndex()
    vector = Vector(np.array([11, 22, 33], np.int8), 0.5)
    index.apply([Put(1, 1, "Common words", "", ("Ann Keeps",), ("cs",), ("doi:10.1/a",)), Embed(2, 1, vector)], 2)
    secret = Put(3, 2, "Secret words", "secret text", ("Bob Hides",), ("math",), ("doi:10.1/b",))
    index.apply([secret, Embed(4, 2, vector), Put(5, 2, "Secret words again", ""), Embed(6, 2, vector)], 6)
    index.apply([Put(7, 3, "Words of a third", "")], 7)
    index.apply([Erase(8, 2)], 8)
    contents = index._contents
    kept = (contents._texts, contents._topics, contents._identifiers)
    terms = [sorted(postings._places) for postings in kept]
    assert terms == [["a", "common", "of", "third", "word"], ["cs"], ["doi:10.1/a"]]
    assert contents._names == [[["ann", "keeps"]], [], [], []]
    assert contents._texts.slots("word").tolist() == [0, 3]
    assert contents.slots.papers.tolist() == [1, -1, -1, 3]
    assert contents.slots.lengths[1:3].tolist() == [[0, 0], [0, 0]]
    codes = index._vectors._spaces[3].codes._buffer
    assert codes[0].tolist() == [11, 22, 33]
    assert not codes[1:].any()


@given(st.lists(st.integers(-(2**60), 2**60)))
def test_a_growing_array_holds_what_was_appended(values):
    column = Growing(np.int64)
    for value in values:
        column.append(value)
    assert column.rows.tolist() == values
    assert len(column) == len(values)


def test_postings_forget_a_slot_and_the_terms_that_stood_only_there():
    postings = Postings()
    postings.add_run(["cat", "dog", "cat"], 0)
    postings.add_run(["cat"], 1 << 32)
    postings.purge([0])
    assert (len(postings), postings.places("cat").tolist()) == (1, [1 << 32])
    assert postings.slots("dog").tolist() == []


@given(st.lists(st.integers(0, 9)).map(sorted), st.lists(st.integers(0, 9)))
def test_sorted_arrays_are_compared_as_sets(ordered, values):
    array = np.array(ordered, np.int64)
    assert distinct(array).tolist() == sorted(set(ordered))
    assert within(np.array(values, np.int64), array).tolist() == [value in ordered for value in values]


def test_a_share_is_the_published_formula():
    statistics, weights = Statistics(100, (10.0, 150.0)), Weights(k1=1.2, b=(0.5, 0.75), field=(2.0, 1.0))
    share = shares(np.array([[1, 3]]), np.array([[8, 200]]), idf(100, 5), statistics, weights)
    frequency = 2 * 1 / (0.5 + 0.5 * 8 / 10) + 3 / (0.25 + 0.75 * 200 / 150)
    assert share == pytest.approx([np.log(1 + 95.5 / 5.5) * frequency / (1.2 + frequency)])


def test_papers_without_words_have_an_average_length_that_divides_nothing():
    statistics = Statistics.of(np.zeros((3, 2), np.int64))
    assert shares(np.array([[1, 0]]), np.array([[0, 0]]), 1.0, statistics, Weights())[0] > 0
    assert Statistics.of(np.zeros((0, 2), np.int64)).papers == 0
