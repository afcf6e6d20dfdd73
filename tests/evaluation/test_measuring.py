"""A collection is asked in each mode, and the means say how sure they are."""

import numpy as np
import pytest

from broadsheet.evaluation import Collection, Prepared, by_published_bm25, intervals, measure, summarise
from broadsheet.evaluation.measuring import Answer


def test_each_mode_ranks_as_its_name_says(prepared):
    answers = measure(prepared, prepared.rankers())
    assert list(answers) == ["words", "meaning", "hybrid"]
    assert [set(answer.first) for answer in answers["words"]] == [{"p1", "p4"}, {"p3"}]
    assert [len(answer.first) for answer in answers["meaning"]] == [4, 4]
    near = [np.dot(prepared.vectors[place].codes.astype(int), prepared.asked[0].vector.codes) for place in range(4)]
    near = [product * prepared.vectors[place].scale for place, product in enumerate(near)]
    assert answers["meaning"][0].first == tuple(f"p{place + 1}" for place in np.argsort(near)[::-1])
    assert answers["hybrid"][0].first[0] in {"p1", "p4"}


def test_deep_rereads_the_first_hits(prepared, reranker):
    (first, second) = measure(prepared, prepared.rankers(reranker))["deep"]
    assert first.first[0] == "p4"  # the only paper that says "where"
    assert second.first[0] == "p4"  # which hybrid ranks for its meaning
    assert ("paging predictions", "Caching. Predictions help where paging fails.") in reranker.pairs


def test_without_an_encoder_words_are_left_and_can_be_reread(make_folder, reranker):
    prepared = Prepared(Collection.read(make_folder()))
    assert list(prepared.rankers()) == ["words"]
    assert [answer.first for answer in measure(prepared, prepared.rankers(reranker))["deep"]] == [("p4", "p1"), ("p3",)]


def test_any_function_can_be_a_ranker_and_a_paper_counts_once(prepared):
    answers = measure(prepared, {"mine": lambda asked: [3, 3, 0] if asked.question.id == "q1" else []})["mine"]
    assert [answer.first for answer in answers] == [("p4", "p1"), ()]
    assert [answer.figures["ndcg@10"] for answer in answers] == [1.0, 0.0]
    assert answers[0].figures == {"ndcg@10": 1.0, "recall@100": 1.0, "mrr@10": 1.0}


def test_a_query_without_words_finds_nothing_by_words(make_folder):
    folder = make_folder(queries=[{"id": "q1", "text": "??"}])
    prepared = Prepared(Collection.read(folder))
    assert measure(prepared, prepared.rankers())["words"][0].first == ()


def test_published_bm25_counts_title_and_abstract_as_one_text(make_folder):
    papers = [
        {"id": "p1", "title": "Stores", "abstract": "Of paging."},
        {"id": "p3", "title": "Nothing", "abstract": "At all."},
        {"id": "p4", "title": "Paging", "abstract": "Of stores."},
    ]
    prepared = Prepared(Collection.read(make_folder(papers=papers)))
    rankers = {**prepared.rankers(), "published": by_published_bm25(prepared.collection.papers)}
    found = measure(prepared, rankers)
    assert found["words"][0].first == ("p4", "p1")  # a title counts twice
    assert found["published"][0].first == ("p1", "p4")  # a tie keeps the order of the collection


def answers(*figures):
    return [
        Answer(str(number), "", dict.fromkeys(("ndcg@10", "recall@100", "mrr@10"), f), ())
        for number, f in enumerate(figures)
    ]


def test_a_mean_comes_with_its_interval_and_the_paired_difference_from_words():
    chance = np.random.default_rng(5)
    words = chance.uniform(0, 0.8, 300)
    summary = summarise({"words": answers(*words), "hybrid": answers(*(words + 0.1))})
    told = summary["hybrid"]
    assert told["ndcg@10"] == pytest.approx(words.mean() + 0.1, abs=1e-6)
    spread = 1.96 * words.std() / np.sqrt(300)
    assert told["ndcg@10_high"] - told["ndcg@10"] == pytest.approx(spread, rel=0.1)
    assert told["ndcg@10"] - told["ndcg@10_low"] == pytest.approx(spread, rel=0.1)
    assert [told[f"mrr@10_gain{end}"] for end in ("", "_low", "_high")] == pytest.approx([0.1] * 3)
    assert told["queries"] == 300
    assert "ndcg@10_gain" not in summary["words"]


def test_without_words_there_is_nothing_to_differ_from():
    assert "ndcg@10_gain" not in summarise({"hybrid": answers(0.5)})["hybrid"]


def test_the_same_figures_have_the_same_interval_every_time():
    figures = np.linspace(0, 1, 30).reshape(10, 3)
    assert intervals(figures) == intervals(figures)
    assert intervals(figures)["ndcg@10_low"] < intervals(figures)["ndcg@10"] < intervals(figures)["ndcg@10_high"]
    assert intervals(figures[:1])["recall@100_low"] == intervals(figures[:1])["recall@100"]


def test_scifact_by_words_gives_what_is_published(shared_data):
    prepared = Prepared(Collection.read(shared_data / "scifact"))
    rankers = {**prepared.rankers(), "published": by_published_bm25(prepared.collection.papers)}
    summary = summarise(measure(prepared, rankers))
    assert 0.665 <= summary["published"]["ndcg@10"] <= 0.6795
    assert 0.67 <= summary["words"]["ndcg@10"] <= 0.75
    assert summary["words"]["recall@100"] > 0.9
    assert summary["words"]["queries"] == 300
