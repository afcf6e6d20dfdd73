"""Work that takes more than a second, with a bar: count, rate and time left, on a terminal only."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

from broadsheet.cli.printing import counted, err, out, shown, told

if TYPE_CHECKING:
    from broadsheet.evaluation import Tell
    from broadsheet.library import Library
    from broadsheet.library.models import HarvestRun
    from broadsheet.sources import Page, Source

_FAULTS_SHOWN = 10


@contextmanager
def progress_bar(noun: str) -> Iterator[Progress]:
    """A bar on a terminal's error stream with count, rate and time left; nothing where there is no terminal."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TextColumn(noun),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err, transient=True, disable=not sys.stderr.isatty()) as bar:
        yield bar


def rate(done: int, seconds: float) -> str:
    """A speed that can be read at a glance.

    >>> rate(8673, 6.1)
    '1,422/s'
    """
    return f"{done / seconds:,.0f}/s" if seconds > 0 and done else ""


def harvest_with_bar(library: "Library", source: "Source", request: str, label: str, quiet: bool) -> "HarvestRun":
    """Run a source with a bar on the terminal, then say in a line what it brought and what it could not use."""
    began = time.perf_counter()
    with progress_bar("papers") as bar:
        task = bar.add_task(label, total=None, rate="")

        def show(run: "HarvestRun", page: "Page") -> None:
            seconds = time.perf_counter() - began
            bar.update(task, completed=run.seen, total=page.total, rate=rate(run.seen, seconds))

        run = library.harvest(source, request, show)
    if not quiet:
        _print_run(library, run, label, time.perf_counter() - began)
    return run


def _print_run(library: "Library", run: "HarvestRun", label: str, seconds: float) -> None:
    parts = [f"{run.added:,} new", f"{run.revised:,} revised", f"{run.unchanged:,} unchanged"]
    parts += [f"{run.withdrawn:,} withdrawn"] if run.withdrawn else []
    parts += [f"[red]{run.refused:,} refused[/red]"] if run.refused else []
    speed = f" in {seconds:.1f} s ({rate(run.seen, seconds)})" if run.seen else ""
    out.print(f"{shown(label)}: {counted(run.seen, 'record')}{speed}: {', '.join(parts)}")
    faults = list(run.faults.using(library.alias).order_by("pk")[: _FAULTS_SHOWN + 1])
    for fault in faults[:_FAULTS_SHOWN]:
        err.print(f"  [red]![/red] {shown(str(fault))}", soft_wrap=True)
    if len(faults) > _FAULTS_SHOWN:
        err.print(f"  … {run.refused - _FAULTS_SHOWN:,} more: broadsheet status")
    if run.error:
        err.print(f"[red]Stopped:[/red] {shown(told(run.error))}", soft_wrap=True)


def catch_up_with_bar(library: "Library") -> None:
    """Bring the index to the journal's head; a new process reads what happened since the last snapshot."""
    with progress_bar("changes") as bar:
        task = bar.add_task("reading the journal", total=None, rate="")
        library.catch_up(progress=lambda position, head: bar.update(task, completed=position, total=head))
    library.keep_snapshot()


@contextmanager
def embedding_bar(noun: str) -> Iterator[Callable[[int, int], None]]:
    """A bar over what is being embedded, and what moves it: how many of how many are done."""
    began = time.perf_counter()
    with progress_bar(noun) as bar:
        task = bar.add_task("by meaning", total=None, rate="")

        def show(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total, rate=rate(done, time.perf_counter() - began))

        yield show


@contextmanager
def telling_bar(name: str) -> "Iterator[Tell]":
    """A bar over work in steps that are told by name, and what moves it."""
    with progress_bar("") as bar:
        task = bar.add_task(shown(name), total=None, rate="")
        yield lambda step, done, total: bar.update(
            task, description=f"{shown(name)}: {step}", completed=done, total=total
        )


def embed_with_bar(library: "Library") -> int:
    """Embed what is pending with a bar on the terminal; interrupting is safe."""
    with embedding_bar("papers") as show:
        return library.embed(show)
