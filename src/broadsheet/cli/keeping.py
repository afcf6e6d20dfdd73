"""``broadsheet init``, ``status``, ``check``, ``export``, ``split``, ``merge``, ``erase``: looking after a library."""

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.table import Table

from broadsheet.cli.main import common, embed_option, open_library
from broadsheet.cli.printing import counted, err, out, print_json, shown
from broadsheet.cli.progress import catch_up_with_bar, embed_with_bar, harvest_with_bar

if TYPE_CHECKING:
    from broadsheet.library import Library
    from broadsheet.library.models import Version
    from broadsheet.sources.export import Exported

FORMS = ("jsonl", "bib", "ris", "csl.json", "parquet")
"""As broadsheet.sources knows them, which is not loaded for `--help`."""


@click.command()
@click.option(
    "--starter/--no-starter", default=True, help="Load the starter library of 557 papers.  [default: starter]"
)
@embed_option
@common
def init(starter: bool, embed: bool, as_json: bool) -> None:
    """Create the library, or bring it up to date. Safe to repeat."""
    library = open_library()
    if starter:
        load_starter(library, quiet=as_json)
    if embed:
        embed_with_bar(library)
    if as_json:
        print_json({"database": _place(library), "papers": library.count()})
    else:
        out.print(f"{counted(library.count(), 'paper')} in {_place(library)}. Next: broadsheet run")


def load_starter(library: "Library", quiet: bool) -> None:
    """Put the starter library in, once: a library that had it, or has papers of its own, is left as it is."""
    from broadsheet.sources import open_file

    if library.count() or library.last_run("starter", ""):
        return
    path = Path(__file__).parent.parent / "library" / "starter.jsonl"
    harvest_with_bar(library, open_file(path, collection="starter"), "the starter library", "Starter library", quiet)


@click.command()
@common
def status(as_json: bool) -> None:
    """Say how the library is: papers, sources, what waits, what went wrong."""
    library = open_library()
    library.catch_up()
    state = library.status()
    if as_json:
        print_json(json.loads(json.dumps(asdict(state), default=str)))
        return
    size = f" · {state.bytes / 1e6:,.0f} MB" if state.bytes else ""
    out.print(f"{counted(state.papers, 'paper')} · {counted(state.versions, 'version')} · change #{state.head:,}")
    out.print(f"[dim]{_place(library)}{size}[/dim]")
    if state.model is None:
        out.print("By words only: no sentence encoder installed.")
    else:
        out.print(f"By words and meaning ({state.model}), {counted(state.pending, 'paper')} waiting for the encoder.")
    if making := state.making:
        done = f"{making.done:,} of {counted(making.total, 'paper')}"
        out.print(f"Being made aside: {shown(making.model)}, {done}. It goes on by: broadsheet reindex")
    if not state.runs:
        out.print("No source has run yet. Next: broadsheet harvest arxiv --set cs:cs:IR --since 2026-11-01")
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("source", "state", "last"):
        table.add_column(name)
    for name in ("seen", "new", "revised", "refused"):
        table.add_column(name, justify="right")
    for run in state.runs:
        counts = (f"{count:,}" for count in (run.seen, run.added, run.revised, run.refused))
        table.add_row(run.source, run.state, f"{run.last_at:%Y-%m-%d %H:%M}", *counts)
    out.print(table)
    for source, place, reason in state.faults[:5]:
        out.print(f"[red]![/red] {shown(f'{source}: {place}: {reason}')}", soft_wrap=True)


@click.command()
@click.option("--repair", is_flag=True, help="Count votes, comments, saves and reads again where a counter is wrong.")
@common
@click.pass_context
def check(ctx: click.Context, repair: bool, as_json: bool) -> None:
    """Compare tables, journal, index and counters; exit code 1 if they differ."""
    library = open_library()
    from broadsheet.community import counting

    repaired = counting.repair() if repair else 0
    report = library.check()
    report.problems += map(str, counting.miscounts())
    if as_json:
        print_json({**asdict(report), "repaired": repaired, "is_well": report.is_well})
    else:
        counts = {"paper": report.papers, "version": report.versions, "change": report.changes, "probe": report.queries}
        seen = ", ".join(counted(number, noun) for noun, number in counts.items())
        out.print(f"Compared {seen}: {'all agree.' if report.is_well else 'they differ.'}")
        if repaired:
            out.print(f"{counted(repaired, 'counter')} repaired.")
        for problem in report.problems:
            out.print(f"[red]![/red] {shown(problem)}", soft_wrap=True)
    ctx.exit(0 if report.is_well else 1)


@click.command()
@click.argument("query", required=False)
@click.option("--format", "form", type=click.Choice(FORMS), default="jsonl", show_default=True)
@click.option("--at", help="With a query: as of a change or day, as in search.")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="A file; else standard output.")
@common
def export(query: str | None, form: str, at: str | None, output: Path | None, as_json: bool) -> None:
    """Write every paper, or the best thousand that a QUERY finds, in a form that other programs read.

    JSON Lines is what import reads back without loss; Parquet needs the extra of that name.
    """
    if at and not query:
        raise click.UsageError("--at goes with a query; all papers are written as they are now")
    library = open_library()
    from broadsheet.library.reading import exported
    from broadsheet.sources.export import EXPORTS

    papers = _Counted(map(exported, _versions(library, query, at)))
    if output is None:
        EXPORTS[form].write(papers, sys.stdout.buffer)
        sys.stdout.buffer.flush()
        return
    draft = output.with_name(output.name + ".part")
    try:
        with draft.open("wb") as file:
            EXPORTS[form].write(papers, file)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    draft.replace(output)
    if as_json:
        print_json({"papers": papers.count, "file": str(output)})
    else:
        out.print(f"{counted(papers.count, 'paper')} in {output}")


class _Counted:
    """Papers that are counted as they pass."""

    def __init__(self, papers: "Iterable[Exported]") -> None:
        self.count = 0
        self._papers = papers

    def __iter__(self) -> "Iterator[Exported]":
        for paper in self._papers:
            self.count += 1
            yield paper


def _versions(library: "Library", query: str | None, at: str | None) -> "Iterable[Version]":
    if not query:
        return library.versions()
    from broadsheet.sources.export import FOUND

    catch_up_with_bar(library)
    answer = library.search(query, limit=FOUND, at=library.as_of(at) if at else None)
    return [hit.version for hit in answer.hits]


@click.command()
@click.argument("paper")
@click.argument("names", nargs=-1, required=True, metavar="IDENTIFIER...")
@common
def split(paper: str, names: tuple[str, ...], as_json: bool) -> None:
    """Take two works apart that were taken for one: what bears these identifiers becomes a paper of its own.

    The paper keeps what other sources said of it, and its votes, comments and places in collections.
    """
    library = open_library()
    from broadsheet.community import merging

    other = merging.split(None, library, paper, names, library.clock())
    if as_json:
        print_json({"paper": library.find_paper(paper).key, "split_off": other.key})
    else:
        out.print(f"{shown(other.key)} is a paper of its own now.")


@click.command()
@click.argument("paper")
@click.argument("other")
@common
def merge(paper: str, other: str, as_json: bool) -> None:
    """Make one paper of two: PAPER keeps its address, OTHER's address leads there from now on.

    Names, what sources say, votes, comments and places in collections come together. `broadsheet split` undoes it.
    """
    library = open_library()
    from broadsheet.community import merging

    absorbed = library.find_own_paper(other).key
    kept = merging.merge(None, library, paper, other, library.clock())
    if as_json:
        print_json({"paper": kept.key, "merged": absorbed})
        return
    title = library.find(kept.key).title
    out.print(f"{shown(absorbed)} is one with {shown(kept.key)} now: {shown(title)}", soft_wrap=True)
    out.print(f"[dim]Undo: broadsheet split {shown(kept.key)} {shown(absorbed)}[/dim]", soft_wrap=True)


@click.command()
@click.argument("paper")
@click.option("--yes", is_flag=True, help="Do not ask first.")
@common
def erase(paper: str, yes: bool, as_json: bool) -> None:
    """Remove a paper's text from everywhere, for good, as a legal takedown asks."""
    library = open_library()
    found = library.find_paper(paper)
    if not yes:
        titles = {version.title for version in library.history(found)[-1:]} - {""}
        named = "".join(f"{shown(title)}\n" for title in titles)
        err.print(f"{named}[dim]{shown(found.key)}[/dim]", soft_wrap=True)
        click.confirm("Every version's text goes, for good. Erase?", abort=True, err=True)
    library.erase(found.key)
    if as_json:
        print_json({"erased": paper})
    else:
        out.print(f"{shown(paper)} is erased.")


def _place(library: "Library") -> str:
    from django.db import connections

    found = connections[library.alias].settings_dict
    return str(found["NAME"]) if found["ENGINE"].endswith("sqlite3") else f"{found['HOST']}/{found['NAME']}"
