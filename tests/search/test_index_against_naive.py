"""Whatever happens to an index, it answers as one that works everything out anew from the list of changes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from journals import QUERIES, assert_same, columns, fill, journals, relaxed, vectors
from naive_index import NaiveIndex

from broadsheet.search import Vector, parse

pytestmark = pytest.mark.slow


@relaxed
@given(
    journal=journals,
    sizes=st.lists(st.integers(1, 6), min_size=1, max_size=3),
    vector=st.none() | vectors,
    depth=st.sampled_from([1, 2, 50]),
    near=st.sampled_from([1, 3, 50]),
    data=st.data(),
)
def test_every_search_at_every_number_equals_the_naive_answer(make_index, journal, sizes, vector, depth, near, data):
    index, naive = fill(make_index(), journal, sizes), NaiveIndex(journal)
    assert index.position == len(journal)
    assert index.size == len(naive.at(index.position))
    at = data.draw(st.integers(0, index.position))
    assert list(index.papers(at)) == sorted(naive.at(at))
    for text in QUERIES:
        query = parse(text)
        found = index.search(query, vector, depth, at, near=near)
        assert_same(found, naive.search(query, vector, depth, at, near))


@relaxed
@given(journal=journals, depth=st.sampled_from([1, 50]), data=st.data())
def test_the_nearest_papers_equal_the_naive_answer(make_index, journal, depth, data):
    index, naive = fill(make_index(), journal, [3]), NaiveIndex(journal)
    at = data.draw(st.integers(0, index.position))
    for paper in range(1, 5):
        mine, other = list(index.nearest(paper, depth, at)), naive.nearest(paper, depth, at)
        assert [number for number, _ in mine] == [number for number, _ in other]
        assert [cosine for _, cosine in mine] == pytest.approx([cosine for _, cosine in other], rel=1e-9, abs=1e-15)


@relaxed
@given(journal=journals, sizes=st.lists(st.integers(1, 4), min_size=1, max_size=3), again=st.integers(0, 16))
def test_an_index_fed_bit_by_bit_and_twice_is_the_same_as_a_fresh_one(make_index, journal, sizes, again):
    live, fresh = fill(make_index(), journal, sizes), make_index()
    live.apply(journal[:again], min(again, len(journal)))
    fresh.apply(journal, len(journal))
    assert live.position == fresh.position
    probe = Vector(np.array([3, -4, 5], np.int8), 0.01)
    for at in range(live.position + 1):
        assert list(live.papers(at)) == list(fresh.papers(at))
        for text in ("cats updates", "rank", "after:2000"):
            one, other = (index.search(parse(text), probe, 50, at) for index in (live, fresh))
            assert columns(one) == columns(other)
