"""Drawn papers are the same for the same seed, as long as promised, and like real ones where it matters."""

import numpy as np
import pytest

from broadsheet.bench.drawing import ABSTRACT_WORDS, QUERY_WORDS, TITLE_WORDS, DrawnPapers
from broadsheet.bench.vocabulary import SIZE, lots, marker, words
from broadsheet.search.analysis import STOP_WORDS, analyse


@pytest.fixture(scope="module")
def papers():
    return [paper for batch in DrawnPapers(300).batches() for paper in batch]


def test_the_same_seed_draws_the_same_papers_and_another_one_others(papers):
    (again,) = DrawnPapers(300).batches()
    (other,) = DrawnPapers(300, seed=2).batches()
    assert list(again.titles) == [paper.title for paper in papers]
    assert list(again.abstracts) == [paper.abstract for paper in papers]
    assert np.array_equal(again.vectors, np.array([paper.vector for paper in papers]))
    assert not set(again.titles) & set(other.titles)


def test_more_papers_begin_with_the_same_ones(papers):
    first = next(DrawnPapers(4_001).batches())
    assert first[299].abstract == papers[299].abstract
    assert [batch.first for batch in DrawnPapers(4_001).batches()] == [0, 2_000, 4_000]


def test_titles_and_abstracts_have_as_many_words_as_promised(papers):
    assert {len(paper.abstract.split()) for paper in papers} <= set(range(ABSTRACT_WORDS[0], ABSTRACT_WORDS[1] + 1))
    assert {len(paper.title.split()) for paper in papers} == set(range(TITLE_WORDS[0], TITLE_WORDS[1] + 1))
    assert ABSTRACT_WORDS == (150, 180)


def test_a_paper_has_about_as_many_different_words_as_an_abstract_in_english(papers):
    different = [len(set(paper.text.split())) for paper in papers]
    assert 125 < np.mean(different) < 140


def test_numbers_follow_each_other_and_vectors_have_length_one(papers):
    assert [paper.number for paper in papers] == list(range(300))
    assert np.allclose([np.linalg.norm(paper.vector) for paper in papers], 1, atol=1e-5)


def test_questions_are_words_of_the_paper_that_is_meant_and_a_vector_near_its_own(papers):
    questions = DrawnPapers(300).questions(50, within=200)
    assert len(questions) == 50
    for question in questions:
        asked = question.text.split()
        assert QUERY_WORDS[0] <= len(asked) <= QUERY_WORDS[1]
        assert 0 <= question.meant < 200
        assert set(asked) <= set(papers[question.meant].text.split())
        assert 0.7 < float(question.vector @ papers[question.meant].vector) < 0.95
    again = DrawnPapers(300).questions(50, within=200)
    assert [question.text for question in again] == [question.text for question in questions]


def test_every_engine_has_the_same_words_since_none_is_changed_by_analysis():
    sample = words()[::97] + words(400)
    assert analyse(" ".join(sample)) == sample
    assert not STOP_WORDS & set(words())
    assert len(set(words())) == SIZE
    assert analyse(marker(123)) == [marker(123)]
    assert marker(123) not in set(words())


def test_few_words_are_common_and_most_are_rare():
    drawn = np.bincount(lots(), minlength=SIZE) / len(lots())
    assert np.all(np.diff(drawn[:1_000]) <= 2 / len(lots()))
    assert 0.02 < drawn[0] < 0.06
    assert drawn[:300].sum() > 0.5
