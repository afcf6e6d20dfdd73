"""Churn and start, at a size at which they take a second: what they find must be right, however long it takes."""

import numpy as np
import pytest

from broadsheet.bench import churn as churning
from broadsheet.bench.churn import churn
from broadsheet.bench.drawing import DrawnPapers
from broadsheet.bench.errors import BenchError
from broadsheet.bench.live import LiveIndex, apply
from broadsheet.bench.start import start
from broadsheet.search import Put, Withdraw, quantise


def test_churn_replaces_the_promised_share_and_recall_stays(tell):
    found = churn(200, 0, 1, tell)
    assert found["papers"] == 200
    assert found["replaced"] == 60
    assert {"inserts_per_s", "deletes_per_s", "searches_per_s", "search_p99_ms"} <= set(found)
    assert found["recall10_before"] > 0.95
    assert found["recall10_after"] > 0.95


def test_churn_keeps_the_pace_that_it_is_told(tell):
    assert churn(200, 100, 1, tell)["inserts_per_s"] <= 100


def test_exact_answers_are_those_of_the_papers_that_stood_at_the_number(tell, monkeypatch):
    monkeypatch.setattr(churning, "AT_ONCE", 20)
    drawn = DrawnPapers(260)
    index = LiveIndex()
    lives = churning._fill(index, drawn, 200, tell)
    before = index.position
    batches = churning._batches(drawn, 200, before, lives, seed=1)
    assert [len([change for change in changes if isinstance(change, Put)]) for changes in batches] == [20, 20, 20]
    assert [len([change for change in changes if isinstance(change, Withdraw)]) for changes in batches] == [20, 20, 20]
    for changes in batches:
        index.apply(changes, changes[-1].seq)
    for at in (before, *(changes[-1].seq for changes in batches)):
        standing = (lives.born <= at) & (at < lives.died)
        assert np.flatnonzero(standing).tolist() == list(index.papers(at))
        (question,) = drawn.questions(1, 200)
        cosines = np.where(standing, lives.vectors @ question.vector, -1)
        exact = np.argsort(-cosines)[:10].tolist()
        assert lives.recall(question, exact, at) == 1.0
        assert lives.recall(question, exact[:5], at) == 0.5


def test_a_new_process_answers_from_a_snapshot(tmp_path, tell, monkeypatch):
    monkeypatch.setattr("broadsheet.bench.start.STARTS", 2)
    found = start(200, tmp_path, 1, tell)
    assert found["papers"] == 200
    assert found["first_answer_s"] > found["load_p50_s"] + found["first_search_p50_s"] > 0
    assert found["snapshot_bytes_per_paper"] > 100


def test_a_start_that_fails_says_why(tmp_path, tell, monkeypatch):
    save = LiveIndex.save
    monkeypatch.setattr(LiveIndex, "save", lambda self, path, identity: save(self, path, "another library"))
    with pytest.raises(BenchError, match=r"could not answer from the snapshot: .*SnapshotError"):
        start(50, tmp_path, 1, tell)


def test_papers_applied_together_are_numbered_on_from_the_index(tell):
    index = LiveIndex()
    (batch,) = DrawnPapers(6).batches()
    for part in ([batch[0], batch[1]], [batch[2]]):
        apply(index, part, [quantise(paper.vector) for paper in part])
    assert index.position == 6
    assert list(index.papers()) == [0, 1, 2]
