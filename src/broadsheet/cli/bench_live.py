"""``broadsheet bench churn``, ``start``, ``put``, ``web``, ``hostile``, ``digest``: Broadsheet alone is measured."""

from pathlib import Path
from typing import Any

import click

from broadsheet.bench import aims
from broadsheet.cli.bench_printing import (
    bench_options,
    papers_option,
    print_figures,
    print_missed,
    print_runs,
    scratch_folder,
    tell_machine,
    telling,
)
from broadsheet.cli.printing import print_json

_keep = click.option(
    "--keep",
    type=click.Path(path_type=Path, file_okay=False),
    help="Keep the library in this folder, so that the next run need not fill it; never a library of yours.",
)


@click.command()
@papers_option
@click.option(
    "--writes-per-s", type=click.IntRange(0), default=6_000, show_default=True, help="Papers that come; 0: no bound."
)
@bench_options
def churn(papers: int, writes_per_s: int, seed: int, scratch: Path | None, as_json: bool) -> None:
    """Replace 30 % of the papers in the live index while others are searched for, and watch recall."""
    from broadsheet.bench.churn import churn

    tell_machine()
    with telling() as tell:
        found = churn(papers, writes_per_s, seed, tell)
    print_figures(found, aims.missed(aims.CHURN, found), as_json)


@click.command()
@papers_option
@bench_options
def start(papers: int, seed: int, scratch: Path | None, as_json: bool) -> None:
    """Take the time from starting a process to its first answer, from a snapshot of the index."""
    from broadsheet.bench.start import start

    tell_machine()
    with scratch_folder(scratch) as folder, telling() as tell:
        found = start(papers, folder, seed, tell)
    print_figures(found, aims.missed(aims.START, found), as_json)


@click.command()
@papers_option
@click.option("--writes", type=click.IntRange(1), default=200, show_default=True, help="How many papers to put.")
@click.option(
    "--searches-per-s",
    type=click.FloatRange(0),
    default=0,
    show_default=True,
    help="How often the eight threads together search at most; 0: as often as they can.",
)
@_keep
@bench_options
def put(
    papers: int, writes: int, searches_per_s: float, keep: Path | None, seed: int, scratch: Path | None, as_json: bool
) -> None:
    """Put papers one by one into a library on disk while eight threads search; when is each found?"""
    from broadsheet.bench.home import live_in
    from broadsheet.bench.put import put

    tell_machine()
    with scratch_folder(scratch) as folder, telling() as tell:
        live_in(keep or folder)
        found = put(papers, writes, searches_per_s, seed, tell)
    print_figures(found, aims.missed(aims.PUT, found), as_json)


@click.command()
@papers_option
@click.option("--queries", type=click.IntRange(1), default=1_000, show_default=True, help="How many to ask.")
@_keep
@bench_options
def hostile(papers: int, queries: int, keep: Path | None, seed: int, scratch: Path | None, as_json: bool) -> None:
    """Ask a server queries that are malformed or meant to hurt: each is answered, or refused in a sentence."""
    from broadsheet.bench.home import live_in
    from broadsheet.bench.hostile import hostile

    tell_machine()
    with scratch_folder(scratch) as folder, telling() as tell:
        live_in(keep or folder)
        found = hostile(papers, queries, keep or folder, seed, tell)
    print_figures(found, aims.missed(aims.HOSTILE, found), as_json)


@click.command()
@click.option(
    "--papers",
    type=click.IntRange(1, 100_000_000),
    multiple=True,
    default=[10_000],
    show_default=True,
    help="How many papers to draw; more than once for a table, from few to many.",
)
@click.option("--writes-per-s", type=click.FloatRange(0), default=50, show_default=True, help="Papers put meanwhile.")
@click.option(
    "--seconds", type=click.FloatRange(1), default=30, show_default=True, help="How long to search and write."
)
@click.option("--plot", type=click.Path(path_type=Path, dir_okay=False), help="Draw it into this .svg or .png file.")
@_keep
@bench_options
def web(
    papers: tuple[int, ...],
    writes_per_s: float,
    seconds: float,
    plot: Path | None,
    keep: Path | None,
    seed: int,
    scratch: Path | None,
    as_json: bool,
) -> None:
    """Search on the web over HTTP while papers are written, each of which the next search must find."""
    from broadsheet.bench.home import live_in
    from broadsheet.bench.web import web

    tell_machine()
    runs: list[dict[str, Any]] = []
    with scratch_folder(scratch) as folder, telling() as tell:
        home = keep or folder
        live_in(home)
        for number in sorted(papers):
            runs.append(web(number, writes_per_s, seconds, home, seed, tell))
    if plot:
        from broadsheet.bench.plot import draw_costs

        draw_costs(runs, plot)
    if len(runs) == 1:
        print_figures(runs[0], aims.missed(aims.WEB, runs[0]), as_json)
        return
    missed = [f"{run['papers']:,} papers: {line}" for run in runs for line in aims.missed(aims.WEB, run)]
    if as_json:
        print_json({"runs": runs, "missed": missed})
        return
    print_runs(runs)
    print_missed(missed)


@click.command()
@click.option(
    "--subscribers", type=click.IntRange(1, 1_000_000), default=2_000, show_default=True, help="How many get a mail."
)
@bench_options
def digest(subscribers: int, seed: int, scratch: Path | None, as_json: bool) -> None:
    """Queue, write and hand over digests to a mail server on this machine, by one worker."""
    from broadsheet.bench.digest import digest

    tell_machine()
    with scratch_folder(scratch) as folder, telling() as tell:
        found = digest(subscribers, folder, seed, tell)
    print_figures(found, (), as_json)
