"""Bounds that are missed are named, those of peers in the same run too; what was not measured is not missed."""

import importlib.util

import pytest

from broadsheet.bench import aims
from broadsheet.bench.errors import BenchError
from broadsheet.bench.plot import PANELS, draw_costs, draw_engines

KEPT = {
    "build_per_s": 30_000, "bytes_per_paper": 1_200, "keyword_p50_ms": 0.2, "meaning_p50_ms": 0.3,
    "meaning_recall10": 0.99, "hybrid_p50_ms": 0.4, "insert_p50_ms": 0.05, "visible_p50_ms": 0.5,
    "hybrid_writers_p50_ms": 0.5, "hybrid_writers_p99_ms": 2.0,
}  # fmt: skip


def test_nothing_is_missed_without_peers_when_every_bound_is_kept():
    assert aims.missed_by_index(100_000, {"broadsheet": KEPT}) == []


def test_a_bound_that_is_missed_is_told_with_figure_and_bound():
    slow = KEPT | {"build_per_s": 20_000, "insert_p50_ms": 0.2}
    assert aims.missed_by_index(100_000, {"broadsheet": slow}) == [
        "build_per_s is 20,000, wanted at least 2.5e+04",
        "insert_p50_ms is 0.2, wanted at most 0.1",
    ]


def test_peers_of_the_same_run_set_bounds_and_those_that_failed_none():
    engines = {
        "broadsheet": KEPT,
        "bm25s": {"keyword_p50_ms": 0.2},
        "tantivy": {"keyword_p50_ms": None},
        "qdrant-edge": {"hybrid_p50_ms": 0.5},
        "faiss": {"meaning_p50_ms": 0.2, "meaning_recall10": 0.995},
    }
    assert aims.missed_by_index(100_000, engines) == [
        "keyword_p50_ms is 0.2, wanted at most 0.15 (0.75 × bm25s)",
        "meaning_p50_ms is 0.3, wanted at most 0.24 (1.2 × faiss)",
        "meaning_recall10 is 0.99, wanted at least 0.995 (as faiss)",
    ]
    assert "hybrid_p50_ms is 0.4, wanted at most 0.3 (0.6 × qdrant-edge)" in aims.missed_by_index(1_000_000, engines)


def test_an_engine_that_failed_itself_missed_its_bounds():
    assert aims.missed_by_index(10, {"broadsheet": {"error": "build: no"}}) == ["broadsheet: build: no"]
    assert aims.missed_by_index(10, {"bm25s": {"keyword_p50_ms": 0.2}}) == []


def test_what_was_not_measured_is_not_missed():
    assert aims.missed(aims.CHURN, {"recall10_during": None}) == []
    assert aims.missed(aims.WEB, {"errors": 1, "writes_missed": 0}) == ["errors is 1, wanted at most 0"]


needs_matplotlib = pytest.mark.skipif(not importlib.util.find_spec("matplotlib"), reason="the extra bench brings it")


@needs_matplotlib
@pytest.mark.parametrize(("ending", "start"), [(".svg", b"<?xml"), (".png", b"\x89PNG")])
def test_engines_are_drawn_as_svg_or_png(tmp_path, ending, start):
    path = tmp_path / f"plot{ending}"
    draw_engines(200, {"broadsheet": KEPT, "tantivy": dict.fromkeys(name for name, _ in PANELS)}, path)
    assert path.read_bytes().startswith(start)


@needs_matplotlib
def test_costs_are_drawn_by_the_number_of_papers(tmp_path):
    run = {"p50_ms": 1.0, "p99_ms": 2.0, "cpu_ms_per_request": 0.5, "requests_per_s": 200}
    draw_costs([{"papers": papers, **run} for papers in (10_000, 100_000)], tmp_path / "costs.svg")
    assert b"requests a second" in (tmp_path / "costs.svg").read_bytes() or (tmp_path / "costs.svg").stat().st_size


@needs_matplotlib
def test_a_picture_of_another_kind_is_refused(tmp_path):
    with pytest.raises(BenchError, match=r"plot\.gif should end in \.svg or \.png"):
        draw_engines(200, {"broadsheet": KEPT}, tmp_path / "plot.gif")
