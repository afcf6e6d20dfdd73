"""Engines are measured apart; what one cannot do is empty, what fails has its reason, and nothing is left out."""

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest

from broadsheet.bench import peers
from broadsheet.bench.comparing import COLUMNS, compare
from broadsheet.bench.corpus import NEAREST, Corpus
from broadsheet.bench.errors import BenchError
from broadsheet.bench.measuring import measure
from broadsheet.bench.peers import ENGINES, USUAL, Peer

MODULES = {"tantivy": "tantivy", "faiss": "faiss", "usearch": "usearch", "hnswlib": "hnswlib", "zvec": "zvec",
           "bm25s": "bm25s", "diskannpy": "diskannpy", "qdrant-edge": "qdrant_edge", "lancedb": "lancedb",
           "txtai": "txtai"}  # fmt: skip


class Exact(Peer):
    """Compares every vector in float32; counts words; breaks when asked for both."""

    does = frozenset({"keyword", "meaning", "hybrid", "insert"})

    def __init__(self, folder, papers, dimension):
        super().__init__(folder, papers, dimension)
        self.known = []

    def add(self, prepared):
        self.known += prepared

    def keyword(self, text, limit):
        shared = [len(set(text.split()) & set(paper.text.split())) for paper in self.known]
        return [self.known[place].number for place in np.argsort(-np.array(shared), kind="stable")[:limit]]

    def meaning(self, vector, limit):
        cosines = np.array([paper.vector for paper in self.known]) @ vector
        return [self.known[place].number for place in np.argsort(-cosines)[:limit]]

    def hybrid(self, text, vector, limit):
        raise RuntimeError("cannot mix")

    def insert(self, paper):
        self.known.append(paper)


@pytest.fixture
def told(corpus, tmp_path):
    """What is told of an engine that is measured in this process."""

    def run(peer: Peer) -> list[dict]:
        lines: list[dict] = []
        measure(peer, corpus, lambda **line: lines.append(json.loads(json.dumps(line))))
        return lines

    return run


def figures(lines: list[dict]) -> dict:
    return {name: value for line in lines for name, value in line.get("figures", {}).items()}


def test_exact_search_has_a_recall_of_one(told, tmp_path):
    found = figures(told(Exact(tmp_path, 200, 384)))
    assert found["meaning_recall10"] == 1.0
    assert found["keyword_meant10"] > 0.9
    assert found["insert_p50_ms"] < found["visible_p50_ms"]


def test_what_fails_is_told_with_its_step_and_the_other_steps_are_taken(told, tmp_path):
    lines = told(Exact(tmp_path, 200, 384))
    assert [line["error"] for line in lines if "error" in line] == [
        "hybrid: RuntimeError: cannot mix",
        "hybrid_writers: RuntimeError: cannot mix",
    ]
    assert "hybrid_p50_ms" not in figures(lines)
    assert {"build_per_s", "bytes_per_paper", "visible_p99_ms"} <= set(figures(lines))


def test_an_engine_that_cannot_be_built_is_asked_no_more(told, tmp_path):
    assert [line for line in told(Peer(tmp_path, 200, 384)) if "step" not in line] == [
        {"error": "build: BenchError: cannot be built"}
    ]


def test_a_paper_that_is_never_found_is_an_error_and_no_figure(told, tmp_path, monkeypatch):
    monkeypatch.setattr("broadsheet.bench.measuring.PATIENCE", 0.01)
    peer = Exact(tmp_path, 200, 384)
    monkeypatch.setattr(peer, "insert", lambda paper: None)
    lines = told(peer)
    assert "insert: LookupError: a paper that was written was not found within 0 seconds" in [
        line.get("error") for line in lines
    ]


def test_engines_in_processes_of_their_own_have_every_column_and_errors_where_there_are_any(corpus, tell):
    missing = [name for name, module in MODULES.items() if importlib.util.find_spec(module) is None][:1]
    found = compare(corpus, ["broadsheet", "fts5", *missing], tell)
    assert list(found) == ["broadsheet", "fts5", *missing]
    assert all(set(COLUMNS) <= set(one) for one in found.values())
    own, fts5 = found["broadsheet"], found["fts5"]
    assert "error" not in own
    assert all(own[name] is not None for name in COLUMNS)
    assert own["meaning_recall10"] > 0.9
    assert {"hybrid_p99_ms", "hybrid_writers_p50_ms", "hybrid_writers_p99_ms"} <= set(own)
    assert "error" not in fts5
    assert fts5["keyword_meant10"] > 0.9
    assert fts5["visible_p50_ms"] is not None
    assert [fts5[name] for name in ("meaning_p50_ms", "meaning_recall10", "hybrid_p50_ms")] == [None, None, None]
    for name in missing:
        assert found[name]["error"].startswith("not installed: No module named")
        assert [found[name][column] for column in COLUMNS] == [None] * len(COLUMNS)


def test_an_engine_whose_process_dies_is_told_with_its_last_words(tmp_path, tell):
    found = compare(Corpus(tmp_path), ["fts5"], tell)
    assert found["fts5"]["error"].startswith("start: ended with exit code 1: FileNotFoundError")


@pytest.mark.parametrize("name", [name for name in ENGINES if name != "broadsheet"])
def test_a_peer_that_is_installed_finds_what_it_was_fed(name, corpus, tell):
    if name in MODULES and importlib.util.find_spec(MODULES[name]) is None:
        pytest.skip(f"{name} is not installed; the extra bench brings it")
    found = compare(corpus, [name], tell)[name]  # in a process of its own: usearch loaded here would break onnxruntime
    if found.get("error", "").startswith("not installed"):
        pytest.skip(found["error"])
    assert found.get("error", "hybrid_writers: ").startswith("hybrid_writers: ")  # not all bear writers beside searches
    assert found["build_per_s"] > 0
    assert found.get("keyword_meant10") or found["meaning_recall10"]


def test_the_usual_engines_are_those_that_are_promised():
    promised = "broadsheet bm25s tantivy fts5 faiss usearch hnswlib diskannpy qdrant-edge zvec lancedb txtai"
    assert list(USUAL) == promised.split()
    assert {"rank_bm25", "sqlite-vec"} == set(ENGINES) - set(USUAL)
    assert NEAREST == 10


def test_an_engine_without_its_package_says_what_is_missing(monkeypatch):
    monkeypatch.setitem(ENGINES, "nowhere", "nowhere:Nothing")
    with pytest.raises(BenchError, match="not installed: No module named"):
        peers.make("nowhere", Path(), 1, 1)
