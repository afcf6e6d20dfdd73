"""How the bench shows its figures: bars while it runs, tables for people, JSON for programs."""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.table import Table

from broadsheet.bench import machine
from broadsheet.cli.main import common
from broadsheet.cli.printing import err, out, print_json, shown
from broadsheet.cli.progress import progress_bar

Command = TypeVar("Command", bound=Callable[..., Any])

papers_option = click.option(
    "--papers", type=click.IntRange(1, 100_000_000), default=10_000, show_default=True, help="How many papers to draw."
)
_seed = click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="What papers are drawn from.")
_scratch = click.option(
    "--scratch",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Where papers and indexes lie while it runs; else the system's temporary folder.",
)


def bench_options(command: Command) -> Command:
    """Give a command of the bench the options that all of them have."""
    return common(_seed(_scratch(command)))


@contextmanager
def scratch_folder(scratch: Path | None) -> Iterator[Path]:
    """An empty folder that goes when the bench ends."""
    with tempfile.TemporaryDirectory(prefix="broadsheet-bench-", dir=scratch) as folder:
        yield Path(folder)


@contextmanager
def telling() -> Iterator[Callable[[str, int, int], None]]:
    """A bar that shows what the bench is at; who works calls it with a name, what is done and how much there is."""
    with progress_bar("") as bar:
        task = bar.add_task("bench", total=None, rate="")
        yield lambda step, done, total: bar.update(task, description=step, completed=done, total=total)


def tell_machine() -> None:
    """Say on what machine this is measured: times mean nothing without it."""
    found = machine.facts()
    err.print(f"[dim]{found['cpu']}, {found['cores']} cores, {found['memory_gb']} GB, Python {found['python']}[/dim]")


def print_figures(figures: Mapping[str, Any], missed: Sequence[str], as_json: bool) -> None:
    """Print the figures of one bench, with the machine and what was missed."""
    if as_json:
        print_json({**figures, "machine": machine.facts(), "missed": list(missed)})
        return
    print_runs([figures])
    print_missed(missed)


def print_runs(runs: Sequence[Mapping[str, Any]]) -> None:
    """Print the figures of the same bench at different sizes, one column a run."""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="dim")
    for _ in runs:
        table.add_column(justify="right")
    for name in runs[0]:
        table.add_row(name.replace("_", " "), *(told(run[name]) for run in runs))
    out.print(table)


def print_missed(missed: Sequence[str]) -> None:
    """Say which bounds were missed."""
    for line in missed:
        out.print(f"[red]Missed:[/red] {shown(line)}")
    if not missed:
        out.print("Every bound that was measured is kept.")


def told(value: Any) -> str:
    """A figure as people read it.

    >>> told(None), told(1234.5), told(0.0123), told(True)
    ('–', '1,234', '0.012', 'yes')
    """
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{number:,} {name}" for name, number in value.items())
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:,.3f}" if isinstance(value, float) and abs(value) < 100 else f"{value:,.0f}"
