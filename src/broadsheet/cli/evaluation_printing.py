"""How ``broadsheet eval`` shows its figures to people."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from broadsheet.cli.printing import counted, err, out, shown

if TYPE_CHECKING:
    from broadsheet.evaluation import Comparison, Flip

_METRICS = {"ndcg@10": "nDCG@10", "recall@100": "recall@100", "mrr@10": "MRR@10"}
_WIDE, _WIDEST = 76, 100  # columns that intervals need, and those of a comparison in every figure
_FLIPS_SHOWN = 10
_BASE = "words"

Figures = Mapping[str, Mapping[str, Any]]


def print_figures(name: str, papers: int, figures: Figures) -> None:
    """Print the figures of one collection, a line a mode; intervals where there is room for them."""
    queries = max(told["queries"] for told in figures.values())
    table = _table(f"{shown(name)}: {counted(papers, 'paper')}, {_queries(queries)}")
    is_wide = out.width >= _WIDE
    is_compared = any("ndcg@10_gain" in told for told in figures.values())
    table.add_column("", no_wrap=True)
    for title in _METRICS.values():
        table.add_column(title, justify="left", no_wrap=True)
    if is_compared:
        table.add_column("nDCG@10 beside words" if is_wide else "gain", no_wrap=True)
    for mode, told in figures.items():
        cells = [_with_interval(told, metric, is_wide) for metric in _METRICS]
        table.add_row(mode, *cells, *([_gain(told, "ndcg@10_gain", is_wide)] if is_compared else []))
    out.print(table)
    out.print()


def print_pairs(figures: Figures) -> None:
    """Print how well papers of two collections were matched, a line for two."""
    table = _table("one paper, two collections")
    for title in ("", "pairs", "found", "right", "precision", "recall", "F1"):
        table.add_column(title, justify="right" if title else "left", no_wrap=True)
    for name, told in figures.items():
        counts = [f"{told[key]:,}" for key in ("pairs", "found", "right")]
        table.add_row(shown(name), *counts, *(f"{told[key]:.3f}" for key in ("precision", "recall", "f1")))
    out.print(table)


def print_changes(changes: "Mapping[str, Comparison]", title: str = "since the kept run") -> None:
    """Print what changed, since a kept run for one, a line a mode, and which queries were right and are wrong now."""
    if not changes:
        return
    table = _table(title)
    table.add_column("", no_wrap=True)
    metrics = dict(list(_METRICS.items())[: None if out.width >= _WIDEST else 1])
    for name in metrics.values():
        table.add_column(name, no_wrap=True)
    for name in ("better", "worse", "same"):
        table.add_column(name, justify="right", no_wrap=True)
    for mode, change in changes.items():
        cells = [_gain(change.differences, metric, out.width >= _WIDE) for metric in metrics]
        same = change.queries - change.better - change.worse
        table.add_row(mode, *cells, *(f"{count:,}" for count in (change.better, change.worse, same)))
    out.print(table)
    for mode, change in changes.items():
        _print_flips(f"{mode}: not among the first ten any more", change.lost)
        _print_flips(f"{mode}: not the first any more", change.fallen)
    out.print()


def print_means(figures: Mapping[str, Figures]) -> None:
    """Print what the collections give on average, and say how to keep a run."""
    shared = [mode for mode in next(iter(figures.values())) if all(mode in told for told in figures.values())]
    if len(figures) > 1:
        table = _table(f"mean of {len(figures)} collections")
        table.add_column("", no_wrap=True)
        table.add_column("nDCG@10", no_wrap=True)
        if _BASE in shared:
            table.add_column("beside words, in %", justify="right", no_wrap=True)
        for mode in shared:
            gains = [told[mode]["ndcg@10"] / told[_BASE]["ndcg@10"] - 1 for told in figures.values() if _BASE in shared]
            percent = [f"{100 * sum(gains) / len(gains):+.1f}" if mode != _BASE else ""] if gains else []
            table.add_row(
                mode, _short(sum(told[mode]["ndcg@10"] for told in figures.values()) / len(figures)), *percent
            )
        out.print(table)
        out.print()
    said = "Behind each figure stands its 95 % interval. " if out.width >= _WIDE else ""
    err.print(f"[dim]{said}Next: keep a run with --save FILE, compare with it later by --against FILE[/dim]")


def _print_flips(title: str, flips: "Sequence[Flip]") -> None:
    if not flips:
        return
    out.print(f"[red]{title}[/red] ({_queries(len(flips))})")
    for flip in flips[:_FLIPS_SHOWN]:
        places = f"  {flip.was} → {flip.now or '–':<3} "
        text = Text(places).append(_one_line(flip.text))
        out.print(text, no_wrap=True, overflow="ellipsis", crop=True) if out.is_terminal else out.print(text)
    if len(flips) > _FLIPS_SHOWN:
        out.print(f"  … {len(flips) - _FLIPS_SHOWN:,} more, in --json")


def _one_line(text: str) -> str:
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def _table(title: str) -> Table:
    return Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim", title=title, title_justify="left")


def _with_interval(told: Mapping[str, Any], metric: str, is_wide: bool) -> Text:
    figure = Text(_short(told[metric]))
    if is_wide:
        figure.append(f" {_short(told[f'{metric}_low'], 2)}–{_short(told[f'{metric}_high'], 2)}", "dim")
    return figure


def _gain(told: Mapping[str, Any], name: str, is_wide: bool) -> Text:
    """A difference with its interval, green or red where the interval leaves no doubt."""
    if name not in told:
        return Text()
    low, high = told[f"{name}_low"], told[f"{name}_high"]
    gain = Text(_signed(told[name]), "green" if low > 0 else "red" if high < 0 else "")
    return gain.append(f" {_signed(low)} to {_signed(high)}", "dim") if is_wide else gain


def _short(figure: float, digits: int = 3) -> str:
    """A figure between 0 and 1 without its leading nought.

    >>> _short(0.6946), _short(1.0)
    ('.695', '1.00')
    """
    text = f"{figure:.{digits}f}"
    return text.removeprefix("0") if text.startswith("0") else text[: digits + 1]


def _signed(figure: float) -> str:
    """A difference with its sign.

    >>> _signed(0.0414), _signed(-0.0321)
    ('+.041', '−.032')
    """
    return ("+" if figure >= 0 else "\u2212") + _short(abs(figure))


def _queries(count: int) -> str:
    return f"{count:,} {'query' if count == 1 else 'queries'}"
