"""Pictures of what was measured, as SVG or PNG by the file's ending."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from broadsheet.bench.errors import BenchError

PANELS = (
    ("keyword_p50_ms", "keyword, p50 ms"),
    ("meaning_p50_ms", "meaning, p50 ms"),
    ("meaning_recall10", "meaning, recall@10"),
    ("hybrid_p50_ms", "hybrid, p50 ms"),
    ("build_per_s", "papers built a second"),
    ("bytes_per_paper", "resident bytes a paper"),
    ("insert_p50_ms", "insert, p50 ms"),
    ("visible_p50_ms", "write until found, p50 ms"),
)
_OURS, _PEERS = "#a3312a", "#8a8f98"
_LINEAR = ("meaning_recall10",)
_MORE_IS_BETTER = ("meaning_recall10", "build_per_s")


def draw_engines(papers: int, engines: Mapping[str, Mapping[str, Any]], path: Path) -> None:
    """One panel a figure with a bar for each engine that has it, the best on top. Raises BenchError."""
    figure, panels = _sheet(2, 4, f"{papers:,} papers")
    for axes, (name, title) in zip(panels, PANELS, strict=True):
        values = {engine: found[name] for engine, found in engines.items() if found.get(name) is not None}
        ordered = sorted(values, key=lambda engine: values[engine], reverse=name not in _MORE_IS_BETTER)
        colours = [_OURS if engine == "broadsheet" else _PEERS for engine in ordered]
        bars = axes.barh(ordered, [values[engine] for engine in ordered], color=colours)
        axes.bar_label(bars, [_shown(values[engine]) for engine in ordered], padding=3, fontsize=7)
        axes.set_title(title, fontsize=9)
        if values and min(values.values()) > 0 and name not in _LINEAR:
            axes.set_xscale("log")
        axes.margins(x=0.25)
    _save(figure, path)


def draw_costs(runs: Sequence[Mapping[str, Any]], path: Path) -> None:
    """What a request of the search page costs by how many papers there are. Raises BenchError."""
    figure, panels = _sheet(1, 2, "the search page, while papers are written")
    papers = [run["papers"] for run in runs]
    for name in ("p50_ms", "p99_ms", "cpu_ms_per_request"):
        panels[0].plot(papers, [run[name] for run in runs], marker="o", label=name.replace("_", " "))
    panels[0].set_title("milliseconds a request", fontsize=9)
    panels[0].legend(fontsize=8)
    panels[1].plot(papers, [run["requests_per_s"] for run in runs], marker="o", color=_OURS)
    panels[1].set_title("requests a second", fontsize=9)
    for axes in panels:
        axes.set_xscale("log")
        axes.set_xlabel("papers", fontsize=8)
        axes.set_ylim(bottom=0)
    _save(figure, path)


def _shown(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _sheet(rows: int, columns: int, title: str) -> tuple[Any, list[Any]]:
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise BenchError(f"a plot needs matplotlib, which the extra bench installs: {error}") from error
    figure = Figure(figsize=(4 * columns, 3.2 * rows), layout="constrained")
    figure.suptitle(title, fontsize=10)
    panels = figure.subplots(rows, columns, squeeze=False).ravel().tolist()
    for axes in panels:
        axes.tick_params(labelsize=7)
        axes.spines[["top", "right"]].set_visible(False)
    return figure, panels


def _save(figure: Any, path: Path) -> None:
    if path.suffix not in (".svg", ".png"):
        raise BenchError(f"{path.name} should end in .svg or .png")
    figure.savefig(path, dpi=150, metadata={"Date": None} if path.suffix == ".svg" else None)
