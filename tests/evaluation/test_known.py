"""Queries for known papers: drawn alike each time, and asked as a reader would."""

import json

import pytest
from tiny import PAPERS

from broadsheet.evaluation import Known, Paper, ask, draw, places_of, recall_answers
from broadsheet.evaluation.measuring import judge
from broadsheet.evaluation.ranking import build
from broadsheet.search import NativeIndex
from encoders import Words

KNOWN = [Known(number, paper["title"]) for number, paper in enumerate(PAPERS)]


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


def test_a_library_that_grows_is_asked_mostly_the_same_again():
    papers = [Known(number, f"On subject {number} of many") for number in range(1_100)]
    before, after = draw(papers[:1_000], 200), draw(papers, 200)
    assert len({question.id for question in before} & {question.id for question in after}) > 160
    texts = {question.id: question.text for question in before}
    assert all(texts.get(question.id, question.text) == question.text for question in after)


def test_answers_come_back_from_the_places_that_were_kept_of_them():
    papers = [Paper(paper["id"], paper["title"], paper["abstract"]) for paper in PAPERS]
    questions = draw(KNOWN, 100)
    encoder = Words("w")
    answers = ask(questions, build(NativeIndex(), papers, encoder.embed_passages(["x"] * len(papers))), encoder)
    answers["meaning"][0] = judge(questions[0], [])
    answers["meaning"][1] = judge(questions[1], [f"x{n}" for n in range(40)] + list(questions[1].judged))
    answers["hybrid"][2] = judge(questions[2], ["x", "y", *questions[2].judged])
    places = json.loads(json.dumps(places_of(answers)))
    assert (places["meaning"]["0 by title"], places["meaning"]["0 by words"], places["hybrid"]["1 by title"]) == (
        0,
        11,
        3,
    )
    recalled = recall_answers(questions, places)
    for mode, given in answers.items():
        assert [answer.figures for answer in recalled[mode]] == [answer.figures for answer in given]
    del places["hybrid"]["1 by title"]
    assert len(recall_answers(questions, places)["hybrid"]) == len(questions) - 1


def test_an_index_is_asked_as_of_a_change():
    papers = [Paper(paper["id"], paper["title"], paper["abstract"]) for paper in PAPERS]
    index = build(NativeIndex(), papers, [])
    assert [answer.figures["mrr@10"] for answer in ask(draw(KNOWN, 8), index, None, at=2)["hybrid"]][2:] == [0.0] * 6


def test_no_more_come_than_are_asked_for_and_none_of_papers_without_words():
    assert len(draw(KNOWN, 3)) == 3
    assert draw([Known(1, ""), Known(2, "of the"), Known(3, "– …")], 10) == []
    assert draw([], 10) == []


@pytest.mark.parametrize("title", ['$x^2$ "and: title:', "a" * 5_000, "\u202e\u0661 -x", "论文 的 题目", "'s"])
def test_titles_of_any_kind_are_asked_for(title):
    index = build(NativeIndex(), [Paper("p", title, "")], [])
    for answers in ask(draw([Known(0, title)], 10), index, None).values():
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
    assert [answer.query for answer in answers["meaning"][:2]] == ["0 by title", "0 by words"]
    assert len(encoder.asked) == len(questions)
