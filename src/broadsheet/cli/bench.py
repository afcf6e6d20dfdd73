"""``broadsheet bench``: how fast it is here, next to its peers."""

import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.table import Table

from broadsheet.bench import aims
from broadsheet.cli.bench_printing import (
    bench_options,
    papers_option,
    print_missed,
    scratch_folder,
    tell_machine,
    telling,
    told,
)
from broadsheet.cli.printing import err, out, print_json, shown

if TYPE_CHECKING:
    from broadsheet.bench.corpus import Corpus, Tell
    from broadsheet.bench.papers import Papers

_COMPARED = ("build_per_s", "bytes_per_paper", "keyword_p50_ms", "meaning_p50_ms", "hybrid_p50_ms", "insert_p50_ms")
_TERMINATED = 128 + signal.SIGTERM


class Benches(click.Group):
    """Loads the commands that are not compared with peers when one of them is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return ["index", "churn", "start", "put", "web", "hostile", "digest", "embed"]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name == "index" or name not in self.list_commands(ctx):
            return super().get_command(ctx, name)
        from broadsheet.cli import bench_embed, bench_live

        command: click.Command = getattr(bench_embed if name == "embed" else bench_live, name)
        return command


@click.group(cls=Benches)
def bench() -> None:
    """Measure how fast it is: engines side by side, writes beside searches, start, database, web server, mail, encoder.

    The peers come with the extra `bench`. Give the machine nothing else to do meanwhile.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(_TERMINATED))  # so that servers and folders go, as on Ctrl-C


def _read_names(context: click.Context, parameter: click.Parameter, value: str | None) -> tuple[str, ...]:
    from broadsheet.bench.peers import ENGINES, USUAL

    names = tuple(value.replace(",", " ").split()) if value else USUAL
    if unknown := [name for name in names if name not in ENGINES]:
        raise click.BadParameter(f"no engine is called {', '.join(unknown)}; there are {', '.join(ENGINES)}")
    return names


@bench.command()
@papers_option
@click.option(
    "--collection",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Real papers instead: a folder with docs.jsonl and queries.jsonl, embedded once and then kept.",
)
@click.option("--engines", callback=_read_names, help="Which engines, by name and with commas in between.")
@click.option("--plot", type=click.Path(path_type=Path, dir_okay=False), help="Draw it into this .svg or .png file.")
@bench_options
def index(
    papers: int,
    collection: Path | None,
    engines: tuple[str, ...],
    plot: Path | None,
    seed: int,
    scratch: Path | None,
    as_json: bool,
) -> None:
    """Compare the live index with its peers, each in a process of its own, on the same papers."""
    from broadsheet.bench.comparing import compare

    tell_machine()
    with scratch_folder(scratch) as folder, telling() as tell:
        corpus = _corpus(folder, papers, collection, seed, tell)
        found = compare(corpus, engines, tell)
        papers = corpus.facts.papers
    missed = aims.missed_by_index(papers, found)
    if "broadsheet" in found:
        found["broadsheet"]["missed"] = missed
    if plot:
        from broadsheet.bench.plot import draw_engines

        draw_engines(papers, found, plot)
    if as_json:
        print_json({"papers": papers, "engines": found})
        return
    _print_engines(papers, found)
    print_missed(missed)


def _corpus(folder: Path, papers: int, collection: Path | None, seed: int, tell: "Tell") -> "Corpus":
    from broadsheet.bench.corpus import FRESH, Corpus

    source: Papers
    if collection is None:
        from broadsheet.bench.drawing import DrawnPapers

        source = DrawnPapers(papers + FRESH, seed)
    else:
        from broadsheet.bench.collection import CollectedPapers, find_encoder
        from broadsheet.evaluation import CACHE

        source = CollectedPapers(collection, find_encoder(), CACHE)
        papers = source.count - min(FRESH, source.count // 10)
    return Corpus.write(folder, source, tell, papers)


def _print_engines(papers: int, found: dict[str, dict[str, Any]]) -> None:
    from broadsheet.bench.comparing import COLUMNS

    table = Table(box=None, pad_edge=False, header_style="dim", title=f"{papers:,} papers", title_justify="left")
    table.add_column("engine")
    for name in COLUMNS:
        table.add_column(name.replace("_", " "), justify="right")
    for engine, figures in found.items():
        table.add_row(engine, *(told(figures[name]) for name in COLUMNS))
    out.print(table)
    if own := found.get("broadsheet"):
        out.print(_ratios(own, {name: figures for name, figures in found.items() if name != "broadsheet"}))
    for engine, figures in found.items():
        if "error" in figures:
            err.print(f"[red]![/red] {engine}: {shown(figures['error'])}", soft_wrap=True)


def _ratios(own: dict[str, Any], peers: dict[str, dict[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim", title="times Broadsheet's", title_justify="left")
    table.add_column("engine")
    for name in _COMPARED:
        table.add_column(name.replace("_", " "), justify="right")
    for engine, figures in peers.items():
        ratios = (figures[name] / own[name] if figures[name] and own[name] else None for name in _COMPARED)
        table.add_row(engine, *("–" if ratio is None else f"{ratio:,.2f} ×" for ratio in ratios))
    return table
