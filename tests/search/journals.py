"""Journals drawn at random, the queries asked of who read them, and what it means that two answers are the same."""

from datetime import date

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from broadsheet.search import Embed, Erase, Put, Vector, Withdraw

WORDS = ["cats", "cat", "the", "of", "low-rank", "rank", "updates", "updated", "a", "Gödel", "$x^2$", "42"]
QUERIES = [
    "cat",
    "cats updates",
    "the",
    "the of",
    "the cat rank",
    '"low rank"',
    '"the cat"',
    '"rank of the"',
    'rank "of the" update',
    "title:cat",
    'title:"low rank" updates',
    "godel -updates",
    "rank -title:cat",
    'cat -"low rank" -author:smith',
    "author:smith",
    "author:j-smith rank",
    'author:"s smith"',
    'author:"jean p"',
    'author:"john smith"',
    'author:"smith, sam"',
    'author:"john robert smith"',
    'author:"pierre dupont"',
    "-author:smith cat",
    "topic:cs",
    "topic:cs.lg updates",
    "-topic:cs rank",
    'topic:"online algorithms"',
    "id:arxiv:2104.00001",
    "-id:2104.00001 cat",
    "after:2024 cat",
    "before:2024-06",
    "after:2024-06-02 before:2025",
    "-after:2025 topic:cs",
    "x2 42",
    "nowhere",
]
NAMES = ["John Smith", "J. Smith", "Smith, J. R.", "Jean-Pierre Dupont", "Pierre Jean", "Sam S. Smith"]
TOPICS = ["cs.LG", "cs.CL", "csp", "Online Algorithms", "online-algorithms"]

texts = st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join)
papers = st.integers(1, 4)
vectors = st.builds(
    lambda codes, scale: Vector(np.array(codes, np.int8), scale),
    st.one_of(st.lists(st.integers(-128, 127), min_size=3, max_size=3), st.just([1, 2])),
    st.sampled_from([0.01, 0.02]),
)
days = st.sampled_from([None, date(2024, 1, 1), date(2024, 6, 2), date(2025, 3, 4)])
puts = st.builds(
    lambda paper, title, abstract, authors, topics, identifiers, day: (
        lambda seq: Put(seq, paper, title, abstract, tuple(authors), tuple(topics), tuple(identifiers), day)
    ),
    papers,
    texts,
    texts,
    st.lists(st.sampled_from(NAMES), max_size=3),
    st.lists(st.sampled_from(TOPICS), max_size=2),
    st.lists(st.sampled_from(["arxiv:2104.00001", "doi:10.1/x"]), max_size=2),
    days,
)
changes = st.one_of(
    puts,
    puts,
    st.builds(lambda paper, vector: lambda seq: Embed(seq, paper, vector), papers, vectors),
    st.builds(lambda paper: lambda seq: Withdraw(seq, paper), papers),
    st.builds(lambda paper: lambda seq: Erase(seq, paper), papers),
)
journals = (st.just([]) | st.lists(changes, min_size=5, max_size=16)).map(
    lambda made: [change(seq) for seq, change in enumerate(made, 1)]
)
relaxed = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def fill(index, journal, sizes):
    """Apply a journal in pieces of the given sizes, over and over."""
    start = 0
    while start < len(journal):
        size = sizes[start % len(sizes)]
        piece = journal[start : start + size]
        index.apply(piece, piece[-1].seq)
        start += size
    return index


def assert_same(found, expected):
    """Two answers are the same up to the last digits of the scores."""
    assert found.total == expected.total
    mine, other = ({match.paper: match for match in answer.matches} for answer in (found, expected))
    assert sorted(mine) == sorted(other)
    assert len(mine) == len(found.matches)
    for paper, match in mine.items():
        assert match.words == pytest.approx(other[paper].words, rel=1e-9, abs=1e-12)
        assert match.words == pytest.approx(sum(match.terms.values()), rel=1e-12)
        assert dict(match.terms) == pytest.approx(dict(other[paper].terms), rel=1e-9)
        assert (match.meaning is None) == (other[paper].meaning is None)
        assert match.meaning is None or match.meaning == pytest.approx(other[paper].meaning, rel=1e-9, abs=1e-15)
        assert (match.day, match.is_near) == (other[paper].day, other[paper].is_near)


def columns(found):
    """An answer as it can be compared for being exactly the same, scores to the last bit."""
    return found.total, found.most_by_words, sorted(found.matches, key=lambda match: match.paper)
