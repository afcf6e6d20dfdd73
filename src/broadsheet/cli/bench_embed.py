"""``broadsheet bench embed``: the encoder as Broadsheet runs it, next to others that run the same model."""

from pathlib import Path
from typing import Any

import click
from rich.table import Table

from broadsheet.bench import aims
from broadsheet.cli.bench_printing import bench_options, print_missed, scratch_folder, tell_machine, telling, told
from broadsheet.cli.printing import err, out, print_json, shown


def _read_names(context: click.Context, parameter: click.Parameter, value: str | None) -> tuple[str, ...]:
    from broadsheet.bench.peers.encoders import ENCODERS

    names = tuple(value.replace(",", " ").split()) if value else tuple(ENCODERS)
    if unknown := [name for name in names if name not in ENCODERS]:
        raise click.BadParameter(f"no encoder is called {', '.join(unknown)}; there are {', '.join(ENCODERS)}")
    return names


@click.command()
@click.option("--papers", type=click.IntRange(1, 1_000_000), default=300, show_default=True, help="How many abstracts.")
@click.option(
    "--collection",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Real papers instead: the first of a folder with docs.jsonl.",
)
@click.option("--engines", callback=_read_names, help="Which ones, by name and with commas in between.")
@bench_options
def embed(
    papers: int, collection: Path | None, engines: tuple[str, ...], seed: int, scratch: Path | None, as_json: bool
) -> None:
    """Embed the same abstracts with Broadsheet, plain ONNX Runtime and sentence-transformers, one model for all."""
    from django.conf import settings

    from broadsheet.bench.embed import embed
    from broadsheet.library import Library  # noqa: F401 (sets Django up, which reads the options)

    tell_machine()
    with scratch_folder(scratch) as folder, telling() as tell:
        found = embed(papers, collection, settings.MODEL, folder, seed, engines, tell)
    own = found["encoders"].get("broadsheet", {})
    missed = aims.missed(aims.EMBED, {**own, "times_the_better": found["times_the_better"]})
    if as_json:
        print_json({**found, "missed": missed})
        return
    _print_encoders(found)
    print_missed(missed)


def _print_encoders(found: dict[str, Any]) -> None:
    from broadsheet.bench.embed import COLUMNS

    title = f"{found['papers']:,} abstracts, {found['model']}; cosines to {found['reference']}"
    table = Table(box=None, pad_edge=False, header_style="dim", title=shown(title), title_justify="left")
    table.add_column("encoder")
    for name in COLUMNS:
        table.add_column(name.replace("_", " "), justify="right")
    for engine, figures in found["encoders"].items():
        table.add_row(engine, *(told(figures[name]) for name in COLUMNS))
    out.print(table)
    if found["times_the_better"]:
        out.print(f"Broadsheet embeds {found['times_the_better']:,.2f} × as many as the better of the others.")
    for engine, figures in found["encoders"].items():
        if "error" in figures:
            err.print(f"[red]![/red] {engine}: {shown(figures['error'])}", soft_wrap=True)
