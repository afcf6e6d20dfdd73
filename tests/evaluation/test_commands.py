"""``broadsheet eval`` as people and programs call it."""

import json
from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result
from django.conf import settings
from tiny import PAPERS

from broadsheet.cli import main
from broadsheet.search import find_embedder
from broadsheet.search.reranker_model import find_reranker_model


@pytest.fixture
def evaluate(tmp_path, monkeypatch) -> Callable[..., Result]:
    """Run the command without models unless told otherwise; an error for which there is no clear line is raised."""

    def run(*arguments: object, model: str = "none") -> Result:
        monkeypatch.setattr(settings, "MODEL", model)
        monkeypatch.setattr(settings, "RERANKER", model)
        cache = ("--cache", str(tmp_path / "cache"))
        result = CliRunner().invoke(main, ("eval", *map(str, arguments), *cache))
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run


def test_json_has_collections_and_modes_with_plain_numbers(evaluate, make_folder):
    done = evaluate(make_folder(), make_folder("other"), "--json")
    figures = json.loads(done.stdout)
    assert {name: set(modes) for name, modes in figures.items()} == {"tiny": {"words"}, "other": {"words"}}
    words = figures["tiny"]["words"]
    assert all(isinstance(words[name], float) for name in ("ndcg@10", "recall@100", "mrr@10"))
    assert words["ndcg@10_low"] <= words["ndcg@10"] <= words["ndcg@10_high"]
    assert words["recall@100"] == 1.0
    assert "Left out, for want of a model: meaning, hybrid, deep" in done.stderr


def test_people_get_a_table_with_a_line_a_mode_and_the_mean(evaluate, make_folder):
    done = evaluate(make_folder(), make_folder("other"), "--check")
    assert done.exit_code == 0, done.stderr
    assert "tiny: 4 papers, 2 queries" in done.stdout
    assert "mean of 2 collections" in done.stdout
    assert "published bm25" in done.stdout
    assert "recall@100" in done.stdout


@pytest.mark.slow
def test_with_the_models_of_the_pack_every_mode_is_measured(evaluate, make_folder):
    if find_embedder() is None or find_reranker_model() is None:
        pytest.skip("the offline pack is not installed")
    folder = make_folder()
    figures = json.loads(evaluate(folder, "--json", model="").stdout)["tiny"]
    assert list(figures) == ["words", "meaning", "hybrid", "deep"]
    assert figures["meaning"]["recall@100"] == 1.0
    assert {"ndcg@10_gain", "ndcg@10_gain_low", "ndcg@10_gain_high"} <= figures["hybrid"].keys()
    table = evaluate(folder, model="").stdout
    assert "nDCG@10 beside words" in table
    assert evaluate(folder, "--modes", "hybrid", "--json", model="").exit_code == 0


def test_a_run_is_kept_and_compared_with(evaluate, make_folder, tmp_path):
    before = make_folder()
    assert evaluate(before, "--save", tmp_path / "run.json").exit_code == 0
    (before / "docs.jsonl").write_text("".join(f"{json.dumps(paper)}\n" for paper in PAPERS if paper["id"] != "p3"))
    done = evaluate(before, "--against", tmp_path / "run.json")
    assert "since the kept run" in done.stdout
    assert "words: not among the first ten any more (1 query)\n  1 → –   brain imaging\n" in done.stdout
    against = json.loads(evaluate(before, "--against", tmp_path / "run.json", "--json").stdout)["tiny"]["words"][
        "against"
    ]
    assert (against["worse"], [flip["query"] for flip in against["lost"]]) == (1, ["q2"])


def test_what_the_kept_run_lacks_is_said(evaluate, make_folder, tmp_path):
    evaluate(make_folder(), "--save", tmp_path / "run.json", "--limit-queries", 1)
    done = evaluate(tmp_path / "tiny", make_folder("new"), "--against", tmp_path / "run.json")
    assert "tiny, words: 1 queries are not in the kept run" in done.stderr
    assert "new: the kept run has no words to compare with" in done.stderr


def test_oddities_are_said_and_do_not_fail(evaluate, make_folder):
    done = evaluate(make_folder(judgements="q1\tp4\t1\nq1\tgone\t1\n"), "--json")
    assert done.exit_code == 0
    assert "tiny: 1 judgement of a paper that is not there" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["{folder}", "--modes", "words,guessing"], 2, "no mode is called guessing"),
        (["{folder}", "--modes", "meaning deep"], 1, "there is no model here to measure meaning and deep with"),
        (["{folder}", "{folder}"], 2, "two folders are called tiny"),
        (["{folder}/nothing"], 1, "is not a folder"),
        (["{folder}", "--judgements", "qrels_dev.tsv"], 1, "has no qrels_dev.tsv"),
        (["{folder}", "--against", "{folder}/docs.jsonl"], 1, "it is no run"),
        (["{folder}", "--against", "{folder}/nothing"], 1, "No such file"),
        ([], 2, "Missing argument"),
    ],
)
def test_what_cannot_be_measured_is_one_clear_line(evaluate, make_folder, arguments, code, says):
    folder = make_folder()
    done = evaluate(*(argument.format(folder=folder) for argument in arguments))
    assert done.exit_code == code
    assert says in done.stderr
    assert done.stdout == ""
