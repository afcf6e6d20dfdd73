"""Queries for known papers: drawn alike each time, and asked as a reader would."""

import pytest
from tiny import PAPERS

from broadsheet.evaluation import Known, Paper, ask, draw
from broadsheet.evaluation.ranking import build
from broadsheet.search import NativeIndex
from encoders import Words

KNOWN = [Known(number, paper["id"], paper["title"]) for number, paper in enumerate(PAPERS)]


def test_the_same_queries_come_each_time_in_whatever_order_the_papers_do():
    questions = draw(KNOWN, 100)
    assert draw(reversed(KNOWN), 100) == questions
    assert len(questions) == 2 * len(KNOWN)
    assert [question.text for question in questions[::2]] == [paper["title"] for paper in PAPERS]
    for whole, few in zip(questions[::2], questions[1::2], strict=True):
        assert whole.judged == few.judged
        words = whole.text.split()
        assert [word for word in words if word in few.text.split()] == few.text.split()
        assert 1 <= len(few.text.split()) <= 5


def test_no_more_come_than_are_asked_for_and_none_of_papers_without_words():
    assert len(draw(KNOWN, 3)) == 3
    assert draw([Known(1, "a", ""), Known(2, "b", "of the"), Known(3, "c", "– …")], 10) == []
    assert draw([], 10) == []


@pytest.mark.parametrize("title", ['$x^2$ "and: title:', "a" * 5_000, "\u202e\u0661 -x", "论文 的 题目", "'s"])
def test_titles_of_any_kind_are_asked_for(title):
    index = build(NativeIndex(), [Paper("p", title, "")], [])
    for answers in ask(draw([Known(0, "p", title)], 10), index, None).values():
        assert all(answer.figures["mrr@10"] == 1 for answer in answers)


def test_an_index_is_asked_by_words_alone_or_with_the_vectors_of_its_encoder():
    papers = [Paper(paper["id"], paper["title"], paper["abstract"]) for paper in PAPERS]
    questions = draw(KNOWN, 100)
    assert list(ask(questions, build(NativeIndex(), papers, []), None)) == ["hybrid"]
    encoder = Words("w")
    index = build(NativeIndex(), papers, encoder.embed_passages([paper.title for paper in papers]))
    answers = ask(questions, index, encoder)
    assert list(answers) == ["hybrid", "meaning"]
    assert all(answer.figures["mrr@10"] == 1 for answer in answers["meaning"][::2]), "each title is nearest to itself"
    assert [answer.query for answer in answers["meaning"][:2]] == ["p1 by its title", "p1 by words"]
    assert len(encoder.asked) == len(questions)
