"""Runs are kept and compared query by query."""

import json

import pytest

from broadsheet.evaluation import Answer, EvaluationError, compare, load, save


def answer(query: str, place: int | None, ndcg: float | None = None) -> Answer:
    rank = 1 / place if place else 0.0
    return Answer(
        query,
        f"text of {query}",
        {"ndcg@10": rank if ndcg is None else ndcg, "recall@100": 1.0, "mrr@10": rank},
        ("a", "b"),
    )


def test_a_run_comes_back_as_it_was_kept(tmp_path):
    run = {"tiny": {"words": [answer("q1", 3), answer("q2", None)]}}
    save(run, tmp_path / "run.json", {"encoder": "letters"})
    assert load(tmp_path / "run.json") == run
    assert json.loads((tmp_path / "run.json").read_text())["models"] == {"encoder": "letters"}


def test_queries_that_were_right_and_are_wrong_are_told_apart():
    places = {
        "stays": (1, 1),
        "rises": (4, 1),
        "leaves": (7, None),
        "drops": (1, None),
        "falls": (1, 7),
        "never": (None, None),
    }
    before = [answer(query, was) for query, (was, _) in places.items()]
    after = [answer(query, now) for query, (_, now) in places.items()]
    found = compare(before, after)
    assert [(flip.query, flip.was, flip.now) for flip in found.lost] == [("leaves", 7, None), ("drops", 1, None)]
    assert [(flip.text, flip.was, flip.now) for flip in found.fallen] == [("text of falls", 1, 7)]
    assert (found.queries, found.better, found.worse) == (6, 1, 3)
    assert found.differences["mrr@10"] == pytest.approx((0.75 - 1 / 7 - 1 - 6 / 7) / 6, abs=1e-6)
    assert found.differences["recall@100_low"] == found.differences["recall@100_high"] == 0
    assert found.to_json()["fallen"] == [{"query": "falls", "text": "text of falls", "was": 1, "now": 7}]


def test_only_queries_of_both_runs_are_compared():
    assert compare([answer("a", 1), answer("b", 1)], [answer("b", 2), answer("c", 1)]).queries == 1
    assert compare([answer("a", 1)], [answer("b", 2)]) is None


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"broadsheet_run": 1}', '{"broadsheet_run": 1, "collections": {"a": 1}}']
)
def test_a_file_that_is_no_run_is_refused(tmp_path, text):
    (tmp_path / "run.json").write_text(text)
    with pytest.raises(EvaluationError, match=r"run\.json cannot be compared with: it is no run"):
        load(tmp_path / "run.json")


def test_a_run_of_another_version_is_refused(tmp_path):
    (tmp_path / "run.json").write_text('{"broadsheet_run": 2}')
    with pytest.raises(EvaluationError, match="it is of version 2"):
        load(tmp_path / "run.json")
