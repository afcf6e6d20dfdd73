"""What models said is kept by model and text: asked again, it is not computed again."""

import sqlite3

import numpy as np
import pytest
from tiny import LetterEmbedder

from broadsheet.evaluation import EvaluationError, KeptReadings, KeptVectors


def test_vectors_come_in_order_and_are_made_once(tmp_path, embedder):
    first = KeptVectors(tmp_path / "new" / "cache", embedder).of_passages(["b", "a", "b"])
    assert embedder.embedded == ["b", "a"]
    again = KeptVectors(tmp_path / "new" / "cache", embedder).of_passages(["a", "b", "c"])
    assert embedder.embedded == ["b", "a", "c"]
    for kept, made in ((again[0], first[1]), (again[1], first[0]), (first[0], first[2])):
        assert np.array_equal(kept.codes, made.codes)
        assert kept.scale == pytest.approx(made.scale)


def test_a_kept_vector_has_the_scale_of_one_that_is_made_now(tmp_path, embedder):
    kept = KeptVectors(tmp_path, embedder)
    (made,) = kept.of_passages(["abc"])
    with sqlite3.connect(tmp_path / "vectors.sqlite3") as rows:
        rows.execute("UPDATE vectors SET scale = 9")
    rows.close()
    (again,) = kept.of_passages(["abc"])
    assert again.scale == pytest.approx(made.scale)
    assert np.array_equal(again.codes, made.codes)


def test_queries_passages_and_models_are_kept_apart(tmp_path, embedder):
    KeptVectors(tmp_path, embedder).of_passages(["a"])
    KeptVectors(tmp_path, embedder).of_queries(["a"])
    other = LetterEmbedder("other")
    KeptVectors(tmp_path, other).of_queries(["a"])
    assert (embedder.embedded, other.embedded) == (["a", "a"], ["a"])


def test_a_run_that_is_stopped_goes_on_where_it_was(tmp_path, embedder):
    texts = [f"text {number}" for number in range(600)]
    told = []

    def stop(step, done, total):
        told.append((step, done, total))
        if done >= 512:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        KeptVectors(tmp_path, embedder).of_passages(texts, stop)
    assert told == [("embedding papers", done, 600) for done in (0, 256, 512)]
    KeptVectors(tmp_path, embedder).of_passages(texts)
    assert embedder.embedded == texts


def test_scores_of_a_reranker_are_kept_by_query_and_passage(tmp_path, reranker):
    assert KeptReadings(tmp_path, reranker).score("q", ["where where", "here"]) == [20.0, 0.0]
    assert KeptReadings(tmp_path, reranker).score("q", ["nowhere", "here", "where where"]) == [10.0, 0.0, 20.0]
    assert reranker.pairs == [("q", "where where"), ("q", "here"), ("q", "nowhere")]
    assert KeptReadings(tmp_path, reranker).score("q", []) == []


def test_a_file_that_is_no_cache_is_refused_with_its_name(tmp_path, embedder):
    (tmp_path / "vectors.sqlite3").write_bytes(b"something else" * 1_000)
    with pytest.raises(EvaluationError, match=r"vectors\.sqlite3, where vectors are kept, cannot be used"):
        KeptVectors(tmp_path, embedder)
